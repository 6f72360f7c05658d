//! Prints what the gate on failures promises and keeps: false halts of healthy rollouts, and how much of the fleet a
//! harmful build reaches before it is stopped. `cargo bench -p domain --bench halting`; seeded, the same each time.

#[path = "../tests/support/halting.rs"]
mod halting;

use halting::{FLEET, Halting, Limits, MONTHLY, POLICY, STAGES};

const ROLLOUTS: u32 = 10_000;

fn main() {
    let limits = Limits::of(&POLICY, MONTHLY);
    println!(
        "{ROLLOUTS} rollouts each of {FLEET} environments in {} stages, {} in flight, a look after every report;",
        STAGES.len(),
        MONTHLY.in_flight
    );
    println!(
        "usual failure rate {} in 1,000, at most {} in 1,000 healthy rollouts may halt, fewer than {} failures never halt",
        POLICY.baseline_permille, POLICY.alpha_permille, POLICY.failures_min
    );
    println!("rate         halted   exposed: median   90th pct.   reports: median   90th pct.");
    for (seed, name, in_10_000) in
        [(1, "1 % healthy", 100), (2, "+1 point   ", 200), (3, "+3 points  ", 400), (4, "+10 points ", 1100)]
    {
        let halting = Halting::of(MONTHLY, &limits, seed, ROLLOUTS, |_, _| in_10_000);
        let share = |exposed: u32| f64::from(exposed) * 100.0 / f64::from(FLEET);
        let (half, most) = (halting.exposed(50), halting.exposed(90));
        println!(
            "{name}  {:>6.2} %   {half:>6} ({:>5.1} %)  {most:>5} ({:>5.1} %)   {:>10}   {:>9}",
            halting.halted_percent(),
            share(half),
            share(most),
            halting.reports(50),
            halting.reports(90),
        );
    }
}

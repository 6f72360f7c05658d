//! `cargo xtask simulate`: `signalbox simulate`, built for release, with one seed after the other on every core, until
//! the time is over or an invariant breaks. Each seed has its own size of fleet, days and families of faults.
//!
//! Not here: the simulation itself, and what has to hold (`server/simulation`).

use std::{
    num::NonZero,
    path::Path,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::{
    places::Places,
    process::{command, step},
    server::{self, Profile},
};

/// Small fleets more often than large ones: they take seconds, and reach more nights in an hour.
const ENVIRONMENTS: [u32; 10] = [20, 35, 50, 80, 120, 200, 200, 400, 1_000, 2_000];
const DAYS: [u32; 4] = [12, 20, 30, 60];
/// Most seeds have every fault at once; some have one or two, so that nothing else hides what these lead to; some none.
const FAULTS: [&[&str]; 12] = [
    &["--faults"],
    &["--faults"],
    &["--only", "kill,pause"],
    &["--faults"],
    &["--only", "clock,pause"],
    &["--faults"],
    &["--only", "statement,lost-commit"],
    &["--faults"],
    &["--only", "agent,network,telemetry"],
    &["--faults"],
    &["--only", "people,kill"],
    &[],
];
const SEEDS_PER_LINE: u64 = 10;

/// What all seeds together came to.
#[derive(Debug, Default)]
struct Tally {
    seeds: u64,
    days: u64,
    steps: u64,
    faults: u64,
}

struct Series<'a> {
    program: &'a Path,
    end: Instant,
    next: AtomicU64,
    over: AtomicBool,
    tally: Mutex<Tally>,
}

pub fn run(places: &Places, hours: f64, first: u64) -> Result<ExitCode> {
    let program = server::build(places, Profile::Release)?;
    let series = Series {
        program: &program,
        end: Instant::now() + Duration::from_secs_f64(hours * 3_600.0),
        next: AtomicU64::new(first),
        over: AtomicBool::new(false),
        tally: Mutex::default(),
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    step(&format!("simulating for {hours} h on {cores} cores, from seed {first} on"));
    let held = thread::scope(|scope| {
        let series = &series;
        let workers: Vec<_> = (0..cores).map(|core| scope.spawn(move || series.work(core))).collect();
        let ends = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(anyhow!("a worker broke"))));
        // Every one is waited for before the first error is told.
        ends.collect::<Vec<_>>().into_iter().collect::<Result<Vec<bool>>>()
    })?;
    tell(&series.tally.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(if held.into_iter().all(|held| held) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The flags of one seed: its size goes round faster than its days and faults, so that they meet in every combination.
fn flags(seed: u64) -> Vec<String> {
    let at = |place: u64, len: usize| usize::try_from(place).unwrap_or(0) % len;
    let environments = ENVIRONMENTS[at(seed, ENVIRONMENTS.len())];
    let days = DAYS[at(seed / 10, DAYS.len())];
    let faults = FAULTS[at(seed / 3, FAULTS.len())];
    let numbers = [("--seed", seed), ("--environments", environments.into()), ("--days", days.into())];
    let numbers = numbers.into_iter().flat_map(|(flag, number)| [flag.to_owned(), number.to_string()]);
    numbers.chain(faults.iter().map(|word| (*word).to_owned())).collect()
}

impl Series<'_> {
    /// Whether everything held.
    fn work(&self, core: usize) -> Result<bool> {
        while Instant::now() < self.end && !self.over.load(Ordering::Relaxed) {
            let held = self.simulate(core, self.next.fetch_add(1, Ordering::Relaxed));
            if !matches!(held, Ok(true)) {
                self.over.store(true, Ordering::Relaxed);
                return held;
            }
        }
        Ok(true)
    }

    fn simulate(&self, core: usize, seed: u64) -> Result<bool> {
        let mut simulate = command(self.program);
        simulate
            .arg("simulate")
            .args(flags(seed))
            .args(["--no-shrink", "--format", "json"])
            .args(["--core", &core.to_string()]);
        let output = simulate.output().context("could not start the simulator")?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("seed {seed}: {}", String::from_utf8_lossy(&output.stderr)))?;
        if let Some(violation) = report["violations"].as_array().and_then(|violations| violations.first()) {
            println!("{}", words(violation));
            return Ok(false);
        }
        let number = |name: &str| report[name].as_u64().unwrap_or(0);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.seeds += 1;
        tally.days += number("days");
        tally.steps += number("steps");
        tally.faults += number("faults");
        if tally.seeds.is_multiple_of(SEEDS_PER_LINE) {
            tell(&tally);
        }
        Ok(true)
    }
}

fn tell(tally: &Tally) {
    let Tally { seeds, days, steps, faults } = tally;
    let (years, tenths) = (days / 365, days % 365 * 10 / 365);
    step(&format!("{seeds} seeds held: {years}.{tenths} simulated years, {steps} steps, {faults} faults"));
}

/// The last steps, what broke, and how to see it again.
fn words(violation: &Value) -> String {
    let text = |name: &str| violation[name].as_str().unwrap_or_default();
    let lines = violation["history"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let history: Vec<&str> = lines.collect();
    let (invariant, at, what, replay) = (text("invariant"), text("at"), text("what"), text("replay"));
    format!("{}\n{invariant} broken at {at}: {what}\nagain, and shorter: {replay}", history.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_size_meets_every_number_of_days_and_every_family() {
        let all: BTreeSet<(String, String)> =
            (0..240).map(|seed| (flags(seed)[3].clone(), flags(seed)[5].clone())).collect();
        assert_eq!(all.len(), 9 * DAYS.len());
        let families: BTreeSet<String> = (0..36).map(|seed| flags(seed)[6..].join(" ")).collect();
        let keys = ["kill", "statement", "lost-commit", "pause", "clock", "agent", "telemetry", "network", "people"];
        for family in keys.into_iter().chain(["--faults"]) {
            assert!(families.iter().any(|flags| flags.contains(family)), "{family}");
        }
        assert!(families.contains(""), "some have none");
    }

    #[test]
    fn a_violation_is_told_with_its_replay() {
        let violation = serde_json::json!({
            "invariant": "I5", "at": "2026-10-05T00:00:00Z", "what": "its build is halted", "history": ["1 a", "2 b"],
            "replay": "signalbox simulate --seed 7",
        });
        let said = words(&violation);
        assert!(said.starts_with("1 a\n2 b\nI5 broken") && said.ends_with("signalbox simulate --seed 7"), "{said}");
    }
}

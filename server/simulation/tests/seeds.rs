//! Seeds: the same one gives the same history; nothing breaks, with and without faults; what is planted is found.

#![expect(clippy::unwrap_used, reason = "a simulation that cannot run is a failed test")]

use simulation::{Options, Planted, Report, alone, simulate};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// On two threads, each with one seed at a time, and the next one when it is done: a simulation itself has only one.
fn run_all(options: Vec<Options>) -> Vec<Report> {
    let (options, next) = (Arc::new(options), Arc::new(AtomicUsize::new(0)));
    let both = [0, 1].map(|core| {
        let (options, next) = (options.clone(), next.clone());
        thread::spawn(move || {
            let mine = std::iter::from_fn(|| options.get(next.fetch_add(1, Ordering::Relaxed)));
            mine.map(|options| run_on(core, options)).collect::<Vec<_>>()
        })
    });
    both.into_iter().flat_map(|some| some.join().unwrap()).collect()
}

fn run_on(core: usize, options: &Options) -> Report {
    alone(Some(core), simulate(options)).unwrap().unwrap()
}

fn run(options: &Options) -> Report {
    alone(None, simulate(options)).unwrap().unwrap()
}

fn assert_held(reports: &[Report]) {
    for report in reports {
        if let Some(violation) = report.violations.first() {
            let history = violation.history.join("\n");
            panic!(
                "{history}\n{} at step {}: {}\n{}",
                violation.invariant, violation.step, violation.what, violation.replay
            );
        }
    }
}

#[test]
fn the_same_seed_has_the_same_history() {
    // In a fleet of some size many updates are begun at once, and what the machine does first must not matter.
    for (seed, environments, days) in [(3, 20, 20), (1, 200, 14), (2, 150, 14)] {
        let options = Options::new(seed, environments, days).with_faults();
        let reports = run_all(vec![options.clone(), options]);
        assert_eq!(reports[0], reports[1]);
        assert!(reports[0].steps > 100 && reports[0].started > 0, "{:?}", reports[0]);
    }
    let other = run(&Options::new(5, 20, 20).with_faults());
    assert_ne!(other.digest, run(&Options::new(6, 20, 20).with_faults()).digest);
}

#[test]
fn nothing_breaks_where_nothing_goes_wrong() {
    let reports = run_all((100..106).map(|seed| Options::new(seed, 40, 30)).collect());
    assert_held(&reports);
    assert!(reports.iter().map(|report| report.succeeded).sum::<u64>() > 60, "trains go");
}

/// Thirty days of two hundred environments each. Two cores take three and a half minutes; four is the most they may.
const SEEDS: u64 = 200;

#[test]
fn nothing_breaks_under_faults() {
    // Fleets in which caps bind and nights are full, and some small ones, in which each environment counts.
    let sizes = (1..=SEEDS).map(|seed| (seed, 200)).chain((1..=10).map(|seed| (seed, 24)));
    let began = Instant::now();
    let reports = run_all(sizes.map(|(seed, size)| Options::new(seed, size, 30).with_faults()).collect());
    let steps: u64 = reports.iter().map(|report| report.steps).sum();
    println!("{} seeds, {steps} steps, {:.0} s", reports.len(), began.elapsed().as_secs_f64());
    assert_held(&reports);
    assert!(reports.iter().all(|report| report.faults > 20), "every seed has its faults");
    assert!(reports.iter().map(|report| report.succeeded).sum::<u64>() > 80, "trains go all the same");
    for what in ACTED {
        let times: u64 = reports.iter().filter_map(|report| report.acted.get(what)).sum();
        assert!(times > 0, "nowhere: {what}");
    }
}

/// What is seldom, and has to be acted out all the same (see `run::acted`).
const ACTED: [&str; 18] = [
    "emergency in force",
    "emergency expired",
    "emergency reviewed",
    "stage passed in an emergency",
    "started in an overridden freeze",
    "fallback by flight",
    "roll forward",
    "roll back",
    "redeployment",
    "went back",
    "taken ahead",
    "delivered ahead",
    "exemption granted",
    "exemption reminded of",
    "aboard after an exemption",
    "build withdrawn",
    "build approved again",
    "incident reported",
];

/// Mistakes of the surroundings; those of the engine have a list of their own.
#[test]
fn what_is_planted_is_found() {
    for (planted, invariants) in
        [(Planted::AgentsObeyAnything, &["I1", "I5"][..]), (Planted::ReceiversForget, &["I10"])]
    {
        let found = (1..30).any(|seed| {
            let options = Options { planted: Some(planted), ..Options::new(seed, 24, 30).with_faults() };
            run(&options).violations.iter().any(|violation| invariants.contains(&violation.invariant))
        });
        assert!(found, "{planted:?}");
    }
}

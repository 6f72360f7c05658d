//! The simulator finds wrong engines: each planted mistake (`services::planted`) is found within few seeds, by an
//! invariant that is about it. That nothing is found where nothing is planted is what `seeds` says, with the same code
//! compiled in. Only those whose name has a certain word in it: `PLANTED=halt`.

#![expect(clippy::unwrap_used, reason = "a simulation that cannot run is a failed test")]

use services::planted::{MISTAKES, plant};
use simulation::{Options, Planted, alone, simulate};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::{env, fs, thread};

/// Where the list names no other number.
const ENVIRONMENTS: u32 = 24;
const DAYS: u32 = 30;
/// Seeds in a row of which one has to find it.
const SEEDS_MAX: u64 = 30;

struct Line {
    mistake: &'static str,
    faults: bool,
    environments: u32,
    first: u64,
    invariants: Vec<String>,
}

/// What `list.txt` says, read when the test runs.
fn list() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted/list.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [mistake, faults, first, invariants @ ..] = &words[..] else { panic!("{line}") };
            let (faults, environments) = faults.split_once('@').unwrap_or((faults, ""));
            assert!(matches!(faults, "calm" | "faults") && !invariants.is_empty(), "{line}");
            let known = MISTAKES.iter().find(|known| *known == mistake).copied();
            Line {
                mistake: known.unwrap_or_else(|| panic!("nobody makes the mistake {mistake}")),
                faults: faults == "faults",
                environments: environments.parse().unwrap_or(ENVIRONMENTS),
                first: first.parse().unwrap(),
                invariants: invariants.iter().map(|invariant| (*invariant).to_owned()).collect(),
            }
        })
        .collect()
}

/// Which invariants a run of one seed breaks.
fn run(core: usize, line: &Line, seed: u64) -> Vec<&'static str> {
    plant(Some(line.mistake));
    let planted = Some(Planted::Engine(line.mistake));
    let options = Options { planted, ..Options::new(seed, line.environments, DAYS) };
    let options = if line.faults { options.with_faults() } else { options };
    let report = alone(Some(core), simulate(&options));
    plant(None);
    report.unwrap().unwrap().violations.iter().map(|violation| violation.invariant).collect()
}

/// What is wrong, where it is not found as it should be.
fn look_for(core: usize, line: &Line) -> Option<String> {
    let Line { mistake, first, invariants, .. } = line;
    let mut others = BTreeSet::new();
    for seed in *first..*first + SEEDS_MAX {
        let broken = run(core, line, seed);
        if broken.iter().any(|found| invariants.iter().any(|invariant| invariant == found)) {
            println!("{mistake}: found by seed {seed}, {broken:?}");
            return None;
        }
        others.extend(broken);
    }
    Some(format!("{mistake}: none of {invariants:?} broke from seed {first} on; others did: {others:?}"))
}

#[test]
fn each_planted_mistake_is_found() {
    let only = env::var("PLANTED").unwrap_or_default();
    let list: Vec<Line> = list().into_iter().filter(|line| line.mistake.contains(&only)).collect();
    let (left, missed) = (Mutex::new(list.iter()), Mutex::new(Vec::new()));
    let next = || left.lock().unwrap().next();
    let work = &|core| {
        while let Some(line) = next() {
            let wrong = look_for(core, line);
            missed.lock().unwrap().extend(wrong);
        }
    };
    thread::scope(|scope| {
        let threads = [0, 1].map(|core| scope.spawn(move || work(core)));
        for thread in threads {
            thread.join().unwrap();
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn the_list_has_every_mistake_once() {
    let listed: Vec<&str> = list().iter().map(|line| line.mistake).collect();
    assert_eq!(listed, MISTAKES);
    assert!(listed.is_sorted() && listed.len() >= 36);
}

/// The feature is declared where mistakes are made, and turned on here alone: never in what becomes the product.
#[test]
fn no_product_is_built_with_mistakes() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let named = |manifest: &str| {
        let text = fs::read_to_string(rooms.join(manifest)).unwrap();
        text.lines().filter(|line| line.contains("planted")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(named("server/store/Cargo.toml"), ["planted = []"]);
    assert_eq!(named("server/services/Cargo.toml"), [r#"planted = ["store/planted"]"#]);
    let simulation = fs::read_to_string(rooms.join("server/simulation/Cargo.toml")).unwrap();
    let (product, tests) = simulation.split_once("[dev-dependencies]").unwrap();
    assert!(!product.contains("planted") && tests.contains(r#"features = ["planted"]"#));
    for manifest in
        ["Cargo.toml", "server/Cargo.toml", "app/Cargo.toml", "app/domain/Cargo.toml", "frontend/Cargo.toml"]
    {
        assert_eq!(named(manifest), [""; 0], "{manifest}");
    }
}

//! Stories that nobody thought of: fleets, policies and deeds drawn by chance. Nothing is compared with what was told
//! before; the safety rules are checked after each tick, and that each estate by itself leads to the same plan.

use crate::script;
use std::fmt::Write;

/// `SplitMix64`: the same seed tells the same story everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `most`, both included.
    fn upto(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let last = u64::try_from(of.len() - 1).unwrap();
        of[usize::try_from(self.upto(last)).unwrap()].clone()
    }

    fn date(&mut self) -> String {
        let day = 24 + self.upto(35);
        if day <= 30 { format!("2026-09-{day:02}") } else { format!("2026-10-{:02}", day - 30) }
    }
}

const HOURS: [&str; 4] = ["europe", "us", "asia", "australia"];
const DAYS: [&str; 4] = ["Tue", "Mon,Thu", "Sat,Sun", "Fri"];

/// The environments of one customer, the names of those that follow production apart.
fn estate(chance: &mut Chance, customer: &str, text: &mut String, names: &mut Vec<String>) {
    let mut line = |chance: &mut Chance, name: &str, kind: &str, options: &str| {
        let station = chance.one(&["2", "2", "3", "4", "-"]);
        let hours = if chance.percent(4) { "-" } else { chance.one(&HOURS) };
        let mut own = options.to_owned();
        for option in ["exempt=2026-10-06", "due=2026-10-13"] {
            if chance.percent(8) {
                write!(own, " {option}").unwrap();
            }
        }
        if chance.percent(15) {
            write!(own, " days={}", chance.one(&DAYS)).unwrap();
        }
        writeln!(text, "env {customer}/{name} {kind} {station} {hours} {own}").unwrap();
    };
    let production = chance.percent(80);
    if production {
        let options = chance.one(&["", "", "", "early", "no-batch"]);
        line(chance, "PROD", "production", options);
        names.push(format!("{customer}/PROD"));
    }
    for n in 1..=chance.upto(3) {
        let with = production && n > 1 && chance.percent(40);
        let options = if with { "with=PROD" } else { chance.one(&["", "", "early", "tier=5"]) };
        line(chance, &format!("S{n}"), "sandbox", options);
        if !with {
            names.push(format!("{customer}/S{n}"));
        }
    }
    if chance.percent(20) {
        line(chance, "TRIAL", "trial", "");
        names.push(format!("{customer}/TRIAL"));
    }
}

fn deed(chance: &mut Chance, names: &[String]) -> String {
    let name = chance.one(names);
    let customer = name.split('/').next().unwrap_or_default();
    let date = chance.date();
    match chance.upto(15) {
        0 => format!("halt-station {} slow", 2 + chance.upto(2)),
        1 => format!("halt-customer {customer} slow"),
        2 => "halt-everything slow".to_owned(),
        3..=5 => "lift looked at".to_owned(),
        6 => format!("freeze {} {date} {date} year end", chance.one(&["all", "europe", customer, name.as_str()])),
        7 => "unfreeze".to_owned(),
        8 => format!("batch-on {name}"),
        9 => format!("install {name}"),
        10 => format!("days {name} {}", chance.one(&DAYS)),
        11 | 12 => format!("pull {name} {date}"),
        13 => format!("elsewhere-first {name} {date}"),
        14 => format!("ramp {} {} 100", 2 + chance.upto(2), chance.one(&["sandbox", "production"])),
        _ => format!("service-update {name} 10.0.49"),
    }
}

fn draw(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut text = "train 2026-09-30\npolicy gate 10 300 30 1\n".to_owned();
    let (region, own) = (1 + chance.upto(3), 1 + chance.upto(2));
    writeln!(text, "policy caps 200 80 {region} {own}\npolicy gap {}", 2 + chance.upto(8)).unwrap();
    if chance.percent(50) {
        let (sandbox, production) = (chance.upto(100), chance.upto(100));
        writeln!(text, "policy share {sandbox} {production}").unwrap();
    }
    let mut names = Vec::new();
    for customer in ["a", "b", "c", "d"] {
        estate(&mut chance, customer, &mut text, &mut names);
    }
    writeln!(text, "fail-share {}\nat 2026-09-24T07:00Z start", chance.upto(20)).unwrap();
    let approve = |text: &mut String, at: &str| {
        for station in 2..=4 {
            writeln!(text, "at {at} approve {station}").unwrap();
        }
    };
    approve(&mut text, "2026-09-24T08:00Z");
    for day in (25..=30).map(|day| format!("2026-09-{day}")).chain((1..=20).map(|day| format!("2026-10-{day:02}"))) {
        // At this hour nothing runs anywhere: hours and days change only what is to come.
        for _ in 0..chance.upto(2) {
            writeln!(text, "at {day}T11:30Z {}", deed(&mut chance, &names)).unwrap();
        }
        approve(&mut text, &format!("{day}T11:45Z"));
    }
    text + "run until 2026-10-27T00:00Z\nshow\n"
}

/// Nothing that is tried here has to be possible: what the world refuses does not happen.
#[test]
fn stories_by_chance_keep_the_rules() {
    let mut started = 0;
    for seed in 0..SEEDS {
        let text = draw(seed);
        let told = std::panic::catch_unwind(|| script::tell_what_is_possible(&text));
        let told = told.unwrap_or_else(|_| panic!("seed {seed}:\n{text}"));
        started += told.matches(": started").count();
    }
    assert!(started > 10, "only {started} updates started: a rule that nothing meets proves nothing");
}

const SEEDS: u64 = 10;

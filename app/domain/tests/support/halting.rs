//! A rollout of 5,000 environments under the gate on failures, played outcome by outcome. Time is in minutes; the
//! generator is seeded, so every run is the same. Used by the test `false_halts` and the bench `halting`.

use domain::health::{GatePolicy, Level, ReportCounts, Settled};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub const POLICY: GatePolicy = GatePolicy::DEFAULT;
/// A success is known after 45 to 75 minutes.
const SUCCESS_MINUTES: (u32, u32) = (45, 75);

/// How a fleet is updated.
#[derive(Clone, Copy)]
pub struct Fleet {
    /// Each ends before the next begins.
    pub stages: &'static [u32],
    pub in_flight: u32,
    /// Least and most minutes until a failure is known.
    pub failure_minutes: (u32, u32),
}

pub const MONTHLY: Fleet = Fleet { stages: &STAGES, in_flight: 200, failure_minutes: (5, 60) };

/// The monthly cadence in the order of its windows: 5 % of the sandboxes opted in (station 1); the others by the number
/// of regions of their station (6, 11, 7, 3, 3 of 30); 60 % of all are sandboxes.
pub const STAGES: [u32; 11] = [
    150,  // 1 sandbox, D+0
    570,  // 2 sandbox, D+7
    1045, // 3 sandbox, D+8
    665,  // 4 sandbox, D+14
    400,  // 2 production, D+19
    733,  // 3 production, D+19
    285,  // 5 sandbox, D+21
    285,  // 6 sandbox, D+22
    467,  // 4 production, D+26
    200,  // 5 production, D+33
    200,  // 6 production, D+33
];
pub const FLEET: u32 = 5000;

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub struct Generator(u64);

impl Generator {
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `below` − 1; the bias of the remainder is below 2^-32 here.
    fn below(&mut self, below: u32) -> u32 {
        u32::try_from(self.next() % u64::from(below)).unwrap_or(0)
    }

    pub fn chance(&mut self, in_10_000: u32) -> bool {
        self.below(10_000) < in_10_000
    }

    fn between(&mut self, (least, most): (u32, u32)) -> u32 {
        least + self.below(most - least + 1)
    }
}

/// The fewest failures that halt, by number of starts: what the gate computes anew at each look, computed once.
pub struct Limits {
    stage: Vec<u32>,
    pooled: Vec<u32>,
}

impl Limits {
    pub fn of(policy: &GatePolicy, fleet: Fleet) -> Self {
        let stages = u16::try_from(fleet.stages.len()).unwrap_or(u16::MAX);
        let table = |level: Level| (0..=FLEET).map(|n| policy.halts_at(n, level).unwrap_or(u32::MAX)).collect();
        Self { stage: table(policy.stage_level(stages)), pooled: table(policy.pooled_level()) }
    }

    pub fn halt(&self, stage: ReportCounts, pooled: ReportCounts) -> bool {
        let over = |limits: &[u32], counts: ReportCounts| {
            counts.looks().into_iter().any(|(started, failed)| failed >= limits[started as usize])
        };
        over(&self.stage, stage) || over(&self.pooled, pooled)
    }
}

/// Starts in their order, and how many of the first have all reported.
#[derive(Default)]
struct Starts {
    /// The minute of each start; whether it failed, once that is known.
    known: Vec<(u32, Option<bool>)>,
    oldest_running: usize,
    counts: ReportCounts,
}

impl Starts {
    fn start(&mut self, minute: u32) -> usize {
        self.known.push((minute, None));
        self.counts.running += 1;
        self.known.len() - 1
    }

    fn report(&mut self, number: usize, failed: bool) {
        self.known[number].1 = Some(failed);
        self.counts.running -= 1;
        self.counts.reported += 1;
        self.counts.failed += u32::from(failed);
        while self.known.get(self.oldest_running).is_some_and(|(_, failed)| failed.is_some()) {
            self.oldest_running += 1;
        }
        // Who started in the same minute as the oldest that runs is not settled: `ReportCounts::of`.
        let before = self.known.get(self.oldest_running).map_or(u32::MAX, |(minute, _)| *minute);
        while let Some((minute, Some(failed))) = self.known.get(self.counts.settled.reported as usize)
            && *minute < before
        {
            self.counts.settled.failed += u32::from(*failed);
            self.counts.settled.reported += 1;
        }
    }
}

/// Where a rollout was halted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Halt {
    /// Environments that were started, whatever they reported.
    pub exposed: u32,
    pub reports: u32,
    /// Of the stage, from 0.
    pub stage: u32,
    /// Exposed in that stage.
    pub exposed_in_stage: u32,
}

/// The true failure rate in 10,000, by stage (from 0) and place in it.
pub trait Rate: Fn(u32, u32) -> u32 {}
impl<F: Fn(u32, u32) -> u32> Rate for F {}

/// Plays one rollout; a look after every report.
pub fn rollout(fleet: Fleet, limits: &Limits, generator: &mut Generator, rate: &impl Rate) -> Option<Halt> {
    let (mut pooled, mut now) = (Starts::default(), 0);
    pooled.known.reserve(FLEET as usize);
    // When it is known, the number of its start, and whether it is a failure: `at << 32 | number << 1 | fails`.
    let mut running: BinaryHeap<Reverse<u64>> = BinaryHeap::with_capacity(fleet.in_flight as usize);
    for (number, size) in (0..).zip(fleet.stages.iter().copied()) {
        let before = pooled.counts;
        now += 1;
        loop {
            let mut started = pooled.counts.started() - before.started();
            while started < size && running.len() < fleet.in_flight as usize {
                let fails = generator.chance(rate(number, started));
                let takes = generator.between(if fails { fleet.failure_minutes } else { SUCCESS_MINUTES });
                let start = pooled.start(now) as u64;
                running.push(Reverse(u64::from(now + takes) << 32 | start << 1 | u64::from(fails)));
                started += 1;
            }
            let Some(Reverse(known)) = running.pop() else { break };
            now = u32::try_from(known >> 32).unwrap_or(u32::MAX);
            pooled.report(((known & 0xFFFF_FFFF) >> 1) as usize, known % 2 == 1);
            if limits.halt(since(pooled.counts, before), pooled.counts) {
                let (exposed, reports) = (pooled.counts.started(), pooled.counts.reported);
                return Some(Halt { exposed, reports, stage: number, exposed_in_stage: started });
            }
        }
    }
    None
}

/// Of a stage that began when everything before it was settled.
fn since(now: ReportCounts, before: ReportCounts) -> ReportCounts {
    ReportCounts {
        reported: now.reported - before.reported,
        failed: now.failed - before.failed,
        running: now.running,
        settled: Settled {
            reported: now.settled.reported - before.settled.reported,
            failed: now.settled.failed - before.settled.failed,
        },
    }
}

/// What many rollouts at one rate came to. Who was never halted counts as fully exposed.
pub struct Halting {
    pub rollouts: u32,
    pub halted: u32,
    exposed: Vec<u32>,
    reports: Vec<u32>,
}

impl Halting {
    pub fn of(fleet: Fleet, limits: &Limits, seed: u64, rollouts: u32, rate: impl Rate) -> Self {
        let mut generator = Generator::seeded(seed);
        let halts: Vec<Option<Halt>> = (0..rollouts).map(|_| rollout(fleet, limits, &mut generator, &rate)).collect();
        let of = |part: fn(Halt) -> u32| {
            let mut parts: Vec<u32> = halts.iter().map(|halt| halt.map_or(FLEET, part)).collect();
            parts.sort_unstable();
            parts
        };
        let halted = halts.iter().flatten().count();
        Self {
            rollouts,
            halted: u32::try_from(halted).unwrap_or(u32::MAX),
            exposed: of(|halt| halt.exposed),
            reports: of(|halt| halt.reports),
        }
    }

    /// Environments exposed in this percentile of the rollouts.
    pub fn exposed(&self, percentile: usize) -> u32 {
        at(&self.exposed, percentile)
    }

    pub fn reports(&self, percentile: usize) -> u32 {
        at(&self.reports, percentile)
    }

    pub fn halted_percent(&self) -> f64 {
        f64::from(self.halted) * 100.0 / f64::from(self.rollouts)
    }
}

fn at(sorted: &[u32], percentile: usize) -> u32 {
    sorted[(sorted.len() * percentile / 100).min(sorted.len() - 1)]
}

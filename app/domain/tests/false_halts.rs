//! The promise of the gate on failures, by simulation: healthy rollouts go on, harmful ones stop early, however often
//! one looks. The figures are printed by the bench `halting`.

#![expect(clippy::unwrap_used, reason = "a rollout that cannot be played is a failed test")]

#[path = "support/halting.rs"]
mod halting;

use chrono::DateTime;
use domain::health::{ReportCounts, Settled, StageEvidence, Verdict};
use halting::{FLEET, Fleet, Generator, Halting, Limits, MONTHLY, POLICY, STAGES, rollout};
use proptest::prelude::*;
use rstest::rstest;

#[test]
fn the_stages_are_the_fleet() {
    assert_eq!(STAGES.iter().sum::<u32>(), FLEET);
}

/// 10,000 rollouts at the usual rate: at most 5 % may halt (500). Ville's inequality promises it; this counts.
#[test]
fn healthy_rollouts_go_on() {
    let halting = Halting::of(MONTHLY, &Limits::of(&POLICY, MONTHLY), 1, 10_000, |_, _| 100);
    assert!(halting.halted <= 500, "{} of 10,000 healthy rollouts halted", halting.halted);
    assert!(halting.halted > 0, "a gate that never halts proves nothing");
}

/// Looks at the same figures without the sequential test: a fixed limit of the same level at each look would not do.
#[test]
fn a_fixed_limit_would_halt_healthy_rollouts() {
    let mut generator = Generator::seeded(7);
    // 1.645 standard deviations above 1 %: the one-sided 5 % limit for a single look
    let limit = |n: f64| n.mul_add(0.01, 1.645 * (n * 0.01 * 0.99).sqrt());
    let halts = (0..1000).filter(|_| {
        let mut failed = 0.0;
        (1..=FLEET).any(|n| {
            failed += f64::from(u8::from(generator.chance(100)));
            failed >= 3.0 && failed > limit(f64::from(n))
        })
    });
    let halted = halts.count();
    assert!(halted > 150, "{halted} of 1,000");
}

#[test]
fn a_rate_that_drifts_below_the_usual_goes_on() {
    // from 0.5 % up to 1 %, stage by stage
    let halting = Halting::of(MONTHLY, &Limits::of(&POLICY, MONTHLY), 2, 500, |stage, _| 50 + 5 * stage);
    assert!(halting.halted_percent() <= 5.0, "{} of 500", halting.halted);
}

#[test]
fn harm_is_stopped_before_a_tenth_of_the_fleet_is_exposed() {
    let limits = Limits::of(&POLICY, MONTHLY);
    let three = Halting::of(MONTHLY, &limits, 3, 2000, |_, _| 400);
    assert_eq!(three.halted, 2000);
    assert!(three.exposed(50) < FLEET / 10, "{} exposed in the median", three.exposed(50));
    let ten = Halting::of(MONTHLY, &limits, 4, 2000, |_, _| 1100);
    assert!(ten.exposed(90) < FLEET / 20, "{} exposed at the 90th percentile", ten.exposed(90));
    let one = Halting::of(MONTHLY, &limits, 5, 500, |_, _| 200);
    assert!(one.halted_percent() > 95.0, "{} of 500 at twice the usual rate", one.halted);
    assert!(one.exposed(50) < FLEET / 2, "{} exposed in the median", one.exposed(50));
}

/// Other fleets: no small first stage, failures known as late as successes, one update at a time, even stages. Where
/// failures are known late, 200 are in flight before the 200 before them are known, and a tenth is just missed; where
/// 1,000 are in flight, 1,000 are exposed.
#[rstest]
#[case::one_stage(Fleet { stages: &[5000], ..MONTHLY }, 500)]
#[case::late_failures(Fleet { failure_minutes: (45, 75), ..MONTHLY }, 600)]
#[case::one_stage_and_late_failures(Fleet { stages: &[5000], failure_minutes: (45, 75), in_flight: 200 }, 500)]
#[case::failures_at_once(Fleet { stages: &[5000], failure_minutes: (1, 1), in_flight: 1000 }, 1100)]
#[case::one_at_a_time(Fleet { in_flight: 1, ..MONTHLY }, 300)]
#[case::even_stages(Fleet { stages: &[500; 10], ..MONTHLY }, 500)]
fn other_fleets_keep_both_promises(#[case] fleet: Fleet, #[case] exposed: u32) {
    let limits = Limits::of(&POLICY, fleet);
    let healthy = Halting::of(fleet, &limits, 9, 400, |_, _| 100);
    assert!(healthy.halted_percent() <= 5.0, "{} of 400 healthy rollouts halted", healthy.halted);
    let harmful = Halting::of(fleet, &limits, 10, 1000, |_, _| 400);
    assert!(harmful.reports(50) <= harmful.exposed(50));
    assert!(harmful.exposed(50) < exposed, "{} exposed in the median", harmful.exposed(50));
}

/// A rate that creeps up from 1 % by 0.5 points a stage.
#[test]
fn harm_that_creeps_in_is_stopped() {
    let halting = Halting::of(MONTHLY, &Limits::of(&POLICY, MONTHLY), 6, 1000, |stage, _| 100 + 50 * stage);
    assert!(halting.halted_percent() > 95.0, "{} of 1,000", halting.halted);
}

/// The whole rollout is healthy but for one of the seven regions of station 4: its 95 sandboxes fail at 30 %.
#[test]
fn a_bad_region_is_caught_by_its_own_stage() {
    const STATION_4: u32 = 3;
    let limits = Limits::of(&POLICY, MONTHLY);
    let mut generator = Generator::seeded(8);
    let mut exposed = Vec::new();
    for _ in 0..1000 {
        // every seventh of the stage: the night takes from all regions at once
        let halt = rollout(MONTHLY, &limits, &mut generator, &|stage, place: u32| {
            if stage == STATION_4 && place.is_multiple_of(7) { 3000 } else { 100 }
        });
        exposed.extend(halt.filter(|halt| halt.stage == STATION_4).map(|halt| halt.exposed_in_stage));
    }
    assert!(exposed.len() > 950, "{} of 1,000 stopped in the stage", exposed.len());
    exposed.sort_unstable();
    let median = exposed[exposed.len() / 2];
    assert!(median < STAGES[STATION_4 as usize] * 2 / 3, "{median} exposed in the stage in the median");
}

/// The table of the simulation is what the gate itself says.
fn gate_fails(stage: ReportCounts, rollout: ReportCounts) -> bool {
    let stages = u16::try_from(STAGES.len()).unwrap();
    let evidence = StageEvidence { due: 1, stages, reports: stage, rollout: Some(rollout), ..StageEvidence::default() };
    POLICY.judge(&evidence, DateTime::UNIX_EPOCH).verdict == Verdict::Fail
}

proptest! {
    #[test]
    fn the_simulation_halts_where_the_gate_does(
        started in 0_u32..1000, failed in 0_u32..30, before in 0_u32..4000, failed_before in 0_u32..60,
        running in 0_u32..200, settled in 0_u32..1000, settled_failed in 0_u32..30,
    ) {
        let (failed, failed_before) = (failed.min(started), failed_before.min(before));
        let limits = LIMITS.get_or_init(|| Limits::of(&POLICY, MONTHLY));
        let running = running.min(started - failed);
        let settled_failed = settled_failed.min(failed).min(settled);
        let settled = Settled { reported: settled.min(started - running).max(settled_failed), failed: settled_failed };
        let stage = ReportCounts { reported: started - running, failed, running, settled };
        let rollout = ReportCounts { reported: stage.reported + before, failed: failed + failed_before, ..stage };
        prop_assert_eq!(gate_fails(stage, rollout), limits.halt(stage, rollout));
    }
}

static LIMITS: std::sync::OnceLock<Limits> = std::sync::OnceLock::new();

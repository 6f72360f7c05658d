//! How far harm can go before the gate stops it (invariant I17), by the policy alone: a bound for any build, however bad,
//! and any order of its outcomes.
//!
//! After each tick in which nothing halted, fewer of those that started have failed than `halts_at` of their number. What
//! started since, as many at once as the caps let run, may fail too before the next look. More starts let more failures
//! pass, so the whole stage is the worst case:
//!
//! `harmed ≤ allowed(environments) + running`, `allowed(n) = halts_at(n) − 1`, or `n` where even all failing would not halt.
//!
//! An environment of which the update failed counts as harmed until a later attempt mends it. After a resume the count
//! begins anew, and so does the bound. Not here: harm that shows only later, in telemetry or incidents; it halts too, but no
//! number of the policy says how soon.

use super::facts::RolloutPolicy;
use crate::health::GatePolicy;

/// Of one stage. `stages` of the rollout share the level of its test.
pub fn harmed_at_most(policy: &RolloutPolicy, stages: u16, environments: u32) -> u32 {
    let at_once = policy.caps.rollout.min(policy.caps.station);
    allowed(&policy.gate, stages, environments).saturating_add(at_once).min(environments)
}

/// Failures among `started` of a stage that do not halt.
fn allowed(gate: &GatePolicy, stages: u16, started: u32) -> u32 {
    gate.halts_at(started, gate.stage_level(stages)).map_or(started, |least| least.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{ReportCounts, StageEvidence, Verdict};
    use crate::rollout::RolloutCaps;
    use proptest::prelude::*;

    const STAGES: u16 = 12;

    fn policy(failures_min: u32, baseline_permille: u16, at_once: u32) -> RolloutPolicy {
        let gate = GatePolicy { baseline_permille, failures_min, ..GatePolicy::DEFAULT };
        let caps = RolloutCaps { rollout: at_once, station: at_once, region: at_once, customer: at_once };
        RolloutPolicy { gate, caps, ..RolloutPolicy::DEFAULT }
    }

    fn halts(policy: &RolloutPolicy, reports: ReportCounts) -> bool {
        let evidence = StageEvidence { due: 10_000, reports, stages: STAGES, ..StageEvidence::default() };
        policy.gate.judge(&evidence, chrono::DateTime::UNIX_EPOCH).verdict == Verdict::Fail
    }

    proptest! {
        /// Whatever runs and however it ends, until the gate halts, and then everything that still runs fails.
        #[test]
        fn no_build_harms_more_than_the_policy_says(
            failures_min in 1_u32..8, baseline in 1_u16..200, at_once in 1_u32..30, environments in 1_u32..400,
            nights in prop::collection::vec((0_u32..30, 0_u32..=100), 1..60)
        ) {
            let policy = policy(failures_min, baseline, at_once);
            let bound = harmed_at_most(&policy, STAGES, environments);
            let (mut succeeded, mut failed) = (0, 0);
            for (start, percent_failing) in nights {
                let counts = ReportCounts { reported: succeeded + failed, failed, ..ReportCounts::default() };
                if halts(&policy, counts) {
                    break;
                }
                let running = start.min(at_once).min(environments - succeeded - failed);
                prop_assert!(failed + running <= bound, "{failed} + {running} of {environments}, not {bound}");
                let failing = running * percent_failing / 100;
                failed += failing;
                succeeded += running - failing;
            }
            prop_assert!(failed <= bound, "{failed} of {environments}, not {bound}");
        }

        /// The bound is no wider than it has to be: one failure fewer among so many goes on, one more halts.
        #[test]
        fn the_edge_is_where_the_gate_halts(failures_min in 1_u32..8, baseline in 1_u16..200, started in 1_u32..2_000) {
            let policy = policy(failures_min, baseline, 1);
            let failed = allowed(&policy.gate, STAGES, started);
            let counts = |failed| ReportCounts { reported: started, failed, ..ReportCounts::default() };
            prop_assert!(!halts(&policy, counts(failed)));
            prop_assert!(failed == started || halts(&policy, counts(failed + 1)));
        }
    }

    #[test]
    fn the_default_policy_holds_harm_to_a_part_of_a_large_stage() {
        let (small, large) = (20, 5_000);
        let harmed = |environments| harmed_at_most(&RolloutPolicy::DEFAULT, STAGES, environments);
        assert_eq!(harmed(small), small, "as many may run at once");
        let most = harmed(large);
        assert!((100..=250).contains(&most), "{most}: at most one in twenty, and no promise that is not kept");
    }
}

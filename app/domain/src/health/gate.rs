//! The gate after a stage: all its findings as one report. Only pass moves on.
//!
//! The evidence is counts that a database can maintain; the one instant in it is asked for in two steps: how many
//! successes are [`needed`](GatePolicy::needed), then when the last of them came.

use super::finding::{FailureEvidence, Finding, Measure, Verdict};
use super::policy::GatePolicy;
use super::sequential::{Level, ReportCounts};
use super::telemetry::StageTelemetry;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Of all that were due, whatever a person accepted: a build that most did not survive is not let on by resuming.
pub const SUCCEEDED_PERCENT_FLOOR: u8 = 50;

/// What a stage has reported so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageEvidence {
    /// Environments whose turn falls into the stage's own window; where there are none, everybody aboard.
    pub due: u32,
    /// Due ones that used their attempts before a person resumed, and so accepted that they may stay behind.
    pub accepted: u32,
    /// Due ones that were confirmed.
    pub succeeded: u32,
    /// When the last of the needed successes came ([`GatePolicy::needed`]); `None` before that.
    pub needed_success_at: Option<DateTime<Utc>>,
    /// Environments of the stage, due or not, since the last resume.
    pub reports: ReportCounts,
    /// Environments of the whole rollout since the last resume; `None` where another stage's gate answers for them.
    pub rollout: Option<ReportCounts>,
    /// Stages of the rollout: they share one level (see [`GatePolicy::stage_level`]).
    pub stages: u16,
    /// When a person resumed last, knowing what was heard until then.
    pub resumed_at: Option<DateTime<Utc>>,
    /// When the stage passed: what was waited for until then is judged as of then, what does harm as of now.
    pub passed_at: Option<DateTime<Utc>>,
    /// Looked at only under a policy with telemetry; `None` is then the same as nothing heard.
    pub telemetry: Option<StageTelemetry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    pub verdict: Verdict,
    pub due: u32,
    /// Of the due: failed for good, and a person resumed knowing it.
    pub accepted: u32,
    pub succeeded: u32,
    pub succeeded_needed: u32,
    pub failed: u32,
    pub reported: u32,
    /// When the bake is over, at the earliest; known from the moment enough have succeeded.
    pub baked_at: Option<DateTime<Utc>>,
    /// Each with its own verdict, in the order of the checks. Reports stored before there were findings have none.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl GateReport {
    /// Everything but the bake passes: when the bake is over, at the earliest.
    pub fn bakes_until(&self) -> Option<DateTime<Utc>> {
        let mut lacking = self.findings.iter().filter(|finding| finding.verdict != Verdict::Pass);
        match (lacking.next(), lacking.next()) {
            (Some(Finding { verdict: Verdict::NotEnoughEvidence, measure: Measure::Bake { until, .. } }), None) => {
                *until
            }
            _ => None,
        }
    }

    /// The stage's own findings failed, not only those of the whole rollout.
    pub fn fails_itself(&self) -> bool {
        let own = |finding: &&Finding| !matches!(finding.measure, Measure::PooledFailures(_));
        self.findings.iter().filter(own).any(|finding| finding.verdict == Verdict::Fail)
    }
}

/// `ceil(count × percent / 100)`.
fn share_of(count: u32, percent: u8) -> u32 {
    u32::try_from((u64::from(count) * u64::from(percent)).div_ceil(100)).unwrap_or(u32::MAX)
}

impl GatePolicy {
    /// How many of the due must succeed; 0 only where nobody is due.
    pub fn needed(&self, due: u32, accepted: u32) -> u32 {
        let expected = share_of(due.saturating_sub(accepted), self.succeeded_percent_min);
        expected.max(share_of(due, SUCCEEDED_PERCENT_FLOOR))
    }

    /// A stage in which nobody is aboard has nothing to prove but that nothing failed; its bake is over at once.
    pub fn judge(&self, evidence: &StageEvidence, now: DateTime<Utc>) -> GateReport {
        let StageEvidence { due, accepted, succeeded, reports, .. } = *evidence;
        let needed = self.needed(due, accepted);
        let successes = Measure::Successes { succeeded, needed, due, accepted };
        let mut findings = vec![Finding { verdict: Verdict::pass_if(succeeded >= needed), measure: successes }];
        let (verdict, failures) = self.failures(reports, self.stage_level(evidence.stages));
        findings.push(Finding { verdict, measure: Measure::Failures(failures) });
        if let Some(rollout) = evidence.rollout {
            let (verdict, failures) = self.failures(rollout, self.pooled_level());
            findings.push(Finding { verdict, measure: Measure::PooledFailures(failures) });
        }
        let mut baked_at = None;
        if due > 0 {
            let bake = self.watch(evidence, now, &mut findings);
            if let Measure::Bake { until, .. } = bake.measure {
                baked_at = until;
            }
            findings.push(bake);
        }
        GateReport {
            verdict: Verdict::of_all(findings.iter().map(|finding| finding.verdict)),
            due,
            accepted,
            succeeded,
            succeeded_needed: needed,
            failed: reports.failed,
            reported: reports.reported,
            baked_at,
            findings,
        }
    }

    fn failures(&self, counts: ReportCounts, level: Level) -> (Verdict, FailureEvidence) {
        let test = self.failure_test();
        let of_look = |(started, failed)| match test.evidence(started, failed).rejects(level) {
            true if failed >= self.failures_min => Verdict::Fail,
            rejects => Verdict::pass_if(!rejects),
        };
        let verdict = Verdict::of_all(counts.looks().map(of_look));
        let said = FailureEvidence {
            reported: counts.reported,
            failed: counts.failed,
            running: counts.running,
            one_in: test.strongest(counts).one_in(),
            halts_at_one_in: level.one_in(),
            halts_at: self.halts_at(counts.started(), level),
            failures_min: self.failures_min,
        };
        (verdict, said)
    }

    /// Adds what telemetry says; the bake comes back.
    fn watch(&self, evidence: &StageEvidence, now: DateTime<Utc>, findings: &mut Vec<Finding>) -> Finding {
        let unheard = StageTelemetry::default();
        let telemetry = evidence.telemetry.as_ref().unwrap_or(&unheard);
        let since = evidence.needed_success_at;
        let bake = if let Some(policy) = self.telemetry {
            let waited_until = evidence.passed_at.unwrap_or(now);
            findings.extend(match evidence.passed_at {
                Some(passed_at) => policy.findings_of_passed(telemetry, evidence.resumed_at, passed_at, now),
                None => policy.findings(telemetry, evidence.resumed_at, now),
            });
            let bake = since.map(|since| policy.bake(telemetry, since, self.bake_hours, waited_until));
            bake.map(|bake| (bake.hours, bake.until))
        } else {
            findings.push(Finding { verdict: Verdict::Pass, measure: Measure::NoTelemetry });
            since.map(|since| self.elapsed(since, now))
        };
        let covered_hours = bake.map_or(0, |(hours, _)| hours);
        let verdict = Verdict::pass_if(since.is_some() && covered_hours >= self.bake_hours.into());
        let until = bake.map(|(_, until)| until);
        let (needed_hours, watched) = (self.bake_hours, self.telemetry.is_some());
        Finding { verdict, measure: Measure::Bake { covered_hours, needed_hours, until, watched } }
    }

    /// Whole hours since, at most as many as are needed, and when they are over.
    fn elapsed(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> (u32, DateTime<Utc>) {
        let hours = now.signed_duration_since(since).num_hours().clamp(0, self.bake_hours.into());
        let until = since.checked_add_signed(TimeDelta::hours(self.bake_hours.into()));
        (u32::try_from(hours).unwrap_or(0), until.unwrap_or(DateTime::<Utc>::MAX_UTC))
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;

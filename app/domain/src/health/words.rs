//! The sentences of a gate: one per finding, and one for the whole report. Pages, mails and the API say these.

use super::finding::{FailureEvidence, Finding, Measure, Verdict};
use super::gate::GateReport;
use super::sequential::ONE_IN_MAX;
use crate::number::{counted, grouped};
use crate::wire::signal::Aspect;

impl Verdict {
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Pass => Aspect::Clear,
            Self::Fail => Aspect::Stop,
            Self::NotEnoughEvidence => Aspect::Unlit,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Fail => "Fail",
            Self::NotEnoughEvidence => "Not enough evidence",
        }
    }
}

fn hours(count: u64) -> String {
    counted(count, "hour", "hours")
}

/// `1 time in 900`, two digits, rounded down: it is a bound. The rarest told apart is `1 time in 1,000,000 or more`.
fn rarity(one_in: u64) -> String {
    let more = if one_in >= ONE_IN_MAX { " or more" } else { "" };
    let step = 10_u64.pow(one_in.max(1).ilog10().saturating_sub(1));
    format!("1 time in {}{more}", grouped(one_in / step * step))
}

impl FailureEvidence {
    /// `3 failures of 41 reports in the whole rollout; a build as good as usual would do this 1 time in 900 (limit 440)`.
    /// The rarity is an upper bound: it holds however often one looks.
    fn clause(&self, verdict: Verdict, place: &str) -> String {
        if self.failed == 0 {
            return format!("no failure{place}");
        }
        let told = format!(
            "{} of {}{place}",
            counted(self.failed.into(), "failure", "failures"),
            counted(self.reported.into(), "report", "reports")
        );
        let rare = || format!("a build as good as usual would do this {}", rarity(self.one_in));
        match (verdict, self.halts_at) {
            (Verdict::Fail, _) => format!("{told}; {} (limit {})", rare(), grouped(self.halts_at_one_in)),
            (Verdict::NotEnoughEvidence, _) => {
                format!("{told}; {}, but fewer than {} do not halt", rare(), self.failures_min)
            }
            (Verdict::Pass, Some(least)) => format!("{told}, {} would halt", grouped(least.into())),
            (Verdict::Pass, None) => told,
        }
    }
}

impl Finding {
    /// Begins in the lower case and ends without a full stop, so that several can stand in one sentence.
    pub fn clause(&self) -> String {
        match self.measure {
            Measure::Successes { succeeded, needed, due, accepted } => {
                let accepted = match accepted {
                    0 => String::new(),
                    n => format!(
                        "; {} accepted by who resumed",
                        counted(n.into(), "earlier failure", "earlier failures")
                    ),
                };
                format!("{succeeded} of {due} due succeeded, {needed} needed{accepted}")
            }
            Measure::Failures(failures) => failures.clause(self.verdict, ""),
            Measure::PooledFailures(failures) => failures.clause(self.verdict, " in the whole rollout"),
            Measure::NoTelemetry => "no telemetry is looked at".to_owned(),
            Measure::Coverage { covered_hours, hours: ended, percent_min } => {
                let ended = hours(ended.into());
                format!("at least {percent_min} % of the environments were heard in {covered_hours} of {ended}")
            }
            Measure::Age { minutes: None, .. } => "no covered hour yet".to_owned(),
            Measure::Age { minutes: Some(minutes), max_minutes } => {
                let age = counted(minutes.into(), "minute", "minutes");
                format!("the newest covered hour ended {age} ago, at most {max_minutes} may pass")
            }
            Measure::Errors { errors, usage, permille_max, samples_min } => {
                errors_clause(errors, usage, permille_max, samples_min)
            }
            Measure::Silence { judged_hours: 0, .. } => {
                let unused = if self.verdict == Verdict::Pass { "" } else { ", and none is heard now" };
                format!("too little usage a week before to judge silence{unused}")
            }
            Measure::Silence { silent_hours: 0, usage, baseline, .. } => {
                format!("{} in an hour, {} a week before", counted(usage, "request", "requests"), grouped(baseline))
            }
            Measure::Silence { silent_hours, grace_hours, usage, baseline, .. } => format!(
                "usage is silent for {}, {} are waited for: {} in an hour, {} a week before",
                hours(silent_hours.into()),
                grace_hours,
                counted(usage, "request", "requests"),
                grouped(baseline)
            ),
            Measure::Bake { covered_hours, needed_hours, watched, .. } => {
                let covered = if watched { ", counted where telemetry covers them" } else { "" };
                format!("baked {covered_hours} of {}{covered}", hours(needed_hours.into()))
            }
        }
    }
}

fn errors_clause(errors: u64, usage: u64, permille_max: u16, samples_min: u32) -> String {
    let requests = counted(usage, "request", "requests");
    if usage < samples_min.into() {
        return format!("{requests} seen, {} are needed to judge errors", grouped(samples_min.into()));
    }
    format!("{} of {requests} failed, at most {permille_max} in 1,000 may", grouped(errors))
}

impl GateReport {
    pub fn sentence(&self) -> String {
        match self.verdict {
            Verdict::Pass if self.due == 0 => "Gate passed: nobody is aboard".to_owned(),
            Verdict::Pass => format!("Gate passed: {}", self.clauses(|finding| self.told_of_a_pass(finding))),
            Verdict::Fail => {
                let successes = |finding: &Finding| matches!(finding.measure, Measure::Successes { .. });
                format!("Gate failed: {}; {}", self.harm(), self.clauses(successes))
            }
            Verdict::NotEnoughEvidence => {
                format!("Not enough evidence: {}", self.clauses(|finding| self.told_of_a_lack(finding)))
            }
        }
    }

    /// What failed: `3 failures of 4 reports; a build as good as usual would do this 1 time in 26,000 (limit 440)`.
    pub fn harm(&self) -> String {
        let harm = self.clauses(|finding| finding.verdict == Verdict::Fail && !self.said_by_the_stage(finding));
        if harm.is_empty() {
            // A report that was stored before there were findings.
            let reports = counted(self.reported.into(), "report", "reports");
            return format!("{} of {reports}", counted(self.failed.into(), "failure", "failures"));
        }
        harm
    }

    pub const fn aspect(&self) -> Aspect {
        self.verdict.aspect()
    }

    /// The whole rollout, where failures of the stage alone decide already.
    fn said_by_the_stage(&self, finding: &Finding) -> bool {
        let decides = |f: &Finding| matches!(f.measure, Measure::Failures(_)) && f.verdict == finding.verdict;
        matches!(finding.measure, Measure::PooledFailures(_)) && self.findings.iter().any(decides)
    }

    fn clauses(&self, told: impl Fn(&Finding) -> bool) -> String {
        let clauses: Vec<String> = self.findings.iter().filter(|finding| told(finding)).map(Finding::clause).collect();
        clauses.join("; ")
    }

    /// Successes, failures of the stage, and whether anything else was looked at.
    fn told_of_a_pass(&self, finding: &Finding) -> bool {
        matches!(finding.measure, Measure::Successes { .. } | Measure::Failures(_) | Measure::NoTelemetry)
            || self.due > 0 && matches!(finding.measure, Measure::Errors { .. })
    }

    /// What lacks, and the failures. While successes lack, nothing else is waited for in earnest.
    fn told_of_a_lack(&self, finding: &Finding) -> bool {
        let successes_lack = self.succeeded < self.succeeded_needed;
        match finding.measure {
            Measure::Successes { .. } | Measure::Failures(_) => true,
            Measure::PooledFailures(_) => finding.verdict != Verdict::Pass && !self.said_by_the_stage(finding),
            _ => !successes_lack && finding.verdict != Verdict::Pass,
        }
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;

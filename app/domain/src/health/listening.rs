//! What the hours of a stage say under a policy: coverage, age, errors, silence, and the bake that is covered.
//!
//! Seed: "Be sure to include usage metrics in your health model to help ensure that a lack of user-reported issues and
//! negative health signals aren't hiding an issue." (safe-deployment-practices.md, Health models.)
//!
//! An hour is *covered* where it has ended and enough of the updated environments were heard. It is *settled* once it
//! is covered, or so old that its data is no longer waited for; only settled hours are judged silent. An environment
//! that is not heard adds nothing to the usage, yet its last week counts in the baseline: who stops reporting falls
//! silent, whether the listening system or the environment died. Where no hour has a last week to be compared with,
//! usage has to be heard: nobody knows whether it is silent.
//!
//! A person who resumes has seen what was heard until then: errors of hours before are counted no more, and silent hours
//! before are not enough evidence instead of harm. Neither is ever a pass by that alone: after a resume the errors need
//! their number of requests anew, and silence is over only where usage is heard.

use super::finding::{Finding, Measure, Verdict};
use super::policy::TelemetryPolicy;
use super::telemetry::{Hour, StageHour, StageTelemetry};
use chrono::{DateTime, TimeDelta, Utc};

const DAY_HOURS: i64 = 24;

/// The bake as telemetry sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoveredBake {
    pub hours: u32,
    /// At the earliest.
    pub until: DateTime<Utc>,
}

impl TelemetryPolicy {
    /// Coverage, age, errors and silence, in this order. `seen`: when a person resumed last, knowing what was heard.
    pub fn findings(
        &self,
        telemetry: &StageTelemetry,
        seen: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> [Finding; 4] {
        let is_new = |hour: &StageHour| seen.is_none_or(|seen| hour.hour >= Hour::from(seen));
        [
            self.coverage(telemetry, now),
            self.age(telemetry, now),
            self.errors(telemetry, is_new),
            self.silence(telemetry, is_new, now),
        ]
    }

    /// Of a stage that passed: coverage and age as they were then, for what was heard is no older for having been looked at;
    /// errors and silence as they are now. A bad day halts, however many good ones were before it.
    pub fn findings_of_passed(
        &self,
        telemetry: &StageTelemetry,
        seen: Option<DateTime<Utc>>,
        passed_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> [Finding; 4] {
        let [coverage, age, ..] = self.findings(telemetry, seen, passed_at);
        let [.., errors, silence] = self.findings(telemetry, seen, now);
        let day = Hour::of(now).plus(-DAY_HOURS);
        let is_of_the_day =
            |hour: &StageHour| hour.hour >= day && seen.is_none_or(|seen| hour.hour >= Hour::from(seen));
        let of_the_day = self.errors(telemetry, is_of_the_day);
        [coverage, age, if of_the_day.verdict == Verdict::Fail { of_the_day } else { errors }, silence]
    }

    /// Covered hours that began after `since`, and when there can be `needed` of them.
    pub fn bake(
        &self,
        telemetry: &StageTelemetry,
        since: DateTime<Utc>,
        needed: u16,
        now: DateTime<Utc>,
    ) -> CoveredBake {
        let first = Hour::from(since);
        let counted = || telemetry.hours.iter().filter(|hour| hour.hour >= first && self.is_covered(hour, now));
        // Hours too old to wait for that were not covered are lost; the bake is longer by them.
        let oldest = now.checked_sub_signed(self.max_age()).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let since_first = |hour: Hour| hour.number().saturating_sub(first.number());
        let given_up = since_first(Hour::of(oldest));
        let late = |hour: &&StageHour| since_first(hour.hour) < given_up;
        let lost = given_up.max(0) - i64::from(count(counted().filter(late)));
        let earliest = first.plus(i64::from(needed) + lost.max(0)).start();
        // Where only late data is missing, it may be there with the next hour.
        let until = if earliest > now { earliest } else { Hour::of(now).end() };
        CoveredBake { hours: count(counted()), until }
    }

    fn max_age(&self) -> TimeDelta {
        TimeDelta::minutes(self.max_age_minutes.into())
    }

    fn is_covered(&self, hour: &StageHour, now: DateTime<Utc>) -> bool {
        let heard = u64::from(hour.reporting) * 100 >= u64::from(hour.expected) * u64::from(self.coverage_percent_min);
        hour.hour.end() <= now && hour.expected > 0 && heard
    }

    fn is_settled(&self, hour: &StageHour, now: DateTime<Utc>) -> bool {
        self.is_covered(hour, now) || now.signed_duration_since(hour.hour.end()) >= self.max_age()
    }

    fn coverage(&self, telemetry: &StageTelemetry, now: DateTime<Utc>) -> Finding {
        let ended = || telemetry.hours.iter().filter(|hour| hour.expected > 0 && hour.hour.end() <= now);
        let covered_hours = count(ended().filter(|hour| self.is_covered(hour, now)));
        let measure =
            Measure::Coverage { covered_hours, hours: count(ended()), percent_min: self.coverage_percent_min };
        Finding { verdict: Verdict::pass_if(covered_hours > 0), measure }
    }

    fn age(&self, telemetry: &StageTelemetry, now: DateTime<Utc>) -> Finding {
        let newest = telemetry.hours.iter().filter(|hour| self.is_covered(hour, now)).map(|hour| hour.hour).max();
        let age = newest.map(|hour| now.signed_duration_since(hour.end()));
        // Rounded up: a minute begun is a minute older.
        let minutes = age.map(|age| u32::try_from((age + TimeDelta::seconds(59)).num_minutes()).unwrap_or(u32::MAX));
        let fresh = age.is_some_and(|age| age <= self.max_age());
        Finding {
            verdict: Verdict::pass_if(fresh),
            measure: Measure::Age { minutes, max_minutes: self.max_age_minutes },
        }
    }

    /// Errors count wherever they were heard, covered or not: harm needs no quorum.
    fn errors(&self, telemetry: &StageTelemetry, is_new: impl Fn(&StageHour) -> bool) -> Finding {
        let new = || telemetry.hours.iter().filter(|hour| is_new(hour));
        let sum = |of: fn(&StageHour) -> u64| new().map(of).fold(0, u64::saturating_add);
        let (errors, usage) = (sum(|hour| hour.errors), sum(|hour| hour.usage));
        let too_many = u128::from(errors) * 1000 > u128::from(usage) * u128::from(self.errors_permille_max);
        let verdict = match usage >= self.samples_min.into() {
            true if too_many => Verdict::Fail,
            enough => Verdict::pass_if(enough),
        };
        let (permille_max, samples_min) = (self.errors_permille_max, self.samples_min);
        Finding { verdict, measure: Measure::Errors { errors, usage, permille_max, samples_min } }
    }

    /// Hours whose last week was too quiet are passed over: a night neither proves nor heals silence. Where that leaves
    /// none, the newest covered hour has to have been used.
    fn silence(&self, telemetry: &StageTelemetry, is_new: impl Fn(&StageHour) -> bool, now: DateTime<Utc>) -> Finding {
        let minimum = u64::from(self.silence_baseline_min);
        let mut judged: Vec<&StageHour> =
            telemetry.hours.iter().filter(|hour| hour.baseline >= minimum && self.is_settled(hour, now)).collect();
        judged.sort_unstable_by_key(|hour| std::cmp::Reverse(hour.hour));
        let silent = || judged.iter().take_while(|hour| self.is_silent(hour));
        let silent_hours = count(silent());
        let unseen = count(silent().filter(|hour| is_new(hour)));
        let newest = telemetry.hours.iter().filter(|hour| self.is_covered(hour, now)).max_by_key(|hour| hour.hour);
        let verdict = match silent_hours {
            0 if judged.is_empty() => Verdict::pass_if(newest.is_some_and(|hour| hour.usage > 0)),
            0 => Verdict::Pass,
            _ if self.silence_fails && unseen > self.silence_grace_hours.into() => Verdict::Fail,
            _ => Verdict::NotEnoughEvidence,
        };
        let measure = Measure::Silence {
            silent_hours,
            grace_hours: self.silence_grace_hours,
            usage: judged.first().copied().or(newest).map_or(0, |hour| hour.usage),
            baseline: judged.first().map_or(0, |hour| hour.baseline),
            judged_hours: count(judged.iter()),
        };
        Finding { verdict, measure }
    }

    fn is_silent(&self, hour: &StageHour) -> bool {
        u128::from(hour.usage) * 100 < u128::from(hour.baseline) * u128::from(self.silence_percent)
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "listening_tests.rs"]
mod tests;

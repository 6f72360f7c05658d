//! I2 where gates look at telemetry: a stage passes only with the covered time, the requests and the freshness that its
//! policy demands, never with more errors than it allows, and never while usage is silent. Worked out from what the
//! simulated listening system said (`crate::listening`): what was said and not refused is the most that the gate can know;
//! what a server said it took a while ago is the least.
//!
//! H1: a stage that passed is listened to as long as its rollout runs. Where more errors than the policy allows were heard
//! for sure in its last day, and long enough ago, nothing is started any more.

use super::{Found, rules, stages};
use crate::listening::{Book, Said};
use crate::watch::{Seen, Step};
use crate::ways::Pace;
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::StageKey;
use domain::health::{GateReport, Hour, Measure, TelemetryPolicy, Verdict};
use domain::ids::EnvironmentId;
use domain::rollout::{RolloutState, StageState, UpdateState};
use store::census::WholeRollout;

/// An hour is heard of which so many seconds are covered: three quarters.
const HEARD_SECONDS: i64 = 2_700;
const WEEK: i64 = 7 * 24;
/// A server that stood still passes a stage by what it read before, and its clock may be an hour ahead: what was taken later
/// than this it need not know.
const READ_BEFORE: TimeDelta = TimeDelta::minutes(130);
/// Sums go back fifteen days.
const SUMMED_DAYS: i64 = 14;

/// A stage that passed is looked at less often, and by servers whose clocks are up to an hour apart: what was taken longer
/// ago than this is known to all of them.
const KNOWN_OF_PASSED: TimeDelta = TimeDelta::hours(4);
const DAY: i64 = 24;

pub fn check(seen: &Seen, step: &Step, book: &Book, found: &mut Vec<Found>) {
    starts(seen, step, book, found);
    for (id, before) in &step.rollouts_before {
        let Some(whole) = seen.rollouts.get(id).filter(|whole| whole.rollout.policy.gate.telemetry.is_some()) else {
            continue;
        };
        for (was, is) in before.stages.iter().zip(&whole.stages) {
            let StageState::Passed { passed_at, .. } = is.state else { continue };
            if was.state == is.state {
                continue;
            }
            let pace = step.ways_before.pace(*id, &whole.rollout.policy, passed_at);
            let watched = Watched::of(seen, book, whole, (is.key, pace), passed_at);
            let why = watched.and_then(|watched| watched.against());
            found.extend(why.map(|why| {
                Found::new("I2", format!("{} of {} passed at {passed_at}: {why}", is.key, whole.rollout.train))
            }));
        }
    }
}

fn starts(seen: &Seen, step: &Step, book: &Book, found: &mut Vec<Found>) {
    for word in step.words.iter().filter(|word| word.after == "in_progress") {
        let Some(whole) = seen.updates.get(&word.update).and_then(|update| seen.rollout_of(update)) else { continue };
        let before = step.rollouts_before.get(&whole.rollout.id).unwrap_or(whole);
        for stage in &before.stages {
            let known_until = word.at - KNOWN_OF_PASSED;
            if !matches!(stage.state, StageState::Passed { passed_at, .. } if passed_at <= known_until) {
                continue;
            }
            let pace = step.ways_before.pace(whole.rollout.id, &whole.rollout.policy, word.at);
            let watched = Watched::of(seen, book, whole, (stage.key, pace), word.at);
            let harm = watched.and_then(|watched| Watched { known_until, ..watched }.harm());
            found.extend(harm.map(|harm| {
                let what = format!("update {} is started at {}, and in {} {harm}", word.update, word.at, stage.key);
                Found::new("H1", what)
            }));
        }
    }
}

/// The gate failed by what was heard: errors, or usage that fell silent. That it was right to is not worked out anew.
pub fn is_harm(whole: &WholeRollout, gate: &GateReport) -> bool {
    let is_heard = |measure: &Measure| matches!(measure, Measure::Errors { .. } | Measure::Silence { .. });
    let mut failed = gate.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    whole.rollout.policy.gate.telemetry.is_some() && failed.any(|finding| is_heard(&finding.measure))
}

/// Environments whose hours a gate looks at: delivered by a rollout that is under way.
pub fn delivered(seen: &Seen) -> Vec<EnvironmentId> {
    let is_watched = |whole: &&WholeRollout| {
        let under_way = matches!(whole.rollout.state, RolloutState::Running { .. } | RolloutState::Halted { .. });
        under_way && whole.rollout.policy.gate.telemetry.is_some()
    };
    let delivered = seen.updates.values().filter(|update| matches!(update.state, UpdateState::Succeeded { .. }));
    let watched = delivered.filter(|update| seen.rollout_of(update).as_ref().is_some_and(is_watched));
    let mut of: Vec<EnvironmentId> = watched.map(|update| update.environment).collect();
    of.sort_unstable();
    of.dedup();
    of
}

struct Watched<'a> {
    /// How much is waited for, as it was owed then (E1).
    pace: Pace,
    policy: TelemetryPolicy,
    book: &'a Book,
    /// Who was updated, and when.
    updated: Vec<(EnvironmentId, DateTime<Utc>)>,
    /// The bake begins no earlier.
    since: DateTime<Utc>,
    resumed_at: Option<DateTime<Utc>>,
    /// When it passed, or is looked at again.
    passed_at: DateTime<Utc>,
    /// Taken before: the gate knew it.
    known_until: DateTime<Utc>,
}

impl<'a> Watched<'a> {
    /// `None` where nobody was updated: then there is nothing to watch.
    fn of(
        seen: &Seen,
        book: &'a Book,
        whole: &WholeRollout,
        (stage, pace): (StageKey, Pace),
        passed_at: DateTime<Utc>,
    ) -> Option<Self> {
        let own =
            seen.updates.values().filter(|update| update.rollout == whole.rollout.id && update.stage == Some(stage));
        let updated: Vec<(EnvironmentId, DateTime<Utc>)> = own
            .filter_map(|update| match update.state {
                UpdateState::Succeeded { finished_at, .. } => Some((update.environment, finished_at)),
                _ => None,
            })
            .collect();
        let resumed_at = rules::resumed_at(whole);
        let gate = whole.rollout.policy.gate;
        let since =
            stages::enough_at(seen, whole, stage, passed_at).or_else(|| updated.iter().map(|(_, at)| *at).min())?;
        let known_until = passed_at - READ_BEFORE;
        Some(Self { pace, policy: gate.telemetry?, book, updated, since, resumed_at, passed_at, known_until })
    }

    fn against(&self) -> Option<String> {
        let bake = self.hours(Hour::from(self.since)).filter(|hour| self.may_be_covered(*hour)).count();
        if bake < self.pace.bake_hours.into() {
            let needed = self.pace.bake_hours;
            return Some(format!("at most {bake} of {needed} hours are covered since {}", self.since));
        }
        let newest = self.all().filter(|hour| self.may_be_covered(*hour)).max();
        let oldest = self.passed_at - TimeDelta::minutes(self.policy.max_age_minutes.into());
        if newest.is_none_or(|newest| newest.end() < oldest) {
            return Some(format!("the newest hour that can be covered is {newest:?}"));
        }
        let (usage, errors) = self
            .unseen()
            .fold((0, 0), |(usage, errors), hour| (usage + self.usage_most(hour), errors + self.errors_least(hour)));
        if usage < self.pace.samples.into() {
            return Some(format!("at most {usage} requests were heard of {} needed", self.pace.samples));
        }
        if errors * 1_000 > usage * u64::from(self.policy.errors_permille_max) {
            return Some(format!("at least {errors} of at most {usage} requests failed"));
        }
        if let Some(hour) = self.silent() {
            return Some(format!("usage is silent in the hour from {}", hour.start()));
        }
        self.unused().map(|hour| format!("no hour can be judged silent, and nothing is used from {} on", hour.start()))
    }

    /// What is known of the last day, at the least, is more than the policy allows.
    fn harm(&self) -> Option<String> {
        let day = Hour::of(self.passed_at).plus(-DAY);
        let hours = || self.unseen().filter(|hour| *hour >= day);
        let (errors, usage): (u64, u64) =
            (hours().map(|hour| self.errors_least(hour)).sum(), hours().map(|hour| self.usage_most(hour)).sum());
        let is_judged = hours().map(|hour| self.usage_least(hour)).sum::<u64>() >= self.policy.samples_min.into();
        let too_many = errors * 1_000 > usage * u64::from(self.policy.errors_permille_max);
        (is_judged && too_many).then(|| format!("at least {errors} of at most {usage} requests of a day failed"))
    }

    /// Hours that have ended, from this one on.
    fn hours(&self, from: Hour) -> impl Iterator<Item = Hour> + use<> {
        let from = from.max(Hour::of(self.passed_at - TimeDelta::days(SUMMED_DAYS)));
        let ended = Hour::of(self.passed_at).number() - from.number();
        (0..ended.max(0)).map(move |hours| from.plus(hours))
    }

    /// From the first success on.
    fn all(&self) -> impl Iterator<Item = Hour> + use<> {
        let first = self.updated.iter().map(|(_, at)| *at).min().unwrap_or(self.passed_at);
        self.hours(Hour::from(first))
    }

    /// That nobody has seen who resumed.
    fn unseen(&self) -> impl Iterator<Item = Hour> + use<> {
        let resumed = self.resumed_at.map(Hour::from);
        self.all().filter(move |hour| resumed.is_none_or(|resumed| *hour >= resumed))
    }

    fn ran(&self, hour: Hour) -> impl Iterator<Item = EnvironmentId> {
        self.updated.iter().filter(move |(_, at)| *at <= hour.start()).map(|(environment, _)| *environment)
    }

    fn said(&self, hour: Hour, back: i64) -> impl Iterator<Item = &Said> {
        self.ran(hour).filter_map(move |environment| self.book.of(environment, hour.plus(-back)))
    }

    fn may_be_covered(&self, hour: Hour) -> bool {
        let expected = self.ran(hour).count();
        let heard = self.said(hour, 0).filter(|said| said.covered_most >= HEARD_SECONDS).count();
        expected > 0 && heard * 100 >= expected * usize::from(self.policy.coverage_percent_min)
    }

    fn usage_most(&self, hour: Hour) -> u64 {
        self.said(hour, 0).filter(|said| said.covered_most >= HEARD_SECONDS).map(|said| said.usage_most).sum()
    }

    fn usage_least(&self, hour: Hour) -> u64 {
        self.said(hour, 0).filter(|said| self.is_sure(said)).map(|said| said.usage_least).sum()
    }

    fn is_sure(&self, said: &Said) -> bool {
        said.sure.iter().any(|(at, _)| *at <= self.known_until)
    }

    fn errors_least(&self, hour: Hour) -> u64 {
        let sure = |said: &Said| {
            said.sure.iter().filter(|(at, _)| *at <= self.known_until).map(|(_, errors)| *errors).max().unwrap_or(0)
        };
        self.said(hour, 0).map(sure).sum()
    }

    /// The newest hour that can be judged at all, where it is silent for sure.
    fn silent(&self) -> Option<Hour> {
        let known = |said: &&Said| self.is_sure(said);
        let settled_by = self.passed_at - TimeDelta::minutes(self.policy.max_age_minutes.into());
        let minimum = u64::from(self.policy.silence_baseline_min);
        let mut hours: Vec<Hour> = self.all().collect();
        hours.reverse();
        for hour in hours {
            let baseline_least: u64 = self.said(hour, WEEK).filter(known).map(|said| said.usage_least).sum();
            let baseline_most: u64 = self.said(hour, WEEK).map(|said| said.usage_most).sum();
            let is_silent = self.usage_most(hour) * 100 < baseline_least * u64::from(self.policy.silence_percent);
            if is_silent && baseline_least >= minimum && hour.end() <= settled_by {
                return Some(hour);
            }
            if baseline_most >= minimum && !is_silent {
                return None;
            }
        }
        None
    }

    /// Where no hour has a week before to be compared with: the newest hour that is covered for sure, where neither it nor
    /// any later one can have been used.
    fn unused(&self) -> Option<Hour> {
        let minimum = u64::from(self.policy.silence_baseline_min);
        let baseline_most = |hour: Hour| self.said(hour, WEEK).map(|said| said.usage_most).sum::<u64>();
        if self.all().any(|hour| baseline_most(hour) >= minimum) {
            return None;
        }
        let newest = self.all().filter(|hour| self.is_surely_covered(*hour)).max()?;
        self.hours(newest).all(|hour| self.usage_most(hour) == 0).then_some(newest)
    }

    /// By what was taken long enough ago. Whatever is said covers three quarters of its hour or more.
    fn is_surely_covered(&self, hour: Hour) -> bool {
        let heard = self.said(hour, 0).filter(|said| self.is_sure(said)).count();
        let expected = self.ran(hour).count();
        expected > 0 && heard * 100 >= expected * usize::from(self.policy.coverage_percent_min)
    }
}

#[cfg(test)]
#[path = "watched_tests.rs"]
mod tests;

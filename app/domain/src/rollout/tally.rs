//! What a stage counts: its environments by state, and the evidence of its gate. Made of counts that a database can
//! maintain, of what runs, and of the few failures, so that judging a stage costs the same for a hundred environments
//! and a million.

use super::facts::{RolloutPolicy, UpdateFacts};
use super::report::StageCounts;
use super::state::UpdateState;
use crate::health::{ReportCounts, Settled, StageEvidence};
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an environment counts for in its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It neither is updated by this train nor was tried; or its owner takes it ahead, and no stage waits for it. A success
    /// in this part is one that is no more: what it brought does not run there any longer.
    Out,
    /// Aboard; its turn comes after the stage's own window.
    Later,
    /// Its turn falls into the stage's own window: the stage waits for it.
    Due,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Out, Self::Later, Self::Due];

    /// The form used in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Later => "later",
            Self::Due => "due",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// An update whose last attempt failed and that no later one mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    pub part: Part,
    pub state: UpdateStateWord,
    pub attempts: u8,
    /// When the attempt ended, and so at the latest when it started: the failure settles later than it could, which is
    /// sound (see `health::sequential`).
    pub at: DateTime<Utc>,
}

impl Failure {
    /// It is tried again just now: known as a failure until that attempt says otherwise.
    const fn is_running(&self) -> bool {
        matches!(self.state, UpdateStateWord::InProgress | UpdateStateWord::Verifying)
    }
}

/// Everything that one stage counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Its environments by part and state.
    pub groups: Vec<(Part, UpdateStateWord, u32)>,
    pub failures: Vec<Failure>,
    /// When those that run started.
    pub running: Vec<DateTime<Utc>>,
    /// Starts and ends of successes that started no earlier than the oldest of the rollout that runs. More do no harm.
    pub recent: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Successes before the last resume.
    pub succeeded_before: u32,
    /// Starts and ends of what owners took ahead of its night, with success: evidence of the test on failures alone.
    pub pulled: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Counted {
    /// Counts the updates of a stage one by one: what a database that maintains its counters must come to.
    pub fn of(updates: &[&UpdateFacts], resumed_at: Option<DateTime<Utc>>) -> Self {
        let mut counted = Self::default();
        for update in updates {
            counted.groups.push((update.part, update.state.word(), 1));
            if let Some(at) = update.unmended_failure() {
                let (part, state) = (update.part, update.state.word());
                counted.failures.push(Failure { part, state, attempts: update.attempts, at });
            }
            match update.state {
                UpdateState::InProgress { started_at, .. } | UpdateState::Verifying { started_at, .. } => {
                    counted.running.push(started_at);
                }
                UpdateState::Succeeded { started_at, finished_at, .. } => {
                    counted.recent.push((started_at, finished_at));
                    counted.succeeded_before += u32::from(resumed_at.is_some_and(|resumed| finished_at <= resumed));
                }
                UpdateState::AlreadySatisfied { since, pulled_at: Some(started_at), .. } => {
                    counted.pulled.push((started_at, since));
                }
                _ => {}
            }
        }
        counted
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageTally {
    pub counts: StageCounts,
    /// But for what only the rollout knows: how many stages it has, and what all of them reported.
    pub evidence: StageEvidence,
    /// Of the succeeded: a recovery, or somebody, took them back since. They prove nothing.
    pub taken_back: u32,
}

impl StageTally {
    /// `resumed_at` is when a person let the rollout go on, knowing what had failed until then. When the last needed
    /// success came is left open: see [`GatePolicy::needed`](crate::health::GatePolicy::needed).
    pub fn new(counted: &Counted, policy: &RolloutPolicy, resumed_at: Option<DateTime<Utc>>) -> (Self, Reports) {
        let mut counts = StageCounts::default();
        let mut of_part = [(0, 0); Part::ALL.len()];
        let mut taken_back = 0;
        for (part, word, count) in &counted.groups {
            counts.add_many(*word, *count);
            if (*part, *word) == (Part::Out, UpdateStateWord::Succeeded) {
                taken_back += count;
            }
            let (all, succeeded) = &mut of_part[*part as usize];
            *all += count;
            if *word == UpdateStateWord::Succeeded {
                *succeeded += count;
            }
        }
        // Silence is no health: where the window suits nobody, everybody aboard is waited for.
        let awaited = if of_part[Part::Due as usize].0 > 0 { Part::Due } else { Part::Later };
        let (waited_for, succeeded) = of_part[awaited as usize];
        // They had their turn, and it is lost: the stage is no smaller for it. Who resumed knew of it, as of a failure.
        let due = waited_for + taken_back;
        // What a person looked at before resuming does not halt again.
        let is_new = |at: DateTime<Utc>| resumed_at.is_none_or(|resumed| at > resumed);
        let (new, accepted): (Vec<Failure>, Vec<Failure>) =
            counted.failures.iter().copied().partition(|failure| is_new(failure.at));
        // Held is how an update stays that used its attempts.
        let is_used =
            |failure: &&Failure| failure.attempts >= policy.attempts_max || failure.state == UpdateStateWord::Held;
        let accepted = accepted.iter().filter(is_used).filter(|failure| failure.part == awaited).count();
        let accepted = number(accepted) + if resumed_at.is_some() { taken_back } else { 0 };
        let tried_again = new.iter().filter(|failure| failure.is_running()).count();
        let new_starts = |attempts: &[(DateTime<Utc>, DateTime<Utc>)]| -> Vec<DateTime<Utc>> {
            attempts.iter().filter(|(_, end)| is_new(*end)).map(|(start, _)| *start).collect()
        };
        let pulled = new_starts(&counted.pulled);
        let reports = Reports {
            succeeded: counts.succeeded.saturating_sub(counted.succeeded_before) + number(pulled.len()),
            recent: [new_starts(&counted.recent), pulled].concat(),
            failed: new.iter().map(|failure| failure.at).collect(),
            running: counts.running.saturating_sub(number(tried_again)),
            oldest: counted.running.iter().min().copied(),
        };
        let evidence = StageEvidence {
            due,
            accepted,
            succeeded,
            resumed_at,
            reports: reports.counts(),
            ..StageEvidence::default()
        };
        (Self { counts, evidence, taken_back }, reports)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What came of first attempts since the last resume, as far as the test on failures looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reports {
    succeeded: u32,
    recent: Vec<DateTime<Utc>>,
    failed: Vec<DateTime<Utc>>,
    running: u32,
    oldest: Option<DateTime<Utc>>,
}

impl Reports {
    /// Of several stages together.
    pub fn add(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.recent.extend(&other.recent);
        self.failed.extend(&other.failed);
        self.running += other.running;
        self.oldest = [self.oldest, other.oldest].into_iter().flatten().min();
    }

    pub fn counts(&self) -> ReportCounts {
        let is_settled = |at: &&DateTime<Utc>| self.oldest.is_none_or(|oldest| **at < oldest);
        let failed = number(self.failed.len());
        let settled_failed = number(self.failed.iter().filter(is_settled).count());
        let unsettled = number(self.recent.iter().filter(|at| !is_settled(at)).count());
        ReportCounts {
            reported: self.succeeded + failed,
            failed,
            running: self.running,
            settled: Settled {
                reported: self.succeeded.saturating_sub(unsettled) + settled_failed,
                failed: settled_failed,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Night;
    use crate::health::{Outcome, ReportCounts};
    use crate::ids::UpdateId;
    use proptest::prelude::*;

    fn at(minute: u16) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::from(minute) * 60, 0).unwrap()
    }

    proptest! {
        /// Counts of what was maintained are the counts over all attempts, for each stage and for all together.
        #[test]
        fn maintained_counts_are_counts_over_everything(
            stages in prop::collection::vec(prop::collection::vec((0_u16..200, 0_u8..3), 0..30), 1..4)
        ) {
            let outcome = |kind| [Outcome::Running, Outcome::Succeeded, Outcome::Failed][usize::from(kind)];
            let mut pooled = Reports::default();
            let mut everything = Vec::new();
            for stage in &stages {
                let attempts: Vec<_> = stage.iter().map(|(minute, kind)| (at(*minute), outcome(*kind))).collect();
                let of = |wanted| attempts.iter().filter(move |(_, outcome)| *outcome == wanted).map(|(at, _)| *at);
                let count = |wanted| number(of(wanted).count());
                let counted = Counted {
                    groups: vec![
                        (Part::Due, UpdateStateWord::Succeeded, count(Outcome::Succeeded)),
                        (Part::Due, UpdateStateWord::Verifying, count(Outcome::Running)),
                        (Part::Due, UpdateStateWord::Failed, count(Outcome::Failed)),
                    ],
                    failures: of(Outcome::Failed)
                        .map(|at| Failure { part: Part::Due, state: UpdateStateWord::Failed, attempts: 1, at })
                        .collect(),
                    running: of(Outcome::Running).collect(),
                    recent: of(Outcome::Succeeded).map(|start| (start, start)).collect(),
                    succeeded_before: 0,
                    pulled: Vec::new(),
                };
                let (tally, reports) = StageTally::new(&counted, &RolloutPolicy::DEFAULT, None);
                prop_assert_eq!(tally.evidence.reports, ReportCounts::of(&attempts));
                pooled.add(&reports);
                everything.extend(attempts);
            }
            prop_assert_eq!(pooled.counts(), ReportCounts::of(&everything));
        }
    }

    #[test]
    fn what_was_taken_ahead_counts_in_the_test_on_failures_alone() {
        let counted = Counted {
            groups: vec![
                (Part::Due, UpdateStateWord::Planned, 4),
                (Part::Out, UpdateStateWord::AlreadySatisfied, 3),
                (Part::Out, UpdateStateWord::Failed, 1),
                (Part::Out, UpdateStateWord::InProgress, 1),
            ],
            failures: vec![Failure { part: Part::Out, state: UpdateStateWord::Failed, attempts: 1, at: at(30) }],
            running: vec![at(25)],
            pulled: vec![(at(5), at(10)), (at(20), at(24)), (at(26), at(31))],
            ..Counted::default()
        };
        let (tally, reports) = StageTally::new(&counted, &RolloutPolicy::DEFAULT, Some(at(12)));
        assert_eq!((tally.evidence.due, tally.evidence.succeeded, tally.evidence.accepted), (4, 0, 0));
        let counts = reports.counts();
        assert_eq!((counts.reported, counts.failed, counts.running), (2 + 1, 1, 1), "one was before the resume");
        assert_eq!(counts.settled, Settled { reported: 1, failed: 0 }, "what started before the one that runs");
    }

    #[test]
    fn only_what_was_healthy_mends_a_failure() {
        let since = at(40);
        let of = |state: UpdateState| {
            let update = UpdateFacts {
                id: UpdateId::new(uuid::Uuid::nil()),
                stage: None,
                follows: None,
                state,
                attempts: 1,
                failed_at: Some(at(30)),
                reasons: Vec::new(),
                next: None,
                part: Part::Out,
                early: false,
                pull: None,
            };
            let failures = Counted::of(&[&update], None).failures;
            assert_eq!(failures.first().map(|failure| failure.at), update.unmended_failure());
            failures.len()
        };
        let satisfied = |pulled_at| UpdateState::AlreadySatisfied { since, cancelled: None, pulled_at };
        assert_eq!(of(satisfied(None)), 1, "that the build is there is no health");
        assert_eq!(of(satisfied(Some(at(35)))), 0);
        let night = Night { date: at(0).date_naive(), start: at(0), end: at(360) };
        assert_eq!(of(UpdateState::Succeeded { night, started_at: at(35), finished_at: since }), 0);
        assert_eq!(of(UpdateState::InProgress { night, started_at: at(35) }), 1);
    }

    #[test]
    fn what_was_taken_back_is_no_success_and_makes_no_stage_smaller() {
        let tally = |groups: Vec<_>, resumed_at| {
            let counted = Counted { groups, ..Counted::default() };
            StageTally::new(&counted, &RolloutPolicy::DEFAULT, resumed_at).0
        };
        let evidence = |tally: &StageTally| {
            let StageEvidence { due, succeeded, accepted, .. } = tally.evidence;
            (due, succeeded, accepted, tally.taken_back)
        };
        let (due, back) = ((Part::Due, UpdateStateWord::Succeeded, 6), (Part::Out, UpdateStateWord::Succeeded, 4));
        let part = tally(vec![due, back], None);
        assert_eq!((evidence(&part), part.counts.succeeded), ((10, 6, 0, 4), 10));
        assert_eq!(evidence(&tally(vec![due, back], Some(at(1)))), (10, 6, 4, 4), "who resumed knew of it");
        let all = tally(vec![back], Some(at(1)));
        assert_eq!(evidence(&all), (4, 0, 4, 4));
        let gate = RolloutPolicy::DEFAULT.gate;
        assert_eq!(gate.needed(4, 4), 2, "a build that most had to leave is not let on by resuming");
        let skipped = (Part::Out, UpdateStateWord::Skipped, 9);
        assert_eq!(evidence(&tally(vec![due, skipped], None)), (6, 6, 0, 0));
    }

    /// A stage waits for one part; what failed in the other makes it no smaller.
    #[test]
    fn only_failures_of_the_part_that_is_waited_for_are_accepted() {
        let failure = |part| Failure { part, state: UpdateStateWord::Held, attempts: 2, at: at(1) };
        let counted = Counted {
            groups: vec![
                (Part::Due, UpdateStateWord::Succeeded, 3),
                (Part::Due, UpdateStateWord::Held, 1),
                (Part::Later, UpdateStateWord::Held, 2),
            ],
            failures: vec![failure(Part::Due), failure(Part::Later), failure(Part::Later)],
            ..Counted::default()
        };
        let (tally, _) = StageTally::new(&counted, &RolloutPolicy::DEFAULT, Some(at(2)));
        assert_eq!((tally.evidence.due, tally.evidence.accepted), (4, 1));
    }

    #[test]
    fn a_resume_begins_the_count_anew() {
        let failure = |minute, state, attempts| Failure { part: Part::Due, state, attempts, at: at(minute) };
        let counted = Counted {
            groups: vec![
                (Part::Due, UpdateStateWord::Succeeded, 10),
                (Part::Due, UpdateStateWord::Held, 2),
                (Part::Due, UpdateStateWord::InProgress, 2),
                (Part::Out, UpdateStateWord::Skipped, 5),
            ],
            failures: vec![
                failure(10, UpdateStateWord::Held, 1),
                failure(20, UpdateStateWord::Held, 2),
                failure(30, UpdateStateWord::InProgress, 1),
            ],
            running: vec![at(31), at(32)],
            recent: vec![(at(33), at(34))],
            succeeded_before: 7,
            pulled: Vec::new(),
        };
        let (tally, _) = StageTally::new(&counted, &RolloutPolicy::DEFAULT, Some(at(15)));
        assert_eq!((tally.counts.total, tally.evidence.due, tally.evidence.succeeded), (19, 14, 10));
        assert_eq!(tally.evidence.accepted, 1, "what failed before the resume and is not tried again");
        let reports = tally.evidence.reports;
        assert_eq!(
            (reports.reported, reports.failed, reports.running),
            (3 + 2, 2, 1),
            "one of two that run failed before"
        );
        assert_eq!(reports.settled, Settled { reported: 2 + 2, failed: 2 });
    }
}

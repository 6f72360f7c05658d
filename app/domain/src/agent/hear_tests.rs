use super::*;
use crate::agent::CLOCK_SKEW_MAX;
use crate::calendar::Night;
use crate::rollout::EnvironmentReason;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeMap;

const OLD: BuildVersion = BuildVersion::new([10, 0, 2645, 136]);
const NEW: BuildVersion = BuildVersion::new([10, 0, 2645, 147]);
const LATER: BuildVersion = BuildVersion::new([10, 0, 2645, 150]);

fn start() -> DateTime<Utc> {
    "2026-10-09T22:30:00Z".parse().unwrap()
}

fn minute(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

fn night() -> Night {
    Night { date: "2026-10-10".parse().unwrap(), start: start(), end: start() + TimeDelta::hours(6) }
}

fn in_progress(started_at: DateTime<Utc>) -> UpdateState {
    UpdateState::InProgress { night: night(), started_at }
}

fn failed_as(reason: &str) -> Said {
    Said::Failed { reason: reason.into(), detail: None, running: None }
}

/// The part of a server that reports reach: one update, and what runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    state: UpdateState,
    attempts: u8,
    runs: Option<Runs>,
    runs_heard: Option<DateTime<Utc>>,
    /// The update failed, and nothing mended that.
    failed: bool,
    pull: Option<Booked>,
    ended: BTreeMap<u8, Ended>,
    closed: bool,
}

impl Server {
    fn begun() -> Self {
        Self {
            state: in_progress(start()),
            attempts: 1,
            runs: None,
            runs_heard: None,
            failed: false,
            pull: None,
            ended: BTreeMap::new(),
            closed: false,
        }
    }

    /// Everything arrives at one late instant: what differs then is the order alone.
    fn hear(&mut self, report: &Report) -> Outcome {
        self.hear_at(report, minute(3_000))
    }

    fn hear_at(&mut self, report: &Report, now: DateTime<Utc>) -> Outcome {
        let attempt = Attempt {
            state: self.state.clone(),
            attempts: self.attempts,
            begun: true,
            build: NEW,
            kind: RolloutKind::Forward,
            pull: self.pull.clone(),
            ended: report.attempt.and_then(|number| self.ended.get(&number).copied()),
            closed: self.closed,
        };
        let (runs, runs_heard) = (self.runs, self.runs_heard);
        let standing = Standing { update: Some(attempt), runs, runs_heard, registered: true };
        let heard = hear(&standing, report, now);
        self.failed |= matches!(heard.next, Some(UpdateState::Failed { .. }));
        self.failed &= !heard.mends;
        self.failed |= heard.fails_again;
        self.state = heard.next.unwrap_or_else(|| self.state.clone());
        self.runs_heard = heard.runs.map(|_| now).or(self.runs_heard);
        self.runs = heard.runs.or(self.runs);
        let is_kept = matches!(heard.outcome, Outcome::Accepted | Outcome::Late | Outcome::Known);
        if let (true, Some(number), Some(ended)) = (is_kept, report.attempt, report.ended()) {
            self.ended.entry(number).and_modify(|known| *known = ended.max(*known)).or_insert(ended);
        }
        heard.outcome
    }

    fn give_up(&mut self) {
        self.state = self.state.clone().fail("no report for 6 hours".into(), minute(400)).unwrap();
        self.failed = true;
    }

    /// The next attempt begins; one of which nothing was heard is given up before.
    fn next_attempt(&mut self) {
        if self.state.is_running() {
            self.give_up();
        }
        self.state = in_progress(minute(1_440));
        self.attempts += 1;
    }
}

/// What really happened in one attempt, in the agent's own order.
#[derive(Debug, Clone, Copy)]
enum Course {
    Healthy,
    FailedAtOnce,
    FailedAfterApplied,
    /// Its agent rolled back by itself.
    FailedAfterHealthy,
    /// It looked failed at first.
    HealthyAfterFailed,
}

fn course() -> impl Strategy<Value = Course> {
    use Course::{FailedAfterApplied, FailedAfterHealthy, FailedAtOnce, Healthy, HealthyAfterFailed};
    prop::sample::select(vec![Healthy, FailedAtOnce, FailedAfterApplied, FailedAfterHealthy, HealthyAfterFailed])
}

fn reports(attempt: u8, course: Course) -> Vec<Report> {
    let said = match course {
        Course::Healthy => vec![Said::Begun, Said::Applied, Said::Healthy],
        Course::FailedAtOnce => vec![Said::Begun, failed_as("disk full")],
        Course::FailedAfterApplied => vec![Said::Begun, Said::Applied, failed_as("sign-in answers 503")],
        Course::FailedAfterHealthy => {
            let back = Said::Failed { reason: "rolled back".into(), detail: None, running: Some(OLD) };
            vec![Said::Begun, Said::Applied, Said::Healthy, back]
        }
        Course::HealthyAfterFailed => {
            vec![Said::Begun, Said::Applied, failed_as("sign-in answers 503"), Said::Healthy]
        }
    };
    let first = i64::from(attempt - 1) * 1_440;
    let dated = |(number, said): (usize, Said)| Report {
        at: minute(first + 5 + 20 * i64::try_from(number).unwrap()),
        sequence: u64::from(attempt) * 10 + number as u64,
        attempt: Some(attempt),
        said,
    };
    said.into_iter().enumerate().map(dated).collect()
}

/// Silent changes that the agent noticed, two of them at one instant.
fn changes() -> Vec<Report> {
    [(1, 10, OLD), (2, 2_000, NEW), (3, 2_000, LATER)]
        .map(|(sequence, at, build)| Report {
            at: minute(at),
            sequence,
            attempt: None,
            said: Said::RunningVersion { build },
        })
        .to_vec()
}

/// Each report once or more, in any order.
fn delivered(reports: Vec<Report>) -> impl Strategy<Value = Vec<Report>> {
    let copies = proptest::collection::vec(1..4_usize, reports.len());
    copies
        .prop_map(move |copies| {
            reports.iter().zip(copies).flat_map(|(report, n)| std::iter::repeat_n(report.clone(), n)).collect()
        })
        .prop_shuffle()
}

proptest! {
    #[test]
    fn one_attempt_ends_the_same_in_whatever_order_it_is_told(
        (course, told) in course().prop_flat_map(|course| {
            let all = [reports(1, course), changes()].concat();
            (Just(course), delivered(all))
        })
    ) {
        let mut truth = Server::begun();
        for report in [reports(1, course), changes()].concat() {
            truth.hear(&report);
        }
        let mut server = Server::begun();
        for report in &told {
            server.hear(report);
        }
        prop_assert_eq!(&server, &truth);
        prop_assert_eq!(server.runs.map(|runs| runs.build), Some(LATER));
    }

    /// Anything of the first attempt may come after the second was begun; some of it may never have come before.
    #[test]
    fn what_comes_of_an_earlier_attempt_changes_nothing(
        first in prop_oneof![Just(Course::FailedAtOnce), Just(Course::FailedAfterApplied)],
        second in course(),
        cut in 0..4_usize,
        told in delivered(reports(1, Course::FailedAfterApplied)),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut server = Server::begun();
        for report in reports(1, first).iter().take(cut) {
            server.hear(report);
        }
        server.next_attempt();
        let mut truth = server.clone();
        for report in reports(2, second) {
            truth.hear(&report);
        }
        // The rest of the first, interleaved with the second told backwards.
        let mut all: Vec<Report> = reports(2, second).into_iter().rev().collect();
        for late in told {
            all.insert(seed.index(all.len() + 1), late);
        }
        for report in &all {
            server.hear(report);
        }
        prop_assert_eq!((server.state, server.runs, server.attempts), (truth.state, truth.runs, truth.attempts));
    }

    /// Total: no state and no report make it break. Only the begun attempt that runs moves, and the one that ended otherwise
    /// than its agent said before.
    #[test]
    fn only_the_begun_attempt_that_runs_or_is_taken_back_moves(
        state in 0..9_usize, said in 0..5_usize, number in proptest::option::of(0..4_u8), attempts in 0..4_u8,
        begun: bool, ended in proptest::option::of(prop_oneof![Just(Ending::Healthy), Just(Ending::Failed)]),
        at in -5_000..5_000_i64, closed: bool,
    ) {
        let reason = EnvironmentReason::NotStarted;
        let running = in_progress(start());
        let verifying = running.clone().applied(minute(20)).unwrap();
        let states = [
            UpdateState::Planned,
            UpdateState::Announced { night: night(), announced_at: start(), moved: None },
            running.clone(),
            verifying.clone(),
            verifying.confirm(minute(30)).unwrap(),
            running.fail("disk full".into(), minute(30)).unwrap(),
            UpdateState::AlreadySatisfied { since: start(), cancelled: None, pulled_at: None },
            UpdateState::Skipped { reason: reason.clone(), cancelled: None },
            UpdateState::Held { reason, cancelled: None },
        ];
        let kinds = [Said::Begun, Said::Applied, Said::Healthy, failed_as("x"), Said::RunningVersion { build: LATER }];
        let number_of_state = state;
        let state = states[state].clone();
        let report = Report { at: minute(at), sequence: 1, attempt: number, said: kinds[said].clone() };
        let kind = RolloutKind::Forward;
        let ended = ended.map(|how| Ended { at: minute(100), sequence: 9, how });
        let attempt = Attempt { state: state.clone(), attempts, begun, build: NEW, kind, pull: None, ended, closed };
        let standing = Standing { update: Some(attempt), runs: None, runs_heard: None, registered: true };
        let heard = hear(&standing, &report, minute(3_000));
        let current = number == Some(attempts) && attempts > 0;
        let is_otherwise = report.ended().zip(ended).is_some_and(|(said, known)| said.how != known.how && said > known);
        let given_up = ended.is_none() && number_of_state == 5 && report.ended().is_some();
        let taken_back = !closed && (given_up || is_otherwise && (4..6).contains(&number_of_state));
        if let Some(next) = heard.next {
            prop_assert!(current && (begun && state.is_running() || taken_back) && next != state);
            prop_assert_eq!(heard.outcome, Outcome::Accepted);
        }
    }
}

fn at(at: i64, sequence: u64, said: Said) -> Report {
    Report { at: minute(at), sequence, attempt: Some(1), said }
}

fn report(attempt: u8, said: Said) -> Report {
    Report { at: minute(25), sequence: 1, attempt: Some(attempt), said }
}

#[test]
fn what_overtakes_says_it_all() {
    let mut server = Server::begun();
    let told = reports(1, Course::Healthy);
    let outcomes: Vec<Outcome> = told.iter().rev().map(|report| server.hear(report)).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Late, Outcome::Late]);
    let UpdateState::Succeeded { started_at, finished_at, .. } = server.state else { panic!("{:?}", server.state) };
    assert_eq!((started_at, finished_at), (start(), minute(45)), "dated by the agent's clock");
    assert_eq!(server.runs.map(|runs| runs.build), Some(NEW));
}

/// Of the replaced night, or of none: satisfied when the push comes, and none of its successes.
#[test]
fn what_its_owner_took_ahead_is_no_success_of_the_push() {
    let own = Night { date: "2026-10-13".parse().unwrap(), ..night() };
    let announced = UpdateState::Announced { night: own, announced_at: start(), moved: None };
    for (before, cancelled) in [(announced, Some(own)), (UpdateState::Planned, None)] {
        let by = crate::people::samples::person(1);
        for told in [reports(1, Course::Healthy), reports(1, Course::Healthy).into_iter().rev().collect()] {
            let pull = Some(Booked::new(by.clone(), start(), before.clone(), night()));
            let mut server = Server { pull, ..Server::begun() };
            assert!(told.iter().filter(|report| server.hear(report) == Outcome::Accepted).count() > 0);
            let (since, pulled_at) = (minute(45), Some(start()));
            assert_eq!(server.state, UpdateState::AlreadySatisfied { since, cancelled, pulled_at });
            assert_eq!(server.runs.map(|runs| runs.build), Some(NEW));
        }
        // Rolled back by itself: failed, in whatever order that is heard.
        let told = reports(1, Course::FailedAfterHealthy);
        for told in [told.clone(), told.into_iter().rev().collect()] {
            let pull = Some(Booked::new(by.clone(), start(), before.clone(), night()));
            let mut server = Server { pull, ..Server::begun() };
            for report in &told {
                server.hear(report);
            }
            let UpdateState::Failed { night: tried, started_at, .. } = server.state else {
                panic!("{:?}", server.state)
            };
            assert!((tried, started_at) == (night(), start()) && server.failed);
        }
    }
}

#[test]
fn a_late_failure_of_an_earlier_attempt_is_kept_and_moves_nothing() {
    let mut server = Server::begun();
    server.next_attempt();
    let before = server.state.clone();
    assert_eq!(server.hear(&report(1, failed_as("disk full"))), Outcome::Late);
    assert_eq!(server.hear(&report(1, failed_as("disk full"))), Outcome::Known);
    assert_eq!(server.state, before);
}

#[test]
fn a_late_success_of_an_attempt_that_was_given_up_tells_what_runs() {
    let mut server = Server::begun();
    server.give_up();
    assert_eq!(server.hear(&report(1, Said::Healthy)), Outcome::Accepted);
    assert!(matches!(server.state, UpdateState::Succeeded { .. }));
    assert_eq!(server.runs.map(|runs| runs.build), Some(NEW));
    assert!(!server.failed, "and that it was given up is mended");
}

/// Nobody looked since it was given up, or it is to be tried again, or it is: what it ended with is one thing.
#[test]
fn an_attempt_that_was_given_up_ends_the_same_in_whatever_order_it_is_told() {
    let settings: [fn(&mut Server); 3] = [
        Server::give_up,
        |server| {
            server.give_up();
            server.state = server.state.clone().retry(night(), minute(500)).unwrap();
        },
        Server::next_attempt,
    ];
    for course in [Course::FailedAfterHealthy, Course::HealthyAfterFailed] {
        for prepare in settings {
            let mut ends = Vec::new();
            for backwards in [false, true] {
                let mut told = reports(1, course);
                if backwards {
                    told.reverse();
                }
                let mut server = Server::begun();
                prepare(&mut server);
                for report in &told {
                    server.hear(report);
                }
                assert_eq!(server.failed, matches!(course, Course::FailedAfterHealthy), "{course:?} {server:?}");
                ends.push((server.state, server.failed, server.runs));
            }
            assert_eq!(ends[0], ends[1], "{course:?}");
        }
    }
}

#[test]
fn of_two_endings_the_later_one_holds_whichever_is_heard_first() {
    for (first, second) in [(Said::Healthy, failed_as("x")), (failed_as("x"), Said::Healthy)] {
        let (first, second) = (at(30, 3, first), at(40, 4, second));
        let mut truth = Server::begun();
        assert_eq!(
            [&first, &first, &second].map(|said| truth.hear(said)),
            [Outcome::Accepted, Outcome::Known, Outcome::Accepted]
        );
        assert_eq!(truth.failed, matches!(truth.state, UpdateState::Failed { .. }));
        let mut server = Server::begun();
        assert_eq!(
            [&second, &first, &second].map(|said| server.hear(said)),
            [Outcome::Accepted, Outcome::Late, Outcome::Known]
        );
        assert_eq!(server.state.word(), truth.state.word());
        assert_eq!((server.failed, server.runs), (truth.failed, truth.runs));
        // Of one instant and number: the failure.
        let mut server = Server::begun();
        server.hear(&at(30, 3, failed_as("x")));
        server.hear(&at(30, 3, Said::Healthy));
        assert!(matches!(server.state, UpdateState::Failed { .. }) && server.failed);
    }
}

/// Whoever asked when the rollout was completed was told; what runs there is told all the same.
#[test]
fn an_ending_is_not_taken_back_once_its_rollout_is_completed() {
    let mut server = Server::begun();
    server.hear(&at(30, 3, Said::Healthy));
    server.closed = true;
    let back = Said::Failed { reason: "rolled back".into(), detail: None, running: Some(OLD) };
    assert_eq!(server.hear(&at(40, 4, back)), Outcome::Late);
    assert!(matches!(server.state, UpdateState::Succeeded { .. }) && !server.failed);
    assert_eq!(server.runs.map(|runs| runs.build), Some(OLD));
}

#[test]
fn an_attempt_that_was_never_begun_contradicts() {
    let mut server = Server::begun();
    for number in [0, 2, 255] {
        for said in [Said::Applied, Said::Healthy] {
            assert_eq!(server.hear(&report(number, said)), Outcome::Contradictory);
            assert_eq!((server.runs, server.failed), (None, false), "and nobody learns what runs");
        }
    }
    let (state, kind) = (in_progress(start()), RolloutKind::Forward);
    let attempt =
        Attempt { state, attempts: 1, begun: false, build: NEW, kind, pull: None, ended: None, closed: false };
    let standing = Standing { update: Some(attempt), runs: None, runs_heard: None, registered: true };
    for said in [Said::Applied, Said::Healthy] {
        let heard = hear(&standing, &report(1, said), minute(30));
        assert_eq!(
            heard,
            Heard { outcome: Outcome::Contradictory, next: None, runs: None, mends: false, fails_again: false }
        );
    }
}

#[test]
fn a_running_version_is_what_runs_whoever_brought_it() {
    let claim = |minutes, sequence, build| Report {
        at: minute(minutes),
        sequence,
        attempt: None,
        said: Said::RunningVersion { build },
    };
    let none = Standing { update: None, runs: None, runs_heard: None, registered: true };
    let first = hear(&none, &claim(10, 1, NEW), minute(20));
    assert_eq!((first.outcome, first.next.clone()), (Outcome::Accepted, None));
    let known = Standing { runs: first.runs, ..none.clone() };
    let outcome = |standing: &Standing, report| hear(standing, &report, minute(20)).outcome;
    assert_eq!(outcome(&known, claim(10, 1, NEW)), Outcome::Known);
    assert_eq!(outcome(&known, claim(12, 2, NEW)), Outcome::Known);
    assert_eq!(outcome(&known, claim(5, 9, OLD)), Outcome::Late);
    assert_eq!(outcome(&known, claim(12, 2, OLD)), Outcome::Accepted, "it went back, and we say so");
    let unregistered = Standing { registered: false, ..none };
    let heard = hear(&unregistered, &claim(10, 1, LATER), minute(20));
    assert_eq!((heard.outcome, heard.runs.map(|runs| runs.build)), (Outcome::UnknownVersion, Some(LATER)));
    assert_eq!(outcome(&unregistered, report(1, Said::Applied)), Outcome::Contradictory, "of no order");
}

#[test]
fn a_failure_is_dated_when_it_is_learnt_and_nothing_before_the_start_or_after_now() {
    let mut server = Server::begun();
    server.hear(&report(1, failed_as("disk full")));
    assert!(matches!(server.state, UpdateState::Failed { failed_at, .. } if failed_at == minute(3_000)));
    let finished = |at: DateTime<Utc>| {
        let mut server = Server::begun();
        server.hear(&Report { at, ..report(1, Said::Healthy) });
        match server.state {
            UpdateState::Succeeded { finished_at, .. } => finished_at,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(finished(minute(-60)), start());
    assert_eq!(finished(minute(3_002)), minute(3_000));
}

#[test]
fn only_what_has_not_happened_yet_is_refused() {
    let of = |at| Report { at, ..report(1, Said::Begun) };
    assert_eq!(of(minute(-500_000)).check(minute(0)), Ok(()));
    assert_eq!(of(minute(0) + CLOCK_SKEW_MAX).check(minute(0)), Ok(()));
    let ahead = of(minute(0) + CLOCK_SKEW_MAX + TimeDelta::seconds(1)).check(minute(0)).unwrap_err();
    assert!(ahead.to_string().contains("more than 5 minutes ahead of the server's clock"), "{ahead}");
}

#[path = "hear_again_tests.rs"]
mod again;

#[test]
fn every_outcome_has_its_word() {
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::from_key(outcome.key()), Some(outcome));
        assert!(outcome.sentence().ends_with('.'));
    }
}

//! Clocks that are wrong, ways back, and what mends a failure.

use super::*;

fn seen(at: i64, sequence: u64, build: BuildVersion) -> Report {
    Report { at: minute(at), sequence, attempt: None, said: Said::RunningVersion { build } }
}

fn failed_with(running: BuildVersion) -> Said {
    Said::Failed { reason: "sign-in answers 503".into(), detail: None, running: Some(running) }
}

/// Each copy of a report with the minute in which it arrives: when it was so, or up to a day later.
fn told_with_delays(reports: Vec<(i64, Report)>) -> impl Strategy<Value = Vec<(i64, Report)>> {
    let delays = proptest::collection::vec(proptest::collection::vec(0..1_440_i64, 1..4), reports.len());
    delays.prop_map(move |delays| {
        let copies = |((so, report), delays): (&(i64, Report), Vec<i64>)| {
            delays.into_iter().map(|delay| (so + delay, report.clone())).collect::<Vec<_>>()
        };
        let mut told: Vec<(i64, Report)> = reports.iter().zip(delays).flat_map(copies).collect();
        told.sort_by_key(|(arrives, _)| *arrives);
        told
    })
}

/// All that is said of one attempt and around it, by a clock that is so much ahead, with the minutes in which it was so.
fn said_by_a_clock(skew: i64, course: Course) -> Vec<(i64, Report)> {
    let around =
        [seen(-3, 1, OLD), seen(3, 2, OLD), seen(2_000, 30, NEW), seen(2_000, 31, LATER), seen(2_002, 32, NEW)];
    let mut all: Vec<(i64, Report)> = [reports(1, course), around.to_vec()]
        .concat()
        .into_iter()
        .map(|report| ((report.at - start()).num_minutes(), report))
        .collect();
    for (_, report) in &mut all {
        report.at += TimeDelta::minutes(skew);
    }
    all.sort_by_key(|(so, report)| (*so, report.sequence));
    all
}

proptest! {
    /// What runs, and how the attempt ended, is a matter of what was said and not of when it came.
    #[test]
    fn a_wrong_clock_and_late_copies_end_the_same(
        (skew, course, told) in (-60..=5_i64, course()).prop_flat_map(|(skew, course)| {
            (Just(skew), Just(course), told_with_delays(said_by_a_clock(skew, course)))
        })
    ) {
        let mut truth = Server::begun();
        for (so, report) in said_by_a_clock(skew, course) {
            prop_assert_eq!(report.check(minute(so)), Ok(()));
            truth.hear_at(&report, minute(so));
        }
        let mut server = Server::begun();
        for (arrives, report) in &told {
            server.hear_at(report, minute(*arrives));
        }
        prop_assert_eq!(server.state.word(), truth.state.word());
        prop_assert_eq!((server.runs, server.failed), (truth.runs, truth.failed));
        prop_assert_eq!(server.runs.map(|runs| runs.build), Some(NEW), "said last");
    }
}

/// Four minutes ahead, two words within them, and the older one comes last.
#[test]
fn a_clock_that_is_ahead_leaves_words_in_their_order() {
    let mut server = Server::begun();
    assert_eq!(server.hear_at(&seen(54, 2, LATER), minute(50)), Outcome::Accepted);
    assert_eq!(server.hear_at(&seen(53, 1, OLD), minute(51)), Outcome::Late);
    assert_eq!(server.runs.map(|runs| runs.build), Some(LATER));
}

/// Ten minutes after it was healthy the build that is taken back was seen, and that was heard first.
#[test]
fn healthy_before_the_bad_build_was_seen_is_no_success_of_a_way_back() {
    for kind in [RolloutKind::Back { from: LATER }, RolloutKind::Redeploy { from: LATER }] {
        let outcome = |runs, at| {
            let runs = Some(Runs { at: minute(at), sequence: 9, build: runs });
            let state = in_progress(start());
            let attempt =
                Attempt { state, attempts: 1, begun: true, build: NEW, kind, pull: None, ended: None, closed: false };
            let standing = Standing { update: Some(attempt), runs, runs_heard: Some(minute(at)), registered: true };
            let heard = hear(&standing, &report(1, Said::Healthy), minute(60));
            (heard.outcome, heard.next.is_some(), heard.mends)
        };
        assert_eq!(outcome(LATER, 35), (Outcome::Contradictory, false, false), "{kind:?}");
        assert_eq!(outcome(LATER, 20), (Outcome::Accepted, true, true), "{kind:?}: it was left since");
        assert_eq!(outcome(OLD, 35), (Outcome::Accepted, true, true), "{kind:?}: that one is left, too");
    }
}

/// A failure is a failure whatever runs: also where an earlier build was seen since.
#[test]
fn a_failure_that_leaves_the_new_build_there_is_one() {
    for first in [None, Some(seen(30, 9, OLD))] {
        let mut server = Server::begun();
        if let Some(report) = &first {
            server.hear(report);
        }
        assert_eq!(server.hear(&report(1, failed_with(NEW))), Outcome::Accepted);
        assert!(matches!(server.state, UpdateState::Failed { .. }) && server.failed);
        assert_eq!(server.runs.map(|runs| runs.build), Some(if first.is_some() { OLD } else { NEW }));
        server.hear(&seen(90, 10, NEW));
        assert!(server.failed, "that it runs is no health");
        assert_eq!(server.hear(&report(1, Said::Healthy)), Outcome::Late);
        assert!(server.failed, "its agent said that it failed, and nothing later");
    }
}

#[test]
fn only_healthy_of_what_failed_last_mends_it() {
    // Given up, and a second attempt runs: the first was healthy after all.
    let mut server = Server::begun();
    server.next_attempt();
    assert!(server.failed);
    assert_eq!(server.hear(&report(1, Said::Healthy)), Outcome::Late);
    assert!(!server.failed && server.state.is_running());
    // The second failed since: that the first was healthy says nothing of it.
    let mut server = Server::begun();
    server.next_attempt();
    let second = Report { at: minute(1_460), sequence: 5, ..report(2, failed_with(OLD)) };
    assert_eq!(server.hear(&second), Outcome::Accepted);
    assert_eq!(server.hear(&report(1, Said::Healthy)), Outcome::Late);
    assert!(server.failed);
    // Healthy, and an earlier build was seen since.
    let mut server = Server::begun();
    server.give_up();
    server.hear(&seen(30, 9, OLD));
    assert_eq!(server.hear(&report(1, Said::Healthy)), Outcome::Contradictory);
    assert!(server.failed);
}

/// Five minutes after it was healthy there an earlier build was seen, and that was heard first.
#[test]
fn healthy_before_an_earlier_build_was_seen_is_no_success() {
    let mut server = Server::begun();
    server.hear(&seen(30, 9, OLD));
    let late = report(1, Said::Healthy);
    assert_eq!(server.hear(&late), Outcome::Contradictory);
    assert!(server.state.is_running(), "{:?}", server.state);
    assert_eq!(server.runs.map(|runs| runs.build), Some(OLD));
    for (at, build) in [(20, OLD), (30, NEW), (30, LATER)] {
        let mut server = Server::begun();
        server.hear(&seen(at, 9, build));
        assert_eq!(server.hear(&late), Outcome::Accepted, "{at} {build}");
    }
}

/// An hour behind now, or ahead when the old build was seen and right since.
#[test]
fn a_clock_that_goes_back_makes_no_true_success_contradict() {
    let none = Standing { update: None, runs: None, runs_heard: None, registered: true };
    for (seen_at, healthy_at) in [(-1, -50), (4, 2)] {
        let before = hear(&none, &seen(seen_at, 1, OLD), minute(-1));
        let mut server = Server { runs: before.runs, runs_heard: Some(minute(-1)), ..Server::begun() };
        let healthy = Report { at: minute(healthy_at), sequence: 2, ..report(1, Said::Healthy) };
        assert_eq!(server.hear(&healthy), Outcome::Accepted, "seen {seen_at}, healthy {healthy_at}");
        assert!(matches!(server.state, UpdateState::Succeeded { .. }), "{:?}", server.state);
        assert_eq!(server.runs.map(|runs| runs.build), Some(NEW));
        // What is seen after it began still counts: it went back.
        let mut server = Server { runs: before.runs, runs_heard: Some(minute(-1)), ..Server::begun() };
        server.hear(&seen(10, 3, OLD));
        assert_eq!(server.hear(&healthy), Outcome::Contradictory, "seen {seen_at}, healthy {healthy_at}");
    }
}

/// A second attempt began: what is late of the first is not of now.
#[test]
fn a_late_word_of_an_earlier_attempt_is_no_younger_for_the_next_one() {
    let mut server = Server::begun();
    server.next_attempt();
    server.hear(&seen(1_000, 9, OLD));
    server.hear(&report(1, Said::Healthy));
    assert_eq!(server.runs.map(|runs| runs.build), Some(OLD));
}

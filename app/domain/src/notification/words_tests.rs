use super::*;
use crate::calendar::StageWindow;
use crate::clockface::UtcClockface;
use crate::fleet::{Audience, StageKey, StationNumber};
use crate::notification::HaltOf;
use crate::rollout::report::WaitingOn;
use insta::assert_snapshot;
use std::fmt::Write;
use uuid::Uuid;

fn subject(name: &str, kind: EnvironmentKind) -> Subject {
    let id = name.bytes().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
    Subject { environment: EnvironmentId::new(Uuid::from_u128(id)), name: name.into(), kind }
}

fn uat() -> Subject {
    subject("UAT", EnvironmentKind::Sandbox)
}

fn prod() -> Subject {
    subject("PROD", EnvironmentKind::Production)
}

/// The dark hours of Europe on a published date.
fn night(date: &str) -> Night {
    let date: chrono::NaiveDate = date.parse().unwrap();
    let start = date.and_hms_opt(0, 0, 0).unwrap().and_utc() - chrono::TimeDelta::hours(2);
    Night { date, start, end: start + chrono::TimeDelta::hours(6) }
}

fn window(station: u8, audience: Audience, first: &str, last: &str) -> StageWindow {
    StageWindow {
        stage: StageKey { station: StationNumber(station), audience },
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
    }
}

fn written(event: NotificationEvent) -> String {
    let payload = NotificationPayload {
        train: "10.0.48 PQU-7".parse().unwrap(),
        build: "10.0.2645.147".parse().unwrap(),
        returns_from: None,
        event,
    };
    let letter = letter(&payload, &UtcClockface);
    let mut text =
        format!("{}\n{}\n\n{}\n{}\n{}\n", letter.title, letter.summary, letter.what, letter.meaning, letter.action);
    for (label, value) in letter.facts {
        write!(text, "\n{label}: {value}").unwrap();
    }
    text
}

#[test]
fn scheduled() {
    assert_snapshot!(written(NotificationEvent::Scheduled {
        places: vec![
            ScheduledPlace { subject: uat(), window: window(4, Audience::Sandbox, "2026-10-12", "2026-10-15") },
            ScheduledPlace { subject: prod(), window: window(4, Audience::Production, "2026-10-17", "2026-10-18") },
        ],
        left_out: vec![(
            subject("LAB", EnvironmentKind::Sandbox),
            EnvironmentReason::NoStation { region: "Sweden Central".into() },
        )],
        announce_ahead_days: 6,
    }), @r"
    10.0.48 PQU-7 is scheduled for 12–18 Oct 2026
    10.0.48 PQU-7 · 2 of your environments are on this train; 1 is left out.

    The rollout of 10.0.48 PQU-7, build 10.0.2645.147, began. It goes through the stations in order, sandboxes before production.
    Each environment has a window of days. Its night is chosen about 6 days ahead and announced in a message of its own.
    Look at what is left out and why. The rest needs nothing from you.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    UAT: 12–15 Oct 2026, Station 4 · Sandbox
    PROD: 17–18 Oct 2026, Station 4 · Production
    LAB: Left out. Sweden Central belongs to no station; the operator has to map it
    ");
}

#[test]
fn scheduled_for_nobody() {
    assert_snapshot!(written(NotificationEvent::Scheduled {
        places: vec![],
        left_out: vec![(prod(), EnvironmentReason::PriorityBatchOff)],
        announce_ahead_days: 6,
    }), @r"
    10.0.48 PQU-7 passes your environments by
    10.0.48 PQU-7 · none of your environments is on this train; 1 is left out.

    The rollout of 10.0.48 PQU-7, build 10.0.2645.147, began. It goes through the stations in order, sandboxes before production.
    No environment of yours is updated by this train, for the reasons below.
    Look at what is left out and why. The rest needs nothing from you.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    PROD: Left out. Priority-based batch scheduling is off; switch it on and production takes part again
    ");
}

#[test]
fn announced() {
    assert_snapshot!(written(NotificationEvent::Announced {
        subject: uat(),
        night: night("2026-10-14"),
        declared_minutes: 90,
        reasons: vec![
            EnvironmentReason::StageTurn { window: window(4, Audience::Sandbox, "2026-10-12", "2026-10-15") },
            EnvironmentReason::KeepsGapForProduction { production: prod().environment, days: 5 },
        ],
    }), @r"
    UAT is updated on Tue 13 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · about 30 minutes of outage, within this night.

    The night of UAT for 10.0.48 PQU-7 is chosen: Tue 13 Oct 2026, 22:00–04:00 UTC.
    About 30 minutes without UAT. The update starts within this night and takes at most 90 minutes.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Night: Tue 13 Oct 2026, 22:00–04:00 UTC
    Why then: Station 4 · Sandbox takes 12–15 Oct 2026
    Why then: The night was chosen so that your production environment keeps its 5 days
    ");
}

#[test]
fn announced_for_production() {
    assert_snapshot!(written(NotificationEvent::Announced {
        subject: prod(),
        night: night("2026-10-17"),
        declared_minutes: 90,
        reasons: vec![EnvironmentReason::WeekendOnly],
    }), @r"
    PROD is updated on Fri 16 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · near-zero downtime, within this night.

    The night of PROD for 10.0.48 PQU-7 is chosen: Fri 16 Oct 2026, 22:00–04:00 UTC.
    Near-zero downtime: a session may be interrupted for less than a minute. The update starts within this night and takes at most 90 minutes.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Night: Fri 16 Oct 2026, 22:00–04:00 UTC
    Why then: Production and premium sandboxes are updated on weekends
    ");
}

#[test]
fn moved() {
    assert_snapshot!(written(NotificationEvent::Moved {
        subject: prod(),
        from: night("2026-10-10"),
        to: night("2026-10-17"),
        reason: MoveReason::GapToSandbox { sandbox_date: "2026-10-12".parse().unwrap(), days: 5 },
    }), @r"
    PROD moves to Fri 16 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · was Fri 9 Oct 2026, 22:00–04:00 UTC: its sandbox is updated on the night of Mon 12 Oct 2026, and production keeps 5 days.

    The update of PROD moved from Fri 9 Oct 2026, 22:00–04:00 UTC to Fri 16 Oct 2026, 22:00–04:00 UTC.
    The reason: its sandbox is updated on the night of Mon 12 Oct 2026, and production keeps 5 days.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    New night: Fri 16 Oct 2026, 22:00–04:00 UTC
    Old night: Fri 9 Oct 2026, 22:00–04:00 UTC
    ");
}

#[test]
fn moved_after_a_failure() {
    assert_snapshot!(written(NotificationEvent::Moved {
        subject: uat(),
        from: night("2026-10-12"),
        to: night("2026-10-14"),
        reason: MoveReason::AttemptFailed { error: "disk full".into() },
    }), @r"
    UAT moves to Tue 13 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · was Sun 11 Oct 2026, 22:00–04:00 UTC: an attempt failed: disk full.

    The update of UAT moved from Sun 11 Oct 2026, 22:00–04:00 UTC to Tue 13 Oct 2026, 22:00–04:00 UTC.
    The reason: an attempt failed: disk full.
    Nothing for you to do. If it fails again, support can help.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    New night: Tue 13 Oct 2026, 22:00–04:00 UTC
    Old night: Sun 11 Oct 2026, 22:00–04:00 UTC
    ");
}

#[test]
fn moved_because_a_stage_is_closed() {
    let stage = StageKey { station: StationNumber(4), audience: Audience::Production };
    assert_snapshot!(written(NotificationEvent::Moved {
        subject: prod(),
        from: night("2026-10-10"),
        to: night("2026-10-17"),
        reason: MoveReason::StageClosed {
            stage,
            on: Some(Box::new(WaitingOn::Approval { station: StationNumber(4) })),
        },
    }), @r"
    PROD moves to Fri 16 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · was Fri 9 Oct 2026, 22:00–04:00 UTC: Station 4 · Production was not open: waits for the approval of station 4.

    The update of PROD moved from Fri 9 Oct 2026, 22:00–04:00 UTC to Fri 16 Oct 2026, 22:00–04:00 UTC.
    The reason: Station 4 · Production was not open: waits for the approval of station 4.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    New night: Fri 16 Oct 2026, 22:00–04:00 UTC
    Old night: Fri 9 Oct 2026, 22:00–04:00 UTC
    ");
}

#[test]
fn delivered() {
    assert_snapshot!(written(NotificationEvent::Delivered { subject: uat(), night: night("2026-10-14"), minutes: 21, replaces: None }), @r"
    UAT was updated to 10.0.2645.147
    10.0.48 PQU-7 · took 21 minutes, healthy afterwards.

    UAT was updated to build 10.0.2645.147 in 21 minutes.
    Its health was confirmed after the update.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Night: Tue 13 Oct 2026, 22:00–04:00 UTC
    Took: 21 minutes
    ");
}

#[test]
fn delivered_ahead_of_its_night() {
    let replaces = Some(night("2026-10-17"));
    let event = NotificationEvent::Delivered { subject: uat(), night: night("2026-10-14"), minutes: 21, replaces };
    assert_snapshot!(written(event), @r"
    UAT was updated to 10.0.2645.147
    10.0.48 PQU-7 · took 21 minutes, healthy afterwards.

    UAT was updated to build 10.0.2645.147 in 21 minutes. The update announced for Fri 16 Oct 2026, 22:00–04:00 UTC does not take place.
    Its health was confirmed after the update.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Night: Tue 13 Oct 2026, 22:00–04:00 UTC
    Took: 21 minutes
    Cancelled night: Fri 16 Oct 2026, 22:00–04:00 UTC
    ");
}

#[test]
fn failed_with_an_attempt_left() {
    assert_snapshot!(written(NotificationEvent::Failed { subject: uat(), error: "disk full".into(), attempts_left: 1 }), @r"
    The update of UAT failed
    10.0.48 PQU-7 · disk full. It is tried again on another night.

    The update of UAT to build 10.0.2645.147 failed: disk full.
    It is tried again on another night.
    Nothing for you to do. The new night is announced in a message of its own.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Error: disk full
    Attempts left: 1
    ");
}

#[test]
fn failed_for_good() {
    assert_snapshot!(written(NotificationEvent::Failed { subject: uat(), error: "disk full".into(), attempts_left: 0 }), @r"
    The update of UAT failed
    10.0.48 PQU-7 · disk full. No attempt is left in this rollout.

    The update of UAT to build 10.0.2645.147 failed: disk full.
    No attempt is left in this rollout.
    Ask support to look at UAT, and name the train.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Error: disk full
    Attempts left: 0
    ");
}

#[test]
fn skipped() {
    assert_snapshot!(written(NotificationEvent::Skipped { subject: prod(), reason: EnvironmentReason::PriorityBatchOff, cancelled: None }), @r"
    PROD is left out of 10.0.48 PQU-7
    10.0.48 PQU-7 · Priority-based batch scheduling is off; switch it on and production takes part again.

    PROD is not updated by 10.0.48 PQU-7.
    Priority-based batch scheduling is off; switch it on and production takes part again.
    Switch on priority-based batch scheduling in the environment itself, then tick it on its page under “How is it planned?”; while this train is under way, it then takes part again by itself.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Reason: Priority-based batch scheduling is off; switch it on and production takes part again
    ");
}

#[test]
fn skipped_while_exempt() {
    assert_snapshot!(written(NotificationEvent::Skipped {
        subject: prod(),
        reason: EnvironmentReason::Exempt {
            why: "validated system".into(),
            expires_at: "2026-12-31T00:00:00Z".parse().unwrap(),
        },
        cancelled: None,
    }), @r"
    PROD is left out of 10.0.48 PQU-7
    10.0.48 PQU-7 · Exempt until Thu 31 Dec 2026, 00:00 UTC: validated system.

    PROD is not updated by 10.0.48 PQU-7.
    Exempt until Thu 31 Dec 2026, 00:00 UTC: validated system.
    If it is not needed any more, ask for it to be withdrawn. It can change from Thu 31 Dec 2026, 00:00 UTC on.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Reason: Exempt until Thu 31 Dec 2026, 00:00 UTC: validated system
    ");
}

#[test]
fn satisfied_before_its_night() {
    assert_snapshot!(written(NotificationEvent::Satisfied { subject: uat(), cancelled: Some(night("2026-10-12")) }), @r"
    UAT needs no update by 10.0.48 PQU-7
    10.0.48 PQU-7 · The update announced for Sun 11 Oct 2026, 22:00–04:00 UTC does not take place.

    UAT runs build 10.0.2645.147 or a later one already. The update announced for Sun 11 Oct 2026, 22:00–04:00 UTC does not take place.
    There is no outage in that night.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Cancelled night: Sun 11 Oct 2026, 22:00–04:00 UTC
    ");
}

#[test]
fn satisfied_after_a_failure() {
    assert_snapshot!(written(NotificationEvent::Satisfied { subject: uat(), cancelled: None }), @r"
    UAT needs no update by 10.0.48 PQU-7
    10.0.48 PQU-7 · UAT runs build 10.0.2645.147 or a later one already.

    UAT runs build 10.0.2645.147 or a later one already.
    An attempt failed before. No other one is made.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    ");
}

#[test]
fn held() {
    assert_snapshot!(written(NotificationEvent::Held {
        subject: uat(),
        reason: EnvironmentReason::NoDarkHours { region: "China North 3".into() },
        cancelled: None,
    }), @r"
    UAT is held
    10.0.48 PQU-7 · No dark hours are published for China North 3; the operator has to set them.

    UAT waits outside 10.0.48 PQU-7 for now.
    No dark hours are published for China North 3; the operator has to set them. It is updated only when this is settled.
    Nothing for you to do; the operator has it on a list.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Reason: No dark hours are published for China North 3; the operator has to set them
    ");
}

#[test]
fn halted() {
    assert_snapshot!(written(NotificationEvent::Halted { of: HaltOf::Rollout, reason: "Halted by I. Lead: sign-in fails".into(), waiting: 3, updated: 2 }), @r"
    10.0.48 PQU-7 is halted
    10.0.48 PQU-7 · 3 environments of yours wait for it to go on; 2 of yours run it or are being updated to it.

    The rollout of 10.0.48 PQU-7, build 10.0.2645.147, was stopped. Halted by I. Lead: sign-in fails.
    No update starts while it is halted. Updates that were running finish and are watched.
    Nothing for you to do. If any of yours still waits when it goes on, you are told.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Yours that wait: 3
    Yours on this build, or on the way to it: 2
    ");
}

#[test]
fn halted_where_nothing_waits() {
    let reason = "Halted by I. Lead: sign-in fails".to_owned();
    assert_snapshot!(written(NotificationEvent::Halted { of: HaltOf::Rollout, reason, waiting: 0, updated: 1 }), @r"
    10.0.48 PQU-7 is halted
    10.0.48 PQU-7 · nothing of yours waits for it; 1 of yours runs it or is being updated to it.

    The rollout of 10.0.48 PQU-7, build 10.0.2645.147, was stopped. Halted by I. Lead: sign-in fails.
    No update starts while it is halted. Updates that were running finish and are watched.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Yours that wait: 0
    Yours on this build, or on the way to it: 1
    ");
}

#[test]
fn resumed() {
    assert_snapshot!(written(NotificationEvent::Resumed { of: HaltOf::Rollout, waiting: 1 }), @r"
    10.0.48 PQU-7 goes on
    10.0.48 PQU-7 · 1 environment of yours takes part again.

    The halt of 10.0.48 PQU-7 is lifted; the rollout goes on where it stopped.
    1 environment of yours takes part again. Nights that passed during the halt move, and each move is announced.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Yours that wait: 1
    ");
}

#[test]
fn each_halt_says_how_far_it_goes() {
    let of = [HaltOf::Rollout, HaltOf::Build, HaltOf::Station, HaltOf::Customer, HaltOf::Everything];
    let titles = of.map(|of| {
        let halted = NotificationEvent::Halted { of, reason: "Halted by I. Lead: slow".into(), waiting: 1, updated: 0 };
        let resumed = written(NotificationEvent::Resumed { of, waiting: 1 });
        (written(halted).lines().next().unwrap_or_default().to_owned(), resumed)
    });
    let halts: Vec<&str> = titles.iter().map(|(halted, _)| halted.as_str()).collect();
    assert_eq!(
        halts,
        [
            "10.0.48 PQU-7 is halted",
            "The build that 10.0.48 PQU-7 brought is halted",
            "10.0.48 PQU-7 is halted for some of your environments",
            "10.0.48 PQU-7 is halted for your environments",
            "All updates are halted, 10.0.48 PQU-7 too",
        ]
    );
    let lifts: std::collections::BTreeSet<&String> = titles.iter().map(|(_, resumed)| resumed).collect();
    assert_eq!(lifts.len(), of.len());
}

#[test]
fn an_old_letter_is_still_read() {
    let old = r#"{"event":"halted","reason":"slow","waiting":1,"updated":0}"#;
    let read: NotificationEvent = serde_json::from_str(old).unwrap();
    assert!(matches!(read, NotificationEvent::Halted { of: HaltOf::Rollout, .. }));
}

#[test]
fn skipped_for_another_service_update() {
    let on = "10.0.49".parse().unwrap();
    assert_snapshot!(written(NotificationEvent::Skipped {
        subject: prod(),
        reason: EnvironmentReason::OtherServiceUpdate { on },
        cancelled: Some(night("2026-10-17")),
    }), @r"
    PROD is left out of 10.0.48 PQU-7
    10.0.48 PQU-7 · It moved to service update 10.0.49; trains of 10.0.49 bring its quality updates.

    PROD is not updated by 10.0.48 PQU-7. The update announced for Fri 16 Oct 2026, 22:00–04:00 UTC does not take place.
    It moved to service update 10.0.49; trains of 10.0.49 bring its quality updates.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Reason: It moved to service update 10.0.49; trains of 10.0.49 bring its quality updates
    ");
}

#[test]
fn taken_ahead_and_not() {
    let by = || "Ada".to_owned();
    let moved = NotificationEvent::Moved {
        subject: prod(),
        from: night("2026-10-17"),
        to: night("2026-10-09"),
        reason: MoveReason::PulledAhead { by: by() },
    };
    let ended =
        |stays, reason| NotificationEvent::PullEnded { subject: prod(), night: night("2026-10-09"), stays, reason };
    let frozen = MoveReason::Frozen { why: "Year end".into(), until: None };
    assert_snapshot!(written(moved), @r"
    PROD moves to Thu 8 Oct 2026, 22:00–04:00 UTC
    10.0.48 PQU-7 · was Fri 16 Oct 2026, 22:00–04:00 UTC: Ada takes it ahead of its night.

    The update of PROD moved from Fri 16 Oct 2026, 22:00–04:00 UTC to Thu 8 Oct 2026, 22:00–04:00 UTC.
    The reason: Ada takes it ahead of its night.
    Nothing for you to do. Until it begins, this can be taken back on the page of PROD.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    New night: Thu 8 Oct 2026, 22:00–04:00 UTC
    Old night: Fri 16 Oct 2026, 22:00–04:00 UTC
    ");
    let taken_back = MoveReason::PullTakenBack { by: by() };
    assert_snapshot!(written(ended(Some(night("2026-10-17")), taken_back)), @r"
    PROD is not taken ahead
    10.0.48 PQU-7 · not on Thu 8 Oct 2026, 22:00–04:00 UTC: Ada does not take it ahead any more.

    PROD is not updated on Thu 8 Oct 2026, 22:00–04:00 UTC: Ada does not take it ahead any more.
    The night announced for 10.0.48 PQU-7 stays: Fri 16 Oct 2026, 22:00–04:00 UTC.
    Nothing for you to do.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    Own night: Fri 16 Oct 2026, 22:00–04:00 UTC
    ");
    assert_snapshot!(written(ended(None, frozen)), @r"
    PROD is not taken ahead
    10.0.48 PQU-7 · not on Thu 8 Oct 2026, 22:00–04:00 UTC: a freeze holds its nights: Year end.

    PROD is not updated on Thu 8 Oct 2026, 22:00–04:00 UTC: a freeze holds its nights: Year end.
    Nothing changes for 10.0.48 PQU-7: what was planned for PROD before holds again.
    Nothing for you to do. The page of PROD says from when on it can be taken ahead again.

    Train: 10.0.48 PQU-7
    Build: 10.0.2645.147
    ");
}

#[test]
fn a_way_back_says_what_is_taken_back() {
    let event =
        NotificationEvent::Delivered { subject: uat(), night: night("2026-10-14"), minutes: 42, replaces: None };
    let payload = NotificationPayload {
        train: "10.0.48 PQU-7".parse().unwrap(),
        build: "10.0.2645.136".parse().unwrap(),
        returns_from: Some("10.0.2645.147".parse().unwrap()),
        event,
    };
    let meaning = letter(&payload, &UtcClockface).meaning;
    let back = "Build 10.0.2645.147 was halted and is taken back; 10.0.2645.136 ran there before. ";
    assert!(meaning.starts_with(back), "{meaning}");
    let stored = serde_json::to_value(&payload).unwrap();
    assert_eq!(serde_json::from_value::<NotificationPayload>(stored).unwrap(), payload);
}

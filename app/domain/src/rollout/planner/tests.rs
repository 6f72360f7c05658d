//! Single rules of the planner on the smallest fleets that show them, where no story is needed.

use super::standing::Standing;
use super::{Board, plan, share, stages};
use crate::calendar::{DarkHours, MaintenanceDays, Night, StageWindow};
use crate::fleet::{Audience, Cloud, Designation, EnvironmentKind, StageKey, StationNumber};
use crate::freeze::Freezes;
use crate::health::ReportCounts;
use crate::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UpdateId, UserId};
use crate::people::samples::person;
use crate::pull_ahead::Booked;
use crate::release::Unapproved;
use crate::rollout::facts::{
    EnvironmentFacts, Following, Placement, RolloutFacts, RolloutKind, RolloutPolicy, StageFacts, UpdateFacts,
};
use crate::rollout::plan::Action;
use crate::rollout::report::{EnvironmentReason, MoveReason, StageCounts};
use crate::rollout::state::{RolloutState, StageState, UpdateState};
use crate::rollout::tally::{Part, StageTally};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours() -> DarkHours {
    DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap()
}

fn night(of: &str) -> Night {
    hours().night(date(of)).unwrap()
}

fn key(station: u8, audience: Audience) -> StageKey {
    StageKey { station: StationNumber(station), audience }
}

fn stage(key: StageKey, first: &str, last: &str) -> StageFacts {
    let window = StageWindow { stage: key, first: date(first), last: date(last) };
    StageFacts { key, window, state: StageState::Waiting, first_night: None, tally: StageTally::default() }
}

fn environment(n: u128, kind: EnvironmentKind, station: u8) -> EnvironmentFacts {
    EnvironmentFacts {
        id: EnvironmentId::new(Uuid::from_u128(n)),
        name: format!("environment {n}"),
        customer: CustomerId::new(Uuid::from_u128(1)),
        kind,
        placement: Placement {
            region: format!("region-{station}"),
            region_name: format!("Region {station}"),
            cloud: Cloud::Public,
            station: Some(StationNumber(station)),
            dark_hours: Some(hours()),
        },
        designation: Designation::Standard,
        following: None,
        days: MaintenanceDays::AnyNight,
        service_update: "10.0.48".parse().unwrap(),
        build: "10.0.2645.136".parse().unwrap(),
        exemption: None,
        service_update_due: None,
        priority_batch: true,
        elsewhere: Vec::new(),
        update: None,
    }
}

fn update(n: u128, stage: StageKey, state: UpdateState) -> UpdateFacts {
    UpdateFacts {
        id: UpdateId::new(Uuid::from_u128(n)),
        stage: Some(stage),
        follows: None,
        state,
        attempts: 0,
        failed_at: None,
        reasons: Vec::new(),
        next: None,
        part: Part::Due,
        early: false,
        pull: None,
    }
}

fn announced(night: Night) -> UpdateState {
    UpdateState::Announced { night, announced_at: at("2026-09-24T08:00:00Z"), moved: None }
}

/// Station 2 and, a week after it, station 3.
fn facts(environments: Vec<EnvironmentFacts>) -> RolloutFacts {
    let (started_at, started_by) = (at("2026-09-24T08:00:00Z"), UserId::new(Uuid::from_u128(1)));
    RolloutFacts {
        rollout: RolloutId::new(Uuid::from_u128(0x0148)),
        generation: 0,
        state: RolloutState::Running { started_at, started_by, resumed_at: None },
        train: "10.0.48 PQU-7".parse().unwrap(),
        build: "10.0.2645.147".parse().unwrap(),
        build_id: BuildId::new(Uuid::from_u128(0x0147)),
        start: date("2026-09-30"),
        build_halted: None,
        unapproved: None,
        policy: RolloutPolicy::DEFAULT,
        kind: RolloutKind::Forward,
        emergency: None,
        halts: Vec::new(),
        freezes: Freezes::default(),
        stages: vec![
            stage(key(2, Audience::Sandbox), "2026-10-05", "2026-10-08"),
            stage(key(2, Audience::Production), "2026-10-10", "2026-10-11"),
            stage(key(3, Audience::Sandbox), "2026-10-12", "2026-10-15"),
            stage(key(3, Audience::Production), "2026-10-17", "2026-10-18"),
        ],
        approvals: Vec::new(),
        environments,
        pending: false,
        unplaced: StageCounts::default(),
        reports: ReportCounts::default(),
        last_night: None,
        in_flight: Vec::new(),
    }
}

#[test]
fn a_station_goes_before_the_next_only_where_their_windows_do_not_touch() {
    let before = stage(key(2, Audience::Sandbox), "2026-10-05", "2026-10-08");
    let next = |first| stage(key(3, Audience::Sandbox), first, "2026-10-15");
    assert!(stages::goes_before(&before, &next("2026-10-09")));
    assert!(!stages::goes_before(&before, &next("2026-10-08")), "they share a night");
}

/// G5 and C1: whoever moves with production is in with it, whatever its own place in the order of shares.
#[test]
fn who_moves_with_production_has_its_place_in_the_share() {
    let rollout = facts(Vec::new()).rollout;
    let is_in = |n: u128| share::within(share::place(rollout, EnvironmentId::new(Uuid::from_u128(n))), 50);
    for wanted in [true, false] {
        let leads = (1..1_000).find(|n| is_in(*n) == wanted).unwrap();
        let follows = (1_000..2_000).find(|n| is_in(*n) != wanted).unwrap();
        let production = environment(leads, EnvironmentKind::Production, 2);
        let following = Following {
            production: production.id,
            service_update: production.service_update,
            station: Some(StationNumber(2)),
        };
        let sandbox = EnvironmentFacts {
            designation: Designation::WithProduction { production: following.production },
            following: Some(following),
            ..environment(follows, EnvironmentKind::Sandbox, 2)
        };
        let mut facts = facts(vec![production, sandbox]);
        facts.policy.production_percent = 50;
        facts.policy.sandbox_percent = 50;
        let board = Board::new(&facts, at("2026-09-25T08:00:00Z"));
        let aboard = board.seats.iter().map(|seat| matches!(seat.standing, Standing::Aboard(_)));
        assert_eq!(aboard.collect::<Vec<_>>(), [wanted, wanted]);
    }
}

/// S1: time alone brings the service update near, and then it stays out: before its night, and not when that comes.
#[test]
fn an_estate_wakes_when_its_service_update_is_near() {
    let now = at("2026-10-20T08:00:00Z");
    let wake = |due: Option<&str>| {
        let stage = key(2, Audience::Sandbox);
        let update = Some(update(1, stage, announced(night("2026-10-31"))));
        let service_update_due = due.map(date);
        let waits = EnvironmentFacts { service_update_due, update, ..environment(1, EnvironmentKind::Sandbox, 2) };
        plan(&facts(vec![waits]), now).estates[0].wake
    };
    assert_eq!(wake(None), Some(night("2026-10-31").start));
    assert_eq!(wake(Some("2026-11-05")), Some(at("2026-10-29T00:00:00Z")), "a week ahead of it");
}

/// G3: of two productions the earlier one limits the sandbox that goes before both.
#[test]
fn a_sandbox_keeps_the_gap_for_the_first_of_its_productions() {
    let sandbox = environment(1, EnvironmentKind::Sandbox, 2);
    let (first, later) =
        (environment(2, EnvironmentKind::Production, 2), environment(3, EnvironmentKind::Production, 3));
    for productions in [[first.clone(), later.clone()], [later.clone(), first.clone()]] {
        let facts = facts([vec![sandbox.clone()], productions.to_vec()].concat());
        let board = Board::new(&facts, at("2026-09-25T08:00:00Z"));
        let turn = &board.seats[0].turn;
        let keeps = EnvironmentReason::KeepsGapForProduction { production: first.id, days: 5 };
        assert!(turn.reasons.contains(&keeps), "{turn:?}");
        let last = night("2026-10-11").start - TimeDelta::days(5);
        assert!(turn.night.is_some_and(|night| night.start <= last), "{turn:?}");
    }
}

/// R1: the hours in which its owner took it ahead are not dark any more: it is not updated in them.
#[test]
fn what_is_taken_ahead_ends_where_the_dark_hours_changed() {
    let chosen = night("2026-10-02");
    let booked = Booked::new(person(1), at("2026-09-24T09:00:00Z"), UpdateState::Planned, chosen);
    let pulled = UpdateFacts { pull: Some(booked), ..update(1, key(2, Audience::Sandbox), announced(chosen)) };
    let mut waits = EnvironmentFacts { update: Some(pulled), ..environment(1, EnvironmentKind::Sandbox, 2) };
    let ended = |waits: &EnvironmentFacts| {
        let plan = plan(&facts(vec![waits.clone()]), at("2026-09-25T08:00:00Z"));
        plan.actions.into_iter().find_map(|action| match action {
            Action::EndPull { night, reason, .. } => Some((night, reason)),
            _ => None,
        })
    };
    assert_eq!(ended(&waits), None);
    waits.placement.dark_hours = DarkHours::new(4 * 60, 360, Weekday::Fri);
    assert_eq!(ended(&waits), Some((chosen, MoveReason::HoursChanged)));
}

/// I8: no second night is promised for a build that may not come; the estate is looked at again, for an approver may
/// approve again.
#[test]
fn a_failed_attempt_waits_for_the_approval_of_its_build() {
    let (now, tried) = (at("2026-10-07T08:00:00Z"), night("2026-10-06"));
    let failed_at = tried.start + TimeDelta::hours(1);
    let state = UpdateState::Failed { night: tried, started_at: tried.start, failed_at, error: "disk".into() };
    let failed = UpdateFacts { attempts: 1, failed_at: Some(failed_at), ..update(1, key(2, Audience::Sandbox), state) };
    let environment = EnvironmentFacts { update: Some(failed), ..environment(1, EnvironmentKind::Sandbox, 2) };
    let mut facts = facts(vec![environment]);
    let is_retried = |facts: &RolloutFacts| plan(facts, now).actions.iter().any(|a| matches!(a, Action::Retry { .. }));
    assert!(is_retried(&facts));
    facts.unapproved = Some(Unapproved::NotYet);
    assert!(!is_retried(&facts));
    let plan = plan(&facts, now);
    let said = plan.actions.iter().find_map(|action| match action {
        Action::Explain { why, .. } => Some(&why.reasons[..]),
        _ => None,
    });
    let not_yet = EnvironmentReason::BuildNotApproved { build: Unapproved::NotYet };
    assert!(said.is_some_and(|said| said.contains(&not_yet)), "{plan:?}");
    assert!(plan.estates[0].wake.is_some());
}

/// At the very instant of a failure, too, who resumes knows of it.
#[test]
fn what_failed_when_a_person_resumed_is_known_to_them() {
    let resumed = at("2026-10-07T08:00:00Z");
    let mut facts = facts(Vec::new());
    assert!(!facts.is_acknowledged(resumed));
    if let RolloutState::Running { resumed_at, .. } = &mut facts.state {
        *resumed_at = Some(resumed);
    }
    assert!(facts.is_acknowledged(resumed));
    assert!(!facts.is_acknowledged(resumed + TimeDelta::milliseconds(1)));
}

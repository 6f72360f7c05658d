//! A small scene in which everything holds: a sandbox starts, another one and a production wait for their nights.

use crate::agents::Touch;
use crate::invariants::{Found, check};
use crate::watch::{Change, Choice, Seen, Step, Told, Word};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
use domain::calendar::{DarkHours, Night, StageWindow};
use domain::fleet::{Audience, Cloud, Designation, EnvironmentKind, Region, StageKey, StationNumber};
use domain::ids::{AuditId, BuildId, CustomerId, EnvironmentId, NotificationId, RolloutId, UpdateId, UserId};
use domain::notification::{NotificationEvent, NotificationPayload};
use domain::people::Person;
use domain::release::{BuildVersion, ServiceUpdate, TrainId};
use domain::rollout::{
    Approval, Part, RolloutPolicy, RolloutReport, RolloutState, StageFacts, StageState, StageTally, UpdateState,
};
use domain::wire::live::{LiveEvent, Topic};
use services::ports::UpdateOrder;
use std::collections::BTreeSet;
use store::audit::{ActorKind, AuditActor, AuditEvent, AuditObject};
use store::census::{Letter, WholeRollout};
use store::environment::Environment;
use store::outbox::OutboxRow;
use store::rollout::Rollout;
use store::update::Update;
use uuid::Uuid;

pub const SERVICE_UPDATE: ServiceUpdate = ServiceUpdate::new([10, 0, 48]);
pub const NEW: BuildVersion = BuildVersion::new([10, 0, 48, 2]);
pub const OLD: BuildVersion = BuildVersion::new([10, 0, 48, 1]);
pub const TRAIN: TrainId = TrainId { service_update: SERVICE_UPDATE, number: 7 };

pub const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Which invariants this check finds broken in the scene after one change.
pub fn by(check: fn(&Seen, &Step, &mut Vec<Found>), change: impl FnOnce(&mut Scene)) -> Vec<&'static str> {
    let mut scene = Scene::new();
    change(&mut scene);
    let mut all = Vec::new();
    check(&scene.seen, &scene.step, &mut all);
    all.into_iter().map(|found| found.invariant).collect()
}

pub fn person(n: u128) -> Person {
    Person { id: UserId::new(id(n)), name: format!("P{n}") }
}

/// When people of these tests ask for something.
pub fn asked_at() -> DateTime<Utc> {
    at("2026-10-05T00:00:00Z")
}

/// The night of a published date in the region of the scene: from 22:00 the day before.
pub fn night(date: &str) -> Night {
    hours().night(date.parse().unwrap()).unwrap()
}

pub fn hours() -> DarkHours {
    DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap()
}

pub fn environment(n: u128, customer: u128, kind: EnvironmentKind) -> Environment {
    Environment {
        id: EnvironmentId::new(id(n)),
        customer: CustomerId::new(id(customer)),
        name: format!("E{n}"),
        kind,
        tier: 2,
        region: "here".into(),
        station: Some(StationNumber(2)),
        service_update: SERVICE_UPDATE,
        build: OLD,
        platform: None,
        build_since: at("2026-09-01T00:00:00Z"),
        designation: Designation::Standard,
        chosen_days: None,
        priority_batch: true,
        exemption: None,
        current_update: None,
        current_state: None,
        created_at: at("2026-09-01T00:00:00Z"),
        generation: 1,
        service_update_due: None,
    }
}

pub const SANDBOXES: StageKey = StageKey { station: StationNumber(2), audience: Audience::Sandbox };
pub const PRODUCTION: StageKey = StageKey { station: StationNumber(2), audience: Audience::Production };

pub fn update(n: u128, customer: u128, stage: StageKey, state: UpdateState) -> Update {
    Update {
        id: UpdateId::new(id(n)),
        rollout: RolloutId::new(id(1)),
        environment: EnvironmentId::new(id(n)),
        customer: CustomerId::new(id(customer)),
        stage: Some(stage),
        follows: None,
        state,
        reasons: Vec::new(),
        next: None,
        attempts: 1,
        last_failed_at: None,
        dispatched_at: None,
        created_at: at("2026-09-24T00:00:00Z"),
        generation: 1,
        part: Part::Due,
        early: false,
        pull: None,
    }
}

pub fn running(date: &str) -> UpdateState {
    UpdateState::InProgress { night: night(date), started_at: night(date).start }
}

pub fn announced(date: &str) -> UpdateState {
    UpdateState::Announced { night: night(date), announced_at: at("2026-09-24T00:00:00Z"), moved: None }
}

pub fn succeeded(date: &str) -> UpdateState {
    let night = night(date);
    UpdateState::Succeeded { night, started_at: night.start, finished_at: night.start + TimeDelta::hours(1) }
}

pub fn stage(key: StageKey, dates: (&str, &str), state: StageState) -> StageFacts {
    let window = StageWindow { stage: key, first: dates.0.parse().unwrap(), last: dates.1.parse().unwrap() };
    StageFacts { key, window, state, first_night: None, tally: StageTally::default() }
}

pub struct Scene {
    pub seen: Seen,
    pub step: Step,
}

impl Scene {
    /// A sandbox (2) of customer 1 starts on Monday evening, its production (1) is announced for the weekend after.
    pub fn new() -> Self {
        let opened_at = at("2026-10-04T22:00:00Z");
        let policy = RolloutPolicy { sandbox_percent: 100, production_percent: 100, ..RolloutPolicy::DEFAULT };
        let state = RolloutState::Running {
            started_at: at("2026-09-24T00:00:00Z"),
            started_by: UserId::new(id(1)),
            resumed_at: None,
        };
        let rollout = Rollout {
            id: RolloutId::new(id(1)),
            train: TRAIN,
            build: BuildId::new(id(1)),
            version: NEW,
            cadence: "brisk".into(),
            start: "2026-10-05".parse().unwrap(),
            policy,
            state,
            report: RolloutReport::default(),
            created_at: at("2026-09-24T00:00:00Z"),
            edited: None,
            generation: 1,
            descent: store::rollout::Descent::default(),
        };
        let stages = vec![
            stage(SANDBOXES, ("2026-10-05", "2026-10-08"), StageState::Open { opened_at }),
            stage(PRODUCTION, ("2026-10-10", "2026-10-11"), StageState::Waiting),
        ];
        let approval = Approval { by: UserId::new(id(2)), name: "A".into(), at: at("2026-09-25T00:00:00Z") };
        let whole = WholeRollout { rollout, stages, approvals: vec![(StationNumber(2), approval)] };
        let region = Region {
            slug: "here".into(),
            name: "Here".into(),
            cloud: Cloud::Public,
            station: Some(StationNumber(2)),
            geography: None,
            dark_hours: Some(hours()),
            time_zone: "Etc/UTC".into(),
        };
        let fleet = [
            environment(1, 1, EnvironmentKind::Production),
            environment(2, 1, EnvironmentKind::Sandbox),
            environment(3, 2, EnvironmentKind::Sandbox),
        ];
        let updates = [
            update(1, 1, PRODUCTION, announced("2026-10-11")),
            update(2, 1, SANDBOXES, running("2026-10-06")),
            update(3, 2, SANDBOXES, announced("2026-10-07")),
        ];
        let mut seen = Seen::default();
        seen.regions.insert("here".to_owned(), region);
        seen.fleet.extend(fleet.map(|environment| (environment.id, environment)));
        seen.updates.extend(updates.map(|update| (update.id, update)));
        seen.rollouts.insert(whole.rollout.id, whole);
        let told = Told { at: at("2026-09-29T00:00:00Z"), moved: false };
        seen.told.insert((UpdateId::new(id(2)), night("2026-10-06").start), told);
        seen.words.insert(UpdateId::new(id(2)), "in_progress".into());
        let mut scene = Self { seen, step: Step::default() };
        scene.touch(2, night("2026-10-06").start);
        scene.change(2, announced("2026-10-06"));
        scene.word(2, Some("announced"), "in_progress");
        scene.event(Topic::Estate(CustomerId::new(id(1))));
        scene
    }

    pub fn touch(&mut self, n: u128, at: DateTime<Utc>) {
        let night = self.update(n).state.night().unwrap();
        let order = UpdateOrder {
            update: UpdateId::new(id(n)),
            environment: EnvironmentId::new(id(n)),
            build: NEW,
            started_at: at,
            attempt: 1,
            kind: services::ports::OrderKind::Forward,
            flights_off: Vec::new(),
            dispatched: Some(at),
            night,
            valid_until: at,
        };
        self.step.touches = vec![Touch { order, at, from: OLD, collides: None }];
    }

    /// `before` is what it was.
    pub fn change(&mut self, n: u128, before: UpdateState) {
        let after = self.update(n).clone();
        self.step.changes.push(Change { before: Some(Update { state: before, ..after.clone() }), after });
    }

    pub fn word(&mut self, n: u128, before: Option<&str>, after: &str) {
        let update = UpdateId::new(id(n));
        let at = night("2026-10-06").start;
        let night = self.seen.updates.get(&update).and_then(|update| update.state.night()).map(|night| night.start);
        let (before, after) = (before.map(str::to_owned), after.to_owned());
        self.step.words.push(Word { update, before, after, seq: 1, at, night, choice: Choice::Usual });
    }

    pub fn letter(&mut self, n: u128, event: NotificationEvent) {
        self.step.letters.push(Letter {
            id: NotificationId::new(id(n)),
            customer: CustomerId::new(id(1)),
            environment: event.subject().map(|subject| subject.environment),
            rollout: Some(RolloutId::new(id(1))),
            payload: NotificationPayload { train: TRAIN, build: NEW, returns_from: None, event },
            created_at: night("2026-10-06").start,
            dedupe_key: n.to_string(),
        });
    }

    /// By a person, in the night of the scene.
    pub fn deed(&mut self, action: &str, kind: &str) {
        self.step.deeds.push(AuditEvent {
            seq: 1,
            id: AuditId::new(id(1)),
            at: night("2026-10-06").start,
            actor: AuditActor { kind: ActorKind::Person, id: None, name: "P".into() },
            action: action.to_owned(),
            object: AuditObject { kind: kind.to_owned(), id: String::new() },
            customer: None,
            details: serde_json::Value::Null,
            hash: [0; 32],
        });
    }

    pub fn event(&mut self, topic: Topic) {
        let payload = serde_json::to_value(LiveEvent { topic, text: "changed".into() }).unwrap();
        let at = night("2026-10-06").start;
        let (topic, key) = ("live".to_owned(), String::new());
        self.step.events.push(OutboxRow { seq: 1, at, topic, key, payload, handled_at: None });
    }

    pub fn update(&mut self, n: u128) -> &mut Update {
        self.seen.updates.get_mut(&UpdateId::new(id(n))).unwrap()
    }

    pub fn environment(&mut self, n: u128) -> &mut Environment {
        self.seen.fleet.get_mut(&EnvironmentId::new(id(n))).unwrap()
    }

    pub fn whole(&mut self) -> &mut WholeRollout {
        self.seen.rollouts.get_mut(&RolloutId::new(id(1))).unwrap()
    }

    /// The stage `n` is now in `state`.
    pub fn stage(&mut self, n: usize, state: StageState) {
        self.step.rollouts_before = self.seen.rollouts.clone();
        self.whole().stages[n].state = state;
    }

    /// Each once: what a plan decided and what an agent did of it may both be wrong.
    pub fn found(&self) -> Vec<&'static str> {
        let found: BTreeSet<_> = check(&self.seen, &self.step).into_iter().map(|found| found.invariant).collect();
        found.into_iter().collect()
    }
}

//! Emergency paths, recoveries, exemptions: for each check one change by which it does not hold.

use super::scene::{NEW, OLD, SERVICE_UPDATE, Scene, asked_at, at, by, id, night, person};
use super::{emergencies, exemptions, recoveries, stages, touches};
use crate::ways::Ways;
use chrono::TimeDelta;
use domain::approval::Approved;
use domain::emergency::{
    Criterion, EmergencyPath, EmergencyPolicy, EmergencyRequest, EmergencyState, Gate, OutOfBand, Shortening, Use,
};
use domain::fleet::exemption::{ExemptionRecord, ExemptionRequest, ExemptionScope, ExemptionState};
use domain::ids::{
    BuildId, CustomerId, EmergencyId, EnvironmentId, ExemptionId, HaltId, RecoveryId, RolloutId, UserId,
};
use domain::people::Reasoned;
use domain::recovery::{
    BuildRef, Move, Proposal, RecoveryPath, RecoveryPlan, RecoveryState, Schema, SchemaChange, Work,
};
use domain::release::BuildApproval;
use domain::rollout::{HaltCause, RolloutKind, RolloutState, StageState, UpdateState};
use domain::severity::Severity;
use std::sync::Arc;
use store::build::Build;
use store::recovery::Known;

fn reasoned(n: u128) -> Reasoned {
    Reasoned::new(person(n), "because", asked_at()).unwrap()
}

fn request() -> EmergencyRequest {
    EmergencyRequest {
        rollout: RolloutId::new(id(1)),
        build: BuildId::new(id(1)),
        criterion: Criterion::Security,
        severity: Severity::Critical,
        why: reasoned(1),
        shortening: Shortening { bake_hours: Some(6), notice_hours: Some(24), ..Shortening::default() },
        overrides: Vec::new(),
        lasts_hours: 48,
    }
}

/// In force for two days; approved by 2 and 3, asked for by 1.
fn path(change: impl FnOnce(&mut Use)) -> EmergencyPath {
    let request = request();
    let digest = store::digest::of(&request).unwrap();
    let approved = |n| Approved { digest: digest.clone(), by: person(n), at: asked_at() };
    let mut used = Use {
        approvals: vec![approved(2), approved(3)],
        since: asked_at(),
        until: asked_at() + TimeDelta::hours(48),
        debts: vec![OutOfBand { gate: Gate::Bake, due: asked_at(), results: Vec::new() }],
    };
    change(&mut used);
    EmergencyPath { id: EmergencyId::new(id(1)), request, state: EmergencyState::Active { used } }
}

fn ways(scene: &mut Scene, before: Option<EmergencyPath>, after: EmergencyPath) {
    let listed = EmergencyPolicy::with((1..=4).map(|n| UserId::new(id(n))).collect());
    let ways = |path: Option<EmergencyPath>| Ways {
        emergencies: path.into_iter().map(|path| (path.id, path)).collect(),
        policy: Some(listed.clone()),
        ..Ways::default()
    };
    scene.step.ways_before = Arc::new(ways(before));
    scene.seen.ways = Arc::new(ways(Some(after)));
}

#[test]
fn i18_two_out_of_the_list_approve_exactly_what_is_asked() {
    let asked = || Some(EmergencyPath { state: EmergencyState::Requested { approvals: Vec::new() }, ..path(|_| {}) });
    let activated = |change: fn(&mut Use)| by(emergencies::check, |scene| ways(scene, asked(), path(change)));
    assert_eq!(activated(|_| {}), [""; 0]);
    assert_eq!(activated(|used| drop(used.approvals.pop())), ["I18"], "one person");
    assert_eq!(activated(|used| used.approvals[1].by = person(2)), ["I18"], "twice the same");
    assert_eq!(activated(|used| used.approvals[1].by = person(1)), ["I18", "I18"], "who asked");
    assert_eq!(activated(|used| used.approvals[1].by = person(9)), ["I18", "I18"], "not on the list");
    let other = "0".repeat(64).parse().unwrap();
    let edited = |used: &mut Use| used.approvals[1].digest = other;
    assert_eq!(by(emergencies::check, |scene| ways(scene, asked(), path(edited))), ["I18"], "something else");
    assert_eq!(activated(|used| used.until += TimeDelta::hours(1)), ["I18"], "longer than was asked");
    assert_eq!(activated(|used| used.debts.clear()), ["I18"], "nothing is owed");
    assert_eq!(by(emergencies::check, |scene| ways(scene, None, path(|_| {}))), ["I18"], "nobody asked");
}

#[test]
fn i18_it_never_outlives_its_end() {
    let later = |used: &mut Use| used.until += TimeDelta::hours(1);
    assert_eq!(by(emergencies::check, |scene| ways(scene, Some(path(|_| {})), path(later))), ["I18"]);
    let forgiven = |used: &mut Use| used.debts.clear();
    assert_eq!(by(emergencies::check, |scene| ways(scene, Some(path(|_| {})), path(forgiven))), ["I18"]);
    let mut scene = Scene::new();
    ways(&mut scene, None, path(|_| {}));
    let until = asked_at() + TimeDelta::hours(48);
    assert_eq!(emergencies::overdue(&scene.seen, until), []);
    assert_eq!(emergencies::overdue(&scene.seen, until + TimeDelta::hours(17)).len(), 1);
}

/// Rule E1: what is judged by the pace that is owed then.
#[test]
fn e1_a_path_in_force_shortens_and_nothing_else_does() {
    let policy = Scene::new().whole().rollout.policy;
    let mut scene = Scene::new();
    ways(&mut scene, None, path(|_| {}));
    let rollout = RolloutId::new(id(1));
    let pace = |at| scene.seen.ways.pace(rollout, &policy, at);
    let usual = pace(asked_at() - TimeDelta::seconds(1));
    assert_eq!((usual.bake_hours, usual.notice), (policy.gate.bake_hours, TimeDelta::days(5)));
    let quick = pace(asked_at());
    assert_eq!((quick.bake_hours, quick.notice), (6, TimeDelta::hours(24)));
    assert_eq!(pace(asked_at() + TimeDelta::hours(48)), usual, "its time is up");
    assert_eq!(scene.seen.ways.pace(RolloutId::new(id(2)), &policy, asked_at()), usual, "another rollout");

    let passes = |baked: i64, active: bool| {
        by(stages::check, |scene| {
            if active {
                ways(scene, Some(path(|_| {})), path(|_| {}));
            }
            let (opened_at, finished_at) = (at("2026-10-04T22:00:00Z"), at("2026-10-05T23:00:00Z"));
            for n in [2, 3] {
                let night = night("2026-10-06");
                scene.update(n).state = UpdateState::Succeeded { night, started_at: night.start, finished_at };
            }
            let passed_at = finished_at + TimeDelta::hours(baked);
            scene.stage(0, StageState::Passed { opened_at, passed_at });
        })
    };
    assert_eq!((passes(6, true), passes(5, true)), (vec![], vec!["I2"]), "shortened, not dropped");
    assert_eq!(passes(6, false), ["I2"]);
}

fn build(n: u128, version: domain::release::BuildVersion, marked: Option<Schema>) -> Build {
    let artifact = store::digest::of(&n).unwrap();
    Build {
        id: BuildId::new(id(n)),
        service_update: SERVICE_UPDATE,
        version,
        platform: None,
        registered_at: asked_at(),
        halted: None,
        changes: Vec::new(),
        schema: marked.map(|marked| vec![SchemaChange { name: "a column".into(), marked }]),
        approval: Some(BuildApproval { artifact: artifact.clone(), by: None, at: asked_at() }),
        artifact,
        withdrawn: None,
        generation: 1,
    }
}

/// Proposed by 1 and approved by 2: the environment 2 goes back from the new build to the old one.
fn way_back(path: RecoveryPath) -> Proposal {
    let of = |n, version| BuildRef { id: BuildId::new(id(n)), version, service_update: SERVICE_UPDATE };
    let moves = vec![Move { environment: EnvironmentId::new(id(2)), to: of(2, OLD), restored_from: None }];
    let (bad, work) = (of(1, NEW), Work::MoveBack { moves });
    Proposal { halt: HaltId::new(id(1)), bad, path, work, by: reasoned(1) }
}

fn recovery(scene: &mut Scene, proposal: &Proposal, approver: u128, marked: Option<Schema>) {
    let digest = store::digest::of(proposal).unwrap();
    let approval = Approved { digest, by: person(approver), at: asked_at() };
    let (recovery, rollout) = (RecoveryId::new(id(1)), RolloutId::new(id(1)));
    let ways = |state| {
        let plan = RecoveryPlan { id: recovery, proposal: proposal.clone(), state };
        let known = Known { plan, rollout, generation: 1 };
        Arc::new(Ways { recoveries: [(recovery, known)].into(), ..Ways::default() })
    };
    scene.step.ways_before = ways(RecoveryState::Approved { approval: approval.clone() });
    scene.seen.ways = ways(RecoveryState::Running { approval, started_at: asked_at() });
    let builds = [build(1, NEW, marked), build(2, OLD, None)];
    scene.seen.builds = builds.map(|build| (build.id, build)).into();
    let RolloutState::Running { started_at, started_by, resumed_at } = scene.whole().rollout.state else { return };
    let cause = HaltCause::Build { reason: "r".into() };
    let halted = RolloutState::Halted { started_at, started_by, halted_at: asked_at(), cause, resumed_at };
    scene.whole().rollout.state = halted;
    scene.step.rollouts_before = scene.seen.rollouts.clone();
}

#[test]
fn i7_back_only_where_the_schema_lets_it() {
    let found = |path, marked| by(recoveries::check, |scene| recovery(scene, &way_back(path), 2, marked));
    for marked in [Schema::Reversible, Schema::Compatible] {
        assert_eq!(found(RecoveryPath::RollBack, Some(marked)), [""; 0], "{marked:?}");
    }
    for marked in [None, Some(Schema::Online), Some(Schema::Irreversible)] {
        assert_eq!(found(RecoveryPath::RollBack, marked), ["I7"], "{marked:?}");
        assert_eq!(found(RecoveryPath::RedeployLastKnownGood, marked), ["I7"], "no restore point: {marked:?}");
    }
    let restored = |scene: &mut Scene| {
        let mut proposal = way_back(RecoveryPath::RedeployLastKnownGood);
        let Work::MoveBack { moves } = &mut proposal.work else { return };
        moves[0].restored_from = Some(asked_at());
        recovery(scene, &proposal, 2, Some(Schema::Irreversible));
    };
    assert_eq!(by(recoveries::check, restored), [""; 0]);
}

#[test]
fn i8_i11_h1_of_a_way_out() {
    let good = |scene: &mut Scene| recovery(scene, &way_back(RecoveryPath::RollBack), 2, Some(Schema::Reversible));
    let with = |change: fn(&mut Scene)| {
        by(recoveries::check, |scene| {
            good(scene);
            change(scene);
        })
    };
    assert_eq!(with(|_| {}), [""; 0]);
    let own = |scene: &mut Scene| recovery(scene, &way_back(RecoveryPath::RollBack), 1, Some(Schema::Reversible));
    assert_eq!(by(recoveries::check, own), ["I11"]);
    let target =
        |scene: &mut Scene, change: fn(&mut Build)| change(scene.seen.builds.get_mut(&BuildId::new(id(2))).unwrap());
    assert_eq!(
        by(recoveries::check, |scene| {
            good(scene);
            target(scene, |build| build.approval = None);
        }),
        ["I8"]
    );
    assert_eq!(
        by(recoveries::check, |scene| {
            good(scene);
            target(scene, |build| build.withdrawn = Some(reasoned(1)));
        }),
        ["I8"]
    );
    let lifts = |scene: &mut Scene| {
        let started_by = UserId::new(id(1));
        scene.whole().rollout.state =
            RolloutState::Running { started_at: asked_at(), started_by, resumed_at: Some(asked_at()) };
    };
    assert_eq!(with(lifts), ["H1"]);
    let silently = |scene: &mut Scene| {
        scene.step.halted_before.insert(BuildId::new(id(1)), asked_at());
    };
    assert_eq!(by(recoveries::check, silently), ["H1"], "nobody lifted it");
}

/// The scene's rollout takes environment 2 back; `named` is whom the recovery names.
fn going_back(scene: &mut Scene, named: u128) {
    let mut proposal = way_back(RecoveryPath::RollBack);
    let Work::MoveBack { moves } = &mut proposal.work else { return };
    moves[0].environment = EnvironmentId::new(id(named));
    moves[0].to.id = BuildId::new(id(1));
    recovery(scene, &proposal, 2, Some(Schema::Reversible));
    let whole = scene.whole();
    whole.rollout.version = OLD;
    whole.rollout.descent.kind = RolloutKind::Back { from: NEW };
    whole.rollout.descent.recovery = Some(RecoveryId::new(id(1)));
    scene.environment(2).build = NEW;
    scene.step.touches[0].order.build = OLD;
    scene.step.touches[0].from = NEW;
}

#[test]
fn i7_only_whom_a_recovery_names_goes_back() {
    assert_eq!(by(touches::check, |scene| going_back(scene, 2)), [""; 0]);
    assert_eq!(by(touches::check, |scene| going_back(scene, 3)), ["I7"], "another one is named");
    let forward = |scene: &mut Scene| {
        going_back(scene, 2);
        scene.whole().rollout.descent.kind = RolloutKind::Forward;
    };
    assert!(by(touches::check, forward).contains(&"I7"));
    let over = |scene: &mut Scene| {
        going_back(scene, 2);
        let mut ways = (*scene.step.ways_before).clone();
        ways.over.insert(RecoveryId::new(id(1)), scene.step.touches[0].at - TimeDelta::seconds(4));
        scene.step.ways_before = Arc::new(ways);
    };
    assert_eq!(by(touches::check, over), ["I7"], "it was abandoned");
}

fn exemption(scene: &mut Scene, granted: u128, stands: bool) {
    let environment = EnvironmentId::new(id(2));
    let expires_at = at("2026-10-20T00:00:00Z");
    let request = ExemptionRequest {
        scope: ExemptionScope::Environment { environment },
        why: reasoned(1),
        evidence: "VP-1".into(),
        expires_at,
    };
    let digest = store::digest::of(&request).unwrap();
    let approval = Approved { digest, by: person(granted), at: asked_at() };
    let ways = |state| {
        let exemption = ExemptionId::new(id(1));
        let record = ExemptionRecord { id: exemption, request: request.clone(), state };
        let known = store::exemption::Known { record, customer: CustomerId::new(id(1)), environment, generation: 1 };
        let regulated = [CustomerId::new(id(1))].into();
        Arc::new(Ways { exemptions: [(exemption, known)].into(), regulated, ..Ways::default() })
    };
    scene.step.ways_before = ways(ExemptionState::Requested);
    scene.seen.ways = ways(ExemptionState::Granted { approval, reminded_days: None });
    let exempt = scene.seen.ways.exemptions.values().next().and_then(|known| known.record.exemption());
    scene.environment(2).exemption = exempt.filter(|_| stands);
    scene.deed("exemption.granted", "exemption");
}

#[test]
fn s2_i11_an_exemption_is_granted_by_somebody_else_and_stands_with_its_environment() {
    assert_eq!(by(exemptions::check, |scene| exemption(scene, 2, true)), [""; 0]);
    assert_eq!(by(exemptions::check, |scene| exemption(scene, 1, true)), ["I11"]);
    assert_eq!(by(exemptions::check, |scene| exemption(scene, 2, false)), ["S2"]);
    let mut scene = Scene::new();
    exemption(&mut scene, 2, true);
    for (now, owed) in [("2026-10-13T01:00:00Z", 0), ("2026-10-14T01:00:00Z", 1), ("2026-10-21T00:00:00Z", 0)] {
        assert_eq!(exemptions::overdue(&scene.seen, at(now)).len(), owed, "{now}");
    }
}

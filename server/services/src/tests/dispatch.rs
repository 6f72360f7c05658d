//! Between the commit of a start and the deployer's ear: halts, ends of nights, kills, a deployer that is away.

use super::{Stage, at, done, stage};
use crate::trail::{By, Deed};
use chrono::TimeDelta;
use domain::calendar::{DarkHours, Night};
use domain::fleet::Exemption;
use domain::permission::{Role, TenantScope};
use domain::rollout::{EnvironmentReason, MoveReason, UpdateFacts, UpdateState};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use store::environment::{Deployed, Planning};
use store::rollout::Reach;
use store::update::Expect;

async fn dev(stage: &Stage) -> UpdateFacts {
    of(stage, "DEV").await
}

/// Of Contoso.
async fn of(stage: &Stage, name: &str) -> UpdateFacts {
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap();
    let id = stage.environment_id(stage.contoso, name);
    loaded.facts.environments.into_iter().find(|environment| environment.id == id).unwrap().update.unwrap()
}

/// The first night of DEV begins; the engine has not looked yet.
async fn night_of_dev() -> (Stage, Night) {
    night_of("DEV").await
}

async fn night_of(name: &str) -> (Stage, Night) {
    let stage = stage().await;
    stage.start().await;
    let night = loop {
        if let UpdateState::Announced { night, .. } = of(&stage, name).await.state {
            break night;
        }
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
        assert!(stage.now() < at("2026-10-20T00:00:00Z"), "never announced");
    };
    stage.run_until(&(night.start - TimeDelta::hours(1)).to_rfc3339()).await;
    stage.clock.set(night.start);
    (stage, night)
}

/// What a plan commits when it starts DEV, and the claim of its dispatch; then the server is killed.
async fn commit_start(stage: &Stage, claims: bool) {
    commit_start_of(stage, "DEV", claims).await;
}

async fn commit_start_of(stage: &Stage, name: &str, claims: bool) {
    let update = of(stage, name).await;
    let started = update.state.clone().start(stage.now()).unwrap();
    let tx = stage.services.db().begin().await.unwrap();
    let expect = Expect::State(&update.state);
    let generation = store::update::save_state(&tx, update.id, expect, &started, 1).await.unwrap();
    if claims {
        store::update::claim_dispatch(&tx, update.id, generation, stage.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn letters(stage: &Stage, kind: NotificationKind) -> usize {
    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let list = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap();
    list.rows.iter().filter(|row| row.kind == kind).count()
}

#[tokio::test]
async fn a_halt_before_the_dispatch_sends_the_update_back() {
    let (stage, night) = night_of_dev().await;
    commit_start(&stage, false).await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    stage.tick().await;
    let back = dev(&stage).await;
    assert_eq!((back.state.night(), back.attempts), (Some(night), 0));
    assert!(matches!(back.state, UpdateState::Announced { moved: None, .. }), "{:?}", back.state);
    assert_eq!(back.reasons.last(), Some(&EnvironmentReason::RolloutHalted));
    // Long after the time in which silence is a failure.
    stage.run_until(&(night.end + TimeDelta::hours(12)).to_rfc3339()).await;
    assert_eq!(stage.deployer.started(), 0);
    assert_eq!(letters(&stage, NotificationKind::Failed).await, 0);
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, stage.rollout, "looked at").await.unwrap());
    stage.tick().await;
    let UpdateState::Announced { night: to, moved: Some(moved), .. } = dev(&stage).await.state else { panic!() };
    assert!(to > night);
    assert_eq!((moved.from, moved.reason), (night, MoveReason::RolloutHalted));
    assert!(letters(&stage, NotificationKind::Moved).await > 0);
    stage.run_until(&(to.end + TimeDelta::hours(1)).to_rfc3339()).await;
    let updated = dev(&stage).await;
    assert!(matches!(updated.state, UpdateState::Succeeded { .. }), "{:?}", updated.state);
    assert_eq!(updated.attempts, 1);
}

/// I8: between the commit of a start and the deployer's ear the build is withdrawn; approved again, the train goes on.
#[tokio::test]
async fn a_withdrawal_before_the_dispatch_sends_the_update_back() {
    let (stage, night) = night_of_dev().await;
    commit_start(&stage, false).await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.withdraw_build(&lead, stage.rollout, "wrong key").await.unwrap());
    stage.tick().await;
    let back = dev(&stage).await;
    assert_eq!((back.state.night(), back.attempts, stage.deployer.started()), (Some(night), 0, 0));
    let Some(EnvironmentReason::BuildNotApproved { build }) = back.reasons.last() else { panic!("{back:?}") };
    assert!(build.sentence().ends_with("wrong key"));
    let approver = stage.as_role(Role::Approver).await.unwrap();
    let artifact = stage.services.show_rollout(&approver, stage.rollout).await.unwrap().artifact;
    done(stage.services.approve_build(&approver, stage.rollout, &artifact).await.unwrap());
    stage.tick().await;
    assert!(dev(&stage).await.state.is_running());
}

/// S2: between the commit of a start and the deployer's ear its owner is granted an exemption.
#[tokio::test]
async fn an_exemption_before_the_dispatch_keeps_it_out() {
    let (stage, _) = night_of_dev().await;
    commit_start(&stage, false).await;
    let expires_at = at("2026-12-31T00:00:00Z");
    let exemption = Exemption { reason: "GxP".into(), evidence: "VP-1".into(), expires_at };
    let tx = stage.services.db().begin().await.unwrap();
    let id = stage.environment_id(stage.contoso, "DEV");
    store::environment::set_exemption(&tx, id, Some(&exemption)).await.unwrap();
    tx.commit().await.unwrap();
    stage.tick().await;
    let kept = dev(&stage).await;
    let UpdateState::Skipped { reason: EnvironmentReason::Exempt { .. }, .. } = kept.state else { panic!("{kept:?}") };
    assert_eq!((kept.attempts, stage.deployer.started()), (0, 0));
}

/// S1: between the commit of a start and the deployer's ear the next service update is entered for tomorrow.
#[tokio::test]
async fn a_service_update_that_is_entered_before_the_dispatch_keeps_it_out() {
    let (stage, _) = night_of_dev().await;
    commit_start(&stage, false).await;
    let on = stage.now().date_naive().succ_opt().unwrap();
    let id = stage.environment_id(stage.contoso, "DEV");
    let tx = stage.services.db().begin().await.unwrap();
    let known = store::environment::find(&tx, TenantScope::AllCustomers, id).await.unwrap().unwrap();
    let planning = Planning { chosen_days: None, service_update_due: Some(on), priority_batch: true };
    store::environment::set_planning(&tx, id, known.generation, &planning).await.unwrap();
    tx.commit().await.unwrap();
    stage.tick().await;
    let kept = dev(&stage).await;
    let due = EnvironmentReason::ServiceUpdateDue { on };
    let UpdateState::Skipped { reason, .. } = &kept.state else { panic!("{kept:?}") };
    assert_eq!((reason, kept.attempts, stage.deployer.started()), (&due, 0, 0));
}

/// S3: between the commit of a start of production and the deployer's ear the update turns out to have failed in a sandbox
/// of its owner.
#[tokio::test]
async fn a_sandbox_that_fails_before_the_dispatch_keeps_production_out() {
    let (stage, _) = night_of("PROD").await;
    commit_start_of(&stage, "PROD", false).await;
    let uat = of(&stage, "UAT").await;
    let UpdateState::Succeeded { night: before, started_at, .. } = uat.state else { panic!("{uat:?}") };
    let failed_at = stage.now();
    let failed = UpdateState::Failed { night: before, started_at, failed_at, error: "disk full".to_owned() };
    let sandbox = stage.environment_id(stage.contoso, "UAT");
    let build = "10.0.2645.136".parse().unwrap();
    let old = Deployed { build, platform: None, service_update: None, at: failed_at, rollout: None };
    let tx = stage.services.db().begin().await.unwrap();
    store::update::save_state(&tx, uat.id, Expect::State(&uat.state), &failed, 1).await.unwrap();
    store::environment::set_build(&tx, sandbox, &old).await.unwrap();
    tx.commit().await.unwrap();
    stage.tick().await;
    let kept = of(&stage, "PROD").await;
    // The same tick tries the sandbox again, and moves production behind it.
    assert!(kept.state.is_announced(), "{kept:?}");
    assert_eq!(kept.attempts, 0);
}

/// G4, S5: the dark hours that its night was chosen by are others by then, or nobody knows them any more.
#[tokio::test]
async fn dark_hours_that_change_before_the_dispatch_send_it_back() {
    for later in [Some(1), None] {
        let (stage, night) = night_of_dev().await;
        commit_start(&stage, false).await;
        let mut catalogue = store::catalogue::load(stage.services.db().reader()).await.unwrap();
        for region in &mut catalogue.regions {
            let shifted = |hours: DarkHours| {
                let start = hours.start_minute() + 60 * later?;
                DarkHours::new(start, hours.length_minutes(), hours.weekend_first())
            };
            region.dark_hours = region.dark_hours.and_then(shifted);
        }
        let tx = stage.services.db().begin().await.unwrap();
        store::catalogue::replace(&tx, &catalogue).await.unwrap();
        let deed = Deed {
            action: "catalogue.loaded",
            object_kind: "catalogue",
            object_id: "own".into(),
            customer: None,
            details: serde_json::Value::Null,
        };
        stage.services.audit(&tx, By::System("tests"), stage.now(), deed).await.unwrap();
        tx.commit().await.unwrap();
        stage.tick().await;
        let back = dev(&stage).await;
        assert_eq!((back.attempts, stage.deployer.started()), (0, 0));
        match (later, &back.state) {
            (Some(_), UpdateState::Announced { night: to, moved: Some(moved), .. }) => {
                assert_eq!((to.start, &moved.reason), (night.start + TimeDelta::hours(1), &MoveReason::HoursChanged));
            }
            (None, UpdateState::Held { reason: EnvironmentReason::NoDarkHours { .. }, .. }) => {}
            (_, state) => panic!("{state:?}"),
        }
    }
}

#[tokio::test]
async fn a_kill_between_claim_and_start_is_made_good_while_the_night_lasts() {
    let (stage, _) = night_of_dev().await;
    commit_start(&stage, true).await;
    stage.clock.advance(TimeDelta::hours(1));
    stage.tick().await;
    assert!(stage.deployer.started() >= 1);
    assert!(dev(&stage).await.state.is_running(), "its time counts from when it was begun");
    stage.clock.advance(TimeDelta::minutes(40));
    stage.tick().await;
    stage.tick().await;
    assert!(matches!(dev(&stage).await.state, UpdateState::Succeeded { .. }));
}

#[tokio::test]
async fn a_kill_between_claim_and_start_at_the_end_of_a_night_begins_nothing() {
    for claims in [true, false] {
        let (stage, night) = night_of_dev().await;
        commit_start(&stage, claims).await;
        // An hour is left, the update declares an hour and a half.
        stage.clock.set(night.end - TimeDelta::hours(1));
        stage.tick().await;
        let moved = dev(&stage).await;
        let UpdateState::Announced { night: to, moved: Some(why), .. } = &moved.state else {
            panic!("{:?}", moved.state)
        };
        assert!(*to > night);
        assert_eq!((why.from, &why.reason, moved.attempts), (night, &MoveReason::NightMissed, 0));
        assert_eq!(stage.deployer.started(), 0);
        assert_eq!(letters(&stage, NotificationKind::Failed).await, 0);
    }
}

#[tokio::test]
async fn a_deployer_that_stays_away_makes_a_failure_after_six_hours() {
    let (stage, night) = night_of_dev().await;
    stage.tick().await;
    assert!(dev(&stage).await.state.is_running());
    stage.deployer.set_away(true);
    stage.clock.set(night.start + TimeDelta::hours(6) - TimeDelta::minutes(1));
    stage.tick().await;
    assert!(dev(&stage).await.state.is_running(), "silence is patience first");
    stage.clock.set(night.start + TimeDelta::hours(6));
    stage.tick().await;
    let failed = dev(&stage).await;
    let reason = match &failed.state {
        UpdateState::Announced { moved: Some(moved), .. } => moved.reason.clone(),
        other => panic!("{other:?}"),
    };
    let error = "no report for 6 hours: the deployer did not answer: away".to_owned();
    assert_eq!((reason, failed.attempts), (MoveReason::AttemptFailed { error }, 1));
    assert!(letters(&stage, NotificationKind::Failed).await > 0);
}

#[tokio::test]
async fn what_never_becomes_healthy_has_failed_after_six_hours() {
    let (stage, night) = night_of_dev().await;
    stage.deployer.never_healthy(stage.environment_id(stage.contoso, "DEV"));
    stage.tick().await;
    stage.clock.set(night.start + TimeDelta::hours(6) - TimeDelta::minutes(1));
    stage.tick().await;
    assert!(matches!(dev(&stage).await.state, UpdateState::Verifying { .. }), "verified with patience first");
    stage.clock.set(night.start + TimeDelta::hours(6));
    stage.tick().await;
    let reason = match dev(&stage).await.state {
        UpdateState::Announced { moved: Some(moved), .. } => moved.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason, MoveReason::AttemptFailed { error: "not healthy after 6 hours".to_owned() });
}

#[tokio::test]
async fn a_deployer_that_was_away_all_night_has_failed_nothing() {
    let (stage, night) = night_of_dev().await;
    stage.deployer.set_away(true);
    stage.tick().await;
    assert!(dev(&stage).await.state.is_running(), "claimed, and perhaps begun: nobody knows");
    stage.deployer.set_away(false);
    stage.clock.set(night.end - TimeDelta::hours(1));
    stage.tick().await;
    let moved = dev(&stage).await;
    assert!(matches!(moved.state, UpdateState::Announced { moved: Some(_), .. }), "{:?}", moved.state);
    assert_eq!((moved.attempts, stage.deployer.started()), (0, 0));
    assert_eq!(letters(&stage, NotificationKind::Failed).await, 0);
}

#[tokio::test]
async fn each_halt_has_its_letter_though_the_clock_stands() {
    let (stage, _) = night_of_dev().await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    for halts in 1..=2 {
        done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
        assert_eq!(letters(&stage, NotificationKind::Halted).await, halts);
        done(stage.services.resume_rollout(&manager, stage.rollout, "looked at").await.unwrap());
        assert_eq!(letters(&stage, NotificationKind::Resumed).await, halts);
    }
}

/// The server runs them on any of its threads; that they may be is known here, long before it is built.
#[tokio::test]
async fn ticks_and_switches_may_change_threads() {
    const fn spawnable<T: Send>(_: &T) {}
    let stage = stage().await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    spawnable(&stage.services.engine_tick("tests"));
    spawnable(&stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails"));
    spawnable(&stage.services.resume_rollout(&lead, stage.rollout, "looked at"));
}

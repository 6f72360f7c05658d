//! Halts of stations, of one customer, of everything: what stops, what goes on, who is told, and that no plan made before
//! is carried out after.

use super::{Stage, at, done, refused, stage};
use crate::{Error, RequestContext};
use chrono::TimeDelta;
use domain::ids::{CustomerId, HaltId};
use domain::permission::Role;
use domain::rollout::halt::HaltScope;
use domain::rollout::{EnvironmentReason, MoveReason, RolloutState, UpdateFacts, UpdateState};
use domain::wire::halt::{HaltTarget, HaltsParams, HaltsView};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use domain::wire::problem::FormProblem;
use store::rollout::{Reach, Rollout};
use uuid::Uuid;

/// DEV's night, of station 1, is announced; the others' are still to be chosen.
async fn announced() -> Stage {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-25T08:00:00Z").await;
    stage
}

async fn lead(stage: &Stage) -> RequestContext {
    stage.as_role(Role::IncidentLead).await.unwrap()
}

async fn manager(stage: &Stage) -> RequestContext {
    stage.as_role(Role::ReleaseManager).await.unwrap()
}

async fn rollout(stage: &Stage) -> Rollout {
    store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap()
}

async fn update(stage: &Stage, customer: CustomerId, name: &str) -> UpdateFacts {
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap();
    let id = stage.environment_id(customer, name);
    loaded.facts.environments.into_iter().find(|environment| environment.id == id).unwrap().update.unwrap()
}

/// How many letters of this kind Contoso's and Fabrikam's people have.
async fn told(stage: &Stage, kind: NotificationKind) -> (usize, usize) {
    let mut counts = Vec::new();
    for email in ["customer_admin@contoso.example", "customer_admin@fabrikam.example"] {
        let admin = stage.by(email).await.unwrap();
        let list = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap();
        counts.push(list.rows.iter().filter(|row| row.kind == kind).count());
    }
    (counts[0], counts[1])
}

async fn halts(stage: &Stage, params: &HaltsParams) -> HaltsView {
    stage.services.list_halts(&manager(stage).await, params).await.unwrap()
}

async fn halt_id(stage: &Stage, scope: HaltScope) -> HaltId {
    let standing = store::halt::in_force(stage.services.db().reader()).await.unwrap();
    standing.iter().find(|halt| halt.scope == scope).unwrap().id
}

#[tokio::test]
async fn a_station_stops_and_only_who_is_in_it_is_told() {
    let stage = announced().await;
    let message =
        done(stage.services.halt_station(&lead(&stage).await, stage.rollout, 1, "a region is down").await.unwrap());
    assert_eq!(message, "Station 1 is halted. Nothing new starts there.");
    assert_eq!(told(&stage, NotificationKind::Halted).await, (1, 0), "DEV is in it; Fabrikam has nobody there");
    stage.run_until("2026-10-01T08:00:00Z").await;
    assert_eq!(stage.deployer.started(), 0);
    let dev = update(&stage, stage.contoso, "DEV").await;
    let Some(EnvironmentReason::Halted { why }) = dev.reasons.last() else { panic!("{:?}", dev.reasons) };
    assert_eq!(why, "Halted by Incident lead of vendor.example: a region is down");

    let view = halts(&stage, &HaltsParams::default()).await;
    let row = &view.in_force[0];
    assert_eq!((row.what.as_str(), row.effect.as_str()), ("Station 1 of 10.0.48 PQU-7", "1 environment waits"));
    assert_eq!((row.waiting, row.rollouts.len(), row.may_lift), (1, 1, true));
    let page = stage.services.show_rollout(&manager(&stage).await, stage.rollout).await.unwrap();
    let first = page.stages.iter().find(|row| row.station == 1).unwrap();
    assert_eq!((first.halt.as_deref(), first.may_stop), (Some(row.id.as_str()), true));
    assert_eq!(page.halts, ["Station 1: Halted by Incident lead of vendor.example: a region is down"]);

    let id = row.id.parse().unwrap();
    done(stage.services.lift_halt(&manager(&stage).await, id, "it is back").await.unwrap());
    assert_eq!(told(&stage, NotificationKind::Resumed).await, (1, 0));
    stage.tick().await;
    let dev = update(&stage, stage.contoso, "DEV").await;
    let UpdateState::Announced { moved: Some(moved), .. } = dev.state else { panic!("{:?}", dev.state) };
    assert!(matches!(moved.reason, MoveReason::Halted { .. }), "{moved:?}");
    let view = halts(&stage, &HaltsParams::default()).await;
    assert!(view.in_force.is_empty());
    assert_eq!(view.lifted[0].lift, "Release manager of vendor.example: it is back");
}

/// Rule H2.
#[tokio::test]
async fn one_customer_stops_and_nobody_else() {
    let stage = announced().await;
    done(stage.services.halt_customer(&lead(&stage).await, stage.contoso, None, "their books").await.unwrap());
    assert_eq!(told(&stage, NotificationKind::Halted).await, (1, 0));
    stage.run_until("2026-10-27T08:00:00Z").await;
    for name in ["DEV", "UAT", "PROD"] {
        let waits = update(&stage, stage.contoso, name).await;
        assert!(
            matches!(waits.state, UpdateState::Planned | UpdateState::Announced { .. }),
            "{name} {:?}",
            waits.state
        );
    }
    let other = update(&stage, stage.fabrikam, "UAT").await;
    assert!(matches!(other.state, UpdateState::Succeeded { .. }), "{:?}", other.state);
    let row = &halts(&stage, &HaltsParams::default()).await.in_force[0];
    assert_eq!(row.what, "Contoso in every rollout");
    let scope = HaltScope::Customer { customer: stage.contoso, rollout: None };
    done(stage.services.lift_halt(&manager(&stage).await, halt_id(&stage, scope).await, "closed").await.unwrap());
    assert_eq!(told(&stage, NotificationKind::Resumed).await, (1, 0));
}

/// I5: the plan is dropped, for the rollout is no longer what the plan was made from.
#[tokio::test]
async fn no_plan_made_before_a_halt_or_its_lift_is_carried_out_after() {
    let stage = announced().await;
    let (lead, manager) = (lead(&stage).await, manager(&stage).await);
    let services = &stage.services;
    for scope in [
        HaltScope::Station { rollout: stage.rollout, station: domain::fleet::StationNumber(4) },
        HaltScope::Customer { customer: stage.contoso, rollout: None },
        HaltScope::Customer { customer: stage.contoso, rollout: Some(stage.rollout) },
        HaltScope::Everything,
    ] {
        let before = rollout(&stage).await.generation;
        done(
            match scope {
                HaltScope::Station { rollout, station } => services.halt_station(&lead, rollout, station.0, "x").await,
                HaltScope::Customer { customer, rollout } => {
                    services.halt_customer(&lead, customer, rollout, "x").await
                }
                _ => services.halt_everything(&lead, "x").await,
            }
            .unwrap(),
        );
        let halted = rollout(&stage).await.generation;
        done(services.lift_halt(&manager, halt_id(&stage, scope).await, "y").await.unwrap());
        let lifted = rollout(&stage).await.generation;
        assert_eq!((halted, lifted), (before + 1, before + 2), "{scope:?}");
        // What `apply` does first with a plan that was based on that.
        let tx = services.db().begin().await.unwrap();
        for stale in [before, halted] {
            let late = store::rollout::bump(&tx, stage.rollout, stale).await;
            assert!(matches!(late, Err(store::Error::Conflict { .. })), "{scope:?}");
        }
    }
}

#[tokio::test]
async fn the_kill_switch_stops_what_a_plan_has_started_and_nobody_has_heard_of() {
    let stage = announced().await;
    let UpdateState::Announced { night, .. } = update(&stage, stage.contoso, "DEV").await.state else { panic!() };
    stage.run_until(&(night.start - TimeDelta::hours(1)).to_rfc3339()).await;
    stage.clock.set(night.start);
    let dev = update(&stage, stage.contoso, "DEV").await;
    let started = dev.state.clone().start(stage.now()).unwrap();
    let tx = stage.services.db().begin().await.unwrap();
    store::update::save_state(&tx, dev.id, store::update::Expect::State(&dev.state), &started, 1).await.unwrap();
    tx.commit().await.unwrap();

    done(stage.services.halt_everything(&lead(&stage).await, "the network is down").await.unwrap());
    stage.tick().await;
    let back = update(&stage, stage.contoso, "DEV").await;
    assert!(matches!(back.state, UpdateState::Announced { .. }), "{:?}", back.state);
    stage.run_until(&(night.end + TimeDelta::hours(30)).to_rfc3339()).await;
    assert_eq!(stage.deployer.started(), 0);
    assert!(matches!(rollout(&stage).await.state, RolloutState::Running { .. }), "the rollout itself is not halted");

    done(
        stage
            .services
            .lift_halt(&manager(&stage).await, halt_id(&stage, HaltScope::Everything).await, "back")
            .await
            .unwrap(),
    );
    stage.tick().await;
    let UpdateState::Announced { moved: Some(moved), .. } = update(&stage, stage.contoso, "DEV").await.state else {
        panic!()
    };
    assert_eq!(moved.from, night);
    let why = "All updates were halted by Incident lead of vendor.example: the network is down".to_owned();
    assert_eq!(moved.reason, MoveReason::Halted { why });
    stage.run_until("2026-10-04T08:00:00Z").await;
    assert!(matches!(update(&stage, stage.contoso, "DEV").await.state, UpdateState::Succeeded { .. }));
}

#[tokio::test]
async fn while_everything_is_halted_everybody_concerned_reads_so() {
    let stage = announced().await;
    let (lead, manager) = (lead(&stage).await, manager(&stage).await);
    let admin = stage.by("customer_admin@contoso.example").await.unwrap();
    for ctx in [&lead, &admin] {
        assert_eq!(stage.services.shell_view(ctx).await.unwrap().stop, None);
    }
    done(stage.services.halt_everything(&lead, "the network is down").await.unwrap());
    let staff = stage.services.shell_view(&lead).await.unwrap().stop.unwrap();
    assert!(
        staff.starts_with("All updates are halted by Incident lead of vendor.example: the network is down ("),
        "{staff}"
    );
    let yours = stage.services.shell_view(&admin).await.unwrap().stop.unwrap();
    assert!(yours.contains("5 environments of yours wait until this is lifted"), "{yours}");
    assert_eq!(told(&stage, NotificationKind::Halted).await, (1, 1));

    let uat = stage.environment_id(stage.contoso, "UAT");
    let page = stage.services.show_environment(&admin, uat).await.unwrap();
    assert!(page.why.iter().any(|why| why.text.starts_with("All updates are halted by")), "{:?}", page.why);
    let row = &halts(&stage, &HaltsParams::default()).await.in_force[0];
    assert_eq!((row.what.as_str(), row.rollouts.len()), ("Everything", 1));
    stage.tick().await;
    let train = stage.services.show_rollout(&manager, stage.rollout).await.unwrap();
    assert!(train.stages[0].why[0].text.starts_with("All updates are halted by"), "{:?}", train.stages[0]);
    let again = stage.services.halt_everything(&lead, "twice").await.unwrap();
    assert_eq!(refused(again), FormProblem::HaltedAlready);
}

#[tokio::test]
async fn nothing_is_started_while_everything_is_halted() {
    let stage = stage().await;
    let manager = manager(&stage).await;
    done(stage.services.halt_everything(&manager, "the network is down").await.unwrap());
    let start = stage.services.start_rollout(&manager, stage.rollout).await.unwrap();
    assert_eq!(refused(start), FormProblem::EverythingHalted);
}

/// Nothing is silently un-halted, and nobody is told that what stands goes on.
#[tokio::test]
async fn a_lift_lets_go_only_what_nothing_else_holds() {
    let stage = announced().await;
    let (lead, manager) = (lead(&stage).await, manager(&stage).await);
    done(stage.services.halt_customer(&lead, stage.contoso, None, "their books").await.unwrap());
    done(stage.services.halt_everything(&lead, "the network is down").await.unwrap());
    done(stage.services.lift_halt(&manager, halt_id(&stage, HaltScope::Everything).await, "back").await.unwrap());
    assert_eq!(told(&stage, NotificationKind::Resumed).await, (0, 1));
    stage.run_until("2026-10-02T08:00:00Z").await;
    let dev = update(&stage, stage.contoso, "DEV").await;
    assert!(matches!(dev.state, UpdateState::Announced { moved: None, .. }), "{:?}", dev.state);
    let scope = HaltScope::Customer { customer: stage.contoso, rollout: None };
    done(stage.services.lift_halt(&manager, halt_id(&stage, scope).await, "closed").await.unwrap());
    assert_eq!(told(&stage, NotificationKind::Resumed).await, (1, 1));
}

#[tokio::test]
async fn who_halts_everything_need_not_be_who_lifts_it() {
    let stage = announced().await;
    let halts = [Role::IncidentLead, Role::ReleaseManager, Role::Approver, Role::Operator];
    let lifts = [Role::ReleaseManager, Role::Operator];
    for role in Role::ALL {
        let ctx = stage.as_role(role).await.unwrap();
        let halted = stage.services.halt_everything(&ctx, "x").await;
        assert_eq!(halted.is_ok(), halts.contains(&role), "{role:?}");
        if halted.is_err() {
            continue;
        }
        let id = halt_id(&stage, HaltScope::Everything).await;
        let lifted = stage.services.lift_halt(&ctx, id, "y").await;
        assert_eq!(lifted.is_ok(), lifts.contains(&role), "{role:?} {lifted:?}");
        if lifted.is_err() {
            done(stage.services.lift_halt(&manager(&stage).await, id, "y").await.unwrap());
        }
    }
    let scope = HaltScope::Station { rollout: stage.rollout, station: domain::fleet::StationNumber(4) };
    done(stage.services.halt_station(&lead(&stage).await, stage.rollout, 4, "x").await.unwrap());
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let kept = stage.services.lift_halt(&operator, halt_id(&stage, scope).await, "y").await.unwrap();
    assert_eq!(refused(kept), FormProblem::NotAllowed);
}

#[tokio::test]
async fn what_cannot_be_halted_is_refused_by_name() {
    let stage = announced().await;
    let (lead, manager) = (lead(&stage).await, manager(&stage).await);
    let services = &stage.services;
    assert_eq!(refused(services.halt_station(&lead, stage.rollout, 4, " ").await.unwrap()), FormProblem::ReasonMissing);
    assert_eq!(
        refused(services.halt_station(&lead, stage.rollout, 9, "x").await.unwrap()),
        FormProblem::StationMissing
    );
    let nobody = CustomerId::new(Uuid::from_u128(7));
    assert!(matches!(services.halt_customer(&lead, nobody, None, "x").await, Err(Error::NotFound)));
    let nothing = HaltId::new(Uuid::from_u128(7));
    assert!(matches!(services.lift_halt(&manager, nothing, "x").await, Err(Error::NotFound)));
    assert!(matches!(services.lift_target(&manager, "hlt_nonsense", "x").await, Err(Error::NotFound)));
    done(services.halt_station(&lead, stage.rollout, 4, "x").await.unwrap());
    let id = halts(&stage, &HaltsParams::default()).await.in_force[0].id.clone();
    done(services.lift_target(&manager, &id, "y").await.unwrap());
    assert_eq!(refused(services.lift_target(&manager, &id, "y").await.unwrap()), FormProblem::HaltLifted);
}

#[tokio::test]
async fn the_form_says_whom_it_stops_before_it_is_confirmed() {
    let stage = announced().await;
    let ask = |what: &str, station: &str, customer: &str| HaltsParams {
        what: what.into(),
        rollout: if what == "station" { stage.rollout.to_string() } else { String::new() },
        station: station.into(),
        customer: customer.into(),
        ..HaltsParams::default()
    };
    for (params, problem) in [
        (ask("nonsense", "", ""), FormProblem::HaltTargetMissing),
        (ask("build", "", ""), FormProblem::BuildMissing),
        (ask("station", "9", ""), FormProblem::StationMissing),
        (HaltsParams { rollout: String::new(), ..ask("station", "4", "") }, FormProblem::RolloutMissing),
        (ask("customer", "", "nobody.example"), FormProblem::CustomerUnknown),
    ] {
        let view = halts(&stage, &params).await;
        assert_eq!((view.problem, view.preview), (Some(problem), None), "{params:?}");
    }
    let customer = ask("customer", "", " Contoso.Example ");
    for (params, what, environments) in [
        (ask("station", "1", ""), "Station 1 of 10.0.48 PQU-7", 1),
        (customer.clone(), "Contoso in every rollout", 5),
        (ask("everything", "", ""), "Everything", 7),
    ] {
        let preview = halts(&stage, &params).await.preview.unwrap();
        assert_eq!((preview.what.as_str(), preview.environments, preview.rollouts), (what, environments, 1));
        let counted = if environments == 1 { "1 environment of 1 rollout" } else { "environments of 1 rollout" };
        assert!(preview.effect.contains(counted), "{}", preview.effect);
    }
    done(stage.services.halt_target(&lead(&stage).await, &customer.target(), "their books").await.unwrap());
    assert_eq!(halts(&stage, &customer).await.problem, Some(FormProblem::HaltedAlready));
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let kept = stage.services.halt_target(&operator, &customer.target(), "x").await.unwrap();
    assert_eq!(refused(kept), FormProblem::NotAllowed);
    let target = HaltTarget { what: "everything".into(), ..HaltTarget::default() };
    done(stage.services.halt_target(&operator, &target, "x").await.unwrap());
}

#[tokio::test]
async fn a_build_is_halted_and_lifted_by_itself() {
    let stage = announced().await;
    let manager = manager(&stage).await;
    let build = rollout(&stage).await.build;
    let message = done(stage.services.halt_build(&manager, build, "sign-in fails").await.unwrap());
    assert_eq!(message, "10.0.2645.147 is halted. Nothing new starts in any rollout of it.");
    assert_eq!(told(&stage, NotificationKind::Halted).await, (1, 1));
    let again = stage.services.halt_build(&manager, build, "twice").await.unwrap();
    assert_eq!(refused(again), FormProblem::HaltedAlready);
    let rows = halts(&stage, &HaltsParams::default()).await.in_force;
    assert_eq!(rows.iter().map(|row| row.what.as_str()).collect::<Vec<_>>(), ["Build 10.0.2645.147", "10.0.48 PQU-7"]);
    done(stage.services.lift_target(&manager, &rows[0].id, "looked at").await.unwrap());
    assert!(rollout(&stage).await.state.is_halted(), "each rollout is resumed by itself");
    done(stage.services.lift_target(&manager, &rows[1].id, "looked at").await.unwrap());
    assert!(matches!(rollout(&stage).await.state, RolloutState::Running { .. }));
    assert!(halts(&stage, &HaltsParams::default()).await.in_force.is_empty());
}

#[tokio::test]
async fn a_halted_rollout_knows_what_was_accepted() {
    let stage = announced().await;
    let (lead, manager) = (lead(&stage).await, manager(&stage).await);
    done(stage.services.halt_rollout(&lead, stage.rollout, "x").await.unwrap());
    done(stage.services.resume_rollout(&manager, stage.rollout, "y").await.unwrap());
    let resumed = rollout(&stage).await.state.resumed_at();
    assert_eq!(resumed, Some(stage.now()));
    stage.clock.set(at("2026-09-26T08:00:00Z"));
    done(stage.services.halt_rollout(&lead, stage.rollout, "x").await.unwrap());
    let halted = rollout(&stage).await.state;
    assert!(halted.is_halted());
    assert_eq!(halted.resumed_at(), resumed);
}

#[tokio::test]
async fn switches_may_change_threads() {
    const fn spawnable<T: Send>(_: &T) {}
    let stage = stage().await;
    let lead = lead(&stage).await;
    spawnable(&stage.services.halt_everything(&lead, "x"));
    spawnable(&stage.services.halt_station(&lead, stage.rollout, 1, "x"));
    spawnable(&stage.services.lift_target(&lead, "hlt_1", "x"));
}

//! Whom a halt caught in flight is not left behind, and a build that is halted after its rollout has its ways out too.

use super::{BAD, OLD, approve, begin, build_of, halt, newest, page, propose, recover, started, way, way_back};
use crate::tests::{Stage, at, done, refused};
use chrono::TimeDelta;
use domain::ids::BuildId;
use domain::permission::Role;
use domain::recovery::Schema;
use domain::rollout::RolloutState;
use domain::wire::notification::NotificationsParams;
use domain::wire::problem::FormProblem;

async fn running(stage: &Stage) -> usize {
    store::update::running(stage.services.db().reader()).await.unwrap().len()
}

/// The early sandbox has the build, and the rollout of it is over.
async fn completed() -> (Stage, BuildId) {
    let stage = started(Schema::Reversible).await;
    stage.run_until("2026-09-30T12:00:00Z").await;
    let tx = stage.services.db().begin().await.unwrap();
    let known = store::rollout::find(&tx, stage.rollout).await.unwrap().unwrap();
    let completed = known.state.complete(stage.now()).unwrap();
    store::rollout::bump(&tx, known.id, known.generation).await.unwrap();
    store::rollout::set_state(&tx, known.id, &completed).await.unwrap();
    tx.commit().await.unwrap();
    (stage, known.build)
}

#[tokio::test]
async fn no_way_back_is_chosen_before_the_last_update_has_ended() {
    let stage = started(Schema::Reversible).await;
    while running(&stage).await == 0 {
        assert!(stage.now() < at("2026-10-20T00:00:00Z"), "never started");
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
    }
    halt(&stage).await;
    let coming = "1 update to this build still runs; its environment would be left behind. Wait for its end";
    for key in ["roll_back", "redeploy_last_known_good"] {
        let obstacles = way(&stage, key).await.obstacles;
        assert!(obstacles.iter().any(|one| one == coming), "{key}: {obstacles:?}");
    }
    assert_eq!(refused(propose(&stage, "roll_back").await), FormProblem::RecoveryClosed);
    while running(&stage).await > 0 {
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
    }
    let dev = stage.environment_id(stage.contoso, "DEV");
    assert_eq!(build_of(&stage, dev).await, BAD, "what the halt caught in flight has ended, with success");
    let back = way(&stage, "roll_back").await;
    assert!(back.obstacles.is_empty(), "{back:?}");
    assert!(back.reach.starts_with("Reaches 1 of 1"), "{back:?}");
}

/// Two days after the last update an incident is opened: nothing runs that could be halted but the build.
#[tokio::test]
async fn a_build_that_is_halted_after_its_rollout_goes_back() {
    let (stage, build) = completed().await;
    assert_eq!(way(&stage, "roll_back").await.obstacles, ["No halt stands. Halt the build or the rollout first"]);
    assert_eq!(refused(propose(&stage, "roll_back").await), FormProblem::RecoveryClosed);

    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_build(&lead, build, "posting fails").await.unwrap());
    let admin = stage.by("customer_admin@contoso.example").await.unwrap();
    let told = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap().rows;
    assert_eq!(told[0].title, "The build that 10.0.48 PQU-7 brought is halted");
    let halted = page(&stage, Role::Support).await.halted;
    assert!(halted.as_ref().is_some_and(|why| why.contains("posting fails")), "{halted:?}");
    let shown = stage.services.show_rollout(&lead, stage.rollout).await.unwrap().halted;
    assert!(shown.as_ref().is_some_and(|why| why.contains("posting fails")), "its page leads there: {shown:?}");
    recover(&stage, "roll_back").await;
    assert!(matches!(way_back(&stage).await.state, RolloutState::Running { .. }));
    stage.run_until("2026-10-09T12:00:00Z").await;
    assert_eq!(build_of(&stage, stage.environment_id(stage.contoso, "DEV")).await, OLD);
}

/// Lifted and halted again it is another halt: what was approved served the first.
#[tokio::test]
async fn a_recovery_serves_the_halt_of_the_build_that_it_was_proposed_for() {
    let (stage, build) = completed().await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.halt_build(&lead, build, "posting fails").await.unwrap());
    done(propose(&stage, "roll_back").await);
    let proposed = newest(&stage).await;
    done(approve(&stage, Role::Approver, proposed.id, &proposed.digest).await);
    done(stage.services.lift_build(&manager, build, "a false alarm").await.unwrap());
    let admin = stage.by("customer_admin@contoso.example").await.unwrap();
    let told = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap().rows;
    assert_eq!(told[0].title, "The build that 10.0.48 PQU-7 brought is no longer halted");
    assert_eq!(refused(begin(&stage, proposed.id).await), FormProblem::RecoveryOutdated);
    stage.clock.advance(TimeDelta::minutes(5));
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_build(&lead, build, "it fails again").await.unwrap());
    assert_eq!(refused(begin(&stage, proposed.id).await), FormProblem::RecoveryOutdated);
}

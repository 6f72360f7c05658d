//! A recovery serves a halt that stands: of the build that is taken back, and for as long as it is.

use super::{halt, halted, page, propose, recover, started, way_back};
use crate::tests::{Stage, done, refused};
use crate::{RecoveryActForm, RecoveryForm};
use domain::ids::{RecoveryId, RolloutId};
use domain::permission::Role;
use domain::recovery::{RecoveryPath, Schema};
use domain::rollout::RolloutState;
use domain::wire::problem::FormProblem;
use domain::wire::recovery::RecoveryParams;

async fn abandon(stage: &Stage, id: RecoveryId) {
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let form = RecoveryActForm { digest: String::new(), reason: "the fix is near".into() };
    done(stage.services.abandon_recovery(&manager, id, &form).await.unwrap());
}

/// What it went back to is good: halted alone, it leaves nothing to be taken back, or away.
async fn leads_nowhere(stage: &Stage, back: RolloutId) {
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let params = RecoveryParams { rollout: Some(back), severity: String::new() };
    let page = stage.services.show_recovery(&manager, &params).await.unwrap();
    assert_eq!(page.halted, None);
    let closed = "No halt stands. Halt the build or the rollout first";
    for way in &page.ways {
        assert!(way.obstacles.iter().any(|why| why == closed), "{way:?}");
    }
    for path in RecoveryPath::ALL {
        let form = RecoveryForm { path: path.key().into(), reason: "it failed".into() };
        let proposed = stage.services.propose_recovery(&manager, back, &form).await.unwrap();
        assert_eq!(refused(proposed), FormProblem::RecoveryClosed, "{path:?}");
    }
    let view = stage.services.show_rollout(&manager, back).await.unwrap();
    assert!(view.halted.is_some() && !view.ways_out, "{view:?}");
}

#[tokio::test]
async fn an_abandoned_way_back_is_no_halt_of_the_good_build() {
    let stage = halted(Schema::Reversible).await;
    let id = recover(&stage, "roll_back").await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    assert!(stage.services.show_rollout(&manager, stage.rollout).await.unwrap().ways_out);
    abandon(&stage, id).await;
    leads_nowhere(&stage, way_back(&stage).await.id).await;
    done(propose(&stage, "roll_back").await);
}

#[tokio::test]
async fn a_way_back_that_its_gate_halted_is_no_halt_of_the_good_build() {
    let stage = halted(Schema::Reversible).await;
    recover(&stage, "roll_back").await;
    let dev = stage.environment_id(stage.contoso, "DEV");
    stage.deployer.fail(dev, 2, "disk full");
    stage.run_until("2026-10-09T12:00:00Z").await;
    let back = way_back(&stage).await;
    if !matches!(back.state, RolloutState::Halted { .. }) {
        // One failure of one is no evidence yet: a person stops it.
        let lead = stage.as_role(Role::IncidentLead).await.unwrap();
        done(stage.services.halt_rollout(&lead, back.id, "it fails").await.unwrap());
    }
    leads_nowhere(&stage, back.id).await;
}

#[tokio::test]
async fn the_halt_is_not_lifted_while_a_way_back_serves_it() {
    let stage = halted(Schema::Reversible).await;
    let id = recover(&stage, "roll_back").await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let build = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap().build;
    let resume = async || stage.services.resume_rollout(&manager, stage.rollout, "a false alarm").await.unwrap();
    assert_eq!(refused(resume().await), FormProblem::WayBackRunning);
    let lifted = stage.services.lift_build(&manager, build, "a false alarm").await.unwrap();
    assert_eq!(refused(lifted), FormProblem::WayBackRunning);
    assert!(page(&stage, Role::Support).await.halted.is_some(), "nothing was changed");
    abandon(&stage, id).await;
    done(resume().await);
    assert!(page(&stage, Role::Support).await.halted.is_none());
}

/// One that is only proposed or approved serves nothing yet, and is out of date when it is to start.
#[tokio::test]
async fn a_way_back_that_is_only_proposed_holds_nobody_up() {
    let stage = started(Schema::Reversible).await;
    stage.run_until("2026-09-30T12:00:00Z").await;
    halt(&stage).await;
    done(propose(&stage, "roll_back").await);
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, stage.rollout, "a false alarm").await.unwrap());
}

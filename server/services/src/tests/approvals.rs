//! What is approved, what voids it, and the build that may be offered (A1, I8, I11).

use super::{Stage, done, refused, stage};
use chrono::TimeDelta;
use domain::approval::Digest;
use domain::permission::Role;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::problem::FormProblem;
use domain::wire::rollout::{ApprovalRow, RolloutView};
use store::rollout::Reach;

async fn show(stage: &Stage, role: Role) -> RolloutView {
    let ctx = stage.as_role(role).await.unwrap();
    stage.services.show_rollout(&ctx, stage.rollout).await.unwrap()
}

async fn station(stage: &Stage, number: u8) -> ApprovalRow {
    show(stage, Role::Approver).await.approvals.into_iter().find(|row| row.station == number).unwrap()
}

async fn set(stage: &Stage, whom: &str, percent: &str) -> domain::wire::problem::FormOutcome {
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    stage.services.set_percent(&manager, stage.rollout, whom, percent).await.unwrap()
}

async fn state_of(stage: &Stage, name: &str) -> (UpdateState, Vec<EnvironmentReason>, bool) {
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap();
    let id = stage.environment_id(stage.contoso, name);
    let found = loaded.facts.environments.into_iter().find(|environment| environment.id == id);
    let update = found.and_then(|environment| environment.update).unwrap();
    (update.state, update.reasons, update.next.is_some())
}

#[tokio::test]
async fn an_edit_voids_what_was_approved_and_the_page_says_so() {
    let stage = stage().await;
    assert_eq!(done(set(&stage, "4-sandbox", "50").await), "50 % of Station 4 · Sandbox take part.");
    stage.start().await;
    assert!(station(&stage, 4).await.given.is_some());
    stage.clock.advance(TimeDelta::hours(1));
    let read: Digest = show(&stage, Role::Approver).await.approving.parse().unwrap();
    let told = done(set(&stage, "4-sandbox", "75 %").await);
    assert_eq!(told, "75 % of Station 4 · Sandbox take part. Approvals given before are void.");
    let row = station(&stage, 4).await;
    assert!(row.given.is_none() && row.may);
    assert_eq!(
        row.void.as_deref(),
        Some(
            "The approval by Approver of vendor.example was voided by an edit on Thu 24 Sep 2026, 11:00 CEST \
             by Release manager of vendor.example"
        )
    );
    let approver = stage.as_role(Role::Approver).await.unwrap();
    let stale = stage.services.approve_promotion_as_read(&approver, stage.rollout, 4, Some(&read)).await.unwrap();
    assert_eq!(refused(stale), FormProblem::SomeoneWasFaster, "what was read is no longer what stands there");
    let read: Digest = show(&stage, Role::Approver).await.approving.parse().unwrap();
    done(stage.services.approve_promotion_as_read(&approver, stage.rollout, 4, Some(&read)).await.unwrap());
    assert!(station(&stage, 4).await.void.is_none());
    let view = show(&stage, Role::Support).await;
    let said = "75 % of Station 4 · Sandbox take part, set by Release manager of vendor.example";
    assert!(view.timeline.iter().any(|row| row.text == said), "{:?}", view.timeline);
}

#[tokio::test]
async fn a_percentage_is_refused_beside_its_field() {
    let stage = stage().await;
    for (whom, percent, problem) in [
        ("", "50", FormProblem::StageMissing),
        ("9-sandbox", "50", FormProblem::StageMissing),
        ("4-sandbox", "", FormProblem::PercentMalformed),
        ("4-sandbox", "101", FormProblem::PercentMalformed),
        ("4-sandbox", "-1", FormProblem::PercentMalformed),
        ("4-sandbox", "100", FormProblem::PercentUnchanged),
    ] {
        assert_eq!(refused(set(&stage, whom, percent).await), problem, "{whom} {percent}");
        assert!(problem.field().is_some());
    }
    done(set(&stage, "sandbox", "30").await);
    stage.start().await;
    assert_eq!(refused(set(&stage, "4-sandbox", "29").await), FormProblem::PercentLowered);
}

#[tokio::test]
async fn a_raise_brings_more_aboard_and_says_before_when_they_could_come() {
    let stage = stage().await;
    done(set(&stage, "4-sandbox", "0").await);
    stage.start().await;
    let (state, reasons, has_next) = state_of(&stage, "UAT").await;
    assert!(matches!(state, UpdateState::Skipped { .. }), "{state:?}");
    assert_eq!((reasons, has_next), (vec![EnvironmentReason::NotInShare { percent: 0 }], true));
    let before = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap().generation;
    done(set(&stage, "4-sandbox", "100").await);
    let after = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap().generation;
    assert_eq!(after, before + 1, "a plan made before the edit is dropped");
    stage.tick().await;
    let (state, ..) = state_of(&stage, "UAT").await;
    assert!(matches!(state, UpdateState::Planned), "{state:?}");
}

#[tokio::test]
async fn a_disabled_approver_lets_nothing_start_any_more() {
    let stage = stage().await;
    stage.start().await;
    let approver = stage.user("approver@vendor.example");
    let tx = stage.services.db().begin().await.unwrap();
    // The build was approved by the same person.
    store::user::set_disabled(&tx, approver, Some(stage.now())).await.unwrap();
    tx.commit().await.unwrap();
    stage.run_until("2026-10-02T08:00:00Z").await;
    assert_eq!(stage.deployer.started(), 0);
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let view = stage.services.show_rollout(&manager, stage.rollout).await.unwrap();
    let why = view.not_offered.unwrap();
    assert!(why.contains("Approver of vendor.example, who approved it, may not approve any more"), "{why}");
    let void = view.approvals[0].void.clone().unwrap();
    assert!(void.ends_with("Approver of vendor.example may not approve any more"), "{void}");
}

#[tokio::test]
async fn a_build_is_approved_to_the_byte_before_it_starts() {
    let stage = stage().await;
    let (manager, approver) =
        (stage.as_role(Role::ReleaseManager).await.unwrap(), stage.as_role(Role::Approver).await.unwrap());
    let services = &stage.services;
    assert_eq!(
        refused(services.withdraw_build(&approver, stage.rollout, " ").await.unwrap()),
        FormProblem::ReasonMissing
    );
    done(services.withdraw_build(&approver, stage.rollout, "wrong key").await.unwrap());
    let again = services.withdraw_build(&approver, stage.rollout, "wrong key").await.unwrap();
    assert_eq!(refused(again), FormProblem::BuildWithdrawnAlready);
    let view = show(&stage, Role::ReleaseManager).await;
    assert!(!view.actions.start && view.actions.of_build.approve && !view.actions.of_build.withdraw);
    let unapproved = services.start_rollout(&manager, stage.rollout).await.unwrap();
    assert_eq!(refused(unapproved), FormProblem::BuildNotApproved);
    for other in ["", "abc", &"0".repeat(64)] {
        let outcome = services.approve_build(&approver, stage.rollout, other).await.unwrap();
        assert_eq!(refused(outcome), FormProblem::SomeoneWasFaster, "{other}");
    }
    done(services.approve_build(&approver, stage.rollout, &view.artifact).await.unwrap());
    let again = services.approve_build(&approver, stage.rollout, &view.artifact).await.unwrap();
    assert_eq!(refused(again), FormProblem::BuildApprovedAlready);
    assert!(show(&stage, Role::ReleaseManager).await.actions.start);
    stage.start().await;
    let texts: Vec<String> = show(&stage, Role::Support).await.timeline.into_iter().map(|row| row.text).collect();
    assert!(texts.contains(&"Build withdrawn by Approver of vendor.example: wrong key".to_owned()), "{texts:?}");
    assert!(texts.contains(&"Build approved by Approver of vendor.example".to_owned()), "{texts:?}");
}

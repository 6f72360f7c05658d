//! The emergency path: who asks, who approves what, when it is in force, what it owes, that every change is told.

use super::{Stage, done, refused, stage};
use crate::{EmergencyActForm, Error};
use chrono::TimeDelta;
use domain::calendar::DarkHours;
use domain::ids::EmergencyId;
use domain::permission::{Role, TenantScope};
use domain::rollout::UpdateState;
use domain::wire::emergency::{EmergencyForm, EmergencyPageView, EmergencyView};
use domain::wire::problem::{FormOutcome, FormProblem};

fn form() -> EmergencyForm {
    EmergencyForm {
        criterion: "security".into(),
        severity: "critical".into(),
        reason: "tokens leak".into(),
        bake_hours: "6".into(),
        smoke_tests: "true".into(),
        lasts_hours: "24".into(),
        ..EmergencyForm::default()
    }
}

/// The operator names everybody who may be named.
async fn named() -> Stage {
    let stage = stage().await;
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let all: Vec<_> = ["release_manager", "approver", "incident_lead"]
        .map(|role| stage.user(&format!("{role}@vendor.example")))
        .into();
    done(stage.services.set_emergency_approvers(&operator, &all).await.unwrap());
    stage
}

async fn page(stage: &Stage, role: Role) -> EmergencyPageView {
    let ctx = stage.as_role(role).await.unwrap();
    stage.services.show_emergency(&ctx, stage.rollout).await.unwrap()
}

async fn path(stage: &Stage) -> EmergencyView {
    page(stage, Role::Approver).await.paths.remove(0)
}

async fn ask(stage: &Stage, form: &EmergencyForm) -> FormOutcome {
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    stage.services.request_emergency(&manager, stage.rollout, form).await.unwrap()
}

async fn approve(stage: &Stage, role: Role, id: EmergencyId, digest: &str) -> FormOutcome {
    let ctx = stage.as_role(role).await.unwrap();
    let form = EmergencyActForm { digest: digest.to_owned(), ..EmergencyActForm::default() };
    stage.services.approve_emergency(&ctx, id, &form).await.unwrap()
}

async fn in_force() -> (Stage, EmergencyId) {
    in_force_after(async |stage| stage.start().await).await
}

/// After what happens before it is asked for.
pub(super) async fn in_force_after(before: impl AsyncFnOnce(&Stage)) -> (Stage, EmergencyId) {
    let stage = named().await;
    before(&stage).await;
    done(ask(&stage, &form()).await);
    let asked = path(&stage).await;
    done(approve(&stage, Role::Approver, asked.id, &asked.digest).await);
    assert_eq!(path(&stage).await.state, "Requested", "one approval is not enough");
    done(approve(&stage, Role::IncidentLead, asked.id, &asked.digest).await);
    assert_eq!(path(&stage).await.state, "In force");
    (stage, asked.id)
}

#[tokio::test]
async fn without_named_approvers_nothing_can_be_asked_for() {
    let stage = stage().await;
    assert_eq!(refused(ask(&stage, &form()).await), FormProblem::TooFewApprovers);
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let support = [stage.user("support@vendor.example"), stage.user("approver@vendor.example")];
    let too_few = stage.services.set_emergency_approvers(&operator, &support).await.unwrap();
    assert_eq!(refused(too_few), FormProblem::TooFewApprovers, "support may not approve and is not taken");
}

#[tokio::test]
async fn what_is_asked_for_has_to_be_an_emergency_and_within_the_policy() {
    let stage = named().await;
    for (wrong, problem) in [
        (EmergencyForm { criterion: String::new(), ..form() }, FormProblem::CriterionMissing),
        (EmergencyForm { severity: "low".into(), ..form() }, FormProblem::SeverityTooLow),
        (EmergencyForm { reason: " ".into(), ..form() }, FormProblem::ReasonMissing),
        (EmergencyForm { bake_hours: "0".into(), ..form() }, FormProblem::BakeTooShort),
        (EmergencyForm { bake_hours: "six".into(), ..form() }, FormProblem::NumberUnreadable),
        (EmergencyForm { gap_days: "0".into(), ..form() }, FormProblem::GapTooShort),
        (EmergencyForm { lasts_hours: "169".into(), ..form() }, FormProblem::EmergencyLengthWrong),
        (
            EmergencyForm { bake_hours: String::new(), smoke_tests: String::new(), ..form() },
            FormProblem::NothingShortened,
        ),
        (
            EmergencyForm { bake_hours: "24".into(), smoke_tests: String::new(), ..form() },
            FormProblem::NothingShortened,
        ),
        (
            EmergencyForm { overrides: vec![domain::ids::FreezeId::new(uuid::Uuid::nil())], ..form() },
            FormProblem::NoSuchFreeze,
        ),
    ] {
        assert_eq!(refused(ask(&stage, &wrong).await), problem);
    }
    assert!(page(&stage, Role::Support).await.paths.is_empty());
}

#[tokio::test]
async fn two_others_approve_exactly_what_stands_there() {
    let stage = named().await;
    done(ask(&stage, &form()).await);
    let asked = path(&stage).await;
    let approves = async |role, digest: &str| refused(approve(&stage, role, asked.id, digest).await);
    assert_eq!(approves(Role::ReleaseManager, &asked.digest).await, FormProblem::ApproverIsAuthor);
    assert_eq!(approves(Role::Approver, &"0".repeat(64)).await, FormProblem::ChangedMeanwhile);
    done(approve(&stage, Role::Approver, asked.id, &asked.digest).await);
    assert_eq!(approves(Role::Approver, &asked.digest).await, FormProblem::ApprovedBefore);
    // An edit voids what was given before; nobody else may edit.
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    let other = stage.services.request_emergency(&lead, stage.rollout, &form()).await.unwrap();
    assert_eq!(refused(other), FormProblem::NotTheRequester);
    done(ask(&stage, &EmergencyForm { bake_hours: "3".into(), ..form() }).await);
    let edited = path(&stage).await;
    assert_ne!(edited.digest, asked.digest);
    assert!(edited.standing.contains("Voided by a later edit: Approver of vendor.example"), "{}", edited.standing);
    assert_eq!(approves(Role::IncidentLead, &asked.digest).await, FormProblem::ChangedMeanwhile);
    // Who is taken from the list meanwhile does not count.
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let two = ["release_manager", "approver"].map(|role| stage.user(&format!("{role}@vendor.example")));
    done(stage.services.set_emergency_approvers(&operator, &two).await.unwrap());
    assert_eq!(approves(Role::IncidentLead, &edited.digest).await, FormProblem::ApproverNotNamed);
}

/// I11: two people who may approve it now. Who approved first and may not any more is as good as nobody.
#[tokio::test]
async fn an_approval_of_somebody_who_was_disabled_since_does_not_count() {
    let stage = named().await;
    stage.start().await;
    done(ask(&stage, &form()).await);
    let asked = path(&stage).await;
    done(approve(&stage, Role::Approver, asked.id, &asked.digest).await);
    let approver = stage.user("approver@vendor.example");
    let shut = async |at| {
        let tx = stage.services.db().begin().await.unwrap();
        store::user::set_disabled(&tx, approver, at).await.unwrap();
        tx.commit().await.unwrap();
    };
    shut(Some(stage.now())).await;
    let told = done(approve(&stage, Role::IncidentLead, asked.id, &asked.digest).await);
    assert_eq!(told, "Approved. One more named person has to approve it.");
    assert_eq!(page(&stage, Role::IncidentLead).await.paths[0].state, "Requested");
    // Asked for anew it still needs two beside who asks.
    assert_eq!(
        refused(ask(&stage, &EmergencyForm { bake_hours: "3".into(), ..form() }).await),
        FormProblem::TooFewApprovers
    );
}

#[tokio::test]
async fn in_force_it_shortens_the_bake_and_then_ends_by_itself() {
    let (stage, id) = in_force().await;
    let facts = async || {
        let reach = store::rollout::Reach::Everyone;
        store::rollout::load_facts(stage.services.db().reader(), stage.rollout, reach).await.unwrap().unwrap().facts
    };
    let bake = |facts: &domain::rollout::RolloutFacts, now| {
        let report = domain::rollout::plan(facts, now).report;
        report.stages[0].gate.findings.iter().find_map(|finding| match finding.measure {
            domain::health::Measure::Bake { needed_hours, .. } => Some(needed_hours),
            _ => None,
        })
    };
    let support = stage.as_role(Role::Support).await.unwrap();
    let said = async || {
        let now = stage.request(support.actor.clone());
        stage.services.show_rollout(&now, stage.rollout).await.unwrap().emergency
    };
    assert!(said().await.is_some_and(|path| path.contains("bake time 6 hours a station") && path.contains("In force")));
    assert_eq!(bake(&facts().await, stage.now()), Some(6));
    stage.clock.advance(TimeDelta::hours(24));
    assert_eq!(bake(&facts().await, stage.now()), Some(24), "the clock ends it, whether or not that is written");
    stage.tick().await;
    assert_eq!(said().await, None);
    let over = path(&stage).await;
    assert_eq!(over.state, "Expired, review owed");
    assert!(over.review_due.is_some() && facts().await.emergency.is_none());
    let texts: Vec<String> = stage
        .services
        .show_rollout(&support, stage.rollout)
        .await
        .unwrap()
        .timeline
        .into_iter()
        .map(|row| row.text)
        .collect();
    assert!(texts.iter().any(|text| text.starts_with("Emergency path asked for by Release manager")), "{texts:?}");
    assert!(texts.contains(&"Emergency path expired; its review is owed".to_owned()), "{texts:?}");
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let again = stage.services.end_emergency(&manager, id, &because("done")).await.unwrap();
    assert_eq!(refused(again), FormProblem::EmergencyElsewhere);
}

fn because(reason: &str) -> EmergencyActForm {
    EmergencyActForm { text: reason.to_owned(), ..EmergencyActForm::default() }
}

#[tokio::test]
async fn the_review_is_owed_until_every_shortened_gate_is_completed() {
    let (stage, id) = in_force().await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let services = &stage.services;
    let owed: Vec<String> = path(&stage).await.debts.into_iter().map(|debt| debt.key).collect();
    assert_eq!(owed, ["bake", "smoke_tests"]);
    let silent = services.end_emergency(&manager, id, &because(" ")).await.unwrap();
    assert_eq!(refused(silent), FormProblem::EndReasonMissing);
    done(services.end_emergency(&manager, id, &because("the leak is closed")).await.unwrap());
    assert_eq!(page(&stage, Role::Support).await.owed.len(), 1, "the review");
    let review = services.review_emergency(&manager, id, &because("it held")).await.unwrap();
    assert_eq!(refused(review), FormProblem::GatesStillOwed);
    let gate = |gate: &str, result: &str, note: &str| EmergencyActForm {
        gate: gate.to_owned(),
        result: result.to_owned(),
        ..because(note)
    };
    let complete = async |form: EmergencyActForm| services.complete_emergency_gate(&manager, id, &form).await.unwrap();
    assert_eq!(refused(complete(gate("bake", "pass", " ")).await), FormProblem::GateEvidenceMissing);
    assert_eq!(refused(complete(gate("bake", "", "run 7")).await), FormProblem::ResultMissing);
    assert_eq!(refused(complete(gate("health", "pass", "run 7")).await), FormProblem::GateNotOwed);
    done(complete(gate("bake", "pass", "24 hours in station 1")).await);
    done(complete(gate("smoke_tests", "fail", "run 7: one red")).await);
    assert!(page(&stage, Role::Support).await.owed.iter().any(|row| row.overdue), "a failed gate is told");
    assert_eq!(
        refused(services.review_emergency(&manager, id, &because(" ")).await.unwrap()),
        FormProblem::ReviewEmpty
    );
    done(services.review_emergency(&manager, id, &because("it held")).await.unwrap());
    assert!(page(&stage, Role::Support).await.owed.is_empty());
    assert_eq!(path(&stage).await.state, "Reviewed");
}

#[tokio::test]
async fn of_two_who_approve_at_once_both_count_and_a_foreign_id_is_nothing() {
    let stage = named().await;
    done(ask(&stage, &form()).await);
    let asked = path(&stage).await;
    let (first, second) = tokio::join!(
        approve(&stage, Role::Approver, asked.id, &asked.digest),
        approve(&stage, Role::IncidentLead, asked.id, &asked.digest)
    );
    done(first);
    done(second);
    assert_eq!(path(&stage).await.state, "In force");
    let ctx = stage.as_role(Role::Approver).await.unwrap();
    let foreign = EmergencyId::new(uuid::Uuid::nil());
    let answer = stage.services.approve_emergency(&ctx, foreign, &EmergencyActForm::default()).await;
    assert!(matches!(answer, Err(Error::NotFound)));
}

/// Rule E1: production goes on a Wednesday, days after its sandbox, and the last look before it begins lets it.
#[tokio::test]
async fn any_night_takes_production_on_a_weekday() {
    let stage = named().await;
    stage.start().await;
    let hurried = EmergencyForm {
        notice_hours: "4".into(),
        gap_days: "1".into(),
        any_night: "true".into(),
        lasts_hours: "168".into(),
        ..form()
    };
    done(ask(&stage, &hurried).await);
    let asked = path(&stage).await;
    assert!(asked.shortened.iter().any(|one| one == "any night instead of the published windows"), "{asked:?}");
    done(approve(&stage, Role::Approver, asked.id, &asked.digest).await);
    done(approve(&stage, Role::IncidentLead, asked.id, &asked.digest).await);
    stage.run_until("2026-10-01T08:00:00Z").await;
    let prod = stage.environment_id(stage.contoso, "PROD");
    let reader = stage.services.db().reader();
    let update = store::update::of_environment(reader, TenantScope::AllCustomers, prod).await.unwrap().remove(0).update;
    let UpdateState::Succeeded { night, .. } = update.state else { panic!("{update:?}") };
    assert!(!DarkHours::is_weekend(night.date), "{night:?}");
}

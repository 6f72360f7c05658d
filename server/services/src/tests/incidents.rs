//! Incidents that people report. Those of listening systems are in the HTTP tests.

use super::stage;
use crate::testing::World;
use crate::{Error, IncidentForm, RequestContext};
use domain::permission::Role;
use domain::rollout::{HaltCause, RolloutState};
use domain::wire::incident::{IncidentRow, IncidentsParams};
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};

fn form(source: &str, severity: &str) -> IncidentForm {
    IncidentForm {
        reference: "CASE-7".into(),
        build: BUILD.into(),
        source: source.into(),
        severity: severity.into(),
        finding: "Invoices cannot be posted".into(),
    }
}

const BUILD: &str = "10.0.2645.147";

async fn said(stage: &World, ctx: &RequestContext, form: &IncidentForm) -> String {
    match stage.services.report_incident(ctx, form).await.unwrap() {
        FormOutcome::Done { message } => message,
        FormOutcome::Refused { problem } => problem.code().to_owned(),
    }
}

async fn rows(stage: &World, ctx: &RequestContext) -> Vec<IncidentRow> {
    stage.services.list_incidents(ctx, &IncidentsParams::default()).await.unwrap().rows
}

/// Seed: "If the alert is related to an end user, stop the rollout immediately".
#[tokio::test]
async fn what_customers_suffer_from_is_reported_by_support_and_halts() {
    let stage = stage().await;
    stage.start().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    let mut heard = stage.services.events().subscribe();
    stage.services.relay_events().await.unwrap();
    let ours = form("staff", "low");
    assert_eq!(said(&stage, &support, &ours).await, "CASE-7 is reported. It halted nothing.");
    let theirs = form("customers", "low");
    let halted = "It halted every rollout of the build.";
    assert_eq!(said(&stage, &support, &theirs).await, format!("CASE-7 is reported. {halted}"));
    let rollout = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap();
    let RolloutState::Halted { cause: HaltCause::Person { by, reason, .. }, .. } = rollout.state else {
        panic!("{:?}", rollout.state)
    };
    assert_eq!((by, reason.as_str()), (support.actor.user, "Invoices cannot be posted"), "customers read no ticket");
    assert_eq!(said(&stage, &support, &theirs).await, format!("CASE-7 was reported before. {halted}"));
    let known = rows(&stage, &support).await;
    assert_eq!(known.len(), 1, "one incident, however often it is said");
    assert!(known[0].by_people && known[0].by == support.actor.name, "{known:?}");
    stage.services.relay_events().await.unwrap();
    let mut told = Vec::new();
    while let Ok(sent) = heard.try_recv() {
        told.extend((sent.event.topic == Topic::Halts).then_some(sent.event.text));
    }
    assert!(told.iter().any(|text| text.starts_with("An incident was reported.")), "{told:?}");
    assert!(told.iter().any(|text| text.starts_with("A rollout: Halted by ")), "{told:?}");
}

/// Whoever lifted the halt knew of it: the same ticket halts no more, and its reporter is told so.
#[tokio::test]
async fn a_ticket_that_was_looked_into_halts_no_more_and_says_so() {
    let stage = stage().await;
    stage.start().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    // Of both orders the same is kept: customers suffer from it.
    said(&stage, &support, &form("staff", "high")).await;
    said(&stage, &support, &form("customers", "low")).await;
    assert!(rows(&stage, &support).await[0].by_people);
    let resumed = stage.services.resume_rollout(&manager, stage.rollout, "a false alarm").await.unwrap();
    assert!(matches!(resumed, FormOutcome::Done { .. }), "{resumed:?}");
    let worse = form("customers", "critical");
    let halted = "It halted every rollout of the build. That halt was lifted since.";
    let answer = said(&stage, &support, &worse).await;
    assert!(answer.starts_with(&format!("CASE-7 is reported. {halted}")), "{answer}");
    let rollout = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap();
    assert!(matches!(rollout.state, RolloutState::Running { .. }), "{:?}", rollout.state);
    let again = IncidentForm { reference: "CASE-8".into(), ..worse };
    assert_eq!(said(&stage, &support, &again).await, "CASE-8 is reported. It halted every rollout of the build.");
}

/// Two people may call different things by the same name.
#[tokio::test]
async fn a_reference_is_its_reporters_own() {
    let stage = stage().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    let given = form("staff", "low");
    for ctx in [&support, &lead] {
        assert!(said(&stage, ctx, &given).await.starts_with("CASE-7 is reported."));
    }
    assert_eq!(rows(&stage, &lead).await.len(), 2);
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_kept() {
    let stage = stage().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    let good = form("staff", "low");
    for (given, problem) in [
        (IncidentForm { build: String::new(), ..good.clone() }, FormProblem::BuildMissing),
        (IncidentForm { build: "10.0.1.1".into(), ..good.clone() }, FormProblem::BuildMissing),
        (IncidentForm { source: "somebody".into(), ..good.clone() }, FormProblem::SourceMissing),
        (IncidentForm { severity: String::new(), ..good.clone() }, FormProblem::SeverityMissing),
        (IncidentForm { finding: " \r\n".into(), ..good.clone() }, FormProblem::FindingMissing),
        (IncidentForm { finding: "x".repeat(501), ..good.clone() }, FormProblem::FindingTooLong),
        (IncidentForm { reference: String::new(), ..good.clone() }, FormProblem::ReferenceMissing),
        (IncidentForm { reference: "x".repeat(121), ..good.clone() }, FormProblem::ReferenceTooLong),
    ] {
        assert_eq!(said(&stage, &support, &given).await, problem.code());
    }
    assert!(rows(&stage, &support).await.is_empty());
    for role in [Role::CustomerAdmin, Role::Approver, Role::Operator] {
        let ctx = stage.as_role(role).await.unwrap();
        let refused = stage.services.report_incident(&ctx, &good).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    }
}

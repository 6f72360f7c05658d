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
    assert_eq!(
        said(&stage, &support, &ours).await,
        "CASE-7 is reported. The incident was recorded; at this severity it halts nothing."
    );
    let theirs = form("customers", "low");
    assert_eq!(said(&stage, &support, &theirs).await, "CASE-7 is reported. Every rollout of this build is halted.");
    let rollout = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap();
    let RolloutState::Halted { cause: HaltCause::Person { by, reason, .. }, .. } = rollout.state else {
        panic!("{:?}", rollout.state)
    };
    assert_eq!((by, reason.as_str()), (support.actor.user, "Invoices cannot be posted (CASE-7)"));
    assert_eq!(
        said(&stage, &support, &theirs).await,
        "CASE-7 was reported before, no less bad. Every rollout of this build is halted."
    );
    let known = rows(&stage, &support).await;
    assert_eq!(known.len(), 1, "one incident, however often it is said");
    assert!(known[0].by_people && known[0].by == support.actor.name, "{known:?}");
    stage.services.relay_events().await.unwrap();
    let mut told = 0;
    while let Ok(sent) = heard.try_recv() {
        told += u32::from(sent.event.topic == Topic::Halts);
    }
    assert!(told >= 2, "pages of staff hear of it");
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

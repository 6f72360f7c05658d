//! Exemptions: asked for, decided by somebody else, read by the planner, reminded of once, ended by time.

use super::{Stage, at, done, refused, stage};
use crate::Error;
use crate::exemption::ExemptionForm;
use chrono::TimeDelta;
use domain::ids::{EnvironmentId, ExemptionId};
use domain::permission::{Role, TenantScope};
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::exemption::{ExemptionView, ExemptionsParams};
use domain::wire::notification::NotificationsParams;
use domain::wire::problem::{FormOutcome, FormProblem};

const OWNER: &str = "customer_admin@fabrikam.example";

fn form() -> ExemptionForm {
    ExemptionForm {
        reason: "Validated system under GxP".into(),
        evidence: "https://docs.fabrikam.example/VP-1".into(),
        last_day: "2026-11-30".into(),
    }
}

async fn ask(stage: &Stage, id: EnvironmentId, form: &ExemptionForm) -> FormOutcome {
    let owner = stage.by(OWNER).await.unwrap();
    stage.services.request_exemption(&owner, id, form).await.unwrap()
}

/// What staff sees of the newest request.
async fn newest(stage: &Stage, role: Role) -> ExemptionView {
    let ctx = stage.as_role(role).await.unwrap();
    let list = stage.services.list_exemptions(&ctx, &ExemptionsParams::default()).await.unwrap();
    let id = list.waiting.iter().chain(&list.decided).map(|row| row.id).max().unwrap();
    stage.services.show_exemption(&ctx, id).await.unwrap()
}

async fn grant(stage: &Stage, id: ExemptionId, digest: &str) -> FormOutcome {
    let approver = stage.as_role(Role::Approver).await.unwrap();
    stage.services.grant_exemption(&approver, id, digest).await.unwrap()
}

async fn exempt(stage: &Stage) -> (EnvironmentId, ExemptionView) {
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    done(ask(stage, uat, &form()).await);
    let asked = newest(stage, Role::Approver).await;
    done(grant(stage, asked.id, &asked.digest).await);
    (uat, newest(stage, Role::Approver).await)
}

async fn state(stage: &Stage, id: EnvironmentId) -> UpdateState {
    let reader = stage.services.db().reader();
    store::update::of_environment(reader, TenantScope::AllCustomers, id).await.unwrap().remove(0).update.state
}

async fn titles(stage: &Stage) -> Vec<String> {
    let owner = stage.by(OWNER).await.unwrap();
    let list = stage.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    list.rows.into_iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn what_is_granted_is_left_out_until_its_end_and_then_takes_part() {
    let stage = stage().await;
    stage.start().await;
    let (uat, granted) = exempt(&stage).await;
    assert_eq!((granted.state.as_str(), granted.may_grant, granted.may_withdraw), ("Granted", false, true));
    stage.tick().await;
    let until = at("2026-12-01T00:00:00Z");
    let left_out = |state: &UpdateState| {
        matches!(state, UpdateState::Skipped { reason: EnvironmentReason::Exempt { expires_at, .. }, .. }
            if *expires_at == until)
    };
    assert!(left_out(&state(&stage, uat).await));
    let owner = stage.by(OWNER).await.unwrap();
    let panel = stage.services.show_environment(&owner, uat).await.unwrap().exemption.unwrap();
    assert!(panel.says.starts_with("It is exempt from quality updates until Tue 1 Dec 2026"), "{}", panel.says);
    assert!(titles(&stage).await.iter().any(|title| title.starts_with("UAT is exempt until")));
    stage.clock.set(until - TimeDelta::minutes(1));
    stage.tick().await;
    assert!(left_out(&state(&stage, uat).await));
    stage.clock.set(until);
    stage.tick().await;
    assert!(!left_out(&state(&stage, uat).await), "it ends by itself");
    assert_eq!(newest(&stage, Role::Support).await.state, "Expired");
}

#[tokio::test]
async fn its_owner_is_reminded_once_a_month_and_once_a_week_ahead() {
    let stage = stage().await;
    exempt(&stage).await;
    let reminders = async || titles(&stage).await.iter().filter(|title| title.contains("ends on")).count();
    for (now, told) in [
        ("2026-10-31T23:59:59Z", 0),
        ("2026-11-01T00:00:00Z", 1),
        ("2026-11-10T00:00:00Z", 1),
        ("2026-11-24T00:00:00Z", 2),
        ("2026-11-30T23:59:59Z", 2),
        ("2026-12-24T00:00:00Z", 2),
    ] {
        stage.clock.set(at(now));
        stage.tick().await;
        stage.tick().await;
        assert_eq!(reminders().await, told, "{now}");
    }
    let events = store::audit::list(stage.services.db().reader(), None, 100).await.unwrap().rows;
    assert_eq!(events.iter().filter(|event| event.action == "exemption.reminded").count(), 2);
}

/// Too short for the usual reminders, it still does not end without a word.
#[tokio::test]
async fn the_owner_of_a_short_one_is_reminded_a_day_ahead() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    let last_day = (stage.now().date_naive() + TimeDelta::days(2)).to_string();
    done(ask(&stage, uat, &ExemptionForm { last_day, ..form() }).await);
    let asked = newest(&stage, Role::Approver).await;
    done(grant(&stage, asked.id, &asked.digest).await);
    let end = stage.now().date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::days(3);
    let reminders = async || titles(&stage).await.iter().filter(|title| title.contains("ends on")).count();
    for (before_end, told) in [(TimeDelta::hours(25), 0), (TimeDelta::hours(24), 1), (TimeDelta::hours(1), 1)] {
        stage.clock.set(end - before_end);
        stage.tick().await;
        stage.tick().await;
        assert_eq!(reminders().await, told, "{before_end} before the end");
    }
}

#[tokio::test]
async fn two_ticks_at_once_remind_once() {
    let stage = stage().await;
    exempt(&stage).await;
    stage.clock.set(at("2026-11-02T00:00:00Z"));
    let now = stage.now();
    let (one, other) = tokio::join!(stage.services.remind_of_exemptions(now), stage.services.remind_of_exemptions(now));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(titles(&stage).await.iter().filter(|title| title.contains("ends on")).count(), 1);
}

#[tokio::test]
async fn a_withdrawal_lets_it_take_part_and_is_told_with_its_reason() {
    let stage = stage().await;
    stage.start().await;
    let (uat, granted) = exempt(&stage).await;
    stage.tick().await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let silent = stage.services.withdraw_exemption(&manager, granted.id, " ").await.unwrap();
    assert_eq!(refused(silent), FormProblem::ReasonMissing);
    done(stage.services.withdraw_exemption(&manager, granted.id, "The plan is outdated.").await.unwrap());
    stage.tick().await;
    assert!(!matches!(state(&stage, uat).await, UpdateState::Skipped { .. }));
    assert!(titles(&stage).await.contains(&"UAT is not exempt any more".to_owned()));
    let again = stage.services.withdraw_exemption(&manager, granted.id, "again").await.unwrap();
    assert_eq!(refused(again), FormProblem::ExemptionSettled);
    let view = newest(&stage, Role::Support).await;
    assert!(view.facts.iter().any(|(label, value)| label == "Because" && value == "The plan is outdated."));
    assert!(!view.may_withdraw && !view.may_grant && !view.may_refuse);
}

#[tokio::test]
async fn a_refused_request_changes_nothing_and_another_may_follow() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    done(ask(&stage, uat, &form()).await);
    assert_eq!(refused(ask(&stage, uat, &form()).await), FormProblem::ExemptionOpen);
    let asked = newest(&stage, Role::Approver).await;
    let approver = stage.as_role(Role::Approver).await.unwrap();
    done(stage.services.refuse_exemption(&approver, asked.id, "No such plan").await.unwrap());
    assert_eq!(refused(grant(&stage, asked.id, &asked.digest).await), FormProblem::ExemptionSettled);
    let scope = TenantScope::AllCustomers;
    let environment = store::environment::find(stage.services.db().reader(), scope, uat).await.unwrap().unwrap();
    assert_eq!(environment.exemption, None);
    done(ask(&stage, uat, &form()).await);
    let list = stage.services.list_exemptions(&approver, &ExemptionsParams::default()).await.unwrap();
    assert_eq!((list.waiting.len(), list.decided.len()), (1, 1));
}

#[tokio::test]
async fn who_asked_does_not_decide_and_an_edit_voids_what_was_read() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    // Support asks for a customer.
    let support = stage.as_role(Role::Support).await.unwrap();
    done(stage.services.request_exemption(&support, uat, &form()).await.unwrap());
    let asked = newest(&stage, Role::Approver).await;
    assert_eq!(refused(grant(&stage, asked.id, &"0".repeat(64)).await), FormProblem::ExemptionChanged);
    assert_eq!(refused(grant(&stage, asked.id, "nonsense").await), FormProblem::ExemptionChanged);
    assert!(matches!(stage.services.grant_exemption(&support, asked.id, &asked.digest).await, Err(Error::Forbidden)));
    // The same person, in another role meanwhile.
    let mut author = support.clone();
    author.actor.role = Role::Approver;
    let own = stage.services.grant_exemption(&author, asked.id, &asked.digest).await.unwrap();
    assert_eq!(refused(own), FormProblem::ExemptionByAuthor);
    done(grant(&stage, asked.id, &asked.digest).await);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_strangers_find_nothing() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    for (changed, problem) in [
        (ExemptionForm::default(), FormProblem::ReasonMissing),
        (ExemptionForm { evidence: " ".into(), ..form() }, FormProblem::EvidenceMissing),
        (ExemptionForm { evidence: "x".repeat(501), ..form() }, FormProblem::EvidenceTooLong),
        (ExemptionForm { last_day: "soon".into(), ..form() }, FormProblem::LastDayMissing),
        (ExemptionForm { last_day: "2026-09-23".into(), ..form() }, FormProblem::ExemptionOver),
        (ExemptionForm { last_day: "2027-09-24".into(), ..form() }, FormProblem::ExemptionTooLong),
    ] {
        assert_eq!(refused(ask(&stage, uat, &changed).await), problem, "{changed:?}");
    }
    let contoso = stage.as_role(Role::CustomerAdmin).await.unwrap();
    assert!(matches!(stage.services.request_exemption(&contoso, uat, &form()).await, Err(Error::NotFound)));
    let unregulated = stage.environment_id(stage.contoso, "UAT");
    let outcome = stage.services.request_exemption(&contoso, unregulated, &form()).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::NotRegulated);
    assert_eq!(stage.services.show_environment(&contoso, unregulated).await.unwrap().exemption, None);
}

//! What an owner tells the planner: days, the next service update, batch scheduling.

use super::{Stage, done, refused, stage};
use crate::Error;
use crate::environment::PlanForm;
use domain::ids::EnvironmentId;
use domain::permission::Role;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::calendar::{BarStyle, CalendarParams};
use domain::wire::environment::EnvironmentView;
use domain::wire::problem::FormProblem;
use domain::wire::signal::UpdateStateWord;

async fn page(stage: &Stage, id: EnvironmentId) -> EnvironmentView {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    stage.services.show_environment(&owner, id).await.unwrap()
}

/// The form as it stands, for a test to change.
async fn form(stage: &Stage, id: EnvironmentId) -> PlanForm {
    let now = page(stage, id).await.planning.unwrap();
    PlanForm {
        days: now.days.into_iter().filter(|(_, _, chosen)| *chosen).map(|(key, ..)| key).collect(),
        date: now.date,
        priority_batch: now.priority_batch.unwrap_or(false),
        generation: now.generation,
    }
}

async fn save(stage: &Stage, id: EnvironmentId, form: &PlanForm) -> domain::wire::problem::FormOutcome {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    stage.services.plan_environment(&owner, id, form).await.unwrap()
}

async fn state(stage: &Stage, id: EnvironmentId) -> UpdateState {
    let owner = domain::permission::TenantScope::AllCustomers;
    let updates = store::update::of_environment(stage.services.db().reader(), owner, id).await.unwrap();
    updates.into_iter().next().unwrap().update.state
}

#[tokio::test]
async fn a_service_update_that_is_due_skips_by_name_and_date() {
    let stage = stage().await;
    stage.start().await;
    let uat = stage.environment_id(stage.contoso, "UAT");
    let plan = PlanForm { date: "2026-10-19".into(), ..form(&stage, uat).await };
    done(save(&stage, uat, &plan).await);
    stage.tick().await;
    let due = |state: &UpdateState| {
        matches!(state, UpdateState::Skipped { reason: EnvironmentReason::ServiceUpdateDue { on }, .. }
            if on.to_string() == "2026-10-19")
    };
    assert!(due(&state(&stage, uat).await));
    let view = page(&stage, uat).await;
    let why = &view.why[0];
    assert!(why.text.contains("due on Mon 19 Oct 2026"), "{}", why.text);
    let (_, at) = why.way_out.clone().expect("it can be changed here");
    assert_eq!(at.as_deref(), Some("#planning"));
    assert!(why.next.as_ref().is_some_and(|next| next.contains("20 Oct 2026")), "{:?}", why.next);
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let params = CalendarParams { month: "2026-10".into(), ..CalendarParams::default() };
    let calendar = stage.services.show_calendar(&owner, &params).await.unwrap();
    let day = calendar.weeks.iter().flatten().find(|day| day.date == "2026-10-19").unwrap();
    assert!(day.bars.iter().any(|bar| bar.style == BarStyle::ServiceUpdate && bar.text == "UAT service update"));
    let audit = store::audit::list(stage.services.db().reader(), None, 50).await.unwrap().rows;
    let deed = audit.iter().find(|event| event.action == "environment.planned").unwrap();
    assert_eq!(deed.details["to"]["service_update_due"], "2026-10-19");

    let cleared = PlanForm { date: String::new(), ..form(&stage, uat).await };
    done(save(&stage, uat, &cleared).await);
    stage.tick().await;
    assert_eq!(state(&stage, uat).await, UpdateState::Planned, "it takes part again");
}

#[tokio::test]
async fn production_without_batch_scheduling_is_told_how_and_then_takes_part() {
    let stage = stage().await;
    let prod = stage.environment_id(stage.contoso, "PROD");
    let off = PlanForm { priority_batch: false, ..form(&stage, prod).await };
    done(save(&stage, prod, &off).await);
    stage.start().await;
    let view = page(&stage, prod).await;
    let (how, at) = view.why[0].way_out.clone().unwrap();
    assert!(how.starts_with("Switch on priority-based batch scheduling") && at.as_deref() == Some("#planning"));
    assert_eq!(view.planning.unwrap().priority_batch, Some(false));
    let on = PlanForm { priority_batch: true, ..form(&stage, prod).await };
    done(save(&stage, prod, &on).await);
    stage.tick().await;
    assert_eq!(state(&stage, prod).await.word(), UpdateStateWord::Planned);
}

#[tokio::test]
async fn chosen_nights_decide_and_none_means_the_usual_ones() {
    let stage = stage().await;
    let prod = stage.environment_id(stage.contoso, "PROD");
    let weekdays = PlanForm { days: vec!["Tue".into(), "Thu".into()], ..form(&stage, prod).await };
    done(save(&stage, prod, &weekdays).await);
    assert_eq!(form(&stage, prod).await.days, ["Tue", "Thu"]);
    stage.start().await;
    stage.run_until("2026-10-16T08:00:00Z").await;
    let night = state(&stage, prod).await.night().expect("announced");
    assert!(["Tue", "Thu"].contains(&night.date.format("%a").to_string().as_str()), "{night:?}");
    let usual = PlanForm { days: Vec::new(), ..form(&stage, prod).await };
    done(save(&stage, prod, &usual).await);
    assert!(form(&stage, prod).await.days.is_empty());
    stage.tick().await;
    let moved = state(&stage, prod).await.night().expect("announced");
    assert!(["Sat", "Sun"].contains(&moved.date.format("%a").to_string().as_str()), "{moved:?}");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_strangers_find_nothing() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.contoso, "UAT");
    let plain = form(&stage, uat).await;
    for (changed, problem) in [
        (PlanForm { date: "soon".into(), ..plain.clone() }, FormProblem::DateMalformed),
        (PlanForm { date: "2026-09-23".into(), ..plain.clone() }, FormProblem::DatePassed),
        (PlanForm { date: "2036-09-23".into(), ..plain.clone() }, FormProblem::DateTooFar),
        (PlanForm { days: vec!["Everyday".into()], ..plain.clone() }, FormProblem::DayUnknown),
        (PlanForm { priority_batch: true, ..plain.clone() }, FormProblem::NotProduction),
        (PlanForm { date: "2026-10-19".into(), generation: 7, ..plain.clone() }, FormProblem::SomeoneWasFaster),
    ] {
        assert_eq!(refused(save(&stage, uat, &changed).await), problem, "{changed:?}");
    }
    assert!(done(save(&stage, uat, &plain).await).starts_with("Nothing was changed"));
    let stranger = stage.by("customer_admin@fabrikam.example").await.unwrap();
    assert!(matches!(stage.services.plan_environment(&stranger, uat, &plain).await, Err(Error::NotFound)));
    let viewer = stage.as_role(Role::CustomerViewer).await.unwrap();
    assert!(matches!(stage.services.plan_environment(&viewer, uat, &plain).await, Err(Error::Forbidden)));
    assert_eq!(stage.services.show_environment(&viewer, uat).await.unwrap().planning, None);
}

//! A customer takes the build ahead of its night: through the same engine, never past a halt, and counted apart.

use super::{Stage, at, done, refused, stage};
use crate::Error;
use crate::environment::PullForm;
use chrono::TimeDelta;
use domain::ids::EnvironmentId;
use domain::permission::{Role, TenantScope};
use domain::rollout::{MoveReason, UpdateState};
use domain::wire::calendar::{BarStyle, CalendarParams};
use domain::wire::environment::PullView;
use domain::wire::notification::{NotificationKind, NotificationsParams};
use domain::wire::problem::FormProblem;
use store::rollout::Reach;
use store::update::{Expect, WithRollout};

/// In the dark hours of North Europe, eleven days before the window of its station.
const NIGHT: &str = "2026-10-01T23:00:00Z";

async fn under_way() -> (Stage, EnvironmentId) {
    let stage = stage().await;
    stage.start().await;
    stage.run_until(NIGHT).await;
    let uat = stage.environment_id(stage.contoso, "UAT");
    (stage, uat)
}

async fn update(stage: &Stage, id: EnvironmentId) -> WithRollout {
    let reader = stage.services.db().reader();
    store::update::of_environment(reader, TenantScope::AllCustomers, id).await.unwrap().remove(0)
}

async fn view(stage: &Stage, id: EnvironmentId) -> PullView {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    stage.services.show_environment(&owner, id).await.unwrap().pull.expect("a train is under way")
}

/// What the owner sees and sends.
async fn choose(stage: &Stage, id: EnvironmentId, start: &str) -> PullForm {
    let (PullView::Offered { generation, .. } | PullView::Booked { generation, .. }) = view(stage, id).await else {
        return PullForm { start: start.into(), generation: update(stage, id).await.update.generation };
    };
    PullForm { start: start.into(), generation }
}

async fn pull(stage: &Stage, id: EnvironmentId, start: &str) -> domain::wire::problem::FormOutcome {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let form = choose(stage, id, start).await;
    stage.services.pull_ahead(&owner, id, &form).await.unwrap()
}

async fn titles(stage: &Stage) -> Vec<(NotificationKind, String)> {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let list = stage.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    list.rows.into_iter().map(|row| (row.kind, row.title)).collect()
}

#[tokio::test]
async fn what_is_said_is_what_is_done_and_the_push_finds_it_there() {
    let (stage, uat) = under_way().await;
    let PullView::Offered { options, .. } = view(&stage, uat).await else { panic!("it can be taken") };
    assert_eq!(options[0].key, "now");
    assert!(options[1].title.starts_with("Sat 3 Oct 2026, 00:00"), "{}", options[1].title);
    let said = options[0].effect.clone();
    assert_eq!(done(pull(&stage, uat, "now").await), said);
    stage.tick().await;
    assert!(update(&stage, uat).await.update.state.is_running(), "no stage has to be open for it");
    stage.run_until("2026-10-02T02:00:00Z").await;
    let after = update(&stage, uat).await;
    assert!(matches!(after.update.state, UpdateState::AlreadySatisfied { pulled_at: Some(_), .. }));
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let page = stage.services.show_environment(&owner, uat).await.unwrap();
    assert_eq!(page.build, "10.0.2645.147");
    let row = &page.history[0];
    assert!(row.text.ends_with("took it ahead of its night") && row.took.ends_with(" min"), "{row:?}");
    assert_eq!(page.history.iter().filter(|row| row.build == "10.0.2645.147").count(), 1, "told once");
    // Its stage neither waits for it nor counts it.
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let facts = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap().facts;
    let tally = &facts.stages.iter().find(|known| Some(known.key) == after.update.stage).unwrap().tally;
    assert_eq!((tally.counts.satisfied, tally.evidence.succeeded), (1, 0));
    assert!(facts.reports.reported >= 2, "DEV and what was taken ahead: {:?}", facts.reports);
}

#[tokio::test]
async fn an_announced_night_is_replaced_told_and_shown_as_satisfied() {
    let (stage, uat) = under_way().await;
    stage.run_until("2026-10-09T20:00:00Z").await;
    let UpdateState::Announced { night: own, .. } = update(&stage, uat).await.update.state else { panic!() };
    let message = done(pull(&stage, uat, "2026-10-10").await);
    assert!(message.contains("is not needed any more"), "{message}");
    let booked = update(&stage, uat).await;
    let UpdateState::Announced { night, moved: Some(moved), .. } = booked.update.state else { panic!() };
    assert!(night.start < own.start && moved.from == own);
    assert!(matches!(moved.reason, MoveReason::PulledAhead { .. }));
    let (kind, title) = titles(&stage).await.remove(0);
    assert_eq!(kind, NotificationKind::Moved);
    assert!(title.starts_with("UAT moves to Sat 10 Oct 2026"), "{title}");
    stage.run_until("2026-10-10T06:00:00Z").await;
    let kinds: Vec<_> = titles(&stage).await.into_iter().map(|(kind, _)| kind).collect();
    // One letter says that it came and that the announced night does not take place.
    assert!(kinds.contains(&NotificationKind::Delivered) && !kinds.contains(&NotificationKind::Satisfied), "{kinds:?}");
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let params = CalendarParams { month: "2026-10".into(), ..CalendarParams::default() };
    let calendar = stage.services.show_calendar(&owner, &params).await.unwrap();
    let mut bars = calendar.weeks.iter().flatten().flat_map(|day| &day.bars);
    assert!(bars.any(|bar| bar.style == BarStyle::Struck && bar.text == "UAT satisfied"));
    assert!(
        matches!(view(&stage, uat).await, PullView::Refused { why, .. } if why.contains("an equal or later build"))
    );
}

#[tokio::test]
async fn it_can_be_taken_back_until_it_begins() {
    let (stage, uat) = under_way().await;
    let before = update(&stage, uat).await.update.state;
    done(pull(&stage, uat, "2026-10-03").await);
    let PullView::Booked { generation, says, .. } = view(&stage, uat).await else { panic!("it is booked") };
    assert!(says.contains("Sat 3 Oct 2026, 00:00–06:00 CEST"), "{says}");
    assert_eq!(refused(pull(&stage, uat, "2026-10-04").await), FormProblem::PullBooked);
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let stale = stage.services.undo_pull(&owner, uat, generation - 1).await.unwrap();
    assert_eq!(refused(stale), FormProblem::SomeoneWasFaster);
    done(stage.services.undo_pull(&owner, uat, generation).await.unwrap());
    assert_eq!(update(&stage, uat).await.update.state, before);
    assert_eq!(titles(&stage).await[0].1, "UAT is not taken ahead");
    stage.run_until("2026-10-03T06:00:00Z").await;
    assert_eq!(stage.deployer.started(), 1, "DEV alone");
    // The engine was faster.
    stage.run_until("2026-10-03T23:00:00Z").await;
    let form = choose(&stage, uat, "now").await;
    done(stage.services.pull_ahead(&owner, uat, &form).await.unwrap());
    stage.tick().await;
    let late = stage.services.undo_pull(&owner, uat, form.generation + 1).await.unwrap();
    assert_eq!(refused(late), FormProblem::PullNotBooked);
    let actions: Vec<String> = store::audit::list(stage.services.db().reader(), None, 500)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|event| event.action)
        .collect();
    assert!(actions.iter().any(|action| action == "environment.pulled_ahead"));
    assert!(actions.iter().any(|action| action == "environment.pull_undone"));
}

#[tokio::test]
async fn a_halt_that_is_first_refuses_and_one_that_is_later_holds() {
    let (stage, uat) = under_way().await;
    let form = choose(&stage, uat, "now").await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let outcome = stage.services.pull_ahead(&owner, uat, &form).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::PullHalted);
    let PullView::Refused { why, way_out, .. } = view(&stage, uat).await else { panic!("it is halted") };
    assert!(why.contains("sign-in fails") && way_out.contains("when the halt is lifted"), "{why} {way_out}");
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, stage.rollout, "looked at").await.unwrap());
    done(pull(&stage, uat, "now").await);
    done(stage.services.halt_rollout(&lead, stage.rollout, "again").await.unwrap());
    let started = stage.deployer.started();
    stage.run_until("2026-10-02T08:00:00Z").await;
    assert_eq!(stage.deployer.started(), started, "nothing starts past a halt");
    done(stage.services.resume_rollout(&manager, stage.rollout, "looked at").await.unwrap());
    stage.tick().await;
    let back = update(&stage, uat).await.update;
    assert_eq!((back.state, back.pull), (UpdateState::Planned, None), "its night is over: the push stands again");
    let letters = titles(&stage).await;
    assert!(letters.iter().any(|(_, title)| title == "UAT is not taken ahead"), "{letters:?}");
}

#[tokio::test]
async fn a_plan_made_before_the_booking_is_dropped() {
    let (stage, uat) = under_way().await;
    stage.run_until("2026-10-09T20:00:00Z").await;
    let seen = update(&stage, uat).await.update;
    done(pull(&stage, uat, "2026-10-10").await);
    let tx = stage.services.db().begin().await.unwrap();
    let started = seen.state.clone().start(stage.now()).unwrap();
    let late = store::update::save_state(&tx, seen.id, Expect::State(&seen.state), &started, 1).await;
    assert!(matches!(late, Err(store::Error::Conflict { .. })), "{late:?}");
}

#[tokio::test]
async fn a_failure_is_an_attempt_and_holds_own_production() {
    let (stage, uat) = under_way().await;
    stage.deployer.fail(uat, 1, "disk full");
    done(pull(&stage, uat, "now").await);
    stage.run_until("2026-10-02T01:00:00Z").await;
    let after = update(&stage, uat).await.update;
    assert_eq!((after.attempts, after.pull), (1, None));
    let UpdateState::Announced { night, moved: Some(moved), .. } = after.state else { panic!("{:?}", after.state) };
    assert!(matches!(moved.reason, MoveReason::AttemptFailed { .. }));
    assert!(night.date >= "2026-10-12".parse().unwrap(), "in the window of its stage: {night:?}");
    let prod = stage.environment_id(stage.contoso, "PROD");
    assert_eq!(refused(pull(&stage, prod, "2026-10-03").await), FormProblem::PullFailedInSandbox);
}

#[tokio::test]
async fn who_may_not_and_what_cannot_is_refused_by_name() {
    let (stage, uat) = under_way().await;
    let form = choose(&stage, uat, "now").await;
    let stranger = stage.by("customer_admin@fabrikam.example").await.unwrap();
    assert!(matches!(stage.services.pull_ahead(&stranger, uat, &form).await, Err(Error::NotFound)));
    assert!(matches!(stage.services.undo_pull(&stranger, uat, 1).await, Err(Error::NotFound)));
    let viewer = stage.as_role(Role::CustomerViewer).await.unwrap();
    assert!(matches!(stage.services.pull_ahead(&viewer, uat, &form).await, Err(Error::Forbidden)));
    assert_eq!(stage.services.show_environment(&viewer, uat).await.unwrap().pull, None);
    for (start, expected) in [
        ("", FormProblem::PullStartMissing),
        ("soon", FormProblem::PullStartMissing),
        ("2027-01-01", FormProblem::PullOutsideDarkHours),
    ] {
        assert_eq!(refused(pull(&stage, uat, start).await), expected, "{start}");
    }
    let legacy = stage.environment_id(stage.contoso, "LEGACY");
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    assert_eq!(stage.services.show_environment(&owner, legacy).await.unwrap().pull, None);
    let outcome = stage.services.pull_ahead(&owner, legacy, &form).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::PullNothingUnderWay);
    let lab = stage.environment_id(stage.fabrikam, "LAB");
    let outcome = stage.services.pull_ahead(&stranger, lab, &form).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::PullUnplaced);
    stage.clock.set(at("2026-10-02T12:00:00Z"));
    assert_eq!(refused(pull(&stage, uat, "now").await), FormProblem::PullOutsideDarkHours);
    stage.clock.set(at("2026-10-02T22:30:00Z") + TimeDelta::minutes(1));
    done(pull(&stage, uat, "2026-10-03").await);
}

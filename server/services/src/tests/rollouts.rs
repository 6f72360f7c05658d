//! What staff see of rollouts.

use super::{Stage, done, refused, stage};
use domain::calendar::Night;
use domain::ids::RolloutId;
use domain::permission::Role;
use domain::release::TrainId;
use domain::rollout::{HaltCause, RolloutState, UpdateFacts, UpdateState};
use domain::wire::problem::{FormOutcome, FormProblem};
use domain::wire::rollout::{RolloutEnvironmentsParams, RolloutView};
use domain::wire::signal::LineState;
use store::rollout::{NewRollout, Rollout};
use store::update::Expect;

async fn show(stage: &Stage, role: Role) -> RolloutView {
    let ctx = stage.as_role(role).await.unwrap();
    stage.services.show_rollout(&ctx, stage.rollout).await.unwrap()
}

#[tokio::test]
async fn a_draft_shows_its_stations_and_who_may_start_it() {
    let stage = stage().await;
    let view = show(&stage, Role::ReleaseManager).await;
    assert_eq!((view.state.as_str(), view.where_text.as_str()), ("Not started", "Not started"));
    assert_eq!(view.started, "scheduled for Wed 30 Sep 2026");
    assert_eq!(view.line.len(), 6);
    assert_eq!(view.stages.len(), 11);
    assert!(view.actions.start && !view.actions.halt && !view.actions.resume);
    assert!(!show(&stage, Role::Approver).await.actions.start);
    assert_eq!(view.timeline.len(), 1);
    assert_eq!(view.not_aboard, 1, "LEGACY");
    assert!(view.counts.planned > 0 && view.counts.succeeded == 0, "whom a start would meet: {:?}", view.counts);
    assert_eq!(
        view.counts.total,
        view.stages.iter().map(|stage| stage.counts.total).sum::<u32>() + view.unplaced.total
    );
}

#[tokio::test]
async fn buttons_and_services_agree_on_approvals() {
    let stage = stage().await;
    for step in ["draft", "running", "halted"] {
        match step {
            "running" => {
                let starter = stage.as_role(Role::ReleaseManager).await.unwrap();
                done(stage.services.start_rollout(&starter, stage.rollout).await.unwrap());
            }
            "halted" => {
                let lead = stage.as_role(Role::IncidentLead).await.unwrap();
                done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
            }
            _ => {}
        }
        for role in [Role::Support, Role::ReleaseManager, Role::Approver] {
            let view = show(&stage, role).await;
            let stations: Vec<u8> = view.approvals.iter().map(|row| row.station).collect();
            assert_eq!(stations, [2, 3, 4, 5, 6]);
            let row = view.approvals.iter().find(|row| row.given.is_none()).unwrap();
            assert_eq!(row.may, row.why_not.is_empty(), "{step} {role:?}");
            let ctx = stage.as_role(role).await.unwrap();
            let outcome = stage.services.approve_promotion(&ctx, stage.rollout, row.station).await;
            let accepted = matches!(outcome, Ok(FormOutcome::Done { .. }));
            assert_eq!(accepted, row.may, "{step} {role:?} {outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_approval_is_shown_with_its_giver_and_not_offered_again() {
    let stage = stage().await;
    stage.start().await;
    let view = show(&stage, Role::Approver).await;
    let (name, _) = view.approvals[0].given.clone().unwrap();
    assert_eq!(name, "Approver of vendor.example");
    assert!(view.approvals.iter().all(|row| !row.may && row.why_not.is_empty()));
    let approver = stage.as_role(Role::Approver).await.unwrap();
    let again = stage.services.approve_promotion(&approver, stage.rollout, 2).await.unwrap();
    assert_eq!(refused(again), FormProblem::AlreadyApproved);
    let texts: Vec<&str> = view.timeline.iter().map(|row| row.text.as_str()).collect();
    assert!(texts.contains(&"Station 6 approved by Approver of vendor.example"), "{texts:?}");
    assert!(texts.contains(&"Rollout started by Release manager of vendor.example"), "{texts:?}");
}

#[tokio::test]
async fn a_halt_shows_its_cause_and_where_it_caught_the_train() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-30T12:00:00Z").await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    stage.tick().await;
    let view = show(&stage, Role::ReleaseManager).await;
    assert_eq!(view.where_text, "Halted at station 1");
    let halted = view.halted.unwrap();
    assert!(halted.starts_with("Halted by Incident lead of vendor.example: sign-in fails ("), "{halted}");
    assert_eq!(view.line[0].state, LineState::Halted);
    assert!(view.actions.resume && !view.actions.halt && !view.actions.start);
    assert!(view.stages.iter().flat_map(|stage| &stage.why).any(|why| why.text.contains("sign-in fails")));
}

#[tokio::test]
async fn running_and_completed_say_where_and_when() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-30T12:00:00Z").await;
    let view = show(&stage, Role::Support).await;
    assert_eq!(view.where_text, "Running at station 1");
    assert!(view.stages[0].why.iter().any(|why| why.text.contains("due succeeded")), "{:?}", view.stages[0]);
    stage.run_until("2026-10-27T08:00:00Z").await;
    let view = show(&stage, Role::Support).await;
    assert!(view.where_text.starts_with("Completed on "), "{}", view.where_text);
    assert!(view.line.iter().all(|node| node.state == LineState::Passed));
    assert_eq!(view.unplaced.held, 1, "LAB");
    let ctx = stage.as_role(Role::Support).await.unwrap();
    let list = stage.services.list_rollouts(&ctx).await.unwrap();
    assert_eq!((list.rows.len(), list.rows[0].counts), (1, view.counts));
}

#[tokio::test]
async fn environments_are_listed_by_stage_with_their_reasons() {
    let stage = stage().await;
    stage.start().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    let ask = |station: &str, audience: &str, state: &str| RolloutEnvironmentsParams {
        rollout: Some(stage.rollout),
        station: station.into(),
        audience: audience.into(),
        state: state.into(),
        after: String::new(),
    };
    for (params, expected) in [
        (ask("", "", ""), vec!["DEV", "LAB", "PROD", "PROD", "TEST", "TRAIN", "UAT", "UAT"]),
        (ask("4", "production", ""), vec!["PROD", "PROD"]),
        (ask("1", "sandbox", ""), vec!["DEV"]),
        (ask("none", "", ""), vec!["LAB"]),
        (ask("", "", "held"), vec!["LAB"]),
    ] {
        let view = stage.services.list_rollout_environments(&support, &params).await.unwrap();
        let mut names: Vec<_> = view.rows.iter().map(|row| row.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{params:?}");
        assert!(view.rows.iter().all(|row| !row.why.is_empty()), "{:?}", view.rows);
    }
}

/// Rule H1: the build stops, and with it every rollout of it; each is resumed by itself.
#[tokio::test]
async fn a_halt_stops_every_rollout_of_the_build() {
    let stage = stage().await;
    let other = second_rollout(&stage).await;
    let starter = stage.as_role(Role::ReleaseManager).await.unwrap();
    for rollout in [stage.rollout, other] {
        done(stage.services.start_rollout(&starter, rollout).await.unwrap());
    }
    let before = find(&stage, other).await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    let (own, halted) = (find(&stage, stage.rollout).await, find(&stage, other).await);
    let RolloutState::Halted { cause: HaltCause::Person { .. }, .. } = &own.state else { panic!("{:?}", own.state) };
    let RolloutState::Halted { cause: HaltCause::Build { reason }, .. } = &halted.state else {
        panic!("{:?}", halted.state)
    };
    assert!(reason.contains("sign-in fails"), "{reason}");
    assert_eq!(halted.generation, before.generation + 1, "a plan made before the halt is dropped");
    assert_eq!(show_other(&stage, other).await, "Halted");

    stage.run_until("2026-10-01T08:00:00Z").await;
    assert_eq!(stage.deployer.started(), 0, "nothing starts in either");
    done(stage.services.resume_rollout(&starter, other, "looked at").await.unwrap());
    assert!(matches!(find(&stage, other).await.state, RolloutState::Running { .. }));
    assert!(matches!(find(&stage, stage.rollout).await.state, RolloutState::Halted { .. }), "resumed one by one");
}

/// Rule R1: what a halted train announced counts for no other. When it goes on, both would have the night: one gives way at
/// once, and its owner is told before the night.
#[tokio::test]
async fn a_train_that_goes_on_shares_no_night() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-25T08:00:00Z").await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let build = find(&stage, stage.rollout).await.build;
    done(stage.services.lift_build(&manager, build, "looked at").await.unwrap());
    let other = second_rollout(&stage).await;
    done(stage.services.start_rollout(&manager, other).await.unwrap());
    stage.run_until("2026-09-25T12:00:00Z").await;
    share_the_night(&stage, other).await;
    done(stage.services.resume_rollout(&manager, stage.rollout, "looked at").await.unwrap());
    stage.tick().await;
    stage.tick().await;
    let (own, its) = (night(&stage, stage.rollout).await, night(&stage, other).await);
    assert!(!own.overlaps(its), "{own:?} {its:?}");
}

/// By chance each has a night of its own: the halted one's becomes the other's, and nothing of it is due.
async fn share_the_night(stage: &Stage, other: RolloutId) {
    let its = night(stage, other).await;
    let update = of_dev(stage, stage.rollout).await;
    let state = UpdateState::Announced { night: its, announced_at: stage.now(), moved: None };
    let tx = stage.services.db().begin().await.unwrap();
    store::update::save_state(&tx, update.id, Expect::State(&update.state), &state, 0).await.unwrap();
    for rollout in [stage.rollout, other] {
        let seen = store::estate::due(&tx, rollout, stage.now(), 1_000).await.unwrap();
        store::estate::save(&tx, rollout, &seen, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The night that is announced for Contoso's DEV in this rollout.
async fn night(stage: &Stage, rollout: RolloutId) -> Night {
    of_dev(stage, rollout).await.state.night().unwrap()
}

async fn of_dev(stage: &Stage, rollout: RolloutId) -> UpdateFacts {
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let loaded =
        store::rollout::load_facts(&snapshot, rollout, store::rollout::Reach::Everyone).await.unwrap().unwrap();
    let dev = stage.environment_id(stage.contoso, "DEV");
    let dev = loaded.facts.environments.into_iter().find(|environment| environment.id == dev).unwrap();
    dev.update.unwrap()
}

async fn find(stage: &Stage, rollout: RolloutId) -> Rollout {
    store::rollout::find(stage.services.db().reader(), rollout).await.unwrap().unwrap()
}

async fn show_other(stage: &Stage, rollout: RolloutId) -> String {
    let ctx = stage.as_role(Role::Support).await.unwrap();
    stage.services.show_rollout(&ctx, rollout).await.unwrap().state
}

/// The next train, with the same build.
async fn second_rollout(stage: &Stage) -> RolloutId {
    let services = &stage.services;
    let tx = services.db().begin().await.unwrap();
    let first = store::rollout::find(&tx, stage.rollout).await.unwrap().unwrap();
    let windows = store::rollout::stages(&tx, first.id).await.unwrap().into_iter().map(|stage| stage.window).collect();
    let new = NewRollout {
        id: RolloutId::new(services.ids().uuid()),
        train: TrainId { number: first.train.number + 1, ..first.train },
        build: first.build,
        cadence: first.cadence,
        start: first.start,
        policy: first.policy,
        windows,
        created_at: stage.now(),
    };
    store::rollout::insert(&tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    new.id
}

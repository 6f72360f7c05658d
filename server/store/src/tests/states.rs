//! Every state survives the way into columns and back; every other mix of columns is refused, by us and by the database.

use super::fixtures::{a_rollout, an_update, artifact, env, fleet, later, night, now, rol, update_id, user};
use super::harness::on_both;
use crate::entity::environment_update::{Column, Entity, Model};
use crate::update::{Expect, Update};
use crate::{Connection, Db, Error, environment, rollout, update};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::{GateReport, Verdict};
use domain::permission::TenantScope;
use domain::rollout::{
    Approval, EnvironmentReason, GivenApproval, HaltCause, MoveReason, Moved, RolloutReport, RolloutState, StageState,
    UpdateState, WaitingOn,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

on_both! { updates_round_trip rollouts_round_trip stages_and_approvals_round_trip the_database_refuses_mixes }

fn update_states() -> Vec<UpdateState> {
    let reason = || EnvironmentReason::NoStation { region: "Sweden Central".into() };
    let moved = |reason| Some(Moved { from: night(6), at: later(3), reason });
    let stage = StageKey { station: StationNumber(3), audience: Audience::Sandbox };
    let closed = MoveReason::StageClosed { stage, on: Some(Box::new(WaitingOn::Bake { until: later(9) })) };
    vec![
        UpdateState::Planned,
        UpdateState::Announced { night: night(7), announced_at: later(1), moved: None },
        UpdateState::Announced { night: night(7), announced_at: later(1), moved: moved(MoveReason::NightMissed) },
        UpdateState::Announced { night: night(7), announced_at: later(1), moved: moved(closed) },
        UpdateState::InProgress { night: night(7), started_at: later(2) },
        UpdateState::Verifying { night: night(7), started_at: later(2), applied_at: later(3) },
        UpdateState::Succeeded { night: night(7), started_at: later(2), finished_at: later(4) },
        UpdateState::Failed { night: night(7), started_at: later(2), failed_at: later(4), error: "disk full".into() },
        UpdateState::AlreadySatisfied { since: later(5), cancelled: None, pulled_at: None },
        UpdateState::AlreadySatisfied { since: later(5), cancelled: Some(night(3)), pulled_at: None },
        UpdateState::AlreadySatisfied { since: later(5), cancelled: Some(night(8)), pulled_at: Some(later(4)) },
        UpdateState::Skipped { reason: reason(), cancelled: None },
        UpdateState::Skipped { reason: reason(), cancelled: Some(night(3)) },
        UpdateState::Held { reason: reason(), cancelled: None },
        UpdateState::Held { reason: reason(), cancelled: Some(night(3)) },
    ]
}

async fn updates_round_trip(db: &Db) {
    let states = update_states();
    fleet(db, 50, states.len() as u128).await;
    let tx = db.begin().await.unwrap();
    let stage = StageKey { station: StationNumber(2), audience: Audience::Production };
    let reasons = vec![EnvironmentReason::NightAhead { night: night(7) }, EnvironmentReason::WeekendOnly];
    for (state, number) in states.iter().zip(1..) {
        // Enrolled in that state, and brought into it later: both ways of writing.
        let mut new = an_update(50, number, state.clone());
        (new.stage, new.reasons, new.next) = (Some(stage), reasons.clone(), Some(later(7)));
        update::enrol_many(&tx, vec![new]).await.unwrap();
        let id = update_id(50, number);
        let enrolled = update::get(&tx, id).await.unwrap().unwrap();
        assert_eq!((&enrolled.state, enrolled.stage, enrolled.attempts), (state, Some(stage), 0));
        assert_eq!((&enrolled.reasons, enrolled.next), (&reasons, Some(later(7))));
        for other in &states {
            update::save_state(&tx, id, Expect::Generation(generation(&tx, id).await), other, 1).await.unwrap();
            update::save_state(&tx, id, Expect::State(other), state, 2).await.unwrap();
        }
        let saved = update::get(&tx, id).await.unwrap().unwrap();
        assert_eq!((&saved.state, saved.attempts), (state, 2));
        assert_eq!(saved.last_failed_at, Some(later(4)), "it was failed in between, and that is kept");
        let shown = environment::find(&tx, TenantScope::AllCustomers, env(number)).await.unwrap().unwrap();
        assert_eq!((shown.current_update, shown.current_state), (Some(id), Some(state.word())));
    }
    tx.commit().await.unwrap();
}

async fn generation(conn: &impl Connection, id: domain::ids::UpdateId) -> i64 {
    update::get(conn, id).await.unwrap().unwrap().generation
}

async fn rollouts_round_trip(db: &Db) {
    fleet(db, 50, 0).await;
    let (started_at, started_by) = (later(1), user(7));
    let gate = GateReport {
        verdict: Verdict::Fail,
        due: 10,
        accepted: 1,
        succeeded: 6,
        succeeded_needed: 9,
        failed: 4,
        reported: 10,
        baked_at: None,
        findings: Vec::new(),
    };
    let stage = StageKey { station: StationNumber(2), audience: Audience::Sandbox };
    let halted =
        |cause| RolloutState::Halted { started_at, started_by, halted_at: later(2), cause, resumed_at: Some(later(1)) };
    let states = [
        RolloutState::Running { started_at, started_by, resumed_at: None },
        RolloutState::Running { started_at, started_by, resumed_at: Some(later(3)) },
        halted(HaltCause::Person { by: user(8), name: "R. Iyer".into(), reason: "wrong totals".into() }),
        halted(HaltCause::Gate { stage, gate }),
        halted(HaltCause::Build { reason: "wrong totals".into() }),
        RolloutState::Completed { started_at, started_by, completed_at: later(9) },
        RolloutState::Draft,
    ];
    let drafted = rollout::find(db.reader(), rol(50)).await.unwrap().unwrap();
    assert_eq!(
        (drafted.state, drafted.report, drafted.policy),
        (RolloutState::Draft, RolloutReport::default(), a_rollout(50).policy)
    );
    for state in states {
        let tx = db.begin().await.unwrap();
        rollout::set_state(&tx, rol(50), &state).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(rollout::find(db.reader(), rol(50)).await.unwrap().unwrap().state, state);
        let running = rollout::RolloutFilter { states: vec!["running"], ..rollout::RolloutFilter::default() };
        let running = rollout::list(db.reader(), &running).await.unwrap();
        assert_eq!(!running.is_empty(), matches!(state, RolloutState::Running { .. }));
    }
}

async fn stages_and_approvals_round_trip(db: &Db) {
    fleet(db, 50, 0).await;
    let stages = rollout::stages(db.reader(), rol(50)).await.unwrap();
    let windows: Vec<_> = stages.iter().map(|stage| stage.window).collect();
    assert_eq!(windows, a_rollout(50).windows);
    let tx = db.begin().await.unwrap();
    let key = stages[2].key;
    for state in [
        StageState::Open { opened_at: later(1) },
        StageState::Passed { opened_at: later(1), passed_at: later(2) },
        StageState::Waiting,
    ] {
        rollout::set_stage(&tx, rol(50), key, state).await.unwrap();
        assert_eq!(rollout::stages(&tx, rol(50)).await.unwrap()[2].state, state);
    }
    let missing = StageKey { station: StationNumber(9), audience: Audience::Sandbox };
    let refused = rollout::set_stage(&tx, rol(50), missing, StageState::Waiting).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let approval = Approval { by: user(8), name: "A. Approver".into(), at: now() };
    let given = GivenApproval { station: StationNumber(2), approval, digest: Some(artifact()) };
    rollout::add_approval(&tx, rol(50), &given).await.unwrap();
    assert_eq!(rollout::approvals(&tx, rol(50)).await.unwrap(), std::slice::from_ref(&given));
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let twice = rollout::add_approval(&tx, rol(50), &given).await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    drop(tx);
    let tx = db.begin().await.unwrap();
    rollout::drop_approval(&tx, rol(50), StationNumber(2)).await.unwrap();
    rollout::add_approval(&tx, rol(50), &GivenApproval { digest: None, ..given }).await.unwrap();
    tx.commit().await.unwrap();
}

/// One row for each state, as the database holds it.
async fn rows(db: &Db) -> Vec<Model> {
    let states = update_states();
    fleet(db, 50, states.len() as u128).await;
    let tx = db.begin().await.unwrap();
    let new = states.into_iter().zip(1..).map(|(state, number)| an_update(50, number, state)).collect();
    update::enrol_many(&tx, new).await.unwrap();
    tx.commit().await.unwrap();
    Entity::find().all(db.reader()).await.unwrap()
}

async fn the_database_refuses_mixes(db: &Db) {
    let rows = rows(db).await;
    let alike = |a: &str, b: &str| a == b || (["skipped", "held"].contains(&a) && ["skipped", "held"].contains(&b));
    for row in &rows {
        for other in &rows {
            let mixed = Model { state: other.state.clone(), ..row.clone() };
            let read = Update::try_from(mixed);
            let tx = db.begin().await.unwrap();
            let written = Entity::update_many()
                .col_expr(Column::State, Expr::value(other.state.clone()))
                .filter(Column::Id.eq(row.id))
                .exec(&tx)
                .await;
            let fits = alike(&row.state, &other.state);
            assert_eq!(written.is_ok(), fits, "{} with the columns of {}", other.state, row.state);
            match read {
                Ok(_) => assert!(fits, "{} with the columns of {}", other.state, row.state),
                Err(Error::Inconsistent { table, .. }) => assert!(!fits && table == "environment_update"),
                Err(other) => panic!("{other}"),
            }
        }
    }
    let half = [
        Model { night_end_ms: None, ..rows[1].clone() },
        Model { station: Some(2), audience: None, ..rows[0].clone() },
        Model { state: "paused".into(), ..rows[0].clone() },
        Model { attempts: -1, ..rows[0].clone() },
        Model { started_ms: Some(i64::MAX), ..rows[4].clone() },
        Model { reasons: serde_json::json!("none"), ..rows[0].clone() },
    ];
    for model in half {
        let read = Update::try_from(model.clone());
        assert!(matches!(read, Err(Error::Inconsistent { .. })), "{model:?}");
    }
}

//! Lists of rollouts and of their updates.

use super::fixtures::{
    a_rollout, an_update, build_id, contoso, env, fleet, id, later, night, now, production, rol, running, sandbox,
    train, update_id, version,
};
use super::harness::on_both;
use crate::entity::environment_update::{Column, Entity};
use crate::rollout::{NewRollout, RolloutFilter};
use crate::update::{Expect, NewUpdate, UpdateFilter};
use crate::{Db, environment, rollout, update};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::permission::TenantScope;
use domain::release::TrainId;
use domain::rollout::{MoveReason, Moved, RolloutState, UpdateState};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

on_both! {
    rollouts_newest_first updates_of_a_rollout_by_stage_and_state updates_of_a_customer
    an_unreadable_update_hides_no_other a_failure_in_a_sandbox_stands_until_it_is_mended
}

/// 1 failed, 2 is announced again, 3 was mended by its second attempt, 4 did not fail, 5 moves with its production, 6 is
/// the production.
async fn a_failure_in_a_sandbox_stands_until_it_is_mended(db: &Db) {
    fleet(db, 50, 5).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![production(6, "prod")]).await.unwrap();
    let stage = |number| {
        let audience = if number < 5 { Audience::Sandbox } else { Audience::Production };
        Some(StageKey { station: StationNumber(2), audience })
    };
    let flying = |hours| UpdateState::InProgress { night: night(0), started_at: later(hours) };
    for number in 1..=6 {
        let new = NewUpdate { stage: stage(number), ..an_update(50, number, flying(0)) };
        update::enrol_many(&tx, vec![new]).await.unwrap();
        let failed = flying(0).fail("disk full".into(), later(1)).unwrap();
        let again = failed.clone().retry(night(1), later(2)).unwrap();
        let mended = flying(24).applied(later(25)).and_then(|applied| applied.confirm(later(25))).unwrap();
        let states = match number {
            1 | 5 | 6 => vec![failed],
            2 => vec![failed, again],
            3 => vec![failed, again, flying(24), mended],
            _ => Vec::new(),
        };
        for (state, generation) in states.iter().zip(1..) {
            let expect = Expect::Generation(generation);
            update::save_state(&tx, update_id(50, number), expect, state, 1).await.unwrap();
        }
    }
    let failed = update::failed_sandboxes(&tx, rol(50), contoso()).await.unwrap();
    assert_eq!(failed, [(env(1), later(1)), (env(2), later(1))]);
    assert_eq!(update::failed_sandboxes(&tx, rol(50), id(super::fixtures::FABRIKAM)).await.unwrap(), []);
    assert_eq!(update::failed_sandboxes(&tx, rol(51), contoso()).await.unwrap(), []);
    tx.commit().await.unwrap();
}

async fn rollouts_newest_first(db: &Db) {
    fleet(db, 50, 0).await;
    let other = TrainId { number: 8, ..train() };
    let tx = db.begin().await.unwrap();
    rollout::insert(&tx, &NewRollout { created_at: later(1), train: other, ..a_rollout(51) }).await.unwrap();
    let under_way = running();
    rollout::set_state(&tx, rol(50), &under_way).await.unwrap();
    let ids = async |filter: RolloutFilter| {
        let rows = rollout::list(&tx, &filter).await.unwrap();
        rows.into_iter().map(|row| row.id.uuid().as_u128()).collect::<Vec<_>>()
    };
    let all = RolloutFilter::default;
    assert_eq!(ids(all()).await, [51, 50]);
    assert_eq!(ids(RolloutFilter { states: vec!["draft", "halted"], ..all() }).await, [51]);
    assert_eq!(ids(RolloutFilter { train: Some(train()), ..all() }).await, [50]);
    assert_eq!(ids(RolloutFilter { build: Some(build_id()), ..all() }).await, [51, 50]);
    assert_eq!(ids(RolloutFilter { build: Some(id(1)), ..all() }).await, [0; 0]);
    let found = rollout::find(&tx, rol(51)).await.unwrap().unwrap();
    assert_eq!((found.train, found.version, found.created_at), (other, version(super::fixtures::NEW), later(1)));
    assert_eq!(rollout::find(&tx, rol(9)).await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn updates_of_a_rollout_by_stage_and_state(db: &Db) {
    fleet(db, 50, 9).await;
    let stage = |number, audience| Some(StageKey { station: StationNumber(number), audience });
    let announced = |moved| UpdateState::Announced { night: night(3), announced_at: now(), moved };
    let moved = Moved { from: night(2), at: now(), reason: MoveReason::RolloutHalted };
    let tx = db.begin().await.unwrap();
    let new = (1..=9).map(|number| {
        let state = match number {
            1 => announced(None),
            2 => announced(Some(moved.clone())),
            3 => UpdateState::InProgress { night: night(1), started_at: now() },
            _ => UpdateState::Planned,
        };
        let at = match number {
            1..=5 => stage(2, Audience::Sandbox),
            6..=8 => stage(2, Audience::Production),
            _ => None,
        };
        NewUpdate { stage: at, ..an_update(50, number, state) }
    });
    update::enrol_many(&tx, new.collect()).await.unwrap();
    let environments = async |filter: UpdateFilter, after, limit| {
        let page = update::of_rollout(&tx, rol(50), &filter, after, limit).await.unwrap();
        (page.rows.iter().map(|row| row.update.environment.uuid().as_u128()).collect::<Vec<_>>(), page.more)
    };
    let all = UpdateFilter::default;
    let sandboxes = || UpdateFilter { station: Some(StationNumber(2)), audience: Some(Audience::Sandbox), ..all() };
    let station_two = || UpdateFilter { station: Some(StationNumber(2)), ..all() };
    let state = |word| UpdateFilter { state: Some(word), ..all() };
    assert_eq!(environments(all(), None, 4).await, (vec![1, 2, 3, 4], true));
    assert_eq!(environments(all(), Some(update_id(50, 4)), 5).await, (vec![5, 6, 7, 8, 9], false));
    assert_eq!(environments(sandboxes(), Some(update_id(50, 2)), 9).await, (vec![3, 4, 5], false));
    assert_eq!(environments(station_two(), Some(update_id(50, 4)), 9).await, (vec![5, 6, 7, 8], false));
    assert_eq!(environments(UpdateFilter { unplaced: true, ..all() }, None, 9).await, (vec![9], false));
    assert_eq!(environments(state(UpdateStateWord::Announced), None, 9).await, (vec![1], false));
    assert_eq!(environments(state(UpdateStateWord::Moved), None, 9).await, (vec![2], false));
    assert_eq!(environments(state(UpdateStateWord::InProgress), None, 9).await, (vec![3], false));
    assert_eq!(environments(state(UpdateStateWord::Halted), None, 9).await, (vec![], false));
    let row = &update::of_rollout(&tx, rol(50), &all(), None, 1).await.unwrap().rows[0];
    assert_eq!(
        (row.environment_name.as_str(), row.customer_name.as_str(), row.region.as_str()),
        ("uat-001", "Contoso", "canada-central")
    );
    let running = update::running(&tx).await.unwrap();
    let [Ok(running)] = running.as_slice() else { panic!("{running:?}") };
    assert_eq!(
        (running.train, running.build, running.update.dispatched_at),
        (train(), version(super::fixtures::NEW), None)
    );
    tx.commit().await.unwrap();
}

async fn an_unreadable_update_hides_no_other(db: &Db) {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    let running = || UpdateState::InProgress { night: night(1), started_at: now() };
    update::enrol_many(&tx, (1..=3).map(|number| an_update(50, number, running())).collect()).await.unwrap();
    Entity::update_many()
        .col_expr(Column::Reasons, Expr::value(serde_json::json!("no list")))
        .filter(Column::Id.eq(update_id(50, 2).uuid()))
        .exec(&tx)
        .await
        .unwrap();
    let read = update::running(&tx).await.unwrap();
    assert_eq!(read.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(rollout::ids(&tx, &RolloutFilter::default()).await.unwrap(), [rol(50)]);
    tx.commit().await.unwrap();
}

async fn updates_of_a_customer(db: &Db) {
    fleet(db, 50, 4).await;
    let tx = db.begin().await.unwrap();
    rollout::insert(&tx, &NewRollout { created_at: later(1), ..a_rollout(51) }).await.unwrap();
    environment::insert_many(&tx, vec![sandbox(9, "zzz")]).await.unwrap();
    let announced = |days| UpdateState::Announced { night: night(days), announced_at: now(), moved: None };
    let done = UpdateState::Succeeded { night: night(2), started_at: now(), finished_at: later(1) };
    let stage = Some(StageKey { station: StationNumber(2), audience: Audience::Sandbox });
    let new = vec![
        NewUpdate { stage, ..an_update(50, 1, announced(4)) },
        an_update(50, 2, announced(3)),
        an_update(50, 3, done),
        an_update(50, 4, UpdateState::Planned),
        NewUpdate { created_at: later(1), ..an_update(51, 1, UpdateState::Planned) },
    ];
    update::enrol_many(&tx, new).await.unwrap();
    let numbers =
        |rows: &[update::WithRollout]| rows.iter().map(|w| w.update.environment.uuid().as_u128()).collect::<Vec<_>>();
    assert_eq!(update::of_customer_open(&tx, contoso()).await.unwrap(), [], "no rollout runs yet");
    let under_way = running();
    rollout::set_state(&tx, rol(50), &under_way).await.unwrap();
    assert_eq!(numbers(&update::of_customer_open(&tx, contoso()).await.unwrap()), [1, 2, 4]);
    // From is inside, to is not; the order is that of nights.
    let between = update::of_customer_between(&tx, contoso(), night(2).start, night(4).start).await.unwrap();
    assert_eq!(numbers(&between), [3, 2]);
    let of_one = update::of_environment(&tx, TenantScope::AllCustomers, env(1)).await.unwrap();
    assert_eq!(of_one.iter().map(|w| w.rollout.id).collect::<Vec<_>>(), [rol(51), rol(50)]);
    assert_eq!((of_one[0].window, &of_one[0].rollout.state), (None, &RolloutState::Draft));
    assert_eq!(of_one[1].window, a_rollout(50).windows.into_iter().find(|w| Some(w.stage) == stage));
    assert_eq!((&of_one[1].rollout.state, of_one[1].rollout.train), (&under_way, train()));
    tx.commit().await.unwrap();
}

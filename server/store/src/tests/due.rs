//! What a plan looks at: estates that are due, updates whose turn it is, and counts that were kept.

use super::approvals::approved_by_somebody;
use super::fixtures::{
    CONTOSO, FABRIKAM, a_rollout, an_update, contoso, env, fleet, id, later, night, now, of_fabrikam, production, rol,
    running, sandbox, service_update, update_id, user, version,
};
use super::harness::on_both;
use crate::environment::{Deployed, NewEnvironment};
use crate::estate::{self, Seen};
use crate::rollout::Reach;
use crate::update::{Expect, NewUpdate};
use crate::{Connection, Db, Tx, environment, rollout, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, Designation, StageKey, StationNumber};
use domain::ids::CustomerId;
use domain::people::Person;
use domain::pull_ahead::Booked;
use domain::rollout::{
    Counted, EnvironmentFacts, EstatePlan, Part, RolloutFacts, RolloutPolicy, StageState, StageTally, UpdateFacts,
    UpdateState,
};

on_both! {
    what_happens_to_an_estate_makes_it_due what_happened_since_is_not_overwritten counters_equal_a_recount
    the_bake_begins_with_the_last_needed_success turns_are_bounded_by_caps turns_wait_for_stages_and_productions what_is_taken_ahead_waits_for_no_stage
    what_runs_there_mends_no_failure
}

const SANDBOXES: StageKey = StageKey { station: StationNumber(2), audience: Audience::Sandbox };

fn announced(days: i64) -> UpdateState {
    UpdateState::Announced { night: night(days), announced_at: now(), moved: None }
}

async fn due(conn: &impl Connection, at: DateTime<Utc>) -> Vec<CustomerId> {
    let mut due: Vec<_> =
        estate::due(conn, rol(50), at, 10).await.unwrap().into_iter().map(|seen| seen.customer).collect();
    due.sort_unstable();
    due
}

/// Nobody is due any more.
async fn look_at_all(tx: &Tx) {
    let seen = estate::due(tx, rol(50), now(), 10).await.unwrap();
    estate::save(tx, rol(50), &seen, &[]).await.unwrap();
    assert_eq!(due(tx, later(100_000)).await, []);
}

async fn started(db: &Db) -> Tx {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![of_fabrikam(sandbox(20, "uat"))]).await.unwrap();
    assert_eq!(due(&tx, now()).await, [], "a draft looks at nobody");
    approved_by_somebody(&tx).await;
    rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    estate::open(&tx, rol(50), service_update("10.0.48")).await.unwrap();
    assert_eq!(due(&tx, now()).await, [id(CONTOSO), id(FABRIKAM)]);
    look_at_all(&tx).await;
    tx
}

async fn what_happens_to_an_estate_makes_it_due(db: &Db) {
    let tx = started(db).await;
    environment::set_designation(&tx, env(1), 1, Designation::Early).await.unwrap();
    assert_eq!(due(&tx, now()).await, [contoso()], "a choice");
    look_at_all(&tx).await;
    let pulled =
        Deployed { build: version("10.0.2645.150"), platform: None, service_update: None, at: now(), rollout: None };
    environment::set_build(&tx, env(20), &pulled).await.unwrap();
    assert_eq!(due(&tx, now()).await, [id(FABRIKAM)], "another build");
    look_at_all(&tx).await;
    environment::set_build(&tx, env(20), &pulled).await.unwrap();
    assert_eq!(due(&tx, now()).await, [], "the same build again is no news");
    environment::insert_many(&tx, vec![sandbox(30, "new")]).await.unwrap();
    assert_eq!(due(&tx, now()).await, [contoso()], "a new environment");
    look_at_all(&tx).await;
    update::enrol_many(&tx, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
    update::save_state(&tx, update_id(50, 1), Expect::Generation(1), &announced(7), 0).await.unwrap();
    assert_eq!(due(&tx, now()).await, [contoso()], "a step of an update");
    look_at_all(&tx).await;
    estate::touch_begun(&tx, rol(50), later(24 * 6)).await.unwrap();
    assert_eq!(due(&tx, now()).await, [], "its night has not begun");
    estate::touch_begun(&tx, rol(50), later(24 * 7)).await.unwrap();
    assert_eq!(due(&tx, now()).await, [contoso()], "its night has begun");
    tx.commit().await.unwrap();
}

async fn what_happened_since_is_not_overwritten(db: &Db) {
    let tx = started(db).await;
    environment::set_designation(&tx, env(1), 1, Designation::Early).await.unwrap();
    let seen = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    assert_eq!(seen, [Seen { customer: contoso(), version: 2, last_night: None }]);
    environment::set_designation(&tx, env(1), 2, Designation::Standard).await.unwrap();
    let plan = |wake| EstatePlan { customer: contoso(), wake, last_night: Some(later(50)) };
    estate::save(&tx, rol(50), &seen, &[plan(Some(later(5)))]).await.unwrap();
    assert_eq!(due(&tx, now()).await, [contoso()], "the second choice is still to be looked at");
    let seen = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    estate::save(&tx, rol(50), &seen, &[plan(Some(later(5)))]).await.unwrap();
    assert_eq!(due(&tx, later(4)).await, []);
    assert_eq!(due(&tx, later(5)).await, [contoso()], "time alone brings it back");
    assert_eq!(facts(&tx, Reach::Everyone).await.last_night, Some(later(50)));
    tx.commit().await.unwrap();
}

async fn facts(conn: &impl Connection, reach: Reach<'_>) -> RolloutFacts {
    rollout::load_facts(conn, rol(50), reach).await.unwrap().unwrap().facts
}

/// The tally of a stage, counted from all its updates.
fn recount(facts: &RolloutFacts, stage: StageKey) -> StageTally {
    let updates = facts.environments.iter().filter_map(|environment| environment.update.as_ref());
    let updates: Vec<&UpdateFacts> = updates.filter(|update| update.stage == Some(stage)).collect();
    StageTally::new(&Counted::of(&updates, None), &facts.policy, None).0
}

async fn counters_equal_a_recount(db: &Db) {
    let tx = started(db).await;
    let fleet = (40..60).map(|number| sandbox(number, &format!("s{number}"))).collect();
    environment::insert_many(&tx, fleet).await.unwrap();
    let parts = [Part::Due, Part::Later, Part::Out];
    let new = (40..60).map(|number: u128| NewUpdate {
        stage: (!number.is_multiple_of(5)).then_some(SANDBOXES),
        part: parts[usize::try_from(number % 3).unwrap()],
        ..an_update(50, number, UpdateState::Planned)
    });
    update::enrol_many(&tx, new.collect()).await.unwrap();
    for number in 40..60_u128 {
        let id = update_id(50, number);
        let mut state = UpdateState::Planned;
        // Each goes further than the one before; every third one fails on its way.
        for step in 0..number % 5 {
            let next = match step {
                0 => state.clone().announce(night(0), now()),
                1 => state.clone().start(later(1)),
                2 if number % 3 == 0 => state.clone().fail("disk full".into(), later(2)),
                2 => state.clone().applied(later(2)),
                _ if number % 3 == 0 => state.clone().retry(night(1), later(3)),
                _ => state.clone().confirm(later(3)),
            };
            let next = next.unwrap();
            update::save_state(&tx, id, Expect::State(&state), &next, 1).await.unwrap();
            state = next;
        }
        match number % 10 {
            5 => update::bind_stage(&tx, id, SANDBOXES, None).await.unwrap(),
            6 => update::assign(&tx, id, Part::Out, true).await.unwrap(),
            _ => {}
        }
    }
    let facts = facts(&tx, Reach::Everyone).await;
    for stage in &facts.stages {
        assert_eq!(stage.tally, recount(&facts, stage.key), "{}", stage.key);
    }
    let counts = facts.stages.iter().find(|stage| stage.key == SANDBOXES).unwrap().tally.counts;
    assert_eq!((counts.total, facts.unplaced.total), (18, 2));
    assert!(counts.succeeded > 0 && counts.running > 0 && counts.failed > 0, "{counts:?}");
    tx.commit().await.unwrap();
}

async fn the_bake_begins_with_the_last_needed_success(db: &Db) {
    let tx = started(db).await;
    let fleet = (40..50).map(|number| sandbox(number, &format!("s{number}"))).collect();
    environment::insert_many(&tx, fleet).await.unwrap();
    rollout::set_stage(&tx, rol(50), SANDBOXES, StageState::Open { opened_at: now() }).await.unwrap();
    // Written in another order than that of time; one comes after the window and is not waited for.
    let new = [7, 3, 1, 9, 5, 2, 8, 4, 6, 0].map(|hour: i64| {
        let state = UpdateState::Succeeded { night: night(0), started_at: now(), finished_at: later(hour) };
        let part = if hour == 0 { Part::Later } else { Part::Due };
        NewUpdate { stage: Some(SANDBOXES), part, ..an_update(50, 40 + u128::try_from(hour).unwrap(), state) }
    });
    update::enrol_many(&tx, new.to_vec()).await.unwrap();
    let facts = facts(&tx, Reach::Due(later(9))).await;
    let evidence = &facts.stages.iter().find(|stage| stage.key == SANDBOXES).unwrap().tally.evidence;
    // Nine are due, nine tenths of them round up to nine.
    assert_eq!((evidence.due, evidence.succeeded, evidence.needed_success_at), (9, 9, Some(later(9))));
    tx.commit().await.unwrap();
}

/// Which environments of the facts belong to estates whose turn it is.
async fn turns(tx: &Tx, at: DateTime<Utc>) -> Vec<CustomerId> {
    look_at_all(tx).await;
    let facts = facts(tx, Reach::Due(at)).await;
    let mut customers: Vec<_> = facts.environments.iter().map(|e: &EnvironmentFacts| e.customer).collect();
    customers.dedup();
    customers
}

async fn turns_are_bounded_by_caps(db: &Db) {
    let tx = started(db).await;
    rollout::set_stage(&tx, rol(50), SANDBOXES, StageState::Open { opened_at: now() }).await.unwrap();
    let mut new = an_update(50, 1, announced(0));
    new.stage = Some(SANDBOXES);
    update::enrol_many(&tx, vec![new]).await.unwrap();
    assert_eq!(turns(&tx, now() - TimeDelta::seconds(1)).await, [], "its night has not begun");
    assert_eq!(turns(&tx, now()).await, [contoso()]);
    let last = night(0).end - TimeDelta::minutes(RolloutPolicy::DEFAULT.declared_minutes.into());
    assert_eq!(turns(&tx, last).await, [contoso()]);
    assert_eq!(turns(&tx, last + TimeDelta::milliseconds(1)).await, [], "the rest of the night is too short");
    // Another rollout runs as many of the customer's as may run at once, or one of this very environment.
    rollout::insert(&tx, &a_rollout(51)).await.unwrap();
    let fleet = (40..43).map(|number| sandbox(number, &format!("s{number}"))).collect();
    environment::insert_many(&tx, fleet).await.unwrap();
    let running = UpdateState::InProgress { night: night(0), started_at: now() };
    for number in 40..42 {
        update::enrol_many(&tx, vec![an_update(51, number, running.clone())]).await.unwrap();
        assert_eq!(turns(&tx, now()).await, [contoso()], "room is left");
    }
    update::enrol_many(&tx, vec![an_update(51, 42, running)]).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [], "the cap of the customer is full");
    tx.commit().await.unwrap();
}

async fn turns_wait_for_stages_and_productions(db: &Db) {
    let tx = started(db).await;
    let gold =
        NewEnvironment { designation: Designation::WithProduction { production: env(60) }, ..sandbox(61, "gold") };
    environment::insert_many(&tx, vec![production(60, "prod"), gold]).await.unwrap();
    let stage = StageKey { audience: Audience::Production, ..SANDBOXES };
    let mut follower = an_update(50, 61, announced(0));
    (follower.stage, follower.follows) = (Some(stage), Some(env(60)));
    let mut leader = an_update(50, 60, announced(3));
    leader.stage = Some(stage);
    update::enrol_many(&tx, vec![leader, follower]).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [], "the stage is closed");
    rollout::set_stage(&tx, rol(50), stage, StageState::Open { opened_at: now() }).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [], "its production is not updated");
    let satisfied = UpdateState::AlreadySatisfied { since: now(), cancelled: None, pulled_at: None };
    update::save_state(&tx, update_id(50, 60), Expect::State(&announced(3)), &satisfied, 0).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [contoso()]);
    crate::user::set_disabled(&tx, user(8), Some(now())).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [], "who approved it may not approve any more");
    tx.commit().await.unwrap();
}

async fn what_is_taken_ahead_waits_for_no_stage(db: &Db) {
    let tx = started(db).await;
    let mut new = an_update(50, 1, announced(0));
    new.stage = Some(SANDBOXES);
    update::enrol_many(&tx, vec![new]).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [], "the stage is closed");
    let by = Person { id: id(8), name: "Ada".into() };
    let booked = Booked::new(by, now(), UpdateState::Planned, night(3));
    update::set_pull(&tx, update_id(50, 1), Some(&booked)).await.unwrap();
    assert_eq!(turns(&tx, now()).await, [contoso()]);
    tx.commit().await.unwrap();
}

/// Of what failed and then was found to have the build: 40 stays a failure, until its agent says that it is healthy; 41
/// was taken ahead, and 42 never failed.
async fn what_runs_there_mends_no_failure(db: &Db) {
    let tx = started(db).await;
    let fleet = (40..43).map(|number| sandbox(number, &format!("s{number}"))).collect();
    environment::insert_many(&tx, fleet).await.unwrap();
    let stage = Some(SANDBOXES);
    let new = (40..43).map(|number| NewUpdate { stage, part: Part::Out, ..an_update(50, number, announced(0)) });
    update::enrol_many(&tx, new.collect()).await.unwrap();
    let satisfied = |pulled_at| UpdateState::AlreadySatisfied { since: later(3), cancelled: None, pulled_at };
    let failed =
        UpdateState::InProgress { night: night(0), started_at: later(1) }.fail("503".into(), later(2)).unwrap();
    for (number, pulled_at) in [(40, None), (41, Some(later(2))), (42, None)] {
        let states = [failed.clone(), satisfied(pulled_at)];
        for (state, generation) in states.iter().skip(usize::from(number == 42)).zip(1..) {
            let expect = Expect::Generation(generation);
            update::save_state(&tx, update_id(50, number), expect, state, 1).await.unwrap();
        }
    }
    for expected in [vec![(env(40), later(2))], Vec::new()] {
        assert_eq!(update::failed_sandboxes(&tx, rol(50), contoso()).await.unwrap(), expected);
        look_at_all(&tx).await;
        assert_eq!(due(&tx, now()).await, []);
        let facts = facts(&tx, Reach::Everyone).await;
        let stage = facts.stages.iter().find(|stage| stage.key == SANDBOXES).unwrap();
        assert_eq!(stage.tally, recount(&facts, SANDBOXES));
        let failed = u32::try_from(expected.len()).unwrap();
        assert_eq!((facts.reports.reported, facts.reports.failed), (1 + failed, failed));
        let before = update::get(&tx, update_id(50, 40)).await.unwrap().unwrap();
        update::set_last_failed(&tx, before.id, None).await.unwrap();
        let after = update::get(&tx, before.id).await.unwrap().unwrap();
        assert_eq!((after.last_failed_at, after.generation), (None, before.generation + 1));
        assert_eq!((&after.state, due(&tx, now()).await), (&before.state, vec![contoso()]), "its estate is looked at");
    }
    tx.commit().await.unwrap();
}

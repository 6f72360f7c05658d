//! What the planner sees of a small fleet.

use super::approvals::approved_by_somebody;
use super::fixtures::{
    FABRIKAM, NEW, OLD, a_rollout, an_update, catalogue, contoso, env, fleet, id, later, night, now, of_fabrikam,
    production, rol, running, sandbox, service_update, train, update_id, version,
};
use super::harness::on_both;
use crate::environment::NewEnvironment;
use crate::rollout::{NewRollout, Reach};
use crate::update::NewUpdate;
use crate::{Connection, Db, build, environment, estate, rollout, update};
use domain::calendar::MaintenanceDays;
use domain::fleet::{Audience, Designation, EnvironmentKind, StageKey, StationNumber};
use domain::people::Person;
use domain::pull_ahead::Booked;
use domain::release::TrainId;
use domain::rollout::{
    EnvironmentFacts, EnvironmentReason, Following, InFlight, RolloutFacts, RolloutState, UpdateState,
};

on_both! {
    facts_hold_the_fleet_of_the_train facts_hold_what_other_rollouts_run facts_hold_what_is_planned_elsewhere
    a_snapshot_sees_one_state
}

async fn set_up(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    let follows = |production| Designation::WithProduction { production: env(production) };
    let fleet = vec![
        production(10, "prod"),
        NewEnvironment {
            service_update: service_update("10.0.47"),
            build: version("10.0.2527.9"),
            ..production(11, "old-prod")
        },
        NewEnvironment { designation: follows(10), ..sandbox(12, "follows") },
        NewEnvironment { designation: follows(11), ..sandbox(13, "ahead") },
        NewEnvironment { designation: follows(1), ..sandbox(14, "follows-a-sandbox") },
        NewEnvironment { region: "sweden-central".into(), ..sandbox(15, "no-station") },
        of_fabrikam(NewEnvironment { region: "atlantis".into(), ..sandbox(16, "unknown") }),
        // Enrolled while it was on the train's service update, then moved on.
        NewEnvironment { service_update: service_update("10.0.47"), ..sandbox(17, "left") },
    ];
    environment::insert_many(&tx, fleet).await.unwrap();
    let stage = Some(StageKey { station: StationNumber(2), audience: Audience::Sandbox });
    let announced = UpdateState::Announced { night: night(3), announced_at: now(), moved: None };
    let reasons = vec![EnvironmentReason::NightAhead { night: night(3) }];
    let new = vec![
        NewUpdate { stage, reasons, next: Some(later(8)), ..an_update(50, 1, announced) },
        an_update(50, 17, UpdateState::Planned),
    ];
    update::enrol_many(&tx, new).await.unwrap();
    approved_by_somebody(&tx).await;
    build::halt(&tx, super::fixtures::build_id(), "wrong totals", now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn everyone(conn: &impl Connection, number: u128) -> RolloutFacts {
    rollout::load_facts(conn, rol(number), Reach::Everyone).await.unwrap().unwrap().facts
}

async fn facts_hold_the_fleet_of_the_train(db: &Db) {
    set_up(db).await;
    let snapshot = db.snapshot().await.unwrap();
    assert_eq!(rollout::load_facts(&snapshot, rol(9), Reach::Everyone).await.unwrap(), None);
    let facts = everyone(&snapshot, 50).await;
    assert_eq!(
        (facts.generation, facts.train, facts.build, &facts.state),
        (1, train(), version(NEW), &RolloutState::Draft)
    );
    assert_eq!(facts.build_halted.as_deref(), Some("wrong totals"));
    assert_eq!(facts.stages.len(), 5);
    assert!(facts.stages.is_sorted_by_key(|stage| stage.key));
    assert_eq!(facts.approvals[0].0, StationNumber(2));

    let ids: Vec<_> = facts.environments.iter().map(|e| e.id.uuid().as_u128()).collect();
    assert_eq!(ids, [1, 10, 12, 13, 14, 15, 16, 17], "not 11: it is on another service update");
    let one = |number| facts.environments.iter().find(|e| e.id == env(number)).unwrap();
    let update = one(1).update.as_ref().unwrap();
    assert_eq!((update.id, update.attempts, update.next), (update_id(50, 1), 0, Some(later(8))));
    assert_eq!((update.reasons.len(), update.state.night()), (1, Some(night(3))));
    assert_eq!(one(17).update.as_ref().unwrap().id, update_id(50, 17));
    assert_eq!([one(1).service_update, one(17).service_update], ["10.0.48", "10.0.47"].map(service_update));
    assert_eq!(one(10).update, None);
    assert_eq!(
        (one(10).kind, one(10).days, one(10).build),
        (EnvironmentKind::Production, MaintenanceDays::Weekend, version(OLD))
    );

    let station = Some(StationNumber(2));
    let following = |number, update: &str| {
        Some(Following { production: env(number), service_update: service_update(update), station })
    };
    assert_eq!(one(12).following, following(10, "10.0.48"));
    assert_eq!(one(13).following, following(11, "10.0.47"), "its production is not aboard");
    assert_eq!(one(14).following, None, "a sandbox is no production");
    assert_eq!(one(1).following, None);

    let region = |slug: &str| catalogue().region(slug).unwrap().clone();
    let placed = &one(1).placement;
    assert_eq!((placed.station, placed.dark_hours), (Some(StationNumber(2)), region("canada-central").dark_hours));
    assert_eq!(placed.region_name, "Canada Central");
    assert_eq!((one(15).placement.station, one(15).placement.dark_hours), (None, None));
    assert_eq!((one(16).placement.region_name.as_str(), one(16).placement.station), ("atlantis", None));
    assert_eq!(one(16).customer, id(FABRIKAM));
}

async fn facts_hold_what_other_rollouts_run(db: &Db) {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    let others = vec![of_fabrikam(NewEnvironment { region: "north-europe".into(), ..sandbox(20, "uat") })];
    environment::insert_many(&tx, others).await.unwrap();
    rollout::insert(&tx, &a_rollout(51)).await.unwrap();
    let stage = Some(StageKey { station: StationNumber(3), audience: Audience::Sandbox });
    let in_progress = UpdateState::InProgress { night: night(0), started_at: now() };
    let verifying = UpdateState::Verifying { night: night(0), started_at: now(), applied_at: later(1) };
    let new = vec![
        an_update(50, 1, in_progress.clone()),
        NewUpdate { stage, customer: id(FABRIKAM), ..an_update(51, 20, verifying) },
        an_update(51, 2, in_progress),
        an_update(51, 3, UpdateState::Announced { night: night(0), announced_at: now(), moved: None }),
    ];
    update::enrol_many(&tx, new).await.unwrap();
    let facts = everyone(&tx, 50).await;
    let of_contoso = InFlight {
        environment: env(2),
        customer: contoso(),
        region: "canada-central".into(),
        station: None,
        own: false,
    };
    let of_fabrikam = InFlight {
        environment: env(20),
        customer: id(FABRIKAM),
        region: "north-europe".into(),
        station: Some(StationNumber(3)),
        own: false,
    };
    let own = InFlight { environment: env(1), own: true, ..of_contoso.clone() };
    assert_eq!(facts.in_flight, [own, of_contoso, of_fabrikam], "not what does not run");
    let of_51 = everyone(&tx, 51).await;
    assert_eq!(of_51.in_flight.iter().map(|running| running.own).collect::<Vec<_>>(), [false, true, true]);
    tx.commit().await.unwrap();
}

/// Rule R1: the nights that other rollouts which run have announced, and who of two gives way.
async fn facts_hold_what_is_planned_elsewhere(db: &Db) {
    fleet(db, 50, 4).await;
    let tx = db.begin().await.unwrap();
    for number in [51, 52] {
        let other = TrainId { number: 8, ..train() };
        rollout::insert(&tx, &NewRollout { train: other, ..a_rollout(number) }).await.unwrap();
    }
    rollout::set_state(&tx, rol(51), &running()).await.unwrap();
    let announced =
        |days, hours| UpdateState::Announced { night: night(days), announced_at: later(hours), moved: None };
    let new = vec![
        an_update(50, 1, announced(3, 1)),
        an_update(51, 1, announced(3, 2)),
        an_update(50, 2, announced(3, 2)),
        an_update(51, 2, announced(4, 1)),
        an_update(51, 3, UpdateState::InProgress { night: night(0), started_at: now() }),
        an_update(51, 4, UpdateState::Planned),
        // Of a rollout that is not started.
        an_update(52, 4, announced(5, 1)),
    ];
    update::enrol_many(&tx, new).await.unwrap();
    let seen = |facts: &RolloutFacts| -> Vec<_> {
        let of = |environment: &EnvironmentFacts| {
            environment.elsewhere.iter().map(|other| (other.train.number, other.night, other.goes_first)).collect()
        };
        facts.environments.iter().map(of).collect::<Vec<Vec<_>>>()
    };
    let facts = everyone(&tx, 50).await;
    assert_eq!(
        seen(&facts),
        [vec![(8, night(3), false)], vec![(8, night(4), true)], vec![(8, night(0), true)], vec![]]
    );
    assert!(seen(&everyone(&tx, 51).await).iter().all(Vec::is_empty), "50 is not started");
    // What its owner takes ahead keeps its night; every rollout under way looks at the estate again.
    rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    let before = everyone(&tx, 51).await;
    assert_eq!(seen(&before)[0], [(7, night(3), true)], "announced first");
    assert_eq!(seen(&before)[1], [(7, night(3), false)]);
    estate::open(&tx, rol(50), train().service_update).await.unwrap();
    let looked_at = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    estate::save(&tx, rol(50), &looked_at, &[]).await.unwrap();
    assert_eq!(estate::due(&tx, rol(50), now(), 10).await.unwrap(), []);
    // 51 goes on after a halt: who has nights in both is looked at in both.
    estate::touch_shared(&tx, rol(51)).await.unwrap();
    assert_eq!(estate::due(&tx, rol(50), now(), 10).await.unwrap().len(), 1);
    let looked_at = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    estate::save(&tx, rol(50), &looked_at, &[]).await.unwrap();
    let by = Person { id: super::fixtures::user(4), name: "Ada".into() };
    let booked = Booked::new(by, now(), UpdateState::Planned, night(3));
    update::set_pull(&tx, update_id(51, 1), Some(&booked)).await.unwrap();
    assert_eq!(seen(&everyone(&tx, 50).await)[0], [(8, night(3), true)]);
    let due = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    assert_eq!(due.iter().map(|seen| seen.customer).collect::<Vec<_>>(), [contoso()]);
    tx.commit().await.unwrap();
}

async fn a_snapshot_sees_one_state(db: &Db) {
    set_up(db).await;
    let snapshot = db.snapshot().await.unwrap();
    let before = everyone(&snapshot, 50).await;
    let tx = db.begin().await.unwrap();
    rollout::bump(&tx, rol(50), 1).await.unwrap();
    environment::insert_many(&tx, vec![sandbox(30, "new")]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(everyone(&snapshot, 50).await, before);
    drop(snapshot);
    let after = everyone(&db.snapshot().await.unwrap(), 50).await;
    assert_eq!((after.generation, after.environments.len()), (2, 9));
}

//! The version finder and its counters.

use super::fixtures::{
    NEW, OLD, an_update, catalogue, env, ground, id, later, now, of_fabrikam, production, sandbox, service_update,
    version,
};
use super::harness::on_both;
use crate::deployment::{AtStation, BuildCount, DeploymentFilter, TextMatch};
use crate::entity::deployment_count;
use crate::environment::{Deployed, NewEnvironment};
use crate::{Connection, Db, Error, catalogue as catalogues, deployment, environment, rollout, update};
use domain::fleet::{Designation, EnvironmentKind, StationNumber};
use domain::rollout::UpdateState;
use domain::wire::signal::UpdateStateWord;
use sea_orm::{EntityTrait, QueryOrder};

on_both! { search_finds_what_is_asked_for pages_go_on_over_customers counters_equal_a_recount a_broken_counter_is_named }

/// Two customers, three regions (one unknown), two service updates, four builds.
async fn mixed(conn: &impl Connection) {
    ground(conn).await;
    let on = |environment, number: &str, build: &str| NewEnvironment {
        service_update: service_update(number),
        build: version(build),
        ..environment
    };
    let fleet = vec![
        on(production(1, "prod"), "10.0.48", OLD),
        on(sandbox(2, "uat"), "10.0.48", NEW),
        NewEnvironment { designation: Designation::Early, ..on(sandbox(3, "dev"), "10.0.48", NEW) },
        of_fabrikam(NewEnvironment { region: "north-europe".into(), ..on(production(4, "prod"), "10.0.48", OLD) }),
        of_fabrikam(NewEnvironment {
            region: "atlantis".into(),
            ..on(sandbox(5, "contoso-copy"), "10.0.47", "10.0.2527.9")
        }),
        of_fabrikam(on(sandbox(6, "uat"), "10.0.47", "10.0.2527.26451")),
    ];
    environment::insert_many(conn, fleet).await.unwrap();
    rollout::insert(conn, &super::fixtures::a_rollout(50)).await.unwrap();
    update::enrol_many(conn, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
}

async fn search_finds_what_is_asked_for(db: &Db) {
    let tx = db.begin().await.unwrap();
    mixed(&tx).await;
    let all = DeploymentFilter::default;
    let text = |text: &str| DeploymentFilter { text: TextMatch::of(text), ..all() };
    let cases = [
        (all(), vec![5, 3, 1, 4, 2, 6], true),
        (text("10.0.2645"), vec![3, 1, 4, 2], true),
        (text(" 10.0.2645.14 "), vec![3, 2], true),
        (text("10.0.48"), vec![3, 1, 4, 2], true),
        (text("10.0.4"), vec![5, 3, 1, 4, 2, 6], true),
        (text("9.9"), vec![], true),
        (text("CONTOSO"), vec![5, 3, 1, 2], false),
        (text("uat"), vec![2, 6], false),
        (DeploymentFilter { station: Some(AtStation::Number(StationNumber(2))), ..all() }, vec![1, 2, 6], true),
        (DeploymentFilter { station: Some(AtStation::Number(StationNumber(1))), ..all() }, vec![3], true),
        (DeploymentFilter { station: Some(AtStation::Nowhere), ..all() }, vec![5], true),
        (DeploymentFilter { region: Some("north-europe".into()), ..all() }, vec![4], true),
        (DeploymentFilter { kind: Some(EnvironmentKind::Production), ..all() }, vec![1, 4], true),
        (DeploymentFilter { build: Some(version(NEW)), ..all() }, vec![3, 2], true),
        (DeploymentFilter { service_update: Some(service_update("10.0.47")), ..all() }, vec![5, 6], true),
        (DeploymentFilter { state: Some(UpdateStateWord::Planned), ..all() }, vec![1], false),
        (DeploymentFilter { kind: Some(EnvironmentKind::Sandbox), ..text("10.0.2527") }, vec![5, 6], true),
    ];
    for (filter, expected, counted) in cases {
        let page = deployment::search(&tx, &filter, None, 9).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|row| row.environment.id.uuid().as_u128()).collect();
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(filter.is_counted(), counted, "{filter:?}");
        if counted {
            let sum: u64 = deployment::counts(&tx, &filter).await.unwrap().iter().map(|cell| cell.environments).sum();
            assert_eq!(sum, expected.len() as u64, "{filter:?}");
        }
    }
    let first = &deployment::search(&tx, &text("prod"), None, 1).await.unwrap().rows[0];
    assert_eq!((first.customer_name.as_str(), first.update.as_ref().map(|u| u.environment)), ("Contoso", Some(env(1))));
    tx.commit().await.unwrap();
}

async fn pages_go_on_over_customers(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    // The same names at both customers, so that the id decides.
    let fleet = (1..=10).flat_map(|number: u128| {
        let name = format!("uat-{}", number % 3);
        [sandbox(number, &format!("{name}-{number}")), of_fabrikam(sandbox(100 + number, &format!("{name}-{number}")))]
    });
    environment::insert_many(&tx, fleet.collect()).await.unwrap();
    let whole = deployment::search(&tx, &DeploymentFilter::default(), None, 99).await.unwrap();
    assert!(whole.rows.len() == 20 && !whole.more);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = deployment::search(&tx, &DeploymentFilter::default(), after, 3).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.environment.id));
        after = seen.last().copied();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, whole.rows.iter().map(|row| row.environment.id).collect::<Vec<_>>());
    tx.commit().await.unwrap();
}

async fn counters(conn: &impl Connection) -> Vec<deployment_count::Model> {
    use deployment_count::Column as C;
    let rows = deployment_count::Entity::find().order_by_asc(C::Build).order_by_asc(C::Station).order_by_asc(C::Region);
    let rows = rows.order_by_asc(C::Kind).order_by_asc(C::ServiceUpdate).all(conn).await.unwrap();
    rows.into_iter().filter(|row| row.environments > 0).collect()
}

async fn counters_equal_a_recount(db: &Db) {
    let tx = db.begin().await.unwrap();
    mixed(&tx).await;
    for (number, build) in [(1, NEW), (4, NEW), (2, OLD), (2, NEW), (5, "10.0.2527.10")] {
        let at = later(i64::try_from(number).unwrap() + i64::from(build == NEW) * 10);
        environment::set_build(
            &tx,
            env(number),
            &Deployed { build: version(build), platform: None, service_update: None, at, rollout: None },
        )
        .await
        .unwrap();
    }
    let to = Designation::WithProduction { production: env(1) };
    environment::set_designation(&tx, env(3), 1, to).await.unwrap();
    let kept = counters(&tx).await;
    deployment::recount_all(&tx).await.unwrap();
    assert_eq!(kept, counters(&tx).await);

    let mut moved = catalogue();
    moved.regions[0].station = Some(StationNumber(3));
    catalogues::replace(&tx, &moved).await.unwrap();
    let cell = |build: &str, update: &str, station: Option<u8>, environments| BuildCount {
        service_update: service_update(update),
        build: version(build),
        station: station.map(StationNumber),
        environments,
    };
    assert_eq!(
        deployment::counts(&tx, &DeploymentFilter::default()).await.unwrap(),
        [
            cell(NEW, "10.0.48", Some(3), 4),
            cell("10.0.2527.26451", "10.0.47", Some(3), 1),
            cell("10.0.2527.10", "10.0.47", None, 1),
        ]
    );
    let by = deployment::by_service_update(&tx).await.unwrap();
    assert_eq!(by, [(service_update("10.0.48"), 4), (service_update("10.0.47"), 2)]);
    tx.commit().await.unwrap();
}

async fn a_broken_counter_is_named(db: &Db) {
    let tx = db.begin().await.unwrap();
    mixed(&tx).await;
    tx.execute_unprepared("update deployment_count set environments = 0").await.unwrap();
    let refused = environment::set_build(
        &tx,
        id(1),
        &Deployed {
            build: version(NEW),
            platform: None,
            service_update: None,
            at: now() + chrono::TimeDelta::hours(1),
            rollout: None,
        },
    )
    .await;
    assert!(matches!(refused, Err(Error::Inconsistent { table: "deployment_count", .. })), "{refused:?}");
}

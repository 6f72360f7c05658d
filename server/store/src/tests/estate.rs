//! Environments: what is written is read back, lists page by key, history tells what ran when.

use super::fixtures::{
    CONTOSO, NEW, OLD, an_update, catalogue, contoso, env, fleet, ground, id, later, night, now, of_fabrikam,
    production, rol, running, sandbox, service_update, update_id, version,
};
use super::harness::on_both;
use crate::environment::{Deployed, EnvironmentFilter, NewEnvironment};
use crate::update::Expect;
use crate::{Db, Error, build, catalogue as catalogues, environment, rollout, update};
use chrono::Weekday;
use domain::calendar::{DaySet, MaintenanceDays};
use domain::fleet::{Designation, EnvironmentKind, Exemption, StationNumber};
use domain::permission::TenantScope;
use domain::rollout::{EnvironmentReason, MoveReason, Moved, RolloutState, UpdateState};
use domain::wire::signal::UpdateStateWord;

on_both! {
    the_catalogue_comes_back_whole builds_are_halted_once an_environment_comes_back_whole names_are_taken_once
    pages_by_name_are_stable filters_of_the_list a_designation_moves_the_station history_tells_what_ran
}

async fn the_catalogue_comes_back_whole(db: &Db) {
    for _ in 0..2 {
        let tx = db.begin().await.unwrap();
        catalogues::replace(&tx, &catalogue()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(catalogues::load(db.reader()).await.unwrap(), catalogue());
    }
}

async fn builds_are_halted_once(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    let at = super::fixtures::build_id();
    let older = build::NewBuild {
        id: id(901),
        service_update: service_update("10.0.48"),
        version: version("10.0.2645.9"),
        platform: None,
        registered_at: now(),
        artifact: None,
    };
    build::insert(&tx, &older).await.unwrap();
    let versions = |all: Vec<build::Build>| all.into_iter().map(|b| b.version).collect::<Vec<_>>();
    assert_eq!(versions(build::list(&tx).await.unwrap()), [version(NEW), version("10.0.2645.9")], "147 is after 9");
    assert!(build::halt(&tx, at, "wrong totals", later(1)).await.unwrap());
    assert!(!build::halt(&tx, at, "another reason", later(2)).await.unwrap());
    let halted = build::find_by_version(&tx, version(NEW)).await.unwrap().unwrap();
    assert_eq!(halted.halted, Some(build::BuildHalt { at: later(1), reason: "wrong totals".into() }));
    assert_eq!(halted.platform, Some(version("7.0.7996.122")));
    assert!(build::unhalt(&tx, at).await.unwrap());
    assert!(!build::unhalt(&tx, at).await.unwrap());
    assert_eq!(build::find(&tx, at).await.unwrap().unwrap().halted, None);
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let twice = build::insert(&tx, &build::NewBuild { id: id(902), ..older }).await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
}

async fn an_environment_comes_back_whole(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    let exemption = Exemption { reason: "regulated".into(), evidence: "FDA 21 CFR 11".into(), expires_at: later(99) };
    let whole = NewEnvironment {
        chosen_days: Some(DaySet::of([Weekday::Tue, Weekday::Sun])),
        priority_batch: true,
        exemption: Some(exemption.clone()),
        platform: Some(version("7.0.7996.122")),
        region: "north-europe".into(),
        ..production(1, "PROD-Ä")
    };
    // The follower is given first; the store puts what it follows before it.
    let follower =
        NewEnvironment { designation: Designation::WithProduction { production: env(1) }, ..sandbox(2, "uat") };
    let lost = NewEnvironment { region: "atlantis".into(), kind: EnvironmentKind::Trial, ..sandbox(3, "trial") };
    let early = NewEnvironment { designation: Designation::Early, tier: 4, ..sandbox(4, "early") };
    environment::insert_many(&tx, vec![follower.clone(), whole.clone(), lost, early]).await.unwrap();
    tx.commit().await.unwrap();

    let find =
        async |number| environment::find(db.reader(), TenantScope::AllCustomers, env(number)).await.unwrap().unwrap();
    let found = find(1).await;
    assert_eq!((found.name.as_str(), found.customer.uuid().as_u128(), found.tier), ("PROD-Ä", CONTOSO, 1));
    assert_eq!((found.build, found.platform, found.build_since), (whole.build, whole.platform, now()));
    assert_eq!((&found.exemption, found.priority_batch, found.generation), (&Some(exemption), true, 1));
    assert_eq!(found.days(), MaintenanceDays::Chosen(DaySet::of([Weekday::Tue, Weekday::Sun])));
    assert_eq!((found.station, found.current_update, found.current_state), (Some(StationNumber(3)), None, None));
    let follower_found = find(2).await;
    assert_eq!((follower_found.designation, follower_found.station), (follower.designation, Some(StationNumber(2))));
    assert_eq!((find(3).await.station, find(3).await.days()), (None, MaintenanceDays::AnyNight), "no guess");
    assert_eq!((find(4).await.station, find(4).await.days()), (Some(StationNumber(1)), MaintenanceDays::Weekend));

    // Another catalogue, other places.
    let mut moved = catalogue();
    moved.regions[1].station = Some(StationNumber(2));
    let tx = db.begin().await.unwrap();
    catalogues::replace(&tx, &moved).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(find(1).await.station, Some(StationNumber(2)));
    assert_eq!((find(3).await.station, find(4).await.station), (None, Some(StationNumber(1))));
}

async fn names_are_taken_once(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![of_fabrikam(sandbox(20, "UAT-001"))]).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let taken = environment::insert_many(&tx, vec![sandbox(21, "UAT-001")]).await;
    assert!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
}

async fn pages_by_name_are_stable(db: &Db) {
    fleet(db, 50, 23).await;
    let own = TenantScope::Customer(contoso());
    let filter = EnvironmentFilter::default();
    let (mut seen, mut after) = (Vec::new(), None);
    for turn in 0.. {
        let page = environment::list(db.reader(), own, &filter, after, 7).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.environment.name.clone()));
        after = page.rows.last().map(|row| row.environment.id);
        // Rows before the place where the reader is must not shift what follows.
        let tx = db.begin().await.unwrap();
        environment::insert_many(&tx, vec![sandbox(500 + turn, &format!("aaa-{turn}"))]).await.unwrap();
        tx.commit().await.unwrap();
        if !page.more {
            break;
        }
    }
    let expected: Vec<_> = (1..=23).map(|number| format!("uat-{number:03}")).collect();
    assert_eq!(seen, expected);
}

async fn filters_of_the_list(db: &Db) {
    fleet(db, 50, 3).await;
    let announced = |moved| UpdateState::Announced { night: night(3), announced_at: now(), moved };
    let moved = Moved { from: night(2), at: now(), reason: MoveReason::NightMissed };
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![production(10, "100%_prod"), production(11, "1000-prod")]).await.unwrap();
    let held = UpdateState::Held { reason: EnvironmentReason::NoNight, cancelled: None };
    let new = vec![an_update(50, 1, announced(None)), an_update(50, 2, announced(Some(moved))), an_update(50, 3, held)];
    update::enrol_many(&tx, new).await.unwrap();
    rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    let ids = async |filter: EnvironmentFilter| {
        let page = environment::list(&tx, TenantScope::Customer(contoso()), &filter, None, 9).await.unwrap();
        assert_eq!(environment::count(&tx, contoso(), &filter).await.unwrap(), page.rows.len() as u64);
        page.rows.into_iter().map(|row| row.environment.id.uuid().as_u128()).collect::<Vec<_>>()
    };
    let named = |text: &str| EnvironmentFilter { name_contains: text.into(), ..EnvironmentFilter::default() };
    let in_state = |state| EnvironmentFilter { state: Some(state), ..EnvironmentFilter::default() };
    let kind = EnvironmentFilter { kind: Some(EnvironmentKind::Production), ..EnvironmentFilter::default() };
    assert_eq!(ids(named("UAT-00")).await, [1, 2, 3]);
    assert_eq!(ids(named("0%_")).await, [10], "wildcards mean themselves");
    assert_eq!(ids(named("\\")).await, [0; 0]);
    assert_eq!(ids(kind).await, [10, 11]);
    assert_eq!(ids(in_state(UpdateStateWord::Announced)).await, [1]);
    assert_eq!(ids(in_state(UpdateStateWord::Moved)).await, [2]);
    assert_eq!(ids(in_state(UpdateStateWord::Held)).await, [3]);
    assert_eq!(ids(in_state(UpdateStateWord::Halted)).await, [0; 0]);
    let halted = RolloutState::Halted {
        started_at: now(),
        started_by: id(1),
        halted_at: now(),
        cause: domain::rollout::HaltCause::Build { reason: "x".into() },
        resumed_at: None,
    };
    rollout::set_state(&tx, rol(50), &halted).await.unwrap();
    assert_eq!(ids(in_state(UpdateStateWord::Halted)).await, [1, 2]);
    tx.commit().await.unwrap();
}

async fn a_designation_moves_the_station(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![production(10, "prod")]).await.unwrap();
    let find = async || environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    for (generation, to, station) in [
        (1, Designation::Early, 1),
        (2, Designation::WithProduction { production: env(10) }, 2),
        (3, Designation::Standard, 2),
    ] {
        assert_eq!(environment::set_designation(&tx, env(1), generation, to).await.unwrap(), generation + 1);
        let found = find().await;
        assert_eq!((found.designation, found.station), (to, Some(StationNumber(station))));
    }
    tx.commit().await.unwrap();
}

async fn history_tells_what_ran(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    let deployed =
        Deployed { build: version(NEW), platform: None, service_update: None, at: later(5), rollout: Some(rol(50)) };
    environment::set_build(&tx, env(1), &deployed).await.unwrap();
    // An agent that reports twice changes nothing.
    environment::set_build(&tx, env(1), &Deployed { at: later(6), ..deployed }).await.unwrap();
    let platform = Deployed {
        build: version(NEW),
        platform: Some(version("7.0.7996.122")),
        service_update: None,
        at: later(9),
        rollout: None,
    };
    environment::set_build(&tx, env(1), &platform).await.unwrap();
    let history = environment::history(&tx, TenantScope::AllCustomers, env(1)).await.unwrap();
    let told: Vec<_> = history.iter().map(|entry| (entry.since, entry.build, entry.platform, entry.rollout)).collect();
    assert_eq!(
        told,
        [
            (later(9), version(NEW), Some(version("7.0.7996.122")), None),
            (later(5), version(NEW), None, Some(rol(50))),
            (now(), version(OLD), None, None),
        ]
    );
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!((found.build, found.build_since, found.generation), (version(NEW), later(9), 3));
    // The newest update is what the environment shows; an older one changes nothing about that.
    rollout::insert(&tx, &super::fixtures::a_rollout(51)).await.unwrap();
    update::enrol_many(&tx, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
    update::enrol_many(&tx, vec![an_update(51, 1, UpdateState::Planned)]).await.unwrap();
    let satisfied = UpdateState::AlreadySatisfied { since: later(9), cancelled: None, pulled_at: None };
    update::save_state(&tx, update_id(50, 1), Expect::Generation(1), &satisfied, 0).await.unwrap();
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!((found.current_update, found.current_state), (Some(update_id(51, 1)), Some(UpdateStateWord::Planned)));
    tx.commit().await.unwrap();
}

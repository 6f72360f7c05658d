//! Two servers on one PostgreSQL: one works, the other stands by and takes over, and the train is the same.

use crate::deployer::DoorDeployer;
use crate::restart::course;
use crate::world::{World, instant};
use domain::rollout::UpdateState;
use services::Services;
use services::demo::DemoOptions;
use std::sync::Arc;
use store::{Connection, Db, OpenOptions};

/// Set by the build driver.
const POSTGRES_URL: &str = "SIGNALBOX_TEST_POSTGRES_URL";
const NAMES: [&str; 2] = ["a", "b"];
const SCHEMA: &str = "engine_two_servers";
/// Steps between two changes of the leader: some hours, so that both lead through starts, outcomes and moves.
const STEPS_PER_LEADER: usize = 7;

/// An empty schema of a PostgreSQL.
struct Shared {
    url: String,
}

impl Shared {
    async fn new() -> Option<Self> {
        let Ok(url) = std::env::var(POSTGRES_URL) else {
            println!("not run: {POSTGRES_URL} is not set");
            return None;
        };
        let shared = Self { url };
        shared.run(&format!("drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}")).await;
        Some(shared)
    }

    async fn open(&self) -> Db {
        let options =
            OpenOptions { postgres_connections: 4, postgres_schema: Some(SCHEMA.into()), ..OpenOptions::default() };
        Db::open(&self.url, &options).await.unwrap()
    }

    async fn run(&self, sql: &str) {
        let db = Db::open(&self.url, &OpenOptions::default()).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_make_the_same_train_whoever_leads_and_whoever_is_killed() {
    let Some(shared) = Shared::new().await else { return };
    let options = DemoOptions { failure_percent: 20, ..DemoOptions::default() };
    let steady = World::new(options).await;
    let door = Arc::new(DoorDeployer::new(options.deployer()));
    let both = World::on(shared.open().await, None, options, door.clone()).await;
    let servers = [both.services.clone(), both.another_server(shared.open().await)];
    for world in [&steady, &both] {
        world.start().await;
        world.approve([2]).await;
    }
    // Nothing starts before the first night.
    both.run_until(instant("2026-09-29T18:00:00Z")).await;
    both.services.engine_resign("test").await.unwrap();
    let end = instant("2026-10-01T06:00:00Z");
    let (mut leader, mut kills, mut steps) = (0, 0, 0);
    while both.now() < end {
        both.step();
        both.listen().await;
        steps += 1;
        let is_killed = killed_at_the_door(&servers[leader], &door, NAMES[leader]).await;
        kills += usize::from(is_killed);
        if is_killed || steps % STEPS_PER_LEADER == 0 {
            // Its lease lapses, or it ends in order.
            servers[leader].engine_resign(NAMES[leader]).await.unwrap();
            leader = 1 - leader;
            assert!(!servers[leader].engine_tick(NAMES[leader]).await.unwrap().stood_by);
        }
        let outcomes = tokio::join!(servers[0].engine_tick(NAMES[0]), servers[1].engine_tick(NAMES[1]));
        let outcomes = [outcomes.0.unwrap(), outcomes.1.unwrap()];
        assert!(!outcomes[leader].stood_by && outcomes[1 - leader].stood_by, "{outcomes:?}");
        assert_eq!(outcomes[leader].failed, 0);
    }
    steady.run_until(end).await;
    assert!(kills > 2, "{kills}");
    assert_eq!(course(&steady.facts().await), course(&both.facts().await));
    assert!(both.count(|state| matches!(state, UpdateState::Succeeded { .. })).await > 5);
    let facts = both.facts().await;
    let updates = facts.environments.iter().filter_map(|environment| environment.update.as_ref());
    let attempts = updates.flat_map(|update| (1..=update.attempts).map(|attempt| (update.id, attempt))).collect();
    assert_eq!(door.begun(), attempts, "each attempt is begun, and nothing else");
    let found = store::audit::verify(&both.services.db().snapshot().await.unwrap()).await.unwrap();
    assert_eq!(found.first_broken, None);
    drop((servers, both));
    shared.run(&format!("drop schema {SCHEMA} cascade")).await;
}

/// Whether the tick got to the deployer's door, where it ends.
async fn killed_at_the_door(leader: &Services, door: &DoorDeployer, name: &str) -> bool {
    door.set_closed(true);
    let killed = tokio::select! {
        outcome = leader.engine_tick(name) => outcome.map(|_| false).unwrap(),
        () = door.knocked.notified() => true,
    };
    door.set_closed(false);
    killed
}

//! Services on a database file of their own, seeded with the demo, under a clock that the test moves.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{RolloutId, UserId};
use domain::permission::{Actor, Role};
use domain::rollout::{RolloutFacts, RolloutState, UpdateState};
use domain::wire::problem::{FormOutcome, FormProblem};
use services::demo::seed::{DemoSeed, seed_demo};
use services::demo::{DEMO_START, DemoOptions, SimulatedListening};
use services::ports::{Clock, Deployer, Ids, Punctual, SystemClock};
use services::{Limits, RequestContext, Services, ServicesParts, catalogue};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::rollout::Reach;
use store::user::NewUser;
use store::{Db, OpenOptions};
use tempfile::TempDir;
use tokio::sync::Mutex;
use uuid::Uuid;

/// The step of the tests: short beside an update, which takes half an hour at least.
pub const STEP: TimeDelta = TimeDelta::minutes(20);
/// Every third customer of the demo, the named ones among them: 400 environments in all stations.
const CUSTOMERS_EVERY: usize = 3;

#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Ids that count up.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }

    fn bytes32(&self) -> [u8; 32] {
        [7; 32]
    }
}

pub struct World {
    pub services: Services,
    pub rollout: RolloutId,
    clock: Arc<TestClock>,
    ids: Arc<Counting>,
    deployer: Arc<dyn Deployer>,
    listening: Mutex<SimulatedListening>,
    /// Of the database file, if it is one.
    folder: Option<TempDir>,
}

impl World {
    pub async fn new(options: DemoOptions) -> Self {
        Self::with(options, Arc::new(options.deployer())).await
    }

    pub async fn with(options: DemoOptions, deployer: Arc<dyn Deployer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::on(file(&folder).await, Some(folder), options, deployer).await
    }

    /// On an empty database.
    pub async fn on(db: Db, folder: Option<TempDir>, options: DemoOptions, deployer: Arc<dyn Deployer>) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(DEMO_START.timestamp_millis())));
        let ids = Arc::new(Counting::default());
        let services = server(db, &clock, &ids, &deployer);
        services.db().migrate().await.unwrap();
        let catalogue = catalogue::shipped().unwrap();
        let customers = catalogue::demo::shipped_customers().unwrap();
        let kept = |(i, _): &(usize, _)| *i < 2 || i % CUSTOMERS_EVERY == 0;
        let customers: Vec<_> = customers.into_iter().enumerate().filter(kept).map(|(_, customer)| customer).collect();
        let demo = DemoSeed { seed: options.seed, catalogue: &catalogue, customers: &customers, now: DEMO_START };
        seed_demo(services.db(), &*ids, &demo).await.unwrap();
        people(services.db()).await;
        let drafts =
            store::rollout::list(services.db().reader(), &store::rollout::RolloutFilter::default()).await.unwrap();
        let train = "10.0.48 PQU-7".parse().unwrap();
        let rollout = drafts.iter().find(|rollout| rollout.train == train).unwrap().id;
        let listening = Mutex::new(options.listening());
        Self { services, rollout, clock, ids, deployer, listening, folder }
    }

    /// The process is gone without a word, nothing is closed in order; another one opens the same file.
    pub async fn killed_and_restarted(self) -> Self {
        let Self { services, rollout, clock, ids, deployer, listening, folder } = self;
        drop(services);
        let folder = folder.unwrap();
        let services = server(file(&folder).await, &clock, &ids, &deployer);
        Self { services, rollout, clock, ids, deployer, listening, folder: Some(folder) }
    }

    /// A second server on the same database, opened once more.
    pub fn another_server(&self, db: Db) -> Services {
        server(db, &self.clock, &self.ids, &self.deployer)
    }

    pub fn step(&self) {
        self.clock.0.fetch_add(STEP.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn context(&self, n: u128, name: &str, role: Role) -> RequestContext {
        let user = UserId::new(Uuid::from_u128(n));
        let email = format!("{n}@vendor.example");
        let (customer, customer_name) = (None, None);
        let actor =
            Actor { user, name: name.into(), email, role, customer, customer_name, time_zone: "Etc/UTC".into() };
        RequestContext { actor, now: self.now(), request_id: "test".into() }
    }

    pub fn release_manager(&self) -> RequestContext {
        self.context(1, "R. Iyer", Role::ReleaseManager)
    }

    pub fn approver(&self) -> RequestContext {
        self.context(2, "N. Okafor", Role::Approver)
    }

    pub async fn start(&self) {
        assert_done(&self.services.start_rollout(&self.release_manager(), self.rollout).await.unwrap());
    }

    pub async fn approve(&self, stations: impl IntoIterator<Item = u8>) {
        for station in stations {
            let outcome = self.services.approve_promotion(&self.approver(), self.rollout, station).await.unwrap();
            assert_done(&outcome);
        }
    }

    /// The listening system says the hours that have ended: without, no gate of the demo passes.
    pub async fn listen(&self) {
        self.listening.lock().await.speak(&self.services).await.unwrap();
    }

    pub async fn tick(&self) {
        self.listen().await;
        let outcome = self.services.engine_tick("test").await.unwrap();
        assert!(!outcome.stood_by && outcome.dropped == 0, "{outcome:?}");
    }

    /// Ticks up to `until`, or until the rollout is complete.
    pub async fn run_until(&self, until: DateTime<Utc>) {
        while self.now() < until {
            let rollout = store::rollout::find(self.services.db().reader(), self.rollout).await.unwrap().unwrap();
            if matches!(rollout.state, RolloutState::Completed { .. }) {
                return;
            }
            self.step();
            self.tick().await;
        }
    }

    pub async fn facts(&self) -> RolloutFacts {
        let snapshot = self.services.db().snapshot().await.unwrap();
        store::rollout::load_facts(&snapshot, self.rollout, Reach::Everyone).await.unwrap().unwrap().facts
    }

    pub async fn count(&self, what: fn(&UpdateState) -> bool) -> usize {
        let facts = self.facts().await;
        let updates = facts.environments.iter().filter_map(|environment| environment.update.as_ref());
        updates.filter(|update| what(&update.state)).count()
    }
}

/// Who starts and who approves have accounts: an approval counts while its giver may give it.
async fn people(db: &Db) {
    let tx = db.begin().await.unwrap();
    for (n, name, role) in [(1, "R. Iyer", Role::ReleaseManager), (2, "N. Okafor", Role::Approver)] {
        let new = NewUser {
            id: UserId::new(Uuid::from_u128(n)),
            email: format!("{n}@vendor.example"),
            name: name.to_owned(),
            password_hash: String::new(),
            role,
            customer: None,
            time_zone: "Etc/UTC".to_owned(),
            created_at: DEMO_START,
        };
        store::user::insert(&tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn file(folder: &TempDir) -> Db {
    let url = format!("sqlite:{}", folder.path().join("signalbox.db").display());
    Db::open(&url, &OpenOptions::default()).await.unwrap()
}

fn server(db: Db, clock: &Arc<TestClock>, ids: &Arc<Counting>, deployer: &Arc<dyn Deployer>) -> Services {
    Services::new(ServicesParts {
        db,
        clock: clock.clone(),
        machine: Arc::new(SystemClock),
        ids: ids.clone(),
        deployer: Arc::new(Punctual::new(clock.clone(), deployer.clone())),
        demo: None,
        limits: Limits::default(),
    })
}

pub fn assert_done(outcome: &FormOutcome) {
    assert!(matches!(outcome, FormOutcome::Done { .. }), "{outcome:?}");
}

pub fn assert_refused(outcome: &FormOutcome, problem: FormProblem) {
    assert_eq!(*outcome, FormOutcome::Refused { problem });
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

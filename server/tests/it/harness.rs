//! The application as a test has it: the real router and services on a temporary database with the demo fleet, and
//! clocks that only the test moves. The fleet is made once and copied for each test.

use crate::browser::Browser;
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{CustomerId, NotificationId, UserId};
use domain::notification::{HaltOf, NotificationEvent, NotificationPayload};
use domain::permission::Role;
use domain::wire::live::LiveEvent;
use server::config::HttpConfig;
use server::router::router;
use server::session::cookie::{NAME, NAME_OVER_TLS};
use server::session::store::{Sessions, USER};
use server::state::{AppParts, AppState};
use services::catalogue::{demo, shipped};
use services::demo::{DEMO_ACCOUNTS, DEMO_PASSWORD, DEMO_START, DemoOptions, DemoSeed, seed_demo};
use services::ports::{Clock, Ids, OsIds, SystemClock};
use services::{Limits, Services, ServicesParts};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use store::notification::NewNotification;
use store::{Db, OpenOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

/// A clock that stands until the test moves it.
#[derive(Clone)]
pub struct HandClock(Arc<Mutex<DateTime<Utc>>>);

impl HandClock {
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// What a test may want different.
pub struct Setup {
    pub public_url: Option<&'static str>,
    pub trusted_proxies: &'static [&'static str],
    pub sign_ins_per_minute: u32,
    pub site_root: Option<PathBuf>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { public_url: None, trusted_proxies: &[], sign_ins_per_minute: 1_000, site_root: None }
    }
}

pub struct TestApp {
    pub router: Router,
    pub services: Services,
    pub db: Db,
    /// What the system goes by.
    pub clock: HandClock,
    /// What sessions go by.
    pub session_clock: HandClock,
    pub shutdown: CancellationToken,
    folder: TempDir,
    over_tls: bool,
}

/// What the sign-in form sends.
pub fn credentials(email: &'static str) -> [(&'static str, &'static str); 2] {
    [("email", email), ("password", DEMO_PASSWORD)]
}

/// A database with the demo fleet, closed, to be copied.
static TEMPLATE: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signalbox.db");
    // Its own thread: the test that comes first is inside a runtime already.
    let make = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = open(&path).await;
            db.migrate().await.unwrap();
            let (catalogue, customers) = (shipped().unwrap(), demo::shipped_customers().unwrap());
            let clock = Arc::new(HandClock::at(DEMO_START));
            let seed = DemoSeed { seed: 48, catalogue: &catalogue, customers: &customers, now: DEMO_START };
            seed_demo(&db, &OsIds::new(clock), &seed).await.unwrap();
            db.close().await.unwrap();
        });
    });
    make.join().unwrap();
    folder
});

/// Errors are shown with the test that failed.
fn log() {
    let _ = tracing_subscriber::fmt().with_env_filter("error").with_test_writer().try_init();
}

async fn open(path: &Path) -> Db {
    Db::open(&format!("sqlite:{}", path.display()), &OpenOptions::default()).await.unwrap()
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        log();
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(TEMPLATE.path().join("signalbox.db"), folder.path().join("signalbox.db")).unwrap();
        let db = open(&folder.path().join("signalbox.db")).await;
        let (clock, session_clock) = (HandClock::at(DEMO_START), HandClock::at(DEMO_START));
        let ids: Arc<dyn Ids> = Arc::new(OsIds::new(Arc::new(clock.clone())));
        let services = Services::new(ServicesParts {
            db: db.clone(),
            clock: Arc::new(clock.clone()),
            machine: Arc::new(SystemClock),
            ids: ids.clone(),
            deployer: Arc::new(DemoOptions::default().deployer()),
            demo: None,
            limits: Limits::default(),
        });
        let config = HttpConfig {
            public_url: setup.public_url.map(|url| url.parse().unwrap()),
            trusted_proxies: setup.trusted_proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
            sign_ins_per_minute: setup.sign_ins_per_minute,
            ..HttpConfig::new(setup.site_root.unwrap_or_else(|| folder.path().join("site")))
        };
        let (over_tls, shutdown) = (config.public_is_tls(), CancellationToken::new());
        let state = AppState::new(AppParts {
            services: services.clone(),
            db: db.clone(),
            ids,
            session_clock: Arc::new(session_clock.clone()),
            config,
            shutdown: shutdown.clone(),
        });
        // The relay begins with what is committed from now on, as in a running server.
        services.relay_events().await.unwrap();
        Self { router: router(state), services, db, clock, session_clock, shutdown, folder, over_tls }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser of the first demo account of this role, without the work of checking its password.
    pub async fn signed_in_as(&self, role: Role) -> Browser {
        let mut record = self.session_record(role).await;
        self.sessions().create(&mut record).await.unwrap();
        let mut browser = self.browser();
        let name = if self.over_tls { NAME_OVER_TLS } else { NAME };
        browser.cookies.insert(name.to_owned(), record.id.to_string());
        browser
    }

    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.db.clone(), Arc::new(self.session_clock.clone()))
    }

    pub async fn session_record(&self, role: Role) -> Record {
        let account = DEMO_ACCOUNTS.iter().find(|account| account.role == role).unwrap();
        let user = self.user(account.email).await;
        let data = HashMap::from([(USER.to_owned(), serde_json::json!(user))]);
        Record { id: Id::default(), data, expiry_date: time::OffsetDateTime::UNIX_EPOCH }
    }

    pub async fn user(&self, email: &str) -> UserId {
        store::user::find_by_email(self.db.reader(), email).await.unwrap().unwrap().user.id
    }

    pub async fn disable(&self, role: Role) {
        let account = DEMO_ACCOUNTS.iter().find(|account| account.role == role).unwrap();
        let user = self.user(account.email).await;
        let tx = self.db.begin().await.unwrap();
        store::user::set_disabled(&tx, user, Some(self.session_clock.now())).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn customer(&self, domain: &str) -> CustomerId {
        let customers = store::customer::list(self.db.reader()).await.unwrap();
        customers.iter().find(|customer| customer.domain == domain).unwrap().id
    }

    /// Writes a notification, as the engine would.
    pub async fn notification_for(&self, customer: CustomerId) -> NotificationId {
        let id = NotificationId::new(self.services.ids().uuid());
        let event = NotificationEvent::Halted {
            of: HaltOf::Rollout,
            reason: "Invoices cannot be posted.".to_owned(),
            waiting: 3,
            updated: 1,
        };
        let build = "10.0.2645.147".parse().unwrap();
        let payload = NotificationPayload { train: "10.0.48 PQU-7".parse().unwrap(), build, returns_from: None, event };
        let new = NewNotification {
            id,
            customer,
            kind: payload.event.kind(),
            environment: None,
            rollout: None,
            payload: serde_json::to_value(&payload).unwrap(),
            created_at: self.clock.now(),
            dedupe_key: id.to_string(),
        };
        let tx = self.db.begin().await.unwrap();
        assert!(store::notification::insert(&tx, &new).await.unwrap());
        tx.commit().await.unwrap();
        id
    }

    /// Commits a live event and sends it on, as a use case and the background loop do.
    pub async fn announce(&self, event: &LiveEvent) -> i64 {
        let tx = self.db.begin().await.unwrap();
        let payload = serde_json::to_value(event).unwrap();
        let seq = store::outbox::append(&tx, "live", "test", &payload, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        self.services.relay_events().await.unwrap();
        seq
    }

    /// A copy of the database file with everything that was committed.
    pub async fn copy_of_database(&self) -> Vec<u8> {
        let copy = self.folder.path().join("copy.db");
        self.db.backup_to(&copy).await.unwrap();
        std::fs::read(copy).unwrap()
    }
}

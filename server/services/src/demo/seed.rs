//! Writes the demo down, once: catalogue, builds, customers with their environments, people, and two rollouts that wait
//! for the release manager. One transaction: a server that is killed meanwhile begins anew.
//!
//! A database that somebody else has filled is left alone: the demo brings people whose password is public.

use super::accounts::{DEMO_ACCOUNTS, DEMO_PASSWORD};
use super::content;
use super::fleet::{DRAFTS, FleetCustomer, PREVIEW, fleet};
use crate::catalogue::demo::DemoCustomer;
use crate::mix::Mix;
use crate::ports::Ids;
use crate::sign_in::password::Passwords;
use crate::trail::{self, By, Deed, ROLLOUT, RolloutEvent};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::catalogue::Catalogue;
use domain::emergency::EmergencyPolicy;
use domain::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, MonthDay, Span};
use domain::health::{GatePolicy, TelemetryPolicy};
use domain::ids::{BuildId, CustomerId, EnvironmentId, FreezeId, RolloutId, UserId};
use domain::people::Person;
use domain::permission::{Permission, Role};
use domain::release::{BuildApproval, BuildVersion, Train, TrainId};
use domain::rollout::RolloutPolicy;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use store::build::NewBuild;
use store::customer::Customer;
use store::environment::{HistoryEntry, NewEnvironment};
use store::rollout::NewRollout;
use store::user::NewUser;
use store::{Connection, Db};

/// The key of the note that the demo is written down.
const SEEDED_SETTING: &str = "demo_seeded";

/// Builds are registered at noon of the day after which their train takes no more fixes.
const REGISTERED_HOUR: u32 = 12;

/// What the demo is made of.
#[derive(Debug, Clone, Copy)]
pub struct DemoSeed<'a> {
    pub seed: u64,
    pub catalogue: &'a Catalogue,
    pub customers: &'a [DemoCustomer],
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    Now {
        customers: usize,
        environments: usize,
    },
    /// By an earlier start.
    Before,
    /// The database holds customers that are not the demo's. Nothing was changed.
    Refused,
}

/// Idempotent.
pub async fn seed_demo(db: &Db, ids: &dyn Ids, demo: &DemoSeed<'_>) -> Result<Seeded> {
    let tx = db.begin().await?;
    if store::setting::get::<Value>(&tx, SEEDED_SETTING).await?.is_some() {
        return Ok(Seeded::Before);
    }
    if !store::customer::list(&tx).await?.is_empty() {
        return Ok(Seeded::Refused);
    }
    let seeding = Seeding { tx: &tx, ids, demo, by_build: builds(demo) };
    let seeded = seeding.write().await?;
    store::setting::put(&tx, SEEDED_SETTING, &json!({ "seed": demo.seed, "at": demo.now })).await?;
    tx.commit().await?;
    Ok(seeded)
}

struct Seeding<'a, C> {
    tx: &'a C,
    ids: &'a dyn Ids,
    demo: &'a DemoSeed<'a>,
    by_build: BTreeMap<BuildVersion, NewBuild>,
}

impl<C: Connection> Seeding<'_, C> {
    async fn write(&self) -> Result<Seeded> {
        store::catalogue::replace(self.tx, self.demo.catalogue).await?;
        self.audit("catalogue.loaded", "catalogue", "shipped", json!({ "trains": self.demo.catalogue.trains.len() }))
            .await?;
        for build in self.by_build.values() {
            store::build::insert(self.tx, build).await?;
        }
        let mut mix = Mix::keyed(self.demo.seed, &[u64::MAX - 1]);
        content::seed(self.tx, self.demo.catalogue, &mut mix, self.demo.now).await?;
        let fleet = fleet(self.demo.seed, self.demo.catalogue, self.demo.customers, self.demo.now);
        let customers: Vec<Customer> = fleet.iter().map(|made| made.customer.clone()).collect();
        store::customer::insert_many(self.tx, &customers).await?;
        let (environments, history) = rows(fleet);
        let seeded = Seeded::Now { customers: customers.len(), environments: environments.len() };
        store::environment::insert_many(self.tx, environments).await?;
        store::environment::insert_history(self.tx, &history).await?;
        let counts = json!({ "builds": self.by_build.len(), "customers": customers.len(), "seed": self.demo.seed });
        self.audit("demo.seeded", "demo", "fleet", counts).await?;
        self.people(&customers).await?;
        self.approvers().await?;
        self.approve_builds().await?;
        for train in DRAFTS.iter().rev() {
            self.draft(*train).await?;
        }
        self.freeze().await?;
        Ok(seeded)
    }

    /// One hash for all: the password is public anyway, and hashing is slow on purpose.
    async fn people(&self, customers: &[Customer]) -> Result<()> {
        let by_domain: HashMap<&str, CustomerId> = customers.iter().map(|c| (c.domain.as_str(), c.id)).collect();
        let password = DEMO_PASSWORD.to_owned();
        let password_hash = Passwords::new(1).turn().await?.hash(password, self.ids.bytes32()).await?;
        for account in DEMO_ACCOUNTS {
            let customer = match account.customer {
                Some(domain) => Some(*by_domain.get(domain).ok_or_else(|| missing(account.email, domain))?),
                None => None,
            };
            let user = NewUser {
                id: UserId::new(self.ids.uuid()),
                email: account.email.to_owned(),
                name: account.name.to_owned(),
                password_hash: password_hash.clone(),
                role: account.role,
                customer,
                time_zone: account.time_zone.to_owned(),
                created_at: self.demo.now,
            };
            store::user::insert(self.tx, &user).await?;
            self.audit("user.added", "user", &user.id.to_string(), json!({ "role": account.role, "demo": true }))
                .await?;
        }
        Ok(())
    }

    /// Who may approve an emergency path.
    async fn approvers(&self) -> Result<()> {
        let may = |user: &store::user::User| user.role.may(Permission::ApproveEmergency);
        let staff = store::user::list(self.tx).await?;
        let named: Vec<UserId> = staff.iter().filter(|user| may(user)).map(|user| user.id).collect();
        store::emergency::set_policy(self.tx, &EmergencyPolicy::with(named)).await?;
        Ok(())
    }

    /// By the approver of the demo, to the artifact. After people, whom an approval names.
    async fn approve_builds(&self) -> Result<()> {
        let approver = DEMO_ACCOUNTS.iter().find(|account| account.role == Role::Approver);
        let email = approver.map_or("", |account| account.email);
        let found =
            store::user::find_by_email(self.tx, email).await?.ok_or_else(|| missing("builds", "an approver"))?;
        let by = Person { id: found.user.id, name: found.user.name };
        for build in store::build::list(self.tx).await? {
            let approval = BuildApproval { artifact: build.artifact, by: Some(by.clone()), at: build.registered_at };
            store::build::approve(self.tx, build.id, &approval).await?;
        }
        let details = json!({ "builds": self.by_build.len(), "by": by });
        self.audit("demo.builds_approved", "demo", "builds", details).await
    }

    /// A rollout that is ready to start.
    async fn draft(&self, id: TrainId) -> Result<()> {
        let found = self.demo.catalogue.train(id).and_then(|train| {
            let cadence = self.demo.catalogue.cadence(&train.cadence)?;
            Some((train, cadence, self.by_build.get(&train.app_build?)?))
        });
        let (train, cadence, build) = found.ok_or_else(|| missing("a rollout", &id.to_string()))?;
        let rollout = NewRollout {
            id: RolloutId::new(self.ids.uuid()),
            train: id,
            build: build.id,
            cadence: cadence.name.clone(),
            start: train.start,
            policy: policy(cadence.min_gap_days),
            windows: cadence.windows(train.start),
            created_at: build.registered_at,
        };
        store::rollout::insert(self.tx, &rollout).await?;
        let event = RolloutEvent::Registered;
        let details = serde_json::to_value(&event).map_err(store::Error::from)?;
        self.audit(event.action(), ROLLOUT, &rollout.id.to_string(), details).await
    }

    /// The vendor's people keep still around the turn of the year.
    async fn freeze(&self) -> Result<()> {
        let day = |month, day| MonthDay::new(month, day).ok_or_else(|| missing("a freeze", "a day of the year"));
        let span = Span::yearly(day(12, 20)?, day(1, 3)?).map_err(|error| missing("a freeze", &error.to_string()))?;
        let manager = DEMO_ACCOUNTS.iter().find(|account| account.role == Role::ReleaseManager);
        let manager = manager.ok_or_else(|| missing("a freeze", "a release manager"))?;
        let user = store::user::find_by_email(self.tx, manager.email).await?;
        let user = user.ok_or_else(|| missing("a freeze", manager.email))?.user;
        let freeze = Freeze {
            id: FreezeId::new(self.ids.uuid()),
            scope: FreezeScope::Global,
            span,
            reason: "Year end: books are closed and few people are on duty".to_owned(),
            owner: FreezeOwner::Vendor,
            set_by: Person { id: user.id, name: user.name },
            set_at: self.demo.now,
            state: FreezeState::Set,
        };
        store::freeze::insert(self.tx, &freeze, None).await?;
        self.audit("freeze.set", "freeze", &freeze.id.to_string(), json!({ "freeze": freeze })).await
    }

    async fn audit(&self, action: &'static str, kind: &'static str, id: &str, details: Value) -> Result<()> {
        let deed = Deed { action, object_kind: kind, object_id: id.to_owned(), customer: None, details };
        Ok(trail::append(self.tx, self.ids, By::System("demo"), self.demo.now, deed).await?)
    }
}

/// The usual figures. The gates look at telemetry, as there is a listening system in a demo (`super::listening`).
fn policy(min_gap_days: u16) -> RolloutPolicy {
    let gate = GatePolicy { telemetry: Some(TelemetryPolicy::DEFAULT), ..GatePolicy::DEFAULT };
    RolloutPolicy { gate, min_gap_days, ..RolloutPolicy::DEFAULT }
}

fn missing(what: &str, needs: &str) -> Error {
    Error::Broken { what: "the demo", why: format!("{what} needs {needs}, which is not in the catalogue") }
}

/// Every published build, and the made-up ones that the fleet runs.
fn builds(demo: &DemoSeed<'_>) -> BTreeMap<BuildVersion, NewBuild> {
    let mut mix = Mix::keyed(demo.seed, &[u64::MAX]);
    let mut new = |service_update, version, platform, registered_at: DateTime<Utc>| {
        let id = BuildId::new(mix.uuid(registered_at));
        (version, NewBuild { id, service_update, version, platform, registered_at, artifact: None })
    };
    let published =
        |train: &Train| Some((train.id.service_update, train.app_build?, train.platform_build, train.cutoff));
    let noon = |date: chrono::NaiveDate| {
        date.and_hms_opt(REGISTERED_HOUR, 0, 0).map_or(demo.now, |noon| noon.and_utc().min(demo.now))
    };
    let mut builds: BTreeMap<_, _> = demo
        .catalogue
        .trains
        .iter()
        .filter_map(published)
        .map(|(service_update, version, platform, cutoff)| new(service_update, version, platform, noon(cutoff)))
        .collect();
    let (service_update, version, platform) = PREVIEW;
    builds.extend([new(service_update, version, Some(platform), demo.now)]);
    builds
}

fn rows(fleet: Vec<FleetCustomer>) -> (Vec<NewEnvironment>, Vec<(EnvironmentId, HistoryEntry)>) {
    let mut history = Vec::new();
    let mut environments = Vec::new();
    for made in fleet.into_iter().flat_map(|customer| customer.environments) {
        let (id, service_update) = (made.environment.id, made.environment.service_update);
        history.extend(made.earlier.into_iter().map(|installed| {
            let (build, platform, since) = (installed.build, installed.platform, installed.since);
            (id, HistoryEntry { since, service_update, build, platform, rollout: None })
        }));
        environments.push(made.environment);
    }
    (environments, history)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{demo, shipped};
    use crate::demo::{DEMO_START, DemoClockState};
    use crate::ports::OsIds;
    use domain::permission::TenantScope;
    use domain::rollout::RolloutState;
    use domain::wire::shell::DemoSpeed;
    use std::sync::Arc;
    use store::OpenOptions;
    use store::deployment::DeploymentFilter;
    use store::rollout::{Reach, RolloutFilter};
    use tempfile::TempDir;

    struct Fixed;

    impl crate::ports::Clock for Fixed {
        fn now(&self) -> DateTime<Utc> {
            DEMO_START
        }
    }

    async fn empty() -> (TempDir, Db) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("demo.db").display());
        let db = Db::open(&url, &OpenOptions::default()).await.unwrap();
        db.migrate().await.unwrap();
        (folder, db)
    }

    async fn seed(db: &Db) -> Seeded {
        let (catalogue, customers) = (shipped().unwrap(), demo::shipped_customers().unwrap());
        let demo = DemoSeed { seed: 48, catalogue: &catalogue, customers: &customers, now: DEMO_START };
        seed_demo(db, &OsIds::new(Arc::new(Fixed)), &demo).await.unwrap()
    }

    #[tokio::test]
    async fn a_second_start_changes_nothing() {
        let (_folder, db) = empty().await;
        assert_eq!(seed(&db).await, Seeded::Now { customers: 200, environments: 1_200 });
        let verified = store::audit::verify(db.reader()).await.unwrap();
        assert_eq!(seed(&db).await, Seeded::Before);
        assert_eq!(store::audit::verify(db.reader()).await.unwrap(), verified);
        assert_eq!((verified.events, verified.first_broken), (14, None));
        assert_eq!(store::customer::list(db.reader()).await.unwrap().len(), 200);
    }

    #[tokio::test]
    async fn somebody_elses_database_is_left_alone() {
        let (_folder, db) = empty().await;
        let tx = db.begin().await.unwrap();
        let other = Customer {
            id: CustomerId::new(uuid::Uuid::nil()),
            name: "Real".into(),
            domain: "real.example".into(),
            sector: "energy".into(),
            regulated: false,
            created_at: DEMO_START,
        };
        store::customer::insert_many(&tx, &[other]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seed(&db).await, Seeded::Refused);
        assert!(store::user::list(db.reader()).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn rollouts_wait_and_people_may_sign_in() {
        let (_folder, db) = empty().await;
        seed(&db).await;
        let rollouts = store::rollout::list(db.reader(), &RolloutFilter::default()).await.unwrap();
        let seen: Vec<_> = rollouts.iter().map(|r| (r.train.to_string(), r.version.to_string(), &r.state)).collect();
        let draft = RolloutState::Draft;
        assert_eq!(
            seen,
            [
                ("10.0.48 PQU-7".to_owned(), "10.0.2645.147".to_owned(), &draft),
                ("10.0.47 PQU-13".to_owned(), "10.0.2527.215".to_owned(), &draft),
            ]
        );
        let loaded = store::rollout::load_facts(db.reader(), rollouts[0].id, Reach::Everyone).await.unwrap().unwrap();
        let facts = loaded.facts;
        assert_eq!(facts.stages.len(), 11);
        assert!(facts.environments.len() > 600);
        for account in DEMO_ACCOUNTS {
            let found = store::user::find_by_email(db.reader(), account.email).await.unwrap().unwrap();
            let turn = Passwords::new(1).turn().await.unwrap();
            let checked = turn.check(DEMO_PASSWORD.to_owned(), Some(found.password_hash), [0; 32]).await.unwrap();
            assert_eq!(checked, crate::sign_in::password::Checked::Right);
        }
    }

    #[tokio::test]
    async fn one_freeze_comes_every_year_and_nothing_is_halted() {
        let (_folder, db) = empty().await;
        seed(&db).await;
        let freezes = store::freeze::set(db.reader()).await.unwrap();
        assert_eq!(freezes.iter().map(|freeze| freeze.span.is_yearly()).collect::<Vec<_>>(), [true]);
        assert!(store::halt::in_force(db.reader()).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn counters_and_history_are_there() {
        let (_folder, db) = empty().await;
        seed(&db).await;
        let counts = store::deployment::counts(db.reader(), &DeploymentFilter::default()).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.environments).sum::<u64>(), 1_200);
        let contoso = store::user::find_by_email(db.reader(), "admin@contoso.example").await.unwrap().unwrap();
        let estate = store::environment::estate(db.reader(), contoso.user.customer.unwrap()).await.unwrap();
        assert_eq!(estate.len(), 6);
        for environment in estate {
            let history =
                store::environment::history(db.reader(), TenantScope::AllCustomers, environment.id).await.unwrap();
            assert_eq!(history.len(), 3, "{}", environment.name);
            assert_eq!((history[0].build, history[0].since), (environment.build, environment.build_since));
        }
    }

    #[tokio::test]
    async fn the_clock_is_found_as_it_was_left() {
        let (_folder, db) = empty().await;
        assert_eq!(DemoClockState::load(db.reader()).await.unwrap(), None);
        for speed in [DemoSpeed::HourASecond, DemoSpeed::Stopped] {
            let left = DemoClockState { virtual_now: DEMO_START + chrono::TimeDelta::days(3), speed };
            let tx = db.begin().await.unwrap();
            left.save(&tx).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(DemoClockState::load(db.reader()).await.unwrap(), Some(left));
        }
    }
}

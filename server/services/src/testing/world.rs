//! A tiny fleet in a real SQLite file: two customers, every role, one rollout of 10.0.48 PQU-7 that waits to be started.
//!
//! | customer | environments (all on 10.0.48 but LEGACY) |
//! |---|---|
//! | Contoso, North Europe (station 4) | PROD, UAT, TEST, DEV (early), TRAIN (trial), LEGACY (10.0.47) |
//! | Fabrikam, regulated, East US (station 4) | PROD, UAT, and LAB in East US 2, which has no station |

use super::{MockClock, ScriptedDeployer, SeededIds};
use crate::ports::{Punctual, SystemClock};
use crate::trail::{By, RolloutEvent};
use crate::{Error, Limits, RequestContext, Result, Services, ServicesParts, catalogue};
use chrono::{DateTime, Utc};
use domain::fleet::{Designation, EnvironmentKind};
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UserId};
use domain::people::Person;
use domain::permission::{Actor, Role};
use domain::release::BuildApproval;
use domain::rollout::RolloutPolicy;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use store::build::NewBuild;
use store::customer::Customer;
use store::environment::NewEnvironment;
use store::rollout::NewRollout;
use store::user::NewUser;

/// Of everybody in this world.
pub const PASSWORD: &str = "a world of two customers";
/// Thursday morning, six days before the train starts.
const START: &str = "2026-09-24T08:00:00Z";
const TRAIN: &str = "10.0.48 PQU-7";
const OLD_BUILD: &str = "10.0.2645.136";
const LEGACY_BUILD: &str = "10.0.2527.215";

pub struct World {
    pub services: Services,
    pub clock: Arc<MockClock>,
    pub deployer: Arc<ScriptedDeployer>,
    pub contoso: CustomerId,
    pub fabrikam: CustomerId,
    pub rollout: RolloutId,
    environments: BTreeMap<(CustomerId, String), EnvironmentId>,
    people: HashMap<String, UserId>,
}

/// Texts of this file only.
fn known<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Broken { what: "the tiny fleet", why: format!("`{text}` does not read") })
}

impl World {
    /// A new world in the directory `at`, which the caller keeps.
    pub async fn new(at: &Path) -> Result<Self> {
        let url = format!("sqlite:{}", at.join("world.db").display());
        let db = store::Db::open(&url, &store::OpenOptions::default()).await?;
        db.migrate().await?;
        Self::on(db).await
    }

    /// A new world in an empty, migrated database.
    pub async fn on(db: store::Db) -> Result<Self> {
        let clock = Arc::new(MockClock::at(known(START)?));
        let deployer = Arc::new(ScriptedDeployer::default());
        let services = Services::new(ServicesParts {
            db,
            clock: clock.clone(),
            machine: Arc::new(SystemClock),
            ids: Arc::new(SeededIds::new(48)),
            deployer: Arc::new(Punctual::new(clock.clone(), deployer.clone())),
            demo: None,
            limits: Limits { password_checks: 2, live_backlog: 64 },
        });
        let new_id = || services.ids().uuid();
        let mut world = Self {
            contoso: CustomerId::new(new_id()),
            fabrikam: CustomerId::new(new_id()),
            rollout: RolloutId::new(new_id()),
            services,
            clock,
            deployer,
            environments: BTreeMap::new(),
            people: HashMap::new(),
        };
        world.fill().await?;
        Ok(world)
    }

    async fn fill(&mut self) -> Result<()> {
        let hash = self.services.hash_password(PASSWORD).await?;
        let services = self.services.clone();
        let tx = services.db().begin().await?;
        let catalogue = catalogue::shipped()
            .map_err(|error| Error::Broken { what: "the shipped catalogue", why: error.to_string() })?;
        store::catalogue::replace(&tx, &catalogue).await?;
        let customers = [
            self.customer(self.contoso, "Contoso", "contoso.example"),
            self.customer(self.fabrikam, "Fabrikam", "fabrikam.example"),
        ];
        store::customer::insert_many(&tx, &customers).await?;
        let fleet = self.fleet()?;
        for new in &fleet {
            self.environments.insert((new.customer, new.name.clone()), new.id);
        }
        store::environment::insert_many(&tx, fleet).await?;
        for new in self.users(&hash) {
            self.people.insert(new.email.clone(), new.id);
            store::user::insert(&tx, &new).await?;
        }
        self.draft(&tx, &catalogue).await?;
        tx.commit().await?;
        Ok(())
    }

    fn customer(&self, id: CustomerId, name: &str, domain: &str) -> Customer {
        Customer {
            id,
            name: name.to_owned(),
            domain: domain.to_owned(),
            sector: "retail".to_owned(),
            regulated: id == self.fabrikam,
            created_at: self.services.now(),
        }
    }

    fn fleet(&self) -> Result<Vec<NewEnvironment>> {
        use EnvironmentKind::{Production, Sandbox, Trial};
        let (contoso, fabrikam) = (self.contoso, self.fabrikam);
        let mut fleet = Vec::new();
        for (customer, name, kind, tier, region) in [
            (contoso, "PROD", Production, 4, "north-europe"),
            (contoso, "UAT", Sandbox, 2, "north-europe"),
            (contoso, "TEST", Sandbox, 2, "north-europe"),
            (contoso, "DEV", Sandbox, 2, "north-europe"),
            (contoso, "TRAIN", Trial, 2, "north-europe"),
            (contoso, "LEGACY", Sandbox, 2, "north-europe"),
            (fabrikam, "PROD", Production, 4, "east-us"),
            (fabrikam, "UAT", Sandbox, 2, "east-us"),
            (fabrikam, "LAB", Sandbox, 2, "east-us-2"),
        ] {
            let mut new = self.environment(customer, name, kind, region)?;
            new.tier = tier;
            match name {
                "DEV" => new.designation = Designation::Early,
                "LEGACY" => {
                    new.service_update = known("10.0.47")?;
                    new.build = known(LEGACY_BUILD)?;
                }
                _ => {}
            }
            fleet.push(new);
        }
        Ok(fleet)
    }

    fn environment(
        &self,
        customer: CustomerId,
        name: &str,
        kind: EnvironmentKind,
        region: &str,
    ) -> Result<NewEnvironment> {
        Ok(NewEnvironment {
            id: EnvironmentId::new(self.services.ids().uuid()),
            customer,
            name: name.to_owned(),
            kind,
            tier: 2,
            region: region.to_owned(),
            service_update: known("10.0.48")?,
            build: known(OLD_BUILD)?,
            platform: None,
            build_since: known("2026-09-20T23:10:00Z")?,
            designation: Designation::Standard,
            chosen_days: None,
            priority_batch: true,
            exemption: None,
            created_at: self.services.now(),
        })
    }

    /// One person for each role, `<role>@contoso.example` or `<role>@vendor.example`, and a second customer's admin.
    fn users(&self, hash: &str) -> Vec<NewUser> {
        let person = |email: String, role: Role, customer| NewUser {
            id: UserId::new(self.services.ids().uuid()),
            name: format!("{} of {}", role.word(), email.rsplit('@').next().unwrap_or_default()),
            email,
            password_hash: hash.to_owned(),
            role,
            customer,
            time_zone: "Europe/Berlin".to_owned(),
            created_at: self.services.now(),
        };
        let of_role = |role: Role| {
            let place = if role.of_customer() { "contoso.example" } else { "vendor.example" };
            person(format!("{}@{place}", role.key()), role, role.of_customer().then_some(self.contoso))
        };
        let mut users: Vec<NewUser> = Role::ALL.into_iter().map(of_role).collect();
        users.push(person("customer_admin@fabrikam.example".to_owned(), Role::CustomerAdmin, Some(self.fabrikam)));
        users
    }

    async fn draft(&self, tx: &store::Tx, catalogue: &domain::catalogue::Catalogue) -> Result<()> {
        let train = catalogue.train(known(TRAIN)?).ok_or(Error::NotFound)?;
        let cadence = catalogue.cadence(&train.cadence).ok_or(Error::NotFound)?;
        let now = self.services.now();
        let build = NewBuild {
            id: BuildId::new(self.services.ids().uuid()),
            service_update: train.id.service_update,
            version: train.app_build.ok_or(Error::NotFound)?,
            platform: train.platform_build,
            registered_at: now,
            artifact: None,
        };
        store::build::insert(tx, &build).await?;
        self.approve_build(tx, build.id).await?;
        let rollout = NewRollout {
            id: self.rollout,
            train: train.id,
            build: build.id,
            cadence: cadence.name.clone(),
            start: train.start,
            policy: RolloutPolicy { min_gap_days: cadence.min_gap_days, ..RolloutPolicy::DEFAULT },
            windows: cadence.windows(train.start),
            created_at: now,
        };
        store::rollout::insert(tx, &rollout).await?;
        self.services.audit_rollout(tx, By::System("testing"), now, self.rollout, &RolloutEvent::Registered).await
    }

    /// By the approver, to the byte.
    pub async fn approve_build(&self, tx: &store::Tx, build: BuildId) -> Result<()> {
        let artifact = store::build::find(tx, build).await?.ok_or(Error::NotFound)?.artifact;
        let by = Person { id: self.user("approver@vendor.example"), name: "Approver of vendor.example".to_owned() };
        let approval = BuildApproval { artifact, by: Some(by), at: self.services.now() };
        Ok(store::build::approve(tx, build, &approval).await?)
    }

    /// The id of one of its environments. A name that the fleet does not have is a mistake in the test.
    pub fn environment_id(&self, customer: CustomerId, name: &str) -> EnvironmentId {
        self.environments[&(customer, name.to_owned())]
    }

    /// A request by the person with this role; customers' roles belong to Contoso.
    pub async fn as_role(&self, role: Role) -> Result<RequestContext> {
        let place = if role.of_customer() { "contoso.example" } else { "vendor.example" };
        self.by(&format!("{}@{place}", role.key())).await
    }

    /// A request by the person with this email.
    pub async fn by(&self, email: &str) -> Result<RequestContext> {
        let actor = self.services.actor(self.user(email)).await?.ok_or(Error::NotFound)?;
        Ok(self.request(actor))
    }

    pub fn request(&self, actor: Actor) -> RequestContext {
        RequestContext { actor, now: self.services.now(), request_id: "test".to_owned() }
    }

    pub fn user(&self, email: &str) -> UserId {
        self.people[email]
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.services.now()
    }
}

//! A fleet of any size, the same each time: customers with a production and three sandboxes in one region, regions in turn,
//! one customer in twenty with an early sandbox; and a draft of one rollout over all of it.

use crate::measure::{Promise, Table, Watch};
use chrono::{DateTime, TimeDelta, Utc};
use domain::catalogue::Catalogue;
use domain::fleet::{Designation, EnvironmentKind};
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UserId};
use domain::permission::{Actor, Role};
use domain::release::{BuildApproval, BuildVersion};
use domain::rollout::RolloutPolicy;
use services::ports::{Punctual, SystemClock};
use services::testing::{MockClock, ScriptedDeployer, SeededIds};
use services::{Limits, RequestContext, Services, ServicesParts, catalogue};
use std::sync::Arc;
use store::build::NewBuild;
use store::customer::Customer;
use store::environment::NewEnvironment;
use store::rollout::NewRollout;
use store::{Db, OpenOptions};
use tempfile::TempDir;

const TRAIN: &str = "10.0.48 PQU-7";
const OLD_BUILD: &str = "10.0.2645.136";
const ENVIRONMENTS_OF_ONE: u32 = 4;
const EARLY_EVERY: u32 = 20;
/// Customers in one transaction of the filling.
const FILL: u32 = 5_000;

pub struct Fleet {
    pub services: Services,
    pub clock: Arc<MockClock>,
    pub deployer: Arc<ScriptedDeployer>,
    pub rollout: RolloutId,
    pub early: Vec<EnvironmentId>,
    pub start: DateTime<Utc>,
    pub environments: u32,
    _folder: TempDir,
}

impl Fleet {
    pub async fn fill(environments: u32, table: &mut Table) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("scale.db").display());
        let db = Db::open(&url, &OpenOptions::default()).await.unwrap();
        db.migrate().await.unwrap();
        let catalogue = catalogue::shipped().unwrap();
        let train = catalogue.train(TRAIN.parse().unwrap()).unwrap();
        let start = train.start.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::days(7);
        let clock = Arc::new(MockClock::at(start));
        let deployer = Arc::new(ScriptedDeployer::default());
        let services = Services::new(ServicesParts {
            db,
            clock: clock.clone(),
            machine: Arc::new(SystemClock),
            ids: Arc::new(SeededIds::new(1)),
            deployer: Arc::new(Punctual::new(clock.clone(), deployer.clone())),
            demo: None,
            limits: Limits::default(),
        });
        let rollout = RolloutId::new(services.ids().uuid());
        let mut fleet =
            Self { services, clock, deployer, rollout, early: Vec::new(), start, environments, _folder: folder };
        let watch = Watch::start();
        fleet.draft(&catalogue).await;
        fleet.customers(&catalogue).await;
        table.add(&format!("filling the database with {environments} environments"), watch.stop(), Promise::None);
        fleet
    }

    async fn draft(&self, catalogue: &Catalogue) {
        let train = catalogue.train(TRAIN.parse().unwrap()).unwrap();
        let cadence = catalogue.cadence(&train.cadence).unwrap();
        let tx = self.services.db().begin().await.unwrap();
        store::catalogue::replace(&tx, catalogue).await.unwrap();
        let build = NewBuild {
            id: BuildId::new(self.services.ids().uuid()),
            service_update: train.id.service_update,
            version: train.app_build.unwrap(),
            platform: train.platform_build,
            artifact: None,
            registered_at: self.start,
        };
        store::build::insert(&tx, &build).await.unwrap();
        let artifact = store::build::find(&tx, build.id).await.unwrap().unwrap().artifact;
        let approval = BuildApproval { artifact, by: None, at: self.start };
        store::build::approve(&tx, build.id, &approval).await.unwrap();
        let rollout = NewRollout {
            id: self.rollout,
            train: train.id,
            build: build.id,
            cadence: cadence.name.clone(),
            start: train.start,
            policy: RolloutPolicy { min_gap_days: cadence.min_gap_days, ..RolloutPolicy::DEFAULT },
            windows: cadence.windows(train.start),
            created_at: self.start,
        };
        store::rollout::insert(&tx, &rollout).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn customers(&mut self, catalogue: &Catalogue) {
        let regions: Vec<&str> =
            catalogue.regions.iter().filter(|region| region.station.is_some()).map(|region| &*region.slug).collect();
        let customers = self.environments.div_ceil(ENVIRONMENTS_OF_ONE);
        for first in (0..customers).step_by(FILL as usize) {
            let numbers = first..(first + FILL).min(customers);
            let rows: Vec<Customer> = numbers.clone().map(|number| self.customer(number)).collect();
            let mut environments = Vec::new();
            for (number, customer) in numbers.zip(&rows) {
                let region = regions[number as usize % regions.len()];
                environments
                    .extend((0..ENVIRONMENTS_OF_ONE).map(|place| self.environment(number, place, customer, region)));
            }
            let early = environments.iter().filter(|new| new.designation == Designation::Early);
            self.early.extend(early.map(|new| new.id));
            let tx = self.services.db().begin().await.unwrap();
            store::customer::insert_many(&tx, &rows).await.unwrap();
            store::environment::insert_many(&tx, environments).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    fn customer(&self, number: u32) -> Customer {
        Customer {
            id: CustomerId::new(self.services.ids().uuid()),
            name: format!("Customer {number}"),
            domain: format!("customer-{number}.example"),
            sector: "retail".to_owned(),
            regulated: false,
            created_at: self.start,
        }
    }

    fn environment(&self, number: u32, place: u32, customer: &Customer, region: &str) -> NewEnvironment {
        let is_early = place == 1 && number.is_multiple_of(EARLY_EVERY);
        NewEnvironment {
            id: EnvironmentId::new(self.services.ids().uuid()),
            customer: customer.id,
            name: format!("ENV-{place}"),
            kind: if place == 0 { EnvironmentKind::Production } else { EnvironmentKind::Sandbox },
            tier: if place == 0 { 4 } else { 2 },
            region: region.to_owned(),
            service_update: TRAIN.split(' ').next().unwrap().parse().unwrap(),
            build: OLD_BUILD.parse::<BuildVersion>().unwrap(),
            platform: None,
            build_since: self.start,
            designation: if is_early { Designation::Early } else { Designation::Standard },
            chosen_days: None,
            priority_batch: true,
            exemption: None,
            created_at: self.start,
        }
    }

    /// A request by somebody with this role, now.
    pub fn by(&self, role: Role) -> RequestContext {
        let actor = Actor {
            user: UserId::new(self.services.ids().uuid()),
            name: role.word().to_owned(),
            email: format!("{}@vendor.example", role.key()),
            role,
            customer: None,
            customer_name: None,
            time_zone: "UTC".to_owned(),
        };
        RequestContext { actor, now: self.services.now(), request_id: "benchmark".to_owned() }
    }
}

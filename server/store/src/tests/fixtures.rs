//! A small fleet: two customers, three regions, one train. Ids are numbers, so a failure names its row.

use crate::build::NewBuild;
use crate::customer::Customer;
use crate::environment::NewEnvironment;
use crate::rollout::NewRollout;
use crate::update::NewUpdate;
use crate::{Connection, Db, build, catalogue, customer, environment, rollout};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
use domain::approval::Digest;
use domain::calendar::{Cadence, CadenceRow, DarkHours, DayOffsets, Night};
use domain::catalogue::Catalogue;
use domain::fleet::{Cloud, Designation, EnvironmentKind, Region, Station, StationNumber};
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UpdateId, UserId};
use domain::release::{BuildVersion, ServiceUpdate, ServiceUpdateDates, Train, TrainId, TrainStatus};
use domain::rollout::{Part, RolloutPolicy, RolloutState, UpdateState};
use uuid::Uuid;

pub const CONTOSO: u128 = 1;
pub const FABRIKAM: u128 = 2;
pub const OLD: &str = "10.0.2645.136";
pub const NEW: &str = "10.0.2645.147";

pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

pub fn now() -> DateTime<Utc> {
    "2026-10-01T12:00:00.123Z".parse().unwrap()
}

pub fn later(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

pub fn night(days: i64) -> Night {
    let start = later(24 * days);
    Night { date: start.date_naive(), start, end: start + TimeDelta::hours(6) }
}

pub fn version(text: &str) -> BuildVersion {
    text.parse().unwrap()
}

pub fn service_update(text: &str) -> ServiceUpdate {
    text.parse().unwrap()
}

pub fn train() -> TrainId {
    TrainId { service_update: service_update("10.0.48"), number: 7 }
}

pub fn catalogue() -> Catalogue {
    let region = |slug: &str, name: &str, station: Option<u8>, dark: bool| Region {
        slug: slug.into(),
        name: name.into(),
        cloud: Cloud::Public,
        station: station.map(StationNumber),
        geography: dark.then(|| "Europe".to_owned()),
        dark_hours: dark.then(|| DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap()),
        time_zone: "Europe/Paris".into(),
    };
    let station = |number, opt_in| Station { number: StationNumber(number), name: format!("Station {number}"), opt_in };
    let date = |text: &str| text.parse().unwrap();
    let rows = |count| {
        let row = |number: u8| CadenceRow {
            station: StationNumber(number),
            sandbox: DayOffsets { first: u16::from(number), last: u16::from(number) + 3 },
            production: (number > 1).then(|| DayOffsets { first: u16::from(number) + 9, last: u16::from(number) + 11 }),
        };
        (1..=count).map(row).collect()
    };
    Catalogue {
        stations: vec![station(1, true), station(2, false), station(3, false)],
        regions: vec![
            region("canada-central", "Canada Central", Some(2), true),
            region("north-europe", "North Europe", Some(3), true),
            region("sweden-central", "Sweden Central", None, false),
        ],
        service_updates: ["10.0.47", "10.0.48"]
            .map(|number| ServiceUpdateDates {
                number: service_update(number),
                label: "2026 Q4".into(),
                major: number == "10.0.48",
                preview: date("2026-08-01"),
                general_availability: date("2026-09-11"),
                end_of_service: date("2027-03-19"),
            })
            .to_vec(),
        trains: [6, 7]
            .map(|number| Train {
                id: TrainId { number, ..train() },
                cutoff: date("2026-09-20"),
                start: date("2026-10-02"),
                end: date("2026-10-30"),
                status: TrainStatus::PartiallyCanceled,
                app_build: (number == 7).then(|| version(NEW)),
                platform_build: None,
                cadence: "biweekly".into(),
                note: String::new(),
            })
            .to_vec(),
        cadences: vec![
            Cadence::new("biweekly".into(), 5, rows(3)).unwrap(),
            Cadence::new("monthly".into(), 5, rows(2)).unwrap(),
        ],
    }
}

pub fn a_customer(number: u128, name: &str) -> Customer {
    Customer {
        id: id(number),
        name: name.into(),
        domain: format!("{}.example", name.to_lowercase()),
        sector: "retail".into(),
        regulated: number == FABRIKAM,
        created_at: now(),
    }
}

/// A sandbox of Contoso in Canada on the old build; change what the test is about.
pub fn sandbox(number: u128, name: &str) -> NewEnvironment {
    NewEnvironment {
        id: id(number),
        customer: id(CONTOSO),
        name: name.into(),
        kind: EnvironmentKind::Sandbox,
        tier: 2,
        region: "canada-central".into(),
        service_update: service_update("10.0.48"),
        build: version(OLD),
        platform: None,
        build_since: now(),
        designation: Designation::Standard,
        chosen_days: None,
        priority_batch: false,
        exemption: None,
        created_at: now(),
    }
}

pub fn production(number: u128, name: &str) -> NewEnvironment {
    NewEnvironment { kind: EnvironmentKind::Production, tier: 1, ..sandbox(number, name) }
}

pub fn of_fabrikam(environment: NewEnvironment) -> NewEnvironment {
    NewEnvironment { customer: id(FABRIKAM), ..environment }
}

/// Catalogue, both customers and the new build.
pub async fn ground(conn: &impl Connection) {
    catalogue::replace(conn, &catalogue()).await.unwrap();
    customer::insert_many(conn, &[a_customer(CONTOSO, "Contoso"), a_customer(FABRIKAM, "Fabrikam")]).await.unwrap();
    let build = NewBuild {
        id: build_id(),
        service_update: service_update("10.0.48"),
        version: version(NEW),
        platform: Some(version("7.0.7996.122")),
        registered_at: now(),
        artifact: Some(artifact()),
    };
    build::insert(conn, &build).await.unwrap();
}

pub fn artifact() -> Digest {
    format!("{:064x}", 0xa).parse().unwrap()
}

pub fn build_id() -> BuildId {
    id(900)
}

pub fn a_rollout(number: u128) -> NewRollout {
    let start = "2026-10-02".parse().unwrap();
    NewRollout {
        id: id(number),
        train: train(),
        build: build_id(),
        cadence: "biweekly".into(),
        start,
        policy: RolloutPolicy::DEFAULT,
        windows: catalogue().cadence("biweekly").unwrap().windows(start),
        created_at: now(),
    }
}

pub fn running() -> RolloutState {
    RolloutState::Running { started_at: now(), started_by: user(1), resumed_at: None }
}

/// An update whose id is the environment's number and ten thousand times the rollout's.
pub fn an_update(rollout: u128, environment: u128, state: UpdateState) -> NewUpdate {
    NewUpdate {
        id: update_id(rollout, environment),
        rollout: id(rollout),
        environment: id(environment),
        customer: id(CONTOSO),
        stage: None,
        follows: None,
        state,
        reasons: Vec::new(),
        next: None,
        part: Part::Due,
        early: false,
        place: environment.try_into().unwrap(),
        created_at: now(),
    }
}

pub fn update_id(rollout: u128, environment: u128) -> UpdateId {
    id(rollout * 10_000 + environment)
}

/// The ground, one rollout (`rollout`) and environments 1 to `environments` of Contoso.
pub async fn fleet(db: &Db, rollout_number: u128, environments: u128) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    let fleet = (1..=environments).map(|number| sandbox(number, &format!("uat-{number:03}"))).collect();
    environment::insert_many(&tx, fleet).await.unwrap();
    rollout::insert(&tx, &a_rollout(rollout_number)).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn contoso() -> CustomerId {
    id(CONTOSO)
}

pub fn env(number: u128) -> EnvironmentId {
    id(number)
}

pub fn rol(number: u128) -> RolloutId {
    id(number)
}

pub fn user(number: u128) -> UserId {
    id(number)
}

//! One to three trains at once over different service updates, mostly one, and in three worlds of ten one more of the first, a
//! week or two later.
//! Policies are drawn within bounds that a release manager would set.

use crate::{Error, Result};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use domain::calendar::{Cadence, CadenceRow, DayOffsets};
use domain::catalogue::Catalogue;
use domain::fleet::StationNumber;
use domain::health::{GatePolicy, TelemetryPolicy};
use domain::ids::{BuildId, RolloutId};
use domain::release::{BuildVersion, ServiceUpdate, TrainId};
use domain::rollout::{Ramp, RolloutCaps, RolloutPolicy};
use services::mix::Mix;
use services::ports::Ids;
use std::collections::BTreeMap;
use store::build::NewBuild;
use store::rollout::NewRollout;

/// A cadence of the simulation's own: every station within two weeks, so that thirty days see whole trains.
const BRISK: &str = "brisk";
const WATCHED_WORLDS_PERCENT: u8 = 20;

#[derive(Debug, Clone)]
pub struct Train {
    pub build: NewBuild,
    pub rollout: NewRollout,
    /// When somebody means to start it.
    pub starts: DateTime<Utc>,
    /// Of its attempts, beside the usual, in percent.
    pub worse: u8,
}

#[derive(Debug)]
pub struct Trains {
    pub all: Vec<Train>,
    /// What runs before any train, of each service update.
    pub before: BTreeMap<ServiceUpdate, BuildVersion>,
}

const fn service_update(number: u32) -> ServiceUpdate {
    ServiceUpdate::new([10, 0, number])
}

/// The service updates that environments run, the usual one first.
pub const SERVICE_UPDATES: [ServiceUpdate; 3] = [service_update(48), service_update(47), service_update(46)];

pub const fn build(of: ServiceUpdate, revision: u32) -> BuildVersion {
    let [_, _, number] = of.parts();
    BuildVersion::new([10, 0, 2_000 + number * 10, revision])
}

impl Trains {
    pub fn draw(mix: &mut Mix, ids: &dyn Ids, catalogue: &mut Catalogue, start: DateTime<Utc>) -> Result<Self> {
        catalogue.cadences.push(brisk()?);
        let before = SERVICE_UPDATES.map(|number| (number, build(number, 100))).into();
        // Caps that rollouts share are the same for all, as an operator would have them.
        let shared = (bound(mix, 2, 12), bound(mix, 1, 6), bound(mix, 1, 4));
        let mut all = Vec::new();
        let others = usize::from(mix.percent(35)) + usize::from(mix.percent(15));
        for (i, number) in SERVICE_UPDATES.into_iter().take(1 + others).enumerate() {
            let ahead = mix.between(6, 8) + if i == 0 { 0 } else { mix.between(0, 4) };
            all.push(draw_train(mix, ids, catalogue, (number, 7, 147), start + TimeDelta::days(ahead), shared)?);
        }
        if mix.percent(30) {
            let later = TimeDelta::days(mix.between(9, 16));
            all.push(draw_train(mix, ids, catalogue, (SERVICE_UPDATES[0], 8, 158), start + later, shared)?);
        }
        // Registered before the simulation begins; an operator does it at once.
        for train in &mut all {
            (train.build.registered_at, train.rollout.created_at) = (start, start);
        }
        Ok(Self { all, before })
    }

    /// In one world of five, gates of most trains look at telemetry. From a stream of its own: the others stay as they are.
    pub fn watch(&mut self, mix: &mut Mix) {
        if !mix.percent(WATCHED_WORLDS_PERCENT) {
            return;
        }
        for train in &mut self.all {
            train.rollout.policy.gate.telemetry = mix.percent(75).then(|| telemetry(mix));
        }
    }

    pub fn are_watched(&self) -> bool {
        self.all.iter().any(|train| train.rollout.policy.gate.telemetry.is_some())
    }

    pub fn worse(&self) -> BTreeMap<BuildVersion, u8> {
        self.all.iter().map(|train| (train.build.version, train.worse)).collect()
    }
}

fn telemetry(mix: &mut Mix) -> TelemetryPolicy {
    TelemetryPolicy {
        coverage_percent_min: u8::try_from(mix.between(30, 95)).unwrap_or(80),
        max_age_minutes: u16::try_from(mix.between(120, 420)).unwrap_or(120),
        errors_permille_max: u16::try_from(mix.between(30, 100)).unwrap_or(50),
        samples_min: bound(mix, 20, 400),
        silence_percent: u8::try_from(mix.between(5, 30)).unwrap_or(10),
        silence_grace_hours: u16::try_from(mix.between(0, 6)).unwrap_or(2),
        silence_baseline_min: bound(mix, 20, 200),
        silence_fails: mix.percent(80),
    }
}

fn bound(mix: &mut Mix, least: i64, most: i64) -> u32 {
    u32::try_from(mix.between(least, most)).unwrap_or(1)
}

fn brisk() -> Result<Cadence> {
    let days = |first, last| DayOffsets { first, last };
    let row = |station, sandbox, production| CadenceRow { station: StationNumber(station), sandbox, production };
    let rows = vec![
        row(1, days(0, 1), None),
        row(2, days(2, 4), Some(days(8, 9))),
        row(3, days(2, 4), Some(days(8, 9))),
        row(4, days(4, 7), Some(days(10, 13))),
        row(5, days(6, 8), Some(days(12, 16))),
        row(6, days(6, 9), Some(days(12, 16))),
    ];
    Cadence::new(BRISK.to_owned(), 3, rows).map_err(|error| Error::World(error.to_string()))
}

fn draw_train(
    mix: &mut Mix,
    ids: &dyn Ids,
    catalogue: &Catalogue,
    (number, train, revision): (ServiceUpdate, u16, u32),
    first_day: DateTime<Utc>,
    (station, region, customer): (u32, u32, u32),
) -> Result<Train> {
    let name = if mix.percent(60) { BRISK } else { "biweekly" };
    let cadence = catalogue.cadence(name).ok_or_else(|| Error::World(format!("no cadence {name}")))?;
    let notice_days = u16::try_from(mix.between(4, 5)).unwrap_or(5);
    let policy = RolloutPolicy {
        gate: GatePolicy {
            succeeded_percent_min: u8::try_from(mix.between(50, 90)).unwrap_or(90),
            baseline_permille: u16::try_from(mix.between(10, 80)).unwrap_or(10),
            failures_min: bound(mix, 2, 4),
            bake_hours: u16::try_from(mix.between(2, 24)).unwrap_or(24),
            ..GatePolicy::DEFAULT
        },
        caps: RolloutCaps { rollout: bound(mix, 1, 12), station, region, customer },
        sandbox_percent: if mix.percent(70) { 100 } else { 60 },
        production_percent: if mix.percent(70) { 100 } else { 50 },
        ramp: Ramp::NONE,
        min_gap_days: cadence.min_gap_days,
        notice_days,
        announce_ahead_days: notice_days + 1,
        declared_minutes: 90,
        attempts_max: u8::try_from(mix.between(1, 3)).unwrap_or(2),
    };
    let date = first_day.date_naive();
    let build = NewBuild {
        id: BuildId::new(ids.uuid()),
        service_update: number,
        version: build(number, revision),
        platform: None,
        registered_at: first_day,
        artifact: None,
    };
    let rollout = NewRollout {
        id: RolloutId::new(ids.uuid()),
        train: TrainId { service_update: number, number: train },
        build: build.id,
        cadence: name.to_owned(),
        start: date,
        policy,
        windows: cadence.windows(date),
        created_at: first_day,
    };
    // Six days before its first night, so that it can be announced in time.
    let starts = first_day - TimeDelta::days(6) - TimeDelta::minutes(mix.between(0, 600));
    let worse = if mix.percent(20) { 20 } else { u8::try_from(date.day() % 4).unwrap_or(0) };
    Ok(Train { build, rollout, starts, worse })
}

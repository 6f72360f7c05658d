//! What runs where: the builds that the published trains have brought to an environment so far, each in a night of
//! its stage's window. The drafts that the demo registers itself have brought nothing yet.

use super::DRAFTS;
use crate::mix::Mix;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::calendar::{DarkHours, MaintenanceDays, StageWindow};
use domain::catalogue::Catalogue;
use domain::fleet::StageKey;
use domain::release::{BuildVersion, ServiceUpdate, Train};

/// How many installed builds of one environment are remembered.
const HISTORY_MAX: usize = 3;

/// Weekend environments that a weekday window cannot hold are updated on the next weekend.
const AFTER_WINDOW_DAYS_MAX: u64 = 7;

/// Of 10.0.49 no build is published yet, but customers try it in sandboxes. These numbers are made up.
pub const PREVIEW: (ServiceUpdate, BuildVersion, BuildVersion) =
    (ServiceUpdate::new([10, 0, 49]), BuildVersion::new([10, 0, 2761, 58]), BuildVersion::new([7, 0, 8120, 41]));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installed {
    pub build: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub since: DateTime<Utc>,
}

/// As far as trains care about an environment.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub service_update: ServiceUpdate,
    pub stage: Option<StageKey>,
    pub dark_hours: Option<DarkHours>,
    pub days: MaintenanceDays,
    /// May lag behind, or run ahead by an update that the customer pulled.
    pub may_stray: bool,
}

/// Newest first; the first one runs now. Empty only where the catalogue has no build of the service update.
pub fn installed(catalogue: &Catalogue, stop: &Stop, now: DateTime<Utc>, mix: &mut Mix) -> Vec<Installed> {
    if stop.service_update == PREVIEW.0 {
        let since = now - TimeDelta::minutes(mix.between(24 * 60, 12 * 24 * 60));
        return vec![Installed { build: PREVIEW.1, platform: Some(PREVIEW.2), since }];
    }
    let (lags, ahead) = (mix.below(100), mix.below(100));
    let mut brought: Vec<Installed> = trains(catalogue, stop.service_update)
        .into_iter()
        .filter_map(|train| bring(catalogue, stop, train, now, mix))
        .collect();
    let missed = match lags {
        _ if !stop.may_stray => 0,
        0 => 2,
        1..=5 => 1,
        _ => 0,
    };
    brought.drain(..missed.min(brought.len().saturating_sub(1)));
    if stop.may_stray && ahead == 0 {
        brought.splice(0..0, pulled(catalogue, stop.service_update, now, mix));
    }
    brought.truncate(HISTORY_MAX);
    brought
}

/// Those that have left, newest first.
fn trains(catalogue: &Catalogue, service_update: ServiceUpdate) -> Vec<&Train> {
    let mut trains: Vec<&Train> = catalogue
        .trains
        .iter()
        .filter(|train| train.id.service_update == service_update && train.app_build.is_some())
        .filter(|train| !DRAFTS.contains(&train.id))
        .collect();
    trains.sort_unstable_by_key(|train| std::cmp::Reverse(train.id));
    trains
}

/// `None` where the train has not come here yet.
fn bring(catalogue: &Catalogue, stop: &Stop, train: &Train, now: DateTime<Utc>, mix: &mut Mix) -> Option<Installed> {
    let came = match stop.stage {
        Some(stage) => visited(catalogue, stop, train, stage, now, mix)?,
        // No train comes here, or it is exempt: its owner installs it, some time after everybody else has it.
        None => (train.end + Days::new(mix.below(10))).and_hms_opt(20, 0, 0)?.and_utc(),
    };
    let since = came + TimeDelta::seconds(mix.between(22 * 60, 140 * 60));
    let build = train.app_build?;
    (since <= now).then_some(Installed { build, platform: train.platform_build, since })
}

/// The start of the night in which the train came. Where no dark hours are published, three in the morning, UTC.
fn visited(
    catalogue: &Catalogue,
    stop: &Stop,
    train: &Train,
    stage: StageKey,
    now: DateTime<Utc>,
    mix: &mut Mix,
) -> Option<DateTime<Utc>> {
    let windows = catalogue.cadence(&train.cadence)?.windows(train.start);
    let window = windows.into_iter().find(|window| window.stage == stage)?;
    let nights: Vec<DateTime<Utc>> = dates(window, stop.days)
        .into_iter()
        .filter_map(|date| match stop.dark_hours {
            Some(dark_hours) => dark_hours.night(date).map(|night| night.start),
            None => date.and_hms_opt(3, 0, 0).map(|at| at.and_utc()),
        })
        .collect();
    mix.pick(&nights).copied().filter(|night| *night <= now)
}

/// The dates of the window that its days allow, else the first such date after it.
fn dates(window: StageWindow, days: MaintenanceDays) -> Vec<NaiveDate> {
    let allowed = |date: &NaiveDate| days.allow(*date);
    let within: Vec<NaiveDate> =
        window.first.iter_days().take_while(|date| *date <= window.last).filter(allowed).collect();
    if within.is_empty() {
        let after = (1..=AFTER_WINDOW_DAYS_MAX).map(|day| window.last + Days::new(day));
        return after.filter(allowed).take(1).collect();
    }
    within
}

/// The build of the train to come, installed by the customer a little while ago.
fn pulled(
    catalogue: &Catalogue,
    service_update: ServiceUpdate,
    now: DateTime<Utc>,
    mix: &mut Mix,
) -> Option<Installed> {
    let id = DRAFTS.into_iter().find(|id| id.service_update == service_update)?;
    let train = catalogue.train(id)?;
    let since = now - TimeDelta::minutes(mix.between(90, 40 * 60));
    Some(Installed { build: train.app_build?, platform: train.platform_build, since })
}

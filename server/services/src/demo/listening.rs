//! The listening system of the demo: says hour by hour how the environments aboard a watched rollout were used, through
//! the use case that stands behind `POST /api/v1/signals`. It listens to nothing: usage and errors follow from the seed,
//! the environment and the hour, so that an hour which is said twice says the same.
//!
//! What it says is meant to look like a fleet: productions are busier than sandboxes, dark hours and weekends are quiet,
//! one hour in a hundred of an environment is not heard, and where a regression of the demo is really used, errors rise.
//! An hour is said once it has ended. Not here: when it speaks (`server::background`), and what follows from it (`domain`).

use super::deployer::Regression;
use crate::mix::Mix;
use crate::signal::SampleRefused;
use crate::{CallerContext, Result, Services};
use chrono::{Datelike, TimeDelta, Weekday};
use domain::calendar::DarkHours;
use domain::fleet::EnvironmentKind;
use domain::health::Hour;
use domain::health::telemetry::UncheckedSample;
use domain::ids::TokenId;
use domain::token::{Caller, TokenKind, TokenReach};
use std::collections::HashMap;
use store::rollout::RolloutFilter;
use store::telemetry::Listened;
use uuid::Uuid;

const NAME: &str = "Simulated listening system";
/// Requests in an hour of the working week. Made up: enough that a stage of a few sandboxes has its requests within a
/// bake, few enough that one of them asleep is not silence.
const PRODUCTION_USAGE: (i64, i64) = (300, 1_500);
const OTHER_USAGE: (i64, i64) = (40, 160);
const WEEKEND_PERCENT: i64 = 35;
const DARK_PERCENT: i64 = 10;
/// Of the usage, how far one hour is from another like it.
const NOISE_PERCENT: i64 = 15;
const UNHEARD_PERCENT: u8 = 1;
/// Of a thousand requests; a regression's are far beyond what a usual policy lets through.
const ERRORS_PERMILLE: (i64, i64) = (1, 8);
const REGRESSION_PERMILLE: (i64, i64) = (90, 160);
/// A server that starts again says so many hours once more: the one before may have been killed before it did.
const REPEATED_HOURS: i64 = 3;
/// Hours in one go, where another server has brought the clock far ahead.
const HOURS_AT_ONCE: i64 = 24;

#[derive(Debug)]
pub struct SimulatedListening {
    seed: u64,
    regression: Option<Regression>,
    /// The first hour that is not said yet.
    next: Option<Hour>,
    /// By region; read once, as a catalogue is loaded at a start.
    dark_hours: Option<HashMap<String, DarkHours>>,
}

impl SimulatedListening {
    pub const fn new(seed: u64, regression: Option<Regression>) -> Self {
        Self { seed, regression, next: None, dark_hours: None }
    }

    /// Says every hour that has ended since the last time, where a gate wants to hear it; how many samples were taken.
    pub async fn speak(&mut self, services: &Services) -> Result<usize> {
        let now = services.now();
        let until = Hour::of(now);
        let next = self.next.unwrap_or(until.plus(-REPEATED_HOURS));
        if next >= until {
            return Ok(0);
        }
        let places = self.places(services).await?;
        let ctx = CallerContext { caller: caller(), now };
        let mut taken = 0;
        let mut hour = next.max(until.plus(-HOURS_AT_ONCE));
        while hour < until {
            let samples: Vec<(usize, UncheckedSample)> =
                places.iter().filter_map(|place| self.sample(place, hour)).enumerate().collect();
            if !samples.is_empty() {
                taken += samples.len();
                for SampleRefused { index, reason } in services.take_samples(&ctx, samples).await? {
                    tracing::warn!(index, reason, "a sample of the demo was refused");
                    taken -= 1;
                }
            }
            hour = hour.plus(1);
        }
        self.next = Some(until);
        Ok(taken)
    }

    /// Everybody aboard a rollout that runs or stands, and whose gates look at telemetry.
    async fn places(&mut self, services: &Services) -> Result<Vec<Place>> {
        let reader = services.db().reader();
        let states = vec!["running", "halted"];
        let mut watched = Vec::new();
        for id in store::rollout::ids(reader, &RolloutFilter { states, ..RolloutFilter::default() }).await? {
            let rollout = store::rollout::find_unreported(reader, id).await?;
            watched.extend(rollout.filter(|rollout| rollout.policy.gate.telemetry.is_some()).map(|_| id));
        }
        if watched.is_empty() {
            return Ok(Vec::new());
        }
        let flights = match self.regression {
            Some(_) => store::flight::list(reader).await?,
            None => Vec::new(),
        };
        if self.dark_hours.is_none() {
            let regions = store::catalogue::load(reader).await?.regions.into_iter();
            self.dark_hours = Some(regions.filter_map(|region| Some((region.slug, region.dark_hours?))).collect());
        }
        let dark_hours = self.dark_hours.as_ref();
        let aboard = store::telemetry::aboard(reader, &watched).await?.into_iter();
        let place = |listened: Listened| {
            let is_on = |key: &str| {
                let known = flights.iter().find(|known| known.flight.key == key);
                known.is_none_or(|known| known.flight.is_on_for(listened.customer))
            };
            let regresses = self
                .regression
                .is_some_and(|regression| regression.build == listened.build && regression.flight.is_none_or(is_on));
            let dark_hours = dark_hours.and_then(|known| known.get(&listened.region).copied());
            Place { listened, dark_hours, regresses }
        };
        Ok(aboard.map(place).collect())
    }

    /// `None`: nothing was heard of it in this hour.
    fn sample(&self, place: &Place, hour: Hour) -> Option<UncheckedSample> {
        let Listened { environment, kind, .. } = place.listened;
        let (high, low) = environment.uuid().as_u64_pair();
        let production = kind == EnvironmentKind::Production;
        let (least, most) = if production { PRODUCTION_USAGE } else { OTHER_USAGE };
        let usual = Mix::keyed(self.seed, &[high, low]).between(least, most);
        let mut mix = Mix::keyed(self.seed, &[high, low, hour.number().unsigned_abs()]);
        if mix.percent(UNHEARD_PERCENT) {
            return None;
        }
        let percent = place.busy_percent(hour) * mix.between(100 - NOISE_PERCENT, 100 + NOISE_PERCENT) / 100;
        let usage = usual * percent / 100;
        let (least, most) = if place.regresses { REGRESSION_PERMILLE } else { ERRORS_PERMILLE };
        let errors = usage * mix.between(least, most) / 1_000;
        Some(UncheckedSample {
            environment,
            from: hour.start(),
            to: hour.end(),
            usage: usage.unsigned_abs(),
            errors: errors.unsigned_abs(),
            source: NAME.to_owned(),
        })
    }
}

/// An environment that is listened to.
#[derive(Debug, Clone)]
struct Place {
    listened: Listened,
    dark_hours: Option<DarkHours>,
    regresses: bool,
}

impl Place {
    fn busy_percent(&self, hour: Hour) -> i64 {
        let middle = hour.start() + TimeDelta::minutes(30);
        let night = self.dark_hours.and_then(|dark| dark.night(dark.first_date_after(middle)));
        if night.is_some_and(|night| night.start <= middle) {
            return DARK_PERCENT;
        }
        match middle.weekday() {
            Weekday::Sat | Weekday::Sun => WEEKEND_PERCENT,
            _ => 100,
        }
    }
}

/// Nobody's token: it speaks within the process. What is said is kept without a name, as everybody's samples are.
fn caller() -> Caller {
    let (token, kind, reach) = (TokenId::new(Uuid::nil()), TokenKind::ListeningSystem, TokenReach::Signals);
    Caller { token, name: NAME.to_owned(), kind, reach }
}

#[cfg(test)]
#[path = "listening_tests.rs"]
mod tests;

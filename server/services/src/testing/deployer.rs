//! A deployer that does as it is told: every update is applied after 20 minutes and healthy after 30, but for those that
//! a test lets fail or hang.

use crate::ports::{DeployError, Deployer, FlightOrder, Progress, UpdateOrder};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{EnvironmentId, UpdateId};
use domain::recovery::Capabilities;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

const APPLIED: TimeDelta = TimeDelta::minutes(20);
const HEALTHY: TimeDelta = TimeDelta::minutes(30);

#[derive(Debug, Default)]
struct Script {
    /// Attempts that fail, from the first on, and with what.
    failing: HashMap<EnvironmentId, (u8, String)>,
    /// Where the new build runs and never becomes healthy.
    sickly: HashSet<EnvironmentId>,
    is_away: bool,
    /// Every update fails where this flight is on.
    guilty: Option<String>,
    flights: Vec<FlightOrder>,
    started: HashSet<(UpdateId, u8)>,
}

#[derive(Debug, Default)]
pub struct ScriptedDeployer {
    script: Mutex<Script>,
}

impl ScriptedDeployer {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first `attempts` attempts in this environment fail.
    pub fn fail(&self, environment: EnvironmentId, attempts: u8, error: &str) {
        self.script().failing.insert(environment, (attempts, error.to_owned()));
    }

    /// The new build runs in this environment, and never becomes healthy.
    pub fn never_healthy(&self, environment: EnvironmentId) {
        self.script().sickly.insert(environment);
    }

    /// Whatever is applied fails wherever this flight is on.
    pub fn blame(&self, flight: &str) {
        self.script().guilty = Some(flight.to_owned());
    }

    /// What it was told of flights, in order.
    pub fn flights(&self) -> Vec<FlightOrder> {
        self.script().flights.clone()
    }

    /// It does not answer any more, or answers again.
    pub fn set_away(&self, is_away: bool) {
        self.script().is_away = is_away;
    }

    /// Attempts that were begun, each counted once.
    pub fn started(&self) -> usize {
        self.script().started.len()
    }
}

fn away() -> DeployError {
    DeployError::NoAnswer("away".to_owned())
}

#[async_trait]
impl Deployer for ScriptedDeployer {
    async fn start(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        let mut script = self.script();
        if script.is_away {
            return Err(away());
        }
        script.started.insert((order.update, order.attempt));
        Ok(())
    }

    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        let script = self.script();
        if script.is_away {
            return Err(away());
        }
        let begun = order.dispatched.filter(|_| script.started.contains(&(order.update, order.attempt)));
        let since = now - begun.ok_or(DeployError::NeverBegun)?;
        let failing = script.failing.get(&order.environment).filter(|(attempts, _)| order.attempt <= *attempts);
        let guilty = script.guilty.as_ref().filter(|flight| !order.flights_off.contains(*flight));
        if let Some(flight) = guilty.filter(|_| since >= APPLIED) {
            return Ok(Progress::Failed { error: format!("flight {flight} breaks it") });
        }
        Ok(match failing {
            Some((_, error)) if since >= APPLIED => Progress::Failed { error: error.clone() },
            None if since >= HEALTHY && !script.sickly.contains(&order.environment) => Progress::Healthy,
            None if since >= APPLIED => Progress::Applied,
            Some(_) | None => Progress::Running,
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { set_flight: true, roll_back: true, redeploy: true }
    }

    fn restore_days(&self) -> Option<u16> {
        Some(14)
    }

    async fn turn_flight(&self, order: &FlightOrder) -> Result<(), DeployError> {
        if self.script().is_away {
            return Err(away());
        }
        self.script().flights.push(order.clone());
        Ok(())
    }
}

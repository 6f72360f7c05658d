//! Flights: switches that guard changes. "If a change must be turned off after a PQU deployment, the flight system can be
//! used to turn it off" (seed "Fallback via flighting"). A flight is on where nobody turned it; a customer's own switch goes
//! before everybody's. Each has an owner and a date by which it is to be removed.
//! Not here: how environments learn of it (the executors), and which build it guards what of (`release::BuildChange`).

use crate::ids::{BuildId, CustomerId, FlightId};
use crate::people::Reasoned;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whose environments a switch turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum FlightScope {
    Everywhere,
    Customer { customer: CustomerId },
}

impl FlightScope {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Customer { .. } => "customer",
        }
    }

    pub const fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Everywhere => None,
            Self::Customer { customer } => Some(customer),
        }
    }
}

/// A named person turned it, and said why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub scope: FlightScope,
    pub on: bool,
    pub why: Reasoned,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    pub id: FlightId,
    /// As the build names it.
    pub key: String,
    pub title: String,
    pub owner: String,
    /// The build that brought it.
    pub build: BuildId,
    pub remove_on: NaiveDate,
    /// In the order in which they were turned; the last of a scope counts.
    pub switches: Vec<Switch>,
}

/// It stands there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("The flight stands there already. Nothing was changed.")]
pub struct StandsThere;

impl Flight {
    /// The switch that counts for this scope and no wider one.
    pub fn switch(&self, scope: FlightScope) -> Option<&Switch> {
        self.switches.iter().rfind(|switch| switch.scope == scope)
    }

    pub fn is_on_for(&self, customer: CustomerId) -> bool {
        self.switch(FlightScope::Customer { customer }).map_or_else(|| self.is_on_by_default(), |switch| switch.on)
    }

    /// Where no customer has a switch of their own.
    pub fn is_on_by_default(&self) -> bool {
        self.switch(FlightScope::Everywhere).is_none_or(|switch| switch.on)
    }

    /// For somebody at least.
    pub fn is_on_anywhere(&self) -> bool {
        self.is_on_by_default()
            || self
                .switches
                .iter()
                .filter_map(|switch| switch.scope.customer())
                .any(|customer| self.is_on_for(customer))
    }

    /// One more switch. Turning it everywhere takes the customers' own switches along: who falls back leaves nobody behind.
    pub fn turn(&self, scope: FlightScope, on: bool, why: &Reasoned) -> Result<Vec<Switch>, StandsThere> {
        let switch = |scope| Switch { scope, on, why: why.clone() };
        let turned: Vec<Switch> = match scope {
            FlightScope::Customer { customer } if self.is_on_for(customer) == on => Vec::new(),
            FlightScope::Customer { .. } => vec![switch(scope)],
            FlightScope::Everywhere => {
                let mut others: Vec<CustomerId> =
                    self.switches.iter().filter_map(|switch| switch.scope.customer()).collect();
                others.sort_unstable();
                others.dedup();
                let others = others.into_iter().filter(|customer| self.is_on_for(*customer) != on);
                let own = (self.is_on_by_default() != on).then_some(scope);
                own.into_iter().chain(others.map(|customer| FlightScope::Customer { customer })).map(switch).collect()
            }
        };
        if turned.is_empty() { Err(StandsThere) } else { Ok(turned) }
    }

    /// It should have been removed by now.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.remove_on < today
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::samples::reasoned;
    use chrono::DateTime;
    use uuid::Uuid;

    fn customer(n: u128) -> CustomerId {
        CustomerId::new(Uuid::from_u128(n))
    }

    fn flight() -> Flight {
        Flight {
            id: FlightId::new(Uuid::nil()),
            key: "posting".into(),
            title: "Posting in parallel".into(),
            owner: "Finance".into(),
            build: BuildId::new(Uuid::nil()),
            remove_on: "2026-12-31".parse().unwrap(),
            switches: Vec::new(),
        }
    }

    fn turned(mut flight: Flight, scope: FlightScope, on: bool) -> Flight {
        flight.switches.extend(flight.turn(scope, on, &reasoned(1, DateTime::UNIX_EPOCH)).unwrap());
        flight
    }

    #[test]
    fn a_customers_switch_goes_before_everybodys_and_a_fallback_takes_it_along() {
        let one = FlightScope::Customer { customer: customer(1) };
        assert!(flight().is_on_anywhere() && flight().is_on_for(customer(1)));
        let off = turned(flight(), FlightScope::Everywhere, false);
        assert!(!off.is_on_anywhere());
        let tried = turned(off, one, true);
        assert!(tried.is_on_for(customer(1)) && !tried.is_on_for(customer(2)) && tried.is_on_anywhere());
        let off = turned(tried, FlightScope::Everywhere, false);
        assert!(!off.is_on_for(customer(1)) && !off.is_on_anywhere());
        assert_eq!(off.turn(one, false, &reasoned(1, DateTime::UNIX_EPOCH)), Err(StandsThere));
    }

    #[test]
    fn it_is_overdue_from_the_day_after() {
        assert!(!flight().is_overdue("2026-12-31".parse().unwrap()));
        assert!(flight().is_overdue("2027-01-01".parse().unwrap()));
    }
}

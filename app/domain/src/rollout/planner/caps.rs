//! Updates running at once (rule C1), as a plan adds to them.

use super::board::Board;
use super::seat::Seat;
use crate::fleet::{StageKey, StationNumber};
use crate::ids::CustomerId;
use crate::rollout::report::{CapScope, EnvironmentReason};
use std::collections::HashMap;

/// Updates running at once, against the caps. Those of other rollouts count in every cap but the rollout's own.
pub struct Running<'a> {
    rollout: u32,
    station: HashMap<StationNumber, u32>,
    region: HashMap<&'a str, u32>,
    customer: HashMap<CustomerId, u32>,
}

impl<'a> Running<'a> {
    pub fn count(board: &Board<'a>) -> Self {
        let mut running =
            Self { rollout: 0, station: HashMap::new(), region: HashMap::new(), customer: HashMap::new() };
        for update in &board.facts.in_flight {
            running.rollout += u32::from(update.own);
            running.add_shared(update.station, &update.region, update.customer);
        }
        running
    }

    pub fn add(&mut self, seat: &Seat<'a>) {
        self.rollout += 1;
        let station = seat.stage.map(|stage| stage.station);
        self.add_shared(station, &seat.facts.placement.region, seat.facts.customer);
    }

    fn add_shared(&mut self, station: Option<StationNumber>, region: &'a str, customer: CustomerId) {
        if let Some(station) = station {
            *self.station.entry(station).or_default() += 1;
        }
        *self.region.entry(region).or_default() += 1;
        *self.customer.entry(customer).or_default() += 1;
    }

    /// The first cap that is full.
    pub fn full(&self, board: &Board<'_>, seat: &Seat<'_>, stage: StageKey) -> Option<EnvironmentReason> {
        let caps = board.facts.policy.caps;
        let station = self.station.get(&stage.station).copied().unwrap_or(0);
        let region = self.region.get(seat.facts.placement.region.as_str()).copied().unwrap_or(0);
        let customer = self.customer.get(&seat.facts.customer).copied().unwrap_or(0);
        let all = [
            (CapScope::Rollout, self.rollout, caps.rollout),
            (CapScope::Station, station, caps.station),
            (CapScope::Region, region, caps.region),
            (CapScope::Customer, customer, caps.customer),
        ];
        let full = all.into_iter().find(|(_, used, limit)| used >= limit);
        full.map(|(scope, _, limit)| EnvironmentReason::Cap { scope, limit })
    }
}

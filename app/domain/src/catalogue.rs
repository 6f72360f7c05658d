//! The catalogue: the vendor's real facts (stations, regions, service updates, trains, cadences) as one value.
//! Pure lookups. Not here: reading the files (`services::catalogue`) and the tables (`store::catalogue`).

use crate::calendar::Cadence;
use crate::fleet::{Region, Station};
use crate::release::{ServiceUpdate, ServiceUpdateDates, Train, TrainId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    pub stations: Vec<Station>,
    pub regions: Vec<Region>,
    pub service_updates: Vec<ServiceUpdateDates>,
    pub trains: Vec<Train>,
    pub cadences: Vec<Cadence>,
}

impl Catalogue {
    /// Whether both say the same, in whatever order: files keep their lines as somebody wrote them, tables are read in the
    /// order of their keys.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.clone().in_order() == other.clone().in_order()
    }

    /// Rows of a cadence need no ordering: [`Cadence::new`] takes them by station only.
    fn in_order(mut self) -> Self {
        self.stations.sort_by_key(|station| station.number);
        self.regions.sort_by(|a, b| a.slug.cmp(&b.slug));
        self.service_updates.sort_by_key(|update| update.number);
        self.trains.sort_by_key(|train| train.id);
        self.cadences.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    pub fn region(&self, slug: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.slug == slug)
    }

    pub fn cadence(&self, name: &str) -> Option<&Cadence> {
        self.cadences.iter().find(|cadence| cadence.name == name)
    }

    pub fn train(&self, id: TrainId) -> Option<&Train> {
        self.trains.iter().find(|train| train.id == id)
    }

    pub fn service_update(&self, number: ServiceUpdate) -> Option<&ServiceUpdateDates> {
        self.service_updates.iter().find(|update| update.number == number)
    }
}

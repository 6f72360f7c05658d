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

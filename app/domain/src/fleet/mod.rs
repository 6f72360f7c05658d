//! The fleet: customers' environments, the regions they live in, the stations that visit those.

pub mod designation;
pub mod environment;
pub mod exemption;
pub mod planning;
pub mod region;
pub mod station;

pub use environment::{Designation, EnvironmentKind};
pub use exemption::Exemption;
pub use region::{Cloud, Region};
pub use station::{Audience, StageKey, Station, StationNumber, station_of};

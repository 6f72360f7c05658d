//! Flights: the list, one turned on or off, and how environments learn of it. The rules are `domain::flight`.

mod list;
mod tell;
mod turn;

pub use turn::FlightForm;

//! Flights: the list, one turned on or off, and the executors told of it. The rules are `domain::flight`.

mod list;
mod tell;
mod turn;

pub use turn::FlightForm;

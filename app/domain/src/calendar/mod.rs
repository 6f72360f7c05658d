//! When something may happen: dark hours, nights, days, cadences, published schedules.
//! Pure dates and instants. Not here: whether it may happen (see `rollout::planner`), and zones of viewers (the server).

pub mod cadence;
pub mod dark_hours;
pub mod days;
pub mod iso_date;
pub mod night;
pub mod schedule_check;

pub use cadence::{Cadence, CadenceError, CadenceRow, DayOffsets, StageWindow};
pub use dark_hours::DarkHours;
pub use days::{DaySet, MaintenanceDays};
pub use iso_date::{IsoDateError, iso_date};
pub use night::Night;

//! When something may happen: dark hours (fixed in UTC, or by the clocks of a zone), nights, days, cadences, published
//! schedules. Pure dates and instants. Not here: whether it may happen (see `rollout::planner`), zones of viewers and the
//! zone database (the server).

pub mod cadence;
pub mod dark_hours;
pub mod days;
pub mod iso_date;
pub mod local_dark_hours;
pub mod night;
pub mod schedule_check;
pub mod zone_offsets;

pub use cadence::{Cadence, CadenceError, CadenceRow, DayOffsets, StageWindow};
pub use dark_hours::DarkHours;
pub use days::{DaySet, MaintenanceDays};
pub use iso_date::{IsoDateError, iso_date};
pub use local_dark_hours::{
    LocalDarkHours, LocalDarkHoursError, LocalDarkHoursRow, NightDate, RegionHours, ZonedDarkHours,
};
pub use night::Night;
pub use zone_offsets::{OffsetChange, ZoneOffsets, ZoneOffsetsError};

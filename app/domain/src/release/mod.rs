//! What is delivered: service updates, builds, trains. Not here: how far a build has come (see `rollout`).

pub mod approved_build;
pub mod change;
pub mod service_update;
pub mod train;
pub mod version;

pub use approved_build::{BuildApproval, Unapproved};
pub use change::BuildChange;
pub use service_update::ServiceUpdateDates;
pub use train::{Train, TrainId, TrainStatus};
pub use version::{BuildVersion, ServiceUpdate};

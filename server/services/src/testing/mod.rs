//! What tests stand on: a clock that is moved by hand, ids that repeat, a deployer that does as it is told, and a tiny
//! fleet in a real database. Compiled for tests only (`feature = "testing"`).

mod clock;
mod deployer;
mod ids;
mod world;

pub use clock::MockClock;
pub use deployer::ScriptedDeployer;
pub use ids::SeededIds;
pub use world::{PASSWORD, World};

//! Pages of those who bring a build to everybody.

pub mod rollout;
pub mod rollouts;

pub use rollout::RolloutPage;
pub use rollouts::RolloutsPage;

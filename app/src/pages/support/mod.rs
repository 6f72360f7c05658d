//! Pages of the support desk: what runs where.

pub mod deployments;
pub mod environment;

pub use deployments::DeploymentsPage;
pub use environment::SupportEnvironmentPage;

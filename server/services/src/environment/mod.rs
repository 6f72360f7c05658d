//! A customer's environments: the list, one whole, and what its owner chooses: with whom a sandbox is updated, whether it
//! takes a build ahead of its night, and what it is planned by.

mod designate;
mod designation;
mod facts;
mod history;
mod list;
mod next;
mod plan;
mod pull;
mod show;

pub use designate::DesignateForm;
pub use plan::PlanForm;
pub use pull::PullForm;
pub use show::EnvironmentWhy;

//! What `signalbox serve --demo` runs on: a fleet of made-up customers, people who may sign in, a clock that can run
//! faster, and hands that only pretend. All of it follows from one seed. Nothing outside this room knows that it is a
//! demo: clock and deployer stand behind `ports`.
//!
//! | module | holds |
//! |---|---|
//! | [`fleet`] | customers and environments from a seed |
//! | [`accounts`] | who may sign in |
//! | [`seed`] | writing all of it down, once |
//! | [`content`] | what builds bring: changes, flights, schema marks |
//! | [`clock`] | virtual time |
//! | [`deployer`] | updates that take time and sometimes fail |
//! | [`listening`] | how the environments are used, as a listening system would say it |

pub mod accounts;
pub mod clock;
pub mod content;
pub mod deployer;
pub mod fleet;
pub mod listening;
pub mod seed;

pub use accounts::{DEMO_ACCOUNTS, DEMO_PASSWORD, demo_accounts};
pub use clock::{DEMO_CLOCK_SETTING, DEMO_START, DemoClock, DemoClockState};
pub use content::POSTING_FLIGHT;
pub use deployer::{Regression, SimulatedDeployer};
pub use listening::SimulatedListening;
pub use seed::{DemoSeed, Seeded, seed_demo};

use domain::wire::shell::DemoSpeed;

/// What the command line can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoOptions {
    /// Fleet, the course of each update, and how environments are used.
    pub seed: u64,
    pub failure_percent: u8,
    pub regression: Option<Regression>,
    /// `None`: as it was left, and real time at first.
    pub speed: Option<DemoSpeed>,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { seed: 48, failure_percent: 1, regression: None, speed: None }
    }
}

impl DemoOptions {
    pub const fn deployer(&self) -> SimulatedDeployer {
        SimulatedDeployer { seed: self.seed, failure_percent: self.failure_percent, regression: self.regression }
    }

    pub const fn listening(&self) -> SimulatedListening {
        SimulatedListening::new(self.seed, self.regression)
    }

    /// The clock as it was left, or at the start of the demo.
    pub fn clock(&self, left: Option<DemoClockState>) -> DemoClock {
        let left = left.unwrap_or(DemoClockState { virtual_now: DEMO_START, speed: DemoSpeed::RealTime });
        DemoClock::restore(DemoClockState { speed: self.speed.unwrap_or(left.speed), ..left })
    }
}

//! What stands still, for everything that shows updates: halted rollouts, halts of stations and customers as the planner
//! wrote them down, and the kill switch, which is written into no update.

use crate::{Result, Services};
use domain::ids::RolloutId;
use domain::rollout::{EnvironmentReason, HaltCause};
use std::collections::HashMap;
use store::Connection;
use store::update::Update;

#[derive(Debug, Clone, Default)]
pub(crate) struct Standstill {
    rollouts: HashMap<RolloutId, EnvironmentReason>,
    everything: Option<EnvironmentReason>,
}

impl Standstill {
    /// Why it does not move, as far as that is a halt.
    pub(crate) fn reason(&self, update: &Update) -> Option<EnvironmentReason> {
        let own = |reason: &&EnvironmentReason| matches!(reason, EnvironmentReason::Halted { .. });
        let rollout = || self.rollouts.get(&update.rollout).cloned();
        self.everything.clone().or_else(rollout).or_else(|| update.reasons.iter().find(own).cloned())
    }

    pub(crate) fn holds(&self, update: &Update) -> bool {
        self.reason(update).is_some()
    }
}

impl Services {
    pub(crate) async fn standstill(&self, conn: &impl Connection) -> Result<Standstill> {
        let told = |cause: Option<HaltCause>| match cause {
            Some(cause) => EnvironmentReason::Halted { why: cause.sentence() },
            None => EnvironmentReason::RolloutHalted,
        };
        let halted = store::rollout::halt_causes(conn).await?.into_iter();
        let rollouts = halted.map(|(rollout, cause)| (rollout, told(cause))).collect();
        let kill_switch = store::halt::kill_switch(conn).await?;
        let everything = kill_switch.map(|halt| EnvironmentReason::Halted { why: halt.sentence() });
        Ok(Standstill { rollouts, everything })
    }
}

//! What stands still, for everything that shows updates: halted rollouts, halts of stations and customers as the planner
//! wrote them down, and the kill switch, which is written into no update.

use crate::{Result, Services};
use domain::ids::RolloutId;
use domain::rollout::EnvironmentReason;
use std::collections::HashSet;
use store::Connection;
use store::rollout::RolloutFilter;
use store::update::Update;

#[derive(Debug, Clone, Default)]
pub(crate) struct Standstill {
    rollouts: HashSet<RolloutId>,
    everything: Option<EnvironmentReason>,
}

impl Standstill {
    /// Why it does not move, as far as that is a halt.
    pub(crate) fn reason(&self, update: &Update) -> Option<EnvironmentReason> {
        let own = |reason: &&EnvironmentReason| matches!(reason, EnvironmentReason::Halted { .. });
        let rollout = || self.rollouts.contains(&update.rollout).then_some(EnvironmentReason::RolloutHalted);
        self.everything.clone().or_else(rollout).or_else(|| update.reasons.iter().find(own).cloned())
    }

    pub(crate) fn holds(&self, update: &Update) -> bool {
        self.reason(update).is_some()
    }
}

impl Services {
    pub(crate) async fn standstill(&self, conn: &impl Connection) -> Result<Standstill> {
        let halted = RolloutFilter { states: vec!["halted"], ..RolloutFilter::default() };
        let rollouts = store::rollout::ids(conn, &halted).await?.into_iter().collect();
        let kill_switch = store::halt::kill_switch(conn).await?;
        let everything = kill_switch.map(|halt| EnvironmentReason::Halted { why: halt.sentence() });
        Ok(Standstill { rollouts, everything })
    }
}

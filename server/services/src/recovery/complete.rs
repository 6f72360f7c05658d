//! A recovery is done when every rollout that carries it out is.

use crate::engine::ENGINE;
use crate::trail::{By, RecoveryDeed};
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use domain::recovery::RecoveryState;
use domain::rollout::RolloutState;
use store::Tx;

impl Services {
    /// Called when this rollout has completed.
    pub(crate) async fn complete_recovery_of(&self, tx: &Tx, rollout: RolloutId, now: DateTime<Utc>) -> Result<()> {
        let Some(done) = store::rollout::find(tx, rollout).await? else { return Ok(()) };
        let Some(id) = done.descent.recovery else { return Ok(()) };
        let Some(known) = store::recovery::find(tx, id).await? else { return Ok(()) };
        let rollouts = store::rollout::of_recovery(tx, id).await?;
        let is_over = |state: &RolloutState| matches!(state, RolloutState::Completed { .. });
        let is_running = matches!(known.plan.state, RecoveryState::Running { .. });
        if !is_running || !rollouts.iter().all(|rollout| is_over(&rollout.state)) {
            return Ok(());
        }
        let Ok(plan) = known.plan.clone().complete(now) else { return Ok(()) };
        store::recovery::save(tx, &known, &plan).await?;
        let did = RecoveryDeed::Completed { path: plan.proposal.path };
        self.tell_recovery(tx, By::System(ENGINE), (known.rollout, id), did, now).await
    }
}

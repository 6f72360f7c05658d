//! The hours of open stages, summed up before a plan looks at them. Only where the policy looks at telemetry, and only
//! when something new was heard or an hour has ended.

use super::ENGINE;
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use domain::rollout::{RolloutState, StageState};

impl Services {
    pub(super) async fn listen(&self, id: RolloutId, epoch: i64, now: DateTime<Utc>) -> Result<()> {
        let reader = self.db().reader();
        let Some(rollout) = store::rollout::find_unreported(reader, id).await? else { return Ok(()) };
        // Who looks at a halt wants to know what is heard meanwhile.
        let runs = matches!(rollout.state, RolloutState::Running { .. } | RolloutState::Halted { .. });
        if !runs || rollout.policy.gate.telemetry.is_none() {
            return Ok(());
        }
        let stages = store::rollout::stages(reader, id).await?;
        for stage in stages.iter().filter(|stage| matches!(stage.state, StageState::Open { .. })) {
            if store::telemetry::is_summed(reader, id, stage.key, now).await? {
                continue;
            }
            let sums = store::telemetry::sum(reader, id, stage.key, now).await?;
            let tx = self.db().begin().await?;
            store::lease::check_epoch(&tx, ENGINE, epoch).await?;
            store::telemetry::put(&tx, id, stage.key, &sums, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

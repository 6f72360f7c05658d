//! The hours of open stages, summed up before a plan looks at them. Only where the policy looks at telemetry, and only
//! when something new was heard or an hour has ended.

use super::ENGINE;
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::rollout::{RolloutFacts, RolloutState, StageState};

impl Services {
    /// Whether anything was summed up that these facts do not know yet.
    pub(super) async fn listen(&self, facts: &RolloutFacts, epoch: i64, now: DateTime<Utc>) -> Result<bool> {
        // Who looks at a halt wants to know what is heard meanwhile.
        let runs = matches!(facts.state, RolloutState::Running { .. } | RolloutState::Halted { .. });
        if !runs || facts.policy.gate.telemetry.is_none() {
            return Ok(false);
        }
        let (reader, id) = (self.db().reader(), facts.rollout);
        let mut is_news = false;
        for stage in facts.stages.iter().filter(|stage| matches!(stage.state, StageState::Open { .. })) {
            if store::telemetry::is_summed(reader, id, stage.key, now).await? {
                continue;
            }
            let sums = store::telemetry::sum(reader, id, stage.key, now).await?;
            let tx = self.db().begin().await?;
            store::lease::check_epoch(&tx, ENGINE, epoch).await?;
            store::telemetry::put(&tx, id, stage.key, &sums, now).await?;
            tx.commit().await?;
            is_news = true;
        }
        Ok(is_news)
    }
}

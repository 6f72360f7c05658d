//! The hours of stages that run or passed, summed up before a plan looks at them. Only where the policy looks at telemetry,
//! and only when something new was heard or an hour has ended. A stage that passed is listened to as long as its rollout
//! goes on: what harms it stops the train (rule H1). It waits for nothing else, so it is looked at less often.

use super::ENGINE;
use crate::{Result, Services};
use chrono::{DateTime, TimeDelta, Utc};
use domain::health::StageTelemetry;
use domain::rollout::{RolloutFacts, RolloutState, StageFacts, StageState};

/// Late samples of a stage that passed: ten minutes are nothing beside the hour for which they are counted, and a fleet that
/// is heard all the time is not summed up all the time.
const PASSED_RESTS: TimeDelta = TimeDelta::minutes(10);

impl Services {
    /// Whether anything was summed up that these facts do not know yet.
    pub(super) async fn listen(&self, facts: &RolloutFacts, epoch: i64, now: DateTime<Utc>) -> Result<bool> {
        // Who looks at a halt wants to know what is heard meanwhile.
        let runs = matches!(facts.state, RolloutState::Running { .. } | RolloutState::Halted { .. });
        if !runs || facts.policy.gate.telemetry.is_none() {
            return Ok(false);
        }
        let open: Vec<&StageFacts> = facts.stages.iter().filter(|stage| stage.state.admits()).collect();
        if open.is_empty() {
            return Ok(false);
        }
        let summed = store::telemetry::summed(self.db().reader(), facts.rollout).await?;
        let mut is_news = false;
        for stage in open {
            let Some(sums) = self.sums(facts, stage, summed.get(&stage.key).copied(), now).await? else { continue };
            let tx = self.db().begin().await?;
            store::lease::check_epoch(&tx, ENGINE, epoch).await?;
            store::telemetry::put(&tx, facts.rollout, stage.key, &sums, now).await?;
            tx.commit().await?;
            is_news = true;
        }
        Ok(is_news)
    }

    /// `None` where those that are known are those of now.
    async fn sums(
        &self,
        facts: &RolloutFacts,
        stage: &StageFacts,
        summed_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Option<StageTelemetry>> {
        let (reader, id, key) = (self.db().reader(), facts.rollout, stage.key);
        let passed = matches!(stage.state, StageState::Passed { .. });
        let rest = if passed { PASSED_RESTS } else { TimeDelta::zero() };
        if let Some(at) = summed_at
            && store::telemetry::is_summed(reader, at, rest, now).await?
        {
            return Ok(None);
        }
        let sums = match stage.tally.evidence.telemetry.as_ref().filter(|_| passed) {
            Some(known) => store::telemetry::sum_again(reader, id, key, known, now).await?,
            None => store::telemetry::sum(reader, id, key, now).await?,
        };
        Ok(Some(sums))
    }
}

//! Updates of environments whose agents come for their orders. Nobody is asked about them: an agent takes its order and
//! says itself how far it is (`crate::agent`). The engine looks after what no agent says anything about.

use super::ENGINE;
use super::ask::{Answer, answer};
use super::dispatch::{last_start, last_start_held};
use crate::ports::Progress;
use crate::trail::By;
use crate::{Error, Result, Services};
use chrono::{DateTime, Utc};
use domain::rollout::UpdateState;
use store::update::RunningUpdate;

impl Services {
    /// Whether its environment's agent takes it. What was handed to the deployer before an agent spoke for the first time
    /// stays the deployer's.
    pub(super) fn is_pulled(&self, running: &RunningUpdate) -> bool {
        let dispatched = running.update.dispatched_at;
        let takes = |since| dispatched.is_none_or(|at| since <= at);
        running.agent_since.is_some_and(takes) || !self.deployer().is_asked()
    }

    /// An order that was not taken while it could be goes back to its night; one that was taken, and of which no end is
    /// heard for long, has failed, and so has one whose restore point is gone.
    pub(super) async fn look_after(&self, running: &RunningUpdate, epoch: i64, now: DateTime<Utc>) -> Result<Answer> {
        let update = &running.update;
        if let Some(begun_at) = update.dispatched_at {
            let verifying = matches!(update.state, UpdateState::Verifying { .. });
            let heard = if verifying { Progress::Applied } else { Progress::Running };
            return answer(update, Ok(heard), begun_at, now);
        }
        let reader = self.db().reader();
        let kind = self.order_kind(reader, running).await?;
        if let (Some(error), UpdateState::InProgress { started_at, .. }) = (self.too_old(kind, now), &update.state) {
            return answer(update, Ok(Progress::Failed { error }), *started_at, now);
        }
        let rollout = store::rollout::find_unreported(reader, update.rollout).await?.ok_or(Error::NotFound)?;
        if last_start(reader, &rollout, update, now).await?.is_ok() {
            return Ok(Answer::Unchanged);
        }
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        let Err(reason) = last_start_held(&tx, update, now).await? else { return Ok(Answer::Unchanged) };
        self.send_back(&tx, By::System(ENGINE), running, reason, now).await?;
        tx.commit().await?;
        Ok(Answer::SentBack)
    }
}

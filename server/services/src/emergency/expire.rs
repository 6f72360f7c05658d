//! A path ends by itself: the clock decides, and nothing depends on when this is written.

use crate::engine::{ENGINE, TickOutcome};
use crate::trail::{By, EmergencyDeed};
use crate::{Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::emergency::EmergencyState;
use store::emergency::Known;

impl Services {
    pub(crate) async fn expire_emergencies(
        &self,
        epoch: i64,
        now: DateTime<Utc>,
        outcome: &mut TickOutcome,
    ) -> Result<()> {
        let is_over = |known: &Known| matches!(&known.path.state, EmergencyState::Active { used } if used.until <= now);
        for known in store::emergency::owing(self.db().reader()).await?.into_iter().filter(is_over) {
            match self.expire_emergency(&known, epoch, now).await {
                Ok(()) => outcome.applied += 1,
                Err(error) => outcome.lost("the end of an emergency path cannot be written", &error),
            }
        }
        Ok(())
    }

    async fn expire_emergency(&self, known: &Known, epoch: i64, now: DateTime<Utc>) -> Result<()> {
        let Ok(path) = known.path.clone().expire(now) else { return Ok(()) };
        if planted::is("emergency-never-ends") {
            return Ok(());
        }
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        self.save_emergency(&tx, By::System(ENGINE), known, &path, vec![EmergencyDeed::Expired], now).await?;
        tx.commit().await?;
        Ok(())
    }
}

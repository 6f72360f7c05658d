//! Letters to every customer of a rollout. The change itself only notes the occasion, so that a halt is committed at
//! once whatever the size of the fleet; the letters are written after it, some customers at a time, by whoever comes
//! first: the request that made the change, and every tick until all are told.

use crate::{Error, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use domain::notification::{NotificationEvent, NotificationPayload};
use domain::wire::live::Topic;
use domain::wire::signal::UpdateStateWord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Connection;
use store::mailing::Mailing;
use store::rollout::Rollout;

/// Written in one transaction: some milliseconds each, so that no other writer waits for long.
const CUSTOMERS_AT_ONCE: u64 = 200;
/// What one call writes at most; the next tick goes on.
const TURNS_MAX: usize = 5;

/// What everybody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "occasion", rename_all = "snake_case")]
pub(crate) enum Occasion {
    Halted { reason: String },
    Resumed,
}

impl Occasion {
    const fn key(&self) -> &'static str {
        match self {
            Self::Halted { .. } => "halted",
            Self::Resumed => "resumed",
        }
    }

    /// What a customer is told, whose updates are in these states; nothing where it does not concern them.
    fn event(&self, updates: &BTreeMap<UpdateStateWord, u32>) -> Option<NotificationEvent> {
        use UpdateStateWord as W;
        let count = |words: &[W]| words.iter().filter_map(|word| updates.get(word)).sum::<u32>();
        let waiting = count(&[W::Planned, W::Announced]);
        let updated = count(&[W::Succeeded, W::InProgress, W::Verifying]);
        match self {
            Self::Halted { reason } => {
                let event = NotificationEvent::Halted { reason: reason.clone(), waiting, updated };
                (waiting + updated > 0).then_some(event)
            }
            Self::Resumed => (waiting > 0).then_some(NotificationEvent::Resumed { waiting }),
        }
    }
}

impl Services {
    /// Notes that every customer of the rollout has to be told. Unique by the generation at which the rollout changed:
    /// the clock of a demo can stand still between two halts.
    pub(super) async fn open_mailing(
        &self,
        tx: &impl Connection,
        rollout: &Rollout,
        occasion: &Occasion,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if planted::is("mailing-forgotten") {
            return Ok(());
        }
        let mailing = Mailing {
            id: self.ids().uuid(),
            rollout: rollout.id,
            key: format!("{}:{}", occasion.key(), rollout.generation),
            occasion: serde_json::to_value(occasion).map_err(store::Error::from)?,
            after: None,
            created_at: now,
        };
        Ok(store::mailing::open(tx, &mailing).await?)
    }

    /// Writes letters that are still to be written, oldest occasion first; whether any were. An occasion that cannot be
    /// told holds up no other.
    pub(crate) async fn write_mailings(&self) -> Result<bool> {
        let (mut wrote, mut broken) = (false, None);
        for _ in 0..TURNS_MAX {
            let Some(mailing) = store::mailing::oldest(self.db().reader(), broken).await? else { break };
            match self.write_some(&mailing).await {
                Ok(()) => wrote = true,
                // Somebody else writes them.
                Err(Error::Conflict) => break,
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    tracing::error!(mailing = %mailing.id, %error, "letters cannot be written");
                    broken = Some(mailing.id);
                }
            }
        }
        Ok(wrote)
    }

    async fn write_some(&self, mailing: &Mailing) -> Result<()> {
        let occasion: Occasion = serde_json::from_value(mailing.occasion.clone()).map_err(store::Error::from)?;
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, mailing.rollout).await?.ok_or(Error::NotFound)?;
        let customers = store::mailing::next(&tx, mailing, CUSTOMERS_AT_ONCE).await?;
        match customers.last() {
            Some((last, _)) => store::mailing::advance(&tx, mailing, *last).await?,
            None => store::mailing::close(&tx, mailing).await?,
        }
        for (customer, updates) in &customers {
            let Some(event) = occasion.event(updates) else { continue };
            let key = format!("{}:{customer}:{}", rollout.id, mailing.key);
            let payload = NotificationPayload { train: rollout.train, build: rollout.version, event };
            self.notify(&tx, *customer, Some(rollout.id), &payload, key, mailing.created_at).await?;
            self.announce(&tx, self.now(), Topic::Estate(*customer), "A rollout changed").await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// After the change is committed: its letters, as far as this moment allows. What cannot be written now is written
    /// by the next tick.
    pub(super) async fn tell_customers(&self, rollout: RolloutId) {
        if let Err(error) = self.write_mailings().await {
            tracing::warn!(%rollout, %error, "letters are left for the next tick");
        }
        self.events().poke();
    }
}

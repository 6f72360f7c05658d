//! Letters to every customer of a rollout whom a halt concerns, or its end. The change itself only notes the occasion,
//! so that a halt is committed at once whatever the size of the fleet; the letters are written after it, some customers
//! at a time, by whoever comes first: the request that made the change, and every tick until all are told.

use crate::engine::NewLetter;
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::fleet::StationNumber;
use domain::ids::CustomerId;
use domain::notification::{HaltOf, NotificationEvent, NotificationPayload};
use domain::rollout::RolloutState;
use domain::rollout::halt::{Halt, HaltScope, StageTarget, StartTarget, stops_start};
use domain::wire::live::Topic;
use domain::wire::signal::UpdateStateWord;
use serde::{Deserialize, Serialize};
use store::Connection;
use store::mailing::{Aboard, Mailing};
use store::rollout::Rollout;

/// Written in one transaction: some milliseconds each, so that no other writer waits for long.
const CUSTOMERS_AT_ONCE: u64 = 200;
/// What one call writes at most; the next tick goes on.
const TURNS_MAX: usize = 5;

/// What everybody is told whom it concerns. Without a scope: the whole rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "occasion", rename_all = "snake_case")]
pub(crate) enum Occasion {
    Halted {
        reason: String,
        #[serde(default)]
        scope: Option<HaltScope>,
    },
    Resumed {
        #[serde(default)]
        scope: Option<HaltScope>,
    },
}

impl Occasion {
    const fn key(&self) -> &'static str {
        match self {
            Self::Halted { .. } => "halted",
            Self::Resumed { .. } => "resumed",
        }
    }

    const fn scope(&self) -> Option<HaltScope> {
        match self {
            Self::Halted { scope, .. } | Self::Resumed { scope } => *scope,
        }
    }

    /// The only one who is told, where it concerns one.
    const fn only(&self) -> Option<CustomerId> {
        match self.scope() {
            Some(HaltScope::Customer { customer, .. }) => Some(customer),
            _ => None,
        }
    }

    /// What a customer is told, whose updates are in these states; nothing where it does not concern them. What another
    /// halt still stops does not go on.
    fn event(&self, at: &Standing<'_>, customer: CustomerId, aboard: &Aboard) -> Option<NotificationEvent> {
        use UpdateStateWord as W;
        let target = |station: Option<StationNumber>| at.target(station, customer);
        let concerned = |station| self.scope().is_none_or(|scope| scope.takes(target(station)));
        let count = |words: &[W], counts: &dyn Fn(Option<StationNumber>) -> bool| {
            let counted = aboard.iter().filter(|(station, word, _)| words.contains(word) && counts(*station));
            counted.map(|(_, _, count)| count).sum::<u32>()
        };
        let of = self.scope().map(HaltOf::from).unwrap_or_default();
        match self {
            Self::Halted { reason, .. } => {
                let waiting = count(&[W::Planned, W::Announced], &concerned);
                let updated = count(&[W::Succeeded, W::InProgress, W::Verifying], &concerned);
                let event = NotificationEvent::Halted { of, reason: reason.clone(), waiting, updated };
                (waiting + updated > 0).then_some(event)
            }
            Self::Resumed { scope: Some(HaltScope::Build { .. }) } => {
                let waiting = count(&[W::Succeeded], &concerned);
                (waiting > 0).then_some(NotificationEvent::Resumed { of, waiting })
            }
            Self::Resumed { .. } => {
                let goes_on = |station| concerned(station) && stops_start(at.halts, target(station)).is_empty();
                let waiting = if at.runs { count(&[W::Planned, W::Announced], &goes_on) } else { 0 };
                (waiting > 0).then_some(NotificationEvent::Resumed { of, waiting })
            }
        }
    }
}

/// How the rollout stands when the letters are written.
struct Standing<'a> {
    rollout: &'a Rollout,
    runs: bool,
    halts: &'a [Halt],
}

impl Standing<'_> {
    /// Station 0 is none.
    fn target(&self, station: Option<StationNumber>, customer: CustomerId) -> StartTarget {
        let Rollout { build, id, .. } = *self.rollout;
        let stage = StageTarget { build, rollout: id, station: station.unwrap_or(StationNumber(0)) };
        StartTarget { stage, customer }
    }
}

impl Services {
    /// Notes that every customer of the rollout has to be told. Unique by the generation at which the rollout changed:
    /// the clock of a demo can stand still between two halts.
    pub(crate) async fn open_mailing(
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
        let halts = store::halt::standing(&tx, rollout.id).await?;
        let runs = matches!(rollout.state, RolloutState::Running { .. });
        let standing = Standing { rollout: &rollout, runs, halts: &halts };
        // Of a rollout that is over, what runs there now counts, not what it brought once.
        let runs = matches!(occasion.scope(), Some(HaltScope::Build { .. })).then_some(rollout.version);
        let customers = store::mailing::next(&tx, mailing, occasion.only(), runs, CUSTOMERS_AT_ONCE).await?;
        match customers.last() {
            Some((last, _)) => store::mailing::advance(&tx, mailing, *last).await?,
            None => store::mailing::close(&tx, mailing).await?,
        }
        let mut drafts = Vec::with_capacity(customers.len());
        for (customer, aboard) in &customers {
            let Some(event) = occasion.event(&standing, *customer, aboard) else { continue };
            let key = format!("{}:{customer}:{}", rollout.id, mailing.key);
            let payload = NotificationPayload {
                train: rollout.train,
                build: rollout.version,
                returns_from: rollout.descent.kind.from(),
                event,
            };
            drafts.push(NewLetter { customer: *customer, rollout: rollout.id, payload, key });
        }
        self.notify(&tx, &drafts, mailing.created_at).await?;
        let told = drafts.iter().map(|draft| Topic::Estate(draft.customer));
        self.announce_all(&tx, self.now(), told, "A rollout changed").await?;
        tx.commit().await?;
        Ok(())
    }

    /// After the change is committed: its letters, as far as this moment allows. What cannot be written now is written
    /// by the next tick.
    pub(crate) async fn tell_customers(&self) {
        if let Err(error) = self.write_mailings().await {
            tracing::warn!(%error, "letters are left for the next tick");
        }
        self.events().poke();
    }
}

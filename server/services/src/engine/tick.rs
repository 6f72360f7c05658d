//! The order of one tick.

use super::ENGINE;
use crate::demo::DemoClockState;
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::RolloutId;
use store::rollout::Reach;

/// A leader that was away this long is replaced. Ticks take milliseconds; thirty seconds bridge a slow disk.
const LEASE_TTL: TimeDelta = TimeDelta::seconds(30);
/// A plan can make the next one possible at the same instant: enrol → announce → open → pass → open the next; and a plan
/// looks at some estates only. What sixteen plans do not reach waits for the next tick, a second later.
const PLANS_PER_TICK_MAX: usize = 16;
/// A rollout that starts has a million environments to enrol; meanwhile running updates are asked about, other rollouts are
/// planned and halts come through. After this long a tick makes no second plan of a rollout: of the quarter of a second
/// that a tick may take at most, the last plan takes 50 ms (`ESTATES_PER_PLAN`), and the rest is for a disk that pauses.
const PLANNING_MAX: TimeDelta = TimeDelta::milliseconds(50);

/// What one tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TickOutcome {
    /// Another server holds the lease.
    pub stood_by: bool,
    /// Updates whose state moved because the deployer said so, or because they may not begin any more.
    pub reported: usize,
    /// Actions of plans that were applied.
    pub applied: usize,
    /// Plans and outcomes that lost a race and were dropped.
    pub dropped: usize,
    /// Rollouts and updates that could not be read, planned, asked about or written.
    pub failed: usize,
    /// More can be done at this instant than one tick does: another one should follow without a pause.
    pub unfinished: bool,
}

impl TickOutcome {
    /// One thing that could not be done; the next tick tries it again. A lost race is a normal outcome.
    pub(crate) fn lost(&mut self, what: &'static str, error: &Error) {
        if matches!(error, Error::Conflict) {
            self.dropped += 1;
        } else {
            tracing::error!(error = error as &dyn std::error::Error, "{what}");
            self.failed += 1;
        }
    }
}

impl Services {
    /// Moves everything that can move now. `owner` names this process in the lease; whoever has the same name has the
    /// same lease.
    pub async fn engine_tick(&self, owner: &str) -> Result<TickOutcome> {
        let Some((epoch, now)) = self.lead(owner).await? else {
            return Ok(TickOutcome { stood_by: true, ..TickOutcome::default() });
        };
        let mut outcome = TickOutcome::default();
        let until = self.machine().now() + PLANNING_MAX;
        self.run_updates(epoch, now, &mut outcome).await?;
        if let Err(error) = self.expire_emergencies(epoch, now, &mut outcome).await {
            outcome.lost("emergency paths cannot be read", &error);
        }
        if let Err(error) = self.tell_flights(now, &mut outcome).await {
            outcome.lost("executors cannot be told of flights", &error);
        }
        for rollout in store::rollout::awake(self.db().reader(), now).await? {
            // One rollout that cannot be read or planned must not stop the others.
            if let Err(error) = self.advance(rollout, (epoch, until), now, &mut outcome).await {
                tracing::error!(%rollout, %error, "a rollout could not be advanced");
                outcome.failed += 1;
            }
        }
        // What was started just now is handed on before anything else can happen.
        if outcome.applied > 0 {
            self.run_updates(epoch, now, &mut outcome).await?;
        }
        let wrote = self.write_mailings().await.unwrap_or_else(|error| {
            outcome.lost("letters cannot be written", &error);
            false
        });
        let reminded = self.remind_of_exemptions(now).await.unwrap_or_else(|error| {
            outcome.lost("owners cannot be reminded of exemptions", &error);
            false
        });
        if wrote || reminded || outcome.reported + outcome.applied > 0 {
            self.events().poke();
        }
        if let Some(demo) = self.demo() {
            demo.mark(now);
        }
        Ok(outcome)
    }

    /// Plans one rollout until nothing more can happen at this instant, or until the machine's clock says `until`.
    async fn advance(
        &self,
        id: RolloutId,
        (epoch, until): (i64, DateTime<Utc>),
        now: DateTime<Utc>,
        outcome: &mut TickOutcome,
    ) -> Result<()> {
        let mut heard = false;
        for _ in 0..PLANS_PER_TICK_MAX {
            let loaded = {
                let snapshot = self.db().snapshot().await?;
                let reach = planted::reach(Reach::Due(now));
                store::rollout::load_facts_with(&snapshot, self.shelf(), id, reach).await?
            };
            let Some(mut loaded) = loaded else { return Ok(()) };
            // Once a tick: what arrives meanwhile waits for the next, and keeps no plan from being made.
            if !std::mem::replace(&mut heard, true) && self.listen(&loaded.facts, epoch, now).await? {
                continue;
            }
            planted::facts(&mut loaded.facts, now);
            match self.apply_plan(&loaded, epoch, now).await {
                Ok(applied) => {
                    outcome.applied += applied.actions;
                    if !applied.goes_on {
                        return Ok(());
                    }
                }
                Err(Error::Conflict) => {
                    outcome.dropped += 1;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            if self.machine().now() > until {
                break;
            }
        }
        outcome.unfinished = true;
        Ok(())
    }

    /// Gives the lease up at the end of a server, so that another one need not wait for it to lapse.
    pub async fn engine_resign(&self, owner: &str) -> Result<()> {
        let tx = self.db().begin().await?;
        store::lease::release(&tx, ENGINE, owner).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The epoch of the lease, which runs on real time whatever the demo clock does, and the instant of this tick. The
    /// demo clock is written down before anything of this instant is done, so that a killed server never goes back behind
    /// what it did. What another server has written there is caught up with first, leading or standing by: time that was
    /// reached once does not come again when the lease changes hands.
    async fn lead(&self, owner: &str) -> Result<Option<(i64, DateTime<Utc>)>> {
        let tx = self.db().begin().await?;
        let epoch = store::lease::claim(&tx, ENGINE, owner, self.machine().now(), LEASE_TTL).await?;
        if let Some(demo) = self.demo()
            && let Some(written) = DemoClockState::load(&tx).await?
        {
            demo.catch_up(written);
        }
        let now = self.now();
        if let (Some(_), Some(demo)) = (epoch, self.demo()) {
            demo.snapshot().save(&tx).await?;
        }
        tx.commit().await?;
        Ok(epoch.map(|epoch| (epoch, now)))
    }
}

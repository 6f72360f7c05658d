//! The last look before the world outside hears of an update. A plan decides that it starts; between that commit and
//! the deployer's ear a halt, the end of the night or another leader may come. So the dispatch is claimed in a small
//! transaction of its own: a halt that commits before it is obeyed, one that comes later finds a running update
//! (rule H1). What may not begin any more, and has touched nothing, goes back to its announced night.

use super::ENGINE;
use crate::ports::{ORDER_VALID, UpdateOrder};
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, TimeDelta, Utc};
use domain::rollout::halt::{StageTarget, StartTarget, stops_start};
use domain::rollout::{EnvironmentReason, RolloutState};
use domain::wire::live::Topic;
use store::Tx;
use store::update::{Expect, RunningUpdate, Update};

/// What became of an update that was never begun.
pub(super) enum Begin {
    /// It may be handed on, now.
    Claimed(UpdateOrder),
    /// It may not begin: it waits in its announced night for the planner.
    SentBack,
}

impl Services {
    /// Asks for the time itself: a tick may have waited for other answers, and what counts is the rest of the night.
    pub(super) async fn begin(&self, running: &RunningUpdate, order: UpdateOrder, epoch: i64) -> Result<Begin> {
        let update = &running.update;
        let now = self.now();
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        let begin = match last_start(&tx, update, now).await? {
            Err(reason) => {
                self.send_back(&tx, running, reason, now).await?;
                Begin::SentBack
            }
            Ok(last) => {
                // One whose call was lost is claimed again: it begins now, not then.
                store::update::claim_dispatch(&tx, update.id, update.generation, now).await?;
                let valid_until = last.min(now + self.order_valid());
                Begin::Claimed(planted::order(UpdateOrder { dispatched: Some(now), valid_until, ..order }))
            }
        };
        tx.commit().await?;
        Ok(begin)
    }

    /// A demo clock that runs fast passes more time while a call is on its way.
    fn order_valid(&self) -> TimeDelta {
        ORDER_VALID * self.demo().map_or(1, |demo| demo.speed().factor().max(1).cast_signed())
    }

    /// The attempt is not counted, and no letter tells of it: nothing has happened to the environment. The planner moves
    /// it where its night is over, and that letter says why.
    async fn send_back(
        &self,
        tx: &Tx,
        running: &RunningUpdate,
        reason: EnvironmentReason,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        let back = update.state.clone().never_begun();
        let back = back.map_err(|edge| Error::Broken { what: "the engine", why: edge.to_string() })?;
        let attempts = update.attempts.saturating_sub(1);
        store::update::save_state(tx, update.id, Expect::Generation(update.generation), &back, attempts).await?;
        store::update::save_reasons(tx, update.id, &[reason], None).await?;
        self.audit_progress(tx, running, &back, now).await?;
        self.announce(tx, now, Topic::Rollout(update.rollout), "An update was not begun").await?;
        self.announce(tx, now, Topic::Estate(update.customer), "An update was not begun").await
    }
}

/// The last instant at which its night still holds it, or why it may not begin now (rules H1, H2, G4).
async fn last_start(
    tx: &Tx,
    update: &Update,
    now: DateTime<Utc>,
) -> Result<std::result::Result<DateTime<Utc>, EnvironmentReason>> {
    let rollout = store::rollout::find_and_hold(tx, update.rollout).await?.ok_or(Error::NotFound)?;
    let build = store::build::find(tx, rollout.build).await?.ok_or(Error::NotFound)?;
    let stands = !matches!(rollout.state, RolloutState::Running { .. }) || build.halted.is_some();
    if stands && !planted::is("dispatch-ignores-halt") {
        return Ok(Err(EnvironmentReason::RolloutHalted));
    }
    if let Some(station) = update.stage.map(|stage| stage.station) {
        let stage = StageTarget { build: rollout.build, rollout: rollout.id, station };
        let mut halts = store::halt::standing(tx, rollout.id).await?;
        halts.retain(|_| !planted::is("dispatch-ignores-halt-of-station-or-customer"));
        if let Some(halt) = stops_start(&halts, StartTarget { stage, customer: update.customer }).first() {
            return Ok(Err(EnvironmentReason::Halted { why: halt.sentence() }));
        }
    }
    let declared = TimeDelta::minutes(rollout.policy.declared_minutes.into());
    let night = update.state.night().filter(|night| night.admits_start(now, declared));
    let too_short = || EnvironmentReason::WindowTooShort { minutes: declared.num_minutes() };
    Ok(night.map(|night| night.end - declared).ok_or_else(too_short))
}

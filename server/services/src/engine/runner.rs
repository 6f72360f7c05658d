//! Running updates: hand them to the deployer, ask how far they are, write what it says.

use super::dispatch::Begin;
use super::tick::TickOutcome;
use super::{ENGINE, letters};
use crate::ports::{DeployError, ORDER_VALID, OrderKind, Progress, UpdateOrder};
use crate::trail::{By, Deed};
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::RolloutId;
use domain::notification::NotificationPayload;
use domain::pull_ahead::Booked;
use domain::rollout::{RolloutKind, RolloutPolicy, UpdateState, WrongEdge};
use domain::wire::live::Topic;
use futures::future::join_all;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::Tx;
use store::environment::Deployed;
use store::update::{Expect, RunningUpdate, Update};

/// An update of which nothing good is heard for this long has failed. Four times the 90 minutes that a rollout
/// declares, and as long as a whole night.
const SILENCE_MAX: TimeDelta = TimeDelta::hours(6);
/// A deployer only takes note of an order or reads one, which takes milliseconds. A rollout at its cap of 200, asked 32
/// at a time, takes 7 turns of at most two calls: 7 × 2 × 2 s = 28 s, within the 30 s of the lease, though nobody answers.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(2);
const ASKED_AT_ONCE: usize = 32;

/// What asking about one update led to.
pub(super) enum Answer {
    Unchanged,
    Moved(UpdateState),
    /// It was never begun and may not begin; that is written already.
    SentBack,
}

pub(crate) type Outcome = (RunningUpdate, UpdateState);

impl Services {
    /// Begins what was started, asks the deployer about every running update and writes what it says, rollout by
    /// rollout. One that cannot be read, asked or written is counted and left for the next tick: it stops no other.
    pub(super) async fn run_updates(&self, epoch: i64, now: DateTime<Utc>, outcome: &mut TickOutcome) -> Result<()> {
        // Nothing begins as long as it is not known which flights are off.
        let flights = store::flight::list(self.db().reader()).await?;
        let mut rollouts: BTreeMap<RolloutId, Vec<RunningUpdate>> = BTreeMap::new();
        for row in store::update::running(self.db().reader()).await? {
            match row {
                Ok(running) => rollouts.entry(running.update.rollout).or_default().push(running),
                Err(error) => outcome.lost("a running update cannot be read", &error.into()),
            }
        }
        for mut running in rollouts.into_values() {
            while !running.is_empty() {
                let rest = running.split_off(ASKED_AT_ONCE.min(running.len()));
                let answers = join_all(running.iter().map(|running| self.ask(running, &flights, epoch, now))).await;
                let mut moved = Vec::new();
                for (running, answer) in running.into_iter().zip(answers) {
                    match answer {
                        Ok(Answer::Unchanged) => {}
                        Ok(Answer::SentBack) => outcome.reported += 1,
                        Ok(Answer::Moved(next)) => moved.push((running, next)),
                        Err(error) => outcome.lost("a running update cannot go on", &error),
                    }
                }
                self.write_outcomes(epoch, &moved, now, outcome).await;
                running = rest;
            }
        }
        Ok(())
    }

    /// An unreachable deployer is no failure of the update: it is asked again at the next tick, up to [`SILENCE_MAX`].
    async fn ask(
        &self,
        running: &RunningUpdate,
        flights: &[store::flight::Known],
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<Answer> {
        let update = &running.update;
        let (UpdateState::InProgress { started_at, night } | UpdateState::Verifying { started_at, night, .. }) =
            update.state
        else {
            return Ok(Answer::Unchanged);
        };
        if self.is_pulled(running) {
            return self.look_after(running, epoch, now).await;
        }
        let order = UpdateOrder {
            update: update.id,
            environment: update.environment,
            build: running.build,
            started_at,
            attempt: update.attempts,
            kind: self.order_kind(running).await?,
            flights_off: flights_off(flights, update),
            dispatched: update.dispatched_at,
            night,
            valid_until: update.dispatched_at.unwrap_or(started_at) + ORDER_VALID,
        };
        let mut heard = planted::heard(self.progress(&order, now).await);
        let is_unheard =
            heard == Err(DeployError::NeverBegun) && matches!(update.state, UpdateState::InProgress { .. });
        if is_unheard && let Some(error) = self.too_old(order.kind, now) {
            heard = Ok(Progress::Failed { error });
        } else if is_unheard {
            heard = match self.begin(running, order, epoch).await? {
                Begin::SentBack => return Ok(Answer::SentBack),
                Begin::Claimed(order) => match self.hand_on(&order).await {
                    Ok(()) => self.progress(&order, now).await,
                    Err(error) => Err(error),
                },
            };
        }
        answer(update, heard, started_at, now)
    }

    async fn order_kind(&self, running: &RunningUpdate) -> Result<OrderKind> {
        let Some(recovery) = running.descent.recovery else { return Ok(OrderKind::Forward) };
        Ok(match running.descent.kind {
            RolloutKind::Forward => OrderKind::Forward,
            RolloutKind::Back { .. } => OrderKind::Back,
            RolloutKind::Redeploy { .. } => {
                let (reader, environment) = (self.db().reader(), running.update.environment);
                let named = store::recovery::find_move(reader, recovery, environment, running.build).await?;
                OrderKind::Redeploy { restored_from: named.flatten() }
            }
        })
    }

    /// The restore point is not kept any more: it waited for its night for too long. It fails, and is not sent back: no
    /// later night is any better, and a person has to know.
    fn too_old(&self, kind: OrderKind, now: DateTime<Utc>) -> Option<String> {
        let OrderKind::Redeploy { restored_from: Some(point) } = kind else { return None };
        (!self.deployer().keeps(point, now)).then(|| {
            let kept = domain::number::days(self.deployer().restore_days().unwrap_or(0));
            format!(
                "not begun: its restore point is older than the {kept} for which points are kept; propose another way"
            )
        })
    }

    async fn hand_on(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        let call = tokio::time::timeout(ANSWER_MAX, self.deployer().start(order));
        call.await.unwrap_or_else(|_| Err(too_slow()))
    }

    /// Nobody is asked about what nobody outside has heard of.
    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        if order.dispatched.is_none() {
            return Err(DeployError::NeverBegun);
        }
        let call = tokio::time::timeout(ANSWER_MAX, self.deployer().progress(order, now));
        call.await.unwrap_or_else(|_| Err(too_slow()))
    }

    /// All of them in one transaction; where that fails, each in its own, so that only the broken one is left.
    async fn write_outcomes(&self, epoch: i64, moved: &[Outcome], now: DateTime<Utc>, outcome: &mut TickOutcome) {
        match self.write_together(epoch, moved, now).await {
            Ok(()) => outcome.reported += moved.len(),
            Err(error) if moved.len() == 1 => outcome.lost("what became of an update cannot be written", &error),
            Err(error) => {
                tracing::warn!(%error, count = moved.len(), "outcomes cannot be written together");
                for one in moved.chunks(1) {
                    match self.write_together(epoch, one, now).await {
                        Ok(()) => outcome.reported += 1,
                        Err(error) => outcome.lost("what became of an update cannot be written", &error),
                    }
                }
            }
        }
    }

    async fn write_together(&self, epoch: i64, moved: &[Outcome], now: DateTime<Utc>) -> Result<()> {
        if moved.is_empty() {
            return Ok(());
        }
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        for (running, next) in moved {
            self.write_outcome(&tx, By::System(ENGINE), running, next, now).await?;
            if next.is_delivered() {
                self.write_deployment(&tx, running, now).await?;
            }
        }
        self.announce_progress(&tx, moved, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// State, audit and letter. What runs then is written by whoever knows it.
    pub(crate) async fn write_outcome(
        &self,
        tx: &Tx,
        by: By<'_>,
        running: &RunningUpdate,
        next: &UpdateState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        store::update::save_state(tx, update.id, Expect::State(&update.state), next, update.attempts).await?;
        self.audit_progress(tx, by, running, next, now).await?;
        if next.is_delivered() || matches!(next, UpdateState::Failed { .. }) {
            self.write_letters(tx, running, next, now).await?;
        }
        Ok(())
    }

    pub(super) async fn audit_progress(
        &self,
        tx: &Tx,
        by: By<'_>,
        running: &RunningUpdate,
        next: &UpdateState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        let details =
            json!({ "update": update.id, "train": running.train, "build": running.build, "state": next.word().key() });
        let deed = Deed {
            action: "environment.update",
            object_kind: "environment",
            object_id: update.environment.to_string(),
            customer: Some(update.customer),
            details,
        };
        self.audit(tx, by, now, deed).await
    }

    async fn write_deployment(&self, tx: &Tx, running: &RunningUpdate, now: DateTime<Utc>) -> Result<()> {
        if planted::is("build-not-noted") {
            return Ok(());
        }
        let build = store::build::find_by_version(tx, running.build).await?;
        let deployed = Deployed {
            build: running.build,
            platform: build.as_ref().and_then(|build| build.platform),
            service_update: build.map(|build| build.service_update),
            at: now,
            rollout: Some(running.update.rollout),
        };
        store::environment::set_build(tx, running.update.environment, &deployed).await?;
        Ok(())
    }

    async fn write_letters(
        &self,
        tx: &Tx,
        running: &RunningUpdate,
        next: &UpdateState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        let scope = domain::permission::TenantScope::Customer(update.customer);
        let Some(environment) = store::environment::find(tx, scope, update.environment).await? else { return Ok(()) };
        let attempts_max = store::rollout::find_unreported(tx, update.rollout)
            .await?
            .map_or(RolloutPolicy::DEFAULT.attempts_max, |rollout| rollout.policy.attempts_max);
        let returns_from = running.descent.kind.from();
        for (event, key) in letters::outcome(update, &environment, next, attempts_max) {
            let payload = NotificationPayload { train: running.train, build: running.build, returns_from, event };
            self.notify(tx, update.customer, Some(update.rollout), &payload, key, now).await?;
        }
        Ok(())
    }

    pub(crate) async fn announce_progress(&self, tx: &Tx, moved: &[Outcome], now: DateTime<Utc>) -> Result<()> {
        let rollouts: BTreeSet<_> = moved.iter().map(|(running, _)| running.update.rollout).collect();
        for rollout in rollouts {
            let of_rollout = moved.iter().filter(|(running, _)| running.update.rollout == rollout);
            let count = |word: fn(&UpdateState) -> bool| of_rollout.clone().filter(|(_, next)| word(next)).count();
            let succeeded = count(UpdateState::is_delivered);
            let failed = count(|next| matches!(next, UpdateState::Failed { .. }));
            let text = match (succeeded, failed) {
                (0, 0) => continue,
                (done, 0) => format!("{done} updated"),
                (done, failed) => format!("{done} updated, {failed} failed"),
            };
            self.announce(tx, now, Topic::Rollout(rollout), text).await?;
        }
        let estates: BTreeSet<_> = moved.iter().map(|(running, _)| running.update.customer).collect();
        for customer in estates {
            self.announce(tx, now, Topic::Estate(customer), "An update moved on").await?;
        }
        Ok(())
    }
}

fn flights_off(flights: &[store::flight::Known], update: &Update) -> Vec<String> {
    let off = flights.iter().filter(|known| !known.flight.is_on_for(update.customer));
    off.map(|known| known.flight.key.clone()).collect()
}

pub(crate) fn too_slow() -> DeployError {
    DeployError::NoAnswer(format!("no answer within {} seconds", ANSWER_MAX.as_secs()))
}

/// What follows from what was heard, since `since`.
pub(super) fn answer(
    update: &Update,
    heard: Result<Progress, DeployError>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Answer> {
    match next_state(update, heard, since, now) {
        None => Ok(Answer::Unchanged),
        Some(Ok(next)) => Ok(Answer::Moved(next)),
        Some(Err(edge)) => Err(Error::Broken { what: "the engine", why: format!("update {}: {edge}", update.id) }),
    }
}

/// The state that follows from what was heard; `None` while nothing changed or nothing is known.
fn next_state(
    update: &Update,
    heard: Result<Progress, DeployError>,
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Result<UpdateState, WrongEdge>> {
    let state = update.state.clone();
    let patient = now - started_at < SILENCE_MAX;
    Some(match heard {
        // Nothing has touched the environment, so nothing failed: the next tick begins it, or sends it back.
        Err(DeployError::Refused) => return None,
        Err(error) if patient => {
            tracing::warn!(update = %update.id, %error, "no progress known");
            return None;
        }
        Err(error) => state.fail(format!("no report for {} hours: {error}", SILENCE_MAX.num_hours()), now),
        Ok(Progress::Running) if patient => return None,
        Ok(Progress::Running) => state.fail(format!("not done after {} hours", SILENCE_MAX.num_hours()), now),
        Ok(Progress::Applied) if matches!(state, UpdateState::Verifying { .. }) && patient => return None,
        Ok(Progress::Applied) if matches!(state, UpdateState::Verifying { .. }) => {
            state.fail(format!("not healthy after {} hours", SILENCE_MAX.num_hours()), now)
        }
        Ok(Progress::Applied) => state.applied(now),
        Ok(Progress::Healthy) if matches!(state, UpdateState::InProgress { .. }) => state.applied(now),
        Ok(Progress::Healthy) => {
            let pull = update.pull.as_ref().filter(|_| !planted::is("pull-counts-as-push"));
            Booked::confirm(pull, state, now)
        }
        Ok(Progress::Failed { error }) => state.fail(error, now),
    })
}

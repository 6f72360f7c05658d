//! Running updates: hand them to the deployer, ask how far they are, write what it says.

use super::{ENGINE, letters};
use crate::ports::{Progress, UpdateOrder};
use crate::trail::{By, Deed};
use crate::{Result, Services};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::CustomerId;
use domain::notification::NotificationPayload;
use domain::rollout::{RolloutPolicy, UpdateState};
use domain::wire::live::Topic;
use serde_json::json;
use std::collections::BTreeSet;
use store::Tx;
use store::environment::Deployed;
use store::rollout::RolloutFilter;
use store::update::{Expect, RunningUpdate};

/// An update of which nothing good is heard for this long has failed. Four times the 90 minutes that a rollout
/// declares, and as long as a whole night.
const SILENCE_MAX: TimeDelta = TimeDelta::hours(6);

impl Services {
    /// Asks the deployer about every running update; the number of those that moved on.
    pub(super) async fn run_updates(&self, epoch: i64, now: DateTime<Utc>) -> Result<usize> {
        let mut moved = Vec::new();
        let halted = RolloutFilter { states: vec!["halted"], ..RolloutFilter::default() };
        let halted = store::rollout::list(self.db().reader(), &halted).await?;
        for running in store::update::running(self.db().reader()).await? {
            let halted = halted.iter().any(|rollout| rollout.id == running.update.rollout);
            if let Some(next) = self.ask(&running, halted, now).await {
                moved.push((running, next));
            }
        }
        if moved.is_empty() {
            return Ok(0);
        }
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        let mut estates = BTreeSet::new();
        for (running, next) in &moved {
            self.write_outcome(&tx, running, next, now).await?;
            estates.insert(running.update.customer);
        }
        self.announce_progress(&tx, &moved, &estates, now).await?;
        tx.commit().await?;
        Ok(moved.len())
    }

    /// The state that follows from the deployer's answer; `None` while nothing changed or nothing is known.
    /// An unreachable deployer is no failure of the update: it is asked again at the next tick, up to
    /// [`SILENCE_MAX`].
    async fn ask(&self, running: &RunningUpdate, halted: bool, now: DateTime<Utc>) -> Option<UpdateState> {
        let update = &running.update;
        let (UpdateState::InProgress { night, started_at } | UpdateState::Verifying { night, started_at, .. }) =
            update.state
        else {
            return None;
        };
        let order = UpdateOrder {
            update: update.id,
            environment: update.environment,
            build: running.build,
            started_at,
            attempt: update.attempts,
        };
        let may_begin = !halted && now < night.end;
        let progress = async {
            self.dispatch_once(&order, may_begin).await?;
            self.deployer().progress(&order, now).await
        };
        let state = update.state.clone();
        let next = match progress.await {
            Err(error) if now - started_at < SILENCE_MAX => {
                tracing::warn!(update = %update.id, %error, "no progress known");
                return None;
            }
            Err(error) => state.fail(format!("no report for {} hours: {error}", SILENCE_MAX.num_hours()), now),
            Ok(Progress::Running) if now - started_at < SILENCE_MAX => return None,
            Ok(Progress::Running) => state.fail(format!("not done after {} hours", SILENCE_MAX.num_hours()), now),
            Ok(Progress::Applied) if matches!(state, UpdateState::Verifying { .. }) => return None,
            Ok(Progress::Applied) => state.applied(now),
            Ok(Progress::Healthy) if matches!(state, UpdateState::InProgress { .. }) => state.applied(now),
            Ok(Progress::Healthy) => state.confirm(now),
            Ok(Progress::Failed { error }) => state.fail(error, now),
        };
        next.inspect_err(|error| tracing::error!(update = %update.id, %error, "a running update cannot move")).ok()
    }

    /// Starting is idempotent, so a restarted server may do it again; within one process once is enough. After a halt,
    /// or when the night is over, nothing is begun that this process has not begun: what the deployer knows it reports,
    /// what it never heard of ends by silence (rules G4, H1).
    async fn dispatch_once(&self, order: &UpdateOrder, may_begin: bool) -> Result<(), crate::ports::DeployError> {
        let key = (order.update, order.attempt);
        if !may_begin || self.dispatched().contains(&key) {
            return Ok(());
        }
        self.deployer().start(order).await?;
        self.dispatched().insert(key);
        Ok(())
    }

    async fn write_outcome(
        &self,
        tx: &Tx,
        running: &RunningUpdate,
        next: &UpdateState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        store::update::save_state(tx, update.id, Expect::State(&update.state), next, update.attempts).await?;
        let details =
            json!({ "update": update.id, "train": running.train, "build": running.build, "state": next.word().key() });
        let deed = Deed {
            action: "environment.update",
            object_kind: "environment",
            object_id: update.environment.to_string(),
            customer: Some(update.customer),
            details,
        };
        self.audit(tx, By::System(ENGINE), now, deed).await?;
        if let UpdateState::Succeeded { .. } = next {
            self.write_deployment(tx, running, now).await?;
        }
        if let UpdateState::Succeeded { .. } | UpdateState::Failed { .. } = next {
            self.dispatched().remove(&(update.id, update.attempts));
            self.write_letter(tx, running, next, now).await?;
        }
        Ok(())
    }

    async fn write_deployment(&self, tx: &Tx, running: &RunningUpdate, now: DateTime<Utc>) -> Result<()> {
        let build = store::build::find_by_version(tx, running.build).await?;
        let deployed = Deployed {
            build: running.build,
            platform: build.and_then(|build| build.platform),
            at: now,
            rollout: Some(running.update.rollout),
        };
        store::environment::set_build(tx, running.update.environment, &deployed).await?;
        Ok(())
    }

    async fn write_letter(
        &self,
        tx: &Tx,
        running: &RunningUpdate,
        next: &UpdateState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        let scope = domain::permission::TenantScope::Customer(update.customer);
        let Some(environment) = store::environment::find(tx, scope, update.environment).await? else { return Ok(()) };
        let attempts_max = store::rollout::find(tx, update.rollout)
            .await?
            .map_or(RolloutPolicy::DEFAULT.attempts_max, |rollout| rollout.policy.attempts_max);
        let Some((event, key)) = letters::outcome(update, &environment, next, attempts_max) else { return Ok(()) };
        let payload = NotificationPayload { train: running.train, build: running.build, event };
        self.notify(tx, update.customer, Some(update.rollout), &payload, key, now).await
    }

    async fn announce_progress(
        &self,
        tx: &Tx,
        moved: &[(RunningUpdate, UpdateState)],
        estates: &BTreeSet<CustomerId>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let rollouts: BTreeSet<_> = moved.iter().map(|(running, _)| running.update.rollout).collect();
        for rollout in rollouts {
            let of_rollout = moved.iter().filter(|(running, _)| running.update.rollout == rollout);
            let count = |word: fn(&UpdateState) -> bool| of_rollout.clone().filter(|(_, next)| word(next)).count();
            let succeeded = count(|next| matches!(next, UpdateState::Succeeded { .. }));
            let failed = count(|next| matches!(next, UpdateState::Failed { .. }));
            let text = match (succeeded, failed) {
                (0, 0) => continue,
                (done, 0) => format!("{done} updated"),
                (done, failed) => format!("{done} updated, {failed} failed"),
            };
            self.announce(tx, now, Topic::Rollout(rollout), text).await?;
        }
        for customer in estates {
            self.announce(tx, now, Topic::Estate(*customer), "An update moved on").await?;
        }
        Ok(())
    }
}

//! Running updates: hand them to the deployer, ask how far they are, write what it says.

use super::ask::{ASKED_AT_ONCE, Answer};
use super::tick::TickOutcome;
use super::{ENGINE, NewLetter, letters};
use crate::trail::{By, Deed};
use crate::{Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use domain::notification::NotificationPayload;
use domain::rollout::{RolloutPolicy, UpdateState};
use domain::wire::live::Topic;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::environment::Deployed;
use store::update::{RunningUpdate, Step};

pub(crate) type Outcome = (RunningUpdate, UpdateState);

impl Services {
    /// Begins what was started, asks the deployer about every running update and writes what it says, rollout by
    /// rollout. One that cannot be read, asked or written is counted and left for the next tick: it stops no other.
    pub(super) async fn run_updates(&self, epoch: i64, now: DateTime<Utc>, outcome: &mut TickOutcome) -> Result<()> {
        let mut rollouts: BTreeMap<RolloutId, Vec<RunningUpdate>> = BTreeMap::new();
        for row in store::update::running(self.db().reader()).await? {
            match row {
                Ok(running) => rollouts.entry(running.update.rollout).or_default().push(running),
                Err(error) => outcome.lost("a running update cannot be read", &error.into()),
            }
        }
        if rollouts.is_empty() {
            return Ok(());
        }
        // Nothing begins as long as it is not known which flights are off.
        let flights = store::flight::list(self.db().reader()).await?;
        for mut running in rollouts.into_values() {
            while !running.is_empty() {
                let rest = running.split_off(ASKED_AT_ONCE.min(running.len()));
                let answers = self.ask(&running, &flights, epoch, now).await;
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
        self.write_progress(&tx, By::System(ENGINE), moved, now).await?;
        for (running, next) in moved {
            if next.is_delivered() {
                self.write_deployment(&tx, running, now).await?;
            }
        }
        self.announce_progress(&tx, moved, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// States, audit and letters, of updates of one rollout. What runs then is written by whoever knows it.
    pub(crate) async fn write_progress(
        &self,
        tx: &Tx,
        by: By<'_>,
        moved: &[Outcome],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let steps: Vec<Step<'_>> = moved.iter().map(|(running, to)| Step { update: &running.update, to }).collect();
        store::update::save_steps(tx, &steps).await?;
        let deeds = moved.iter().map(|(running, next)| progress(running, next)).collect();
        self.audit_many(tx, by, now, deeds).await?;
        self.write_letters(tx, moved, now).await
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

    async fn write_letters(&self, tx: &Tx, moved: &[Outcome], now: DateTime<Utc>) -> Result<()> {
        let mut drafts = Vec::new();
        let mut attempts_max = None;
        for (RunningUpdate { update, train, build, descent, .. }, next) in moved {
            if !next.is_delivered() && !matches!(next, UpdateState::Failed { .. }) {
                continue;
            }
            let scope = domain::permission::TenantScope::Customer(update.customer);
            let Some(environment) = store::environment::find(tx, scope, update.environment).await? else { continue };
            let attempts_max = match attempts_max {
                Some(known) => known,
                None => *attempts_max.insert(attempts_of(tx, update.rollout).await?),
            };
            let returns_from = descent.kind.from();
            for (event, key) in letters::outcome(update, &environment, next, attempts_max) {
                let payload = NotificationPayload { train: *train, build: *build, returns_from, event };
                drafts.push(NewLetter { customer: update.customer, rollout: update.rollout, payload, key });
            }
        }
        self.notify(tx, &drafts, now).await
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
        self.announce_all(tx, now, estates.into_iter().map(Topic::Estate), "An update moved on").await
    }
}

pub(super) fn progress(running: &RunningUpdate, next: &UpdateState) -> Deed {
    let RunningUpdate { update, train, build, .. } = running;
    Deed {
        action: "environment.update",
        object_kind: "environment",
        object_id: update.environment.to_string(),
        customer: Some(update.customer),
        details: json!({ "update": update.id, "train": train, "build": build, "state": next.word().key() }),
    }
}

async fn attempts_of(tx: &Tx, rollout: RolloutId) -> Result<u8> {
    let found = store::rollout::find_unreported(tx, rollout).await?;
    Ok(found.map_or(RolloutPolicy::DEFAULT.attempts_max, |rollout| rollout.policy.attempts_max))
}

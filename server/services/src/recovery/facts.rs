//! What the menu is made from: the halt, the build and its changes, the other builds, who runs it, what executors can.

use crate::{Error, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::{HaltId, UserId};
use domain::recovery::{BuildRecord, BuildRef, ChangeFact, Flight, LastGood, RecoveryFacts, Stricken};
use domain::release::BuildVersion;
use domain::rollout::{RolloutKind, RolloutState};
use domain::severity::Severity;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use store::Connection;
use store::build::Build;
use store::recovery::Runner;
use store::rollout::Rollout;
use uuid::Uuid;

/// Names the halt that stands: the rollout and the instant. Resumed and halted again, it is another one. A rollout that is
/// completed can be halted no more; what it delivered is then halted with its build. A way back that is halted alone
/// leaves its build good: there is nothing to leave it for.
pub(crate) fn halt_of(rollout: &Rollout, build: &Build) -> Option<HaltId> {
    let is_forward = rollout.descent.kind == RolloutKind::Forward;
    let (whose, at) = match (&rollout.state, &build.halted) {
        (RolloutState::Halted { halted_at, .. }, _) if is_forward => (rollout.id.uuid(), *halted_at),
        (RolloutState::Halted { .. } | RolloutState::Completed { .. }, Some(halt)) => (build.id.uuid(), halt.at),
        _ => return None,
    };
    let at = at.timestamp_millis().to_be_bytes();
    let hash = Sha256::new().chain_update(whose.as_bytes()).chain_update(at).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Some(HaltId::new(Uuid::from_bytes(bytes)))
}

impl Services {
    pub(super) async fn recovery_facts(
        &self,
        conn: &impl Connection,
        rollout: &Rollout,
        severity: Severity,
        now: DateTime<Utc>,
    ) -> Result<RecoveryFacts> {
        let service_update = rollout.train.service_update;
        let builds: Vec<Build> = store::build::list(conn)
            .await?
            .into_iter()
            .filter(|build| build.service_update == service_update)
            .collect();
        let own = builds.iter().find(|build| build.id == rollout.build).ok_or(Error::NotFound)?;
        let runners = store::recovery::runners(conn, own.version).await?;
        let by_version: HashMap<BuildVersion, &Build> = builds.iter().map(|build| (build.version, build)).collect();
        let keeps = |point| self.deployer().keeps(point, now);
        let approvers = store::rollout::approvers(conn).await?;
        let stricken = |runner: &Runner| stricken(runner, &by_version, keeps);
        Ok(RecoveryFacts {
            halt: halt_of(rollout, own),
            bad: reference(own),
            severity,
            changes: changes(conn, own).await?,
            suspects: Vec::new(),
            stricken: runners.iter().map(stricken).collect(),
            incoming: store::recovery::incoming(conn, own.id).await?,
            builds: builds.iter().map(|build| record(build, &approvers)).collect(),
            executor: self.deployer().capabilities(),
            restore_days: self.deployer().restore_days(),
        })
    }
}

const fn reference(build: &Build) -> BuildRef {
    BuildRef { id: build.id, version: build.version, service_update: build.service_update }
}

/// `approvers`: whose approval counts now.
fn record(build: &Build, approvers: &[UserId]) -> BuildRecord {
    planted::record(BuildRecord {
        build: reference(build),
        approved: build.unapproved(approvers).is_none(),
        halted: build.halted.is_some(),
        schema: build.schema.clone(),
    })
}

/// A flight that nobody knows guards nothing.
async fn changes(conn: &impl Connection, build: &Build) -> Result<Vec<ChangeFact>> {
    let flights = store::flight::list(conn).await?;
    let flight = |key: &String| {
        let known = flights.iter().find(|known| known.flight.key == *key)?;
        Some(Flight { name: key.clone(), on: known.flight.is_on_anywhere() })
    };
    let change = |change: &domain::release::BuildChange| ChangeFact {
        id: change.id.clone(),
        title: change.title.clone(),
        flight: change.flight.as_ref().and_then(flight),
    };
    Ok(build.changes.iter().map(change).collect())
}

fn stricken(
    runner: &Runner,
    builds: &HashMap<BuildVersion, &Build>,
    keeps: impl Fn(DateTime<Utc>) -> bool,
) -> Stricken {
    let before = runner.before.and_then(|(service_update, version)| {
        let build = builds.get(&version).filter(|build| build.service_update == service_update)?;
        let restore_point = runner.begun_at.filter(|at| keeps(*at));
        Some(LastGood { build: reference(build), halted: build.halted.is_some(), restore_point })
    });
    Stricken { environment: runner.environment, last_good: before, busy: runner.busy }
}

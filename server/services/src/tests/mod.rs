//! The use cases on a real database. One file per subject; the tiny fleet is `testing::World`.

mod approvals;
mod calendar;
mod demo_telemetry;
mod deployments;
mod designation;
mod dispatch;
mod emergency;
mod environments;
mod events;
mod exemptions;
mod freezes;
mod halts;
mod incidents;
mod notifications;
mod permissions;
mod planning;
mod plans;
mod pull_ahead;
mod recovery;
mod rollouts;
mod settings;
mod sign_in;
mod signals;
mod tenants;

use crate::testing::World;
use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::Role;
use domain::wire::problem::{FormOutcome, FormProblem};
use std::ops::Deref;
use tempfile::TempDir;

/// A world and the directory that it lives in.
struct Stage {
    world: World,
    _directory: TempDir,
}

impl Deref for Stage {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

async fn stage() -> Stage {
    let directory = tempfile::tempdir().unwrap();
    Stage { world: World::new(directory.path()).await.unwrap(), _directory: directory }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Stage {
    /// The release manager starts the rollout, an approver approves stations 2 to 6.
    async fn start(&self) {
        let starter = self.as_role(Role::ReleaseManager).await.unwrap();
        done(self.services.start_rollout(&starter, self.rollout).await.unwrap());
        let approver = self.as_role(Role::Approver).await.unwrap();
        for station in 2..=6 {
            done(self.services.approve_promotion(&approver, self.rollout, station).await.unwrap());
        }
        self.tick().await;
    }

    async fn tick(&self) {
        let outcome = self.services.engine_tick("tests").await.unwrap();
        assert_eq!(outcome.failed, 0, "{outcome:?}");
    }

    /// Ticks every hour until then: a night lasts six.
    async fn run_until(&self, until: &str) {
        while self.now() < at(until) {
            self.clock.advance(TimeDelta::hours(1));
            self.tick().await;
        }
    }
}

fn done(outcome: FormOutcome) -> String {
    match outcome {
        FormOutcome::Done { message } => message,
        FormOutcome::Refused { problem } => panic!("refused: {problem:?}"),
    }
}

fn refused(outcome: FormOutcome) -> FormProblem {
    match outcome {
        FormOutcome::Refused { problem } => problem,
        FormOutcome::Done { message } => panic!("done: {message}"),
    }
}

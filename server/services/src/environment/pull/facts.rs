//! What `domain::pull_ahead` has to know, loaded once for the page and once for the use case.

use super::super::next::is_under_way;
use crate::Result;
use chrono::{DateTime, Days, Utc};
use domain::calendar::Night;
use domain::catalogue::Catalogue;
use domain::fleet::designation::Promise;
use domain::fleet::{Cloud, Designation, EnvironmentKind, Region};
use domain::freeze::{Freezes, Place};
use domain::ids::EnvironmentId;
use domain::pull_ahead::{FollowedProduction, Offer, PullFacts, SandboxTrial};
use domain::rollout::halt::{Halt, StageTarget, StartTarget, stops_start};
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState};
use store::Connection;
use store::environment::Environment;
use store::rollout::Rollout;
use store::update::{Update, WithRollout};

/// Nights that can be chosen: two weeks hold a weekend whatever day it is, and a rollout is seldom longer away.
const NIGHTS_AHEAD: u64 = 14;

/// One environment, the train under way for it, and what stands in its way.
pub(in crate::environment) struct Pullable {
    pub with: WithRollout,
    rollout: Rollout,
    build_halted: Option<String>,
    build_approved: bool,
    halts: Vec<Halt>,
    freezes: Freezes,
    region: Option<Region>,
    offered_from: Option<DateTime<Utc>>,
    follows: Option<FollowedProduction>,
    trial: SandboxTrial,
    nights: Vec<Night>,
    runs_elsewhere: bool,
}

impl Pullable {
    /// `None` where no train that takes it is under way.
    pub(in crate::environment) async fn load(
        conn: &impl Connection,
        environment: &Environment,
        estate: &[Environment],
        updates: &[WithRollout],
        catalogue: &Catalogue,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let Some(with) = updates.iter().find(|with| is_under_way(&with.rollout.state)).cloned() else {
            return Ok(None);
        };
        let Some(rollout) = store::rollout::find(conn, with.rollout.id).await? else { return Ok(None) };
        let build = store::build::find(conn, rollout.build).await?;
        let region = catalogue.region(&environment.region).cloned();
        let midnight = |date: chrono::NaiveDate| date.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
        let trial = trial(conn, &with, estate).await?;
        let elsewhere = |other: &WithRollout| other.update.id != with.update.id && other.update.state.is_running();
        let approvers = store::rollout::approvers(conn).await?;
        Ok(Some(Self {
            build_approved: build.as_ref().is_some_and(|build| build.unapproved(&approvers).is_none()),
            build_halted: build.and_then(|build| build.halted).map(|halt| halt.reason),
            halts: store::halt::standing(conn, rollout.id).await?,
            freezes: store::freeze::set(conn).await?,
            offered_from: catalogue.train(rollout.train).map(|train| midnight(train.cutoff)),
            follows: follows(&with, environment, estate),
            nights: nights(region.as_ref(), now),
            runs_elsewhere: updates.iter().any(elsewhere),
            trial,
            region,
            rollout,
            with,
        }))
    }

    pub(in crate::environment) fn facts<'a>(&'a self, environment: &'a Environment) -> PullFacts<'a> {
        let update = &self.with.update;
        let placed = update.stage.is_some();
        let attempts_used =
            matches!(update.state, UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { .. }, .. });
        PullFacts {
            kind: environment.kind,
            runs: environment.build,
            service_update: environment.service_update,
            place: self.place(environment),
            offer: Offer {
                build: self.rollout.version,
                service_update: self.rollout.train.service_update,
                approved: self.build_approved,
                from: self.offered_from,
            },
            placed,
            attempts_used,
            booked: self.booked(),
            halted: self.halted(environment),
            freezes: &self.freezes,
            promise: self.promise(),
            trial: self.trial,
            follows: self.follows.clone(),
            exemption: environment.exemption.as_ref(),
            priority_batch: environment.priority_batch,
            nights: &self.nights,
            declared_minutes: self.rollout.policy.declared_minutes,
            min_gap_days: self.rollout.policy.min_gap_days,
        }
    }

    /// The night for which it is taken ahead.
    fn booked(&self) -> Option<Night> {
        let update = &self.with.update;
        update.pull.as_ref().filter(|_| update.state.is_announced()).and(update.state.night())
    }

    fn promise(&self) -> Promise {
        match &self.with.update.state {
            _ if self.runs_elsewhere => Promise::Running,
            state if state.is_running() => Promise::Running,
            UpdateState::Announced { night, .. } => Promise::Announced(*night),
            _ => Promise::Nothing,
        }
    }

    fn place<'a>(&'a self, environment: &'a Environment) -> Place<'a> {
        Place {
            cloud: self.region.as_ref().map_or(Cloud::Public, |region| region.cloud),
            region: &environment.region,
            customer: environment.customer,
            environment: environment.id,
        }
    }

    fn halted(&self, environment: &Environment) -> Option<String> {
        if let RolloutState::Halted { cause, .. } = &self.rollout.state {
            return Some(cause.sentence());
        }
        if let Some(reason) = &self.build_halted {
            return Some(reason.clone());
        }
        let station = self.with.update.stage?.station;
        let stage = StageTarget { build: self.rollout.build, rollout: self.rollout.id, station };
        let target = StartTarget { stage, customer: environment.customer };
        stops_start(&self.halts, target).first().map(|halt| halt.sentence())
    }
}

/// The night that may be running, and those that follow.
fn nights(region: Option<&Region>, now: DateTime<Utc>) -> Vec<Night> {
    let Some(hours) = region.and_then(|region| region.dark_hours) else { return Vec::new() };
    let yesterday = now.date_naive() - Days::new(1);
    let around = yesterday.iter_days().take(usize::try_from(NIGHTS_AHEAD).unwrap_or(usize::MAX) + 2);
    around.filter_map(|date| hours.night(date)).filter(|night| now < night.end).collect()
}

fn follows(with: &WithRollout, environment: &Environment, estate: &[Environment]) -> Option<FollowedProduction> {
    let bound = with.update.stage.is_some();
    let designated = match environment.designation {
        Designation::WithProduction { production } => Some(production),
        Designation::Standard | Designation::Early => None,
    };
    let id = if bound { with.update.follows } else { designated }?;
    let production = estate.iter().find(|other| other.id == id)?;
    Some(FollowedProduction { name: production.name.clone(), has_it: runs_it(production, with) })
}

fn runs_it(environment: &Environment, with: &WithRollout) -> bool {
    environment.service_update == with.rollout.train.service_update && environment.build >= with.rollout.build
}

/// What became of the build in the customer's own sandboxes.
async fn trial(conn: &impl Connection, with: &WithRollout, estate: &[Environment]) -> Result<SandboxTrial> {
    let train = with.rollout.train.service_update;
    let sandboxes: Vec<&Environment> =
        estate.iter().filter(|e| e.kind == EnvironmentKind::Sandbox && e.service_update == train).collect();
    let ids: Vec<EnvironmentId> = sandboxes.iter().map(|sandbox| sandbox.id).collect();
    let updates = store::update::in_rollout(conn, with.rollout.id, &ids).await?;
    if updates.iter().any(has_unmended_failure) {
        return Ok(SandboxTrial::Failed);
    }
    let since = sandboxes.iter().filter(|sandbox| runs_it(sandbox, with)).map(|sandbox| sandbox.build_since).min();
    Ok(match since {
        Some(at) => SandboxTrial::Since { at },
        None if sandboxes.is_empty() => SandboxTrial::NoSandbox,
        None => SandboxTrial::NotYet,
    })
}

/// As the planner sees it: moving or repeating a failed update mends nothing yet.
const fn has_unmended_failure(update: &Update) -> bool {
    update.last_failed_at.is_some() && !update.state.is_delivered()
}

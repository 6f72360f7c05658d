//! An agent says how far it is. Written down, with everything that follows from it, before it is acknowledged; the same
//! report again gets the same answer and changes nothing.

use super::{Answer, Refused, reached};
use crate::rollout::insist;
use crate::trail::{By, Deed};
use crate::{CallerContext, Error, Result, Services};
use chrono::DateTime;
use domain::agent::{Attempt, Heard, Outcome, Report, Runs, Said, Standing, hear};
use domain::ids::{EnvironmentId, RolloutId, UpdateId};
use domain::permission::TenantScope;
use domain::release::BuildVersion;
use domain::rollout::RolloutState;
use domain::wire::live::Topic;
use serde_json::json;
use store::Tx;
use store::agent::Kept;
use store::environment::{Deployed, Environment};
use store::update::RunningUpdate;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReport {
    /// Chosen by the agent, once for each thing it says.
    pub id: Uuid,
    pub environment: Option<EnvironmentId>,
    pub order: Option<UpdateId>,
    pub report: Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Of the first time that this report was given.
    pub outcome: Outcome,
    /// It was given before.
    pub known: bool,
}

impl Services {
    pub async fn hear_agent(&self, ctx: &CallerContext, given: &AgentReport) -> Answer<Acknowledged> {
        if let Err(ahead) = given.report.check(ctx.now) {
            return Ok(Err(ahead.into()));
        }
        // As it will be read again.
        let at = DateTime::from_timestamp_millis(given.report.at.timestamp_millis()).unwrap_or(given.report.at);
        let given = AgentReport { report: Report { at, ..given.report.clone() }, ..given.clone() };
        let answer = insist(|| self.try_hear(ctx, &given)).await;
        self.events().poke();
        answer
    }

    async fn try_hear(&self, ctx: &CallerContext, given: &AgentReport) -> Answer<Acknowledged> {
        let tx = self.db().begin().await?;
        let reached = match reached(&tx, ctx, given.environment).await? {
            Ok(environment) => environment.id,
            Err(refused) => return Ok(Err(refused)),
        };
        // First, so that reports of one environment come one after the other.
        store::agent::spoke(&tx, reached, ctx.caller.token, ctx.now).await?;
        // What was read of it before may have been overtaken by the report that this one waited for.
        let environment = store::environment::find(&tx, TenantScope::AllCustomers, reached).await?;
        let environment = environment.ok_or(Error::NotFound)?;
        if let Some(kept) = store::agent::find_report(&tx, environment.id, given.id).await? {
            let same = kept.report == given.report && kept.update == given.order;
            return Ok(if same {
                Ok(Acknowledged { outcome: kept.outcome, known: true })
            } else {
                Err(Refused::OtherContent)
            });
        }
        let running = match given.order {
            Some(order) => Some(own(&tx, &environment, order).await?),
            None if matches!(given.report.said, Said::RunningVersion { .. }) => None,
            None => return Ok(Err(Refused::OrderMissing)),
        };
        let heard = self.follow(&tx, ctx, &environment, running.as_ref(), &given.report).await?;
        let kept = Kept {
            environment: environment.id,
            id: given.id,
            update: given.order,
            report: given.report.clone(),
            received_at: ctx.now,
            outcome: heard,
        };
        store::agent::keep(&tx, &kept).await?;
        tx.commit().await?;
        Ok(Ok(Acknowledged { outcome: heard, known: false }))
    }

    /// Everything that follows from a report that is new.
    async fn follow(
        &self,
        tx: &Tx,
        ctx: &CallerContext,
        environment: &Environment,
        running: Option<&RunningUpdate>,
        report: &Report,
    ) -> Result<Outcome> {
        let standing = standing(tx, environment, running, report).await?;
        let Heard { outcome, next, runs, mends, fails_again } = hear(&standing, report, ctx.now);
        let by = By::Program(&ctx.caller);
        if let (Some(next), Some(running)) = (next, running) {
            let moved = [(running.clone(), next)];
            self.write_progress(tx, by, &moved, ctx.now).await?;
            self.announce_progress(tx, &moved, ctx.now).await?;
        }
        if let Some(running) = running.filter(|running| mends && running.update.last_failed_at.is_some()) {
            store::update::set_last_failed(tx, running.update.id, None).await?;
            self.note_evidence(tx, ctx, running, ("environment.failure_mended", "A failure was mended")).await?;
        }
        if let Some(running) = running.filter(|running| fails_again && running.update.last_failed_at.is_none()) {
            store::update::set_last_failed(tx, running.update.id, Some(ctx.now)).await?;
            let said = ("environment.failure_counts_again", "A failure counts again");
            self.note_evidence(tx, ctx, running, said).await?;
        }
        if let Some(runs) = runs {
            store::agent::set_runs(tx, environment.id, &runs).await?;
            self.write_running(tx, ctx, environment, running, &runs).await?;
        }
        Ok(outcome)
    }

    /// What counts against a build changed, and no state did.
    async fn note_evidence(
        &self,
        tx: &Tx,
        ctx: &CallerContext,
        running: &RunningUpdate,
        (action, said): (&'static str, &'static str),
    ) -> Result<()> {
        let update = &running.update;
        let deed = Deed {
            action,
            object_kind: "environment",
            object_id: update.environment.to_string(),
            customer: Some(update.customer),
            details: json!({ "update": update.id, "build": running.build }),
        };
        self.audit(tx, By::Program(&ctx.caller), ctx.now, deed).await?;
        self.announce(tx, ctx.now, Topic::Rollout(update.rollout), said).await
    }

    async fn write_running(
        &self,
        tx: &Tx,
        ctx: &CallerContext,
        environment: &Environment,
        running: Option<&RunningUpdate>,
        runs: &Runs,
    ) -> Result<()> {
        if environment.build == runs.build {
            return Ok(());
        }
        let build = store::build::find_by_version(tx, runs.build).await?;
        let deployed = Deployed {
            build: runs.build,
            platform: build.as_ref().and_then(|build| build.platform),
            service_update: build.map(|build| build.service_update),
            at: runs.at.min(ctx.now),
            rollout: running.filter(|running| running.build == runs.build).map(|running| running.update.rollout),
        };
        store::environment::set_build(tx, environment.id, &deployed).await?;
        let deed = Deed {
            action: "environment.build_reported",
            object_kind: "environment",
            object_id: environment.id.to_string(),
            customer: Some(environment.customer),
            details: json!({ "from": environment.build, "build": runs.build }),
        };
        self.audit(tx, By::Program(&ctx.caller), ctx.now, deed).await?;
        self.announce(tx, ctx.now, Topic::Estate(environment.customer), "Another build runs").await
    }
}

/// An order of another environment does not exist.
async fn own(tx: &Tx, environment: &Environment, order: UpdateId) -> Result<RunningUpdate> {
    let found = store::update::with_names(tx, order).await?;
    found.filter(|running| running.update.environment == environment.id).ok_or(Error::NotFound)
}

async fn standing(
    tx: &Tx,
    environment: &Environment,
    running: Option<&RunningUpdate>,
    report: &Report,
) -> Result<Standing> {
    let update = match running {
        None => None,
        Some(running) => {
            let update = &running.update;
            let ended = match report.attempt {
                Some(attempt) => store::agent::ended(tx, update.id, attempt).await?,
                None => None,
            };
            let again = report.ended().filter(|said| ended.is_none_or(|known| known.how != said.how));
            let closed = again.is_some() && !update.state.is_running() && is_closed(tx, update.rollout).await?;
            Some(Attempt {
                state: update.state.clone(),
                attempts: update.attempts,
                begun: update.dispatched_at.is_some(),
                build: running.build,
                kind: running.descent.kind,
                pull: update.pull.clone(),
                ended,
                closed,
            })
        }
    };
    let runs = store::agent::find(tx, environment.id).await?.and_then(|agent| agent.runs);
    // Only an attempt asks.
    let runs_heard = match runs {
        Some(runs) if update.is_some() => store::agent::heard_at(tx, environment.id, runs.sequence).await?,
        _ => None,
    };
    let registered = match report.said {
        Said::RunningVersion { build } => is_registered(tx, build).await?,
        _ => true,
    };
    Ok(Standing { update, runs, runs_heard, registered })
}

/// Completed. Not held: whoever takes back an ending writes into the rollout afterwards, and two of them would wait for each
/// other. One that is completed in this very instant has an ending that was taken back, which is true all the same.
async fn is_closed(tx: &Tx, rollout: RolloutId) -> Result<bool> {
    let rollout = store::rollout::find_unreported(tx, rollout).await?.ok_or(Error::NotFound)?;
    Ok(matches!(rollout.state, RolloutState::Completed { .. }))
}

async fn is_registered(tx: &Tx, build: BuildVersion) -> Result<bool> {
    Ok(store::build::find_by_version(tx, build).await?.is_some())
}

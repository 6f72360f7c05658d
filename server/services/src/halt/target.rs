//! What the form of the halts' page names, and the use cases behind its two buttons.

use crate::rollout::refused;
use crate::{Error, RequestContext, Result, Services};
use domain::fleet::StationNumber;
use domain::ids::{BuildId, HaltId, RolloutId};
use domain::permission::Permission;
use domain::rollout::RolloutState;
use domain::rollout::halt::HaltScope;
use domain::wire::halt::HaltTarget;
use domain::wire::problem::{FormOutcome, FormProblem};
use store::Connection;

impl Services {
    /// Halts what the target names.
    pub async fn halt_target(&self, ctx: &RequestContext, target: &HaltTarget, why: &str) -> Result<FormOutcome> {
        if !ctx.actor.may(Permission::HaltRollout) {
            ctx.require(Permission::HaltEverything)?;
        }
        let scope = match scope(self.db().reader(), target).await? {
            Ok(scope) => scope,
            Err(problem) => return Ok(refused(problem)),
        };
        match scope {
            HaltScope::Everything => self.halt_everything(ctx, why).await,
            _ if !ctx.actor.may(Permission::HaltRollout) => Ok(refused(FormProblem::NotAllowed)),
            HaltScope::Build { build } => self.halt_build(ctx, build, why).await,
            HaltScope::Rollout { rollout } => self.halt_rollout(ctx, rollout, why).await,
            HaltScope::Station { rollout, station } => self.halt_station(ctx, rollout, station.0, why).await,
            HaltScope::Customer { customer, rollout } => self.halt_customer(ctx, customer, rollout, why).await,
        }
    }

    /// Lifts what the id names: a halt, the halt of a build, or a rollout that is halted.
    pub async fn lift_target(&self, ctx: &RequestContext, id: &str, why: &str) -> Result<FormOutcome> {
        if !ctx.actor.may(Permission::ResumeRollout) {
            ctx.require(Permission::LiftEverything)?;
        }
        if let Ok(halt) = id.parse::<HaltId>() {
            return self.lift_halt(ctx, halt, why).await;
        }
        if !ctx.actor.may(Permission::ResumeRollout) {
            return Ok(refused(FormProblem::NotAllowed));
        }
        match (id.parse::<BuildId>(), id.parse::<RolloutId>()) {
            (Ok(build), _) => self.lift_build(ctx, build, why).await,
            (_, Ok(rollout)) => self.resume_rollout(ctx, rollout, why).await,
            _ => Err(Error::NotFound),
        }
    }
}

/// What the form means, or the first field that does not say it.
pub(super) async fn scope(
    conn: &impl Connection,
    target: &HaltTarget,
) -> Result<std::result::Result<HaltScope, FormProblem>> {
    Ok(match target.what.as_str() {
        "everything" => Ok(HaltScope::Everything),
        "build" => match target.build.parse::<BuildId>() {
            Ok(build) if store::build::find(conn, build).await?.is_some() => Ok(HaltScope::Build { build }),
            _ => Err(FormProblem::BuildMissing),
        },
        "station" => {
            let Some(rollout) = rollout(conn, &target.rollout).await? else {
                return Ok(Err(FormProblem::RolloutMissing));
            };
            let stages = store::rollout::stages(conn, rollout).await?;
            let station = target.station.parse().ok().map(StationNumber);
            let known = station.filter(|station| stages.iter().any(|stage| stage.key.station == *station));
            known.map(|station| HaltScope::Station { rollout, station }).ok_or(FormProblem::StationMissing)
        }
        "customer" => {
            let Some(customer) = store::customer::find_by_domain(conn, &target.customer).await? else {
                return Ok(Err(FormProblem::CustomerUnknown));
            };
            let rollout = match target.rollout.as_str() {
                "" => None,
                id => match rollout(conn, id).await? {
                    Some(rollout) => Some(rollout),
                    None => return Ok(Err(FormProblem::RolloutMissing)),
                },
            };
            Ok(HaltScope::Customer { customer: customer.id, rollout })
        }
        _ => Err(FormProblem::HaltTargetMissing),
    })
}

/// One that is not over.
async fn rollout(conn: &impl Connection, id: &str) -> Result<Option<RolloutId>> {
    let Ok(id) = id.parse::<RolloutId>() else { return Ok(None) };
    let found = store::rollout::find(conn, id).await?;
    Ok(found.filter(|rollout| !matches!(rollout.state, RolloutState::Completed { .. })).map(|rollout| rollout.id))
}

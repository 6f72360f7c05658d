//! Approving and withdrawing the build of a rollout (invariant I8), to the digest of its artifact. A withdrawal stops
//! offers at once, in every rollout of the build: each is bumped, so that no plan made before is applied after it, and what
//! is started but not handed on is sent back (`engine::dispatch`). Running updates finish and are watched.

use super::{insist, or_faster, reason, refused};
use crate::trail::{By, Deed, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::approval::Digest;
use domain::ids::{BuildId, RolloutId};
use domain::people::Reasoned;
use domain::permission::Permission;
use domain::release::BuildApproval;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::Tx;
use store::build::Build;
use store::rollout::RolloutFilter;

impl Services {
    /// `artifact` is the digest that was read; refused where the build has another.
    pub async fn approve_build(&self, ctx: &RequestContext, id: RolloutId, artifact: &str) -> Result<FormOutcome> {
        ctx.require(Permission::ApprovePromotion)?;
        match artifact.parse() {
            Ok(artifact) => or_faster(insist(|| self.approve_artifact(ctx, id, &artifact)).await),
            Err(_) => Ok(refused(FormProblem::SomeoneWasFaster)),
        }
    }

    async fn approve_artifact(&self, ctx: &RequestContext, id: RolloutId, artifact: &Digest) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let build = build_of(&tx, id).await?;
        if build.artifact != *artifact {
            return Ok(refused(FormProblem::SomeoneWasFaster));
        }
        if build.unapproved(&store::rollout::approvers(&tx).await?).is_none() {
            return Ok(refused(FormProblem::BuildApprovedAlready));
        }
        self.note_build(&tx, ctx, &build, "build.approved", &RolloutEvent::BuildApproved).await?;
        let approval = BuildApproval { artifact: artifact.clone(), by: Some(ctx.person()), at: ctx.now };
        store::build::approve(&tx, build.id, &approval).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("Build {} is approved.", build.version) })
    }

    pub async fn withdraw_build(&self, ctx: &RequestContext, id: RolloutId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.withdraw(ctx, id, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn withdraw(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let build = build_of(&tx, id).await?;
        if build.withdrawn.is_some() {
            return Ok(refused(FormProblem::BuildWithdrawnAlready));
        }
        let event = RolloutEvent::BuildWithdrawn { reason: reason.clone() };
        self.note_build(&tx, ctx, &build, "build.withdrawn", &event).await?;
        let withdrawal = Reasoned { by: ctx.person(), reason, at: ctx.now };
        store::build::withdraw(&tx, build.id, &withdrawal).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("Build {} is withdrawn. Nothing new starts.", build.version) })
    }

    /// First of all the rollouts are bumped, in the order of their ids, as a halt of the build does: two such changes never
    /// wait for each other.
    async fn note_build(
        &self,
        tx: &Tx,
        ctx: &RequestContext,
        build: &Build,
        action: &'static str,
        event: &RolloutEvent,
    ) -> Result<()> {
        let states = vec!["draft", "running", "halted"];
        let filter = RolloutFilter { states, build: Some(build.id), ..RolloutFilter::default() };
        for id in store::rollout::ids(tx, &filter).await? {
            match store::rollout::find(tx, id).await {
                Ok(Some(rollout)) => drop(store::rollout::bump(tx, id, rollout.generation).await?),
                Ok(None) => continue,
                // It can neither be planned nor begin an update.
                Err(error @ store::Error::Inconsistent { .. }) => {
                    tracing::error!(rollout = %id, %error, "a rollout of a build cannot be read");
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            store::estate::touch_rollout(tx, id).await?;
            self.audit_rollout(tx, By::Person(&ctx.actor), ctx.now, id, event).await?;
        }
        self.audit(tx, By::Person(&ctx.actor), ctx.now, deed(build.id, build, action, event)).await
    }
}

fn deed(id: BuildId, build: &Build, action: &'static str, event: &RolloutEvent) -> Deed {
    let details = json!({ "build": build.version, "artifact": build.artifact, "event": event });
    Deed { action, object_kind: "build", object_id: id.to_string(), customer: None, details }
}

async fn build_of(tx: &Tx, rollout: RolloutId) -> Result<Build> {
    let build = store::rollout::find(tx, rollout).await?.ok_or(Error::NotFound)?.build;
    store::build::find(tx, build).await?.ok_or(Error::NotFound)
}

//! The page: whom the halt concerns, the four ways with what closes them, and what was chosen.

use super::{authorised, is_open};
use crate::words::rollout_title;
use crate::{Error, RequestContext, Result, Services};
use domain::ids::UserId;
use domain::number::counted;
use domain::permission::Permission;
use domain::recovery::{Choice, Obstacle, RecoveryPlan, RecoveryState, menu};
use domain::rollout::RolloutState;
use domain::severity::Severity;
use domain::wire::emergency::ChoiceRow;
use domain::wire::recovery::{Affected, RecoveryPageView, RecoveryParams, RecoveryView, WayRow};
use domain::wire::signal::{Aspect, ColourRole};
use store::Connection;
use store::recovery::Known;

impl Services {
    pub async fn show_recovery(&self, ctx: &RequestContext, params: &RecoveryParams) -> Result<RecoveryPageView> {
        ctx.require(Permission::SeeRollouts)?;
        let id = params.rollout.ok_or(Error::NotFound)?;
        let conn = self.db().snapshot().await?;
        let rollout = store::rollout::find(&conn, id).await?.ok_or(Error::NotFound)?;
        let build = store::build::find(&conn, rollout.build).await?.ok_or(Error::NotFound)?;
        let severity = Severity::from_key(&params.severity).unwrap_or(Severity::High);
        let facts = self.recovery_facts(&conn, &rollout, severity, ctx.now).await?;
        let known = store::recovery::of_rollout(&conn, id).await?;
        let approvers = authorised(&conn).await?;
        let mut recoveries = Vec::new();
        for known in &known {
            recoveries.push(view(&conn, ctx, known, &approvers).await?);
        }
        let counts = rollout.report.totals();
        let is_busy = known.iter().any(|known| is_open(&known.plan));
        Ok(RecoveryPageView {
            rollout: id,
            train: rollout_title(&rollout),
            build: rollout.version.to_string(),
            halted: match &rollout.state {
                RolloutState::Halted { cause, .. } => facts.halt.map(|_| cause.sentence()),
                RolloutState::Completed { .. } => build.halted.map(|halt| halt.reason),
                RolloutState::Draft | RolloutState::Running { .. } => None,
            },
            severity: severity.key().to_owned(),
            severities: Severity::ALL
                .into_iter()
                .map(|one| ChoiceRow { key: one.key().to_owned(), label: one.word().to_owned() })
                .collect(),
            affected: Affected {
                updated: counts.succeeded,
                running: counts.running,
                waiting: counts.planned + counts.announced,
                failed: counts.failed,
                runs_it: u32::try_from(facts.stricken.len()).unwrap_or(u32::MAX),
            },
            ways: menu(&facts).iter().map(way).collect(),
            may_propose: ctx.actor.may(Permission::ProposeRecovery) && !is_busy,
            recoveries,
        })
    }
}

fn way(choice: &Choice) -> WayRow {
    let left_out = |(obstacle, count): &(Obstacle, u32)| {
        format!("{}: {}", counted((*count).into(), "environment", "environments"), obstacle.sentence())
    };
    WayRow {
        key: choice.path.key().to_owned(),
        title: choice.path.word().to_owned(),
        does: choice.path.what_it_does().to_owned(),
        reach: choice.reach.sentence(),
        because: choice.because.sentence().to_owned(),
        obstacles: choice.obstacles.iter().map(Obstacle::sentence).collect(),
        left_out: if choice.open() { choice.reach.left_out.iter().map(left_out).collect() } else { Vec::new() },
    }
}

async fn view(
    conn: &impl Connection,
    ctx: &RequestContext,
    known: &Known,
    approvers: &[UserId],
) -> Result<RecoveryView> {
    let plan = &known.plan;
    let may_act = ctx.actor.may(Permission::ProposeRecovery);
    let rollouts = store::rollout::of_recovery(conn, plan.id).await?;
    let (aspect, role) = signal(&plan.state);
    Ok(RecoveryView {
        id: plan.id,
        title: plan.proposal.path.word().to_owned(),
        sentence: plan.sentence(),
        state: plan.state.word().to_owned(),
        aspect,
        role,
        reason: plan.proposal.by.reason.clone(),
        proposed_by: plan.proposal.by.by.name.clone(),
        proposed: ctx.clock().when(plan.proposal.by.at, None),
        digest: store::digest::of(&plan.proposal)?.to_string(),
        is_proposed: plan.state == RecoveryState::Proposed,
        why_not: may_not_approve(ctx, plan, approvers),
        may_start: may_act && matches!(plan.state, RecoveryState::Approved { .. }),
        may_abandon: may_act && is_open(plan),
        rollouts: rollouts
            .iter()
            .map(|rollout| (rollout.id, format!("{} to {}", rollout_title(rollout), rollout.version)))
            .collect(),
    })
}

fn may_not_approve(ctx: &RequestContext, plan: &RecoveryPlan, approvers: &[UserId]) -> String {
    let said = if plan.proposal.by.by.id == ctx.actor.user {
        "You proposed it; somebody else approves"
    } else if !approvers.contains(&ctx.actor.user) {
        "Approvers and release managers approve it"
    } else {
        ""
    };
    said.to_owned()
}

const fn signal(state: &RecoveryState) -> (Aspect, ColourRole) {
    match state {
        RecoveryState::Proposed | RecoveryState::Abandoned { .. } => (Aspect::Unlit, ColourRole::Quiet),
        RecoveryState::Approved { .. } | RecoveryState::Running { .. } => (Aspect::Caution, ColourRole::Live),
        RecoveryState::Completed { .. } => (Aspect::Clear, ColourRole::Clear),
    }
}

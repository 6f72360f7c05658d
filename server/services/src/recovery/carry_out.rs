//! What starting a recovery does. Flights are turned at once; a newer build gets a draft that somebody starts; a way back
//! gets a rollout of its own for each build that environments go back to, started with it.

use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use domain::calendar::StageWindow;
use domain::flight::FlightScope;
use domain::ids::RolloutId;
use domain::recovery::{BuildRef, Move, RecoveryPath, RecoveryPlan, Work};
use domain::rollout::{Ramp, RolloutKind, RolloutPolicy};
use std::collections::BTreeMap;
use store::Tx;
use store::rollout::{Descent, NewRollout, Rollout};

impl Services {
    /// The plan as it is afterwards, and what the person is told.
    pub(super) async fn carry_out(
        &self,
        tx: &Tx,
        ctx: &RequestContext,
        halted: &Rollout,
        plan: RecoveryPlan,
    ) -> Result<(RecoveryPlan, String)> {
        let broken =
            |error: domain::recovery::RecoveryError| Error::Broken { what: "a recovery", why: error.to_string() };
        match plan.proposal.work.clone() {
            Work::TurnFlightsOff { flights, .. } => {
                for key in &flights {
                    self.fall_back(tx, ctx, key, &plan.proposal.by.reason).await?;
                }
                let said = format!("{} turned off. The halt stays until somebody resumes.", flights.join(", "));
                let message = self.and_how_learnt(said);
                Ok((plan.complete(ctx.now).map_err(broken)?, message))
            }
            Work::NewRollout { to } => {
                let descent =
                    Descent { kind: RolloutKind::Forward, recovery: Some(plan.id), supersedes: Some(halted.id) };
                self.again(tx, ctx, halted, to, descent).await?;
                let message = format!("A rollout of {} is drafted. The halted one stays halted.", to.version);
                Ok((plan.complete(ctx.now).map_err(broken)?, message))
            }
            Work::MoveBack { moves } => {
                store::recovery::insert_moves(tx, plan.id, &moves).await?;
                let from = plan.proposal.bad.version;
                let kind = match plan.proposal.path {
                    RecoveryPath::RedeployLastKnownGood => RolloutKind::Redeploy { from },
                    _ => RolloutKind::Back { from },
                };
                let descent = Descent { kind, recovery: Some(plan.id), supersedes: Some(halted.id) };
                for to in targets(&moves) {
                    let id = self.again(tx, ctx, halted, to, descent).await?;
                    self.start_back(tx, ctx, id, to).await?;
                }
                let message = format!(
                    "It goes back from {from}: each environment in its own night, through the same stations, windows and \
                     approvals as every rollout. Approve its stations as they come."
                );
                Ok((plan, message))
            }
        }
    }

    async fn fall_back(&self, tx: &Tx, ctx: &RequestContext, key: &str, reason: &str) -> Result<()> {
        let flights = store::flight::list(tx).await?;
        let known = flights.iter().find(|known| known.flight.key == key).ok_or(Error::NotFound)?;
        // One that stands there already needs nothing.
        self.turn_known(tx, ctx, known, FlightScope::Everywhere, false, reason).await.map(drop)
    }

    /// A draft with the same train, stations and policy, from the next weekday on that the train itself started on, so that
    /// its windows fall on the days that the cadence means.
    async fn again(
        &self,
        tx: &Tx,
        ctx: &RequestContext,
        halted: &Rollout,
        to: BuildRef,
        descent: Descent,
    ) -> Result<RolloutId> {
        let start = next_start(halted.start, ctx.now);
        let shift = start - halted.start;
        let stages = store::rollout::stages(tx, halted.id).await?;
        let shifted =
            |window: StageWindow| StageWindow { first: window.first + shift, last: window.last + shift, ..window };
        let new = NewRollout {
            id: RolloutId::new(self.ids().uuid()),
            train: halted.train,
            build: to.id,
            cadence: halted.cadence.clone(),
            start,
            policy: policy(halted.policy, descent.kind),
            windows: stages.iter().map(|stage| shifted(stage.window)).collect(),
            created_at: ctx.now,
        };
        store::rollout::insert(tx, &new).await?;
        store::rollout::set_descent(tx, new.id, &descent).await?;
        self.audit_rollout(tx, By::Person(&ctx.actor), ctx.now, new.id, &RolloutEvent::Registered).await?;
        Ok(new.id)
    }

    async fn start_back(&self, tx: &Tx, ctx: &RequestContext, id: RolloutId, to: BuildRef) -> Result<()> {
        let rollout = store::rollout::find(tx, id).await?.ok_or(Error::NotFound)?;
        let recovery = rollout.descent.recovery.ok_or(Error::NotFound)?;
        let state = rollout.state.start(ctx.actor.user, ctx.now);
        let state = state.map_err(|edge| Error::Broken { what: "a recovery", why: edge.to_string() })?;
        store::rollout::bump(tx, id, rollout.generation).await?;
        store::rollout::set_state(tx, id, &state).await?;
        store::recovery::open(tx, id, recovery, to.version).await?;
        self.audit_rollout(tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Started).await
    }
}

/// Each build that environments go back to, once.
fn targets(moves: &[Move]) -> Vec<BuildRef> {
    moves.iter().map(|one| (one.to.version, one.to)).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// On a way back everybody who is named takes part, and production need not wait days for its sandbox: that build ran
/// there before.
const fn policy(usual: RolloutPolicy, kind: RolloutKind) -> RolloutPolicy {
    match kind {
        RolloutKind::Forward => usual,
        RolloutKind::Back { .. } | RolloutKind::Redeploy { .. } => {
            RolloutPolicy { sandbox_percent: 100, production_percent: 100, ramp: Ramp::NONE, min_gap_days: 0, ..usual }
        }
    }
}

/// The next such weekday, from tomorrow on.
fn next_start(like: NaiveDate, now: DateTime<Utc>) -> NaiveDate {
    let tomorrow = now.date_naive() + TimeDelta::days(1);
    let ahead = (7 + i64::from(like.weekday().num_days_from_monday())
        - i64::from(tomorrow.weekday().num_days_from_monday()))
        % 7;
    tomorrow + TimeDelta::days(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_starts_again_on_the_weekday_it_started_on() {
        let wednesday: NaiveDate = "2026-09-30".parse().unwrap();
        for (now, start) in [
            ("2026-10-05T08:00:00Z", "2026-10-07"),
            ("2026-10-06T23:00:00Z", "2026-10-07"),
            ("2026-10-07T08:00:00Z", "2026-10-14"),
        ] {
            assert_eq!(next_start(wednesday, now.parse().unwrap()).to_string(), start);
        }
    }
}

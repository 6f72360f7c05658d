//! All rollouts, newest first.

use super::signal;
use crate::line::Track;
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result, Services};
use domain::clockface::Clockface;
use domain::permission::Permission;
use domain::rollout::StageFacts;
use domain::wire::rollout::{RolloutRow, RolloutsView};
use store::rollout::{Rollout, RolloutFilter};

impl Services {
    pub async fn list_rollouts(&self, ctx: &RequestContext) -> Result<RolloutsView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let clock = ctx.clock();
        let mut rows = Vec::new();
        for rollout in store::rollout::list(&conn, &RolloutFilter::default()).await? {
            let stages = store::rollout::stages(&conn, rollout.id).await?;
            rows.push(row(&rollout, &stages, clock));
        }
        Ok(RolloutsView { rows })
    }
}

fn row(rollout: &Rollout, stages: &[StageFacts], clock: ZoneClockface) -> RolloutRow {
    let track = Track { state: &rollout.state, stages, report: &rollout.report };
    let (aspect, role) = signal(&rollout.state);
    RolloutRow {
        id: rollout.id,
        train: crate::words::rollout_title(rollout),
        build: rollout.version.to_string(),
        cadence: rollout.cadence.clone(),
        state: rollout.state.word().to_owned(),
        aspect,
        role,
        where_text: track.where_text(clock),
        line: track.states(),
        counts: rollout.report.totals(),
        start: clock.date(rollout.start),
        last_night: rollout.report.last_night_at.map(|at| clock.date(clock.date_of(at))),
    }
}

//! One rollout: the line, the stages, the approvals, what may be done, what happened.

use super::approvals::Approvals;
use super::{actions, approvals, halts, signal, stages, timeline};
use crate::line::Track;
use crate::zone::ZoneClockface;
use crate::{Error, RequestContext, Result, Services};
use chrono::{DateTime, Utc};
use domain::clockface::Clockface;
use domain::emergency::in_force;
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::release::Unapproved;
use domain::rollout::{Preview, RolloutReport, RolloutState};
use domain::wire::rollout::RolloutView;
use store::Connection;
use store::build::Build;
use store::rollout::{Reach, Rollout};

impl Services {
    pub async fn show_rollout(&self, ctx: &RequestContext, id: RolloutId) -> Result<RolloutView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let clock = ctx.clock();
        let rollout = store::rollout::find(&conn, id).await?.ok_or(Error::NotFound)?;
        let build = store::build::find(&conn, rollout.build).await?.ok_or(Error::NotFound)?;
        let facts = store::rollout::stages(&conn, id).await?;
        let given = store::rollout::approvals(&conn, id).await?;
        let approvers = store::rollout::approvers(&conn).await?;
        let unapproved = build.unapproved(&approvers);
        let promotion = store::rollout::promotion(&rollout, &build, &facts, approvers)?;
        let approvals = Approvals { given: &given, promotion: &promotion };
        let catalogue = store::catalogue::load(&conn).await?;
        let report = self.report(&conn, &rollout).await?;
        let track = Track { state: &rollout.state, stages: &facts, report: &report };
        let counts = report.totals();
        let (aspect, role) = signal(&rollout.state);
        let standing = store::halt::standing(&conn, id).await?;
        let mut stages = stages::rows(track, clock);
        halts::beside(&mut stages, &standing, &rollout.state, &ctx.actor);
        Ok(RolloutView {
            id,
            train: crate::words::rollout_title(&rollout),
            build: rollout.version.to_string(),
            artifact: build.artifact.to_string(),
            not_offered: unapproved.as_ref().map(Unapproved::sentence),
            approving: promotion.digest.to_string(),
            cadence: rollout.cadence.clone(),
            state: rollout.state.word().to_owned(),
            aspect,
            role,
            where_text: track.where_text(clock),
            started: started(&conn, &rollout, clock).await?,
            halted: halted(&rollout.state, &build, clock),
            ways_out: crate::recovery::halt_of(&rollout, &build).is_some(),
            halts: halts::sentences(&conn, &standing).await?,
            emergency: emergency(&conn, id, &clock, ctx.now).await?,
            last_night: report.last_night_at.map(|at| clock.date(clock.date_of(at))),
            line: track.nodes(&catalogue, clock),
            counts,
            not_aboard: not_aboard(&conn, &rollout).await?,
            stages,
            unplaced: report.unplaced,
            approvals: approvals::rows(track, approvals, &ctx.actor, clock),
            notice_days: rollout.policy.notice_days,
            actions: actions::actions(&rollout.state, (&build, unapproved.is_none()), counts, &ctx.actor),
            timeline: timeline::rows(&conn, id, clock).await?,
            generation: rollout.generation,
        })
    }

    /// The engine writes the report of what it runs. What a start would meet is worked out when somebody looks.
    async fn report(&self, conn: &impl Connection, rollout: &Rollout) -> Result<RolloutReport> {
        match &rollout.state {
            RolloutState::Draft => self.preview(conn, rollout).await,
            RolloutState::Running { .. } | RolloutState::Halted { .. } | RolloutState::Completed { .. } => {
                Ok(rollout.report.clone())
            }
        }
    }
}

/// The path that is in force.
async fn emergency(
    conn: &impl Connection,
    id: RolloutId,
    clock: &ZoneClockface,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let active = store::emergency::active(conn, id).await?.filter(|known| in_force(&known.path, now));
    Ok(active.map(|known| format!("{}.", known.path.sentence(clock, now))))
}

/// Customers whose environments are looked at together.
const ESTATES_AT_ONCE: u64 = 1_000;

impl Services {
    /// What the rollout would take with it if it were started now.
    async fn preview(&self, conn: &impl Connection, rollout: &Rollout) -> Result<RolloutReport> {
        let now = self.now();
        let mut preview = Preview::default();
        let mut after = None;
        loop {
            let service_update = rollout.train.service_update;
            let customers = store::estate::customers_on(conn, service_update, after, ESTATES_AT_ONCE).await?;
            let loaded = store::rollout::load_facts(conn, rollout.id, Reach::These(&customers)).await?;
            let facts = loaded.ok_or(Error::NotFound)?.facts;
            preview.add(&facts, now);
            after = customers.last().copied();
            if (customers.len() as u64) < ESTATES_AT_ONCE {
                return Ok(preview.report(&facts, now));
            }
        }
    }
}

/// `started Thu 24 Sep 2026 by R. Iyer`
async fn started(conn: &impl Connection, rollout: &Rollout, clock: ZoneClockface) -> Result<String> {
    let (at, by) = match &rollout.state {
        RolloutState::Draft => return Ok(format!("scheduled for {}", clock.date(rollout.start))),
        RolloutState::Running { started_at, started_by, .. }
        | RolloutState::Halted { started_at, started_by, .. }
        | RolloutState::Completed { started_at, started_by, .. } => (*started_at, *started_by),
    };
    let date = clock.date(clock.date_of(at));
    Ok(match store::user::find(conn, by).await? {
        Some(user) => format!("started {date} by {}", user.name),
        None => format!("started {date}"),
    })
}

/// `Halted by I. Lead: sign-in fails (Sun 11 Oct 2026, 05:00 CEST)`. What a completed rollout delivered stands with its
/// build.
fn halted(state: &RolloutState, build: &Build, clock: ZoneClockface) -> Option<String> {
    let said = |cause: &str, at| format!("{cause} ({})", clock.instant(at));
    match state {
        RolloutState::Halted { halted_at, cause, .. } => Some(said(&cause.sentence(), *halted_at)),
        RolloutState::Completed { .. } => build.halted.as_ref().map(|halt| said(&halt.reason, halt.at)),
        RolloutState::Draft | RolloutState::Running { .. } => None,
    }
}

/// Environments on other service updates: this train does not meet them.
async fn not_aboard(conn: &impl Connection, rollout: &Rollout) -> Result<u64> {
    let counts = store::deployment::by_service_update(conn).await?;
    let others = counts.iter().filter(|(number, _)| *number != rollout.train.service_update);
    Ok(others.map(|(_, environments)| environments).sum())
}

//! The last look before the world outside hears of an update. A plan decides that it starts; between that commit and
//! the deployer's ear a halt, the end of the night or another leader may come. So the dispatch is claimed in a small
//! transaction of its own: a halt that commits before it is obeyed, one that comes later finds a running update
//! (rule H1). What may not begin any more, and has touched nothing, goes back to its announced night.
//!
//! There are two doors to the world outside, and both lead past here: the deployer that the engine asks, and agents that
//! come for their orders (`crate::agent`).

use super::ENGINE;
use super::runner::progress;
use crate::freeze::place;
use crate::ports::{ORDER_VALID, UpdateOrder};
use crate::trail::By;
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::calendar::Night;
use domain::emergency::{any_night, overridden};
use domain::fleet::EnvironmentKind;
use domain::freeze::Freeze;
use domain::permission::TenantScope;
use domain::rollout::halt::{StageTarget, StartTarget, stops_start};
use domain::rollout::planner::{due_anyway, kept_out, needs_approval};
use domain::rollout::{EnvironmentReason, RolloutKind, RolloutState};
use domain::wire::live::Topic;
use store::build::Build;
use store::environment::Environment;
use store::rollout::Rollout;
use store::update::{Expect, RunningUpdate, Update};
use store::{Connection, Tx};

/// What became of an update that was never begun.
pub(super) enum Begin {
    /// It may be handed on, now.
    Claimed(UpdateOrder),
    /// It may not begin: it waits in its announced night for the planner.
    SentBack,
}

impl Services {
    /// Asks for the time itself: a tick may have waited for other answers, and what counts is the rest of the night.
    pub(super) async fn begin(&self, running: &RunningUpdate, order: UpdateOrder, epoch: i64) -> Result<Begin> {
        let update = &running.update;
        let now = self.now();
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        let begin = match last_start_held(&tx, update, now).await? {
            Err(reason) => {
                self.send_back(&tx, By::System(ENGINE), running, reason, now).await?;
                Begin::SentBack
            }
            Ok(last) => {
                // One whose call was lost is claimed again: it begins now, not then.
                store::update::claim_dispatch(&tx, update.id, update.generation, now).await?;
                let valid_until = last.min(now + self.order_valid());
                Begin::Claimed(planted::order(UpdateOrder { dispatched: Some(now), valid_until, ..order }))
            }
        };
        tx.commit().await?;
        Ok(begin)
    }

    /// A demo clock that runs fast passes more time while a call is on its way.
    pub(crate) fn order_valid(&self) -> TimeDelta {
        ORDER_VALID * self.demo().map_or(1, |demo| demo.speed().factor().max(1).cast_signed())
    }

    /// The attempt is not counted, and no letter tells of it: nothing has happened to the environment. The planner moves
    /// it where its night is over, and that letter says why.
    pub(crate) async fn send_back(
        &self,
        tx: &Tx,
        by: By<'_>,
        running: &RunningUpdate,
        reason: EnvironmentReason,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let update = &running.update;
        let back = update.state.clone().never_begun();
        let back = back.map_err(|edge| Error::Broken { what: "the engine", why: edge.to_string() })?;
        let attempts = update.attempts.saturating_sub(1);
        store::update::save_state(tx, update.id, Expect::Generation(update.generation), &back, attempts).await?;
        store::update::save_reasons(tx, update.id, &[reason], None).await?;
        self.audit(tx, by, now, progress(running, &back)).await?;
        self.announce(tx, now, Topic::Rollout(update.rollout), "An update was not begun").await?;
        self.announce(tx, now, Topic::Estate(update.customer), "An update was not begun").await
    }
}

/// As [`last_start`]; a halt that is committed first is seen, one that is later waits for the end of the transaction.
pub(crate) async fn last_start_held(tx: &Tx, update: &Update, now: DateTime<Utc>) -> Result<LastStart> {
    let rollout = store::rollout::find_and_hold(tx, update.rollout).await?.ok_or(Error::NotFound)?;
    last_start(tx, &rollout, update, now).await
}

/// The last instant at which its night still holds it, or why it may not begin now.
pub(crate) type LastStart = std::result::Result<DateTime<Utc>, EnvironmentReason>;

/// Rules H1, H2, G6, G4, S1 to S5; a freeze always wins, but over an emergency path that names it (rule E1).
pub(crate) async fn last_start(
    conn: &impl Connection,
    rollout: &Rollout,
    update: &Update,
    now: DateTime<Utc>,
) -> Result<LastStart> {
    let build = store::build::find(conn, rollout.build).await?.ok_or(Error::NotFound)?;
    let stands = !matches!(rollout.state, RolloutState::Running { .. }) || build.halted.is_some();
    if stands {
        return Ok(Err(EnvironmentReason::RolloutHalted));
    }
    if let Some(reason) = not_approved(conn, rollout, &build, update).await? {
        return Ok(Err(reason));
    }
    if let Some(station) = update.stage.map(|stage| stage.station) {
        let stage = StageTarget { build: rollout.build, rollout: rollout.id, station };
        let halts = store::halt::standing(conn, rollout.id).await?;
        if let Some(halt) = stops_start(&halts, StartTarget { stage, customer: update.customer }).first() {
            return Ok(Err(EnvironmentReason::Halted { why: halt.sentence() }));
        }
    }
    let scope = TenantScope::Customer(update.customer);
    let environment = store::environment::find(conn, scope, update.environment).await?.ok_or(Error::NotFound)?;
    if let Some(reason) = off_course(conn, rollout, &environment).await? {
        return Ok(Err(reason));
    }
    if let Some(reason) = stays_out(conn, rollout, update, &environment, now).await? {
        return Ok(Err(reason));
    }
    if let Some(reason) = sandbox_failed(conn, rollout, update, &environment).await? {
        return Ok(Err(reason));
    }
    let declared = TimeDelta::minutes(rollout.policy.declared_minutes.into());
    let Some(night) = update.state.night().filter(|night| night.admits_start(now, declared)) else {
        return Ok(Err(EnvironmentReason::WindowTooShort { minutes: declared.num_minutes() }));
    };
    if let Some(reason) = not_dark(conn, rollout, update, &environment, (night, now)).await? {
        return Ok(Err(reason));
    }
    let frozen = frozen(conn, rollout, &environment, (night.date, now)).await?;
    Ok(frozen.map_or(Ok(night.end - declared), Err))
}

/// The build and the promotion are approved to the byte, by people who may approve them now (I8, I11). What its owner takes
/// ahead waits for no promotion.
async fn not_approved(
    conn: &impl Connection,
    rollout: &Rollout,
    build: &Build,
    update: &Update,
) -> Result<Option<EnvironmentReason>> {
    let approvers = store::rollout::approvers(conn).await?;
    let unapproved = build.unapproved(&approvers).filter(|_| !planted::is("withdrawal-unseen-at-last"));
    if let Some(build) = unapproved {
        return Ok(Some(EnvironmentReason::BuildNotApproved { build }));
    }
    let promoted = update.stage.filter(|_| update.pull.is_none()).map(|stage| stage.station);
    let Some(station) = promoted.filter(|station| needs_approval(*station)) else { return Ok(None) };
    let stages = store::rollout::stages(conn, rollout.id).await?;
    let promotion = store::rollout::promotion(rollout, build, &stages, approvers)?;
    let given = promotion.counting(&store::rollout::approvals(conn, rollout.id).await?);
    let is_approved = given.iter().any(|(approved, _)| *approved == station);
    Ok((!is_approved).then_some(EnvironmentReason::ApprovalMissing { station }))
}

/// By what runs there now, which an agent may have said meanwhile: forwards only to a later build of its own service
/// update (rule G6), backwards only what a recovery under way names (invariant I7).
async fn off_course(
    conn: &impl Connection,
    rollout: &Rollout,
    environment: &Environment,
) -> Result<Option<EnvironmentReason>> {
    let (on, build) = (environment.service_update, environment.build);
    if on != rollout.train.service_update {
        return Ok(Some(EnvironmentReason::OtherServiceUpdate { on }));
    }
    if rollout.descent.kind.is_satisfied(build, rollout.version) {
        return Ok(Some(EnvironmentReason::Satisfied { build }));
    }
    if build <= rollout.version {
        return Ok(None);
    }
    let Some(recovery) = rollout.descent.recovery else { return Ok(Some(EnvironmentReason::NotNamed)) };
    let named = store::recovery::find_move(conn, recovery, environment.id, rollout.version).await?;
    let may = named.is_some() && store::recovery::is_running(conn, recovery).await?;
    Ok((!may).then_some(EnvironmentReason::NotNamed))
}

/// An exemption that was granted after the plan, priority-based batch scheduling that was switched off, or a service update
/// that was entered or has come near. What its owner takes ahead is not kept back by any of them, nor is whom a recovery
/// names.
async fn stays_out(
    conn: &impl Connection,
    rollout: &Rollout,
    update: &Update,
    environment: &Environment,
    now: DateTime<Utc>,
) -> Result<Option<EnvironmentReason>> {
    if update.pull.is_some() || rollout.descent.kind != RolloutKind::Forward {
        return Ok(None);
    }
    let Environment { kind, exemption, priority_batch, service_update_due, .. } = environment;
    let kept_out = kept_out(*kind, exemption.as_ref(), *priority_batch, now).next();
    if kept_out.is_some() || service_update_due.is_none() {
        return Ok(kept_out);
    }
    let stages = store::rollout::stages(conn, rollout.id).await?;
    let stage = stages.iter().find(|stage| Some(stage.key) == update.stage);
    Ok(stage.and_then(|stage| due_anyway(*service_update_due, stage.window, now)))
}

/// Rule S3: the update failed in a sandbox of its owner after the plan. Production that its owner takes ahead waits, too.
async fn sandbox_failed(
    conn: &impl Connection,
    rollout: &Rollout,
    update: &Update,
    environment: &Environment,
) -> Result<Option<EnvironmentReason>> {
    if environment.kind != EnvironmentKind::Production {
        return Ok(None);
    }
    let failed = store::update::failed_sandboxes(conn, rollout.id, update.customer).await?;
    // Who resumed knew of what had failed until then.
    let seen = rollout.state.resumed_at();
    let unseen = failed.into_iter().find(|(_, at)| seen.is_none_or(|seen| *at > seen));
    Ok(unseen.map(|(sandbox, _)| EnvironmentReason::SandboxFailed { sandbox }))
}

/// The night is still one of its region and of its days: either may have been changed since it was chosen.
async fn not_dark(
    conn: &impl Connection,
    rollout: &Rollout,
    update: &Update,
    environment: &Environment,
    (night, now): (Night, DateTime<Utc>),
) -> Result<Option<EnvironmentReason>> {
    let region = store::catalogue::region(conn, &environment.region).await?;
    let hours = region.as_ref().and_then(|region| region.dark_hours);
    if hours.is_none() {
        let region = region.map_or_else(|| environment.region.clone(), |region| region.name);
        return Ok(Some(EnvironmentReason::NoDarkHours { region }));
    }
    let on_its_day = update.pull.is_some()
        || environment.days().allow(night.date)
        || store::emergency::active(conn, rollout.id).await?.is_some_and(|emergency| any_night(&emergency.path, now));
    Ok((!night.is_of(hours) || !on_its_day).then_some(EnvironmentReason::HoursChanged))
}

/// A freeze that was set after the plan. What runs goes on; this has not begun.
async fn frozen(
    conn: &impl Connection,
    rollout: &Rollout,
    environment: &Environment,
    (date, now): (NaiveDate, DateTime<Utc>),
) -> Result<Option<EnvironmentReason>> {
    let mut freezes = store::freeze::set(conn).await?;
    if !freezes.iter().any(|freeze| freeze.span.covers(date)) {
        return Ok(None);
    }
    if let Some(emergency) = store::emergency::active(conn, rollout.id).await? {
        freezes = freezes.without(overridden(&emergency.path, now));
    }
    let catalogue = store::catalogue::load(conn).await?;
    let place = place(&catalogue, &environment.region, environment.customer, environment.id);
    let frozen = |freeze: &Freeze| {
        let (why, until) = (freeze.reason.clone(), freeze.span.covered_until(date));
        EnvironmentReason::Frozen { why, until }
    };
    Ok(freezes.covering(place, date).map(frozen))
}

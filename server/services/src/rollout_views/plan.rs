//! The plan of a rollout: what the planner would do from now on. Worked out some customers at a time and laid aside in
//! between, so that a fleet of a million costs a reader no more than a slice; what the reader's request does not reach,
//! the background goes on with. Derived from what is there, so nothing is audited.
//!
//! A plan is kept for each state of what decides it (the rollout as it is approved, freezes, halts, the emergency path).
//! The newest is worked out again when it is an hour old, and is another plan where other figures come of that; it is
//! compared with the one before it.

use crate::zone::ZoneClockface;
use crate::{Error, RequestContext, Result, Services};
use chrono::{DateTime, TimeDelta, Utc};
use domain::approval::Digest;
use domain::clockface::Clockface;
use domain::emergency::in_force;
use domain::ids::{CustomerId, EmergencyId, RolloutId};
use domain::permission::{Actor, Permission};
use domain::rollout::preview::listed;
use domain::rollout::{Edited, LeftOut, PlanDifference, PlanFigures, Preview, RampScope, RolloutFacts, RolloutState};
use domain::wire::plan::{
    ChangeRow, DifferenceView, FiguresView, LeftOutRow, ListedRow, ListedView, PlanParams, PlanStageRow, PlanView,
    RampChoice,
};
use domain::wire::{PAGE_ROWS_MAX, WhyView};
use serde::{Deserialize, Serialize};
use store::Connection;
use store::plan_version::{PlanVersion, Work};
use store::rollout::Reach;

/// Customers in one slice: with a handful of environments each, some tens of milliseconds.
const CUSTOMERS_PER_SLICE: u64 = 500;
/// What one request, and one turn of the background, works out.
const SLICES_MAX: usize = 4;
/// Customers that one page of a list looks at; where few of them are left out, the page is short and goes on.
const CUSTOMERS_PER_LIST: u64 = 2_000;
/// Nights pass and customers choose: an older plan is worked out again.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// What decides a plan beside the fleet and the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Basis {
    /// Of what is approved: build, dates, percentages, caps.
    rollout: Digest,
    freezes: Digest,
    halts: Digest,
    started: bool,
    edited: Option<(String, DateTime<Utc>)>,
    /// The path that is in force.
    #[serde(default)]
    emergency: Option<EmergencyId>,
}

type Version = PlanVersion<Basis>;

impl Services {
    pub async fn show_plan(&self, ctx: &RequestContext, params: &PlanParams) -> Result<PlanView> {
        ctx.require(Permission::SeeRollouts)?;
        let id = params.rollout.ok_or(Error::NotFound)?;
        self.work_on_plan(id).await?;
        let conn = self.db().snapshot().await?;
        let rollout = store::rollout::find(&conn, id).await?.ok_or(Error::NotFound)?;
        let clock = ctx.clock();
        let versions: Vec<Version> = store::plan_version::last_two(&conn, id).await?;
        let newest = versions.first();
        let shown = newest.filter(|version| version.made.is_some()).or_else(|| versions.get(1));
        let before = versions.get(1).filter(|before| shown.is_some_and(|shown| shown.number != before.number));
        let stages = store::rollout::stages(&conn, id).await?;
        Ok(PlanView {
            id,
            train: rollout.train.to_string(),
            build: rollout.version.to_string(),
            state: rollout.state.word().to_owned(),
            number: shown.map_or(0, |shown| shown.number),
            progress: newest.and_then(|newest| newest.work.as_ref()).map(|work| (work.done, work.total)),
            figures: shown.and_then(|shown| shown.made.as_ref()).map(|(figures, at)| figures_view(figures, *at, clock)),
            difference: before.zip(shown).and_then(|(before, shown)| difference(before, shown, clock)),
            listed: match LeftOut::from_key(&params.why) {
                Some(why) => Some(self.list_left_out(&conn, ctx, id, (why, params.after.parse().ok())).await?),
                None => None,
            },
            ramp: ramp_choices(&rollout.state, stages.iter().map(|stage| RampScope::Stage(stage.key)), &ctx.actor),
            only_up: rollout.state.started_by().is_some(),
        })
    }

    /// Goes on with every plan that is being worked out, a little; whether there was one.
    pub async fn work_on_plans(&self) -> Result<bool> {
        let ids = store::plan_version::in_work(self.db().reader()).await?;
        for id in &ids {
            self.work_on_plan(*id).await?;
        }
        Ok(!ids.is_empty())
    }

    /// Works the plan out where it is missing or out of date, as far as one turn goes. Somebody else may be at it: then
    /// nothing is done twice, and nothing is said of it.
    pub(crate) async fn work_on_plan(&self, id: RolloutId) -> Result<()> {
        for _ in 0..SLICES_MAX {
            match self.slice(id).await {
                Ok(true) => {}
                Ok(false) | Err(Error::Conflict) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// One slice; whether there may be another.
    async fn slice(&self, id: RolloutId) -> Result<bool> {
        let conn = self.db().snapshot().await?;
        let basis = basis(&conn, id, self.now()).await?;
        let newest = store::plan_version::last_two::<Basis>(&conn, id).await?.into_iter().next();
        let current = newest.as_ref().filter(|version| version.basis == basis);
        let work = current.and_then(|version| version.work.clone());
        let is_fresh =
            current.and_then(|version| version.made.as_ref()).is_some_and(|(_, at)| self.now() - *at < FRESH);
        if work.is_none() && is_fresh {
            return Ok(false);
        }
        let mut work = match work {
            Some(work) => work,
            None => self.first_work(&conn, id).await?,
        };
        let (facts, is_done) = advance(&conn, id, &mut work).await?;
        let figures = is_done.then(|| work.preview.figures(&facts));
        drop(conn);
        let tx = self.db().begin().await?;
        // What was said before stays to be compared with.
        let is_same = |version: &&Version, new: &PlanFigures| version.made.as_ref().is_none_or(|(old, _)| old == new);
        let current = current.filter(|version| figures.as_ref().is_none_or(|new| is_same(version, new)));
        match (current, figures) {
            (Some(version), Some(figures)) => {
                store::plan_version::finish(&tx, version, &figures, work.now).await?;
            }
            (Some(version), None) => store::plan_version::lay_aside(&tx, version, &work).await?,
            (None, figures) => {
                let number = newest.as_ref().map_or(1, |newest| newest.number + 1);
                store::plan_version::begin(&tx, id, number, &basis, &work).await?;
                if let Some(figures) = figures {
                    let version = PlanVersion { rollout: id, number, basis, made: None, work: None, generation: 1 };
                    store::plan_version::finish(&tx, &version, &figures, work.now).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(!is_done)
    }

    async fn first_work(&self, conn: &impl Connection, id: RolloutId) -> Result<Work> {
        let rollout = store::rollout::find(conn, id).await?.ok_or(Error::NotFound)?;
        let total = store::estate::count_on(conn, rollout.train.service_update).await?;
        Ok(Work { preview: Preview::default(), after: None, done: 0, total, now: self.now() })
    }

    async fn list_left_out(
        &self,
        conn: &impl Connection,
        ctx: &RequestContext,
        id: RolloutId,
        (why, after): (LeftOut, Option<CustomerId>),
    ) -> Result<ListedView> {
        let (clock, names) = (ctx.clock(), crate::words::EnvironmentNames::default());
        let mut rows: Vec<ListedRow> = Vec::new();
        let (mut after, mut looked) = (after, 0);
        let next = 'page: loop {
            let (facts, customers) = some_estates(conn, id, after).await?;
            for found in listed(&facts, self.now(), why) {
                // A page ends between two customers: its key is a customer.
                if rows.len() as u64 >= PAGE_ROWS_MAX && after.is_none_or(|after| after < found.customer) {
                    break 'page after;
                }
                after = Some(found.customer);
                rows.push(ListedRow {
                    id: found.environment,
                    name: found.name,
                    region: found.region,
                    why: found.reason.map_or_else(|| why.word().to_owned(), |reason| reason.sentence(&clock, &names)),
                });
            }
            after = customers.last().copied();
            looked += customers.len() as u64;
            if (customers.len() as u64) < CUSTOMERS_PER_SLICE {
                break None;
            }
            if looked >= CUSTOMERS_PER_LIST {
                break after;
            }
        };
        let next = next.map(|after| after.to_string());
        Ok(ListedView { word: why.word().to_owned(), rows, next })
    }
}

/// The next customers with their environments.
async fn some_estates(
    conn: &impl Connection,
    id: RolloutId,
    after: Option<CustomerId>,
) -> Result<(RolloutFacts, Vec<CustomerId>)> {
    let rollout = store::rollout::find(conn, id).await?.ok_or(Error::NotFound)?;
    let service_update = rollout.train.service_update;
    let customers = store::estate::customers_on(conn, service_update, after, CUSTOMERS_PER_SLICE).await?;
    let loaded = store::rollout::load_facts(conn, id, Reach::These(&customers)).await?.ok_or(Error::NotFound)?;
    Ok((loaded.facts, customers))
}

async fn advance(conn: &impl Connection, id: RolloutId, work: &mut Work) -> Result<(RolloutFacts, bool)> {
    let (facts, customers) = some_estates(conn, id, work.after).await?;
    work.preview.add(&facts, work.now);
    work.after = customers.last().copied().or(work.after);
    work.done += customers.len() as u64;
    Ok((facts, (customers.len() as u64) < CUSTOMERS_PER_SLICE))
}

async fn basis(conn: &impl Connection, id: RolloutId, now: DateTime<Utc>) -> Result<Basis> {
    let rollout = store::rollout::find(conn, id).await?.ok_or(Error::NotFound)?;
    let build = store::build::find(conn, rollout.build).await?.ok_or(Error::NotFound)?;
    let stages = store::rollout::stages(conn, id).await?;
    let promotion = store::rollout::promotion(&rollout, &build, &stages, Vec::new())?;
    let freezes: Vec<_> = store::freeze::set(conn).await?.iter().cloned().collect();
    let edited = promotion.edited.map(|Edited { by, at }| (by.name, at));
    let emergency = store::emergency::active(conn, id).await?.filter(|known| in_force(&known.path, now));
    Ok(Basis {
        rollout: promotion.digest,
        freezes: store::digest::of(&freezes)?,
        halts: store::digest::of(&store::halt::standing(conn, id).await?)?,
        started: rollout.state.started_by().is_some(),
        edited,
        emergency: emergency.map(|known| known.path.id),
    })
}

fn figures_view(figures: &PlanFigures, at: DateTime<Utc>, clock: ZoneClockface) -> FiguresView {
    let stages = figures.stages.iter().map(|stage| PlanStageRow {
        title: stage.stage.to_string(),
        window: clock.dates(stage.window.first, stage.window.last),
        percent: stage.percent,
        aboard: stage.aboard,
        left_out: stage.left_out,
        harmed_at_most: stage.harmed_at_most,
        nights: stage.nights.iter().map(|(date, n)| (clock.date(*date), *n)).collect(),
    });
    let left_out = figures.left_out.iter().map(|(why, environments)| LeftOutRow {
        key: why.key().to_owned(),
        word: why.word().to_owned(),
        environments: *environments,
    });
    let conflicts = figures.conflicts.iter().map(|found| WhyView::plain(found.aspect(), found.sentence(&clock)));
    FiguresView {
        made: clock.when(at, None),
        aboard: figures.aboard(),
        skipped: figures.skipped(),
        last_night: figures.last_night.map(|at| clock.date(clock.date_of(at))),
        stages: stages.collect(),
        left_out: left_out.collect(),
        conflicts: conflicts.collect(),
    }
}

fn difference(before: &Version, after: &Version, clock: ZoneClockface) -> Option<DifferenceView> {
    let ((old, _), (new, _)) = (before.made.as_ref()?, after.made.as_ref()?);
    let found = PlanDifference::between(old, new);
    let mut rows = Vec::new();
    let mut row = |what: String, before: String, after: String| rows.push(ChangeRow { what, before, after });
    for stage in found.stages {
        let (aboard, percent) = (stage.aboard, stage.percent);
        if percent.0 != percent.1 {
            row(format!("{}, percentage", stage.stage), format!("{} %", percent.0), format!("{} %", percent.1));
        }
        if aboard.0 != aboard.1 {
            row(format!("{}, aboard", stage.stage), aboard.0.to_string(), aboard.1.to_string());
        }
        for (date, before, after) in stage.nights {
            row(format!("{}, night of {}", stage.stage, clock.date(date)), before.to_string(), after.to_string());
        }
    }
    for (why, before, after) in found.left_out {
        row(format!("Left out: {}", why.word()), before.to_string(), after.to_string());
    }
    if let Some((before, after)) = found.last_night {
        let say = |at: Option<DateTime<Utc>>| at.map_or_else(|| "none".to_owned(), |at| clock.instant(at));
        row("The last night".to_owned(), say(before), say(after));
    }
    Some(DifferenceView { because: because(before, after, clock), rows })
}

/// `Since plan 2: freezes were changed`
fn because(before: &Version, after: &Version, clock: ZoneClockface) -> String {
    let (old, new) = (&before.basis, &after.basis);
    let mut said = Vec::new();
    if old.rollout != new.rollout {
        said.push(match &new.edited {
            Some((name, at)) => format!("the rollout was edited by {name} on {}", clock.instant(*at)),
            None => "the build or its dates were changed".to_owned(),
        });
    }
    if old.freezes != new.freezes {
        said.push("freezes were changed".to_owned());
    }
    if old.halts != new.halts {
        said.push("halts were changed".to_owned());
    }
    if old.emergency != new.emergency {
        let is_in_force = new.emergency.is_some();
        said.push(format!("the emergency path {}", if is_in_force { "came into force" } else { "ended" }));
    }
    if old.started != new.started {
        said.push("the rollout was started".to_owned());
    }
    if said.is_empty() {
        said.push("time passed, and the fleet changed".to_owned());
    }
    format!("Since plan {}: {}", before.number, crate::words::listed(&said))
}

/// For whom a percentage can be set, by those who may.
fn ramp_choices(state: &RolloutState, stages: impl Iterator<Item = RampScope>, actor: &Actor) -> Vec<RampChoice> {
    use domain::fleet::Audience::{Production, Sandbox};
    let is_over = matches!(state, RolloutState::Completed { .. });
    if is_over || !actor.may(Permission::StartRollout) {
        return Vec::new();
    }
    let everybody = [Sandbox, Production].map(RampScope::Audience).into_iter();
    let name = |scope: RampScope| match scope {
        RampScope::Audience(Sandbox) => "All sandboxes".to_owned(),
        RampScope::Audience(Production) => "All production environments".to_owned(),
        RampScope::Stage(stage) => stage.to_string(),
    };
    everybody.chain(stages).map(|scope| (scope.key(), name(scope))).collect()
}

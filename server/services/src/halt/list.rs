//! The halts in force with whom they affect, those that were lifted, and what the form offers. The counts are the ones
//! that are maintained anyway; only those of one customer are counted from its own updates.

use super::lift::may_lift;
use super::{not_over, target};
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result, Services};
use domain::ids::{CustomerId, RolloutId};
use domain::number::counted;
use domain::permission::{Permission, TenantScope};
use domain::rollout::RolloutState;
use domain::rollout::halt::{Halt, HaltScope};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::halt::{HaltChoices, HaltPreview, HaltRow, HaltsParams, HaltsView, LiftedRow};
use domain::wire::problem::FormProblem;
use store::Connection;
use store::build::Build;
use store::rollout::{Rollout, RolloutFilter};

const RESUMED: &str = "Updates start again, each in its own night. What failed until now is tried once more and does not halt it again; what fails from now on does.";
const BUILD_LIFTED: &str = "The build may be rolled out again. Rollouts of it stand until each is resumed.";
const LIFTED: &str = "What waits starts again, each in its own night. What another halt stops goes on standing.";

impl Services {
    pub async fn list_halts(&self, ctx: &RequestContext, params: &HaltsParams) -> Result<HaltsView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let lister = Lister { conn: &conn, ctx, clock: ctx.clock() };
        let page = store::halt::lifted(&conn, params.after.parse().ok(), PAGE_ROWS_MAX).await?;
        let next = page.rows.last().filter(|_| page.more).map(|halt| halt.id.to_string());
        let mut lifted = Vec::with_capacity(page.rows.len());
        for halt in &page.rows {
            lifted.extend(lister.lifted(halt).await?);
        }
        let target = params.target();
        let (preview, problem) = if target.what.is_empty() {
            (None, None)
        } else {
            match target::scope(&conn, &target).await? {
                Ok(scope) => lister.preview(scope).await?,
                Err(problem) => (None, Some(problem)),
            }
        };
        let choices = lister.choices().await?;
        let in_force = lister.in_force().await?;
        Ok(HaltsView { in_force, lifted, next, choices, target, preview, problem })
    }
}

struct Lister<'a, C> {
    conn: &'a C,
    ctx: &'a RequestContext,
    clock: ZoneClockface,
}

impl<C: Connection> Lister<'_, C> {
    /// The widest first; then builds, then rollouts.
    async fn in_force(&self) -> Result<Vec<HaltRow>> {
        let mut rows = Vec::new();
        let mut halts = store::halt::in_force(self.conn).await?;
        halts.sort_by_key(|halt| halt.scope != HaltScope::Everything);
        for halt in &halts {
            let may = may_lift(&self.ctx.actor, halt.scope);
            let told = Told { id: halt.id.to_string(), at: halt.at, why: halt.cause.sentence(), may, on_lift: LIFTED };
            rows.push(self.row(halt.scope, told).await?);
        }
        let may = self.ctx.actor.may(Permission::ResumeRollout);
        for Build { id, halted, .. } in store::build::list(self.conn).await? {
            let Some(halt) = halted else { continue };
            let told = Told { id: id.to_string(), at: halt.at, why: halt.reason, may, on_lift: BUILD_LIFTED };
            rows.push(self.row(HaltScope::Build { build: id }, told).await?);
        }
        let halted = RolloutFilter { states: vec!["halted"], ..RolloutFilter::default() };
        for Rollout { id, state, .. } in store::rollout::list(self.conn, &halted).await? {
            let RolloutState::Halted { halted_at: at, cause, .. } = state else { continue };
            let told = Told { id: id.to_string(), at, why: cause.sentence(), may, on_lift: RESUMED };
            rows.push(self.row(HaltScope::Rollout { rollout: id }, told).await?);
        }
        Ok(rows)
    }

    async fn row(&self, scope: HaltScope, told: Told) -> Result<HaltRow> {
        let affected = store::update::affected(self.conn, scope).await?;
        let mut rollouts = Vec::new();
        for id in affected.rollouts {
            rollouts.push((id, self.train(id).await?));
        }
        Ok(HaltRow {
            id: told.id,
            what: self.what(scope).await?,
            since: self.clock.when(told.at, None),
            why: told.why,
            effect: affected.effect.sentence(),
            waiting: affected.effect.waiting,
            rollouts,
            may_lift: told.may,
            on_lift: told.on_lift.to_owned(),
        })
    }

    async fn lifted(&self, halt: &Halt) -> Result<Option<LiftedRow>> {
        let Some(lift) = &halt.lifted else { return Ok(None) };
        Ok(Some(LiftedRow {
            what: self.what(halt.scope).await?,
            since: self.clock.when(halt.at, None),
            why: halt.cause.sentence(),
            until: self.clock.when(lift.at, None),
            lift: format!("{}: {}", lift.by.name, lift.reason),
        }))
    }

    async fn preview(&self, scope: HaltScope) -> Result<(Option<HaltPreview>, Option<FormProblem>)> {
        let halted = match scope {
            HaltScope::Build { build } => {
                store::build::find(self.conn, build).await?.is_some_and(|build| build.halted.is_some())
            }
            _ => store::halt::in_force(self.conn).await?.iter().any(|halt| halt.scope == scope),
        };
        if halted {
            return Ok((None, Some(FormProblem::HaltedAlready)));
        }
        let affected = store::update::affected(self.conn, scope).await?;
        let (environments, rollouts) = (affected.effect.affected(), affected.rollouts.len());
        let stops = format!(
            "It stops {} of {}. {}. Updates that run now finish and are watched. {}.",
            counted(environments.into(), "environment", "environments"),
            counted(rollouts as u64, "rollout", "rollouts"),
            scope.stops(),
            affected.effect.sentence(),
        );
        let what = self.what(scope).await?;
        let rollouts = u32::try_from(rollouts).unwrap_or(u32::MAX);
        Ok((Some(HaltPreview { what, effect: stops, environments, rollouts }), None))
    }

    async fn choices(&self) -> Result<HaltChoices> {
        let may = |what| self.ctx.actor.may(what);
        let mut whats = Vec::new();
        if may(Permission::HaltRollout) {
            whats.extend([("build", "A build"), ("station", "A station of a rollout"), ("customer", "One customer")]);
        }
        if may(Permission::HaltEverything) {
            whats.push(("everything", "Everything"));
        }
        if whats.is_empty() {
            return Ok(HaltChoices::default());
        }
        let builds = store::build::list(self.conn).await?.into_iter().filter(|build| build.halted.is_none());
        let rollouts = store::rollout::list_unreported(self.conn, &not_over()).await?;
        let stations = store::catalogue::load(self.conn).await?.stations;
        Ok(HaltChoices {
            whats: whats.into_iter().map(|(key, word)| (key.to_owned(), word.to_owned())).collect(),
            builds: builds.map(|build| (build.id, build.version.to_string())).collect(),
            rollouts: rollouts.iter().map(|rollout| (rollout.id, rollout.train.to_string())).collect(),
            stations: stations.iter().map(|station| station.number.0).collect(),
        })
    }

    /// `Station 4 of 10.0.48 PQU-7`
    async fn what(&self, scope: HaltScope) -> Result<String> {
        Ok(match scope {
            HaltScope::Everything => "Everything".to_owned(),
            HaltScope::Build { build } => match store::build::find(self.conn, build).await? {
                Some(build) => format!("Build {}", build.version),
                None => "A build".to_owned(),
            },
            HaltScope::Rollout { rollout } => self.train(rollout).await?,
            HaltScope::Station { rollout, station } => format!("Station {station} of {}", self.train(rollout).await?),
            HaltScope::Customer { customer, rollout: None } => {
                format!("{} in every rollout", self.customer(customer).await?)
            }
            HaltScope::Customer { customer, rollout: Some(rollout) } => {
                format!("{} in {}", self.customer(customer).await?, self.train(rollout).await?)
            }
        })
    }

    async fn train(&self, id: RolloutId) -> Result<String> {
        let found = store::rollout::find(self.conn, id).await?;
        Ok(found.map_or_else(|| "a rollout".to_owned(), |rollout| rollout.train.to_string()))
    }

    async fn customer(&self, id: CustomerId) -> Result<String> {
        let found = store::customer::find(self.conn, TenantScope::AllCustomers, id).await?;
        Ok(found.map_or_else(|| "a customer".to_owned(), |customer| customer.name))
    }
}

/// What is said of a halt, wherever it is kept.
struct Told {
    id: String,
    at: chrono::DateTime<chrono::Utc>,
    why: String,
    may: bool,
    on_lift: &'static str,
}

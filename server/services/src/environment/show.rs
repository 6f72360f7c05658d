//! One environment, whole: what it runs, what comes next and why then, what was, and what its owner can choose.

use super::designation::{form, long_text, promise};
use super::next::{is_under_way, next, unsettled, why_nothing};
use super::pull::{self, Pullable};
use super::{facts, history, plan};
use crate::exemption;
use crate::line::{Track, Yours};
use crate::words::{EnvironmentNames, Teller, kind_text};
use crate::zone::ZoneClockface;
use crate::{CallerContext, Error, RequestContext, Result, Services};
use chrono::{DateTime, Utc};
use domain::calendar::Night;
use domain::catalogue::Catalogue;
use domain::fleet::{EnvironmentKind, Region};
use domain::ids::EnvironmentId;
use domain::permission::{Permission, TenantScope};
use domain::rollout::{RolloutPolicy, RolloutReport, StageFacts};
use domain::wire::WhyView;
use domain::wire::environment::{DesignationForm, EnvironmentView, NextUpdateView};
use domain::wire::signal::LineNode;
use store::Connection;
use store::customer::Customer;
use store::environment::{Environment, HistoryEntry};
use store::exemption::Known;
use store::rollout::{Rollout, RolloutFilter};
use store::update::WithRollout;

/// All that the page is made from, as of one moment.
struct Loaded {
    environment: Environment,
    customer: Customer,
    estate: Vec<Environment>,
    catalogue: Catalogue,
    updates: Vec<WithRollout>,
    installed: Vec<HistoryEntry>,
    active: Vec<Rollout>,
    stages: Vec<StageFacts>,
    exemptions: Vec<Known>,
    /// For those who may take it ahead.
    pullable: Option<Pullable>,
}

impl Loaded {
    /// Without what only its owner may take ahead.
    async fn load(conn: &impl Connection, scope: TenantScope, id: EnvironmentId) -> Result<Self> {
        let environment = store::environment::find(conn, scope, id).await?.ok_or(Error::NotFound)?;
        let customer = store::customer::find(conn, scope, environment.customer).await?.ok_or(Error::NotFound)?;
        let updates = store::update::of_environment(conn, scope, id).await?;
        let active = RolloutFilter { states: vec!["running", "halted"], ..RolloutFilter::default() };
        let stages = match current(&updates) {
            Some(with) => store::rollout::stages(conn, with.rollout.id).await?,
            None => Vec::new(),
        };
        let estate = store::environment::estate(conn, environment.customer).await?;
        let catalogue = store::catalogue::load(conn).await?;
        Ok(Self {
            estate,
            catalogue,
            pullable: None,
            exemptions: store::exemption::of_environment(conn, scope, id).await?,
            installed: store::environment::history(conn, scope, id).await?,
            active: store::rollout::list(conn, &active).await?,
            environment,
            customer,
            updates,
            stages,
        })
    }

    fn line(&self, region_name: &str, teller: &Teller<'_>) -> Vec<LineNode> {
        let Some(with) = current(&self.updates) else { return Vec::new() };
        let Some(rollout) = self.active.iter().find(|rollout| rollout.id == with.rollout.id) else { return Vec::new() };
        let track = Track { state: &rollout.state, stages: &self.stages, report: &rollout.report };
        let yours = with.update.stage.map(|stage| Yours { stage, region: region_name });
        track.personal(yours, teller.clock)
    }

    /// What comes next, or that it is not settled, and why: the same for the page and for programs.
    fn outlook(&self, teller: &Teller<'_>) -> Outlook {
        let current = current(&self.updates);
        let zone = self.region().map(|region| region.time_zone.as_str());
        let next = current.and_then(|with| next(with, &self.environment, zone, teller));
        Outlook {
            unsettled: current.filter(|_| next.is_none()).and_then(|with| unsettled(with, teller)),
            next,
            why: match current {
                Some(with) => teller.why_update(&with.update, self.report(with)),
                None => why_nothing(&self.environment, self.updates.first(), &self.active),
            },
        }
    }

    fn report(&self, with: &WithRollout) -> Option<&RolloutReport> {
        let rollout = self.active.iter().find(|rollout| rollout.id == with.rollout.id);
        rollout.map(|rollout| &rollout.report)
    }

    fn region(&self) -> Option<&Region> {
        self.catalogue.region(&self.environment.region)
    }

    /// For the owner only; staff look, but do not choose for a customer. A trial has no choice.
    fn designation_form(&self, ctx: &RequestContext) -> Option<DesignationForm> {
        let may = ctx.actor.may(Permission::DesignateSandbox) && self.environment.kind != EnvironmentKind::Trial;
        // The rules of the newest train that it met; before the first, those that a rollout has unless told otherwise.
        let policy = self.updates.first().map_or(RolloutPolicy::DEFAULT, |with| with.rollout.policy);
        may.then(|| {
            let promise = promise(&self.updates);
            form(&self.environment, &self.estate, promise, policy.min_gap_days, &ctx.clock())
        })
    }
}

struct Outlook {
    next: Option<NextUpdateView>,
    unsettled: Option<String>,
    why: Vec<WhyView>,
}

/// Its update in the rollout that is under way.
fn current(updates: &[WithRollout]) -> Option<&WithRollout> {
    updates.iter().find(|with| is_under_way(&with.rollout.state))
}

/// What a program is told of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentWhy {
    pub environment: Environment,
    pub next: Option<NextUpdateView>,
    /// The night that is chosen, or in which it runs.
    pub night: Option<Night>,
    /// When something can change next, as far as that is known.
    pub next_at: Option<DateTime<Utc>>,
    pub unsettled: Option<String>,
    pub why: Vec<WhyView>,
}

impl Services {
    pub async fn show_environment(&self, ctx: &RequestContext, id: EnvironmentId) -> Result<EnvironmentView> {
        let scope = ctx.environment_scope()?;
        let conn = self.db().snapshot().await?;
        let mut loaded = Loaded::load(&conn, scope, id).await?;
        if ctx.actor.may(Permission::PullAhead) {
            let Loaded { environment, estate, updates, catalogue, .. } = &loaded;
            loaded.pullable = Pullable::load(&conn, environment, estate, updates, catalogue, ctx.now).await?;
        }
        let halted = self.standstill(&conn).await?;
        let names = EnvironmentNames::of(&loaded.estate);
        let teller = Teller { clock: ctx.clock(), names: &names, halted: &halted };
        Ok(view(ctx, &loaded, &teller))
    }

    /// Why an environment is not updated yet, or was left out, and when next: what its page says, told in the zone of its
    /// region, in which its nights have their dates.
    pub async fn why_environment(&self, ctx: &CallerContext, id: EnvironmentId) -> Result<EnvironmentWhy> {
        let conn = self.db().snapshot().await?;
        let found = store::environment::find(&conn, TenantScope::AllCustomers, id).await?;
        let customer = found.filter(|found| ctx.caller.reach.reaches(id, found.customer)).map(|found| found.customer);
        let scope = TenantScope::Customer(customer.ok_or(Error::NotFound)?);
        let loaded = Loaded::load(&conn, scope, id).await?;
        let halted = self.standstill(&conn).await?;
        let names = EnvironmentNames::of(&loaded.estate);
        let zone = loaded.region().map_or("UTC", |region| &region.time_zone);
        let teller = Teller { clock: ZoneClockface::of_viewer(zone), names: &names, halted: &halted };
        let Outlook { next, unsettled, why } = loaded.outlook(&teller);
        let update = current(&loaded.updates).map(|with| &with.update);
        // Nothing comes next of what is halted, and nothing that is over (the planner looks at it when it is due).
        let moves = update.filter(|update| !halted.holds(update));
        Ok(EnvironmentWhy {
            night: update.and_then(|update| update.state.night()),
            next_at: moves.and_then(|update| update.next).filter(|at| *at > ctx.now),
            environment: loaded.environment,
            next,
            unsettled,
            why,
        })
    }
}

fn view(ctx: &RequestContext, loaded: &Loaded, teller: &Teller<'_>) -> EnvironmentView {
    let environment = &loaded.environment;
    let region = loaded.region();
    let region_name = region.map_or(environment.region.as_str(), |region| region.name.as_str());
    let zone = region.map(|region| region.time_zone.as_str());
    let Outlook { next, unsettled, why } = loaded.outlook(teller);
    EnvironmentView {
        id: environment.id,
        name: environment.name.clone(),
        customer: (loaded.customer.id, loaded.customer.name.clone()),
        kind: environment.kind,
        kind_text: kind_text(environment.kind, environment.tier),
        region: region_name.to_owned(),
        service_update: environment.service_update.to_string(),
        build: environment.build.to_string(),
        since: teller.clock.when(environment.build_since, zone),
        unsettled,
        next,
        line: loaded.line(region_name, teller),
        why,
        history: history::rows(&loaded.updates, &loaded.installed, &loaded.catalogue, zone, teller),
        designation: loaded.designation_form(ctx),
        pull: loaded.pullable.as_ref().map(|pullable| pull::view(pullable, environment, teller.clock, ctx.now)),
        planning: ctx.actor.may(Permission::PlanOwnEnvironment).then(|| plan::form(environment, teller.clock)),
        exemption: exemption::panel(ctx, environment, &loaded.customer, &loaded.exemptions),
        designation_text: long_text(environment, teller.names),
        facts: facts::facts(environment, region),
    }
}

//! One environment, whole: what it runs, what comes next and why then, what was, and what its owner can choose.

use super::designation::{form, long_text, promise};
use super::next::{is_under_way, next, unsettled, why_nothing};
use super::{facts, history};
use crate::line::{Track, Yours};
use crate::words::{EnvironmentNames, Teller, kind_text};
use crate::{Error, RequestContext, Result, Services};
use domain::catalogue::Catalogue;
use domain::fleet::EnvironmentKind;
use domain::ids::{EnvironmentId, RolloutId};
use domain::permission::{Permission, TenantScope};
use domain::rollout::{RolloutPolicy, StageFacts};
use domain::wire::environment::{DesignationForm, EnvironmentView};
use domain::wire::signal::LineNode;
use std::collections::HashSet;
use store::Connection;
use store::customer::Customer;
use store::environment::{Environment, HistoryEntry};
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
}

impl Loaded {
    async fn load(conn: &impl Connection, scope: TenantScope, id: EnvironmentId) -> Result<Self> {
        let environment = store::environment::find(conn, scope, id).await?.ok_or(Error::NotFound)?;
        let customer = store::customer::find(conn, scope, environment.customer).await?.ok_or(Error::NotFound)?;
        let updates = store::update::of_environment(conn, scope, id).await?;
        let active = RolloutFilter { states: vec!["running", "halted"], ..RolloutFilter::default() };
        let stages = match current(&updates) {
            Some(with) => store::rollout::stages(conn, with.rollout.id).await?,
            None => Vec::new(),
        };
        Ok(Self {
            estate: store::environment::estate(conn, environment.customer).await?,
            catalogue: store::catalogue::load(conn).await?,
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

    /// For the owner of a sandbox only; staff look, but do not choose for a customer.
    fn designation_form(&self, ctx: &RequestContext) -> Option<DesignationForm> {
        let may = ctx.actor.may(Permission::DesignateSandbox) && self.environment.kind == EnvironmentKind::Sandbox;
        // The rules of the newest train that it met; before the first, those that a rollout has unless told otherwise.
        let policy = self.updates.first().map_or(RolloutPolicy::DEFAULT, |with| with.rollout.policy);
        may.then(|| {
            let promise = promise(&self.updates);
            form(&self.environment, &self.estate, promise, policy.min_gap_days, &ctx.clock())
        })
    }
}

/// Its update in the rollout that is under way.
fn current(updates: &[WithRollout]) -> Option<&WithRollout> {
    updates.iter().find(|with| is_under_way(&with.rollout.state))
}

impl Services {
    pub async fn show_environment(&self, ctx: &RequestContext, id: EnvironmentId) -> Result<EnvironmentView> {
        let scope = ctx.environment_scope()?;
        let conn = self.db().snapshot().await?;
        let loaded = Loaded::load(&conn, scope, id).await?;
        let halted = self.halted_rollouts(&conn).await?;
        let names = EnvironmentNames::of(&loaded.estate);
        let teller = Teller { clock: ctx.clock(), names: &names, halted: &halted };
        Ok(view(ctx, &loaded, &teller))
    }

    /// Rollouts that stand, so that what was to come in them is shown as halted.
    pub(crate) async fn halted_rollouts(&self, conn: &impl Connection) -> Result<HashSet<RolloutId>> {
        let halted = RolloutFilter { states: vec!["halted"], ..RolloutFilter::default() };
        Ok(store::rollout::list(conn, &halted).await?.into_iter().map(|rollout| rollout.id).collect())
    }
}

fn view(ctx: &RequestContext, loaded: &Loaded, teller: &Teller<'_>) -> EnvironmentView {
    let environment = &loaded.environment;
    let region = loaded.catalogue.region(&environment.region);
    let region_name = region.map_or(environment.region.as_str(), |region| region.name.as_str());
    let zone = region.map(|region| region.time_zone.as_str());
    let current = current(&loaded.updates);
    let next = current.and_then(|with| next(with, environment, zone, teller));
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
        unsettled: current.filter(|_| next.is_none()).and_then(unsettled),
        next,
        line: loaded.line(region_name, teller),
        why: match current {
            Some(with) => teller.why_update(&with.update),
            None => why_nothing(environment, loaded.updates.first(), &loaded.active),
        },
        history: history::rows(&loaded.updates, &loaded.installed, &loaded.catalogue, zone, teller),
        designation: loaded.designation_form(ctx),
        designation_text: long_text(environment, teller.names),
        facts: facts::facts(environment, region, teller.clock),
    }
}

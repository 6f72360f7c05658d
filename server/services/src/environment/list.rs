//! The list of a customer's environments, by name.

use super::designation::short_text;
use crate::words::{EnvironmentNames, Teller, kind_from_key, kind_text};
use crate::{RequestContext, Result, Services};
use domain::permission::TenantScope;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::environment::{EnvironmentRow, EnvironmentsParams, EnvironmentsView};
use domain::wire::signal::{UpdateStateWord, When};
use store::environment::{EnvironmentFilter, Listed};
use store::update::Update;

impl Services {
    pub async fn list_environments(
        &self,
        ctx: &RequestContext,
        params: &EnvironmentsParams,
    ) -> Result<EnvironmentsView> {
        let customer = ctx.own_customer()?;
        let filter = EnvironmentFilter {
            name_contains: params.q.trim().to_owned(),
            kind: kind_from_key(&params.kind),
            state: UpdateStateWord::from_key(&params.state),
        };
        let conn = self.db().snapshot().await?;
        let scope = TenantScope::Customer(customer);
        let page = store::environment::list(&conn, scope, &filter, params.after, PAGE_ROWS_MAX).await?;
        let total = store::environment::count(&conn, customer, &filter).await?;
        let estate = store::environment::estate(&conn, customer).await?;
        let names = EnvironmentNames::of(&estate);
        let halted = self.standstill(&conn).await?;
        let catalogue = store::catalogue::load(&conn).await?;
        let teller = Teller { clock: ctx.clock(), names: &names, halted: &halted };
        let next = page.rows.last().filter(|_| page.more).map(|row| row.environment.id);
        let rows = page.rows.iter().map(|listed| {
            let region = catalogue.region(&listed.environment.region);
            row(listed, region, &teller)
        });
        Ok(EnvironmentsView { rows: rows.collect(), total, next })
    }
}

fn row(listed: &Listed, region: Option<&domain::fleet::Region>, teller: &Teller<'_>) -> EnvironmentRow {
    let environment = &listed.environment;
    let told = listed.update.as_ref().map(|update| teller.tell(update));
    let zone = region.map(|region| region.time_zone.as_str());
    EnvironmentRow {
        id: environment.id,
        name: environment.name.clone(),
        kind: environment.kind,
        kind_text: kind_text(environment.kind, environment.tier),
        region: region.map_or_else(|| environment.region.clone(), |region| region.name.clone()),
        service_update: environment.service_update.to_string(),
        build: environment.build.to_string(),
        designation: short_text(environment, teller.names),
        state: told.as_ref().map(|told| told.word),
        state_text: told.map(|told| told.text).unwrap_or_default(),
        next: listed.update.as_ref().and_then(|update| next_when(update, zone, teller)),
    }
}

/// Only what is still to come: the night, or the dates of the window.
fn next_when(update: &Update, zone: Option<&str>, teller: &Teller<'_>) -> Option<When> {
    match &update.state {
        // Nothing starts; where the night will be is settled when it goes on.
        UpdateState::Announced { .. } if teller.halted.holds(update) => None,
        UpdateState::Announced { night, .. } => Some(teller.clock.when_night(*night, zone)),
        UpdateState::Planned => update.reasons.iter().find_map(|reason| match reason {
            EnvironmentReason::NightNotChosen { window, ahead_days } => {
                Some(teller.clock.when_planned(*window, update.next, *ahead_days))
            }
            _ => None,
        }),
        _ => None,
    }
}

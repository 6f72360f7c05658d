//! The environments of a rollout, by stage and state, each with its reasons.

use crate::words::{EnvironmentNames, Teller, mentioned};
use crate::{Error, RequestContext, Result, Services};
use domain::catalogue::Catalogue;
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::ids::EnvironmentId;
use domain::permission::{Permission, TenantScope};
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState, reasons};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::rollout::{RolloutEnvironmentRow, RolloutEnvironmentsParams, RolloutEnvironmentsView};
use domain::wire::signal::{UpdateStateWord, When};
use std::collections::{BTreeSet, HashMap};
use store::Connection;
use store::rollout::Rollout;
use store::update::{InRollout, Update, UpdateFilter};

impl Services {
    pub async fn list_rollout_environments(
        &self,
        ctx: &RequestContext,
        params: &RolloutEnvironmentsParams,
    ) -> Result<RolloutEnvironmentsView> {
        ctx.require(Permission::SeeRollouts)?;
        let id = params.rollout.ok_or(Error::NotFound)?;
        let conn = self.db().snapshot().await?;
        let rollout = store::rollout::find(&conn, id).await?.ok_or(Error::NotFound)?;
        let after = params.after.parse().ok();
        let page = store::update::of_rollout(&conn, id, &filter(params), after, PAGE_ROWS_MAX).await?;
        let names = self.names_mentioned(&conn, page.rows.iter().map(|row| &row.update)).await?;
        let halted = self.standstill(&conn).await?;
        let catalogue = store::catalogue::load(&conn).await?;
        let windows = windows(&conn, &rollout).await?;
        let teller = Teller { clock: ctx.clock(), names: &names, halted: &halted };
        let next = page.rows.last().filter(|_| page.more).map(|row| row.update.id.to_string());
        let rows = page.rows.iter().map(|listed| row(listed, &catalogue, &windows, &teller)).collect();
        let enrolled = !matches!(rollout.state, RolloutState::Draft);
        Ok(RolloutEnvironmentsView { rows, next, enrolled })
    }

    /// Names of the environments that the reasons of these updates point at. One look-up each: only sandboxes that
    /// follow a production name another environment, and a page has at most [`PAGE_ROWS_MAX`] rows.
    pub(crate) async fn names_mentioned<'a>(
        &self,
        conn: &impl Connection,
        updates: impl Iterator<Item = &'a Update>,
    ) -> Result<EnvironmentNames> {
        let ids: BTreeSet<EnvironmentId> = updates
            .flat_map(|update| reasons(&update.state, (update.attempts, true), &update.reasons, None))
            .filter_map(|reason| mentioned(&reason))
            .collect();
        let mut names = Vec::new();
        for id in ids {
            if let Some(found) = store::environment::find(conn, TenantScope::AllCustomers, id).await? {
                names.push((id, found.name));
            }
        }
        Ok(names.into_iter().collect())
    }
}

/// The published dates of a rollout, and how long before a night it is chosen.
struct Windows {
    of_stage: HashMap<StageKey, domain::calendar::StageWindow>,
    ahead_days: u16,
}

async fn windows(conn: &impl Connection, rollout: &Rollout) -> Result<Windows> {
    let stages = store::rollout::stages(conn, rollout.id).await?;
    Ok(Windows {
        of_stage: stages.into_iter().map(|stage| (stage.key, stage.window)).collect(),
        ahead_days: rollout.policy.ahead_days(),
    })
}

/// Each part of a stage can be asked for by itself; station `none` is what has no stage.
fn filter(params: &RolloutEnvironmentsParams) -> UpdateFilter {
    let audience = match params.audience.as_str() {
        "sandbox" => Some(Audience::Sandbox),
        "production" => Some(Audience::Production),
        _ => None,
    };
    UpdateFilter {
        station: params.station.parse().ok().map(StationNumber),
        audience,
        unplaced: params.station == "none",
        state: UpdateStateWord::from_key(&params.state),
    }
}

fn row(listed: &InRollout, catalogue: &Catalogue, windows: &Windows, teller: &Teller<'_>) -> RolloutEnvironmentRow {
    let update = &listed.update;
    let region = catalogue.region(&listed.region);
    RolloutEnvironmentRow {
        id: update.environment,
        name: listed.environment_name.clone(),
        customer: listed.customer_name.clone(),
        region: region.map_or_else(|| listed.region.clone(), |region| region.name.clone()),
        stage: update.stage.map_or_else(|| "No stage".to_owned(), |stage| stage.to_string()),
        state: teller.tell(update).word,
        when: when(update, region.map(|region| region.time_zone.as_str()), windows, teller),
        // What a stage waits for stands above, once for all of its rows.
        why: teller.why_update(update, None),
    }
}

/// What ran, when it did; else the night, else the window.
fn when(update: &Update, zone: Option<&str>, windows: &Windows, teller: &Teller<'_>) -> Option<When> {
    let clock = teller.clock;
    match &update.state {
        UpdateState::Succeeded { finished_at: at, .. }
        | UpdateState::Failed { failed_at: at, .. }
        | UpdateState::InProgress { started_at: at, .. }
        | UpdateState::Verifying { started_at: at, .. }
        | UpdateState::AlreadySatisfied { since: at, .. } => Some(clock.when(*at, zone)),
        UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { last, .. }, .. } => {
            Some(clock.when(last.failed_at, zone))
        }
        UpdateState::Announced { night, .. } => Some(clock.when_night(*night, zone)),
        UpdateState::Planned | UpdateState::Held { .. } => {
            let window = update.stage.and_then(|stage| windows.of_stage.get(&stage))?;
            Some(clock.when_planned(*window, update.next, windows.ahead_days))
        }
        UpdateState::Skipped { .. } => None,
    }
}

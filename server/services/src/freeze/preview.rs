//! What a freeze would hold back, before it is set: how many announced nights of how many environments, by rollout; and how
//! many environments are expected in it whose nights are not announced.

use super::form::Asked;
use super::names::{FreezePlaces, place};
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use domain::freeze::{FreezePreview, FreezeScope, PlannedNight};
use domain::ids::RolloutId;
use domain::wire::freeze::{FreezePreviewView, FreezeTouches};
use std::collections::BTreeSet;
use store::Connection;
use store::update::{AnnouncedNight, ExpectedNight};

/// Nights are announced days ahead, so the next occurrence of a yearly freeze is the only one that can touch any.
pub(super) async fn preview(conn: &impl Connection, ctx: &RequestContext, asked: &Asked) -> Result<FreezePreviewView> {
    let clock: ZoneClockface = ctx.clock();
    let names = FreezePlaces::of(conn, std::slice::from_ref(&asked.scope)).await?;
    let announced = match asked.span.at_or_after(ctx.now.date_naive()) {
        Some(dates) => store::update::announced_between(conn, dates, asked.customer).await?,
        None => Vec::new(),
    };
    let of = |only: Option<RolloutId>| {
        let these = announced.iter().filter(|night| only.is_none_or(|rollout| rollout == night.rollout));
        let nights = these.map(|AnnouncedNight { night, environment, customer, region, .. }| PlannedNight {
            place: place(names.catalogue(), region, *customer, *environment),
            night: *night,
        });
        FreezePreview::of(&asked.scope, asked.span, nights)
    };
    let all = FreezePreview { expected: expected(conn, ctx, asked, &names).await?, ..of(None) };
    let rollouts: BTreeSet<RolloutId> = announced.iter().map(|night| night.rollout).collect();
    let mut touches = Vec::new();
    for rollout in rollouts {
        let FreezePreview { nights, environments, .. } = of(Some(rollout));
        if nights > 0 {
            let train = store::rollout::find(conn, rollout).await?.map(|rollout| rollout.train.to_string());
            touches.push(FreezeTouches { rollout, train: train.unwrap_or_default(), nights, environments });
        }
    }
    Ok(FreezePreviewView {
        what: format!("Freeze {}, {}", asked.scope.words(&names), asked.span.words(&clock)),
        effect: format!(
            "Nothing starts in these nights. Updates that run when it begins go on to their end. {}",
            all.sentence(&clock)
        ),
        environments: all.environments,
        touches,
    })
}

/// A night has its date by the dark hours of its region: it may begin on the day before.
async fn expected(conn: &impl Connection, ctx: &RequestContext, asked: &Asked, names: &FreezePlaces) -> Result<u32> {
    let Some((first, last)) = asked.span.at_or_after(ctx.now.date_naive()) else { return Ok(0) };
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let between = (midnight(first) - TimeDelta::days(1), midnight(last) + TimeDelta::days(2));
    let environment = match asked.scope {
        FreezeScope::Environment { environment } => Some(environment),
        _ => None,
    };
    let nights = store::update::expected_between(conn, between, (asked.customer, environment)).await?;
    let falls_into = |night: &&ExpectedNight| {
        let Some(region) = names.catalogue().region(&night.region) else { return false };
        let here = match &asked.scope {
            FreezeScope::Cloud { cloud } => *cloud == region.cloud,
            FreezeScope::Region { region: slug } => *slug == region.slug,
            FreezeScope::Global | FreezeScope::Customer { .. } | FreezeScope::Environment { .. } => true,
        };
        let date = night.start.date_naive();
        let is_of = |date: &NaiveDate| {
            region.dark_hours.and_then(|hours| hours.night(*date)).is_some_and(|of| of.start == night.start)
        };
        let date = [Some(date), date.succ_opt()].into_iter().flatten().find(is_of);
        here && date.is_some_and(|date| asked.span.covers(date))
    };
    Ok(nights.iter().filter(falls_into).map(|night| night.environments).sum())
}

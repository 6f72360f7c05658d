//! What a freeze would hold back, before it is set: how many announced nights of how many environments, by rollout.

use super::form::Asked;
use super::names::{FreezePlaces, place};
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result};
use domain::freeze::{FreezePreview, PlannedNight};
use domain::ids::RolloutId;
use domain::wire::freeze::{FreezePreviewView, FreezeTouches};
use std::collections::BTreeSet;
use store::Connection;
use store::update::AnnouncedNight;

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
    let all = of(None);
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

//! Whose turn it is: announced updates whose night has begun and that caps, stages and their production let start. As
//! many as may start now, in the order of starts, so that a plan over a million environments looks at a handful.

use super::ends::Ends;
use crate::entity::{environment as e, environment_update as u};
use crate::row::ms;
use crate::{Connection, Result, keys};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, EnvironmentKind, StationNumber};
use domain::ids::{CustomerId, EnvironmentId};
use domain::rollout::halt::HaltScope;
use domain::rollout::{Part, RolloutFacts};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoIden, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use uuid::Uuid;

/// The customers whose turn it is.
pub async fn customers(
    conn: &impl Connection,
    facts: &RolloutFacts,
    ends: &Ends,
    now: DateTime<Utc>,
) -> Result<BTreeSet<CustomerId>> {
    let full = Full::of(facts);
    let own = facts.in_flight.iter().filter(|update| update.own).count() as u64;
    let free = u64::from(facts.policy.caps.rollout).saturating_sub(own);
    if free == 0 || facts.unapproved.is_some() {
        return Ok(BTreeSet::new());
    }
    let mut found = BTreeSet::new();
    for (early, first) in [(true, ends.early), (false, ends.others)] {
        if first.is_none_or(|first| first > now) {
            continue;
        }
        let begun = u::Entity::find()
            .select_only()
            .column(u::Column::CustomerId)
            .join(
                JoinType::InnerJoin,
                u::Entity::belongs_to(e::Entity).from(u::Column::EnvironmentId).to(e::Column::Id).into(),
            )
            .filter(u::Column::RolloutId.eq(facts.rollout.uuid()))
            // In exactly the words of the partial index.
            .filter(Expr::col((u::Entity, u::Column::State)).eq(Expr::cust("'announced'")))
            .filter(u::Column::Early.eq(early))
            .filter(night_admits(facts, now))
            .filter(open_stages(facts, &full))
            .filter(full.condition())
            .filter(is_not_kept_back())
            .filter(is_behind_no_late_sandbox(facts, now))
            .order_by_asc(u::Column::NightStartMs)
            .order_by_asc(u::Column::Place)
            .limit(free);
        let customers: Vec<Uuid> = begun.into_tuple().all(conn).await?;
        found.extend(customers.into_iter().map(CustomerId::new));
    }
    Ok(found)
}

fn night_admits(facts: &RolloutFacts, now: DateTime<Utc>) -> Condition {
    let done = now + TimeDelta::minutes(facts.policy.declared_minutes.into());
    Condition::all().add(u::Column::NightStartMs.lte(ms(now))).add(u::Column::NightEndMs.gte(ms(done)))
}

fn open_stages(facts: &RolloutFacts, full: &Full<'_>) -> Condition {
    // What its owner takes ahead waits for no stage.
    let pulled = Condition::all()
        .add(u::Column::Pull.is_not_null())
        .add(u::Column::Station.is_not_in(full.stations.iter().map(|station| i16::from(station.0))));
    let may = |station| facts.is_let_into(station) && !full.stations.contains(&station);
    let open = facts.stages.iter().filter(|stage| stage.state.admits() && may(stage.key.station));
    open.fold(Condition::any().add(pulled), |any, stage| {
        any.add(
            Condition::all()
                .add(u::Column::Station.eq(i16::from(stage.key.station.0)))
                .add(u::Column::Audience.eq(keys::audience(stage.key.audience))),
        )
    })
}

/// It follows nobody, or whom it follows has the build: one that had it and was taken back counts for nothing any more.
fn is_not_kept_back() -> Condition {
    let production = Alias::new("production").into_iden();
    let column = |column: u::Column| Expr::col((production.clone(), column));
    let updated = Query::select()
        .expr(Expr::value(1))
        .from_as(u::Entity, production.clone())
        .and_where(column(u::Column::RolloutId).equals((u::Entity, u::Column::RolloutId)))
        .and_where(column(u::Column::EnvironmentId).equals((u::Entity, u::Column::FollowsId)))
        .cond_where(
            Condition::any()
                .add(column(u::Column::State).eq("already_satisfied"))
                .add(column(u::Column::State).eq("succeeded").and(column(u::Column::Part).ne(Part::Out.key()))),
        )
        .take();
    Condition::any().add(Expr::col((u::Entity, u::Column::FollowsId)).is_null()).add(Expr::exists(updated))
}

/// Production keeps its gap to a sandbox of its own that was not updated in its night and is to have another (rule G3), unless
/// its owner takes it ahead.
fn is_behind_no_late_sandbox(facts: &RolloutFacts, now: DateTime<Utc>) -> Condition {
    let sandbox = Alias::new("sandbox").into_iden();
    let column = |column: u::Column| Expr::col((sandbox.clone(), column));
    let done = now + TimeDelta::minutes(facts.policy.declared_minutes.into());
    let late = Query::select()
        .expr(Expr::value(1))
        .from_as(u::Entity, sandbox.clone())
        .and_where(column(u::Column::CustomerId).equals((u::Entity, u::Column::CustomerId)))
        .and_where(column(u::Column::RolloutId).eq(facts.rollout.uuid()))
        .and_where(column(u::Column::Audience).eq(keys::audience(Audience::Sandbox)))
        .cond_where(
            Condition::any()
                .add(column(u::Column::State).eq("announced").and(column(u::Column::NightEndMs).lt(ms(done))))
                .add(column(u::Column::State).eq("failed")),
        )
        .take();
    Condition::any()
        .add(Expr::col((e::Entity, e::Column::Kind)).ne(keys::kind(EnvironmentKind::Production)))
        .add(u::Column::Pull.is_not_null())
        .add(Expr::exists(late).not())
}

/// Caps without room (rule C1), what is halted, and environments that run another update.
struct Full<'a> {
    stations: Vec<StationNumber>,
    regions: Vec<&'a str>,
    customers: Vec<CustomerId>,
    busy: Vec<EnvironmentId>,
}

impl<'a> Full<'a> {
    fn of(facts: &'a RolloutFacts) -> Self {
        let (caps, running) = (facts.policy.caps, &facts.in_flight);
        let mut stations = at_least(running.iter().filter_map(|update| update.station), caps.station);
        let mut customers = at_least(running.iter().map(|update| update.customer), caps.customer);
        for halt in &facts.halts {
            match halt.scope {
                HaltScope::Station { station, .. } => stations.push(station),
                HaltScope::Customer { customer, .. } => customers.push(customer),
                // Nobody is asked for while everything stands.
                HaltScope::Build { .. } | HaltScope::Rollout { .. } | HaltScope::Everything => {}
            }
        }
        Self {
            stations,
            regions: at_least(running.iter().map(|update| update.region.as_str()), caps.region),
            customers,
            busy: running.iter().map(|update| update.environment).collect(),
        }
    }

    fn condition(&self) -> Condition {
        Condition::all()
            .add(Expr::col((e::Entity, e::Column::Region)).is_not_in(self.regions.iter().copied()))
            .add(u::Column::CustomerId.is_not_in(self.customers.iter().map(|id| id.uuid())))
            .add(u::Column::EnvironmentId.is_not_in(self.busy.iter().map(|id| id.uuid())))
    }
}

fn at_least<K: Eq + Hash>(keys: impl Iterator<Item = K>, limit: u32) -> Vec<K> {
    let mut counts: HashMap<K, u32> = HashMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= limit).map(|(key, _)| key).collect()
}

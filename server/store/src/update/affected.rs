//! Whom a halt or a freeze concerns. Counts of rollouts and stations are the maintained ones; those of one customer are
//! taken from its own few updates.

use crate::entity::environment as e;
use crate::entity::environment_update::{Column, Entity};
use crate::entity::rollout;
use crate::entity::update_count as counter;
use crate::row::{Row, ms};
use crate::{Connection, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::Night;
use domain::fleet::StationNumber;
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId};
use domain::rollout::StageCounts;
use domain::rollout::halt::{HaltEffect, HaltScope};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whom a halt affects, in rollouts under way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    pub effect: HaltEffect,
    pub rollouts: BTreeSet<RolloutId>,
}

pub async fn affected(conn: &impl Connection, scope: HaltScope) -> Result<Affected> {
    let under_way = Condition::all().add(rollout::Column::State.is_in(["running", "halted"]));
    let which = match scope {
        HaltScope::Everything | HaltScope::Customer { rollout: None, .. } => under_way,
        HaltScope::Build { build } => under_way.add(rollout::Column::BuildId.eq(BuildId::uuid(build))),
        HaltScope::Rollout { rollout: id }
        | HaltScope::Station { rollout: id, .. }
        | HaltScope::Customer { rollout: Some(id), .. } => under_way.add(rollout::Column::Id.eq(id.uuid())),
    };
    let ids: Vec<Uuid> =
        rollout::Entity::find().select_only().column(rollout::Column::Id).filter(which).into_tuple().all(conn).await?;
    match scope {
        HaltScope::Customer { customer, .. } => of_customer(conn, customer, ids).await,
        HaltScope::Station { station, .. } => counted(conn, ids, Some(station)).await,
        _ => counted(conn, ids, None).await,
    }
}

async fn counted(conn: &impl Connection, ids: Vec<Uuid>, station: Option<StationNumber>) -> Result<Affected> {
    let there = station.map(|station| counter::Column::Station.eq(i16::from(station.0)));
    let rows: Vec<(String, i64)> = counter::Entity::find()
        .select_only()
        .columns([counter::Column::State, counter::Column::Updates])
        .filter(counter::Column::RolloutId.is_in(ids.iter().copied()))
        .filter(Condition::all().add_option(there))
        .into_tuple()
        .all(conn)
        .await?;
    let row = Row::new("update_count", "of a halt");
    let mut counts = StageCounts::default();
    for (state, updates) in rows {
        counts.add_many(row.word(&state, UpdateStateWord::from_key)?, row.number(updates)?);
    }
    Ok(Affected { effect: counts.into(), rollouts: ids.into_iter().map(RolloutId::new).collect() })
}

async fn of_customer(conn: &impl Connection, customer: CustomerId, ids: Vec<Uuid>) -> Result<Affected> {
    let rows: Vec<(Uuid, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::RolloutId, Column::State])
        .column_as(Expr::col(Column::Id).count(), "updates")
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Column::RolloutId.is_in(ids))
        .group_by(Column::RolloutId)
        .group_by(Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    let row = Row::new("environment_update of customer", customer);
    let (mut counts, mut rollouts) = (StageCounts::default(), BTreeSet::new());
    for (rollout, state, updates) in rows {
        counts.add_many(row.word(&state, UpdateStateWord::from_key)?, row.number(updates)?);
        rollouts.insert(RolloutId::new(rollout));
    }
    Ok(Affected { effect: counts.into(), rollouts })
}

/// A night that is announced, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedNight {
    pub rollout: RolloutId,
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    /// The slug.
    pub region: String,
    pub night: Night,
}

/// Rollout, environment, customer, region; date, start and end of the night.
type NightColumns = (Uuid, Uuid, Uuid, String, NaiveDate, i64, i64);

/// Announced nights with a published date in `first..=last`, of everybody or of one customer.
pub async fn announced_between(
    conn: &impl Connection,
    (first, last): (NaiveDate, NaiveDate),
    customer: Option<CustomerId>,
) -> Result<Vec<AnnouncedNight>> {
    let rows: Vec<NightColumns> = Entity::find()
        .select_only()
        .columns([Column::RolloutId, Column::EnvironmentId, Column::CustomerId])
        .column(e::Column::Region)
        .columns([Column::NightDate, Column::NightStartMs, Column::NightEndMs])
        .join(JoinType::InnerJoin, Entity::belongs_to(e::Entity).from(Column::EnvironmentId).to(e::Column::Id).into())
        .filter(Expr::cust("environment_update.state = 'announced'"))
        .filter(Column::NightDate.between(first, last))
        .filter(Condition::all().add_option(customer.map(|customer| Column::CustomerId.eq(customer.uuid()))))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(rollout, environment, customer, region, date, start, end)| {
            let environment = EnvironmentId::new(environment);
            let row = Row::new("environment_update of environment", environment);
            Ok(AnnouncedNight {
                rollout: RolloutId::new(rollout),
                environment,
                customer: CustomerId::new(customer),
                region,
                night: Night { date, start: row.at(start)?, end: row.at(end)? },
            })
        })
        .collect()
}

/// The night that is expected for some environments of one region, and not announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedNight {
    pub rollout: RolloutId,
    /// The slug.
    pub region: String,
    pub start: DateTime<Utc>,
    pub environments: u32,
}

/// Expected nights of rollouts under way that start in `from..=to`, of everybody, of one customer, or of one environment.
pub async fn expected_between(
    conn: &impl Connection,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    (customer, environment): (Option<CustomerId>, Option<EnvironmentId>),
) -> Result<Vec<ExpectedNight>> {
    let under_way = Query::select()
        .column(rollout::Column::Id)
        .from(rollout::Entity)
        .and_where(rollout::Column::State.is_in(["running", "halted"]))
        .take();
    let which = Condition::all()
        .add(Column::RolloutId.in_subquery(under_way))
        .add_option(customer.map(|customer| Column::CustomerId.eq(customer.uuid())))
        .add_option(environment.map(|environment| Column::EnvironmentId.eq(environment.uuid())));
    let rows: Vec<(Uuid, String, i64, i64)> = Entity::find()
        .select_only()
        .column(Column::RolloutId)
        .column(e::Column::Region)
        .column(Column::NextMs)
        .column_as(Expr::col((Entity, Column::Id)).count(), "updates")
        .join(JoinType::InnerJoin, Entity::belongs_to(e::Entity).from(Column::EnvironmentId).to(e::Column::Id).into())
        .filter(Column::State.eq("planned"))
        .filter(Column::NextMs.between(ms(from), ms(to)))
        .filter(which)
        .group_by(Column::RolloutId)
        .group_by(e::Column::Region)
        .group_by(Column::NextMs)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(rollout, region, start, updates)| {
            let rollout = RolloutId::new(rollout);
            let row = Row::new("environment_update of rollout", rollout);
            Ok(ExpectedNight { rollout, region, start: row.at(start)?, environments: row.number(updates)? })
        })
        .collect()
}

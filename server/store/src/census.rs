//! The database as it stands, as plain values, for whoever checks it: nothing is scoped, paged or left out. For simulators
//! and self-checks; pages and jobs have their own queries. Not here: what has to hold (`simulation`).

use crate::audit::AuditEvent;
use crate::entity::{
    audit_event, deployment_count as counter, environment as e, environment_update as u, notification,
    outbox as events, update_count,
};
use crate::environment::Environment;
use crate::outbox::OutboxRow;
use crate::rollout::{Rollout, RolloutFilter};
use crate::row::{IDS_PER_QUERY, Row};
use crate::update::Update;
use crate::update::counts::CountKey;
use crate::{Connection, Result, audit, build, emergency, exemption, freeze, halt, lease, outbox, recovery, rollout};
use chrono::{DateTime, Utc};
use domain::emergency::EmergencyPolicy;
use domain::fleet::StationNumber;
use domain::freeze::Freezes;
use domain::ids::{CustomerId, EnvironmentId, NotificationId, RolloutId, UpdateId};
use domain::notification::NotificationPayload;
use domain::rollout::halt::Halt;
use domain::rollout::{Approval, StageFacts};
use sea_orm::sea_query::{Expr, Func, Query, TableRef};
use sea_orm::{ColumnTrait, EntityName, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

pub use crate::build::Build;

/// A rollout without its report, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeRollout {
    pub rollout: Rollout,
    /// By station, sandbox before production.
    pub stages: Vec<StageFacts>,
    pub approvals: Vec<(StationNumber, Approval)>,
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub id: NotificationId,
    pub customer: CustomerId,
    pub environment: Option<EnvironmentId>,
    pub rollout: Option<RolloutId>,
    pub payload: NotificationPayload,
    pub created_at: DateTime<Utc>,
    pub dedupe_key: String,
}

/// A counter that does not say what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miscount {
    /// Of environments: service update, build, station (0 for none), region, kind; of updates: all that tells them apart.
    pub of: String,
    pub counted: i64,
    pub there: i64,
}

/// What people do beside rollouts: each list with the oldest first, and the policy that bounds emergency paths.
#[derive(Debug, Clone)]
pub struct Ways {
    pub emergencies: Vec<emergency::Known>,
    pub policy: EmergencyPolicy,
    pub recoveries: Vec<recovery::Known>,
    pub exemptions: Vec<exemption::Known>,
}

pub async fn ways(conn: &impl Connection) -> Result<Ways> {
    Ok(Ways {
        emergencies: emergency::all(conn).await?,
        policy: emergency::policy(conn).await?,
        recoveries: recovery::all(conn).await?,
        exemptions: exemption::all(conn).await?,
    })
}

/// By id.
pub async fn rollouts(conn: &impl Connection) -> Result<Vec<WholeRollout>> {
    let (mut stages, mut given) = (rollout::all_stages(conn).await?, rollout::all_approvals(conn).await?);
    let mut found = Vec::new();
    for rollout in rollout::list_unreported(conn, &RolloutFilter::default()).await? {
        let given = given.remove(&rollout.id).unwrap_or_default();
        let approvals = given.into_iter().map(|given| (given.station, given.approval)).collect();
        found.push(WholeRollout { stages: stages.remove(&rollout.id).unwrap_or_default(), rollout, approvals });
    }
    found.sort_by_key(|whole| whole.rollout.id);
    Ok(found)
}

pub async fn builds(conn: &impl Connection) -> Result<Vec<Build>> {
    build::list(conn).await
}

/// Halts of stations and customers that stand, the oldest first.
pub async fn halts(conn: &impl Connection) -> Result<Vec<Halt>> {
    halt::in_force(conn).await
}

/// Freezes that are set, whatever they cover today.
pub async fn freezes(conn: &impl Connection) -> Result<Freezes> {
    freeze::set(conn).await
}

/// Whom the lease of this name was given last, lapsed or not.
pub async fn lease_owner(conn: &impl Connection, name: &str) -> Result<Option<String>> {
    lease::owner(conn, name).await
}

/// By id; those that are named, or all.
pub async fn environments(conn: &impl Connection, only: Option<&[EnvironmentId]>) -> Result<Vec<Environment>> {
    let Some(only) = only else {
        let rows = e::Entity::find().order_by_asc(e::Column::Id).all(conn).await?;
        return rows.into_iter().map(Environment::try_from).collect();
    };
    let mut found = Vec::with_capacity(only.len());
    for chunk in only.chunks(IDS_PER_QUERY) {
        let named = e::Entity::find().filter(e::Column::Id.is_in(chunk.iter().map(|id| id.uuid())));
        for row in named.order_by_asc(e::Column::Id).all(conn).await? {
            found.push(Environment::try_from(row)?);
        }
    }
    Ok(found)
}

/// By id; those that are named, or all.
pub async fn updates(conn: &impl Connection, only: Option<&[UpdateId]>) -> Result<Vec<Update>> {
    let Some(only) = only else {
        let rows = u::Entity::find().order_by_asc(u::Column::Id).all(conn).await?;
        return rows.into_iter().map(Update::try_from).collect();
    };
    let mut found = Vec::with_capacity(only.len());
    for chunk in only.chunks(IDS_PER_QUERY) {
        let named = u::Entity::find().filter(u::Column::Id.is_in(chunk.iter().map(|id| id.uuid())));
        for row in named.order_by_asc(u::Column::Id).all(conn).await? {
            found.push(Update::try_from(row)?);
        }
    }
    Ok(found)
}

/// After the letter `after`, by id: complete where ids are given in the order of writing, as a simulator's are.
pub async fn letters(conn: &impl Connection, after: Option<NotificationId>) -> Result<Vec<Letter>> {
    use notification::Column as C;
    // Letters about exemptions belong to no rollout.
    let mut select = notification::Entity::find().filter(C::RolloutId.is_not_null()).order_by_asc(C::Id);
    if let Some(after) = after {
        select = select.filter(C::Id.gt(after.uuid()));
    }
    let rows = select.all(conn).await?;
    rows.into_iter()
        .map(|model| {
            let row = Row::new("notification", NotificationId::new(model.id));
            Ok(Letter {
                id: NotificationId::new(model.id),
                customer: CustomerId::new(model.customer_id),
                environment: model.environment_id.map(EnvironmentId::new),
                rollout: model.rollout_id.map(RolloutId::new),
                payload: row.json(model.payload)?,
                created_at: row.at(model.created_ms)?,
                dedupe_key: model.dedupe_key,
            })
        })
        .collect()
}

/// Audit events after `seq`, oldest first.
pub async fn deeds(conn: &impl Connection, seq: i64) -> Result<Vec<AuditEvent>> {
    use audit_event::Column as C;
    let rows = audit_event::Entity::find().filter(C::Seq.gt(seq)).order_by_asc(C::Seq).all(conn).await?;
    rows.into_iter().map(audit::to_event).collect()
}

/// Outbox rows after `seq`, oldest first.
pub async fn outbox(conn: &impl Connection, seq: i64) -> Result<Vec<OutboxRow>> {
    outbox::after(conn, seq, u64::from(u32::MAX)).await
}

/// The newest audit event and outbox row: whether anything was committed since.
pub async fn heads(conn: &impl Connection) -> Result<(i64, i64)> {
    let newest = |table: TableRef, seq: Expr| Query::select().expr(Func::max(seq)).from(table).take();
    let audit = newest(audit_event::Entity.table_ref(), Expr::col(audit_event::Column::Seq));
    let outbox = newest(events::Entity.table_ref(), Expr::col(events::Column::Seq));
    let both = Query::select().expr(Expr::from(audit)).expr(Expr::from(outbox)).take();
    let Some(row) = conn.query_one(&both).await? else { return Ok((0, 0)) };
    let seq = |i: usize| row.try_get_by_index::<Option<i64>>(i).map(Option::unwrap_or_default);
    Ok((seq(0)?, seq(1)?))
}

/// Counters of environments and of updates that differ from a recount.
pub async fn miscounts(conn: &impl Connection) -> Result<Vec<Miscount>> {
    let mut wrong = environments_miscounted(conn).await?;
    wrong.extend(updates_miscounted(conn).await?);
    Ok(wrong)
}

async fn updates_miscounted(conn: &impl Connection) -> Result<Vec<Miscount>> {
    let mut there: BTreeMap<CountKey, (i64, i64)> = BTreeMap::new();
    for row in u::Entity::find().all(conn).await? {
        there.entry(CountKey::of(&row)).or_default().1 += 1;
    }
    for row in update_count::Entity::find().all(conn).await? {
        there.entry(CountKey::of_counter(&row)).or_default().0 += row.updates;
    }
    let wrong = there.into_iter().filter(|(_, (counted, there))| counted != there);
    Ok(wrong.map(|(of, (counted, there))| Miscount { of: format!("{of:?}"), counted, there }).collect())
}

async fn environments_miscounted(conn: &impl Connection) -> Result<Vec<Miscount>> {
    let mut there: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let key = |parts: [&str; 4], station: i16| format!("{} {} {station} {} {}", parts[0], parts[1], parts[2], parts[3]);
    for row in e::Entity::find().all(conn).await? {
        there.entry(key([&row.service_update, &row.build, &row.region, &row.kind], row.station)).or_default().1 += 1;
    }
    for row in counter::Entity::find().all(conn).await? {
        let of = key([&row.service_update, &row.build, &row.region, &row.kind], row.station);
        there.entry(of).or_default().0 += row.environments;
    }
    let wrong = there.into_iter().filter(|(_, (counted, there))| counted != there);
    Ok(wrong.map(|(of, (counted, there))| Miscount { of, counted, there }).collect())
}

//! Hours that no gate looks at any more.

use crate::entity::telemetry_hour as h;
use crate::{Connection, Result};
use domain::health::Hour;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Forgets up to `at_once` rows of hours before this one; how many they were.
pub async fn prune(conn: &impl Connection, before: Hour, at_once: u64) -> Result<u64> {
    let old = Query::select()
        .columns([h::Column::EnvironmentId, h::Column::Hour])
        .from(h::Entity)
        .and_where(h::Column::Hour.lt(before.number()))
        .limit(at_once)
        .take();
    let key = Expr::tuple([Expr::col(h::Column::EnvironmentId), Expr::col(h::Column::Hour)]);
    Ok(h::Entity::delete_many().filter(key.in_subquery(old)).exec(conn).await?.rows_affected)
}

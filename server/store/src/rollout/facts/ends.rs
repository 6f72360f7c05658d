//! What a look at the rollout and at the ends of some indexes says, in one question: most of the time there is nothing
//! behind them, and what would be asked next is not asked.

use crate::entity::{environment_update as u, estate, rollout as r};
use crate::rollout::Marks;
use crate::row::Row;
use crate::{Connection, Result, audit, update};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use sea_orm::sea_query::{Expr, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, QueryResult};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// The last night that the estates of the rollout have in view.
    pub last_night: Option<DateTime<Utc>>,
    /// Of what is announced: when the first night begins, of the early ones and of the others.
    pub early: Option<DateTime<Utc>>,
    pub others: Option<DateTime<Utc>>,
    /// Whether any last attempt failed, and whether any owner took the build ahead.
    pub failed: bool,
    pub pulled: bool,
    /// What was recorded last that is not of one environment alone.
    pub stirred: i64,
    /// `None` where there is no such rollout.
    pub left: Option<Left>,
}

/// What the last plans of a rollout left behind, beside what they recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub generation: i64,
    /// The digest of the last report that said anything new.
    pub said: Option<String>,
    /// Until when it rests, and what the plan knew that laid it down.
    pub rest: Option<(DateTime<Utc>, Marks)>,
}

pub async fn of_rollout(conn: &impl Connection, id: RolloutId) -> Result<Ends> {
    let all = [last_night(id), first_night(id, true), first_night(id, false), any_failed(id), any_pulled(id)];
    let mut question = Query::select();
    let of_plans = [
        r::Column::Generation,
        r::Column::ReportDigest,
        r::Column::RestsUntilMs,
        r::Column::RestsSeq,
        r::Column::RestsRunning,
    ];
    let of_plans = of_plans.map(|column| own(id, column));
    for one in all.into_iter().chain([audit::last_stir()]).chain(of_plans) {
        question.expr(Expr::from(one));
    }
    let row = Row::new("environment_update of rollout", id);
    let Some(answer) = conn.query_one(&question).await? else { return Err(row.wrong("no answer")) };
    let at = |i: usize| row.at_opt(answer.try_get_by_index(i)?);
    let is_any = |i: usize| Ok::<_, crate::Error>(answer.try_get_by_index::<Option<i32>>(i)?.is_some());
    Ok(Ends {
        last_night: at(0)?,
        early: at(1)?,
        others: at(2)?,
        failed: is_any(3)?,
        pulled: is_any(4)?,
        stirred: answer.try_get_by_index(5)?,
        left: left(&row, &answer)?,
    })
}

/// From the last five columns.
fn left(row: &Row, answer: &QueryResult) -> Result<Option<Left>> {
    let Some(generation) = answer.try_get_by_index(6)? else { return Ok(None) };
    let (stirred, running): (Option<i64>, Option<i64>) = (answer.try_get_by_index(9)?, answer.try_get_by_index(10)?);
    let marks = stirred.zip(running).map(|(stirred, running)| Marks { stirred, running });
    let rest = row.at_opt(answer.try_get_by_index(8)?)?.zip(marks);
    Ok(Some(Left { generation, said: answer.try_get_by_index(7)?, rest }))
}

fn own(id: RolloutId, column: r::Column) -> SelectStatement {
    Query::select().column(column).from(r::Entity).and_where(r::Column::Id.eq(id.uuid())).take()
}

fn last_night(id: RolloutId) -> SelectStatement {
    use estate::Column as C;
    Query::select()
        .column(C::LastNightMs)
        .from(estate::Entity)
        .and_where(C::RolloutId.eq(id.uuid()))
        .and_where(C::LastNightMs.is_not_null())
        .order_by(C::LastNightMs, Order::Desc)
        .limit(1)
        .take()
}

fn updates(id: RolloutId) -> SelectStatement {
    Query::select().from(u::Entity).and_where(u::Column::RolloutId.eq(id.uuid())).limit(1).take()
}

fn first_night(id: RolloutId, early: bool) -> SelectStatement {
    updates(id)
        .column(u::Column::NightStartMs)
        .and_where(update::announced_now())
        .and_where(u::Column::Early.eq(early))
        .order_by(u::Column::NightStartMs, Order::Asc)
        .take()
}

fn any_failed(id: RolloutId) -> SelectStatement {
    updates(id).expr(Expr::cust("1")).and_where(u::Column::LastFailedMs.is_not_null()).take()
}

fn any_pulled(id: RolloutId) -> SelectStatement {
    updates(id).expr(Expr::cust("1")).and_where(u::Column::PulledMs.is_not_null()).take()
}

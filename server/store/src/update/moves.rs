//! Changes of state: of one update, or of all that a plan moves. The update's counter, the list of its environments and its
//! estate follow in the same transaction, all that a plan moves together: at a million environments a night moves thousands.

use super::columns::{StateColumns, tag};
use super::counts::{self, CountKey};
use super::{Update, locked};
use crate::entity::environment_update::{ActiveModel, Column, Entity, Model};
use crate::row::{IDS_PER_QUERY, ensure_one, json, ms};
use crate::{Connection, Error, Result, environment, estate};
use chrono::{DateTime, Utc};
use domain::ids::UpdateId;
use domain::rollout::{EnvironmentReason, UpdateState};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Set};
use std::collections::HashMap;
use uuid::Uuid;

/// What the writer believes to overwrite.
#[derive(Debug, Clone, Copy)]
pub enum Expect<'a> {
    Generation(i64),
    /// The same state and, where it has one, the same night.
    State(&'a UpdateState),
}

/// What a plan does with one update: its state, and why.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    pub id: UpdateId,
    pub from: &'a UpdateState,
    pub to: UpdateState,
    pub attempts: u8,
    pub reasons: Vec<EnvironmentReason>,
    pub next: Option<DateTime<Utc>>,
    /// Its owner does not take it ahead any more.
    pub ends_pull: bool,
}

/// Gives the new generation. Conflict where the update is not what the writer believes, or where its environment
/// already runs another update; [`Error::NotFound`] where there is no such update.
pub async fn save_state(
    conn: &impl Connection,
    id: UpdateId,
    expect: Expect<'_>,
    state: &UpdateState,
    attempts: u8,
) -> Result<i64> {
    let before = locked(conn, id).await?;
    overwrite(conn, &before, expect, columns(state, attempts)?).await?;
    follow(conn, &[(&before, state)]).await?;
    Ok(before.generation + 1)
}

/// An update as the writer believes it to be, and the state that follows. What it waits for, and its attempts, stay.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub update: &'a Update,
    pub to: &'a UpdateState,
}

/// As [`save_state`], for many. No update twice.
pub async fn save_steps(conn: &impl Connection, steps: &[Step<'_>]) -> Result<()> {
    let before = all_locked(conn, steps.iter().map(|step| step.update.id)).await?;
    let mut moved = Vec::with_capacity(steps.len());
    for Step { update, to } in steps {
        let row = before.get(&update.id.uuid()).ok_or(Error::NotFound)?;
        overwrite(conn, row, Expect::State(&update.state), columns(to, update.attempts)?).await?;
        moved.push((row, *to));
    }
    follow(conn, &moved).await
}

/// The rows by id, kept from other writers until the transaction ends.
async fn all_locked(conn: &impl Connection, ids: impl Iterator<Item = UpdateId>) -> Result<HashMap<Uuid, Model>> {
    let ids: Vec<Uuid> = ids.map(UpdateId::uuid).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows = Entity::find().filter(Column::Id.is_in(chunk.iter().copied())).lock_exclusive().all(conn).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// As [`save_state`], for many, each with its reasons. No update twice.
pub async fn save_moves(conn: &impl Connection, moves: &[Move<'_>]) -> Result<()> {
    let before = all_locked(conn, moves.iter().map(|one| one.id)).await?;
    let mut moved = Vec::with_capacity(moves.len());
    for one in moves {
        let row = before.get(&one.id.uuid()).ok_or(Error::NotFound)?;
        let mut set = columns(&one.to, one.attempts)?;
        set.reasons = Set(json(&one.reasons)?);
        set.next_ms = Set(one.next.map(ms));
        if one.ends_pull {
            set.pull = Set(None);
        }
        overwrite(conn, row, Expect::State(one.from), set).await?;
        moved.push((row, &one.to));
    }
    follow(conn, &moved).await
}

fn columns(state: &UpdateState, attempts: u8) -> Result<ActiveModel> {
    let mut set = ActiveModel { attempts: Set(attempts.into()), ..StateColumns::of(state)?.set() };
    if let UpdateState::Failed { failed_at, .. } = state {
        set.last_failed_ms = Set(Some(ms(*failed_at)));
    }
    Ok(set)
}

async fn overwrite(conn: &impl Connection, before: &Model, expect: Expect<'_>, set: ActiveModel) -> Result<()> {
    let changed = Entity::update_many()
        .set(set)
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(before.id))
        .filter(Column::Generation.eq(before.generation))
        .filter(expected(expect))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || {
        format!("update {} is {} at generation {}", UpdateId::new(before.id), before.state, before.generation)
    })
}

fn expected(expect: Expect<'_>) -> Condition {
    match expect {
        Expect::Generation(generation) => Condition::all().add(Column::Generation.eq(generation)),
        Expect::State(state) => Condition::all()
            .add(Column::State.eq(tag(state)))
            .add_option(state.night().map(|night| Column::NightStartMs.eq(ms(night.start)))),
    }
}

/// Counters, lists and estates follow what was and what is.
async fn follow(conn: &impl Connection, moved: &[(&Model, &UpdateState)]) -> Result<()> {
    let shifts = moved.iter().map(|(before, state)| {
        let from = CountKey::of(before);
        let to = CountKey { state: tag(state).to_owned(), ..from.clone() };
        (from, to)
    });
    counts::shift(conn, shifts).await?;
    let words = moved.iter().map(|(before, state)| (state.word(), before.environment_id, before.id));
    environment::note_states(conn, words).await?;
    estate::touch_in(conn, moved.iter().map(|(before, _)| (before.rollout_id, before.customer_id))).await
}

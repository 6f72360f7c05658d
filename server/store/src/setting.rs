//! Single values by key: the demo clock, policies that an operator sets.

use crate::entity::setting::{Column, Entity, Model};
use crate::row::{Row, json};
use crate::{Connection, Result};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub async fn get<T: DeserializeOwned>(conn: &impl Connection, key: &str) -> Result<Option<T>> {
    let found = Entity::find_by_id(key).one(conn).await?;
    found.map(|model| Row::new("setting", key).json(model.value)).transpose()
}

pub async fn put<T: Serialize + Sync>(conn: &impl Connection, key: &str, value: &T) -> Result<()> {
    let row = Model { key: key.to_owned(), value: json(value)? };
    let known = OnConflict::column(Column::Key).update_column(Column::Value).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

//! Table `incident`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident")]
pub struct Model {
    /// Of a token or of a person, as `by_kind` says.
    #[sea_orm(primary_key, auto_increment = false, column_name = "token_id")]
    pub by_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub by_kind: String,
    pub build: String,
    pub severity: String,
    pub by_people: bool,
    pub finding: String,
    pub opened_ms: i64,
    pub received_ms: i64,
    pub outcome: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

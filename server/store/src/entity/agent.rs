//! Table `agent`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment_id: Uuid,
    pub token_id: Uuid,
    pub since_ms: i64,
    pub seen_ms: i64,
    pub runs_at_ms: Option<i64>,
    pub runs_sequence: Option<i64>,
    pub runs_build: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

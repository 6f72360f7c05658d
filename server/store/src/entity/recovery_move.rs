//! Table `recovery_move`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_move")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub recovery_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment_id: Uuid,
    pub to_build: String,
    pub restored_from_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

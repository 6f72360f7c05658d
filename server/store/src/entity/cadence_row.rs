//! Table `cadence_row`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cadence_row")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub cadence: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub station: i16,
    pub sandbox_first: i32,
    pub sandbox_last: i32,
    pub production_first: Option<i32>,
    pub production_last: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

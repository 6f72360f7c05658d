//! Table `train`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "train")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub service_update: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub service_update_sort: String,
    pub cutoff: Date,
    pub start_date: Date,
    pub end_date: Date,
    pub status: String,
    pub app_build: Option<String>,
    pub platform_build: Option<String>,
    pub cadence: String,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

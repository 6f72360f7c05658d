//! Table `deployment_count`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deployment_count")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub service_update: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub build: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub station: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    pub build_sort: String,
    pub environments: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

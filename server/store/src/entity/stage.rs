//! Table `stage`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub rollout_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub station: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: String,
    pub first_date: Date,
    pub last_date: Date,
    pub state: String,
    pub opened_ms: Option<i64>,
    pub passed_ms: Option<i64>,
    pub succeeded_before: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

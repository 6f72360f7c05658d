//! Table `halt`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "halt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope: String,
    pub rollout_id: Option<Uuid>,
    pub station: Option<i16>,
    pub customer_id: Option<Uuid>,
    pub cause: Json,
    pub at_ms: i64,
    pub lifted_ms: Option<i64>,
    pub lift: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

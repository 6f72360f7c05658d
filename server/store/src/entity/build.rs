//! Table `build`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "build")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub service_update: String,
    pub version: String,
    pub version_sort: String,
    pub platform_version: Option<String>,
    pub registered_at_ms: i64,
    pub halted_at_ms: Option<i64>,
    pub halt_reason: Option<String>,
    pub generation: i64,
    pub changes: Option<Json>,
    pub schema_changes: Option<Json>,
    pub artifact: Option<String>,
    pub approved_ms: Option<i64>,
    pub approved_by: Option<Json>,
    pub approved_artifact: Option<String>,
    pub withdrawn: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

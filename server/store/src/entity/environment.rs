//! Table `environment`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "environment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub customer_id: Uuid,
    pub name: String,
    pub name_key: String,
    pub kind: String,
    pub tier: i16,
    pub region: String,
    pub station: i16,
    pub service_update: String,
    pub build: String,
    pub build_sort: String,
    pub platform_build: Option<String>,
    pub build_since_ms: i64,
    pub designation: String,
    pub follows_id: Option<Uuid>,
    pub chosen_days: Option<i16>,
    pub priority_batch: bool,
    pub exemption_reason: Option<String>,
    pub exemption_evidence: Option<String>,
    pub exemption_expires_ms: Option<i64>,
    pub current_update_id: Option<Uuid>,
    pub current_state: Option<String>,
    pub created_ms: i64,
    pub generation: i64,
    pub service_update_due: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

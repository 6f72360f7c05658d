//! Table `rollout`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollout")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub service_update: String,
    pub train_number: i32,
    pub build_id: Uuid,
    pub cadence: String,
    pub start_date: Date,
    pub policy: Json,
    pub state: String,
    pub started_ms: Option<i64>,
    pub started_by: Option<Uuid>,
    pub halted_ms: Option<i64>,
    pub halt_cause: Option<Json>,
    pub resumed_ms: Option<i64>,
    pub completed_ms: Option<i64>,
    pub report: Json,
    pub created_ms: i64,
    pub generation: i64,
    pub resumed_before_ms: Option<i64>,
    pub kind: String,
    pub from_build: Option<String>,
    pub recovery_id: Option<Uuid>,
    pub supersedes_id: Option<Uuid>,
    pub edited_ms: Option<i64>,
    pub edited_by: Option<Json>,
    pub report_digest: Option<String>,
    pub rests_until_ms: Option<i64>,
    pub rests_seq: Option<i64>,
    pub rests_running: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

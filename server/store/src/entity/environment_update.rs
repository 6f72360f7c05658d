//! Table `environment_update`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "environment_update")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub rollout_id: Uuid,
    pub environment_id: Uuid,
    pub customer_id: Uuid,
    pub station: Option<i16>,
    pub audience: Option<String>,
    pub follows_id: Option<Uuid>,
    pub state: String,
    pub night_date: Option<Date>,
    pub night_start_ms: Option<i64>,
    pub night_end_ms: Option<i64>,
    pub announced_ms: Option<i64>,
    pub moved: Option<Json>,
    pub started_ms: Option<i64>,
    pub dispatched_ms: Option<i64>,
    pub applied_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    pub error: Option<String>,
    pub reason: Option<Json>,
    pub reasons: Json,
    pub next_ms: Option<i64>,
    pub attempts: i16,
    pub last_failed_ms: Option<i64>,
    pub created_ms: i64,
    pub generation: i64,
    pub part: String,
    pub early: bool,
    pub place: i64,
    pub pull: Option<Json>,
    pub pulled_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

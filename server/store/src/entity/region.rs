//! Table `region`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub name: String,
    pub cloud: String,
    pub station: Option<i16>,
    pub geography: Option<String>,
    pub dark_start_minute: Option<i16>,
    pub dark_length_minutes: Option<i16>,
    pub dark_weekend_first: Option<String>,
    pub time_zone: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

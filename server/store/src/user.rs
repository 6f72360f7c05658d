//! People who sign in. Hashing and checking passwords is `services`' work; here they are opaque text.

use crate::entity::customer;
use crate::entity::user_account::{Column, Entity, Model};
use crate::row::{Row, ensure_found, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, UserId};
use domain::permission::{Actor, Permission, Role};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;
use std::fmt;
use uuid::Uuid;

#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    pub id: UserId,
    /// In any case; kept in lower case.
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub role: Role,
    /// Set exactly for customers' roles; the database refuses the rest.
    pub customer: Option<CustomerId>,
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub customer: Option<CustomerId>,
    pub time_zone: String,
    pub disabled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub generation: i64,
}

/// What signing in needs. The hash never shows in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl TryFrom<Model> for User {
    type Error = crate::Error;

    fn try_from(model: Model) -> Result<Self> {
        let id = UserId::new(model.id);
        let row = Row::new("user_account", id);
        let role = row.word(&model.role, Role::from_key)?;
        if role.of_customer() != model.customer_id.is_some() {
            return Err(row.wrong(format!("role {} with customer {:?}", role.key(), model.customer_id)));
        }
        Ok(Self {
            id,
            email: model.email,
            name: model.name,
            role,
            customer: model.customer_id.map(CustomerId::new),
            time_zone: model.time_zone,
            disabled_at: row.at_opt(model.disabled_ms)?,
            created_at: row.at(model.created_ms)?,
            generation: model.generation,
        })
    }
}

/// Conflict where the address is taken.
pub async fn insert(conn: &impl Connection, new: &NewUser) -> Result<()> {
    let row = Model {
        id: new.id.uuid(),
        email: new.email.to_lowercase(),
        name: new.name.clone(),
        password_hash: new.password_hash.clone(),
        role: new.role.key().to_owned(),
        customer_id: new.customer.map(CustomerId::uuid),
        time_zone: new.time_zone.clone(),
        disabled_ms: None,
        created_ms: ms(new.created_at),
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Whoever they are; the accounts that are shut too.
pub async fn names(conn: &impl Connection, ids: &[UserId]) -> Result<HashMap<UserId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (UserId::new(id), name)).collect())
}

pub async fn find(conn: &impl Connection, id: UserId) -> Result<Option<User>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(User::try_from).transpose()
}

pub async fn find_by_email(conn: &impl Connection, email: &str) -> Result<Option<Credentials>> {
    let found = Entity::find().filter(Column::Email.eq(email.trim().to_lowercase())).one(conn).await?;
    found
        .map(|model| {
            let password_hash = model.password_hash.clone();
            Ok(Credentials { user: User::try_from(model)?, password_hash })
        })
        .transpose()
}

/// The person as permissions see them; read for each request, so that a changed role acts at once. `None` for a person
/// who is unknown or disabled.
pub async fn actor(conn: &impl Connection, id: UserId) -> Result<Option<Actor>> {
    let Some(user) = find(conn, id).await?.filter(|user| user.disabled_at.is_none()) else {
        return Ok(None);
    };
    let customer_name = match user.customer {
        Some(id) => customer::Entity::find_by_id(id.uuid()).one(conn).await?.map(|row| row.name),
        None => None,
    };
    Ok(Some(Actor {
        user: user.id,
        name: user.name,
        email: user.email,
        role: user.role,
        customer: user.customer,
        customer_name,
        time_zone: user.time_zone,
    }))
}

/// Everybody whose role allows it and who is not disabled.
pub async fn who_may(conn: &impl Connection, what: Permission) -> Result<Vec<UserId>> {
    let roles = Role::ALL.into_iter().filter(|role| role.may(what)).map(Role::key);
    let people = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Role.is_in(roles))
        .filter(Column::DisabledMs.is_null())
        .order_by_asc(Column::Id);
    let ids: Vec<Uuid> = people.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(UserId::new).collect())
}

/// All of them, by address.
pub async fn list(conn: &impl Connection) -> Result<Vec<User>> {
    let rows = Entity::find().order_by_asc(Column::Email).all(conn).await?;
    rows.into_iter().map(User::try_from).collect()
}

pub async fn set_password_hash(conn: &impl Connection, id: UserId, hash: &str) -> Result<()> {
    set(conn, id, Column::PasswordHash, hash.into()).await
}

pub async fn set_time_zone(conn: &impl Connection, id: UserId, zone: &str) -> Result<()> {
    set(conn, id, Column::TimeZone, zone.into()).await
}

/// `None` enables the person again.
pub async fn set_disabled(conn: &impl Connection, id: UserId, at: Option<DateTime<Utc>>) -> Result<()> {
    set(conn, id, Column::DisabledMs, at.map(ms).into()).await
}

async fn set(conn: &impl Connection, id: UserId, column: Column, value: Value) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(column, Expr::value(value))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}

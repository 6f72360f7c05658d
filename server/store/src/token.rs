//! What programs ask with: hashes, never the tokens themselves.

use crate::entity::api_token::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, TokenId};
use domain::token::{Caller, TokenKind, TokenReach};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    pub caller: Caller,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub caller: Caller,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// To ten minutes.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl TryFrom<Model> for Token {
    type Error = crate::Error;

    fn try_from(model: Model) -> Result<Self> {
        let token = TokenId::new(model.id);
        let row = Row::new("api_token", token);
        let (kind, reach) = (row.word(&model.kind, TokenKind::from_key)?, row.json(model.reach)?);
        let of = model.customer_id.map(CustomerId::new);
        if (kind == TokenKind::ListeningSystem) != (reach == TokenReach::Signals) || customer(&reach, of) != of {
            return Err(row.wrong(format!("a token of kind `{}` that reaches {reach:?}", kind.key())));
        }
        Ok(Self {
            caller: Caller { token, name: model.name, kind, reach },
            created_at: row.at(model.created_ms)?,
            expires_at: row.at(model.expires_ms)?,
            revoked_at: row.at_opt(model.revoked_ms)?,
            last_used_at: row.at_opt(model.last_used_ms)?,
        })
    }
}

/// The customer that it belongs to. Of environments that is `theirs`.
fn customer(reach: &TokenReach, theirs: Option<CustomerId>) -> Option<CustomerId> {
    match reach {
        TokenReach::Customer { customer } => Some(*customer),
        TokenReach::Environments { .. } => theirs,
        TokenReach::Signals => None,
    }
}

/// `theirs`: the customer of its environments, where it names some. Conflict where there is a token of this name.
pub async fn insert(conn: &impl Connection, new: &NewToken, theirs: Option<CustomerId>) -> Result<()> {
    let Caller { token, name, kind, reach } = &new.caller;
    let row = Model {
        id: token.uuid(),
        name: name.clone(),
        kind: kind.key().to_owned(),
        hash: new.hash.to_vec(),
        reach: json(reach)?,
        customer_id: customer(reach, theirs).map(CustomerId::uuid),
        created_ms: ms(new.created_at),
        expires_ms: ms(new.expires_at),
        revoked_ms: None,
        last_used_ms: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find_by_hash(conn: &impl Connection, hash: &[u8; 32]) -> Result<Option<Token>> {
    let found = Entity::find().filter(Column::Hash.eq(hash.to_vec())).one(conn).await?;
    found.map(Token::try_from).transpose()
}

pub async fn find_by_name(conn: &impl Connection, name: &str) -> Result<Option<Token>> {
    Entity::find().filter(Column::Name.eq(name)).one(conn).await?.map(Token::try_from).transpose()
}

/// What these are called, the revoked ones too. As many as a page shows.
pub async fn names(conn: &impl Connection, ids: &[TokenId]) -> Result<HashMap<TokenId, String>> {
    let named = Entity::find().select_only().column(Column::Id).column(Column::Name);
    let named = named.filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let rows: Vec<(Uuid, String)> = named.into_tuple().all(conn).await?;
    Ok(rows.into_iter().map(|(id, name)| (TokenId::new(id), name)).collect())
}

/// By name, the revoked ones too.
pub async fn list(conn: &impl Connection) -> Result<Vec<Token>> {
    let rows = Entity::find().order_by_asc(Column::Name).all(conn).await?;
    rows.into_iter().map(Token::try_from).collect()
}

/// Conflict where it is revoked already.
pub async fn revoke(conn: &impl Connection, id: TokenId, now: DateTime<Utc>) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::RevokedMs, Expr::value(Value::from(Some(ms(now)))))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::RevokedMs.is_null())
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("token {id} is revoked"))
}

pub async fn used(conn: &impl Connection, id: TokenId, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedMs, Expr::value(Value::from(Some(ms(now)))))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    Ok(())
}

//! `tower_sessions` over `store::session`. The id that the browser holds is hashed here, so the database never sees it.

use super::lifetime::{expires_at, is_touch_due};
use async_trait::async_trait;
use domain::ids::UserId;
use serde_json::Value;
use services::ports::Clock;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use store::Db;
use store::session::{self, Session};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Keys of a session's data. They have columns of their own, so that "my sessions" is a plain query.
pub const USER: &str = "user";
pub const ADDRESS: &str = "address";
pub const BROWSER: &str = "browser";

/// Two ids out of 2¹²⁸ never meet; a second try only guards against a broken generator.
const CREATE_TRIES: usize = 3;

#[derive(Clone)]
pub struct Sessions {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

pub fn hash(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_be_bytes()).into()
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn backend(error: store::Error) -> Error {
    Error::Backend(error.to_string())
}

impl Sessions {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    fn row(&self, record: &Record) -> Result<Session> {
        let now = self.clock.now();
        let text = |key: &str| record.data.get(key).and_then(Value::as_str).map(str::to_owned);
        let user = text(USER).map(|user| user.parse::<UserId>()).transpose();
        let rest: HashMap<_, _> =
            record.data.iter().filter(|(key, _)| ![USER, ADDRESS, BROWSER].contains(&key.as_str())).collect();
        Ok(Session {
            id_hash: hash(record.id),
            user: user.map_err(|error| Error::Encode(error.to_string()))?,
            data: serde_json::to_value(rest).map_err(|error| Error::Encode(error.to_string()))?,
            created_at: now,
            last_seen_at: now,
            expires_at: expires_at(now, now),
            ip: text(ADDRESS),
            user_agent: text(BROWSER),
        })
    }
}

fn record(id: Id, row: Session) -> Result<Record> {
    let mut data: HashMap<String, Value> =
        serde_json::from_value(row.data).map_err(|error| Error::Decode(error.to_string()))?;
    let columns = [(USER, row.user.map(|user| user.to_string())), (ADDRESS, row.ip), (BROWSER, row.user_agent)];
    for (key, value) in columns {
        if let Some(value) = value {
            data.insert(key.to_owned(), Value::String(value));
        }
    }
    let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.expires_at.timestamp())
        .map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data, expiry_date })
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        for _ in 0..CREATE_TRIES {
            let tx = self.db.begin().await.map_err(backend)?;
            match session::create(&tx, &self.row(record)?).await {
                Ok(()) => return tx.commit().await.map_err(backend),
                Err(store::Error::Conflict { .. }) => record.id = Id::default(),
                Err(error) => return Err(backend(error)),
            }
        }
        Err(Error::Backend("no free session id was found".to_owned()))
    }

    /// A session that was deleted meanwhile stays deleted: a slow request must not bring it back.
    async fn save(&self, record: &Record) -> Result<()> {
        let now = self.clock.now();
        let tx = self.db.begin().await.map_err(backend)?;
        let Some(known) = session::load(&tx, &hash(record.id), now).await.map_err(backend)? else {
            tracing::info!("a session ended while a request used it");
            return Ok(());
        };
        let row = Session {
            created_at: known.created_at,
            expires_at: expires_at(known.created_at, now),
            ..self.row(record)?
        };
        session::save(&tx, &row).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let (hash, now) = (hash(*id), self.clock.now());
        let Some(row) = session::load(self.db.reader(), &hash, now).await.map_err(backend)? else { return Ok(None) };
        if is_touch_due(row.last_seen_at, now) {
            let tx = self.db.begin().await.map_err(backend)?;
            session::touch(&tx, &hash, now, expires_at(row.created_at, now)).await.map_err(backend)?;
            tx.commit().await.map_err(backend)?;
        }
        record(*id, row).map(Some)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let tx = self.db.begin().await.map_err(backend)?;
        session::delete(&tx, &hash(*id)).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

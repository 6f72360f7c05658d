//! Tokens of programs: made once, shown once, kept as a hash. They live by real time, like sessions, whatever a demo's
//! clock does. The command line makes and revokes them; here is what is secret about them, and who asks with one.

use crate::ports::Ids;
use crate::{Result, Services};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::token::Caller;
use sha2::{Digest, Sha256};

/// So that a token that got into a log or a repository is recognised there.
const PREFIX: &str = "signalbox_";
/// Last use is for an operator who asks whether a token is needed any more.
const USE_NOTED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// A new token, of 256 random bits, and what is kept of it. A hash without salt is enough for a secret that nobody chose.
pub fn make(ids: &dyn Ids) -> (String, [u8; 32]) {
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(ids.bytes32()));
    let hash = hash(&text);
    (text, hash)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Services {
    /// Who asks with this token at `now`, in real time; `None` where it is unknown, revoked or expired.
    pub async fn caller(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Caller>> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let Some(found) = store::token::find_by_hash(self.db().reader(), &hash(token)).await? else {
            return Ok(None);
        };
        if found.revoked_at.is_some() || found.expires_at <= now {
            return Ok(None);
        }
        if found.last_used_at.is_none_or(|last| now - last >= USE_NOTED_AFTER) {
            let tx = self.db().begin().await?;
            store::token::used(&tx, found.caller.token, now).await?;
            tx.commit().await?;
        }
        Ok(Some(found.caller))
    }
}

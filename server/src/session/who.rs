//! From a session to a person. The account is read for every request: a changed role or a disabled account acts on the
//! very next one.

use super::store::{USER, hash};
use app::api::context::SignedIn;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use services::{RequestContext, Services};
use tower_sessions::Session;

/// The session or the account could not be read: nothing is known about who asks.
#[derive(Debug, thiserror::Error)]
pub enum WhoError {
    #[error("the session could not be read")]
    Session(#[from] tower_sessions::session::Error),
    #[error("the account could not be read")]
    Account(#[from] services::Error),
}

/// `now` is real time, which sessions go by.
pub async fn who(
    services: &Services,
    session: &Session,
    request_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<SignedIn>, WhoError> {
    let Some(user) = session.get::<UserId>(USER).await? else { return Ok(None) };
    let Some(id) = session.id() else { return Ok(None) };
    let actor = services.actor(user).await?;
    let request_id = request_id.to_owned();
    Ok(actor.map(|actor| SignedIn { actor, request_id, session_hash: hash(id).to_vec(), session_now: now }))
}

/// What services ask of every call.
pub fn context(services: &Services, signed_in: &SignedIn) -> RequestContext {
    RequestContext { actor: signed_in.actor.clone(), now: services.now(), request_id: signed_in.request_id.clone() }
}

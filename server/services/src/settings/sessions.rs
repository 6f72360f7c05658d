//! Signing out, here and everywhere else.

use crate::trail::{By, Deed};
use crate::{Error, RequestContext, Result, Services};
use domain::number::counted;
use domain::permission::Permission;
use domain::wire::problem::FormOutcome;
use serde_json::json;

fn whole(session_hash: &[u8]) -> Result<&[u8; 32]> {
    session_hash
        .try_into()
        .map_err(|_| Error::Broken { what: "a session", why: format!("its hash has {} bytes", session_hash.len()) })
}

impl Services {
    /// Ends the session with `session_hash`. Whoever is signed in may leave. A session that is gone already leaves no
    /// second trace.
    pub async fn sign_out(&self, ctx: &RequestContext, session_hash: &[u8]) -> Result<()> {
        let tx = self.db().begin().await?;
        if store::session::delete(&tx, whole(session_hash)?).await? {
            let deed = Deed {
                action: "user.signed_out",
                object_kind: "user",
                object_id: ctx.actor.user.to_string(),
                customer: ctx.actor.customer,
                details: json!({}),
            };
            self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends every session of this person but the one with `session_hash`.
    pub async fn end_other_sessions(&self, ctx: &RequestContext, session_hash: &[u8]) -> Result<FormOutcome> {
        ctx.require(Permission::ManageOwnSession)?;
        let keep = whole(session_hash)?;
        let tx = self.db().begin().await?;
        let ended = store::session::delete_others(&tx, ctx.actor.user, keep).await?;
        let deed = Deed {
            action: "user.other_sessions_ended",
            object_kind: "user",
            object_id: ctx.actor.user.to_string(),
            customer: ctx.actor.customer,
            details: json!({ "ended": ended }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        tx.commit().await?;
        let message = match ended {
            0 => "You were not signed in anywhere else.".to_owned(),
            n => format!("Signed out in {}.", counted(n, "other browser", "other browsers")),
        };
        Ok(FormOutcome::Done { message })
    }
}

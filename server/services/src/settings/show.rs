//! The settings page.

use super::browser;
use crate::{RequestContext, Result, Services};
use chrono::{DateTime, Utc};
use domain::permission::Permission;
use domain::wire::shell::{SessionRow, SettingsView};

impl Services {
    /// `session_hash` is that of the browser that asks, so that it can be told from the others. `session_now` is real
    /// time, also in a demo: sessions end by it.
    pub async fn show_settings(
        &self,
        ctx: &RequestContext,
        session_hash: &[u8],
        session_now: DateTime<Utc>,
    ) -> Result<SettingsView> {
        ctx.require(Permission::ManageOwnSession)?;
        let clock = ctx.clock();
        let sessions = store::session::list_of_user(self.db().reader(), ctx.actor.user, session_now).await?;
        let rows = sessions.iter().map(|session| SessionRow {
            this_one: session.id_hash == session_hash,
            browser: browser::words(session.user_agent.as_deref()),
            address: session.ip.clone().unwrap_or_else(|| "unknown address".to_owned()),
            signed_in: clock.when(session.created_at, None),
            last_seen: clock.when(session.last_seen_at, None),
        });
        Ok(SettingsView {
            time_zone: ctx.actor.time_zone.clone(),
            time_zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
            sessions: rows.collect(),
        })
    }
}

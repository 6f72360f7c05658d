//! One message, whole. Showing it changes nothing: a GET never marks anything as read.

use super::payload;
use crate::{Error, RequestContext, Result, Services};
use domain::ids::NotificationId;
use domain::permission::TenantScope;
use domain::wire::notification::NotificationView;

impl Services {
    pub async fn show_notification(&self, ctx: &RequestContext, id: NotificationId) -> Result<NotificationView> {
        let scope = TenantScope::Customer(ctx.own_customer()?);
        let found = store::notification::find(self.db().reader(), scope, ctx.actor.user, id).await?;
        let found = found.ok_or(Error::NotFound)?;
        let payload = payload(&found)?;
        let clock = ctx.clock();
        let letter = payload.letter(&clock);
        Ok(NotificationView {
            id,
            kind: found.kind,
            title: letter.title,
            at: clock.when(found.created_at, None),
            what: letter.what,
            meaning: letter.meaning,
            action: letter.action,
            environment: payload.subject().map(|subject| (subject.environment, subject.name.clone())),
            facts: letter.facts,
        })
    }
}

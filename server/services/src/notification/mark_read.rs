//! What a person has read. Each person has their own marks; a colleague's stay.

use crate::{Error, RequestContext, Result, Services};
use domain::ids::NotificationId;
use domain::number::counted;
use domain::permission::TenantScope;
use domain::wire::problem::FormOutcome;

impl Services {
    pub async fn mark_notification_read(&self, ctx: &RequestContext, id: NotificationId) -> Result<FormOutcome> {
        let scope = TenantScope::Customer(ctx.own_customer()?);
        let user = ctx.actor.user;
        let tx = self.db().begin().await?;
        let exists = store::notification::find(&tx, scope, user, id).await?.is_some();
        if !exists {
            return Err(Error::NotFound);
        }
        store::notification::mark_read(&tx, scope, user, id, ctx.now).await?;
        tx.commit().await?;
        Ok(FormOutcome::Done { message: "Marked as read.".to_owned() })
    }

    pub async fn mark_all_notifications_read(&self, ctx: &RequestContext) -> Result<FormOutcome> {
        let customer = ctx.own_customer()?;
        let tx = self.db().begin().await?;
        let marked = store::notification::mark_all_read(&tx, customer, ctx.actor.user, ctx.now).await?;
        tx.commit().await?;
        let message = match marked {
            0 => "Everything was read already.".to_owned(),
            n => format!("{} marked as read.", counted(n, "notification", "notifications")),
        };
        Ok(FormOutcome::Done { message })
    }
}

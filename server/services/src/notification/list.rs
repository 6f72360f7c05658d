//! A customer's messages, newest first.

use super::payload;
use crate::{RequestContext, Result, Services};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::notification::{
    NotificationFilter, NotificationKind, NotificationRow, NotificationsParams, NotificationsView,
};

impl Services {
    pub async fn list_notifications(
        &self,
        ctx: &RequestContext,
        params: &NotificationsParams,
    ) -> Result<NotificationsView> {
        let customer = ctx.own_customer()?;
        let filter = NotificationFilter::from_key(&params.filter);
        let kinds: Vec<NotificationKind> = match filter {
            NotificationFilter::All => Vec::new(),
            some => NotificationKind::ALL.into_iter().filter(|kind| some.holds(*kind)).collect(),
        };
        let conn = self.db().snapshot().await?;
        let user = ctx.actor.user;
        let page = store::notification::list(&conn, customer, user, &kinds, params.after, PAGE_ROWS_MAX).await?;
        let unread = store::notification::unread_count(&conn, customer, user).await?;
        let next = page.rows.last().filter(|_| page.more).map(|row| row.id);
        let clock = ctx.clock();
        let rows = page.rows.iter().map(|row| {
            let letter = payload(row)?.letter(&clock);
            Ok(NotificationRow {
                id: row.id,
                kind: row.kind,
                title: letter.title,
                summary: letter.summary,
                at: clock.when(row.created_at, None),
                unread: !row.read,
            })
        });
        Ok(NotificationsView { filter, rows: rows.collect::<Result<_>>()?, unread, next })
    }
}

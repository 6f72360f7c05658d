//! Messages to one's own customer: list, one whole, marked as read.

use domain::ids::NotificationId;
use domain::wire::{
    notification::{NotificationView, NotificationsParams, NotificationsView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationInput {
    pub notification: NotificationId,
}

#[server(prefix = "/api", endpoint = "notifications/list", input = GetUrl)]
pub async fn list_notifications(#[server(default)] params: NotificationsParams) -> Result<NotificationsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_notifications(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "notifications/show", input = GetUrl)]
pub async fn show_notification(input: NotificationInput) -> Result<NotificationView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_notification(&call.ctx, input.notification).await)
}

#[server(prefix = "/api", endpoint = "notifications/read")]
pub async fn mark_notification_read(input: NotificationInput) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let result = call.services.mark_notification_read(&call.ctx, input.notification).await;
    call.answer_form(FormKey::MarkRead, &routes::notification(input.notification), &[], result)
}

#[server(prefix = "/api", endpoint = "notifications/read-all")]
pub async fn mark_all_notifications_read() -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let result = call.services.mark_all_notifications_read(&call.ctx).await;
    call.answer_form(FormKey::MarkAllRead, routes::NOTIFICATIONS, &[], result)
}

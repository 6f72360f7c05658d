//! Messages to a customer: the list, one of them, and what was read. The words are `domain::notification::words`;
//! writing messages is the engine's work, in the transaction of what they tell.

mod list;
mod mark_read;
mod show;

use crate::{Error, Result};
use domain::notification::Message;
use store::notification::Notification;

fn payload(notification: &Notification) -> Result<Message> {
    serde_json::from_value(notification.payload.clone())
        .map_err(|error| Error::Broken { what: "a notification", why: format!("{}: {error}", notification.id) })
}

//! Pages of a customer's own estate. One environment is in its own area, [`environment`](super::environment).

pub mod calendar;
pub mod environments;
pub mod notification;
pub mod notifications;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{
    calendar::CalendarPage, environments::EnvironmentsPage, notification::NotificationPage,
    notifications::NotificationsPage,
};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Calendar,
    Environments,
    Notification,
    Notifications,
}

/// What a browser loads as one begins here.
#[wasm_split(admin, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Calendar => CalendarPage().into_any(),
        Pages::Environments => EnvironmentsPage().into_any(),
        Pages::Notification => NotificationPage().into_any(),
        Pages::Notifications => NotificationsPage().into_any(),
    })
}

//! The month of one's own customer.

use domain::wire::calendar::{CalendarParams, CalendarView};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::api::ApiError;

#[server(prefix = "/api", endpoint = "calendar/show", input = GetUrl)]
pub async fn show_calendar(#[server(default)] params: CalendarParams) -> Result<CalendarView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_calendar(&call.ctx, &params).await)
}

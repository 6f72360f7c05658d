//! An address that leads nowhere. In the frame, so that the way on is at hand.

use leptos::prelude::*;

use crate::{api::ApiError, frame::Frame, pages::failure::Failure, platform};

#[component]
pub fn NotFoundPage() -> impl IntoView {
    platform::set_status(ApiError::NotFound.status());
    view! {
        <Frame>
            <Failure error=ApiError::NotFound />
        </Frame>
    }
    .into_any()
}

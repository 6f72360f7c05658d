//! A page that cannot be shown: what happened, what it means, what to do next. Also gives the reference to quote.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::ApiError,
    components::{ButtonLink, CodeText},
    layout::{ErrorPanel, PageHeader},
    routes,
    state::address::use_here,
};

/// Title, what happened, what it means.
const fn words(error: &ApiError) -> (&'static str, &'static str, &'static str) {
    match error {
        ApiError::NotSignedIn => (
            "Sign in again",
            "Your session has ended",
            "Sessions end after a while without use, or when you sign out elsewhere. Nothing was changed.",
        ),
        ApiError::Forbidden => (
            "Not for your role",
            "Your role may not see this page",
            "Ask your administrator if you need it for your work.",
        ),
        ApiError::NotFound => (
            "Nothing here",
            "There is no such thing here, or it is not yours.",
            "Check the address, or start again from your first page.",
        ),
        ApiError::Malformed | ApiError::Conflict | ApiError::Unavailable => (
            "This page could not be loaded",
            "The server could not answer just now",
            "It is busy or cannot be reached. Nothing was changed.",
        ),
        ApiError::Unanswered => {
            ("No answer came back", "We do not know whether it was done", "Load the page again and look.")
        }
        ApiError::Internal { .. } => (
            "This page could not be loaded",
            "Something in the server did not work",
            "It was logged. Nothing was changed.",
        ),
    }
}

#[component]
pub fn Failure(error: ApiError) -> impl IntoView {
    let (title, what, means) = words(&error);
    let here = use_here();
    let reference = error.reference().map(ToOwned::to_owned);
    let way_on = match error {
        ApiError::NotSignedIn => {
            let href = routes::login(Some(&here.get_untracked()));
            view! {
                <a class="button main" href=href rel="external">
                    "Sign in"
                </a>
            }
            .into_any()
        }
        ApiError::NotFound | ApiError::Forbidden => view! {
            <a class="button" href=routes::ROOT rel="external">
                "Go to your first page"
            </a>
        }
        .into_any(),
        // The router would not load the same address again.
        _ => view! {
            <a class="button main" href=move || here.get() rel="external">
                "Try again"
            </a>
            <ButtonLink href=routes::SETTINGS>"Go to your settings"</ButtonLink>
        }
        .into_any(),
    };
    view! {
        <Title text=title />
        <PageHeader title=title />
        <ErrorPanel what=what means=means>
            {way_on}
        </ErrorPanel>
        {reference
            .map(|reference| {
                view! {
                    <p class="muted small">
                        "Name this to your operator: " <CodeText text=reference />
                    </p>
                }
            })}
    }
}

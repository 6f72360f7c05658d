//! The body of a page while it is fetched, when it is there, and when it cannot be had. While it is fetched again the old
//! one stays, so nothing jumps and nobody loses the place.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    api::ApiError,
    layout::Skeleton,
    pages::{
        ask::{Answer, AnswerResource, Page, View},
        failure::Failure,
    },
};

#[component]
pub fn Loaded<T, F>(
    page: Page<T>,
    /// What is being loaded: "environments".
    #[prop(into)]
    label: String,
    /// Draws what was loaded. Called again whenever it was loaded again.
    view: F,
) -> impl IntoView
where
    T: View,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
{
    let draw = move |answers: &[Answer]| match answers {
        [answer] => Page::<T>::read(answer).map(&view),
        _ => Err(ApiError::Unavailable),
    };
    loaded(vec![page.answer()], label, Arc::new(draw))
}

/// A page of two answers, drawn when both are there.
#[component]
pub fn LoadedBoth<A, B, F>(first: Page<A>, second: Page<B>, #[prop(into)] label: String, view: F) -> impl IntoView
where
    A: View,
    B: View,
    F: Fn(A, B) -> AnyView + Send + Sync + 'static,
{
    let draw = move |answers: &[Answer]| match answers {
        [first, second] => Ok(view(Page::<A>::read(first)?, Page::<B>::read(second)?)),
        _ => Err(ApiError::Unavailable),
    };
    loaded(vec![first.answer(), second.answer()], label, Arc::new(draw))
}

type Draw = Arc<dyn Fn(&[Answer]) -> Result<AnyView, ApiError> + Send + Sync>;

/// One for all kinds of pages.
fn loaded(asked: Vec<AnswerResource>, label: String, draw: Draw) -> AnyView {
    view! {
        <Transition fallback=move || view! { <Skeleton label=label.clone() /> }>
            {move || {
                let (asked, draw) = (asked.clone(), Arc::clone(&draw));
                Suspend::new(async move {
                    let mut answers = Vec::with_capacity(asked.len());
                    for answer in asked {
                        answers.push(answer.await);
                    }
                    draw(&answers).unwrap_or_else(|error| view! { <Failure error /> }.into_any())
                })
            }}
        </Transition>
    }
    .into_any()
}

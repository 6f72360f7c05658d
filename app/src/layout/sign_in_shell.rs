//! The frame of pages before sign-in: one narrow column, no way around, nothing about anyone.

use leptos::prelude::*;

use super::rail::Brand;

#[component]
pub fn SignInShell(
    /// The page's `h1`.
    #[prop(into)]
    title: String,
    children: Children,
) -> impl IntoView {
    view! {
        <main class="sign-in" id="page">
            <Brand />
            <h1>{title}</h1>
            {children()}
        </main>
    }
}

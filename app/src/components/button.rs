//! Buttons and links that look like them. A button sits in a form and submits it; what happens then is the form's matter.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    #[default]
    Ordinary,
    /// The one thing this page or form is for.
    Main,
    /// Dangerous: stops, revokes, deletes. Never the first button of a form.
    Stop,
    /// Weightless: cancel, close, small tools.
    Plain,
}

impl ButtonKind {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Ordinary => "button",
            Self::Main => "button main",
            Self::Stop => "button stop",
            Self::Plain => "button plain",
        }
    }
}

#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    /// Sent with the form when this button is the one pressed.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// Does not submit: a button that only Wasm gives a meaning.
    #[prop(optional)]
    script: bool,
    /// While an action runs the button says so and is not offered again; it keeps the focus.
    #[prop(optional, into)]
    busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class=kind.class()
            type=if script { "button" } else { "submit" }
            name=name
            value=value
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || busy.get().then_some("true")
        >
            {children()}
        </button>
    }
}

#[component]
pub fn ButtonLink(#[prop(into)] href: String, #[prop(optional)] kind: ButtonKind, children: Children) -> impl IntoView {
    view! {
        <a class=kind.class() href=href>
            {children()}
        </a>
    }
}

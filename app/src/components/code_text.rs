//! Versions, ids and digests: monospace, never broken in the middle, copied with one click once the page runs.

use leptos::prelude::*;

#[component]
pub fn CodeText(
    #[prop(into)] text: String,
    /// In dense tables: no button.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    if bare {
        return view! { <code class="code-text">{text}</code> }.into_any();
    }
    // The button appears after hydration, because without Wasm it could do nothing.
    let runs = RwSignal::new(false);
    Effect::new(move |_| runs.set(true));
    let shown = text.clone();
    view! {
        <span class="code-text">
            <code>{shown}</code>
            {move || runs.get().then(|| view! { <CopyButton text=text.clone() /> })}
        </span>
    }
    .into_any()
}

#[component]
fn CopyButton(text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label = format!("Copy {text}");
    view! {
        <button
            class="copy"
            type="button"
            aria-label=label
            on:click=move |event| {
                // Rows are links; copying is not following.
                event.prevent_default();
                event.stop_propagation();
                #[cfg(feature = "hydrate")]
                clipboard::write(&text, copied);
                #[cfg(not(feature = "hydrate"))]
                let _ = &text;
            }
        >
            <svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" aria-hidden="true">
                <path
                    stroke-width="1.5"
                    stroke-linecap="round"
                    stroke-linejoin="round"
                    d=move || {
                        if copied.get() { "M3 8.5l3.5 3.5L13 4.5" } else { "M6 5.5h7.5V14H6zM3 10.5V2h7.5" }
                    }
                ></path>
            </svg>
            <span class="visually-hidden" role="status">
                {move || if copied.get() { "Copied" } else { "" }}
            </span>
        </button>
    }
}

#[cfg(feature = "hydrate")]
mod clipboard {
    use std::time::Duration;

    use js_sys::{Function, Reflect};
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};

    /// How long the tick stays.
    const SHOWN: Duration = Duration::from_secs(2);

    /// Pages served without TLS have no clipboard; then nothing happens, and nothing claims that it did.
    pub(super) fn write(text: &str, copied: RwSignal<bool>) {
        let wrote = (|| -> Result<(), JsValue> {
            let navigator = Reflect::get(&window(), &"navigator".into())?;
            let clipboard = Reflect::get(&navigator, &"clipboard".into())?;
            let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
            write.call1(&clipboard, &text.into()).map(|_| ())
        })();
        if wrote.is_ok() {
            copied.set(true);
            set_timeout(
                move || {
                    copied.try_set(false);
                },
                SHOWN,
            );
        }
    }
}

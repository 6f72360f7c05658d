//! "3 new": announced politely and never pushed into what is being read; the reader fetches it.

use leptos::prelude::*;

#[component]
pub fn LiveNote(
    /// How many arrived since the page was made.
    #[prop(into)]
    count: Signal<u64>,
    /// The page as it is now.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! {
        <div class="live-note" role="status">
            {move || {
                let count = count.get();
                (count > 0)
                    .then(|| {
                        view! {
                            // The page's own address: only an outer load renews it.
                            <a class="button" href=href.clone() rel="external">
                                {format!("{count} new")}
                            </a>
                        }
                    })
            }}
        </div>
    }
}

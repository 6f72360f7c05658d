//! The frame of every signed-in page: skip link, rail, top bar, page. The page's own head is `page_header`.

use leptos::{children::ViewFnOnce, prelude::*};

use super::{
    icon::{Icon, IconName},
    rail::{NavSection, RAIL_ID, Rail},
};

#[component]
pub fn PageShell(
    /// Who is signed in.
    #[prop(into)]
    person: Signal<String>,
    /// Where they are: the customer's name, or the desk.
    #[prop(into)]
    place: Signal<String>,
    /// "Times in Europe/Berlin, UTC+2".
    #[prop(into)]
    zone: Signal<String>,
    #[prop(into)] nav: Signal<Vec<NavSection>>,
    /// The search field of the top bar.
    #[prop(optional, into)]
    search: Option<ViewFnOnce>,
    /// The demo's clock; only where time may run faster.
    #[prop(optional, into)]
    clock: Option<ViewFnOnce>,
    /// A real POST form, so that signing out works without Wasm.
    #[prop(into)]
    sign_out: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        // The browser's own jump takes the focus along; the router would only scroll.
        <a class="skip" href="#page" rel="external">
            "Skip to the page"
        </a>
        <div class="frame">
            <Rail nav />
            <header class="top">
                <button class="button menu" type="button" popovertarget=RAIL_ID>
                    <Icon name=IconName::Menu />
                    "Menu"
                </button>
                <p class="place">{move || place.get()}</p>
                {search.map(|search| view! { <div class="top-search">{search.run()}</div> })}
                <a class="zone" href="/settings">
                    {move || zone.get()}
                </a>
                <span class="person">{move || person.get()}</span>
                {sign_out.run()}
                {clock.map(|clock| view! { <div class="top-clock">{clock.run()}</div> })}
            </header>
            <main class="page" id="page" tabindex="-1">
                {children()}
            </main>
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_frame_has_its_landmarks_and_works_without_wasm() {
        Owner::new().with(|| {
            let nav: Vec<NavSection> = Vec::new();
            let html = view! {
                <PageShell
                    person="Ada Moreau"
                    place="Contoso"
                    zone="Times in Europe/Berlin, UTC+2"
                    nav
                    sign_out=|| view! { <form method="post" action="/sign-out"></form> }
                >
                    <h1>"UAT"</h1>
                </PageShell>
            }
            .to_html();
            for part in [r##"href="#page""##, "<nav", "<header", r#"<main id="page""#, "Ada Moreau", "Contoso"] {
                assert!(html.contains(part), "{part} in {html}");
            }
            assert!(html.contains(r#"popovertarget="rail""#) && html.contains(r#"id="rail""#), "{html}");
            assert!(html.contains(r#"method="post""#), "{html}");
            assert!(!html.contains("style=") && !html.contains("onclick"), "{html}");
        });
    }
}

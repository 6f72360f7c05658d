//! A titled region of a page. The title is its heading and its name for screen readers.

use leptos::{children::ViewFnOnce, prelude::*};

/// Turns a title into something usable as an id: "Why then?" → "why-then".
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        if ch.is_ascii_alphanumeric() {
            out.push(ch.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

#[component]
pub fn Panel(
    #[prop(into)] title: String,
    /// Needed only where two panels of one page have the same title.
    #[prop(optional, into)]
    id: Option<String>,
    /// A few quiet words after the title: counts, freshness.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Links and buttons at the end of the head.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
    /// No padding: for tables, the line and lists that reach the edge.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| slug(&title));
    let title_id = format!("{id}-title");
    view! {
        <section class="panel" id=id aria-labelledby=title_id>
            <header class="panel-head">
                <h2 id=title_id.clone()>{title}</h2>
                {move || note.get().map(|note| view! { <p class="panel-note">{note}</p> })}
                {actions.map(|actions| view! { <div class="panel-actions">{actions.run()}</div> })}
            </header>
            <div class=if flush { "panel-flush" } else { "panel-body" }>{children()}</div>
        </section>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_heading_names_the_region() {
        Owner::new().with(|| {
            let html = view! { <Panel title="Why then?" note="2 reasons">"body"</Panel> }.to_html();
            assert!(html.contains(r#"aria-labelledby="why-then-title""#), "{html}");
            assert!(html.contains(r#"<h2 id="why-then-title">Why then?"#), "{html}");
            assert!(html.contains("2 reasons") && html.contains("body"), "{html}");
        });
    }
}

//! The only place that may emit a `textarea`.
//!
//! Leptos 0.8 writes the children of this element unescaped on the server (leptos-rs/leptos#4818, fixed in 0.9 only), so
//! text with `</textarea>` in it would become markup. Here it is escaped by hand on the server. In the browser the same
//! child is a text node, which cannot become markup; while taking over a served page Leptos leaves this element's children
//! alone, so what the reader typed before that stays.

use leptos::prelude::*;

use super::field_frame::{FieldFrame, described_by, field_id};

/// Escaped for the inside of a `textarea`. A parser drops one line break at the start, so one is put before it.
#[cfg(feature = "ssr")]
fn content(value: &str) -> String {
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if escaped.starts_with(['\n', '\r']) { format!("\n{escaped}") } else { escaped }
}

#[cfg(not(feature = "ssr"))]
fn content(value: &str) -> String {
    value.to_owned()
}

#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    /// Tells apart several of one name on a page; the id is made from the name otherwise.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] required: bool,
    #[prop(default = 4)] rows: u8,
    /// More cannot be typed.
    #[prop(optional)]
    chars_max: Option<usize>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let control = id.clone();
    view! {
        <FieldFrame control=id.clone() label hint error>
            <textarea
                id=id
                name=name
                rows=rows.to_string()
                required=required
                maxlength=chars_max.map(|max| max.to_string())
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || {
                    described_by(&control, hint.with(Option::is_some), error.with(Option::is_some))
                }
            >
                {content(&value)}
            </textarea>
        </FieldFrame>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn rendered(value: &str) -> String {
        let value = value.to_owned();
        Owner::new().with(|| view! { <TextArea name="reason" label="Reason" value /> }.to_html())
    }

    #[test]
    fn hostile_text_cannot_leave_the_element() {
        let html = rendered("</textarea><script>alert(1)</script> & <b>");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<script>"), "{html}");
        assert!(
            html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;</textarea>"),
            "{html}"
        );
    }

    #[test]
    fn text_that_looks_escaped_is_shown_as_it_was_typed() {
        assert!(rendered("&lt;").contains(">&amp;lt;</textarea>"));
    }

    #[test]
    fn nothing_is_put_into_an_empty_one() {
        let html = rendered("");
        assert!(html.contains("></textarea>"), "{html}");
    }

    #[test]
    fn a_first_line_break_survives_the_parser() {
        assert!(rendered("\nsecond line").contains(">\n\nsecond line</textarea>"));
    }
}

//! Keeps the focus where it is when a page is drawn again. Drawing anew takes all attributes off an element and puts them
//! back, in one go; an element that has the focus by its `tabindex` alone (the box of a refused form, a scrolling table, a
//! day of the calendar) loses it in between. A reader who goes elsewhere leaves an element that still has its `tabindex`.

use leptos::{
    ev::{FocusEvent, focusout},
    prelude::*,
    wasm_bindgen::JsCast,
};
use web_sys::{FocusOptions, HtmlElement};

/// For as long as the page is open.
pub fn keep_focus() {
    let _ = window_event_listener(focusout, |event| {
        if let Some(element) = robbed(&event) {
            // Once drawing is over. The reader has seen the element already: nothing scrolls.
            leptos::task::spawn_local(async move {
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                let _ = element.focus_with_options(&options);
            });
        }
    });
}

/// The element that lost the focus because it cannot have it just now.
fn robbed(event: &FocusEvent) -> Option<HtmlElement> {
    let element = event.target()?.dyn_into::<HtmlElement>().ok()?;
    // What the browser focuses by itself, a link or a field, has 0 here without the attribute.
    (event.related_target().is_none() && element.tab_index() < 0 && !element.has_attribute("tabindex"))
        .then_some(element)
}

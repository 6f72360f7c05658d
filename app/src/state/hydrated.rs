//! `<html data-hydrated>`: Wasm has taken over. Tests wait for it, because a click before it would be lost.

use leptos::prelude::*;

pub fn mark_hydrated() {
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
}

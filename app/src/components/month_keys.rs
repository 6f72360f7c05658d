//! Moving through the month by keyboard, once Wasm runs: arrows by day and week, Home and End within the week, and one
//! stop of the Tab key for all the days instead of forty.

use leptos::{ev::KeyboardEvent, html::Table, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const DAYS: &str = "day-link";

fn days(table: &Element) -> Vec<HtmlElement> {
    let found = table.get_elements_by_class_name(DAYS);
    (0..found.length()).filter_map(|i| found.item(i)).filter_map(|day| day.dyn_into().ok()).collect()
}

/// Leaves one day reachable by Tab: today, else the first.
pub(super) fn one_stop(table: NodeRef<Table>) {
    Effect::new(move |_| {
        let Some(table) = table.get() else { return };
        let days = days(&table);
        let stop = days.iter().position(|day| day.has_attribute("aria-current")).unwrap_or(0);
        for (i, day) in days.iter().enumerate() {
            day.set_tab_index(if i == stop { 0 } else { -1 });
        }
    });
}

pub(super) fn arrow(table: NodeRef<Table>, event: &KeyboardEvent) {
    let Some(table) = table.get_untracked() else { return };
    let Some(from) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let days = days(&table);
    let Some(at) = days.iter().position(|day| *day == from) else { return };
    let week = table.get_elements_by_tag_name("th").length() as usize;
    if week == 0 {
        return;
    }
    let to = match event.key().as_str() {
        "ArrowLeft" => at.checked_sub(1),
        "ArrowRight" => Some(at + 1),
        "ArrowUp" => at.checked_sub(week),
        "ArrowDown" => Some(at + week),
        "Home" => Some(at - at % week),
        "End" => Some(at - at % week + week - 1),
        _ => return,
    };
    event.prevent_default();
    if let Some(day) = to.and_then(|to| days.get(to)) {
        from.set_tab_index(-1);
        day.set_tab_index(0);
        let _ = day.focus();
    }
}

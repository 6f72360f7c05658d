//! The one sentence that says what the last form did. It stands until the reader goes to another page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::state::{address::use_query, landing};

#[derive(Clone, Copy)]
pub struct Status {
    said: RwSignal<Option<String>>,
    landed: Memo<Option<String>>,
}

/// Inside the router, because it follows the address.
pub fn provide_status() {
    let query = use_query();
    let path = use_location().pathname;
    let landed = Memo::new(move |_| query.with(landing::done));
    let said = RwSignal::new(None);
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            said.set(None);
        }
        path
    });
    provide_context(Status { said, landed });
}

pub fn use_status() -> Status {
    expect_context()
}

impl Status {
    pub fn say(self, text: String) {
        self.said.set(Some(text));
    }

    /// What was said is no longer the last word.
    pub fn clear(self) {
        self.said.set(None);
    }

    /// Said by a form of this page, not by its address.
    pub fn said(self) -> ReadSignal<Option<String>> {
        self.said.read_only()
    }

    pub fn get(self) -> Option<String> {
        self.said.get().or_else(|| self.landed.get())
    }
}

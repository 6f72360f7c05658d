//! The one sentence that says what the last form did, or why it did nothing where the form itself is gone. It stands until
//! the reader goes to another page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::state::{address::use_query, landing};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Done(String),
    Refused(String),
}

#[derive(Clone, Copy)]
pub struct Status {
    said: RwSignal<Option<Said>>,
    landed: Memo<Option<Said>>,
    /// A form was answered here since: what the address says is no longer the last word.
    answered: RwSignal<bool>,
    path: Memo<String>,
}

/// Inside the router, because it follows the address.
pub fn provide_status() {
    let query = use_query();
    let path = use_location().pathname;
    let landed = Memo::new(move |_| {
        query.with(|query| {
            let refused = || landing::refused(query).map(|text| Said::Refused(text.to_owned()));
            landing::done(query).map(Said::Done).or_else(refused)
        })
    });
    let (said, answered) = (RwSignal::new(None), RwSignal::new(false));
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            said.set(None);
            answered.set(false);
        }
        path
    });
    provide_context(Status { said, landed, answered, path });
}

pub fn use_status() -> Status {
    expect_context()
}

impl Status {
    pub fn say(self, said: Said) {
        self.answered.set(true);
        self.said.set(Some(said));
    }

    /// As [`Self::clear`], where this was the last word.
    pub fn take_back(self, said: &Said) {
        if self.said.with_untracked(|last| last.as_ref() == Some(said)) {
            self.clear();
        }
    }

    /// Where the reader is.
    pub fn path(self) -> String {
        self.path.get_untracked()
    }

    /// What was said is no longer the last word.
    pub fn clear(self) {
        self.answered.set(true);
        self.said.set(None);
    }

    /// Said by a form of this page, not by its address.
    pub fn said(self) -> ReadSignal<Option<Said>> {
        self.said.read_only()
    }

    pub fn get(self) -> Option<Said> {
        let landed = || if self.answered.get() { None } else { self.landed.get() };
        self.said.get().or_else(landed)
    }
}

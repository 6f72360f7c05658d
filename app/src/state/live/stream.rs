//! The stream itself: opened for the topics of the page, closed while the tab is hidden, opened again where it left off.

use leptos::{ev, prelude::*};
use serde::Deserialize;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::Live;
use crate::{json, query::Query, routes, state::shell::Shell};
use domain::ids::RolloutId;
use domain::permission::Permission;

/// What a page needs of a [`domain::wire::live::LiveEvent`].
#[derive(Deserialize)]
struct Heard {
    topic: String,
    text: String,
}

/// An open stream; dropped, it is closed.
struct Stream {
    source: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.close();
    }
}

pub(super) fn follow(live: Live, shell: Shell) {
    let visible = RwSignal::new(!document().hidden());
    let listener = window_event_listener(ev::visibilitychange, move |_| visible.set(!document().hidden()));
    on_cleanup(move || listener.remove());
    let signed_in = Memo::new(move |_| shell.view().with(Option::is_some));
    let customer = Memo::new(move |_| shell.may(Permission::SeeOwnEstate));
    let staff = Memo::new(move |_| shell.may(Permission::SeeRollouts));
    // The last event this tab has heard; at first, what the page was made from.
    let heard = StoredValue::new(shell.view().with_untracked(|view| view.as_ref().map_or(0, |view| view.live_seq)));
    let open = StoredValue::new_local(None::<Stream>);
    Effect::new(move |_| {
        let watched = live.watched.get();
        open.set_value(None);
        if visible.get() && signed_in.get() {
            let topics = topics(customer.get(), staff.get(), &watched);
            open.set_value(stream(&address(&topics, heard.get_value()), live, heard));
        }
    });
    on_cleanup(move || {
        open.try_set_value(None);
    });
}

fn topics(customer: bool, staff: bool, watched: &[RolloutId]) -> String {
    let mut topics = String::from("demo_clock,stops");
    if customer {
        topics.push_str(",estate");
    }
    if staff {
        topics.push_str(",halts");
    }
    for rollout in watched {
        topics.push_str(",rollout:");
        topics.push_str(&rollout.to_string());
    }
    topics
}

fn address(topics: &str, after: i64) -> String {
    Query::default().set("after", after.to_string()).set("topics", topics).on(routes::EVENTS)
}

/// None where the browser has no streams or refuses this one: the page works without.
fn stream(address: &str, live: Live, heard: StoredValue<i64>) -> Option<Stream> {
    let source = EventSource::new(address).ok()?;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        if let Ok(seq) = message.last_event_id().parse() {
            heard.try_set_value(seq);
        }
        if let Some(heard) = message.data().as_string().and_then(|data| json::read::<Heard>(&data).ok()) {
            live.hear(&heard.topic, heard.text);
        }
    });
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    Some(Stream { source, _heard: on_message })
}

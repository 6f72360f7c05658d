//! Live changes: one stream of server-sent events per tab, closed while nobody looks. An event only says that something
//! changed; pages ask again for what they show. Without the stream every page works, it just does not move by itself.

#[cfg(feature = "hydrate")]
mod stream;

use std::time::Duration;

use domain::ids::RolloutId;
use leptos::prelude::*;

use crate::state::shell::Shell;

/// A busy rollout changes many times a second; a page follows at this pace.
const FOLLOW_PAUSE: Duration = Duration::from_secs(1);
/// A screen reader would never come to an end otherwise.
const SAY_PAUSE: Duration = Duration::from_secs(5);

/// How many changes of each topic this tab has heard of.
#[derive(Clone, Copy)]
pub struct Live {
    rollout: RwSignal<u64>,
    estate: RwSignal<u64>,
    clock: RwSignal<u64>,
    /// The rollouts that the page shows.
    watched: RwSignal<Vec<RolloutId>>,
    /// Whose they are: how many pages have watched so far.
    watchers: StoredValue<u64>,
    /// The newest sentence, not yet said.
    latest: RwSignal<String>,
    said: RwSignal<String>,
}

pub fn provide_live(shell: Shell) {
    let live = Live {
        rollout: RwSignal::new(0),
        estate: RwSignal::new(0),
        clock: RwSignal::new(0),
        watched: RwSignal::new(Vec::new()),
        watchers: StoredValue::new(0),
        latest: RwSignal::new(String::new()),
        said: RwSignal::new(String::new()),
    };
    provide_context(live);
    let sentences = RwSignal::new(0);
    Effect::new(move |_| {
        live.latest.track();
        sentences.update(|count| *count += 1);
    });
    after_changes_every(SAY_PAUSE, sentences.read_only(), move || live.said.set(live.latest.get_untracked()));
    #[cfg(feature = "hydrate")]
    stream::follow(live, shell);
    #[cfg(not(feature = "hydrate"))]
    let _ = shell;
}

pub fn use_live() -> Live {
    expect_context()
}

impl Live {
    pub fn rollout(self) -> ReadSignal<u64> {
        self.rollout.read_only()
    }

    pub fn estate(self) -> ReadSignal<u64> {
        self.estate.read_only()
    }

    pub fn clock(self) -> ReadSignal<u64> {
        self.clock.read_only()
    }

    /// What is heard by those who do not see the change.
    pub fn announcement(self) -> ReadSignal<String> {
        self.said.read_only()
    }

    /// Says one thing now, to those who do not see it.
    pub fn say(self, text: String) {
        self.said.try_set(text);
    }

    /// This page shows rollouts; until it is left, their changes are sent too.
    pub fn watch(self, rollouts: Memo<Vec<RolloutId>>) {
        let mine = self.watchers.get_value() + 1;
        self.watchers.set_value(mine);
        Effect::new(move |_| self.watched.set(rollouts.get()));
        // The next page begins before this one ends.
        on_cleanup(move || {
            if self.watchers.try_get_value() == Some(mine) {
                self.watched.try_set(Vec::new());
            }
        });
    }

    #[cfg(feature = "hydrate")]
    fn hear(self, topic: &str, text: String) {
        let count = match topic {
            "rollout" => self.rollout,
            "estate" => self.estate,
            // They change what stands around every page.
            "demo_clock" | "stops" | "halts" => self.clock,
            _ => return,
        };
        count.update(|count| *count += 1);
        if !text.is_empty() {
            self.latest.set(text);
        }
    }
}

/// Calls `act` after a change, at most once in a while, and always after the last one.
pub fn after_changes(changes: ReadSignal<u64>, act: impl Fn() + Clone + 'static) {
    after_changes_every(FOLLOW_PAUSE, changes, act);
}

fn after_changes_every(pause: Duration, changes: ReadSignal<u64>, act: impl Fn() + Clone + 'static) {
    let waits = StoredValue::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    on_cleanup(move || {
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    });
    Effect::new(move |seen: Option<u64>| {
        let now = changes.get();
        if seen.is_some_and(|seen| seen != now) && !waits.get_value() {
            let act = act.clone();
            let then = move || {
                waits.set_value(false);
                act();
            };
            if let Ok(handle) = set_timeout_with_handle(then, pause) {
                waits.set_value(true);
                timer.set_value(Some(handle));
            }
        }
        now
    });
}

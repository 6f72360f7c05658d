//! Who is signed in, and what stands around every page. It comes with the page, loaded before it is written, so the frame
//! never waits; later it is asked for again when something changed.

use std::time::Duration;

use domain::permission::Permission;
use domain::wire::shell::{DemoSpeed, ShellView};
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos::server_fn::ServerFn;

#[cfg(feature = "hydrate")]
use crate::{api::shell::ShowShell, query::Query};
use crate::{json, state::live};

/// How often the demo's clock is looked at while it runs faster than ours.
const CLOCK_PERIOD: Duration = Duration::from_secs(3);

#[derive(Clone, Copy)]
pub struct Shell(RwSignal<Option<ShellView>>);

pub fn provide_shell() -> Shell {
    // As text: one reader is enough for everything that comes with a page.
    let text = SharedValue::new_str(from_request).into_inner();
    let shell = Shell(RwSignal::new(json::read(&text).ok()));
    provide_context(shell);
    shell
}

pub fn use_shell() -> Shell {
    expect_context()
}

impl Shell {
    /// None where nobody is signed in.
    pub fn view(self) -> ReadSignal<Option<ShellView>> {
        self.0.read_only()
    }

    pub fn may(self, what: Permission) -> bool {
        self.0.with(|view| view.as_ref().is_some_and(|view| view.may(what)))
    }

    pub fn unread(self) -> u64 {
        self.0.with(|view| view.as_ref().map_or(0, |view| view.unread))
    }

    /// Asks again. Where that fails the old one stands: the page says what does not work.
    pub fn refetch(self) {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            let text = crate::api::browser::get(ShowShell::PATH, &Query::default()).await;
            if let Some(view) = text.ok().and_then(|text| json::read(&text).ok()) {
                self.0.try_set(Some(view));
            }
        });
    }

    /// Asks again after changes, and while a demo clock runs fast.
    pub fn follow(self, changes: ReadSignal<u64>) {
        live::after_changes(changes, move || self.refetch());
        let fast = Memo::new(move |_| {
            let speed = self.0.with(|view| view.as_ref().and_then(|view| view.demo.as_ref().map(|demo| demo.speed)));
            speed.is_some_and(|speed| speed.factor() > DemoSpeed::RealTime.factor())
        });
        Effect::new(move |_| {
            if fast.get()
                && let Ok(timer) = set_interval_with_handle(
                    move || {
                        if !document().hidden() {
                            self.refetch();
                        }
                    },
                    CLOCK_PERIOD,
                )
            {
                on_cleanup(move || timer.clear());
            }
        });
    }
}

#[cfg(feature = "ssr")]
fn from_request() -> String {
    let frame = crate::platform::extension::<crate::api::context::Frame>();
    frame.and_then(|frame| serde_json::to_string(&frame.0).ok()).unwrap_or_default()
}

/// The text came with the page; this runs only if it did not.
#[cfg(not(feature = "ssr"))]
fn from_request() -> String {
    String::new()
}

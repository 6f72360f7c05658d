//! The frame around signed-in pages: who is signed in, where one can go, the demo's clock, the status line.
//! Not here: what the frame looks like (`layout`), who may see what (`domain::permission`).

mod demo_clock;
#[cfg(feature = "hydrate")]
mod keep_focus;
mod navigation;
mod search;

use std::time::Duration;

use domain::permission::Permission;
use domain::wire::shell::ShellView;
use leptos::{prelude::*, wasm_bindgen::JsCast};
use leptos_router::hooks::use_location;

use crate::{
    components::{Button, ButtonKind, Notice, NoticeKind},
    frame::{demo_clock::DemoClock, navigation::sections, search::Search},
    layout::PageShell,
    routes,
    state::{
        live::use_live,
        shell::use_shell,
        status::{Said, use_status},
    },
};

/// Longer than a page usually takes to come.
const TITLE_DELAY: Duration = Duration::from_millis(700);

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let shell = use_shell();
    let path = use_location().pathname;
    let of = move |read: fn(&ShellView) -> String| {
        Signal::derive(move || shell.view().with(|view| view.as_ref().map(read).unwrap_or_default()))
    };
    let nav = Signal::derive(move || {
        shell.view().with(|view| view.as_ref().map(|view| sections(view, &path.get())).unwrap_or_default())
    });
    follow_the_path();
    #[cfg(feature = "hydrate")]
    keep_focus::keep_focus();
    view! {
        <PageShell
            person=of(|view| format!("{}, {}", view.name, view.role.word().to_ascii_lowercase()))
            place=of(|view| view.place.clone())
            zone=of(|view| view.zone.clone())
            nav
            search=|| view! { <Search /> }
            clock=|| view! { <DemoClock /> }
            sign_out=|| view! { <SignOut /> }
        >
            <Stopped />
            <StatusLine />
            {children()}
        </PageShell>
    }
}

/// A link that the router follows loads no page, so the browser moves no focus and reads no title; both happen here.
fn follow_the_path() {
    let path = use_location().pathname;
    let live = use_live();
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            if let Some(page) = document().get_element_by_id("page")
                && let Ok(page) = page.dyn_into::<leptos::web_sys::HtmlElement>()
            {
                let _ = page.focus();
            }
            // The title is the new page's own once it is drawn.
            set_timeout(move || live.say(document().title()), TITLE_DELAY);
        }
        path
    });
}

#[component]
fn SignOut() -> impl IntoView {
    view! {
        <form method="post" action=routes::LOGOUT>
            <Button kind=ButtonKind::Plain>"Sign out"</Button>
        </form>
    }
}

/// The kill switch, on every page of everybody whom it concerns.
#[component]
fn Stopped() -> impl IntoView {
    let shell = use_shell();
    // Asked again every few seconds while a demo runs fast: only a change is announced.
    let stop = Memo::new(move |_| shell.view().with(|view| view.as_ref().and_then(|view| view.stop.clone())));
    move || {
        stop.get().map(|text| {
            let staff = shell.may(Permission::SeeRollouts);
            view! {
                <Notice kind=NoticeKind::Stop title="All updates are halted">
                    {text} " "
                    {staff.then(|| view! { <a href=routes::HALTS>"See all halts"</a> })}
                </Notice>
            }
        })
    }
}

/// Nothing has the focus: what had it is gone.
fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

/// What a form did, and what changes while the page is open. The first line is for everybody and takes the focus: the form
/// that was sent may be gone by then. The second is only heard: the page itself shows the change.
#[component]
fn StatusLine() -> impl IntoView {
    let status = use_status();
    let announcement = use_live().announcement();
    let line = NodeRef::<leptos::html::Div>::new();
    let said = status.said();
    Effect::new(move |_| {
        let takes_focus = said.with(|said| match said {
            Some(Said::Done(_)) => true,
            // Its form was drawn away: whoever has gone on elsewhere stays there.
            Some(Said::Refused(_)) => is_focus_lost(),
            None => false,
        });
        if takes_focus && let Some(line) = line.get() {
            let _ = line.focus();
        }
    });
    view! {
        <p class="visually-hidden" role="status">
            {move || announcement.get()}
        </p>
        {move || {
            status
                .get()
                .map(|said| {
                    let (kind, refused, title) = match said {
                        Said::Done(text) => (NoticeKind::Done, false, text),
                        Said::Refused(text) => (NoticeKind::Stop, true, text),
                    };
                    view! {
                        // `autofocus` moves the focus where no Wasm runs.
                        <div tabindex="-1" autofocus=refused node_ref=line>
                            <Notice kind title />
                        </div>
                    }
                })
        }}
    }
}

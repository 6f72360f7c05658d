//! A box that tells the reader something: what happened, what comes, what is in the way. Stop is announced at once,
//! the others politely.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use super::signal::SignalMark;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeKind {
    #[default]
    Info,
    Done,
    Caution,
    Stop,
}

impl NoticeKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "notice",
            Self::Done => "notice clear",
            Self::Caution => "notice caution",
            Self::Stop => "notice stop",
        }
    }

    const fn aspect(self) -> Aspect {
        match self {
            Self::Info => Aspect::Unlit,
            Self::Done => Aspect::Clear,
            Self::Caution => Aspect::Caution,
            Self::Stop => Aspect::Stop,
        }
    }
}

#[component]
pub fn Notice(
    #[prop(optional)] kind: NoticeKind,
    #[prop(into)] title: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=kind.class() role=if kind == NoticeKind::Stop { "alert" } else { "status" }>
            <SignalMark aspect=kind.aspect() />
            <div>
                <p class="notice-title">{title}</p>
                {children.map(|children| view! { <div class="notice-text">{children()}</div> })}
            </div>
        </div>
    }
}

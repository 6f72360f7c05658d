//! The icons, drawn by hand on a 20 × 20 field with one stroke width. An icon never stands without its word.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    Alert,
    Approval,
    Audit,
    Bell,
    Book,
    Build,
    Calendar,
    Deployments,
    Download,
    Environment,
    Flight,
    Freeze,
    Menu,
    People,
    Search,
    Settings,
    SignOut,
    Station,
    Train,
}

impl IconName {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M10 3L2.5 16.5h15zM10 8v4M10 14.3v.2",
            Self::Approval => "M10 2.5l6.5 2.5v5c0 4-2.8 6.5-6.5 7.5-3.7-1-6.5-3.5-6.5-7.5V5zM7 10l2.2 2.2L13 8",
            Self::Audit => "M5 2.5h10v15H5zM7.5 6.5h5M7.5 10h5M7.5 13.5h3",
            Self::Bell => "M4 14.5h12l-1.5-2.5V8.5a4.5 4.5 0 0 0-9 0V12zM8.3 17.3h3.4",
            Self::Book => "M3 4c3-1 5-.5 7 1 2-1.5 4-2 7-1v12c-3-1-5-.5-7 1-2-1.5-4-2-7-1zM10 5v12",
            Self::Build => "M10 2.5l6.5 3.5v8L10 17.5 3.5 14V6zM3.5 6L10 9.5 16.5 6M10 9.5v8",
            Self::Calendar => "M3 4.5h14v12.5H3zM3 8.5h14M6.8 2.5v4M13.2 2.5v4",
            Self::Deployments => "M3 3h5.5v5.5H3zM11.5 3H17v5.5h-5.5zM3 11.5h5.5V17H3zM11.5 11.5H17V17h-5.5z",
            Self::Download => "M10 3v9M6.5 8.8L10 12.3l3.5-3.5M3.5 16.5h13",
            Self::Environment => "M3 4h14v5H3zM3 11h14v5H3zM6 6.5h.2M6 13.5h.2M9.5 6.5h4.5M9.5 13.5h4.5",
            Self::Flight => {
                "M6.5 6h7a4 4 0 0 1 0 8h-7a4 4 0 0 1 0-8zM13.5 8.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4z"
            }
            Self::Freeze => "M10 2.5v15M3.5 6.25l13 7.5M3.5 13.75l13-7.5M8 3.8l2 1.7 2-1.7M8 16.2l2-1.7 2 1.7",
            Self::Menu => "M3 5.5h14M3 10h14M3 14.5h14",
            Self::People => {
                "M7.5 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2 16.5c.5-3 2.5-4.5 5.5-4.5s5 1.5 5.5 4.5M13 4.3a2.8 2.8 0 0 1 0 5.4M14.5 12.3c2 .6 3.2 2 3.5 4.2"
            }
            Self::Search => "M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM12.5 12.5L17 17",
            Self::Settings => {
                "M3 6h7M14 6h3M3 14h3M10 14h7M12 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM8 12a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"
            }
            Self::SignOut => "M8 3H3.5v14H8M12.5 6.5L16 10l-3.5 3.5M16 10H7.5",
            Self::Station => "M10 8v9.5M6.5 17.5h7M10 2.5a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM10 11.5h4",
            Self::Train => "M5 3h10v10.5H5zM5 8.5h10M8 11h.2M11.8 11h.2M6.5 13.5L4.5 17M13.5 13.5l2 3.5M5.8 15.5h8.4",
        }
    }
}

#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 20 20"
            width="20"
            height="20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=name.path()></path>
        </svg>
    }
}

//! The parts pages are made of: one visible part per file, props in, events out.
//!
//! Nothing here asks the server, reads the address or knows a customer; a part takes plain data and the closed sets of
//! [`domain::wire::signal`]. Every part is whole without Wasm: links are links, forms are forms, and what only a running
//! page can do (copying, moving by arrow keys) appears once it runs. No part writes a `style` attribute: the content
//! security policy refuses them, so sizes are SVG attributes and colours are classes of `style/parts/`.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its props, whether it uses them up or not")]

pub mod button;
pub mod choice;
pub mod code_text;
pub mod confirm;
pub mod data_table;
pub mod disclosure;
pub mod error_summary;
pub mod facts;
pub mod field;
pub mod field_frame;
pub mod figures;
pub mod filter_bar;
pub mod line;
pub mod live_note;
pub mod matrix;
pub mod mini_line;
pub mod month_grid;
#[cfg(feature = "hydrate")]
mod month_keys;
pub mod nav_tabs;
pub mod notice;
pub mod pager;
pub mod panel;
pub mod progress_bar;
pub mod select_field;
pub mod signal;
pub mod state_chip;
pub mod text_area;
pub mod timeline;
pub mod when;
pub mod why_list;

pub use button::{Button, ButtonKind, ButtonLink};
pub use choice::{CheckBox, Choice, ChoiceGroup};
pub use code_text::CodeText;
pub use confirm::Confirm;
pub use data_table::{Cell, Column, DataTable, Order, RowHead, RowLink, SelectCell};
pub use disclosure::Disclosure;
pub use error_summary::{ErrorSummary, FieldError};
pub use facts::{Fact, Facts};
pub use field::{Field, FieldKind};
pub use field_frame::field_id;
pub use figures::{Figure, Figures};
pub use filter_bar::FilterBar;
pub use line::Line;
pub use live_note::LiveNote;
pub use matrix::{Matrix, MatrixCell, MatrixRow};
pub use mini_line::MiniLine;
pub use month_grid::{BarKind, MonthBar, MonthDay, MonthGrid};
pub use nav_tabs::{NavTabs, TabItem};
pub use notice::{Notice, NoticeKind};
pub use pager::Pager;
pub use panel::Panel;
pub use progress_bar::ProgressBar;
pub use select_field::{SelectField, SelectOption};
pub use signal::SignalMark;
pub use state_chip::{Chip, StateChip};
pub use text_area::TextArea;
pub use timeline::{Timeline, TimelineEntry};
pub use when::Moment;
pub use why_list::{Why, WhyList};

//! The frame around pages and the states a page can be in: header, empty, error, loading, signed out.
//! Which page shows what, and who may see it, is decided in `pages`; nothing here asks the server.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its props, whether it uses them up or not")]

pub mod empty_state;
pub mod error_panel;
pub mod icon;
pub mod page_header;
pub mod page_shell;
pub mod rail;
pub mod sign_in_shell;
pub mod skeleton;

pub use empty_state::EmptyState;
pub use error_panel::ErrorPanel;
pub use icon::{Icon, IconName};
pub use page_header::{Crumb, PageHeader};
pub use page_shell::PageShell;
pub use rail::{NavItem, NavSection};
pub use sign_in_shell::SignInShell;
pub use skeleton::Skeleton;

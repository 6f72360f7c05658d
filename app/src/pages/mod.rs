//! One file per address: load, compose, say what went wrong. `admin` is for customers, `support` and `release` for staff.
//!
//! Every page but sign-in belongs to an [area](crate::areas): a new one is a variant of its `Pages`, a line in `open`, a
//! route in [`app`](crate::app), and a line in [`Area::of`](crate::areas::Area::of) where its path begins in a new way.
//!
//! A page has one resource, one [`loaded::Loaded`] around its body (nested or shared ones break taking over the page) and
//! ends in `into_any()`, which keeps the types, and so the Wasm, small. What was asked for is in the address, never only in
//! a signal. Actions and forms are made in the page, outside of what the resource draws again.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its props, whether it uses them up or not")]
#![expect(clippy::unnecessary_wraps, reason = "what opens an area answers as its loading does, which may fail")]

pub mod admin;
pub mod ask;
pub mod environment;
pub mod exceptions;
pub mod failure;
pub mod loaded;
pub mod login;
pub mod not_found;
pub mod options;
pub mod plan;
pub mod post_form;
pub mod recovery;
pub mod release;
pub mod settings;
pub mod stops;
pub mod support;
pub mod sure;

//! The product binary `signalbox`: command line, wiring, HTTP, sessions, background jobs.
//!
//! | module | holds |
//! |---|---|
//! | [`cli`], [`commands`] | what can be run, one file a command |
//! | [`router`], [`layers`], [`handlers`] | the HTTP side: what stands around a request, and routes that are not pages |
//! | [`permissions`] | which address needs which permission |
//! | [`session`] | who is signed in |
//! | [`background`] | loops around one call each |
//! | [`state`], [`config`] | what all of them can reach, and what an operator chose |
//!
//! Rules are in `domain`, use cases in `services`, SQL in `store`, pages in `app`.

#![recursion_limit = "256"]

pub mod background;
pub mod cli;
pub mod commands;
pub mod config;
pub mod handlers;
pub mod layers;
pub mod next_path;
pub mod permissions;
pub mod refusal;
pub mod router;
pub mod session;
pub mod state;

//! Freezes: nights in which nothing starts. Setting one and ending one are transactions that bump every rollout and make
//! the estates concerned due, so that the planner looks again before anything else happens; announced nights that fall
//! into a freeze move, and each move is told (N1). Who runs goes on to the end.
//!
//! Not here: what a freeze covers and who may set which (`domain::freeze`), what it does to a plan (`domain::rollout`).

mod end;
mod form;
mod list;
mod names;
mod preview;
mod set;

pub(crate) use names::{FreezePlaces, place};

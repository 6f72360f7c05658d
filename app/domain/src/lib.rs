//! The rules of Signalbox and the shapes that cross the network. Pure: no async, clock, randomness, database or UI;
//! `now` is always an argument. Compiled for the server and for the browser.
//!
//! Each rule of the engine, with the function that holds it, its tests and its words, is a row of `RULES.md` in this crate.
//!
//! | room | holds |
//! |---|---|
//! | [`ids`] | typed, prefixed ids |
//! | [`release`] | service updates, builds, trains |
//! | [`fleet`] | environments, regions, stations, designations |
//! | [`calendar`] | dark hours, nights, days, cadences, published schedules |
//! | [`catalogue`] | the vendor's real facts as one value |
//! | [`health`] | gates, the test on failures, telemetry, and their verdicts |
//! | [`rollout`] | states, facts, the planner, its plan and report |
//! | [`freeze`] | spans of nights in which nothing starts |
//! | [`recovery`] | the ways out of a halt, and the plan that carries one out |
//! | [`emergency`] | the emergency path: who may shorten what, and what it owes afterwards |
//! | [`pull_ahead`] | a customer takes a build before its night |
//! | [`approval`], [`people`], [`severity`] | what was approved by whom, who said why, how bad it is |
//! | [`agent`] | what an environment's agent says, and how it moves an update |
//! | [`token`] | what programs ask with, and what it reaches |
//! | [`permission`] | who may do what, and whose data they see |
//! | [`notification`] | what a customer is told, and the words for it |
//! | [`clockface`], [`number`] | how instants and numbers become words |
//! | [`wire`] | what pages ask for and show |

pub mod agent;
pub mod approval;
pub mod calendar;
pub mod catalogue;
pub mod clockface;
pub mod emergency;
pub mod fleet;
pub mod flight;
pub mod freeze;
pub mod health;
pub mod ids;
pub mod notification;
pub mod number;
pub mod people;
pub mod permission;
pub mod pull_ahead;
pub mod recovery;
pub mod release;
pub mod rollout;
pub mod severity;
pub mod token;
pub mod wire;

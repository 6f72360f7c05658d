//! What `signalbox` can be told to do, one file a command. Each reads its flags, opens what it needs, makes one call
//! and says in a sentence what came of it.

pub mod audit;
pub mod database;
pub mod migrate;
mod output;
pub mod plan;
pub mod policy;
pub mod schedule;
pub mod secret;
pub mod serve;
pub mod simulate;
pub mod token;
mod trail;
pub mod user;

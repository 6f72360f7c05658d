//! What goes wrong, one file a family. All of it is drawn from the seed, and none of it happens in the calm days at the
//! end, in which everything has to come to rest.
//!
//! | file | family |
//! |---|---|
//! | `gate` | F1–F6, F18, F19: where a server is stopped, refused, killed or paused |
//! | `clocks` | F7 |
//! | `agents` | F8, F9: the course of one attempt |
//! | `reports` | F8 by the API: what an agent that comes for its orders says, and how it arrives |
//! | `network` | F13, F14 |
//! | `telemetry` | F10 |
//! | `outside` | F11, F12: the place of what does not exist yet |
//!
//! F15–F17 and F20 are what people do: `people`. Daylight-saving changes and new zone data (F7) change nothing here:
//! dark hours are in UTC; the zones of viewers are tested in `services`.

pub mod agents;
pub mod clocks;
pub mod gate;
pub mod network;
pub mod outside;
pub mod reports;
pub mod telemetry;

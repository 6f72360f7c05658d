//! Server-sent events. One stream a tab; an event says that something changed, the page asks again for what it shows.

use crate::ids::{CustomerId, RolloutId};
use serde::{Deserialize, Serialize};

/// Who is interested in a change. Written to the outbox as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "topic", content = "id", rename_all = "snake_case")]
pub enum Topic {
    Rollout(RolloutId),
    /// Notifications, calendar and environments of one customer.
    Estate(CustomerId),
    DemoClock,
    /// The kill switch: everybody's.
    Stops,
    /// Whatever is halted or goes on: staff's.
    Halts,
}

/// One event; its SSE id is the outbox sequence, so that `Last-Event-ID` resumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    #[serde(flatten)]
    pub topic: Topic,
    /// A short polite sentence: "Station 2 opened".
    pub text: String,
}

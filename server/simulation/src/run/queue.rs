//! What happens when: by true time, and at one instant in the order in which it was arranged.

use crate::people::Act;
use crate::pulling::Errand;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A server ticks, if it is up.
    Tick(usize),
    /// A server that stands still goes on.
    GoOn(usize),
    /// A server that is down starts anew.
    Boot(usize),
    Act(Act),
    /// People look at what there is to do.
    Round,
    /// Clocks and networks.
    Disturb,
    /// Listeners drop off and come back.
    Listeners,
    /// An agent comes.
    Errand(Errand),
    /// The listening system speaks.
    Samples,
    /// Everything is looked at.
    Sweep,
    /// From here on nothing goes wrong any more.
    Calm,
}

#[derive(Debug, Default)]
pub struct Queue {
    events: BTreeMap<(DateTime<Utc>, u64), Event>,
    made: u64,
}

impl Queue {
    pub fn add(&mut self, at: DateTime<Utc>, event: Event) {
        self.made += 1;
        self.events.insert((at, self.made), event);
    }

    pub fn next(&mut self) -> Option<(DateTime<Utc>, Event)> {
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn time_first_then_the_order_of_making() {
        let mut queue = Queue::default();
        let at = DateTime::UNIX_EPOCH;
        queue.add(at + TimeDelta::hours(1), Event::Sweep);
        queue.add(at, Event::Tick(1));
        queue.add(at, Event::Tick(0));
        let order: Vec<Event> = std::iter::from_fn(|| queue.next()).map(|(_, event)| event).collect();
        assert_eq!(order, [Event::Tick(1), Event::Tick(0), Event::Sweep]);
    }
}

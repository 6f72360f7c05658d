//! When the simulated listening system speaks, and to whom.

use super::Run;
use super::queue::Event;
use crate::Result;
use crate::invariants::watched;
use crate::options::Family;
use chrono::TimeDelta;

/// A clock that is so far behind takes what has just ended for the future.
const BEHIND: TimeDelta = TimeDelta::minutes(-4);

impl Run {
    /// Of everything delivered by a rollout whose gates look at telemetry; one request after the other, each to a server
    /// that is up.
    pub(super) async fn samples(&mut self) -> Result<()> {
        let now = self.now();
        self.queue.add(now + self.listening.pause(), Event::Samples);
        let with_faults = self.options.has(Family::Telemetry) && !self.is_calm();
        self.tally.faults += self.listening.prepare(&watched::delivered(&self.seen), now, with_faults);
        loop {
            let up: Vec<usize> =
                (0..self.servers.len()).filter(|server| self.servers[*server].serves().is_some()).collect();
            let Some(server) = self.listening.pick(&up) else { return Ok(()) };
            let behind = self.servers[server].clock.ahead() < BEHIND;
            let Some(services) = self.servers[server].serves() else { return Ok(()) };
            let Some((asked, call)) = self.listening.call(services, server, behind) else { return Ok(()) };
            self.make(server, call).await?;
            let found = self.listening.settle(asked, now);
            self.note(found);
            if !self.violations.is_empty() {
                return Ok(());
            }
        }
    }
}

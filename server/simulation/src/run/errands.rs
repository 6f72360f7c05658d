//! Agents that come for their orders: they are woken by what a step changed, each errand is one call of one server, and
//! what got no answer is done again.

use super::Run;
use super::queue::Event;
use crate::Result;
use crate::options::Family;
use crate::pulling::{Errand, Followed};
use crate::watch::Step;
use domain::rollout::UpdateState;

impl Run {
    pub(super) async fn errand(&mut self, errand: Errand) -> Result<()> {
        let up: Vec<usize> =
            (0..self.servers.len()).filter(|server| self.servers[*server].serves().is_some()).collect();
        let server = self.pulling.pick(&up).filter(|_| !self.site.agents.is_cut(errand.environment()));
        let Some((server, services)) = server.and_then(|server| Some((server, self.servers[server].serves()?))) else {
            self.come_again(errand);
            return Ok(());
        };
        let Some((number, call)) = self.pulling.call(services, &errand, server) else { return Ok(()) };
        self.make(server, call).await?;
        if let Some(errand) = self.pulling.unanswered(number) {
            self.come_again(errand);
        }
        Ok(())
    }

    fn come_again(&mut self, errand: Errand) {
        let (at, errand) = self.pulling.again(errand, self.now());
        self.queue.add(at, Event::Errand(errand));
    }

    /// What was granted is begun before anything else is looked at.
    pub(super) fn open_mail(&mut self) {
        let with_faults = self.options.has(Family::Agent) && !self.is_calm();
        let Followed { errands, idle, found, faults } = self.pulling.open_mail(self.now(), with_faults);
        self.tally.faults += faults;
        for (at, errand) in errands {
            self.queue.add(at, Event::Errand(errand));
        }
        // A server whose clock is wrong sees no night yet.
        for environment in idle {
            let waits = self.seen.updates.values().any(|update| {
                update.environment == environment
                    && matches!(update.state, UpdateState::InProgress { .. })
                    && !self.pulling.has_taken(update.id, update.attempts)
            });
            if waits {
                self.come_again(Errand::Fetch(environment));
            }
        }
        self.note(found);
    }

    pub(super) fn wake_agents(&mut self, step: &Step) {
        for change in &step.changes {
            let update = &change.after;
            if matches!(update.state, UpdateState::InProgress { .. }) && self.pulling.comes(update.environment) {
                let (at, errand) = self.pulling.wake(update.environment, self.now());
                self.queue.add(at, Event::Errand(errand));
            }
        }
    }
}

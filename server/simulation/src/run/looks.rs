//! The look after each step, what is judged of a tick, and the sweep every third day.

use super::queue::Event;
use super::{Run, acted};
use crate::Result;
use crate::agents::Touch;
use crate::invariants::{self, Found, rules, watched};
use crate::{probes, server};
use chrono::TimeDelta;
use domain::recovery::{RecoveryPlan, RecoveryState, Work};
use domain::rollout::{RolloutKind, UpdateState};
use services::engine::TickOutcome;
use services::events::RELAY_ROWS_MAX;
use services::ports::Clock;
use store::audit::{ActorKind, AuditEvent};
use store::census;

/// The engine's lease, and its name in the audit chain.
const LEASE: &str = "engine";
/// Between two looks at everything.
pub(super) const SWEEP: TimeDelta = TimeDelta::hours(72);
/// Ticks of one instant until nothing more is heard: an update is begun, applied and healthy, and another takes its place.
const HEARD_OUT_MAX: u32 = 8;
/// Ticks of the calm after which another process has to come to the same decision, in percent.
const REBORN_PERCENT: u8 = 6;

impl Run {
    /// Everything that has to hold after a step. How many updates changed.
    /// `server` is whose call it was.
    pub(super) async fn look(&mut self, touches: Vec<Touch>, server: Option<usize>) -> Result<usize> {
        let step = self.seen.look(&self.site.db, self.now(), touches).await?;
        if step.is_empty() {
            return Ok(0);
        }
        if let Some(deed) = step.deeds.last() {
            self.history.seal(&deed.hash);
        }
        self.tally.started += step.touches.len() as u64;
        let is_done = |change: &&crate::watch::Change| matches!(change.after.state, UpdateState::Succeeded { .. });
        self.tally.succeeded += step.changes.iter().filter(is_done).count() as u64;
        self.tally.halts += step.deeds.iter().filter(|deed| deed.action == "rollout.halted").count() as u64;
        acted::count(&mut self.tally.acted, &self.seen, &step);
        let mut found = invariants::check(&self.seen, &step);
        found.extend(self.truths(&step));
        watched::check(&self.seen, &step, &self.listening.book, &mut found);
        self.owed.note(&self.seen, &step);
        if let Some(server) = server {
            found.extend(self.led(&step, server).await?);
        }
        self.note(found);
        self.wake_agents(&step);
        Ok(step.changes.len())
    }

    /// I4: only who holds the lease decides. Nobody else can have been given it within the step.
    async fn led(&self, step: &crate::watch::Step, server: usize) -> Result<Option<Found>> {
        let engine = |deed: &&AuditEvent| deed.actor.kind == ActorKind::System && deed.actor.name == LEASE;
        let Some(deed) = step.deeds.iter().find(engine) else { return Ok(None) };
        let leads = census::lease_owner(self.site.db.reader(), LEASE).await?;
        let owner = self.servers[server].owner();
        let what = || format!("{owner} did {} of {}, and {leads:?} has the lease", deed.action, deed.object.id);
        Ok((leads.as_ref() != Some(&owner)).then(|| Found::new("I4", what())))
    }

    /// I7: what the database takes for delivered really runs.
    fn truths(&self, step: &crate::watch::Step) -> Vec<Found> {
        let delivered = step.changes.iter().filter(|change| rules::is_delivered(&change.after));
        delivered
            .filter_map(|change| {
                let whole = self.seen.rollout_of(&change.after)?;
                let runs = self.site.agents.build_of(change.after.environment)?;
                let back = whole.rollout.descent.kind != RolloutKind::Forward;
                (runs < whole.rollout.version || back && runs != whole.rollout.version).then(|| {
                    Found::new("I7", format!("{} is taken for delivered and runs {runs}", change.after.environment))
                })
            })
            .collect()
    }

    /// Whoever fell back by flight left nobody with the flight on: nobody of this world turns one on again. Agents are told
    /// by the next tick, which comes within a day where nothing else is to be done.
    fn flights(&self) -> Vec<Found> {
        let told = self.now() - TimeDelta::days(1);
        let done = self.seen.ways.recoveries.values().filter_map(|known| match &known.plan {
            RecoveryPlan { state: RecoveryState::Completed { completed_at, .. }, proposal, .. } => {
                (*completed_at < told).then_some(&proposal.work)
            }
            _ => None,
        });
        let flights = done.flat_map(|work| match work {
            Work::TurnFlightsOff { flights, .. } => &flights[..],
            _ => &[],
        });
        let on = flights.filter(|key| !self.site.agents.is_flight_off(key));
        on.map(|key| Found::new("I15", format!("the agents were never told that {key} is off"))).collect()
    }

    pub(super) async fn relay(&mut self, server: usize) -> Result<()> {
        let Some(services) = self.servers[server].serves().cloned() else { return Ok(()) };
        self.servers[server].gate.stand_aside(true);
        while services.relay_events().await? == RELAY_ROWS_MAX {}
        for listener in &mut self.listeners {
            if listener.server() == Some(server) {
                listener.listen(&services).await?;
            }
        }
        self.servers[server].gate.stand_aside(false);
        Ok(())
    }

    /// I15 and I16, where nothing goes wrong.
    pub(super) async fn judge_tick(&mut self, server: usize, tick: TickOutcome) -> Result<()> {
        let quiet = self.is_calm() || self.options.faults.is_empty();
        if !quiet {
            self.patience.forget();
            return Ok(());
        }
        if tick.stood_by {
            return Ok(());
        }
        if tick.failed > 0 {
            self.note(vec![Found::new("I15", format!("server {server} could not do {} things", tick.failed))]);
        }
        if tick.dropped > 0 {
            self.note(vec![Found::new("I15", format!("server {server} lost {} races against nobody", tick.dropped))]);
        }
        let now = self.now();
        let found = self.patience.ticked(&self.seen, now);
        self.note(found);
        if self.mix.percent(REBORN_PERCENT) && self.violations.is_empty() {
            self.reborn(server).await?;
        }
        Ok(())
    }

    /// I16: killed and started again at the same instant, it finds nothing more to decide.
    async fn reborn(&mut self, server: usize) -> Result<()> {
        let owner = self.servers[server].owner();
        self.servers[server].boot(&self.site);
        self.servers[server].life -= 1;
        for listener in self.listeners.iter_mut().filter(|listener| listener.server() == Some(server)) {
            listener.drop_off();
        }
        let Some(services) = self.servers[server].services.clone() else { return Ok(()) };
        // The first may still hear what came of what the tick before began, and begin something itself: what it hears of that
        // after its plans is planned for by the next.
        for _ in 0..HEARD_OUT_MAX {
            if services.engine_tick(&owner).await?.reported == 0 {
                break;
            }
        }
        let again = services.engine_tick(&owner).await?;
        self.history.next(self.now(), &format!("server {server} is started again and decides the same"));
        let heard = self.site.agents.hear();
        self.look(heard.touches, None).await?;
        if !again.stood_by && again.reported == 0 && again.applied > 0 {
            let what = format!("a new process applied {} actions at the same instant", again.applied);
            self.note(vec![Found::new("I16", what)]);
        }
        Ok(())
    }

    pub(super) async fn move_listeners(&mut self) -> Result<()> {
        let next = TimeDelta::minutes(self.mix.between(60, 400));
        self.queue.add(self.now() + next, Event::Listeners);
        let up: Vec<usize> =
            (0..self.servers.len()).filter(|server| self.servers[*server].serves().is_some()).collect();
        for listener in &mut self.listeners {
            let is_up = listener.server().is_some_and(|server| up.contains(&server));
            if is_up && self.mix.percent(70) {
                continue;
            }
            listener.drop_off();
            let Some(server) = self.mix.pick(&up).copied().filter(|_| !self.mix.percent(30)) else { continue };
            let Some(services) = self.servers[server].serves() else { continue };
            // A bus that never relayed takes what stands in the outbox for history, as a server's loop does at its start.
            self.servers[server].gate.stand_aside(true);
            services.relay_events().await?;
            listener.join(server, services).await?;
            self.servers[server].gate.stand_aside(false);
        }
        Ok(())
    }

    /// Every third day, and at the end.
    pub(super) async fn sweep(&mut self, last: bool) -> Result<()> {
        self.queue.add(self.now() + SWEEP, Event::Sweep);
        let mut found = self.seen.sweep(&self.site.db, self.now()).await?;
        found.extend(probes::nights(&self.seen, self.now()));
        let now = self.now();
        if self.options.faults.is_empty() || now > self.calm_from + TimeDelta::days(1) {
            found.extend(invariants::standing::forgotten(&self.seen, now));
            found.extend(self.owed.unpaid(&self.seen));
            found.extend(invariants::overdue_ways(&self.seen, now));
            found.extend(self.flights());
        }
        found.extend(probes::counters(&self.site.db).await?);
        // A process of its own: the others may be down.
        let asked = server::Server::new(self.servers.len(), &self.site);
        if let Some(services) = asked.serves() {
            found.extend(probes::tenants(&mut self.mix, services, &self.seen, &self.staff).await?);
            found.extend(probes::calendar(&mut self.mix, services, &self.seen, &self.staff).await?);
            if last {
                found.extend(probes::chain(&self.site.db).await?);
                for listener in &mut self.listeners {
                    found.extend(listener.account(self.servers.len(), services).await?);
                }
            }
        }
        assert!(self.truth.now() <= self.end + TimeDelta::days(1));
        self.note(found);
        Ok(())
    }
}

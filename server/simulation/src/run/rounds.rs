//! What people and surroundings do by and by.

use super::Run;
use super::queue::Event;
use crate::Result;
use crate::faults::clocks;
use crate::invariants::rules;
use crate::options::Family;
use crate::people::{self, Act, builds, recoveries};
use crate::world::freezes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, FreezeId, HaltId, RolloutId};
use domain::rollout::halt::HaltScope;
use domain::rollout::{RolloutState, UpdateState};
use services::mix::Mix;
use store::census::WholeRollout;
use store::update::Update;

/// How far ahead of its window a station is approved, at most, and at least: some approvers keep a train waiting.
const APPROVED_AHEAD_DAYS: i64 = 6;
const APPROVED_LATE_DAYS: i64 = -2;

impl Run {
    /// People look several times a day at what there is to do.
    pub(super) fn round(&mut self) {
        let next = TimeDelta::minutes(self.mix.between(4 * 60, 13 * 60));
        self.queue.add(self.now() + next, Event::Round);
        for act in self.duties() {
            let soon = TimeDelta::seconds(self.mix.between(1, 90 * 60));
            self.queue.add(self.now() + soon, Event::Act(act));
        }
        if self.options.people && !self.is_calm() {
            for act in self.whims() {
                let soon = TimeDelta::seconds(self.mix.between(1, 3 * 3_600));
                self.queue.add(self.now() + soon, Event::Act(act));
            }
            let now = self.now();
            for (soon, act) in people::unusual(&mut self.unusual, &self.world.fleet, &self.seen, now) {
                self.queue.add(now + soon, Event::Act(act));
            }
        }
    }

    /// Start, approve, resume.
    fn duties(&mut self) -> Vec<Act> {
        let now = self.now();
        let mut acts = Vec::new();
        for whole in self.seen.rollouts.values() {
            let id = whole.rollout.id;
            match &whole.rollout.state {
                RolloutState::Draft => {
                    let starts = self.world.trains.all.iter().find(|train| train.rollout.id == id);
                    if starts.is_some_and(|train| train.starts <= now) {
                        acts.push(Act::Start(id));
                    }
                }
                // Whoever looks for a way out of a halt is mostly let finish.
                RolloutState::Halted { .. } if self.mix.percent(35) => {
                    let mut ways = self.seen.ways.recoveries.values().filter(|known| known.rollout == id);
                    if !ways.any(|known| recoveries::is_open(&known.plan.state)) || self.unusual.percent(15) {
                        acts.push(Act::Resume(id));
                    }
                }
                // Who looks at what failed and lets the train go on has to stop it first.
                RolloutState::Running { resumed_at, .. } if self.has_failed(id, *resumed_at) && self.mix.percent(8) => {
                    acts.push(Act::Halt(id));
                }
                RolloutState::Running { .. } => acts.extend(self.approvals_due(whole, now)),
                RolloutState::Halted { .. } | RolloutState::Completed { .. } => {}
            }
        }
        let lifted: Vec<HaltId> = self.seen.halts.keys().copied().collect();
        acts.extend(lifted.into_iter().filter(|_| self.mix.percent(30)).map(Act::Lift));
        acts.extend(builds::owed(&self.seen).into_iter().filter(|_| self.mix.percent(60)));
        let ended: Vec<FreezeId> = self.seen.freezes.iter().map(|freeze| freeze.id).collect();
        acts.extend(ended.into_iter().filter(|_| self.mix.percent(1)).map(Act::Thaw));
        acts
    }

    /// Each station has its own day on which somebody approves it.
    fn approvals_due(&self, whole: &WholeRollout, now: DateTime<Utc>) -> Vec<Act> {
        let id = whole.rollout.id;
        let (of_rollout, _) = id.uuid().as_u64_pair();
        let ahead = |station: StationNumber| {
            let mut mix = Mix::keyed(self.options.seed, &[5, of_rollout, station.0.into()]);
            TimeDelta::days(mix.between(APPROVED_LATE_DAYS, APPROVED_AHEAD_DAYS))
        };
        let given = |station| whole.approvals.iter().any(|(approved, _)| *approved == station);
        let near = whole
            .stages
            .iter()
            .filter(|stage| stage.window.first <= (now + ahead(stage.key.station)).date_naive())
            .map(|stage| stage.key.station);
        let mut stations: Vec<u8> =
            near.filter(|station| station.0 > 1 && !given(*station)).map(|station| station.0).collect();
        stations.dedup();
        stations.into_iter().map(|station| Act::Approve(id, station)).collect()
    }

    /// Everything, a station of a rollout under way, or a customer, in one rollout or in all.
    fn scope(&mut self) -> Option<HaltScope> {
        let running: Vec<(RolloutId, Vec<StationNumber>)> = self
            .seen
            .rollouts
            .values()
            .filter(|whole| matches!(whole.rollout.state, RolloutState::Running { .. }))
            .map(|whole| (whole.rollout.id, whole.stages.iter().map(|stage| stage.key.station).collect()))
            .collect();
        let (rollout, stations) = self.mix.pick(&running)?.clone();
        let customers: Vec<CustomerId> = self.staff.admins.keys().copied().collect();
        self.scope_of(rollout, &stations, &customers)
    }

    fn scope_of(
        &mut self,
        rollout: RolloutId,
        stations: &[StationNumber],
        customers: &[CustomerId],
    ) -> Option<HaltScope> {
        match self.mix.below(8) {
            0 => Some(HaltScope::Everything),
            1..=3 => self.mix.pick(stations).map(|station| HaltScope::Station { rollout, station: *station }),
            of => {
                let rollout = (of < 6).then_some(rollout);
                self.mix.pick(customers).map(|customer| HaltScope::Customer { customer: *customer, rollout })
            }
        }
    }

    fn has_failed(&self, rollout: RolloutId, resumed_at: Option<DateTime<Utc>>) -> bool {
        let own = self.seen.updates.values().filter(|update| update.rollout == rollout);
        let mut given_up = own.filter(|update| {
            matches!(update.state, UpdateState::Held { .. } | UpdateState::AlreadySatisfied { pulled_at: None, .. })
        });
        given_up.any(|update| rules::is_failed(update, resumed_at))
    }

    fn freeze(&mut self) -> Option<Act> {
        let now = self.now();
        freezes::ask(&mut self.mix, &self.world.fleet, now).map(Act::Freeze)
    }

    /// What nobody had to do.
    fn whims(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        let rollouts: Vec<RolloutId> = self.seen.rollouts.keys().copied().collect();
        let Some(rollout) = self.mix.pick(&rollouts).copied() else { return acts };
        if self.mix.percent(4) {
            acts.push(Act::Halt(rollout));
        }
        if self.mix.percent(8) {
            acts.extend(self.scope().map(Act::HaltScope));
        }
        if self.mix.percent(5) {
            acts.extend(self.freeze());
        }
        if self.mix.percent(40) {
            acts.extend(people::choice(&mut self.mix, &self.seen.fleet));
        }
        if self.options.has(Family::People) {
            if self.mix.percent(30) {
                acts.push(Act::Nonsense(rollout, u8::try_from(self.mix.below(7)).unwrap_or(0)));
                self.tally.faults += 1;
            }
            if self.mix.percent(20) {
                let station = u8::try_from(self.mix.between(1, 6)).unwrap_or(2);
                acts.extend([Act::ApproveOwn(rollout, station), Act::Approve(rollout, station)]);
                self.tally.faults += 1;
            }
        }
        acts
    }

    /// Something that changes what a server in the middle of its work believes: of what it is about to begin, where it is.
    pub(super) fn untimely(&mut self) -> Option<Act> {
        let about =
            |update: &&Update| matches!(update.state, UpdateState::InProgress { .. }) && update.dispatched_at.is_none();
        let starting: Vec<Update> = self.seen.updates.values().filter(about).cloned().collect();
        if let Some(update) = self.mix.pick(&starting).cloned()
            && let Some(stage) = update.stage
            && self.mix.percent(70)
        {
            return self.scope_of(update.rollout, &[stage.station], &[update.customer]).map(Act::HaltScope);
        }
        let active: Vec<RolloutId> = self
            .seen
            .rollouts
            .values()
            .filter(|whole| matches!(whole.rollout.state, RolloutState::Running { .. } | RolloutState::Halted { .. }))
            .map(|whole| whole.rollout.id)
            .collect();
        let rollout = self.mix.pick(&active).copied()?;
        match self.mix.below(8) {
            0 | 1 => Some(Act::Halt(rollout)),
            7 => self.freeze(),
            5 | 6 => self.scope().map(Act::HaltScope),
            2 => Some(Act::Resume(rollout)),
            3 => Some(Act::Approve(rollout, u8::try_from(self.mix.between(2, 6)).unwrap_or(2))),
            _ => people::choice(&mut self.mix, &self.seen.fleet),
        }
    }

    /// F7, F13, F14.
    pub(super) fn disturb(&mut self) {
        if self.is_calm() {
            return;
        }
        let next = TimeDelta::minutes(self.mix.between(2 * 60, 16 * 60));
        self.queue.add(self.now() + next, Event::Disturb);
        if self.options.has(Family::Network) && self.mix.percent(50) {
            let cut = self.site.agents.cut_off(&mut self.mix);
            self.tally.faults += 1;
            self.history.next(self.now(), &cut);
        }
        if self.options.has(Family::Clock) && self.mix.percent(50) {
            let servers: Vec<usize> = (0..self.servers.len()).collect();
            if let Some(server) = self.mix.pick(&servers).copied() {
                let what = clocks::disturb(&mut self.mix, &self.servers[server].clock);
                // A pause that waits to happen is not meant for a clock that is ahead (see `calls::trap`).
                self.servers[server].gate.unset();
                self.tally.faults += 1;
                self.history.next(self.now(), &format!("server {server}: {what}"));
            }
        }
    }

    /// Clocks are right, networks are whole, agents tell the truth, every server is up.
    pub(super) async fn calm(&mut self) -> Result<()> {
        self.history.next(self.now(), "nothing goes wrong from here on");
        self.site.agents.disturb(false);
        self.site.agents.mend_network();
        for act in builds::owed(&self.seen) {
            self.queue.add(self.now() + TimeDelta::minutes(self.mix.between(1, 30)), Event::Act(act));
        }
        for server in 0..self.servers.len() {
            self.servers[server].clock.step_to(TimeDelta::zero(), TimeDelta::zero());
            self.servers[server].gate.unset();
            self.go_on(server).await?;
            self.boot(server).await?;
        }
        Ok(())
    }
}

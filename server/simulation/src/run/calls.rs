//! Ticks and people's calls: each is driven to its end, or to where its server dies or stands still.

use super::Run;
use super::queue::Event;
use crate::Result;
use crate::faults::gate::{self, Trap};
use crate::options::Family;
use crate::people::{self, Act};
use crate::server::{Call, Driven, Ended, drive};
use chrono::{DateTime, TimeDelta, Utc};
use domain::rollout::{RolloutState, UpdateState};
use store::Fault;

/// Of the calls of a server, in percent.
const TRAPS_PERCENT: u8 = 15;

impl Run {
    pub(super) async fn tick(&mut self, server: usize) -> Result<()> {
        let after = self.pause_to_next_tick();
        self.queue.add(self.now() + after, Event::Tick(server));
        let Some(call) = self.servers[server].tick() else { return Ok(()) };
        self.make(server, call).await
    }

    pub(super) async fn act(&mut self, act: Act) -> Result<()> {
        let up: Vec<usize> =
            (0..self.servers.len()).filter(|server| self.servers[*server].serves().is_some()).collect();
        let Some(server) = self.mix.pick(&up).copied() else { return Ok(()) };
        let Some(services) = self.servers[server].serves() else { return Ok(()) };
        let call = people::call(services, &self.staff, &act, server);
        self.make(server, call).await
    }

    pub(super) async fn make(&mut self, server: usize, call: Call) -> Result<()> {
        if let Some((trap, after)) = self.trap(server) {
            self.servers[server].gate.set(trap, after);
        }
        let running = self.seen.updates.values().filter(|update| update.state.is_running()).count();
        self.drive_on(server, call, running).await
    }

    /// `running`: updates that ran when the call began.
    async fn drive_on(&mut self, server: usize, call: Call, running: usize) -> Result<()> {
        let gate = self.servers[server].gate.clone();
        let driven = drive(&gate, call).await;
        let sprung = gate.sprung();
        let suffix = sprung.map(|trap| format!(" [{trap:?}]")).unwrap_or_default();
        self.tally.faults += u64::from(sprung.is_some());
        let (mut ended, mut still) = (None, None);
        match driven {
            Driven::Done(done) => {
                self.history.next(self.now(), &format!("{}{suffix}", done.line));
                ended = Some(done);
            }
            Driven::Killed => self.killed(server, &suffix),
            Driven::Paused(call) => still = Some(call),
        }
        self.open_mail();
        let heard = self.site.agents.hear();
        self.tally.faults += u64::from(heard.faults);
        let changed = self.look(heard.touches, Some(server)).await?;
        if let Some(call) = still {
            self.stand_still(server, call, running, &suffix);
        }
        // I20: an update is asked about, begun and asked about again, before and after the plans of a tick.
        let bound = 6 * (running + changed);
        if heard.calls as usize > bound {
            let what = format!("{} calls of agents in one step for {running} updates", heard.calls);
            self.note(vec![crate::invariants::Found::new("I20", what)]);
        }
        if let Some(Ended { tick: Some(tick), .. }) = ended {
            self.relay(server).await?;
            self.judge_tick(server, tick).await?;
        }
        Ok(())
    }

    fn killed(&mut self, server: usize, suffix: &str) {
        let down = TimeDelta::seconds(self.mix.between(1, 3 * 3_600).min(self.mix.between(1, 3 * 3_600)));
        self.history.next(self.now(), &format!("server {server} is killed{suffix}, down for {} s", down.num_seconds()));
        self.servers[server].kill();
        self.queue.add(self.now() + down, Event::Boot(server));
    }

    fn stand_still(&mut self, server: usize, call: Call, running: usize, suffix: &str) {
        let pause = gate::pause(&mut self.mix);
        self.history.next(self.now(), &format!("server {server} stands still{suffix} for {} s", pause.num_seconds()));
        self.servers[server].is_paused = true;
        self.standing[server] = Some((call, running));
        self.queue.add(self.now() + pause, Event::GoOn(server));
        // F15: the worst moment for somebody to press a button.
        if self.options.has(Family::People) && self.mix.percent(60) {
            let at = self.now() + pause / 2;
            let meddles = self.unusual.percent(25).then(|| people::meddling(&mut self.unusual, &self.seen)).flatten();
            let untimely = self.untimely();
            if let Some(act) = meddles.or(untimely) {
                self.tally.faults += 1;
                self.queue.add(at, Event::Act(act));
            }
        }
    }

    pub(super) async fn go_on(&mut self, server: usize) -> Result<()> {
        let Some((call, running)) = self.standing[server].take() else { return Ok(()) };
        self.servers[server].is_paused = false;
        self.servers[server].gate.go_on();
        self.history.next(self.now(), &format!("server {server} goes on"));
        // What it started itself before it stood still is not seen as running where another took it back.
        let started = self.seen.updates.values().filter(|update| update.attempts > 0 || update.dispatched_at.is_some());
        let running = running + started.count() + 1;
        self.drive_on(server, call, running).await
    }

    pub(super) async fn boot(&mut self, server: usize) -> Result<()> {
        if self.servers[server].services.is_some() {
            return Ok(());
        }
        self.servers[server].boot(&self.site);
        // F18: the process may die while it brings the schema up to date; another start follows.
        let dies = self.options.has(Family::Kill) && !self.is_calm() && self.mix.percent(20);
        if dies {
            let trap = if self.mix.percent(50) { Trap::KillAtStatement } else { Trap::KillAfterCommit };
            self.servers[server].gate.set(trap, 0);
        }
        let Some(services) = self.servers[server].services.clone() else { return Ok(()) };
        let start: Call = Box::pin(async move {
            let line = match services.db().migrate().await {
                Ok(changes) => format!("starts, {} changes of the schema", changes.len()),
                Err(error) => format!("starts: {error}"),
            };
            Ended { line, tick: None }
        });
        let gate = self.servers[server].gate.clone();
        let driven = drive(&gate, start).await;
        gate.unset();
        match driven {
            Driven::Done(ended) => self.history.next(self.now(), &format!("server {server} {}", ended.line)),
            Driven::Killed => {
                self.tally.faults += 1;
                self.killed(server, " [while it migrates]");
            }
            Driven::Paused(_) => {}
        }
        Ok(())
    }

    fn trap(&mut self, server: usize) -> Option<(Trap, u32)> {
        let is_set = self.servers[server].gate.is_set();
        if is_set || self.is_calm() || self.options.faults.is_empty() || !self.mix.percent(TRAPS_PERCENT) {
            return None;
        }
        let ahead = self.servers[server].clock.ahead();
        let (family, trap) = match self.mix.below(16) {
            0 | 1 => (Family::Kill, Trap::KillAtStatement),
            2 => (Family::Kill, Trap::KillBeforeCommit),
            3 => (Family::Kill, Trap::KillAfterCommit),
            4 => (Family::Statement, Trap::Refuse(Fault::Busy)),
            5 => (Family::Statement, Trap::Refuse(Fault::Gone)),
            6 => (Family::Statement, Trap::Refuse(Fault::Refused)),
            7 | 8 => (Family::LostCommit, Trap::LoseCommit),
            9..=12 => (Family::Pause, Trap::Pause),
            _ => (Family::Pause, Trap::PauseAtAgent),
        };
        // An order is valid for as much longer as its server's clock is ahead (see `ports::ORDER_VALID`): two faults at
        // once that only better clocks can mend.
        let doubtful = matches!(trap, Trap::Pause | Trap::PauseAtAgent) && ahead > TimeDelta::zero();
        let after = match trap {
            Trap::KillAtStatement | Trap::Refuse(_) => gate::after(&mut self.mix),
            _ => gate::after(&mut self.mix) / 8,
        };
        (self.options.has(family) && !doubtful).then_some((trap, after))
    }

    /// Often while something runs or a night is on, seldom while nothing can happen. Some updates of ninety minutes end between
    /// two ticks, and of a night of six hours two to six ticks of all servers fall into it: what is found is found by many
    /// seeds, and ticks are most of what one costs.
    fn pause_to_next_tick(&mut self) -> TimeDelta {
        let now = self.now();
        let mut soonest: Option<DateTime<Utc>> = None;
        for update in self.seen.updates.values() {
            let running = self
                .seen
                .rollout_of(update)
                .is_some_and(|whole| matches!(whole.rollout.state, RolloutState::Running { .. }));
            match &update.state {
                state if state.is_running() => return self.shared(45, 165),
                UpdateState::Announced { night, .. } if running => {
                    let next = if now < night.start { night.start } else { now };
                    soonest = Some(soonest.map_or(next, |soonest| soonest.min(next)));
                }
                _ => {}
            }
        }
        let idle = self.shared(4 * 60, 9 * 60);
        match soonest {
            Some(at) if at <= now => self.shared(60, 195),
            Some(at) => idle.min(at - now + self.shared(0, 15)),
            None => idle,
        }
    }

    /// Minutes between two ticks of one server, where all of them together tick once in so many.
    fn shared(&mut self, least: i64, most: i64) -> TimeDelta {
        let servers = i32::try_from(self.servers.len()).unwrap_or(1);
        TimeDelta::seconds(self.mix.between(least * 60, most * 60)) * servers
    }
}

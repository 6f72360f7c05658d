//! The loop: the next event by true time and order of making, one thing after the other, and a look at everything after
//! each.
//!
//! | file | does |
//! |---|---|
//! | `queue` | what happens when |
//! | `calls` | ticks and people's calls, and the traps before them |
//! | `rounds` | what people and surroundings do by and by |
//! | `errands` | what agents come for |
//! | `samples` | when the listening system speaks |
//! | `looks` | the look after each step, the sweep every third day |
//! | `acted` | how much of what is seldom was acted out |

mod acted;
mod calls;
mod errands;
mod looks;
mod queue;
mod rounds;
mod samples;

use crate::Result;
use crate::agents::Agents;
use crate::history::History;
use crate::invariants::Found;
use crate::invariants::live::Owed;
use crate::invariants::progress::Patience;
use crate::listening::Listening;
use crate::options::{Options, Planted};
use crate::pulling::Pulling;
use crate::receivers::Listener;
use crate::report::{Report, Violation};
use crate::server::{Call, Server, Site};
use crate::time::{CountingIds, TrueTime};
use crate::watch::Seen;
use crate::ways::Ways;
use crate::world::World;
use crate::world::staff::Staff;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use queue::{Event, Queue};
use services::mix::Mix;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Db;

/// One simulation of one seed, on the caller's runtime, which has to be a current-thread one.
pub fn simulate(options: &Options) -> LocalBoxFuture<'_, Result<Report>> {
    simulate_aloud(options, false)
}

/// As [`simulate`]; `aloud` prints every step on standard error.
///
/// Boxed, so that everything which runs in it is compiled here once, and not anew in each program that asks for it.
pub fn simulate_aloud(options: &Options, aloud: bool) -> LocalBoxFuture<'_, Result<Report>> {
    Box::pin(async move {
        let mut run = Run::new(options.clone()).await?;
        run.history.aloud = aloud;
        run.go().await?;
        run.close().await
    })
}

/// What was counted.
#[derive(Debug, Default)]
struct Tally {
    faults: u64,
    started: u64,
    succeeded: u64,
    halts: u64,
    acted: BTreeMap<&'static str, u64>,
}

struct Run {
    options: Options,
    world: World,
    staff: Arc<Staff>,
    truth: TrueTime,
    site: Site,
    servers: Vec<Server>,
    /// By server: the call that stands still, and how many updates ran when it began.
    standing: Vec<Option<(Call, usize)>>,
    listeners: Vec<Listener>,
    listening: Listening,
    pulling: Pulling,
    queue: Queue,
    mix: Mix,
    /// Of what people do beside what every train needs.
    unusual: Mix,
    seen: Seen,
    patience: Patience,
    owed: Owed,
    history: History,
    tally: Tally,
    violations: Vec<Violation>,
    calm_from: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Run {
    async fn new(options: Options) -> Result<Self> {
        let ids = Arc::new(CountingIds::new(options.seed));
        let world = World::draw(&options, &*ids)?;
        let truth = TrueTime::default();
        truth.set(world.start);
        let db = Db::in_memory().await?;
        let mut mix = Mix::keyed(options.seed, &[2]);
        db.migrate().await?;
        world.write(&db, &*ids).await?;
        let fleet = world.fleet.environments.iter().map(|new| (new.id, new.region.clone(), new.build));
        let agents = Agents::new(truth.clone(), fleet, world.trains.worse(), Mix::keyed(options.seed, &[3]));
        if options.planted == Some(Planted::AgentsObeyAnything) {
            agents.obey_anything();
        }
        let mut pulling = Pulling::draw(Mix::keyed(options.seed, &[6]), agents.clone(), &world);
        pulling.write(&db, world.start).await?;
        let site = Site { db, ids: ids.clone(), agents, truth: truth.clone() };
        let count = options.servers.unwrap_or_else(|| u8::try_from(mix.between(1, 3)).unwrap_or(1)).clamp(1, 3);
        let servers: Vec<Server> = (0..count.into()).map(|name| Server::new(name, &site)).collect();
        let staff = Arc::new(Staff::new(&*ids, &world.fleet));
        staff.write(&site.db, world.start).await?;
        let days = TimeDelta::days(options.days.into());
        let calm = (days / 5).clamp(TimeDelta::days(1).min(days), TimeDelta::days(6));
        let end = world.start + days;
        let forgets = options.planted == Some(Planted::ReceiversForget);
        let listeners = [staff.lead.clone(), staff.support.clone()].into_iter();
        let listeners = listeners.chain(staff.admins.values().take(2).cloned());
        let listeners = listeners.map(|actor| Listener::new(actor, forgets)).collect();
        let standing = servers.iter().map(|_| None).collect();
        Ok(Self {
            world,
            staff,
            truth,
            site,
            servers,
            standing,
            listeners,
            listening: Listening::new(Mix::keyed(options.seed, &[5])),
            pulling,
            queue: Queue::default(),
            mix,
            unusual: Mix::keyed(options.seed, &[8]),
            seen: Seen::default(),
            patience: Patience::default(),
            owed: Owed::default(),
            history: History::default(),
            tally: Tally::default(),
            violations: Vec::new(),
            calm_from: end - calm,
            end,
            options,
        })
    }

    fn now(&self) -> DateTime<Utc> {
        services::ports::Clock::now(&self.truth)
    }

    fn is_calm(&self) -> bool {
        self.now() >= self.calm_from
    }

    async fn go(&mut self) -> Result<()> {
        self.begin().await?;
        while let Some((at, event)) = self.queue.next() {
            if at > self.end || !self.violations.is_empty() {
                break;
            }
            self.truth.set(at);
            self.happen(event).await?;
        }
        if self.violations.is_empty() {
            self.history.next(self.now(), "the end");
            self.sweep(true).await?;
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<()> {
        self.seen.regions =
            self.world.catalogue.regions.iter().map(|region| (region.slug.clone(), region.clone())).collect();
        let start = self.now();
        let regulated = self.world.fleet.customers.iter().filter(|customer| customer.regulated);
        let regulated = regulated.map(|customer| customer.id).collect();
        self.seen.ways = Arc::new(Ways { owners: self.staff.owners(), regulated, ..Ways::default() });
        self.look(Vec::new(), None).await?;
        self.seen.sweep(&self.site.db, start).await?;
        self.site.agents.disturb(self.options.has(crate::Family::Agent));
        for server in 0..self.servers.len() {
            let after = TimeDelta::seconds(self.mix.between(1, 600));
            self.queue.add(start + after, Event::Tick(server));
        }
        self.queue.add(start + TimeDelta::minutes(self.mix.between(1, 300)), Event::Round);
        self.queue.add(start + looks::SWEEP, Event::Sweep);
        self.queue.add(start + TimeDelta::minutes(30), Event::Listeners);
        self.queue.add(start + TimeDelta::hours(3), Event::Disturb);
        self.queue.add(self.calm_from, Event::Calm);
        for (at, errand) in self.pulling.begin(start) {
            self.queue.add(at, Event::Errand(errand));
        }
        if self.world.trains.are_watched() {
            self.queue.add(start + TimeDelta::hours(2), Event::Samples);
        }
        Ok(())
    }

    async fn happen(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Tick(server) => self.tick(server).await,
            Event::GoOn(server) => self.go_on(server).await,
            Event::Boot(server) => self.boot(server).await,
            Event::Act(act) => self.act(act).await,
            Event::Round => {
                self.round();
                Ok(())
            }
            Event::Disturb => {
                self.disturb();
                Ok(())
            }
            Event::Listeners => self.move_listeners().await,
            Event::Errand(errand) => self.errand(errand).await,
            Event::Samples => self.samples().await,
            Event::Sweep => self.sweep(false).await,
            Event::Calm => self.calm().await,
        }
    }

    fn note(&mut self, found: Vec<Found>) {
        for Found { invariant, what } in found {
            self.history.note(&format!("VIOLATION {invariant}: {what}"));
            self.violations.push(Violation {
                invariant,
                what,
                seed: self.options.seed,
                step: self.history.step(),
                at: self.now(),
                history: self.history.last(),
                replay: self.options.to_string(),
            });
        }
    }

    async fn close(mut self) -> Result<Report> {
        let head = store::audit::verify(self.site.db.reader()).await?.head;
        self.history.seal(&head);
        self.standing.clear();
        self.servers.clear();
        self.site.db.close().await?;
        Ok(Report {
            seed: self.options.seed,
            days: self.options.days,
            steps: self.history.step(),
            faults: self.tally.faults,
            violations: self.violations,
            started: self.tally.started,
            succeeded: self.tally.succeeded,
            halts: self.tally.halts,
            acted: self.tally.acted,
            digest: self.history.digest(),
        })
    }
}

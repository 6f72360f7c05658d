//! The agents: one in each environment. Each keeps its own truth, in true time: which build really runs, what touched it
//! and when. Servers reach them through [`AgentDoor`], the `Deployer` of one server; some come for their orders instead
//! (`pulling`).

use crate::faults::agents::Course;
use crate::faults::gate::Gate;
use crate::faults::network::Network;
use crate::time::TrueTime;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{EnvironmentId, UpdateId};
use domain::recovery::Capabilities;
use domain::release::BuildVersion;
use services::mix::Mix;
use services::ports::{Clock, DeployError, Deployer, FlightOrder, OrderKind, Progress, UpdateOrder};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Data of before an update are kept so long.
const RESTORE_DAYS: u16 = 9;

/// An order that an agent accepted: from here on its environment is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    pub order: UpdateOrder,
    pub at: DateTime<Utc>,
    /// What ran before.
    pub from: BuildVersion,
    /// Another attempt was still at work in the same environment.
    pub collides: Option<UpdateId>,
}

#[derive(Debug)]
struct Run {
    begun: DateTime<Utc>,
    build: BuildVersion,
    /// An approved recovery takes the environment back.
    back: bool,
    course: Course,
    asked: u32,
}

#[derive(Debug)]
struct Agent {
    region: String,
    build: BuildVersion,
    runs: BTreeMap<(UpdateId, u8), Run>,
}

impl Agent {
    /// What runs at `now`: of every attempt that came to a good end, or that failed and could not be taken back.
    fn settle(&mut self, now: DateTime<Utc>) {
        let leaves_it = |course: &Course| course.failed.is_none() || course.stays;
        let ended = |run: &&Run| leaves_it(&run.course) && run.begun + run.course.over() <= now;
        let mut ended: Vec<&Run> = self.runs.values().filter(ended).collect();
        ended.sort_by_key(|run| run.begun + run.course.over());
        for run in ended {
            self.build = if run.back { run.build } else { self.build.max(run.build) };
        }
    }
}

/// What is known of the agents' calls since somebody last asked.
#[derive(Debug, Default)]
pub struct Heard {
    pub touches: Vec<Touch>,
    pub refused: u32,
    pub calls: u32,
    /// Reports and orders that were lost, late or wrong.
    pub faults: u32,
}

#[derive(Debug)]
struct World {
    agents: BTreeMap<EnvironmentId, Agent>,
    network: Network,
    heard: Heard,
    mix: Mix,
    with_faults: bool,
    obey_anything: bool,
    /// Flights as the agents were told, the last word of each.
    flights: BTreeMap<String, FlightOrder>,
    /// Builds of which more attempts fail, in percent.
    worse: BTreeMap<BuildVersion, u8>,
}

#[derive(Debug, Clone)]
pub struct Agents {
    world: Arc<Mutex<World>>,
    truth: TrueTime,
}

impl Agents {
    pub fn new(
        truth: TrueTime,
        fleet: impl IntoIterator<Item = (EnvironmentId, String, BuildVersion)>,
        worse: BTreeMap<BuildVersion, u8>,
        mix: Mix,
    ) -> Self {
        let agents =
            fleet.into_iter().map(|(id, region, build)| (id, Agent { region, build, runs: BTreeMap::new() })).collect();
        let world = World {
            agents,
            network: Network::default(),
            heard: Heard::default(),
            mix,
            with_faults: false,
            obey_anything: false,
            flights: BTreeMap::new(),
            worse,
        };
        Self { world: Arc::new(Mutex::new(world)), truth }
    }

    pub const fn truth(&self) -> &TrueTime {
        &self.truth
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn disturb(&self, with_faults: bool) {
        self.world().with_faults = with_faults;
    }

    pub fn obey_anything(&self) {
        self.world().obey_anything = true;
    }

    pub fn hear(&self) -> Heard {
        std::mem::take(&mut self.world().heard)
    }

    pub fn cut_off(&self, mix: &mut Mix) -> String {
        let now = self.truth.now();
        let mut world = self.world();
        let mut regions: Vec<String> = world.agents.values().map(|agent| agent.region.clone()).collect();
        regions.sort_unstable();
        regions.dedup();
        world.network.disturb(mix, &regions, now)
    }

    pub fn mend_network(&self) {
        self.world().network.mend();
    }

    /// The build that really runs.
    pub fn build_of(&self, environment: EnvironmentId) -> Option<BuildVersion> {
        let now = self.truth.now();
        let mut world = self.world();
        let agent = world.agents.get_mut(&environment)?;
        agent.settle(now);
        Some(agent.build)
    }

    /// Nothing reaches it, and it reaches nobody.
    pub fn is_cut(&self, environment: EnvironmentId) -> bool {
        let now = self.truth.now();
        let world = self.world();
        world.agents.get(&environment).is_some_and(|agent| world.network.is_cut(&agent.region, now))
    }

    /// An agent that came for this order begins it. `None` where it refuses, or began it before.
    pub fn take(&self, order: &UpdateOrder) -> Option<Course> {
        let key = (order.update, order.attempt);
        let course = |world: &World| Some(world.agents.get(&order.environment)?.runs.get(&key)?.course.clone());
        if course(&self.world()).is_some() {
            return None;
        }
        // That the answer to a deployer is lost is nothing to an agent that begins by itself.
        let _ = self.begin(order);
        let mut world = self.world();
        let run = world.agents.get_mut(&order.environment)?.runs.get_mut(&key)?;
        run.course.stays = run.course.may_stay();
        Some(run.course.clone())
    }

    fn begin(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        let now = self.truth.now();
        let mut guard = self.world();
        let world = &mut *guard;
        world.heard.calls += 1;
        let Some(agent) = world.agents.get_mut(&order.environment) else {
            return Err(DeployError::NoAnswer("no such agent".to_owned()));
        };
        if world.network.is_cut(&agent.region, now) {
            world.heard.faults += 1;
            return Err(no_route());
        }
        let key = (order.update, order.attempt);
        if agent.runs.contains_key(&key) {
            return Ok(());
        }
        agent.settle(now);
        let back = order.kind != OrderKind::Forward;
        let refuses = !order.may_begin(now) || (agent.build > order.build && !back);
        if refuses && !world.obey_anything {
            world.heard.refused += 1;
            return Err(DeployError::Refused);
        }
        let worse = world.worse.get(&order.build).copied().unwrap_or(0);
        let course = Course::draw(&mut world.mix, world.with_faults, worse);
        let at_work = |run: &Run| run.begun + run.course.over() > now;
        let collides = agent.runs.iter().find(|(_, run)| at_work(run)).map(|((update, _), _)| *update);
        world.heard.touches.push(Touch { order: order.clone(), at: now, from: agent.build, collides });
        agent.runs.insert(key, Run { begun: now, build: order.build, back, course, asked: 0 });
        // F8: the order arrived, the answer does not.
        if world.with_faults && world.mix.percent(3) {
            world.heard.faults += 1;
            return Err(no_route());
        }
        Ok(())
    }

    fn note_flight(&self, order: &FlightOrder) {
        // No call about an update: I20 counts those.
        self.world().flights.insert(order.flight.clone(), order.clone());
    }

    /// As the agents were told last.
    pub fn is_flight_off(&self, key: &str) -> bool {
        self.world().flights.get(key).is_some_and(|order| !order.on)
    }

    fn tell(&self, order: &UpdateOrder) -> Result<Progress, DeployError> {
        let now = self.truth.now();
        let mut guard = self.world();
        let world = &mut *guard;
        world.heard.calls += 1;
        let Some(agent) = world.agents.get_mut(&order.environment) else {
            return Err(DeployError::NoAnswer("no such agent".to_owned()));
        };
        if world.network.is_cut(&agent.region, now) || (world.with_faults && world.mix.percent(1)) {
            world.heard.faults += 1;
            return Err(no_route());
        }
        let Some(run) = agent.runs.get_mut(&(order.update, order.attempt)) else {
            return Err(DeployError::NeverBegun);
        };
        run.asked += 1;
        let course = &run.course;
        let since = now - run.begun;
        if course.silent.is_some_and(|(from, to)| from <= since && since < to) {
            world.heard.faults += 1;
            return Err(no_route());
        }
        // F8: an older report overtakes the newer one.
        let older = course.contradicts && run.asked % 3 == 0;
        world.heard.faults += u32::from(older || !course.late.is_zero());
        let told = if older { since - TimeDelta::minutes(20) } else { since } - course.late;
        Ok(match course.failed {
            Some(at) if told >= at => Progress::Failed { error: "the simulated agent failed".to_owned() },
            None if told >= course.healthy => Progress::Healthy,
            _ if told >= course.applied => Progress::Applied,
            _ => Progress::Running,
        })
    }
}

fn no_route() -> DeployError {
    DeployError::NoAnswer("no route to the agent".to_owned())
}

/// The way from one server to the agents.
#[derive(Debug)]
pub struct AgentDoor {
    pub agents: Agents,
    pub gate: Arc<Gate>,
}

#[async_trait]
impl Deployer for AgentDoor {
    async fn start(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        self.gate.at_agent().await;
        self.agents.begin(order)
    }

    async fn progress(&self, order: &UpdateOrder, _: DateTime<Utc>) -> Result<Progress, DeployError> {
        self.agents.tell(order)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { set_flight: true, roll_back: true, redeploy: true }
    }

    fn restore_days(&self) -> Option<u16> {
        Some(RESTORE_DAYS)
    }

    async fn turn_flight(&self, order: &FlightOrder) -> Result<(), DeployError> {
        self.gate.at_agent().await;
        self.agents.note_flight(order);
        Ok(())
    }
}

//! The machine: two servers, a lease, one database, three environments and people, in every order. A generation and an
//! epoch are only ever compared for equality, so "still the same" and "an old one" is all that the machine keeps of
//! them; that is exact, and keeps the number of states finite.

use crate::executor::Progress;
use crate::laws::{Breach, Digest};
use crate::properties;
use crate::scene::{FLEET, Scene};
use crate::shelf::{Mistake, Outcome, Shelf, Transaction};
use crate::state::{Epoch, GONE, Left, Phase, Race, Server, State, Work};
use chrono::TimeDelta;
use stateright::{Model, Property};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The lease is claimed: by its holder again, or, lapsed, by the other. A tick begins.
    Lead(usize),
    Load(usize),
    Commit(usize),
    /// A running update is begun, or asked about and written.
    Ask(usize, u8),
    /// The deployer hears of what was claimed.
    Call(usize),
    /// It goes on after a lost race or a refusal.
    GoOn(usize),
    /// A crash: everything held is forgotten, and the call in hand is never made.
    Crash(usize),
    Time,
    Person(Transaction),
    Report(u8, Progress),
}

pub struct Machine {
    pub shelf: Shelf,
    pub mistake: Option<Mistake>,
}

impl Machine {
    pub fn new(scene: Scene, mistake: Option<Mistake>) -> Self {
        Self { shelf: Shelf::new(scene, mistake), mistake }
    }

    fn makes(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    pub fn digest(&self, state: &State) -> Digest {
        self.shelf.digest(state.database)
    }

    /// Whether time may move on: an environment ends its update before half a day has passed, well within the deployer's
    /// own limit of silence, and a call is over within its two seconds.
    fn may_pass(&self, state: &State) -> bool {
        let instants = &self.shelf.scene.instants;
        let (now, next) = (usize::from(state.at), usize::from(state.at) + 1);
        let calls = state.servers.iter().any(|server| matches!(server.phase, Phase::Calling { .. }));
        let works = state.works.iter().any(|work| work.is_going_on());
        next < instants.len()
            && !(works && instants[next] - instants[now] > TimeDelta::hours(6))
            && (!calls || self.makes(Mistake::LateCall))
    }

    fn lead(&self, state: &mut State, s: usize) {
        let other = 1 - s;
        if state.leader != Some(u8::try_from(s).unwrap()) {
            state.left.takeovers -= u8::from(state.leader.is_some());
            state.leader = Some(u8::try_from(s).unwrap());
            if state.servers[other].epoch == Epoch::Current {
                state.servers[other].epoch = Epoch::Old;
            }
            if let Phase::Calling { .. } = state.servers[other].phase
                && !self.makes(Mistake::LateCall)
            {
                state.servers[other].phase = Phase::Idle;
            }
        }
        state.servers[s] = Server { epoch: Epoch::Current, now: state.at, phase: Phase::Idle };
    }

    /// The check of the epoch at the beginning of a write. `false`: the race is lost.
    fn holds(&self, state: &mut State, s: usize) -> bool {
        if state.servers[s].epoch == Epoch::Current {
            return true;
        }
        if self.makes(Mistake::NoEpoch) {
            state.breach = Some(Breach::OldEpochWrites);
            return true;
        }
        state.servers[s].phase = Phase::Lost(Race::Epoch);
        false
    }

    /// The rollout's generation moved on.
    fn bump(state: &mut State) {
        for server in &mut state.servers {
            if let Phase::Planning { is_current, .. } = &mut server.phase {
                *is_current = false;
            }
        }
    }

    fn commit(&self, state: &mut State, s: usize) -> Option<()> {
        let Phase::Planning { seen, is_current } = state.servers[s].phase else { return None };
        if !self.holds(state, s) {
            return Some(());
        }
        if !(is_current || self.makes(Mistake::NoGeneration) || self.makes(Mistake::WholeRow)) {
            state.servers[s].phase = Phase::Lost(Race::Generation);
            return Some(());
        }
        let commit = Transaction::Commit { seen, now: state.servers[s].now };
        state.servers[s].phase = match self.shelf.run(state.database, commit) {
            Outcome::Done(after, breach) => {
                state.database = after;
                state.breach = state.breach.or(breach);
                Self::bump(state);
                Phase::Idle
            }
            _ => Phase::Lost(Race::Update),
        };
        Some(())
    }

    /// What the deployer says of the attempt that the database knows; `None`: it never heard of it.
    fn heard(&self, state: &State, environment: u8) -> Option<Progress> {
        let e = usize::from(environment);
        let database = self.shelf.get(state.database);
        let row = database.running(e)?;
        let work = state.works[e];
        (row.dispatched && work.attempt == row.facts.attempts).then_some(work.progress)
    }

    fn ask(&self, state: &mut State, s: usize, environment: u8) -> Option<()> {
        let attempt = self.digest(state).running[usize::from(environment)];
        let now = state.servers[s].now;
        let transaction = match self.heard(state, environment) {
            Some(heard) => Transaction::Write { environment, heard, now },
            // The dispatch asks for the time itself.
            None => Transaction::Begin { environment, now: state.at },
        };
        let outcome = self.shelf.run(state.database, transaction);
        if outcome == Outcome::Nothing {
            return None;
        }
        if !self.holds(state, s) {
            return Some(());
        }
        match outcome {
            Outcome::Done(after, breach) => {
                state.database = after;
                state.breach = state.breach.or(breach);
                if let Transaction::Begin { .. } = transaction {
                    state.servers[s].phase = Phase::Calling { environment, attempt };
                }
            }
            Outcome::SentBack(after, refused) => {
                state.database = after;
                state.servers[s].phase = Phase::Refused(refused);
            }
            Outcome::Nothing | Outcome::Conflict => return None,
        }
        Some(())
    }

    /// Idempotent by the attempt.
    fn call(state: &mut State, s: usize) -> Option<()> {
        let Phase::Calling { environment, attempt } = state.servers[s].phase else { return None };
        let work = &mut state.works[usize::from(environment)];
        if work.attempt != attempt {
            if work.is_going_on() {
                state.breach = Some(Breach::TwoAttempts);
            }
            *work = Work { attempt, progress: Progress::Running };
        }
        state.servers[s].phase = Phase::Idle;
        Some(())
    }

    fn person(&self, state: &mut State, transaction: Transaction) -> Option<()> {
        let Outcome::Done(after, _) = self.shelf.run(state.database, transaction) else { return None };
        state.database = after;
        let scoped = matches!(transaction, Transaction::HaltStation | Transaction::HaltCustomer);
        match transaction {
            Transaction::Halt => state.left.halts -= 1,
            _ if scoped => state.left.scoped_halts -= 1,
            _ => {}
        }
        if !(scoped && self.makes(Mistake::SilentHalt)) {
            Self::bump(state);
        }
        Some(())
    }

    /// What a server holds that will lose its race in any case is all alike. Exact, but where a planted mistake lets it win.
    fn forget(&self, state: &mut State) {
        let writes_stale = self.makes(Mistake::NoGeneration) || self.makes(Mistake::WholeRow);
        for server in &mut state.servers {
            let is_old = server.epoch == Epoch::Old && !self.makes(Mistake::NoEpoch);
            if let Phase::Planning { seen, is_current } = &mut server.phase
                && (is_old || !*is_current && !writes_stale)
            {
                (*seen, *is_current) = (0, false);
            }
            if is_old {
                server.now = 0;
            }
        }
    }

    fn steps_of_server(&self, state: &State, s: usize, steps: &mut Vec<Step>) {
        let server = state.servers[s];
        let leads = state.leader == Some(u8::try_from(s).unwrap());
        match server.phase {
            Phase::Idle => {
                let is_first = state.leader.is_none() && s == 0;
                let takes_over = state.leader.is_some() && !leads && state.left.takeovers > 0;
                if is_first || takes_over || leads && (server.epoch != Epoch::Current || server.now != state.at) {
                    steps.push(Step::Lead(s));
                }
                if server.epoch != Epoch::None {
                    if !self.shelf.plan(state.database, server.now).actions.is_empty() {
                        steps.push(Step::Load(s));
                    }
                    let running = self.digest(state).running;
                    let asks = (0_u8..).zip(running).filter(|(_, attempt)| *attempt > 0);
                    steps.extend(asks.map(|(environment, _)| Step::Ask(s, environment)));
                }
            }
            Phase::Planning { .. } => steps.push(Step::Commit(s)),
            Phase::Calling { .. } => steps.push(Step::Call(s)),
            Phase::Lost(_) | Phase::Refused(_) => steps.push(Step::GoOn(s)),
        }
        // Whoever lost a race or was refused holds nothing that a crash could take.
        if state.left.crashes > 0 && server != GONE && !matches!(server.phase, Phase::Lost(_) | Phase::Refused(_)) {
            steps.push(Step::Crash(s));
        }
    }
}

impl Model for Machine {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let Scene { halts, scoped_halts, failures, takeovers, crashes, .. } = self.shelf.scene;
        vec![State {
            at: 0,
            database: 0,
            leader: None,
            servers: [GONE; 2],
            works: [Work { attempt: 0, progress: Progress::Running }; FLEET],
            left: Left { halts, scoped_halts, failures, takeovers, crashes },
            breach: None,
        }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        if state.breach.is_some() {
            return;
        }
        for s in 0..2 {
            self.steps_of_server(state, s, steps);
        }
        for (environment, work) in (0_u8..).zip(state.works) {
            if work.is_going_on() {
                if work.progress == Progress::Running {
                    steps.push(Step::Report(environment, Progress::Applied));
                } else {
                    steps.push(Step::Report(environment, Progress::Healthy));
                }
                if state.left.failures > 0 {
                    steps.push(Step::Report(environment, Progress::Failed));
                }
            }
        }
        let now = state.at;
        let mut people = vec![Transaction::Approve, Transaction::Resume { now }, Transaction::Lift];
        if now == 0 {
            people.push(Transaction::Start { now });
        }
        if state.left.halts > 0 {
            people.push(Transaction::Halt);
        }
        if state.left.scoped_halts > 0 {
            people.extend([Transaction::HaltStation, Transaction::HaltCustomer]);
        }
        steps.extend(people.into_iter().map(Step::Person));
        if self.may_pass(state) {
            steps.push(Step::Time);
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let mut next = *state;
        match step {
            Step::Lead(s) => self.lead(&mut next, s),
            Step::Load(s) => {
                next.servers[s].phase = Phase::Planning { seen: state.database, is_current: true };
            }
            Step::Commit(s) => self.commit(&mut next, s)?,
            Step::Ask(s, environment) => self.ask(&mut next, s, environment)?,
            Step::Call(s) => Self::call(&mut next, s)?,
            Step::GoOn(s) => next.servers[s].phase = Phase::Idle,
            Step::Crash(s) => {
                next.servers[s] = GONE;
                next.left.crashes -= 1;
            }
            Step::Time => next.at += 1,
            Step::Person(transaction) => self.person(&mut next, transaction)?,
            Step::Report(environment, progress) => {
                next.works[usize::from(environment)].progress = progress;
                next.left.failures -= u8::from(progress == Progress::Failed);
            }
        }
        self.forget(&mut next);
        Some(next.in_order())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of(&self.shelf.scene)
    }
}

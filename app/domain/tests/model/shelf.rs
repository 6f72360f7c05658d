//! Databases by number. Two states of the machine often hold the same database, and the same transaction on it has the
//! same outcome: the planner is a pure function. So each database is kept once, and each transaction is run once.

use crate::database::Database;
use crate::executor::{self, Conflict, Progress};
use crate::laws::{self, Breach, Digest};
use crate::scene::{Scene, customer, user};
use domain::calendar::Night;
use domain::fleet::StationNumber;
use domain::ids::HaltId;
use domain::rollout::halt::{Halt, HaltScope};
use domain::rollout::{Approval, EnvironmentReason, HaltCause, Plan, RolloutState, StageState, plan};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// The place of a database on the shelf.
pub type DatabaseId = u32;
/// The place of an instant in the scene.
pub type At = u8;

/// A fault planted into the mirror of the executor or of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A plan is written whatever its generation.
    NoGeneration,
    /// The same, and the rollout's row is written as it was read.
    WholeRow,
    /// A write does not ask whether its epoch has passed.
    NoEpoch,
    /// A dispatch is claimed without a look at the halts.
    NoHaltAtDispatch,
    /// A halt of a station or a customer leaves the generation as it is.
    SilentHalt,
    /// What runs is left out of the facts.
    NothingInFlight,
    /// The bake that the policy asks for is left out of the facts.
    NoBake,
    /// A call to the deployer may outlive the lease under which it was claimed.
    LateCall,
}

/// One transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transaction {
    Commit {
        seen: DatabaseId,
        now: At,
    },
    /// The claim of a dispatch, or its refusal.
    Begin {
        environment: u8,
        now: At,
    },
    Write {
        environment: u8,
        heard: Progress,
        now: At,
    },
    Start {
        now: At,
    },
    /// No rule looks at when an approval or a halt came: they all bear the first instant, which keeps databases alike.
    Approve,
    Halt,
    HaltStation,
    HaltCustomer,
    Resume {
        now: At,
    },
    Lift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Refused, or nothing to write.
    Nothing,
    /// An update was not what the plan believed.
    Conflict,
    Done(DatabaseId, Option<Breach>),
    /// It may not begin: a halt stands, or the night is too short.
    SentBack(DatabaseId, Refused),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    Halt,
    Night,
}

#[derive(Default)]
struct Known {
    databases: Vec<(Arc<Database>, Digest)>,
    by_content: HashMap<u64, Vec<DatabaseId>>,
}

pub struct Shelf {
    pub scene: Scene,
    /// Planted into the mirror of the executor or the store.
    mistake: Option<Mistake>,
    known: RwLock<Known>,
    plans: RwLock<HashMap<(DatabaseId, At), Arc<Plan>>>,
    outcomes: RwLock<HashMap<(DatabaseId, Transaction), Outcome>>,
}

impl Shelf {
    pub fn new(scene: Scene, mistake: Option<Mistake>) -> Self {
        let empty = Database::new(&scene);
        let shelf =
            Self { scene, mistake, known: RwLock::default(), plans: RwLock::default(), outcomes: RwLock::default() };
        assert_eq!(shelf.put(empty), 0);
        shelf
    }

    pub fn len(&self) -> usize {
        self.known.read().unwrap().databases.len()
    }

    pub fn get(&self, id: DatabaseId) -> Arc<Database> {
        Arc::clone(&self.known.read().unwrap().databases[id as usize].0)
    }

    pub fn digest(&self, id: DatabaseId) -> Digest {
        self.known.read().unwrap().databases[id as usize].1
    }

    fn put(&self, database: Database) -> DatabaseId {
        let digest = Digest::of(&self.scene, &database);
        let mut known = self.known.write().unwrap();
        let Known { databases, by_content } = &mut *known;
        let alike = by_content.entry(content(&database)).or_default();
        if let Some(id) = alike.iter().find(|id| *databases[**id as usize].0 == database) {
            return *id;
        }
        let id = u32::try_from(databases.len()).unwrap();
        alike.push(id);
        databases.push((Arc::new(database), digest));
        id
    }

    pub fn plan(&self, seen: DatabaseId, now: At) -> Arc<Plan> {
        if let Some(plan) = self.plans.read().unwrap().get(&(seen, now)) {
            return Arc::clone(plan);
        }
        let mut facts = self.get(seen).facts(&self.scene);
        match self.mistake {
            Some(Mistake::NothingInFlight) => facts.in_flight.clear(),
            Some(Mistake::NoBake) => facts.policy.gate.bake_hours = 0,
            _ => {}
        }
        let plan = Arc::new(plan(&facts, self.scene.instants[usize::from(now)]));
        self.plans.write().unwrap().insert((seen, now), Arc::clone(&plan));
        plan
    }

    pub fn run(&self, on: DatabaseId, transaction: Transaction) -> Outcome {
        if let Some(outcome) = self.outcomes.read().unwrap().get(&(on, transaction)) {
            return *outcome;
        }
        let outcome = self.work_out(&self.get(on), transaction);
        self.outcomes.write().unwrap().insert((on, transaction), outcome);
        outcome
    }

    fn work_out(&self, there: &Database, transaction: Transaction) -> Outcome {
        let instant = |at: At| self.scene.instants[usize::from(at)];
        match transaction {
            Transaction::Commit { seen, now } => {
                let plan = self.plan(seen, now);
                match executor::commit(&self.scene, there, &self.get(seen), &plan, instant(now)) {
                    Err(Conflict) => Outcome::Conflict,
                    Ok(mut after) => {
                        if self.mistake == Some(Mistake::WholeRow) {
                            after.rollout = self.get(seen).rollout.clone();
                        }
                        let breach = laws::of_commit(&self.scene, there, &after, &plan, instant(now));
                        Outcome::Done(self.put(after), breach)
                    }
                }
            }
            Transaction::Begin { environment, now } => self.begin(there, environment.into(), now),
            Transaction::Write { environment, heard, now } => {
                executor::outcome(there, environment.into(), heard, instant(now))
                    .map_or(Outcome::Nothing, |after| Outcome::Done(self.put(after), None))
            }
            by_person => {
                let mut after = there.clone();
                match self.by_person(&mut after, by_person) {
                    Some(()) => Outcome::Done(self.put(after), None),
                    None => Outcome::Nothing,
                }
            }
        }
    }

    fn begin(&self, there: &Database, environment: usize, now: At) -> Outcome {
        let now = self.scene.instants[usize::from(now)];
        let asks_halts = self.mistake != Some(Mistake::NoHaltAtDispatch);
        if let Some(reason) = executor::refusal(&self.scene, there, environment, now, asks_halts) {
            let refused = match reason {
                EnvironmentReason::WindowTooShort { .. } => Refused::Night,
                _ => Refused::Halt,
            };
            return Outcome::SentBack(self.put(executor::send_back(there, environment, reason)), refused);
        }
        let stopped = laws::is_stopped(&self.scene, there, environment);
        let breach = stopped.then_some(Breach::DispatchAfterHalt);
        Outcome::Done(self.put(executor::claim(there, environment)), breach)
    }

    /// What a person does, as the services let them; `None` where they refuse.
    fn by_person(&self, after: &mut Database, transaction: Transaction) -> Option<()> {
        let instant = |at: At| self.scene.instants[usize::from(at)];
        let cause = || HaltCause::Person { by: user(3), name: "I. Lead".into(), reason: "error rate".into() };
        let running = matches!(after.rollout, RolloutState::Running { .. });
        let (rollout, station) = (self.scene.frame.rollout, StationNumber(2));
        let scoped = |after: &mut Database, scope| {
            after.halts.push(Halt::new(HaltId::new(Uuid::nil()), scope, cause(), self.scene.instants[0]));
        };
        match transaction {
            Transaction::Start { now } => after.rollout = after.rollout.clone().start(user(1), instant(now)).ok()?,
            Transaction::Approve if running && after.approvals.is_empty() => {
                after
                    .approvals
                    .push((station, Approval { by: user(2), name: "N. Okafor".into(), at: self.scene.instants[0] }));
            }
            Transaction::Halt if running => executor::halt(after, cause(), self.scene.instants[0]),
            Transaction::Resume { now } => {
                after.rollout = after.rollout.clone().resume(instant(now)).ok()?;
                after.build_halted = None;
            }
            Transaction::HaltStation if running && after.halts.is_empty() => {
                scoped(after, HaltScope::Station { rollout, station });
            }
            Transaction::HaltCustomer if running && after.halts.is_empty() => {
                scoped(after, HaltScope::Customer { customer: customer(1), rollout: None });
            }
            Transaction::Lift => drop(after.halts.pop()?),
            _ => return None,
        }
        Some(())
    }
}

/// A hash of what differs most. Databases that share one are compared whole.
fn content(database: &Database) -> u64 {
    let mut hasher = DefaultHasher::new();
    (database.rollout.key(), database.resumed_at(), database.approvals.len(), database.halts.len()).hash(&mut hasher);
    for stage in &database.stages {
        match *stage {
            StageState::Waiting => 0_u8.hash(&mut hasher),
            StageState::Open { opened_at } => opened_at.hash(&mut hasher),
            StageState::Passed { opened_at, passed_at } => (opened_at, passed_at).hash(&mut hasher),
        }
    }
    for row in database.rows() {
        let facts = &row.facts;
        let night: Option<Night> = facts.state.night();
        (facts.state.word().key(), night, facts.attempts, facts.failed_at, facts.next).hash(&mut hasher);
        (facts.reasons.len(), row.dispatched, succeeded(row)).hash(&mut hasher);
    }
    hasher.finish()
}

fn succeeded(row: &crate::database::Row) -> Option<chrono::DateTime<chrono::Utc>> {
    crate::database::succeeded_at(&row.facts)
}

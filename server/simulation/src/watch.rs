//! What is seen of the database after each step: only what the audit chain names as changed is read again, and at every
//! sweep everything is, so that a change without an audit record does not stay unseen.

use crate::agents::Touch;
use crate::invariants::Found;
use crate::ways::{self, Ways};
use chrono::{DateTime, Utc};
use domain::fleet::Region;
use domain::freeze::Freezes;
use domain::ids::{BuildId, CustomerId, EnvironmentId, HaltId, NotificationId, RolloutId, UpdateId};
use domain::rollout::halt::{Halt, HaltScope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Db;
use store::audit::AuditEvent;
use store::census::{self, Build, Letter, WholeRollout};
use store::environment::Environment;
use store::outbox::OutboxRow;
use store::update::Update;

/// How a night was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// By the clock of the server that did it.
    pub at: DateTime<Utc>,
    /// In the place of another night, with a reason.
    pub moved: bool,
}

/// The database as it was seen last.
#[derive(Debug, Default)]
pub struct Seen {
    pub regions: BTreeMap<String, Region>,
    pub fleet: BTreeMap<EnvironmentId, Environment>,
    pub updates: BTreeMap<UpdateId, Update>,
    pub rollouts: BTreeMap<RolloutId, WholeRollout>,
    pub builds: BTreeMap<BuildId, Build>,
    /// True time at which a build was first seen halted.
    pub halted: BTreeMap<BuildId, DateTime<Utc>>,
    /// True time at which a build was first seen withdrawn.
    pub withheld: BTreeMap<BuildId, DateTime<Utc>>,
    /// Halts of stations, of customers and of everything that stand, with the true time at which each was first seen.
    pub halts: BTreeMap<HaltId, (Halt, DateTime<Utc>)>,
    /// True time at which everything was last seen to be halted.
    pub stood_at: Option<DateTime<Utc>>,
    pub freezes: Freezes,
    /// Every night that was ever announced, by its start.
    pub told: BTreeMap<(UpdateId, DateTime<Utc>), Told>,
    /// The last state of each update in the audit chain.
    pub words: BTreeMap<UpdateId, String>,
    /// How often something happened to a rollout as a whole: its id, the action.
    pub occasions: BTreeMap<(String, String), u32>,
    /// How often a customer was told so: by the kind of the letter.
    pub told_of: BTreeMap<(CustomerId, RolloutId, &'static str), u32>,
    pub ways: Arc<Ways>,
    audit_seq: i64,
    outbox_seq: i64,
    last_letter: Option<NotificationId>,
}

#[derive(Debug, Clone)]
pub struct Change {
    pub before: Option<Update>,
    pub after: Update,
}

/// One state in the audit chain, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub update: UpdateId,
    pub before: Option<String>,
    pub after: String,
    /// Its place in the chain.
    pub seq: i64,
    /// By the clock of the server that did it.
    pub at: DateTime<Utc>,
    /// When the night starts that was chosen with it.
    pub night: Option<DateTime<Utc>>,
    pub choice: Choice,
}

/// Whose choice a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The rules'.
    Usual,
    /// Its owner takes it ahead of its night.
    Pulled,
    /// It is not taken ahead after all: what was before stands again.
    PullEnded,
}

/// What one step changed.
#[derive(Debug, Default)]
pub struct Step {
    /// True time.
    pub at: DateTime<Utc>,
    pub deeds: Vec<AuditEvent>,
    pub letters: Vec<Letter>,
    pub changes: Vec<Change>,
    pub words: Vec<Word>,
    pub touches: Vec<Touch>,
    /// As they were before, where one changed.
    pub rollouts_before: BTreeMap<RolloutId, WholeRollout>,
    pub halted_before: BTreeMap<BuildId, DateTime<Utc>>,
    pub withheld_before: BTreeMap<BuildId, DateTime<Utc>>,
    pub halts_before: BTreeMap<HaltId, (Halt, DateTime<Utc>)>,
    pub freezes_before: Freezes,
    pub ways_before: Arc<Ways>,
    pub events: Vec<OutboxRow>,
}

impl Step {
    pub fn is_empty(&self) -> bool {
        self.deeds.is_empty() && self.letters.is_empty() && self.touches.is_empty()
    }
}

/// An owner takes an update ahead, or takes that back: the record names no state.
const PULLED: &str = "environment.pulled_ahead";
const PULL_UNDONE: &str = "environment.pull_undone";

pub fn update_of(deed: &AuditEvent) -> Option<UpdateId> {
    matches!(deed.action.as_str(), "environment.update" | PULLED | PULL_UNDONE).then(|| named(deed)).flatten()
}

fn named(deed: &AuditEvent) -> Option<UpdateId> {
    deed.details.get("update")?.as_str()?.parse().ok()
}

impl Seen {
    /// What changed since the last look.
    pub async fn look(&mut self, db: &Db, at: DateTime<Utc>, touches: Vec<Touch>) -> store::Result<Step> {
        let mut step = Step {
            at,
            ways_before: self.ways.clone(),
            touches,
            halted_before: self.halted.clone(),
            withheld_before: self.withheld.clone(),
            halts_before: self.halts.clone(),
            freezes_before: self.freezes.clone(),
            ..Step::default()
        };
        let heads = census::heads(db.reader()).await?;
        if heads == (self.audit_seq, self.outbox_seq) {
            return Ok(step);
        }
        let conn = db.snapshot().await?;
        step.deeds = census::deeds(&conn, self.audit_seq).await?;
        step.letters = census::letters(&conn, self.last_letter).await?;
        step.events = census::outbox(&conn, self.outbox_seq).await?;
        (self.audit_seq, self.outbox_seq) = heads;
        self.last_letter = step.letters.last().map(|letter| letter.id).or(self.last_letter);
        let (mut updates, mut environments) = (BTreeSet::new(), BTreeSet::new());
        for deed in &step.deeds {
            updates.extend(update_of(deed));
            if deed.object.kind == "environment" {
                environments.extend(deed.object.id.parse::<EnvironmentId>());
            }
            environments.extend(ways::exempted(deed));
        }
        let updates: Vec<UpdateId> = updates.into_iter().collect();
        for after in census::updates(&conn, Some(&updates)).await? {
            let before = self.updates.insert(after.id, after.clone());
            step.changes.push(Change { before, after });
        }
        // A late word that it is healthy mends a failure and leaves the state as it is, and another takes that back; what an
        // agent takes runs since then.
        let beside = ["environment.failure_mended", "environment.failure_counts_again", "environment.update_taken"];
        let changed = step.deeds.iter().filter(|deed| beside.contains(&deed.action.as_str()));
        let changed: Vec<UpdateId> = changed.filter_map(named).collect();
        for update in census::updates(&conn, Some(&changed)).await? {
            self.updates.insert(update.id, update);
        }
        let environments: Vec<EnvironmentId> = environments.into_iter().collect();
        for environment in census::environments(&conn, Some(&environments)).await? {
            self.fleet.insert(environment.id, environment);
        }
        if step.deeds.iter().any(|deed| deed.object.kind == "rollout") {
            step.rollouts_before = std::mem::take(&mut self.rollouts);
            self.rollouts = census::rollouts(&conn).await?.into_iter().map(|whole| (whole.rollout.id, whole)).collect();
            self.see_builds(census::builds(&conn).await?, at);
        }
        if step.deeds.iter().any(|deed| !matches!(deed.object.kind.as_str(), "environment" | "rollout")) {
            self.see_stops(&conn, at).await?;
        }
        if step.deeds.iter().any(ways::concerns) {
            let decided = step.deeds.iter().filter_map(ways::exempted);
            self.ways = Arc::new(self.ways.after(census::ways(&conn).await?, decided, at));
        }
        self.read_deeds(&mut step);
        Ok(step)
    }

    fn see_builds(&mut self, builds: Vec<Build>, at: DateTime<Utc>) {
        for build in builds {
            let withdrawn = build.withdrawn.is_some();
            for (since, holds) in [(&mut self.halted, build.halted.is_some()), (&mut self.withheld, withdrawn)] {
                if holds {
                    since.entry(build.id).or_insert(at);
                } else {
                    since.remove(&build.id);
                }
            }
            self.builds.insert(build.id, build);
        }
    }

    async fn see_stops(&mut self, conn: &impl store::Connection, at: DateTime<Utc>) -> store::Result<()> {
        let before = std::mem::take(&mut self.halts);
        let since = |id| before.get(&id).map_or(at, |(_, since)| *since);
        self.halts =
            census::halts(conn).await?.into_iter().map(|halt| (halt.id, (halt.clone(), since(halt.id)))).collect();
        let everything = |(halt, _): &(Halt, DateTime<Utc>)| halt.scope == HaltScope::Everything;
        if before.values().chain(self.halts.values()).any(everything) {
            self.stood_at = Some(at);
        }
        self.freezes = census::freezes(conn).await?;
        Ok(())
    }

    fn read_deeds(&mut self, step: &mut Step) {
        for deed in step.deeds.iter().filter(|deed| deed.object.kind == "rollout") {
            *self.occasions.entry((deed.object.id.clone(), deed.action.clone())).or_default() += 1;
        }
        for letter in step.letters.iter().filter(|letter| letter.environment.is_none()) {
            let Some(rollout) = letter.rollout else { continue };
            *self.told_of.entry((letter.customer, rollout, letter.payload.event.kind().key())).or_default() += 1;
        }
        let was_booked = |change: &Change| {
            let was = change.before.as_ref()?;
            Some((was.id, was.pull.as_ref()?.before.word().key()))
        };
        let mut booked: BTreeMap<UpdateId, &'static str> = step.changes.iter().filter_map(was_booked).collect();
        for deed in &step.deeds {
            let Some(update) = update_of(deed) else { continue };
            // A person's choice is the only change of its step.
            let said = deed.details.get("state").and_then(|word| word.as_str());
            let Some(word) = said.or_else(|| self.updates.get(&update).map(|update| update.state.word().key())) else {
                continue;
            };
            let (word, before) = (word.to_owned(), self.words.insert(update, word.to_owned()));
            let choice = choice(deed, &mut booked, update, (before.as_deref(), &word));
            let night = deed.details.get("night").and_then(|night| night.as_str()?.parse::<DateTime<Utc>>().ok());
            if let (Some(night), true) = (night, matches!(word.as_str(), "announced" | "moved")) {
                // No notice is owed of a night that its owner chose.
                let moved = word == "moved" || choice != Choice::Usual;
                self.told.entry((update, night)).or_insert(Told { at: deed.at, moved });
            }
            step.words.push(Word { update, before, after: word, seq: deed.seq, at: deed.at, night, choice });
        }
    }

    /// Reads everything. What differs from what the audit chain led to is a change without a record (I9).
    pub async fn sweep(&mut self, db: &Db, at: DateTime<Utc>) -> store::Result<Vec<Found>> {
        let conn = db.snapshot().await?;
        let mut found = Vec::new();
        let mut silent =
            |what: String| found.push(Found::new("I9", format!("changed without an audit record: {what}")));
        let first = self.fleet.is_empty();
        for update in census::updates(&conn, None).await? {
            let known = self.updates.get(&update.id);
            if !known.is_some_and(|known| is_same(known, &update)) {
                silent(format!(
                    "update {} is {}, known as {:?}",
                    update.id,
                    update.state.word().key(),
                    known.map(|k| k.state.word())
                ));
            }
            // With the reasons and instants that are no part of the state.
            self.updates.insert(update.id, update);
        }
        for environment in census::environments(&conn, None).await? {
            let build = (environment.build, environment.designation);
            if let Some(known) = self.fleet.get(&environment.id)
                && (known.build, known.designation) != build
            {
                silent(format!("environment {} runs {}, known as {}", environment.id, build.0, known.build));
            }
            self.fleet.insert(environment.id, environment);
        }
        for whole in census::rollouts(&conn).await? {
            let known = self.rollouts.get(&whole.rollout.id);
            let differs = |known: &WholeRollout| {
                known.rollout.state != whole.rollout.state
                    || known.stages != whole.stages
                    || known.approvals != whole.approvals
            };
            if known.is_none_or(differs) && !first {
                silent(format!("rollout {} of {}", whole.rollout.id, whole.rollout.train));
            }
            self.rollouts.insert(whole.rollout.id, whole);
        }
        self.see_builds(census::builds(&conn).await?, at);
        self.see_stops(&conn, at).await?;
        let ways = self.ways.after(census::ways(&conn).await?, [], at);
        if !ways.agrees_with(&self.ways) {
            silent("an emergency path or a recovery".to_owned());
        }
        self.ways = Arc::new(ways);
        Ok(if first { Vec::new() } else { found })
    }

    pub fn rollout_of(&self, update: &Update) -> Option<&WholeRollout> {
        self.rollouts.get(&update.rollout)
    }
}

/// `booked`: what was before each update that its owner took ahead. One that does not begin becomes that again.
fn choice(
    deed: &AuditEvent,
    booked: &mut BTreeMap<UpdateId, &'static str>,
    update: UpdateId,
    (before, after): (Option<&str>, &str),
) -> Choice {
    if deed.action == PULLED {
        return Choice::Pulled;
    }
    let was_waiting = matches!(before, Some("announced" | "moved"));
    let is_restored = was_waiting && booked.get(&update).is_some_and(|was| *was == after);
    if deed.action == PULL_UNDONE || is_restored {
        booked.remove(&update);
        return Choice::PullEnded;
    }
    Choice::Usual
}

/// Reasons are no part of the state, and a claimed dispatch is recorded by what follows it.
fn is_same(known: &Update, now: &Update) -> bool {
    known.state == now.state
        && known.attempts == now.attempts
        && known.stage == now.stage
        && known.follows == now.follows
        && known.last_failed_at == now.last_failed_at
}

//! A plan, in one transaction: states, reasons, audit, letters, live events, report. Conditional on the rollout's
//! generation and the lease's epoch; where either has moved on, nothing is written and the plan is dropped.

use super::{ENGINE, NewLetter, letters};
use crate::trail::{By, Deed, RolloutEvent};
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::StageKey;
use domain::ids::{CustomerId, EnvironmentId, UpdateId};
use domain::notification::{NotificationEvent, NotificationPayload};
use domain::rollout::{
    Action, EnvironmentFacts, Explanation, Plan, RolloutFacts, StageState, UpdateFacts, UpdateState, WrongEdge, plan,
};
use domain::wire::live::Topic;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use store::Tx;
use store::rollout::{Loaded, REST_MAX};
use store::update::{Explained, Move, NewUpdate};

/// A rest is written down; below this it costs more than the plans that it saves.
const REST_MIN: TimeDelta = TimeDelta::minutes(1);

impl Services {
    /// Plans and applies; the number of actions. The report is written where it changed, even if nothing else did.
    pub(super) async fn apply_plan(&self, loaded: &Loaded, epoch: i64, now: DateTime<Utc>) -> Result<Applied> {
        let facts = &loaded.facts;
        let plan = planted::plan(plan(facts, now), facts, now);
        let is_word = |action: &Action| matches!(action, Action::Explain { .. });
        let goes_on = facts.pending || !plan.actions.iter().all(is_word);
        let applied = Applied { actions: plan.actions.len(), goes_on };
        let is_news = loaded.is_news(&plan.report)?;
        let rests = (!goes_on).then(|| rests_until(loaded, &plan, now)).flatten();
        if plan.actions.is_empty() && loaded.seen.is_empty() && !is_news {
            if let Some(until) = rests.filter(|_| !loaded.rests(now)) {
                let tx = self.db().begin().await?;
                store::lease::check_epoch(&tx, ENGINE, epoch).await?;
                store::rollout::rest(&tx, (facts.rollout, plan.based_on), loaded.marks, until).await?;
                tx.commit().await?;
            }
            return Ok(applied);
        }
        planted::before_commit(self, facts, now).await?;
        let tx = self.db().begin().await?;
        store::lease::check_epoch(&tx, ENGINE, epoch).await?;
        if let Some(cause) = plan.halt() {
            // It bumps this rollout together with the others of the build.
            let own = Some((facts.rollout, plan.based_on));
            self.stop_build(&tx, By::System(ENGINE), facts.build_id, own, cause, now).await?;
            if is_news {
                store::rollout::set_report(&tx, facts.rollout, &plan.report).await?;
            }
        } else {
            let report = is_news.then_some(&plan.report);
            let rest = rests.map(|until| (until, loaded.marks));
            store::rollout::conclude(&tx, (facts.rollout, plan.based_on), report, rest).await?;
        }
        let hand = Hand {
            services: self,
            tx: &tx,
            facts,
            now,
            environments: facts.environments.iter().map(|environment| (environment.id, environment)).collect(),
        };
        hand.carry_out(&plan, is_news).await?;
        // A plan that halts looked at nobody: who was due stays so until the rollout goes on.
        if plan.halt().is_none() {
            store::estate::save(&tx, facts.rollout, &loaded.seen, &plan.estates).await?;
        }
        tx.commit().await?;
        Ok(applied)
    }
}

/// Nothing is to be done: until that can change no plan has to be made.
fn rests_until(loaded: &Loaded, plan: &Plan, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let until = plan.rests_until?.min(now + REST_MAX);
    (until - now >= REST_MIN && loaded.knows_last_night(&plan.report, &plan.estates)).then_some(until)
}

/// What became of a plan.
pub(super) struct Applied {
    pub actions: usize,
    /// Other estates are due, or what was done may make more possible at the same instant.
    pub goes_on: bool,
}

/// What carries out one plan.
struct Hand<'a> {
    services: &'a Services,
    tx: &'a Tx,
    facts: &'a RolloutFacts,
    now: DateTime<Utc>,
    environments: HashMap<EnvironmentId, &'a EnvironmentFacts>,
}

/// What a plan does to updates, gathered to be written together.
#[derive(Default)]
struct Written<'a> {
    moves: Vec<Move<'a>>,
    deeds: Vec<Deed>,
    drafts: Vec<NewLetter>,
    /// Whose schedule changed.
    estates: BTreeSet<CustomerId>,
}

impl<'a> Hand<'a> {
    async fn carry_out(&self, plan: &Plan, is_news: bool) -> Result<()> {
        let (tx, now) = (self.tx, self.now);
        let mut written = Written::default();
        self.enrol(&plan.actions, &mut written).await?;
        for action in &plan.actions {
            self.gather(action, &mut written)?;
        }
        store::update::save_moves(tx, &written.moves).await?;
        store::update::explain(tx, &explained(plan)).await?;
        self.services.notify(tx, &written.drafts, now).await?;
        let mut tally = Tally::default();
        for action in &plan.actions {
            self.act(action).await?;
            tally.count(action);
        }
        self.services.audit_many(tx, By::System(ENGINE), now, written.deeds).await?;
        let estates = written.estates.into_iter().map(Topic::Estate);
        self.services.announce_all(tx, now, estates, "Your schedule changed").await?;
        // A report that changed without a word is news for the rollout's page all the same.
        if plan.actions.is_empty() && !is_news {
            return Ok(());
        }
        self.services.announce(tx, now, Topic::Rollout(self.facts.rollout), tally.sentence()).await
    }

    async fn enrol(&self, actions: &[Action], written: &mut Written<'a>) -> Result<()> {
        let mut rows = Vec::new();
        for action in actions {
            let Action::Enrol { environment, stage, follows, state, why, part, early, place } = action else {
                continue;
            };
            let facts = self.environment(*environment)?;
            let id = UpdateId::new(self.services.ids().uuid());
            rows.push(NewUpdate {
                id,
                rollout: self.facts.rollout,
                environment: facts.id,
                customer: facts.customer,
                stage: *stage,
                follows: *follows,
                state: state.clone(),
                reasons: why.reasons.clone(),
                next: why.next,
                part: *part,
                early: *early,
                place: *place,
                created_at: self.now,
            });
            written.deeds.push(self.deed(facts, id, state));
            written.estates.insert(facts.customer);
        }
        if rows.is_empty() {
            return Ok(());
        }
        store::update::enrol_many(self.tx, rows).await?;
        for (customer, event) in letters::scheduled(self.facts, actions) {
            let key = format!("{}:{customer}:scheduled:{}", self.facts.rollout, self.facts.generation);
            written.drafts.push(self.draft(customer, event, key));
        }
        Ok(())
    }

    /// What changes but updates' states.
    async fn act(&self, action: &Action) -> Result<()> {
        let now = self.now;
        match action {
            Action::Assign { update, part, early, .. } => {
                store::update::assign(self.tx, *update, *part, *early).await?;
            }
            Action::Reopen { environment, stage, follows, .. } => {
                let update = self.update(*environment)?.id;
                store::update::bind_stage(self.tx, update, *stage, *follows).await?;
            }
            Action::OpenStage { stage } => {
                let state = self.stage(*stage)?.open(now).map_err(wrong)?;
                self.set_stage(*stage, state, &RolloutEvent::StageOpened { stage: *stage }).await?;
                store::estate::touch_begun(self.tx, self.facts.rollout, now).await?;
            }
            Action::PassStage { stage } => {
                // A stage may open and pass at one instant; the plan says so in that order.
                let state = self.stage(*stage)?;
                let open = if state == StageState::Waiting { state.open(now).map_err(wrong)? } else { state };
                let passed = open.pass(now).map_err(wrong)?;
                self.set_stage(*stage, passed, &RolloutEvent::StagePassed { stage: *stage }).await?;
            }
            Action::Complete => {
                let state = self.facts.state.clone().complete(now).map_err(wrong)?;
                store::rollout::set_state(self.tx, self.facts.rollout, &state).await?;
                let event = RolloutEvent::Completed;
                self.services.audit_rollout(self.tx, By::System(ENGINE), now, self.facts.rollout, &event).await?;
                self.services.complete_recovery_of(self.tx, self.facts.rollout, now).await?;
            }
            // Done before everything else, or gathered.
            _ => {}
        }
        Ok(())
    }

    /// The state that follows for an update, with its record and its letter.
    fn gather(&self, action: &Action, written: &mut Written<'a>) -> Result<()> {
        let now = self.now;
        let nothing = Explanation::default();
        let (environment, why, attempts): (_, _, u8) = match action {
            Action::Start { environment, why, .. } => (*environment, why, planted::attempts(1)),
            Action::Announce { environment, why, .. }
            | Action::Relocate { environment, why, .. }
            | Action::Retry { environment, why, .. }
            | Action::Satisfy { environment, why, .. } => (*environment, why, 0),
            Action::Skip { environment, .. }
            | Action::Hold { environment, .. }
            | Action::EndPull { environment, .. }
            | Action::Reopen { environment, .. } => (*environment, &nothing, 0),
            Action::Enrol { .. }
            | Action::Explain { .. }
            | Action::Assign { .. }
            | Action::OpenStage { .. }
            | Action::PassStage { .. }
            | Action::Halt { .. }
            | Action::Complete => return Ok(()),
        };
        let facts = self.environment(environment)?;
        let update = self.update(environment)?;
        let state = update.state.clone();
        let to = match action {
            Action::Announce { night, .. } => state.announce(*night, now),
            Action::Relocate { to, reason, .. } => state.relocate(*to, reason.clone(), now),
            Action::Retry { to, .. } => state.retry(*to, now),
            Action::Start { .. } => state.start(now),
            Action::Satisfy { .. } => state.satisfy(now),
            Action::Skip { reason, .. } => state.skip(reason.clone()),
            Action::Hold { reason, .. } => state.hold(reason.clone()),
            Action::EndPull { before, .. } => state.unpull(before.clone()),
            _ => state.reopen(),
        };
        let to = to.map_err(wrong)?;
        written.deeds.push(self.deed(facts, update.id, &to));
        written.estates.insert(facts.customer);
        if let Some((event, key)) = letters::letter(self.facts, facts, action) {
            written.drafts.push(self.draft(facts.customer, event, key));
        }
        written.moves.push(Move {
            id: update.id,
            from: &update.state,
            to,
            attempts: update.attempts.saturating_add(attempts),
            reasons: match action {
                Action::Skip { reason, .. } | Action::Hold { reason, .. } => vec![reason.clone()],
                _ => why.reasons.clone(),
            },
            next: why.next,
            // Nothing but a start keeps what its owner booked.
            ends_pull: update.pull.is_some() && attempts == 0,
        });
        Ok(())
    }

    fn deed(&self, environment: &EnvironmentFacts, update: UpdateId, state: &UpdateState) -> Deed {
        Deed {
            action: "environment.update",
            object_kind: "environment",
            object_id: environment.id.to_string(),
            customer: Some(environment.customer),
            details: json!({
                "update": update,
                "train": self.facts.train,
                "build": self.facts.build,
                "state": state.word().key(),
                "night": state.night().map(|night| night.start),
            }),
        }
    }

    async fn set_stage(&self, stage: StageKey, state: StageState, event: &RolloutEvent) -> Result<()> {
        store::rollout::set_stage(self.tx, self.facts.rollout, stage, state).await?;
        self.services.audit_rollout(self.tx, By::System(ENGINE), self.now, self.facts.rollout, event).await
    }

    fn draft(&self, customer: CustomerId, event: NotificationEvent, key: String) -> NewLetter {
        let returns_from = self.facts.kind.from();
        let payload = NotificationPayload { train: self.facts.train, build: self.facts.build, returns_from, event };
        NewLetter { customer, rollout: self.facts.rollout, payload, key }
    }

    fn environment(&self, id: EnvironmentId) -> Result<&'a EnvironmentFacts> {
        self.environments.get(&id).copied().ok_or_else(|| missing("environment", id))
    }

    fn update(&self, of: EnvironmentId) -> Result<&'a UpdateFacts> {
        self.environment(of)?.update.as_ref().ok_or_else(|| missing("update of environment", of))
    }

    fn stage(&self, key: StageKey) -> Result<StageState> {
        let found = self.facts.stages.iter().find(|stage| stage.key == key);
        found.map(|stage| stage.state).ok_or_else(|| missing("stage", key))
    }
}

fn explained(plan: &Plan) -> Vec<Explained<'_>> {
    let why = |action| match action {
        &Action::Explain { update, ref why } => Some((update, &why.reasons[..], why.next)),
        _ => None,
    };
    plan.actions.iter().filter_map(why).collect()
}

fn missing(what: &str, id: impl std::fmt::Display) -> Error {
    Error::Broken { what: "the engine", why: format!("the plan names {what} {id}, the facts do not") }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the error away")]
fn wrong(edge: WrongEdge) -> Error {
    Error::Broken { what: "the engine", why: edge.to_string() }
}

/// What a plan did, for the live line of the rollout's page.
#[derive(Debug, Default)]
struct Tally {
    enrolled: u32,
    announced: u32,
    moved: u32,
    started: u32,
}

impl Tally {
    const fn count(&mut self, action: &Action) {
        match action {
            Action::Enrol { .. } => self.enrolled += 1,
            Action::Announce { .. } => self.announced += 1,
            Action::Relocate { .. } | Action::Retry { .. } => self.moved += 1,
            Action::Start { .. } => self.started += 1,
            _ => {}
        }
    }

    fn sentence(&self) -> String {
        let counts = [
            (self.enrolled, "enrolled"),
            (self.announced, "announced"),
            (self.moved, "moved"),
            (self.started, "started"),
        ];
        let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if said.is_empty() { "The reasons changed".to_owned() } else { said.join(", ") }
    }
}

//! A plan carried out, through the state machines, each action with its line in the story.

use super::World;
use domain::clockface::{Clockface, UtcClockface};
use domain::ids::UpdateId;
use domain::rollout::words::Names;
use domain::rollout::{Action, Explanation, UpdateFacts, UpdateState};

impl World {
    pub(super) fn apply(&mut self, action: Action) {
        let (clock, now) = (UtcClockface, self.now);
        match action {
            action @ Action::Enrol { .. } => self.enrol(action),
            Action::Announce { update, environment, night, why } => {
                self.note(&format!("{}: announced for {}", self.environment(environment), clock.night(night)));
                self.change(update, why, 0, |state| state.announce(night, now));
            }
            Action::Relocate { update, environment, from, to, reason, why } => {
                let name = self.environment(environment);
                let because = reason.sentence(&clock);
                self.note(&format!("{name}: moved from {} to {}: {because}", clock.night(from), clock.night(to)));
                self.change(update, why, 0, |state| state.relocate(to, reason, now));
            }
            Action::Retry { update, environment, to, why } => {
                self.note(&format!("{}: tried again {}", self.environment(environment), clock.night(to)));
                self.change(update, why, 0, |state| state.retry(to, now));
            }
            Action::Start { update, environment, why } => {
                self.note(&format!("{}: started", self.environment(environment)));
                self.change(update, why, 1, |state| state.start(now));
            }
            Action::Skip { update, environment, reason } => {
                self.note(&format!("{}: skipped: {}", self.environment(environment), reason.sentence(&clock, self)));
                let why = Explanation { reasons: vec![reason.clone()], next: None };
                self.change(update, why, 0, |state| state.skip(reason));
            }
            Action::Hold { update, environment, reason } => {
                self.note(&format!("{}: held: {}", self.environment(environment), reason.sentence(&clock, self)));
                let why = Explanation { reasons: vec![reason.clone()], next: None };
                self.change(update, why, 0, |state| state.hold(reason));
            }
            Action::Satisfy { update, environment, why } => {
                self.note(&format!("{}: already satisfied", self.environment(environment)));
                self.change(update, why, 0, |state| state.satisfy(now));
            }
            Action::EndPull { update, environment, night, before, reason } => {
                let (name, because) = (self.environment(environment), reason.sentence(&clock));
                self.note(&format!("{name}: not taken ahead {}: {because}", clock.night(night)));
                self.change(update, Explanation::default(), 0, |state| state.unpull(before));
            }
            Action::Reopen { update, environment, stage, follows } => {
                self.note(&format!("{}: takes part again", self.environment(environment)));
                let facts = self.facts.environments.iter_mut().find(|e| e.id == environment).unwrap();
                let bound = facts.update.as_mut().unwrap();
                (bound.stage, bound.follows) = (Some(stage), follows);
                self.change(update, Explanation::default(), 0, UpdateState::reopen);
            }
            Action::Explain { update, why } => self.change(update, why, 0, Ok),
            Action::Assign { update, part, early, .. } => {
                let updates = self.facts.environments.iter_mut().filter_map(|environment| environment.update.as_mut());
                let update = updates.into_iter().find(|known| known.id == update).unwrap();
                (update.part, update.early) = (part, early);
            }
            Action::OpenStage { stage } => {
                self.note(&format!("{stage}: opens"));
                let facts = self.facts.stages.iter_mut().find(|known| known.key == stage).unwrap();
                facts.state = facts.state.open(now).unwrap();
            }
            Action::PassStage { stage } => {
                self.note(&format!("{stage}: passes"));
                let facts = self.facts.stages.iter_mut().find(|known| known.key == stage).unwrap();
                facts.state = facts.state.pass(now).unwrap();
            }
            Action::Halt { cause } => self.halt_because(cause),
            Action::Complete => {
                self.note("the rollout is complete");
                self.facts.state = self.facts.state.clone().complete(now).unwrap();
            }
        }
        self.facts.generation += 1;
    }

    fn enrol(&mut self, action: Action) {
        let Action::Enrol { environment, stage, follows, state, why, part, early, .. } = action else { return };
        let id = UpdateId::new(environment.uuid());
        let place = stage.map_or_else(|| "no stage".to_owned(), |stage| stage.to_string());
        let word = state.word().word().to_lowercase();
        self.note(&format!("{}: enrolled, {word}, {place}", self.environment(environment)));
        let (reasons, next) = (why.reasons, why.next);
        let (attempts, failed_at) = (0, None);
        let update =
            UpdateFacts { id, stage, follows, state, attempts, failed_at, reasons, next, part, early, pull: None };
        self.facts.environments.iter_mut().find(|e| e.id == environment).unwrap().update = Some(update);
    }

    fn change(
        &mut self,
        id: UpdateId,
        why: Explanation,
        attempts: u8,
        edge: impl FnOnce(UpdateState) -> Result<UpdateState, domain::rollout::WrongEdge>,
    ) {
        let mut updates = self.facts.environments.iter_mut().filter_map(|environment| environment.update.as_mut());
        let update = updates.find(|update| update.id == id).unwrap();
        let was = update.state.clone();
        update.state = edge(was.clone()).unwrap();
        // Nothing but a start keeps what was booked.
        if attempts == 0 && update.state != was {
            update.pull = None;
        }
        update.attempts += attempts;
        (update.reasons, update.next) = (why.reasons, why.next);
    }
}

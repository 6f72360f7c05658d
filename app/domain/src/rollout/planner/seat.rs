//! One environment on the planner's working sheet: its standing, its stage, whom it follows, and its turn.

use super::board::Turn;
use super::standing::Standing;
use crate::calendar::Night;
use crate::fleet::{Audience, Designation, EnvironmentKind, StageKey, StationNumber};
use crate::pull_ahead::Booked;
use crate::rollout::facts::{EnvironmentFacts, UpdateFacts};
use crate::rollout::report::EnvironmentReason;
use crate::rollout::state::UpdateState;
use crate::wire::signal::UpdateStateWord;

#[derive(Debug)]
pub struct Seat<'a> {
    pub facts: &'a EnvironmentFacts,
    pub standing: Standing,
    /// The stage it counts in, whether or not it takes part.
    pub stage: Option<StageKey>,
    /// Index of the production it moves with.
    pub follows: Option<usize>,
    pub place: u64,
    pub turn: Turn,
}

impl Seat<'_> {
    pub fn state(&self) -> Option<&UpdateState> {
        self.facts.update.as_ref().map(|update| &update.state)
    }

    pub fn word(&self) -> UpdateStateWord {
        self.state().map_or_else(|| self.standing.word(), UpdateState::word)
    }

    /// Opted in early, as far as this rollout goes: a sandbox by the stage that was bound at enrolment, whatever is
    /// designated since; before that, and for production, whose stage says nothing of it, by the designation.
    pub fn early(&self) -> bool {
        let bound = self.facts.update.as_ref().and_then(|update| update.stage);
        match bound.filter(|_| !self.is_production()) {
            Some(stage) => stage == StageKey { station: StationNumber::OPT_IN, audience: Audience::Sandbox },
            None => self.facts.designation == Designation::Early,
        }
    }

    /// Its owner takes it ahead of its night.
    pub fn pulled(&self) -> Option<&Booked> {
        self.facts.update.as_ref().and_then(UpdateFacts::pulled)
    }

    /// The night in which its owner took it ahead, as its region is dark now.
    pub fn night_of_pull(&self) -> Option<Night> {
        let UpdateState::AlreadySatisfied { pulled_at: Some(at), .. } = self.state()? else { return None };
        let hours = self.facts.placement.dark_hours?;
        hours.night(hours.first_date_after(*at))
    }

    /// No further attempt is made after a failure. It stays in the order of things and in the evidence of the gate.
    pub const fn given_up(&self) -> bool {
        matches!(self.standing, Standing::Held(EnvironmentReason::AttemptsUsed { .. }))
    }

    /// Its night is still to come, or to be chosen.
    pub fn is_to_come(&self) -> bool {
        matches!(self.word(), UpdateStateWord::Planned | UpdateStateWord::Announced | UpdateStateWord::Moved)
    }

    /// It neither is updated by this train nor was tried.
    pub fn left_out(&self) -> bool {
        match self.word() {
            // Aboard again, it only has not been reopened yet.
            UpdateStateWord::AlreadySatisfied | UpdateStateWord::Skipped | UpdateStateWord::Held => {
                !self.given_up() && !matches!(self.standing, Standing::Aboard(_))
            }
            _ => false,
        }
    }

    pub fn is_production(&self) -> bool {
        self.facts.kind == EnvironmentKind::Production
    }
}

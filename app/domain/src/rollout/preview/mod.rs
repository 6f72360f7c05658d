//! What a rollout would do from now on: how many environments each stage and night would take, who is left out and why,
//! and what stands in the way. Made by the planner's own board, some estates at a time, so that the preview of a million
//! environments needs no more memory than one of a hundred: what is kept grows with stages, regions and nights only.
//!
//! | part | holds |
//! |---|---|
//! | [`Preview`] | the counts while they are being made; they can be laid aside as JSON and taken up again |
//! | [`left_out`] | who does not take part, by a closed set of reasons |
//! | `queues` | when the last one starts, as far as caps let |
//! | [`conflicts`] | nights over a cap, regions whose night is too short, gaps that push production out |
//! | [`figures`] | the finished plan, as it is kept and shown |
//! | [`difference`] | what one plan has and another has not |

pub mod conflicts;
pub mod difference;
pub mod figures;
pub mod left_out;
mod pairs;
mod queues;

use super::facts::RolloutFacts;
use super::planner::Board;
use super::report::{RolloutReport, StageCounts, StageReport, WaitingOn};
use super::tally::StageTally;
use crate::fleet::StageKey;
use chrono::{DateTime, NaiveDate, Utc};
use conflicts::Tensions;
pub use conflicts::{Conflict, Crowd};
pub use difference::{PlanDifference, StageDifference};
pub use figures::{PlanFigures, StageFigures};
pub use left_out::{LeftOut, Listed, listed};
use queues::Queues;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preview {
    #[serde(with = "pairs")]
    pub counts: BTreeMap<StageKey, StageCounts>,
    pub unplaced: StageCounts,
    /// Environments that a stage would take on the night of a published date.
    #[serde(with = "pairs")]
    pub nights: BTreeMap<(StageKey, NaiveDate), u32>,
    /// When the last of these nights starts, whatever room it has.
    pub last_night: Option<DateTime<Utc>>,
    #[serde(with = "pairs")]
    left_out: BTreeMap<(Option<StageKey>, LeftOut), u32>,
    tensions: Tensions,
    #[serde(default)]
    queues: Queues,
}

impl Preview {
    /// Adds the estates of these facts.
    pub fn add(&mut self, facts: &RolloutFacts, now: DateTime<Utc>) {
        let board = Board::new(facts, now);
        for (i, seat) in board.seats.iter().enumerate() {
            let counts = match seat.stage {
                Some(stage) => self.counts.entry(stage).or_default(),
                None => &mut self.unplaced,
            };
            counts.add(seat.word());
            if let Some(why) = LeftOut::of(seat) {
                *self.left_out.entry((seat.stage, why)).or_default() += 1;
            }
            if let (Some(stage), Some(night), false) = (seat.stage, seat.turn.night, seat.left_out()) {
                *self.nights.entry((stage, night.date)).or_default() += 1;
                self.last_night = self.last_night.max(Some(night.start));
            }
            self.tensions.add(&board, i);
            self.queues.add(&board, seat);
        }
        self.tensions.close(facts.policy.caps);
        self.queues.close(facts);
    }

    /// When the last night starts, with those that caps put off.
    pub fn last_night_with_caps(&self, facts: &RolloutFacts) -> Option<DateTime<Utc>> {
        self.last_night.max(self.queues.last(facts))
    }

    /// The report of a rollout that is not started.
    pub fn report(&self, facts: &RolloutFacts, now: DateTime<Utc>) -> RolloutReport {
        let stages = facts.stages.iter().map(|stage| StageReport {
            stage: stage.key,
            window: stage.window,
            state: stage.state,
            counts: self.counts.get(&stage.key).copied().unwrap_or_default(),
            gate: facts.policy.gate.judge(&StageTally::default().evidence, now),
            waiting: vec![WaitingOn::NotStarted],
            next: None,
        });
        let last_night_at = self.last_night_with_caps(facts);
        RolloutReport { stages: stages.collect(), unplaced: self.unplaced, last_night_at }
    }
}

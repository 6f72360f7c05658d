//! What a rollout would do if it were started now: how many environments each stage and night would take. Made by the
//! planner's own board, estate by estate, so that a preview of a million environments needs no more memory than one.

use super::facts::RolloutFacts;
use super::planner::Board;
use super::report::{RolloutReport, StageCounts, StageReport, WaitingOn};
use super::tally::StageTally;
use crate::fleet::StageKey;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    pub counts: BTreeMap<StageKey, StageCounts>,
    pub unplaced: StageCounts,
    /// Environments that a stage would take on the night of a published date.
    pub nights: BTreeMap<(StageKey, NaiveDate), u32>,
    /// When the last of these nights starts.
    pub last_night: Option<DateTime<Utc>>,
}

impl Preview {
    /// Adds the estates of these facts.
    pub fn add(&mut self, facts: &RolloutFacts, now: DateTime<Utc>) {
        let board = Board::new(facts, now);
        for seat in &board.seats {
            let counts = match seat.stage {
                Some(stage) => self.counts.entry(stage).or_default(),
                None => &mut self.unplaced,
            };
            counts.add(seat.word());
            if let (Some(stage), Some(night), false) = (seat.stage, seat.turn.night, seat.left_out()) {
                *self.nights.entry((stage, night.date)).or_default() += 1;
                self.last_night = self.last_night.max(Some(night.start));
            }
        }
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
        RolloutReport { stages: stages.collect(), unplaced: self.unplaced, last_night_at: self.last_night }
    }
}

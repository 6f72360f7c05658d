//! What a listening system says: the same of every environment in every hour, from an instant on.

use super::World;
use chrono::{DateTime, Utc};
use domain::fleet::StageKey;
use domain::health::{Hour, StageHour, StageTelemetry, TelemetryPolicy};
use domain::rollout::UpdateState;

impl World {
    pub const fn listen(&mut self) {
        self.facts.policy.gate.telemetry = Some(TelemetryPolicy::DEFAULT);
    }

    pub fn hears(&mut self, usage: u64, errors: u64) {
        self.heard.push((self.now, usage, errors));
        self.note(&format!("from now on {errors} of {usage} requests fail in each updated environment, hour by hour"));
    }

    pub(super) fn telemetry(&self, stage: StageKey) -> Option<StageTelemetry> {
        self.facts.policy.gate.telemetry?;
        let finished = |state: &UpdateState| match state {
            UpdateState::Succeeded { finished_at, .. } => Some(*finished_at),
            _ => None,
        };
        let states = self.stage_of(stage).filter_map(|e| e.update.as_ref()).map(|update| &update.state);
        let updated: Vec<DateTime<Utc>> = states.filter_map(finished).collect();
        let mut hour = Hour::from(*updated.iter().min()?);
        let mut hours = Vec::new();
        while hour < Hour::of(self.now) {
            let ran = updated.iter().filter(|at| **at <= hour.start()).count();
            let said = self.heard.iter().rev().find(|(since, ..)| *since <= hour.start());
            let (usage, errors) = said.map_or((0, 0), |(_, usage, errors)| (*usage, *errors));
            let (expected, each) = (u32::try_from(ran).unwrap(), ran as u64);
            let reporting = if said.is_some() { expected } else { 0 };
            let (usage, errors) = (usage * each, errors * each);
            hours.push(StageHour { hour, expected, reporting, usage, baseline: 0, errors });
            hour = hour.plus(1);
        }
        Some(StageTelemetry { hours })
    }
}

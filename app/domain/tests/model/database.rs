//! What the database holds, and the facts that the store would load from it. Not here: generations and the lease, of
//! which only "unchanged since" matters; the machine keeps that.

use crate::scene::Scene;
use chrono::{DateTime, Utc};
use domain::fleet::{StageKey, StationNumber};
use domain::rollout::halt::Halt;
use domain::rollout::{
    Approval, Counted, InFlight, Part, Reports, RolloutFacts, RolloutState, StageState, StageTally, UpdateFacts,
    UpdateState,
};

/// An update as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub facts: UpdateFacts,
    /// Claimed for the deployer; known only while it runs.
    pub dispatched: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    pub rollout: RolloutState,
    pub build_halted: Option<String>,
    pub stages: Vec<StageState>,
    pub approvals: Vec<(StationNumber, Approval)>,
    /// Those that stand.
    pub halts: Vec<Halt>,
    /// One for each environment of the fleet, from its enrolment on.
    pub updates: Vec<Option<Row>>,
}

impl Database {
    pub fn new(scene: &Scene) -> Self {
        Self {
            rollout: RolloutState::Draft,
            build_halted: None,
            stages: scene.frame.stages.iter().map(|stage| stage.state).collect(),
            approvals: Vec::new(),
            halts: Vec::new(),
            updates: vec![None; scene.frame.environments.len()],
        }
    }

    pub fn resumed_at(&self) -> Option<DateTime<Utc>> {
        match self.rollout {
            RolloutState::Running { resumed_at, .. } => resumed_at,
            _ => None,
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.updates.iter().flatten()
    }

    pub fn running(&self, environment: usize) -> Option<&Row> {
        self.updates[environment].as_ref().filter(|row| row.facts.state.is_running())
    }

    fn of_stage(&self, stage: StageKey) -> Vec<&UpdateFacts> {
        self.rows().map(|row| &row.facts).filter(|facts| facts.stage == Some(stage)).collect()
    }

    /// Every estate is looked at, as with `Reach::Everyone` of the store.
    pub fn facts(&self, scene: &Scene) -> RolloutFacts {
        let mut facts = scene.frame.clone();
        facts.state = self.rollout.clone();
        facts.build_halted.clone_from(&self.build_halted);
        facts.approvals.clone_from(&self.approvals);
        facts.halts.clone_from(&self.halts);
        for (environment, row) in facts.environments.iter_mut().zip(&self.updates) {
            environment.update = row.as_ref().map(|row| row.facts.clone());
            if let Some(UpdateState::Succeeded { .. }) = environment.update.as_ref().map(|update| &update.state) {
                environment.build = facts.build;
            }
        }
        let mut reports = Reports::default();
        for (i, state) in self.stages.iter().enumerate() {
            let key = facts.stages[i].key;
            let own;
            (facts.stages[i].tally, own) = self.tally(scene, key);
            facts.stages[i].state = *state;
            // Of the region, whoever is enrolled.
            let hours = facts.environments[0].placement.dark_hours;
            facts.stages[i].first_night =
                hours.and_then(|hours| hours.night(facts.stages[i].window.first)).map(|night| night.start);
            reports.add(&own);
        }
        facts.reports = reports.counts();
        let in_flight = facts.environments.iter().filter_map(|environment| {
            let update = environment.update.as_ref().filter(|update| update.state.is_running())?;
            Some(InFlight {
                environment: environment.id,
                customer: environment.customer,
                region: environment.placement.region.clone(),
                station: update.stage.map(|stage| stage.station),
                own: true,
            })
        });
        facts.in_flight = in_flight.collect();
        facts
    }

    fn tally(&self, scene: &Scene, stage: StageKey) -> (StageTally, Reports) {
        let updates = self.of_stage(stage);
        let (policy, resumed_at) = (&scene.frame.policy, self.resumed_at());
        let (mut tally, reports) = StageTally::new(&Counted::of(&updates, resumed_at), policy, resumed_at);
        let is_due = updates.iter().any(|update| update.part == Part::Due);
        let part = if is_due { Part::Due } else { Part::Later };
        let mut finished: Vec<_> =
            updates.iter().filter(|update| update.part == part).filter_map(|update| succeeded_at(update)).collect();
        finished.sort_unstable();
        let needed = policy.gate.needed(tally.evidence.due, tally.evidence.accepted) as usize;
        tally.evidence.needed_success_at = needed.checked_sub(1).and_then(|last| finished.get(last).copied());
        (tally, reports)
    }
}

pub fn succeeded_at(update: &UpdateFacts) -> Option<DateTime<Utc>> {
    match update.state {
        UpdateState::Succeeded { finished_at, .. } => Some(finished_at),
        _ => None,
    }
}

//! A finished plan as it is kept and shown: small whatever the fleet, and compared with the one before.

use super::{Conflict, LeftOut, Preview};
use crate::calendar::StageWindow;
use crate::fleet::StageKey;
use crate::rollout::facts::RolloutFacts;
use crate::rollout::harm::harmed_at_most;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFigures {
    pub stage: StageKey,
    pub window: StageWindow,
    pub percent: u8,
    /// Those that are, or would be, aboard.
    pub aboard: u32,
    pub left_out: u32,
    /// By the worst build, before its gate halts (invariant I17); `None` in plans made before it was worked out.
    #[serde(default)]
    pub harmed_at_most: Option<u32>,
    /// Environments by the published date of their night.
    pub nights: Vec<(NaiveDate, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanFigures {
    pub stages: Vec<StageFigures>,
    /// Over all stages, and those without one.
    pub left_out: Vec<(LeftOut, u32)>,
    pub conflicts: Vec<Conflict>,
    /// When the last night starts, with those that caps put off.
    pub last_night: Option<DateTime<Utc>>,
}

impl PlanFigures {
    pub fn aboard(&self) -> u32 {
        self.stages.iter().map(|stage| stage.aboard).sum()
    }

    pub fn skipped(&self) -> u32 {
        self.left_out.iter().map(|(_, environments)| environments).sum()
    }
}

impl Preview {
    /// The figures, once every estate was added.
    pub fn figures(&self, facts: &RolloutFacts) -> PlanFigures {
        let mut left_out: BTreeMap<LeftOut, u32> = BTreeMap::new();
        let mut of_stage: BTreeMap<StageKey, u32> = BTreeMap::new();
        for ((stage, why), environments) in &self.left_out {
            *left_out.entry(*why).or_default() += environments;
            if let Some(stage) = stage {
                *of_stage.entry(*stage).or_default() += environments;
            }
        }
        let stages = facts.stages.iter().map(|stage| {
            let out = of_stage.get(&stage.key).copied().unwrap_or(0);
            let total = self.counts.get(&stage.key).map_or(0, |counts| counts.total);
            let nights = self.nights.iter().filter(|((of, _), _)| *of == stage.key);
            let aboard = total.saturating_sub(out);
            let stages = u16::try_from(facts.stages.len()).unwrap_or(u16::MAX);
            StageFigures {
                stage: stage.key,
                window: stage.window,
                percent: facts.policy.percent(stage.key),
                aboard,
                left_out: out,
                harmed_at_most: Some(harmed_at_most(&facts.policy, stages, aboard)),
                nights: nights.map(|((_, date), environments)| (*date, *environments)).collect(),
            }
        });
        PlanFigures {
            stages: stages.collect(),
            left_out: left_out.into_iter().collect(),
            conflicts: self.tensions.conflicts(facts.policy.caps, facts.policy.declared_minutes),
            last_night: self.last_night_with_caps(facts),
        }
    }
}

//! The menu: every path in the order to look at them, open or closed with all that closes it, and whom it reaches.

use super::RecoveryPath;
use super::facts::RecoveryFacts;
use super::obstacle::Obstacle;
use crate::severity::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Environments that run the bad build, as far as a path reaches them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reach {
    pub stricken: u32,
    pub reached: u32,
    /// What leaves environments out, and how many each. One may be left out by several.
    pub left_out: Vec<(Obstacle, u32)>,
    /// Of those reached: they start from a restore point, and what was written since is lost.
    pub data_lost: u32,
}

/// Why a path has its place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    NothingMoves,
    KeepsOtherFixes,
    NeedsNoNewerBuild,
    TakesFixesBack,
    NewInfrastructure,
}

/// One line of the menu. Open where no obstacle is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub path: RecoveryPath,
    pub obstacles: Vec<Obstacle>,
    pub reach: Reach,
    pub because: Preference,
}

impl Choice {
    pub const fn open(&self) -> bool {
        self.obstacles.is_empty()
    }
}

/// All four, open ones first. Flights first, as nothing moves; then, from high severity on, back before forward: "if an
/// incident begins at a change, roll back first" (domain.md §9.3), below that forward, which keeps the other fixes. New
/// infrastructure is last.
pub fn menu(facts: &RecoveryFacts) -> [Choice; 4] {
    let urgent = facts.severity >= Severity::High;
    let rank = |choice: &Choice| {
        let place = match choice.path {
            RecoveryPath::FallBackByFlight => 0,
            RecoveryPath::RollForward => 1 + u8::from(urgent),
            RecoveryPath::RollBack => 2 - u8::from(urgent),
            RecoveryPath::RedeployLastKnownGood => 3,
        };
        (!choice.open(), place)
    };
    let mut choices = RecoveryPath::ALL.map(|path| choice(facts, path, urgent));
    choices.sort_by_key(rank);
    choices
}

fn choice(facts: &RecoveryFacts, path: RecoveryPath, urgent: bool) -> Choice {
    let reach = reach(facts, path);
    let mut obstacles = facts.obstacles(path);
    if reach.stricken > 0 && reach.reached == 0 {
        obstacles.extend(reach.left_out.iter().map(|(obstacle, _)| obstacle.clone()));
    }
    let because = match path {
        RecoveryPath::FallBackByFlight => Preference::NothingMoves,
        RecoveryPath::RollForward => Preference::KeepsOtherFixes,
        RecoveryPath::RollBack if urgent => Preference::NeedsNoNewerBuild,
        RecoveryPath::RollBack => Preference::TakesFixesBack,
        RecoveryPath::RedeployLastKnownGood => Preference::NewInfrastructure,
    };
    Choice { path, obstacles, reach, because }
}

fn reach(facts: &RecoveryFacts, path: RecoveryPath) -> Reach {
    let mut reach = Reach::default();
    let mut left_out: BTreeMap<Obstacle, u32> = BTreeMap::new();
    for one in &facts.stricken {
        reach.stricken += 1;
        let obstacles = facts.obstacles_of(path, one);
        if obstacles.is_empty() {
            reach.reached += 1;
            reach.data_lost += u32::from(facts.restores(path, one).is_some());
        }
        for obstacle in obstacles {
            *left_out.entry(obstacle).or_default() += 1;
        }
    }
    reach.left_out = left_out.into_iter().collect();
    reach
}

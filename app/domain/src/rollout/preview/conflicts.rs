//! What stands in the way of a plan. A night has room for so many updates as its cap lets run at once, one after the
//! other, each as long as it is declared: more that are due wait for the next night (rule C1). Updates that take less
//! time than declared leave more room, so this is the night that is sure to hold them.

use super::super::planner::{Board, Standing};
use super::pairs;
use crate::calendar::{MaintenanceDays, Night};
use crate::clockface::Clockface;
use crate::fleet::{StageKey, StationNumber};
use crate::ids::CustomerId;
use crate::number::{counted, grouped};
use crate::rollout::facts::RolloutCaps;
use crate::rollout::report::EnvironmentReason;
use crate::wire::signal::Aspect;
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose cap it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Crowd {
    Rollout,
    Station { station: StationNumber },
    Region { region: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub enum Conflict {
    OverCap {
        crowd: Crowd,
        night: NaiveDate,
        environments: u32,
        room: u32,
    },
    CustomersOverCap {
        night: NaiveDate,
        customers: u32,
        cap: u32,
    },
    /// The dark hours of the region are shorter than an update may take: none starts there.
    NightTooShort {
        region: String,
        environments: u32,
        minutes: u16,
    },
    /// Production whose own sandbox goes so late that the gap leaves no night of the window (rule G3).
    GapPushesOut {
        stage: StageKey,
        environments: u32,
    },
    /// It would have had another night but for a freeze.
    Frozen {
        stage: StageKey,
        environments: u32,
    },
    NoNight {
        stage: StageKey,
        environments: u32,
    },
}

impl Conflict {
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        let due = |n: u32| counted(n.into(), "environment is", "environments are");
        let environments = |n: u32| counted(n.into(), "environment", "environments");
        match self {
            Self::OverCap { crowd, night, environments: n, room } => {
                let whose = match crowd {
                    Crowd::Rollout => "the rollout's".to_owned(),
                    Crowd::Station { station } => format!("station {station}'s"),
                    Crowd::Region { region } => format!("{region}'s"),
                };
                let (night, room) = (clock.date(*night), grouped((*room).into()));
                format!("{night}: {} due, {whose} cap surely takes {room}; the rest takes later nights", due(*n))
            }
            Self::CustomersOverCap { night, customers, cap } => format!(
                "{}: {} due than the cap of {cap} at once for one customer surely takes in the night",
                clock.date(*night),
                counted((*customers).into(), "customer has more", "customers have more"),
            ),
            Self::NightTooShort { region, environments: n, minutes } => {
                format!(
                    "{region}: the night is shorter than the {minutes} minutes an update may take; {}",
                    counted((*n).into(), "environment waits", "environments wait")
                )
            }
            Self::GapPushesOut { stage, environments: n } => {
                format!("{stage}: the gap to the sandbox pushes {} out of the window", environments(*n))
            }
            Self::Frozen { stage, environments: n } => {
                format!("{stage}: a freeze moves {} to another night", environments(*n))
            }
            Self::NoNight { stage, environments: n } => {
                format!("{stage}: no night allows {} within a year", environments(*n))
            }
        }
    }

    /// What never happens is red; what happens later is not.
    pub const fn aspect(&self) -> Aspect {
        match self {
            Self::NightTooShort { .. } | Self::NoNight { .. } => Aspect::Stop,
            Self::OverCap { .. } | Self::CustomersOverCap { .. } | Self::GapPushesOut { .. } | Self::Frozen { .. } => {
                Aspect::Caution
            }
        }
    }
}

/// How many are due in one night, and how many follow one another in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Load {
    environments: u32,
    turns: u32,
}

/// The counts behind the conflicts, while they are being made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Tensions {
    #[serde(with = "pairs")]
    loads: BTreeMap<(Crowd, NaiveDate), Load>,
    #[serde(with = "pairs")]
    customers: BTreeMap<NaiveDate, u32>,
    short: BTreeMap<String, u32>,
    #[serde(with = "pairs")]
    pushed: BTreeMap<StageKey, u32>,
    #[serde(with = "pairs")]
    frozen: BTreeMap<StageKey, u32>,
    #[serde(with = "pairs")]
    no_night: BTreeMap<StageKey, u32>,
    /// Of the estates that are being added; estates come whole.
    #[serde(skip)]
    of_customers: BTreeMap<(CustomerId, NaiveDate), Load>,
}

impl Tensions {
    pub fn add(&mut self, board: &Board<'_>, i: usize) {
        let seat = &board.seats[i];
        if let Standing::Held(EnvironmentReason::NightTooShort { region, .. }) = &seat.standing
            && seat.left_out()
        {
            *self.short.entry(region.clone()).or_default() += 1;
            return;
        }
        let (Some(stage), true, false) = (seat.stage, seat.is_to_come(), seat.left_out()) else { return };
        let Some(night) = seat.turn.night else {
            *self.no_night.entry(stage).or_default() += 1;
            return;
        };
        let turns = turns(night, board.declared);
        let region = &seat.facts.placement.region_name;
        let station = Crowd::Station { station: stage.station };
        for crowd in [Crowd::Rollout, station, Crowd::Region { region: region.clone() }] {
            note(self.loads.entry((crowd, night.date)).or_default(), turns);
        }
        note(self.of_customers.entry((seat.facts.customer, night.date)).or_default(), turns);
        let is_frozen =
            |reason: &_| matches!(reason, EnvironmentReason::Frozen { .. } | EnvironmentReason::NightFrozen { .. });
        if seat.turn.reasons.iter().any(is_frozen) {
            *self.frozen.entry(stage).or_default() += 1;
        }
        let last = board.nights(seat).and_then(|nights| nights.last_in_window());
        let chosen = matches!(board.rules.days(seat.facts), MaintenanceDays::Chosen(_));
        let pushed = seat.turn.gap.zip(last).is_some_and(|(sandbox, last)| sandbox.start + board.gap > last.start);
        if pushed && !chosen && night.date > board.window(stage).map_or(night.date, |window| window.last) {
            *self.pushed.entry(stage).or_default() += 1;
        }
    }

    /// The estates that were added are whole: what is known of single customers is summed up.
    pub fn close(&mut self, caps: RolloutCaps) {
        for ((_, night), load) in std::mem::take(&mut self.of_customers) {
            if load.environments > room(caps.customer, load) {
                *self.customers.entry(night).or_default() += 1;
            }
        }
    }

    pub fn conflicts(&self, caps: RolloutCaps, minutes: u16) -> Vec<Conflict> {
        let by_stage = |counts: &BTreeMap<StageKey, u32>, make: fn(StageKey, u32) -> Conflict| -> Vec<Conflict> {
            counts.iter().map(|(stage, environments)| make(*stage, *environments)).collect()
        };
        let short = self.short.iter().map(|(region, environments)| Conflict::NightTooShort {
            region: region.clone(),
            environments: *environments,
            minutes,
        });
        let over = self.loads.iter().filter_map(|((crowd, night), load)| {
            let cap = match crowd {
                Crowd::Rollout => caps.rollout,
                Crowd::Station { .. } => caps.station,
                Crowd::Region { .. } => caps.region,
            };
            let (environments, room) = (load.environments, room(cap, *load));
            let conflict = || Conflict::OverCap { crowd: crowd.clone(), night: *night, environments, room };
            (environments > room).then(conflict)
        });
        let customers = self.customers.iter().map(|(night, customers)| Conflict::CustomersOverCap {
            night: *night,
            customers: *customers,
            cap: caps.customer,
        });
        let mut found = by_stage(&self.no_night, |stage, environments| Conflict::NoNight { stage, environments });
        found.extend(short);
        found.extend(by_stage(&self.pushed, |stage, environments| Conflict::GapPushesOut { stage, environments }));
        found.extend(by_stage(&self.frozen, |stage, environments| Conflict::Frozen { stage, environments }));
        found.extend(over);
        found.extend(customers);
        found
    }
}

fn note(load: &mut Load, turns: u32) {
    load.environments += 1;
    load.turns = load.turns.max(turns);
}

const fn room(cap: u32, load: Load) -> u32 {
    cap.saturating_mul(load.turns)
}

/// How many updates follow one another in a night, each as long as it is declared.
pub(super) fn turns(night: Night, declared: TimeDelta) -> u32 {
    let turns = (night.end - night.start).num_minutes() / declared.num_minutes().max(1);
    u32::try_from(turns).unwrap_or(0)
}

//! What is in force just now. A path that is not approved, has expired or has ended shortens nothing and overrides no
//! freeze, whatever its record still says: the clock decides, not the background job that writes `Expired`.

use super::request::EmergencyPolicy;
use super::{EmergencyPath, EmergencyState};
use crate::ids::FreezeId;
use crate::rollout::RolloutPolicy;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How long is waited, and for how much. Usual or shortened. How much harm a gate lets through is not here, as it never
/// changes. Hours are real hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    pub bake_hours: u16,
    pub covered_hours: u16,
    pub samples: u32,
    pub notice_hours: u16,
    /// Rule G3.
    pub gap_days: u16,
    /// Neither the published windows nor the days of the week are waited for; dark hours are.
    pub any_night: bool,
}

impl Pace {
    /// Covered hours are the bake itself, where telemetry is looked at; without it there is nothing to cover or count.
    pub fn usual(policy: &RolloutPolicy) -> Self {
        let bake_hours = policy.gate.bake_hours;
        let (covered_hours, samples) =
            policy.gate.telemetry.map_or((0, 0), |telemetry| (bake_hours, telemetry.samples_min));
        let notice_hours = policy.notice_days.saturating_mul(24);
        Self { bake_hours, covered_hours, samples, notice_hours, gap_days: policy.min_gap_days, any_night: false }
    }

    /// Gate and gap of a rollout at this pace. With telemetry the bake counts covered hours, so the longer of the two
    /// holds.
    pub fn apply(self, policy: &mut RolloutPolicy) {
        policy.min_gap_days = self.gap_days;
        policy.gate.bake_hours = self.bake_hours.max(self.covered_hours);
        if let Some(telemetry) = &mut policy.gate.telemetry {
            telemetry.samples_min = self.samples;
        }
    }
}

/// The path of a rollout and the policy that bounds it, as the planner is told of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    pub path: EmergencyPath,
    pub policy: EmergencyPolicy,
}

pub fn in_force(path: &EmergencyPath, now: DateTime<Utc>) -> bool {
    matches!(&path.state, EmergencyState::Active { used } if used.since <= now && now < used.until)
}

/// Whether neither published windows nor days are waited for just now.
pub fn any_night(path: &EmergencyPath, now: DateTime<Utc>) -> bool {
    in_force(path, now) && path.request.shortening.any_night
}

/// The freezes that do not hold just now, by name; none where the path is not in force.
pub fn overridden(path: &EmergencyPath, now: DateTime<Utc>) -> &[FreezeId] {
    if in_force(path, now) { &path.request.overrides } else { &[] }
}

/// What a rollout waits for under this path: never longer than usual, never below the policy's least, and never nothing
/// where usually there is something. The policy is asked again, so that a stricter one holds at once.
///
/// Covered hours that nobody asks for are the bake, as usual: shortened with it, for the longer of the two holds.
pub fn shortened(usual: Pace, path: &EmergencyPath, policy: &EmergencyPolicy, now: DateTime<Utc>) -> Pace {
    if !in_force(path, now) {
        return usual;
    }
    let wish = &path.request.shortening;
    let number =
        |usual: u16, wish: Option<u16>, least: u16| wish.map_or(usual, |wish| wish.max(least).max(1).min(usual));
    Pace {
        bake_hours: number(usual.bake_hours, wish.bake_hours, policy.bake_hours_min),
        covered_hours: number(usual.covered_hours, wish.covered_hours.or(wish.bake_hours), policy.covered_hours_min),
        samples: wish.samples.map_or(usual.samples, |wish| wish.max(policy.samples_min).max(1).min(usual.samples)),
        notice_hours: number(usual.notice_hours, wish.notice_hours, policy.notice_hours_min),
        gap_days: number(usual.gap_days, wish.gap_days, policy.gap_days_min),
        any_night: usual.any_night || wish.any_night,
    }
}

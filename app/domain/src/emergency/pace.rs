//! What is in force just now. A path that is not approved, has expired or has ended shortens nothing and overrides no
//! freeze, whatever its record still says: the clock decides, not the background job that writes `Expired`.

use super::request::EmergencyPolicy;
use super::{EmergencyPath, EmergencyState};
use crate::ids::FreezeId;
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
}

pub fn in_force(path: &EmergencyPath, now: DateTime<Utc>) -> bool {
    matches!(&path.state, EmergencyState::Active { used } if used.since <= now && now < used.until)
}

/// The freezes that do not hold just now, by name; none where the path is not in force.
pub fn overridden(path: &EmergencyPath, now: DateTime<Utc>) -> &[FreezeId] {
    if in_force(path, now) { &path.request.overrides } else { &[] }
}

/// What a rollout waits for under this path: never longer than usual, never below the policy's least, and never nothing
/// where usually there is something. The policy is asked again, so that a stricter one holds at once.
pub fn shortened(usual: Pace, path: &EmergencyPath, policy: &EmergencyPolicy, now: DateTime<Utc>) -> Pace {
    if !in_force(path, now) {
        return usual;
    }
    let wish = &path.request.shortening;
    let hours =
        |usual: u16, wish: Option<u16>, least: u16| wish.map_or(usual, |wish| wish.max(least).max(1).min(usual));
    Pace {
        bake_hours: hours(usual.bake_hours, wish.bake_hours, policy.bake_hours_min),
        covered_hours: hours(usual.covered_hours, wish.covered_hours, policy.covered_hours_min),
        samples: wish.samples.map_or(usual.samples, |wish| wish.max(policy.samples_min).max(1).min(usual.samples)),
        notice_hours: hours(usual.notice_hours, wish.notice_hours, policy.notice_hours_min),
    }
}

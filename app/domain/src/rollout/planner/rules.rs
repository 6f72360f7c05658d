//! What holds just now: the policy, the notice, the windows, the days and the freezes, shortened or overridden where an
//! emergency path is in force (rule E1, invariant I18). Shortened, never dropped; how much harm a gate lets through never
//! changes. Everything else, halts above all, is as usual.

use super::forward;
use crate::calendar::{MaintenanceDays, StageWindow};
use crate::emergency::{Pace, in_force, overridden, shortened};
use crate::fleet::StageKey;
use crate::freeze::Freezes;
use crate::rollout::facts::{EnvironmentFacts, RolloutFacts, RolloutPolicy};
use chrono::{DateTime, TimeDelta, Utc};
use std::borrow::Cow;
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Rules<'a> {
    pub policy: RolloutPolicy,
    /// Rule N1.
    pub notice: TimeDelta,
    /// Nights are told so long ahead. Where they follow what is still to come, no sooner than they have to be.
    pub ahead: TimeDelta,
    pub freezes: Cow<'a, Freezes>,
    /// The published ones, or those of an emergency path.
    pub windows: HashMap<StageKey, StageWindow>,
    pub quick: Option<Quick>,
    /// When these rules end by themselves.
    pub until: Option<DateTime<Utc>>,
}

/// Nights come earlier than usual, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quick {
    /// Customers are told only so long ahead.
    pub notice_hours: Option<u16>,
    pub any_night: bool,
    pub why: String,
}

impl<'a> Rules<'a> {
    pub fn of(facts: &'a RolloutFacts, now: DateTime<Utc>) -> Self {
        let usual = Self {
            policy: facts.policy,
            notice: TimeDelta::days(facts.policy.notice_days.into()),
            ahead: TimeDelta::days(facts.policy.ahead_days().into()),
            freezes: Cow::Borrowed(&facts.freezes),
            windows: facts.stages.iter().map(|stage| (stage.key, stage.window)).collect(),
            quick: None,
            until: None,
        };
        let emergency = facts.emergency.as_ref().filter(|emergency| in_force(&emergency.path, now));
        let Some((emergency, used)) = emergency.and_then(|emergency| Some((emergency, emergency.path.state.used()?)))
        else {
            return usual;
        };
        let pace = Pace::usual(&facts.policy);
        let quick = shortened(pace, &emergency.path, &emergency.policy, now);
        let mut policy = facts.policy;
        quick.apply(&mut policy);
        let why = emergency.path.request.criterion.word().to_owned();
        let notice_hours = (quick.notice_hours < pace.notice_hours).then_some(quick.notice_hours);
        let is_quick = notice_hours.is_some() || quick.any_night || quick.gap_days < pace.gap_days;
        let notice = TimeDelta::hours(quick.notice_hours.into());
        let (windows, ahead) = if quick.any_night {
            (forward::windows(facts, used.since, quick, now), notice + TimeDelta::days(1))
        } else {
            (usual.windows, usual.ahead)
        };
        Self {
            policy,
            notice,
            ahead,
            freezes: Cow::Owned(facts.freezes.without(overridden(&emergency.path, now))),
            windows,
            quick: is_quick.then_some(Quick { notice_hours, any_night: quick.any_night, why }),
            until: Some(used.until),
        }
    }

    pub fn any_night(&self) -> Option<&Quick> {
        self.quick.as_ref().filter(|quick| quick.any_night)
    }

    /// Rule G4.
    pub fn days(&self, environment: &EnvironmentFacts) -> MaintenanceDays {
        if self.any_night().is_some() { MaintenanceDays::AnyNight } else { environment.days }
    }
}

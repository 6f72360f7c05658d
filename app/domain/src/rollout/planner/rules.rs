//! What holds just now: the policy, the notice and the freezes, shortened or overridden where an emergency path is in
//! force (rule E1, invariant I18). Shortened, never dropped; how much harm a gate lets through never changes. Everything
//! else, halts above all, is as usual.

use crate::emergency::{Pace, in_force, overridden, shortened};
use crate::freeze::Freezes;
use crate::rollout::facts::{RolloutFacts, RolloutPolicy};
use chrono::{DateTime, TimeDelta, Utc};
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub struct Rules<'a> {
    pub policy: RolloutPolicy,
    /// Rule N1.
    pub notice: TimeDelta,
    pub freezes: Cow<'a, Freezes>,
    pub short_notice: Option<ShortNotice>,
    /// When these rules end by themselves.
    pub until: Option<DateTime<Utc>>,
}

/// Customers are told later than usual, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortNotice {
    pub hours: u16,
    pub why: String,
}

impl<'a> Rules<'a> {
    pub fn of(facts: &'a RolloutFacts, now: DateTime<Utc>) -> Self {
        let usual = Self {
            policy: facts.policy,
            notice: TimeDelta::days(facts.policy.notice_days.into()),
            freezes: Cow::Borrowed(&facts.freezes),
            short_notice: None,
            until: None,
        };
        let Some(emergency) = facts.emergency.as_ref().filter(|emergency| in_force(&emergency.path, now)) else {
            return usual;
        };
        let pace = Pace::usual(&facts.policy);
        let quick = shortened(pace, &emergency.path, &emergency.policy, now);
        let mut policy = facts.policy;
        quick.apply(&mut policy);
        let why = emergency.path.request.criterion.word().to_owned();
        let short = quick.notice_hours < pace.notice_hours;
        Self {
            policy,
            notice: TimeDelta::hours(quick.notice_hours.into()),
            freezes: Cow::Owned(facts.freezes.without(overridden(&emergency.path, now))),
            short_notice: short.then_some(ShortNotice { hours: quick.notice_hours, why }),
            until: emergency.path.state.used().map(|used| used.until),
        }
    }
}

//! How many take part (rule C1): a percentage for each station and audience. What has no percentage of its own takes that
//! of its audience. The share is chosen by a stable hash (`planner::share`), so whoever is in at 10 % is in at 25 %.
//! Before the start a percentage may be anything; while the train runs it is only raised: nobody who was told of a night
//! is put out again. An edit changes what was approved, and so voids the approvals (rule A1).

use super::facts::RolloutPolicy;
use crate::fleet::{Audience, StageKey, StationNumber};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub const PERCENT_MAX: u8 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RampRow {
    #[serde(flatten)]
    pub stage: StageKey,
    pub percent: u8,
}

/// The percentages that differ from those of their audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<RampRow>", into = "Vec<RampRow>")]
pub struct Ramp([[Option<u8>; 2]; StationNumber::MAX.0 as usize]);

/// For whom a percentage is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RampScope {
    /// Every station; what stations had of their own is dropped.
    Audience(Audience),
    Stage(StageKey),
}

impl RampScope {
    /// The form used in forms: `sandbox`, `4-sandbox`.
    pub fn key(self) -> String {
        match self {
            Self::Audience(audience) => key(audience).to_owned(),
            Self::Stage(StageKey { station, audience }) => format!("{station}-{}", key(audience)),
        }
    }

    pub fn from_key(text: &str) -> Option<Self> {
        let audience = |word: &str| [Audience::Sandbox, Audience::Production].into_iter().find(|a| key(*a) == word);
        match text.split_once('-') {
            None => audience(text).map(Self::Audience),
            Some((station, word)) => {
                let station = StationNumber(station.parse().ok()?);
                Some(Self::Stage(StageKey { station, audience: audience(word)? }))
            }
        }
    }

    /// `all sandboxes`, `Station 4 · Sandbox`
    pub fn whom(self) -> String {
        match self {
            Self::Audience(Audience::Sandbox) => "all sandboxes".to_owned(),
            Self::Audience(Audience::Production) => "all production environments".to_owned(),
            Self::Stage(stage) => stage.to_string(),
        }
    }
}

const fn key(audience: Audience) -> &'static str {
    match audience {
        Audience::Sandbox => "sandbox",
        Audience::Production => "production",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RampError {
    #[error("a percentage is a number from 0 to 100, of a station from 1 to {}", StationNumber::MAX)]
    OutOfRange,
    #[error("while it runs a percentage can only be raised")]
    Lowered,
    #[error("it is that already")]
    Unchanged,
}

const fn column(audience: Audience) -> usize {
    match audience {
        Audience::Sandbox => 0,
        Audience::Production => 1,
    }
}

impl Ramp {
    /// Everybody takes the percentage of their audience.
    pub const NONE: Self = Self([[None; 2]; StationNumber::MAX.0 as usize]);

    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    fn row(station: StationNumber) -> Option<usize> {
        usize::from(station.0).checked_sub(1).filter(|row| *row < usize::from(StationNumber::MAX.0))
    }

    /// Its own percentage, where it has one.
    pub fn own(&self, stage: StageKey) -> Option<u8> {
        self.0[Self::row(stage.station)?][column(stage.audience)]
    }

    #[must_use]
    fn with(mut self, stage: StageKey, percent: u8) -> Option<Self> {
        self.0[Self::row(stage.station)?][column(stage.audience)] = Some(percent);
        Some(self)
    }

    #[must_use]
    fn without(mut self, audience: Audience) -> Self {
        self.0.iter_mut().for_each(|row| row[column(audience)] = None);
        self
    }

    pub fn rows(&self) -> impl Iterator<Item = RampRow> {
        let stations = (1..=StationNumber::MAX.0).map(StationNumber);
        let stages = stations.flat_map(|station| {
            [Audience::Sandbox, Audience::Production].map(|audience| StageKey { station, audience })
        });
        stages.filter_map(|stage| Some(RampRow { stage, percent: self.own(stage)? }))
    }
}

impl TryFrom<Vec<RampRow>> for Ramp {
    type Error = RampError;

    fn try_from(rows: Vec<RampRow>) -> Result<Self, RampError> {
        rows.into_iter().try_fold(Self::NONE, |ramp, row| {
            let ramp = ramp.with(row.stage, row.percent).filter(|_| row.percent <= PERCENT_MAX);
            ramp.ok_or(RampError::OutOfRange)
        })
    }
}

impl From<Ramp> for Vec<RampRow> {
    fn from(ramp: Ramp) -> Self {
        ramp.rows().collect()
    }
}

impl RolloutPolicy {
    pub const fn percent_of(&self, audience: Audience) -> u8 {
        match audience {
            Audience::Sandbox => self.sandbox_percent,
            Audience::Production => self.production_percent,
        }
    }

    pub fn percent(&self, stage: StageKey) -> u8 {
        self.ramp.own(stage).unwrap_or_else(|| self.percent_of(stage.audience))
    }

    /// With another percentage. `stages` are those of the rollout; `only_up` once it is started.
    pub fn with_percent(
        &self,
        scope: RampScope,
        percent: u8,
        stages: &[StageKey],
        only_up: bool,
    ) -> Result<Self, RampError> {
        if percent > PERCENT_MAX {
            return Err(RampError::OutOfRange);
        }
        let mut edited = *self;
        match scope {
            RampScope::Stage(stage) => {
                let known = stages.contains(&stage).then_some(stage).ok_or(RampError::OutOfRange)?;
                edited.ramp = self.ramp.with(known, percent).ok_or(RampError::OutOfRange)?;
            }
            RampScope::Audience(audience) => {
                edited.ramp = self.ramp.without(audience);
                match audience {
                    Audience::Sandbox => edited.sandbox_percent = percent,
                    Audience::Production => edited.production_percent = percent,
                }
            }
        }
        if stages.iter().all(|stage| edited.percent(*stage) == self.percent(*stage)) {
            return Err(RampError::Unchanged);
        }
        let lowered = |stage: &StageKey| edited.percent(*stage) < self.percent(*stage);
        if only_up && stages.iter().any(lowered) { Err(RampError::Lowered) } else { Ok(edited) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn stage(station: u8, audience: Audience) -> StageKey {
        StageKey { station: StationNumber(station), audience }
    }

    const STAGES: [StageKey; 3] =
        [stage(2, Audience::Sandbox), stage(2, Audience::Production), stage(4, Audience::Sandbox)];

    #[test]
    fn a_stage_has_its_own_percentage_or_that_of_its_audience() {
        let policy = RolloutPolicy { sandbox_percent: 50, ..RolloutPolicy::DEFAULT };
        let policy = policy.with_percent(RampScope::Stage(STAGES[0]), 10, &STAGES, false).unwrap();
        assert_eq!(STAGES.map(|stage| policy.percent(stage)), [10, 100, 50]);
        let all = policy.with_percent(RampScope::Audience(Audience::Sandbox), 60, &STAGES, true).unwrap();
        assert_eq!(STAGES.map(|stage| all.percent(stage)), [60, 100, 60]);
        assert!(all.ramp.is_none());
    }

    #[test]
    fn while_it_runs_it_only_goes_up() {
        let policy = RolloutPolicy::DEFAULT.with_percent(RampScope::Stage(STAGES[0]), 10, &STAGES, false).unwrap();
        let edit = |percent, only_up| policy.with_percent(RampScope::Stage(STAGES[0]), percent, &STAGES, only_up);
        assert_eq!(edit(9, true).unwrap_err(), RampError::Lowered);
        assert_eq!(edit(10, false).unwrap_err(), RampError::Unchanged);
        assert_eq!(edit(101, false).unwrap_err(), RampError::OutOfRange);
        assert!(edit(9, false).is_ok() && edit(11, true).is_ok());
        let elsewhere = policy.with_percent(RampScope::Stage(stage(6, Audience::Sandbox)), 50, &STAGES, false);
        assert_eq!(elsewhere.unwrap_err(), RampError::OutOfRange);
    }

    #[test]
    fn keys_come_back() {
        let audiences = [Audience::Sandbox, Audience::Production].map(RampScope::Audience);
        for scope in STAGES.map(RampScope::Stage).into_iter().chain(audiences) {
            assert_eq!(RampScope::from_key(&scope.key()), Some(scope));
        }
        for text in ["", "4", "-sandbox", "x-sandbox", "4-", "4-trial"] {
            assert_eq!(RampScope::from_key(text), None, "{text}");
        }
    }

    /// What is stored reads as before, and a policy without percentages of its own is written as it always was: an
    /// upgrade changes no digest.
    #[test]
    fn policies_read_as_they_were_written() {
        let plain = serde_json::to_value(RolloutPolicy::DEFAULT).unwrap();
        assert!(plain.get("ramp").is_none());
        assert_eq!(serde_json::from_value::<RolloutPolicy>(plain).unwrap(), RolloutPolicy::DEFAULT);
        let edited = RolloutPolicy::DEFAULT.with_percent(RampScope::Stage(STAGES[1]), 25, &STAGES, false).unwrap();
        let written = serde_json::to_value(edited).unwrap();
        let row = serde_json::json!([{ "station": 2, "audience": "production", "percent": 25 }]);
        assert_eq!(written["ramp"], row);
        assert_eq!(serde_json::from_value::<RolloutPolicy>(written).unwrap(), edited);
        for wrong in [
            serde_json::json!([{ "station": 0, "audience": "sandbox", "percent": 5 }]),
            serde_json::json!([{ "station": 4, "audience": "sandbox", "percent": 101 }]),
        ] {
            assert!(serde_json::from_value::<Ramp>(wrong).is_err());
        }
    }
}

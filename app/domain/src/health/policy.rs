//! What an operator can tune of a gate, with bounds. Figures that no source gives are ours; each says why.

use super::sequential::{FailureTest, Level};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Percentages are of the environments due in the stage's own window; hours are real hours. A policy that was stored
/// before a field existed takes that field's default; one without `telemetry` goes on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatePolicy {
    pub succeeded_percent_min: u8,
    /// The failure rate of a build as good as usual.
    #[serde(default = "baseline_permille")]
    pub baseline_permille: u16,
    /// Of healthy rollouts, so many per thousand may halt at most: half by the test on the whole rollout, half by the
    /// tests on its stages, which share their half evenly.
    #[serde(default = "alpha_permille")]
    pub alpha_permille: u16,
    /// Below this count failures are looked at, not acted on: one bad disk is no regression.
    pub failures_min: u32,
    pub bake_hours: u16,
    /// `None` only where an operator says so: bake is then elapsed time, and the report says that nothing is looked at.
    #[serde(default)]
    pub telemetry: Option<TelemetryPolicy>,
}

const fn baseline_permille() -> u16 {
    GatePolicy::DEFAULT.baseline_permille
}

const fn alpha_permille() -> u16 {
    GatePolicy::DEFAULT.alpha_permille
}

/// How listening systems are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TelemetryPolicy {
    /// An hour is covered where at least this share of the updated environments was heard.
    pub coverage_percent_min: u8,
    /// The newest covered hour ended at most so long ago; so long an hour's data is waited for.
    pub max_age_minutes: u16,
    pub errors_permille_max: u16,
    /// Requests before the share of errors is judged.
    pub samples_min: u32,
    /// Usage below this share of the same hour a week before is silence.
    pub silence_percent: u8,
    /// Silent hours that are not enough evidence; what lasts longer is harm.
    pub silence_grace_hours: u16,
    /// Requests in the hour a week before; with fewer an hour cannot be judged silent.
    pub silence_baseline_min: u32,
    /// Whether silence beyond the grace is harm (fails) or stays not enough evidence.
    pub silence_fails: bool,
}

impl GatePolicy {
    /// 90 %: the vendor publishes no figure; 10 % leaves room for what needs a second night.
    /// 1 % and 5 %: one update in a hundred fails for reasons of its own, and one healthy rollout in twenty may halt.
    /// 24 h of bake: the least that the vendor's published stages wait (`domain.md` §9.1).
    pub const DEFAULT: Self = Self {
        succeeded_percent_min: 90,
        baseline_permille: 10,
        alpha_permille: 50,
        failures_min: 3,
        bake_hours: 24,
        telemetry: None,
    };

    pub fn failure_test(&self) -> FailureTest {
        FailureTest::new(self.baseline_permille)
    }

    /// Half of the rollout's level.
    pub fn pooled_level(&self) -> Level {
        Level::new(self.alpha_permille, 2)
    }

    /// The other half, shared evenly by the stages.
    pub fn stage_level(&self, stages: u16) -> Level {
        Level::new(self.alpha_permille, 2 * u32::from(stages.max(1)))
    }

    /// The fewest failures among `started` that halt. `None` where even all failing would not.
    pub fn halts_at(&self, started: u32, level: Level) -> Option<u32> {
        let least = self.failure_test().rejects_from(started, level)?.max(self.failures_min);
        (least <= started).then_some(least)
    }

    /// Every field that is out of its bounds, in the order of the form.
    pub fn validate(&self) -> Result<(), Vec<OutOfBounds>> {
        use PolicyField as F;
        let telemetry = self.telemetry.iter().flat_map(|t| {
            [
                (F::Coverage, t.coverage_percent_min.into()),
                (F::MaxAge, t.max_age_minutes.into()),
                (F::Errors, t.errors_permille_max.into()),
                (F::Samples, t.samples_min),
                (F::Silence, t.silence_percent.into()),
                (F::SilenceGrace, t.silence_grace_hours.into()),
                (F::SilenceBaseline, t.silence_baseline_min),
            ]
        });
        let faults: Vec<OutOfBounds> = [
            (F::Succeeded, self.succeeded_percent_min.into()),
            (F::Baseline, self.baseline_permille.into()),
            (F::Alpha, self.alpha_permille.into()),
            (F::FailuresMin, self.failures_min),
            (F::Bake, self.bake_hours.into()),
        ]
        .into_iter()
        .chain(telemetry)
        .filter_map(|(field, value)| OutOfBounds::check(field, value))
        .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl Default for GatePolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TelemetryPolicy {
    /// Ours: four fifths heard is a majority that one listening system down in one region does not undo; two hours are
    /// an hour's bucket and an hour to arrive; a tenth of last week's usage is no dip but an outage, two hours of it no
    /// hiccup.
    pub const DEFAULT: Self = Self {
        coverage_percent_min: 80,
        max_age_minutes: 120,
        errors_permille_max: 50,
        samples_min: 200,
        silence_percent: 10,
        silence_grace_hours: 2,
        silence_baseline_min: 100,
        silence_fails: true,
    };
}

impl Default for TelemetryPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A number of the policy that has bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyField {
    Succeeded,
    Baseline,
    Alpha,
    FailuresMin,
    Bake,
    Coverage,
    MaxAge,
    Errors,
    Samples,
    Silence,
    SilenceGrace,
    SilenceBaseline,
}

impl PolicyField {
    /// Least and most, both allowed.
    pub const fn bounds(self) -> (u32, u32) {
        match self {
            // What is below half is not let on whatever the policy says.
            Self::Succeeded => (super::gate::SUCCEEDED_PERCENT_FLOOR as u32, 100),
            // 20 %: where one update in five fails as a rule, no gate helps.
            Self::Baseline | Self::Alpha => (1, 200),
            Self::FailuresMin | Self::Coverage => (1, 100),
            // Bake is shortened, never dropped (rule E1); two weeks are a biweekly train.
            Self::Bake => (1, 14 * 24),
            // An hour is complete at its end, so less than one hour would never be met; a day is the longest sample.
            Self::MaxAge => (60, 24 * 60),
            Self::Errors => (1, 500),
            Self::Samples | Self::SilenceBaseline => (1, 10_000_000),
            Self::Silence => (1, 90),
            Self::SilenceGrace => (0, 72),
        }
    }
}

impl fmt::Display for PolicyField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "the share of successes (%)",
            Self::Baseline => "the usual failure rate (per thousand)",
            Self::Alpha => "healthy rollouts that may halt (per thousand)",
            Self::FailuresMin => "the fewest failures that halt",
            Self::Bake => "bake (hours)",
            Self::Coverage => "coverage (%)",
            Self::MaxAge => "the age of data (minutes)",
            Self::Errors => "the share of errors (per thousand)",
            Self::Samples => "requests before errors are judged",
            Self::Silence => "the share of usage that is silence (%)",
            Self::SilenceGrace => "silent hours before harm",
            Self::SilenceBaseline => "requests a week before, to judge silence",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field} must be {least} to {most}, not {value}")]
pub struct OutOfBounds {
    pub field: PolicyField,
    pub value: u32,
    pub least: u32,
    pub most: u32,
}

impl OutOfBounds {
    fn check(field: PolicyField, value: u32) -> Option<Self> {
        let (least, most) = field.bounds();
        (!(least..=most).contains(&value)).then_some(Self { field, value, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const WATCHED: GatePolicy = GatePolicy { telemetry: Some(TelemetryPolicy::DEFAULT), ..GatePolicy::DEFAULT };

    fn telemetry(change: impl FnOnce(&mut TelemetryPolicy)) -> GatePolicy {
        let mut policy = TelemetryPolicy::DEFAULT;
        change(&mut policy);
        GatePolicy { telemetry: Some(policy), ..GatePolicy::DEFAULT }
    }

    #[test]
    fn the_defaults_are_within_bounds() {
        assert_eq!((GatePolicy::DEFAULT.validate(), WATCHED.validate()), (Ok(()), Ok(())));
    }

    #[rstest]
    #[case(GatePolicy { succeeded_percent_min: 49, ..WATCHED }, PolicyField::Succeeded)]
    #[case(GatePolicy { succeeded_percent_min: 101, ..WATCHED }, PolicyField::Succeeded)]
    #[case(GatePolicy { baseline_permille: 0, ..WATCHED }, PolicyField::Baseline)]
    #[case(GatePolicy { baseline_permille: 201, ..WATCHED }, PolicyField::Baseline)]
    #[case(GatePolicy { alpha_permille: 0, ..WATCHED }, PolicyField::Alpha)]
    #[case(GatePolicy { alpha_permille: 201, ..WATCHED }, PolicyField::Alpha)]
    #[case(GatePolicy { failures_min: 0, ..WATCHED }, PolicyField::FailuresMin)]
    #[case(GatePolicy { failures_min: 101, ..WATCHED }, PolicyField::FailuresMin)]
    #[case(GatePolicy { bake_hours: 0, ..WATCHED }, PolicyField::Bake)]
    #[case(GatePolicy { bake_hours: 337, ..WATCHED }, PolicyField::Bake)]
    #[case(telemetry(|t| t.coverage_percent_min = 0), PolicyField::Coverage)]
    #[case(telemetry(|t| t.coverage_percent_min = 101), PolicyField::Coverage)]
    #[case(telemetry(|t| t.max_age_minutes = 59), PolicyField::MaxAge)]
    #[case(telemetry(|t| t.max_age_minutes = 1441), PolicyField::MaxAge)]
    #[case(telemetry(|t| t.errors_permille_max = 0), PolicyField::Errors)]
    #[case(telemetry(|t| t.errors_permille_max = 501), PolicyField::Errors)]
    #[case(telemetry(|t| t.samples_min = 0), PolicyField::Samples)]
    #[case(telemetry(|t| t.samples_min = 10_000_001), PolicyField::Samples)]
    #[case(telemetry(|t| t.silence_percent = 0), PolicyField::Silence)]
    #[case(telemetry(|t| t.silence_percent = 91), PolicyField::Silence)]
    #[case(telemetry(|t| t.silence_grace_hours = 73), PolicyField::SilenceGrace)]
    #[case(telemetry(|t| t.silence_baseline_min = 0), PolicyField::SilenceBaseline)]
    #[case(telemetry(|t| t.silence_baseline_min = 10_000_001), PolicyField::SilenceBaseline)]
    fn what_is_out_of_bounds_is_named(#[case] policy: GatePolicy, #[case] field: PolicyField) {
        let faults = policy.validate().unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), [field]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let policy = GatePolicy { succeeded_percent_min: 10, bake_hours: 0, ..telemetry(|t| t.silence_percent = 100) };
        let told: Vec<String> = policy.validate().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "the share of successes (%) must be 50 to 100, not 10",
                "bake (hours) must be 1 to 336, not 0",
                "the share of usage that is silence (%) must be 1 to 90, not 100",
            ]
        );
    }

    #[test]
    fn an_older_stored_policy_takes_the_defaults() {
        let older = r#"{"succeeded_percent_min":80,"failures_percent_max":10,"failures_min":5,"bake_hours":12}"#;
        let expected = GatePolicy { succeeded_percent_min: 80, failures_min: 5, bake_hours: 12, ..GatePolicy::DEFAULT };
        assert_eq!(serde_json::from_str::<GatePolicy>(older).unwrap(), GatePolicy { telemetry: None, ..expected });
        let json = serde_json::to_string(&WATCHED).unwrap();
        assert_eq!(serde_json::from_str::<GatePolicy>(&json).unwrap(), WATCHED);
        let partial = r#"{"coverage_percent_min":60}"#;
        let expected = TelemetryPolicy { coverage_percent_min: 60, ..TelemetryPolicy::DEFAULT };
        assert_eq!(serde_json::from_str::<TelemetryPolicy>(partial).unwrap(), expected);
    }

    #[test]
    fn few_failures_never_halt() {
        let level = GatePolicy::DEFAULT.pooled_level();
        assert_eq!(GatePolicy::DEFAULT.halts_at(2, level), None);
        assert_eq!(GatePolicy::DEFAULT.halts_at(10, level), Some(3));
        assert_eq!(GatePolicy { failures_min: 7, ..GatePolicy::DEFAULT }.halts_at(10, level), Some(7));
        assert_eq!(GatePolicy { failures_min: 11, ..GatePolicy::DEFAULT }.halts_at(10, level), None);
    }
}

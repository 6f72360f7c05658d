//! The deployer of the demo: takes a realistic time and sometimes fails, without touching anything.
//!
//! It keeps nothing: the whole course of an update follows from the seed, the environment, the build and the attempt. A server that
//! was killed and started again sees the same update at the same point, as it would with real agents.

use crate::mix::Mix;
use crate::ports::{DeployError, Deployer, FlightOrder, Progress, UpdateOrder};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::recovery::Capabilities;
use domain::release::BuildVersion;

/// About half an hour for a sandbox; the published goal for production is longer with near-zero downtime. Together
/// with [`VERIFY_MINUTES`] less than the 90 minutes that a rollout declares.
const APPLY_MINUTES: (i64, i64) = (18, 60);
const VERIFY_MINUTES: (i64, i64) = (10, 20);
/// Two weeks: a biweekly train brings the next build then.
const RESTORE_DAYS: u16 = 14;

/// What goes wrong while the build is applied. Each of them is rolled back by itself.
const APPLY_ERRORS: [&str; 5] = [
    "Disk full: the data volume has 1.1 GB free, the package needs 6.4 GB. Rolled back.",
    "Database synchronization timed out after 25 minutes. Rolled back.",
    "A batch job held the maintenance lock for more than 15 minutes. Nothing was changed.",
    "The package did not arrive whole: checksum differs after three downloads. Nothing was changed.",
    "One of two web nodes did not come back after its restart. Rolled back.",
];

/// What is found out when the new build runs.
const VERIFY_ERRORS: [&str; 2] = [
    "Health probe failed after the update: sign-in answered 503 three times in a row. Rolled back.",
    "Health probe failed after the update: batch service did not start within 10 minutes. Rolled back.",
];

/// A fault of the build itself is the same everywhere.
const REGRESSION_ERROR: &str =
    "Health probe failed after the update: posting a sales invoice ends in an error, 5 of 5 tries. Rolled back.";

/// A build that is worse than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regression {
    pub build: BuildVersion,
    pub percent: u8,
    /// The flight that guards the fault: where it is off, the build is as good as any.
    pub flight: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedDeployer {
    pub seed: u64,
    /// Of all attempts.
    pub failure_percent: u8,
    /// Takes the place of `failure_percent` for its build.
    pub regression: Option<Regression>,
}

/// All that will happen to one attempt, in time since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Course {
    applied: TimeDelta,
    healthy: TimeDelta,
    failure: Option<(TimeDelta, &'static str)>,
}

impl SimulatedDeployer {
    fn course(&self, order: &UpdateOrder) -> Course {
        // By environment and build, which the demo's seed decides, and not by the update, whose id is new each time.
        let (high, low) = order.environment.uuid().as_u64_pair();
        let [_, _, build, revision] = order.build.parts();
        let key = [high, low, build.into(), revision.into(), order.attempt.into()];
        let mut mix = Mix::keyed(self.seed, &key);
        let applied = minutes(&mut mix, APPLY_MINUTES);
        let healthy = applied + minutes(&mut mix, VERIFY_MINUTES);
        Course { applied, healthy, failure: self.failure(&mut mix, order, applied, healthy) }
    }

    fn failure(
        &self,
        mix: &mut Mix,
        order: &UpdateOrder,
        applied: TimeDelta,
        healthy: TimeDelta,
    ) -> Option<(TimeDelta, &'static str)> {
        let is_off = |flight: &str| order.flights_off.iter().any(|off| off == flight);
        let guarded = |regression: &Regression| regression.flight.is_some_and(is_off);
        let regression = self.regression.filter(|regression| regression.build == order.build && !guarded(regression));
        let fails = mix.percent(regression.map_or(self.failure_percent, |regression| regression.percent));
        let while_verifying = regression.is_some() || mix.percent(30);
        let part = i32::try_from(mix.between(20, 95)).unwrap_or(50);
        let (at, errors) = if while_verifying {
            (applied + (healthy - applied) * part / 100, &VERIFY_ERRORS[..])
        } else {
            (applied * part / 100, &APPLY_ERRORS[..])
        };
        let error = mix.pick(errors).copied().unwrap_or(REGRESSION_ERROR);
        fails.then_some((at, regression.map_or(error, |_| REGRESSION_ERROR)))
    }
}

fn minutes(mix: &mut Mix, (least, most): (i64, i64)) -> TimeDelta {
    TimeDelta::seconds(mix.between(least * 60, most * 60))
}

#[async_trait]
impl Deployer for SimulatedDeployer {
    /// Nothing to remember: the order itself says since when it runs.
    async fn start(&self, _: &UpdateOrder) -> Result<(), DeployError> {
        Ok(())
    }

    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        let elapsed = now - order.dispatched.ok_or(DeployError::NeverBegun)?;
        let course = self.course(order);
        Ok(match course.failure {
            Some((at, error)) if elapsed >= at => Progress::Failed { error: error.to_owned() },
            _ if elapsed >= course.healthy => Progress::Healthy,
            _ if elapsed >= course.applied => Progress::Applied,
            _ => Progress::Running,
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { set_flight: true, roll_back: true, redeploy: true }
    }

    /// As long as the vendor keeps what an update replaced.
    fn restore_days(&self) -> Option<u16> {
        Some(RESTORE_DAYS)
    }

    /// Nothing to remember: each order says which flights are off.
    async fn turn_flight(&self, _: &FlightOrder) -> Result<(), DeployError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::DEMO_START;
    use super::*;
    use crate::ports::OrderKind;
    use domain::calendar::Night;
    use domain::ids::{EnvironmentId, UpdateId};
    use domain::rollout::facts::RolloutPolicy;
    use uuid::Uuid;

    const DEPLOYER: SimulatedDeployer = SimulatedDeployer { seed: 7, failure_percent: 1, regression: None };

    fn order(number: u128, attempt: u8) -> UpdateOrder {
        UpdateOrder {
            update: UpdateId::new(Uuid::from_u128(number)),
            environment: EnvironmentId::new(Uuid::from_u128(number)),
            build: "10.0.2645.147".parse().unwrap(),
            started_at: DEMO_START,
            attempt,
            kind: OrderKind::Forward,
            flights_off: Vec::new(),
            dispatched: Some(DEMO_START),
            night: Night { date: DEMO_START.date_naive(), start: DEMO_START, end: DEMO_START + TimeDelta::hours(6) },
            valid_until: DEMO_START,
        }
    }

    fn failures(deployer: &SimulatedDeployer, attempt: u8) -> usize {
        (0..10_000).filter(|number| deployer.course(&order(*number, attempt)).failure.is_some()).count()
    }

    async fn at_minute(deployer: &SimulatedDeployer, order: &UpdateOrder, minute: i64) -> Progress {
        deployer.progress(order, DEMO_START + TimeDelta::minutes(minute)).await.unwrap()
    }

    #[tokio::test]
    async fn goes_through_its_stations_and_stays_at_the_end() {
        let calm = SimulatedDeployer { failure_percent: 0, ..DEPLOYER };
        for number in 0..200 {
            let order = order(number, 1);
            calm.start(&order).await.unwrap();
            let mut seen = Vec::new();
            for minute in -5..200 {
                let progress = at_minute(&calm, &order, minute).await;
                if seen.last() != Some(&progress) {
                    seen.push(progress);
                }
            }
            assert_eq!(seen, [Progress::Running, Progress::Applied, Progress::Healthy]);
            assert_eq!(at_minute(&calm, &order, 17).await, Progress::Running);
            assert_eq!(at_minute(&calm, &order, 80).await, Progress::Healthy);
        }
    }

    #[tokio::test]
    async fn knows_nothing_of_what_was_never_dispatched() {
        let order = UpdateOrder { dispatched: None, ..order(1, 1) };
        assert_eq!(DEPLOYER.progress(&order, DEMO_START).await, Err(DeployError::NeverBegun));
    }

    #[test]
    fn is_over_within_the_declared_time() {
        let longest = TimeDelta::minutes(APPLY_MINUTES.1 + VERIFY_MINUTES.1);
        assert!(longest < TimeDelta::minutes(RolloutPolicy::DEFAULT.declared_minutes.into()));
        let courses = (0..10_000).map(|number| DEPLOYER.course(&order(number, 1)));
        assert!(courses.into_iter().all(|course| course.healthy <= longest && course.applied < course.healthy));
    }

    #[test]
    fn the_same_order_has_the_same_course_and_another_attempt_its_own() {
        let again = SimulatedDeployer { ..DEPLOYER };
        for number in 0..100 {
            assert_eq!(DEPLOYER.course(&order(number, 1)), again.course(&order(number, 1)));
            assert_ne!(DEPLOYER.course(&order(number, 1)), DEPLOYER.course(&order(number, 2)));
        }
    }

    #[test]
    fn fails_about_as_often_as_it_was_told() {
        for (percent, least, most) in [(0, 0, 0), (1, 60, 140), (20, 1_850, 2_150), (100, 10_000, 10_000)] {
            let deployer = SimulatedDeployer { failure_percent: percent, ..DEPLOYER };
            for attempt in [1, 2] {
                let failed = failures(&deployer, attempt);
                assert!((least..=most).contains(&failed), "{percent} %: {failed} of 10,000");
            }
        }
    }

    #[tokio::test]
    async fn a_regression_is_in_one_build_only() {
        let build = order(0, 1).build;
        let worse = SimulatedDeployer {
            regression: Some(Regression { build, percent: 100, flight: Some("posting") }),
            ..DEPLOYER
        };
        assert_eq!(failures(&worse, 1), 10_000);
        let failed = at_minute(&worse, &order(1, 1), 90).await;
        assert_eq!(failed, Progress::Failed { error: REGRESSION_ERROR.into() });
        let off = UpdateOrder { flights_off: vec!["posting".to_owned()], ..order(1, 1) };
        assert_eq!(worse.course(&off), DEPLOYER.course(&order(1, 1)), "with its flight off it is as good as any");
        let other = SimulatedDeployer {
            regression: Some(Regression { build: "10.0.2645.136".parse().unwrap(), percent: 100, flight: None }),
            ..DEPLOYER
        };
        assert_eq!(failures(&other, 1), failures(&DEPLOYER, 1));
    }

    #[tokio::test]
    async fn a_failure_stays_one_and_never_looked_healthy() {
        let failing = SimulatedDeployer { failure_percent: 100, ..DEPLOYER };
        for number in 0..200 {
            let order = order(number, 1);
            let mut failed = false;
            for minute in 0..120 {
                let progress = at_minute(&failing, &order, minute).await;
                assert!(!failed || matches!(progress, Progress::Failed { .. }));
                assert_ne!(progress, Progress::Healthy);
                failed = matches!(progress, Progress::Failed { .. });
            }
            assert!(failed);
        }
    }
}

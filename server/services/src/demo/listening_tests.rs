use super::*;
use crate::demo::DEMO_START;
use crate::testing::World;
use chrono::{DateTime, Utc};
use domain::health::TelemetryPolicy;
use domain::ids::{CustomerId, EnvironmentId};
use domain::permission::Role;
use domain::rollout::{Edited, RolloutPolicy};

fn place(number: u128, kind: EnvironmentKind, regresses: bool) -> Place {
    let listened = Listened {
        environment: EnvironmentId::new(Uuid::from_u128(number)),
        customer: CustomerId::new(Uuid::nil()),
        kind,
        region: "here".into(),
        build: "10.0.2645.147".parse().unwrap(),
    };
    Place { listened, dark_hours: DarkHours::new(22 * 60, 360, Weekday::Fri), regresses }
}

/// Usage and errors of fifty environments in the hour that begins then.
fn heard(kind: EnvironmentKind, regresses: bool, at: &str) -> (u64, u64) {
    let listening = SimulatedListening::new(7, None);
    let hour = Hour::of(at.parse::<DateTime<Utc>>().unwrap());
    let samples = (1..=50).filter_map(|number| listening.sample(&place(number, kind, regresses), hour));
    samples.fold((0, 0), |(usage, errors), sample| (usage + sample.usage, errors + sample.errors))
}

#[test]
fn an_hour_says_the_same_whenever_it_is_said_and_mostly_says_something() {
    let (listening, again) = (SimulatedListening::new(7, None), SimulatedListening::new(7, None));
    let place = place(1, EnvironmentKind::Sandbox, false);
    let hours = (0..2_000).map(|hour| Hour::of(DEMO_START).plus(hour));
    let said: Vec<_> = hours.map(|hour| (listening.sample(&place, hour), again.sample(&place, hour))).collect();
    assert!(said.iter().all(|(first, second)| first == second));
    let unheard = said.iter().filter(|(first, _)| first.is_none()).count();
    assert!((5..60).contains(&unheard), "{unheard} of 2,000 hours are not heard");
    let other = SimulatedListening::new(8, None).sample(&place, Hour::of(DEMO_START));
    assert_ne!(other, listening.sample(&place, Hour::of(DEMO_START)));
}

#[test]
fn nights_and_weekends_are_quiet_and_productions_are_busier() {
    let (production, sandbox) = (EnvironmentKind::Production, EnvironmentKind::Sandbox);
    let (day, _) = heard(production, false, "2026-10-07T12:00:00Z");
    let (night, _) = heard(production, false, "2026-10-07T23:00:00Z");
    let (sunday, _) = heard(production, false, "2026-10-11T12:00:00Z");
    assert!(night * 5 < day && sunday * 2 < day && night < sunday, "{day} {night} {sunday}");
    assert!(heard(sandbox, false, "2026-10-07T12:00:00Z").0 * 3 < day);
}

#[test]
fn only_a_regression_has_more_errors_than_a_usual_policy_lets_through() {
    let permille = |(usage, errors): (u64, u64)| errors * 1_000 / usage;
    let usual = u64::from(TelemetryPolicy::DEFAULT.errors_permille_max);
    for at in ["2026-10-07T12:00:00Z", "2026-10-11T12:00:00Z"] {
        assert!(permille(heard(EnvironmentKind::Production, false, at)) < usual / 2, "{at}");
        assert!(permille(heard(EnvironmentKind::Production, true, at)) > usual, "{at}");
    }
}

#[tokio::test]
async fn it_speaks_of_watched_rollouts_only_and_of_each_hour_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path()).await.unwrap();
    let mut listening = SimulatedListening::new(7, None);
    let manager = world.as_role(Role::ReleaseManager).await.unwrap();
    world.services.start_rollout(&manager, world.rollout).await.unwrap();
    world.services.engine_tick("one").await.unwrap();
    assert_eq!(listening.speak(&world.services).await.unwrap(), 0, "nobody looks at what it would say");

    let db = world.services.db();
    let tx = db.begin().await.unwrap();
    let rollout = store::rollout::find(&tx, world.rollout).await.unwrap().unwrap();
    let mut policy: RolloutPolicy = rollout.policy;
    policy.gate.telemetry = Some(TelemetryPolicy::DEFAULT);
    let edited = Edited { by: manager.person(), at: world.services.now() };
    store::rollout::set_policy(&tx, world.rollout, &policy, &edited).await.unwrap();
    tx.commit().await.unwrap();

    world.clock.advance(TimeDelta::hours(2));
    let aboard = store::telemetry::aboard(db.reader(), &[world.rollout]).await.unwrap();
    assert!(!aboard.is_empty() && aboard.is_sorted_by_key(|listened| listened.environment));
    let taken = listening.speak(&world.services).await.unwrap();
    assert!(
        (aboard.len()..=2 * aboard.len()).contains(&taken),
        "{taken} of {} environments in two hours",
        aboard.len()
    );
    let last = Hour::of(world.services.now()).plus(-1);
    let mut known = 0;
    for listened in &aboard {
        known += usize::from(store::telemetry::hour(db.reader(), listened.environment, last).await.unwrap().is_some());
    }
    assert!(known > 0 && known <= taken);
    assert_eq!(listening.speak(&world.services).await.unwrap(), 0, "the hour has not ended");
}

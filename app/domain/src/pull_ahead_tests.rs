//! Each refusal, each warning, and that every night offered is taken.

use super::*;
use crate::clockface::UtcClockface;
use crate::fleet::Cloud;
use crate::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
use crate::ids::{CustomerId, EnvironmentId, FreezeId};
use crate::people::samples::person;
use proptest::prelude::*;
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An hour into the first night.
fn now() -> DateTime<Utc> {
    at("2026-10-05T23:00:00Z")
}

fn nights() -> Vec<Night> {
    let first: NaiveDate = "2026-10-05".parse().unwrap();
    let night = |date: NaiveDate| {
        let start = date.and_hms_opt(22, 0, 0).unwrap().and_utc();
        Night { date, start, end: start + TimeDelta::hours(6) }
    };
    first.iter_days().take(14).map(night).collect()
}

/// A production that nothing stands against, with a sandbox that has run the build for ten days.
fn facts<'a>(nights: &'a [Night], freezes: &'a Freezes) -> PullFacts<'a> {
    PullFacts {
        kind: EnvironmentKind::Production,
        runs: BuildVersion::new([10, 0, 2645, 1]),
        service_update: "10.0.48".parse().unwrap(),
        place: Place {
            cloud: Cloud::Public,
            region: "north-europe",
            customer: CustomerId::new(Uuid::nil()),
            environment: EnvironmentId::new(Uuid::nil()),
        },
        offer: Offer {
            build: BuildVersion::new([10, 0, 2645, 2]),
            service_update: "10.0.48".parse().unwrap(),
            approved: true,
            from: Some(now() - TimeDelta::days(1)),
        },
        placed: true,
        attempts_used: false,
        booked: None,
        halted: None,
        freezes,
        promise: Promise::Announced(nights[12]),
        trial: SandboxTrial::Since { at: now() - TimeDelta::days(10) },
        follows: None,
        exemption: None,
        priority_batch: true,
        nights,
        declared_minutes: 90,
        min_gap_days: 5,
    }
}

fn frozen(first: &str, last: &str) -> Freezes {
    let span = Span::one_off(first.parse().unwrap(), last.parse().unwrap()).unwrap();
    let (id, owner, set_by) = (FreezeId::new(Uuid::nil()), FreezeOwner::Vendor, person(1));
    let (scope, state) = (FreezeScope::Global, FreezeState::Set);
    [Freeze { id, scope, span, reason: "Year end.".into(), owner, set_by, set_at: now(), state }].into_iter().collect()
}

#[test]
fn it_replaces_the_announced_night() {
    let (nights, freezes) = (nights(), Freezes::default());
    let effect = pull_ahead(&facts(&nights, &freezes), Start::Now, now()).unwrap();
    assert_eq!((effect.starts_at, effect.night, effect.replaces), (now(), nights[0], Some(nights[12])));
    assert_eq!(
        effect.sentence(&UtcClockface),
        "10.0.2645.2 starts on Mon 5 Oct 2026, 23:00 UTC, within the dark hours. The announced night, \
         Sat 17 Oct 2026, 22:00–04:00 UTC, is not needed any more: the push finds the build there."
    );
    let unannounced = PullFacts { promise: Promise::Nothing, ..facts(&nights, &freezes) };
    let effect = pull_ahead(&unannounced, Start::At { at: nights[3].start }, now()).unwrap();
    assert_eq!((effect.night, effect.replaces), (nights[3], None));
    assert!(effect.sentence(&UtcClockface).ends_with("The later push finds the build there and does nothing."));
}

#[test]
fn each_refusal() {
    let (nights, freezes) = (nights(), Freezes::default());
    let plain = || facts(&nights, &freezes);
    let offer = plain().offer;
    let later = now() + TimeDelta::days(1);
    let follows = |has_it| Some(FollowedProduction { name: "contoso-prod".into(), has_it });
    let cases = [
        (PullFacts { promise: Promise::Running, ..plain() }, PullError::UpdateRunning),
        (
            PullFacts { offer: Offer { service_update: "10.0.49".parse().unwrap(), ..offer }, ..plain() },
            PullError::OtherServiceUpdate { of: "10.0.49".parse().unwrap() },
        ),
        (PullFacts { runs: offer.build, ..plain() }, PullError::AlreadyThere { runs: offer.build }),
        (PullFacts { booked: Some(nights[2]), ..plain() }, PullError::Booked { night: nights[2] }),
        (PullFacts { attempts_used: true, ..plain() }, PullError::AttemptsUsed),
        (PullFacts { placed: false, ..plain() }, PullError::NoStation),
        (
            PullFacts { halted: Some("Halted by Livesite: slow.".into()), ..plain() },
            PullError::Halted { why: "Halted by Livesite: slow".into() },
        ),
        (PullFacts { offer: Offer { approved: false, ..offer }, ..plain() }, PullError::NotApproved),
        (PullFacts { offer: Offer { from: None, ..offer }, ..plain() }, PullError::NotOffered { from: None }),
        (
            PullFacts { offer: Offer { from: Some(later), ..offer }, ..plain() },
            PullError::NotOffered { from: Some(later) },
        ),
        (
            PullFacts { kind: EnvironmentKind::Sandbox, follows: follows(false), ..plain() },
            PullError::ProductionFirst { production: "contoso-prod".into() },
        ),
        (PullFacts { trial: SandboxTrial::Failed, ..plain() }, PullError::FailedInSandbox),
        (PullFacts { nights: &[], ..plain() }, PullError::NoDarkHours),
        (PullFacts { promise: Promise::Announced(nights[0]), ..plain() }, PullError::NotAhead { night: nights[0] }),
    ];
    for (facts, error) in cases {
        let way_out = error.way_out(&UtcClockface);
        assert!(way_out.ends_with('.') && way_out.len() > 10, "{error}: {way_out}");
        assert_eq!(pull_ahead(&facts, Start::Now, now()), Err(error));
    }
    // the start of its own night is not ahead of it
    let own = PullFacts { promise: Promise::Announced(nights[3]), ..plain() };
    let same = pull_ahead(&own, Start::At { at: nights[3].start }, now());
    assert_eq!(same, Err(PullError::NotAhead { night: nights[3] }));
    let follower = PullFacts { kind: EnvironmentKind::Sandbox, follows: follows(true), ..plain() };
    assert!(pull_ahead(&follower, Start::Now, now()).is_ok());
    let failed = PullFacts { kind: EnvironmentKind::Sandbox, trial: SandboxTrial::Failed, ..plain() };
    assert!(pull_ahead(&failed, Start::Now, now()).is_ok(), "another sandbox may try it again");
}

#[test]
fn every_start_is_in_the_dark_with_enough_left() {
    let (nights, freezes) = (nights(), Freezes::default());
    let facts = facts(&nights, &freezes);
    let pull = |at| pull_ahead(&facts, Start::At { at }, now());
    let last = nights[0].end - TimeDelta::minutes(90);
    assert!(pull(last).is_ok());
    let outside = PullError::OutsideDarkHours { next: Some(nights[0]) };
    for at in [last + TimeDelta::minutes(1), at("2026-10-06T12:00:00Z"), at("2027-10-06T23:00:00Z")] {
        assert_eq!(pull(at), Err(outside.clone()));
    }
    assert_eq!(pull(now() - TimeDelta::minutes(1)), Err(PullError::InThePast));
    // at noon, "now" is the next night
    let noon = pull_ahead(&facts, Start::Now, at("2026-10-06T12:00:00Z"));
    assert_eq!(noon, Err(PullError::OutsideDarkHours { next: Some(nights[1]) }));
    assert_eq!((outside.field(), PullError::NotApproved.field()), ("start", "environment"));
}

#[test]
fn a_freeze_wins_and_says_from_when_it_is_free() {
    let (nights, freezes) = (nights(), frozen("2026-10-01", "2026-10-07"));
    let facts = facts(&nights, &freezes);
    let free_from = Some("2026-10-08".parse().unwrap());
    let why = "Year end".to_owned();
    assert_eq!(pull_ahead(&facts, Start::Now, now()), Err(PullError::Frozen { why, free_from }));
    assert_eq!(nights_offered(&facts, now()).first(), Some(&nights[3]));
}

#[test]
fn what_only_concerns_the_push_warns() {
    let (nights, freezes) = (nights(), Freezes::default());
    let warned = |facts: PullFacts<'_>| pull_ahead(&facts, Start::Now, now()).unwrap().warnings;
    let plain = || facts(&nights, &freezes);
    assert_eq!(warned(plain()), []);
    for trial in [SandboxTrial::NoSandbox, SandboxTrial::NotYet] {
        assert_eq!(warned(PullFacts { trial, ..plain() }), [PullWarning::NoSandboxTriedIt]);
        assert_eq!(warned(PullFacts { trial, kind: EnvironmentKind::Sandbox, ..plain() }), []);
    }
    let since = now() - TimeDelta::days(5);
    assert_eq!(warned(PullFacts { trial: SandboxTrial::Since { at: since }, ..plain() }), []);
    let since = since + TimeDelta::minutes(1);
    let short = PullFacts { trial: SandboxTrial::Since { at: since }, ..plain() };
    assert_eq!(warned(short), [PullWarning::GapNotKept { since, days: 5 }]);
    assert_eq!(warned(PullFacts { priority_batch: false, ..plain() }), [PullWarning::PriorityBatchOff]);
    let until = now() + TimeDelta::days(9);
    let exemption = Exemption { reason: "GxP".into(), evidence: "VP-1".into(), expires_at: until };
    assert_eq!(warned(PullFacts { exemption: Some(&exemption), ..plain() }), [PullWarning::StaysExempt { until }]);
    let over = Exemption { expires_at: now(), ..exemption };
    assert_eq!(warned(PullFacts { exemption: Some(&over), ..plain() }), []);
    let said = PullWarning::GapNotKept { since, days: 5 }.sentence(&UtcClockface);
    assert!(said.ends_with("proactive updates leave 5 days between sandbox and production"), "{said}");
}

proptest! {
    /// Every night offered is taken; no accepted start lies outside the dark hours or in a frozen night (I1).
    #[test]
    fn what_is_offered_is_taken_and_what_is_taken_keeps_the_rules(
        minutes in 0_i64..14 * 24 * 60,
        wish in 0_i64..14 * 24 * 60,
        first in 5_u32..19,
        length in 0_i64..6,
        announced in proptest::option::of(0_usize..14),
    ) {
        let nights = nights();
        let now = nights[0].start + TimeDelta::minutes(minutes);
        let first: NaiveDate = NaiveDate::from_ymd_opt(2026, 10, first).unwrap();
        let freezes = frozen(&first.to_string(), &(first + TimeDelta::days(length)).to_string());
        let promise = announced.map_or(Promise::Nothing, |night| Promise::Announced(nights[night]));
        let mut facts = facts(&nights, &freezes);
        facts.promise = promise;
        facts.offer.from = Some(DateTime::UNIX_EPOCH);
        for night in nights_offered(&facts, now) {
            let start = Start::At { at: now.max(night.start) };
            prop_assert!(pull_ahead(&facts, start, now).is_ok());
        }
        let at = nights[0].start + TimeDelta::minutes(wish);
        if let Ok(effect) = pull_ahead(&facts, Start::At { at }, now) {
            prop_assert!(effect.starts_at >= now && effect.night.start <= at && at + TimeDelta::minutes(90) <= effect.night.end);
            prop_assert!(effect.night.date < first || effect.night.date > first + TimeDelta::days(length));
            prop_assert!(effect.replaces.is_none_or(|own| at < own.start));
            prop_assert!(nights_offered(&facts, now).contains(&effect.night));
        }
    }
}

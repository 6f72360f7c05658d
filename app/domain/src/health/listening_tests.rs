use super::*;
use proptest::prelude::*;
use rstest::rstest;

const POLICY: TelemetryPolicy = TelemetryPolicy {
    coverage_percent_min: 80,
    max_age_minutes: 120,
    errors_permille_max: 50,
    samples_min: 200,
    silence_percent: 10,
    silence_grace_hours: 2,
    silence_baseline_min: 100,
    silence_fails: true,
};

const FIRST: Hour = Hour::of_number(500_000);

fn after(minutes: i64) -> DateTime<Utc> {
    FIRST.start() + TimeDelta::minutes(minutes)
}

/// Ten environments, all heard, a thousand requests as a week before, one error in each hour.
fn healthy(hours: i64) -> StageTelemetry {
    let hour =
        |n| StageHour { hour: FIRST.plus(n), expected: 10, reporting: 10, usage: 1000, baseline: 1000, errors: 1 };
    StageTelemetry { hours: (0..hours).map(hour).collect() }
}

fn changed(hours: i64, change: impl Fn(usize, &mut StageHour)) -> StageTelemetry {
    let mut telemetry = healthy(hours);
    telemetry.hours.iter_mut().enumerate().for_each(|(n, hour)| change(n, hour));
    telemetry
}

fn verdicts(telemetry: &StageTelemetry, minutes: i64) -> [Verdict; 4] {
    POLICY.findings(telemetry, None, after(minutes)).map(|finding| finding.verdict)
}

const P: Verdict = Verdict::Pass;
const F: Verdict = Verdict::Fail;
const N: Verdict = Verdict::NotEnoughEvidence;

#[rstest]
#[case::healthy(healthy(6), [P, P, P, P])]
#[case::nothing_heard_ever(StageTelemetry::default(), [N, N, N, N])]
#[case::eight_of_ten_are_enough(changed(6, |_, hour| hour.reporting = 8), [P, P, P, P])]
#[case::seven_of_ten_are_not(changed(6, |_, hour| hour.reporting = 7), [N, N, P, P])]
#[case::the_newest_hour_is_late(changed(6, |n, hour| if n == 5 { hour.reporting = 0; hour.usage = 0 }), [P, P, P, P])]
#[case::too_few_requests(changed(6, |_, hour| (hour.usage, hour.baseline) = (30, 30)), [P, P, N, P])]
#[case::fifty_in_a_thousand(changed(6, |_, hour| hour.errors = 50), [P, P, P, P])]
#[case::more_than_fifty(changed(6, |n, hour| hour.errors = if n == 0 { 51 } else { 50 }), [P, P, F, P])]
#[case::errors_of_the_few_that_report(changed(6, |_, hour| (hour.reporting, hour.errors) = (1, 900)), [N, N, F, P])]
#[case::silent_for_an_hour(changed(6, |n, hour| if n == 5 { hour.usage = 99 }), [P, P, P, N])]
#[case::a_tenth_is_not_silent(changed(6, |n, hour| if n == 5 { hour.usage = 100 }), [P, P, P, P])]
#[case::silent_for_the_grace(changed(6, |n, hour| if n >= 4 { hour.usage = 0 }), [P, P, P, N])]
#[case::silent_beyond_the_grace(changed(6, |n, hour| if n >= 3 { hour.usage = 0 }), [P, P, P, F])]
#[case::silent_and_back(changed(6, |n, hour| if n < 5 { hour.usage = 10 }), [P, P, P, P])]
#[case::quiet_last_week_too(changed(6, |_, hour| (hour.usage, hour.baseline) = (0, 99)), [P, P, N, N])]
#[case::used_with_no_week_before(changed(6, |_, hour| hour.baseline = 0), [P, P, P, P])]
#[case::unused_of_late_with_no_week_before(
    changed(24, |n, hour| (hour.usage, hour.baseline, hour.errors) = (if n == 0 { 300 } else { 0 }, 0, 0)), [P, P, P, N])]
#[case::used_again_with_no_week_before(
    changed(6, |n, hour| (hour.usage, hour.baseline) = (if n == 5 { 300 } else { 0 }, 99)), [P, P, P, P])]
#[case::a_quiet_night_does_not_heal(
    changed(6, |n, hour| (hour.usage, hour.baseline) = (0, if n < 3 { 1000 } else { 5 })), [P, P, N, F])]
fn what_the_hours_say(#[case] telemetry: StageTelemetry, #[case] expected: [Verdict; 4]) {
    // the last hour, of nothing the sixth, has just ended
    let hours = i64::try_from(telemetry.hours.len()).unwrap();
    assert_eq!(verdicts(&telemetry, if hours == 0 { 360 } else { hours * 60 }), expected);
}

#[test]
fn data_grows_old() {
    let coverage_age = |minutes| verdicts(&healthy(6), minutes)[..2].to_vec();
    assert_eq!(coverage_age(360 + 120), [P, P]);
    assert_eq!(coverage_age(360 + 121), [P, N]);
    let Measure::Age { minutes, .. } = POLICY.findings(&healthy(6), None, after(405))[1].measure else {
        unreachable!()
    };
    assert_eq!(minutes, Some(45));
}

#[test]
fn who_is_not_heard_any_more_falls_silent_once_its_data_is_too_old() {
    let gone = changed(9, |n, hour| {
        if n >= 3 {
            (hour.reporting, hour.usage) = (0, 0);
        }
    });
    let silence = |minutes| verdicts(&gone, minutes)[3];
    // hour 3 ends after 240 minutes and is waited for 120 more
    assert_eq!([silence(240), silence(359), silence(360), silence(420), silence(480)], [P, P, N, N, F]);
    let patient = TelemetryPolicy { silence_fails: false, ..POLICY };
    assert_eq!(patient.findings(&gone, None, after(540))[3].verdict, N);
}

#[test]
fn an_hour_that_runs_is_not_covered_yet() {
    assert_eq!(verdicts(&healthy(1), 59), [N, N, P, N]);
    assert_eq!(verdicts(&healthy(1), 60), [P, P, P, P]);
}

#[test]
fn bake_counts_covered_hours_only() {
    let bake = |telemetry: &StageTelemetry, since, minutes| {
        let covered = POLICY.bake(telemetry, after(since), 4, after(minutes));
        (covered.hours, (covered.until - FIRST.start()).num_minutes())
    };
    // from the next whole hour on
    assert_eq!(bake(&healthy(8), 0, 0), (0, 240));
    assert_eq!(bake(&healthy(8), 1, 130), (1, 300));
    assert_eq!(bake(&healthy(8), 1, 299), (3, 300));
    assert_eq!(bake(&healthy(8), 1, 300).0, 4);
    // hours that nobody heard and that are no longer waited for are added
    let gap = changed(8, |n, hour| {
        if n == 1 || n == 2 {
            hour.reporting = 3;
        }
    });
    assert_eq!(bake(&gap, 0, 200), (1, 240));
    assert_eq!(bake(&gap, 0, 240), (2, 300));
    assert_eq!(bake(&gap, 0, 300), (3, 360));
    assert_eq!(bake(&gap, 0, 360).0, 4);
    // missing buckets are hours not heard
    assert_eq!(bake(&StageTelemetry::default(), 0, 600), (0, 720));
}

/// Six hours of which the first four are bad, looked at by a person within the fourth.
#[rstest]
#[case::errors_before_are_seen(changed(6, |n, hour| hour.errors = if n < 4 { 900 } else { 1 }), [P, P, P, P])]
#[case::errors_after_are_not(changed(6, |n, hour| hour.errors = if n >= 4 { 51 } else { 0 }), [P, P, F, P])]
#[case::requests_are_needed_anew(changed(6, |n, hour| hour.usage = if n < 4 { 1000 } else { 99 }), [P, P, N, N])]
#[case::silence_that_lasts_is_no_pass(changed(6, |_, hour| (hour.usage, hour.errors) = (0, 0)), [P, P, N, N])]
#[case::and_harm_beyond_the_grace_again(changed(7, |_, hour| (hour.usage, hour.errors) = (0, 0)), [P, P, N, F])]
fn who_resumes_has_seen_what_was_heard(#[case] telemetry: StageTelemetry, #[case] expected: [Verdict; 4]) {
    let hours = i64::try_from(telemetry.hours.len()).unwrap();
    let found = POLICY.findings(&telemetry, Some(after(3 * 60 + 20)), after(hours * 60));
    assert_eq!(found.map(|finding| finding.verdict), expected);
}

proptest! {
    #[test]
    fn the_order_of_hours_does_not_matter(
        (hours, shuffled) in proptest::collection::vec((0_u32..3, 0_u64..300, 0_u64..300, 0_u64..30), 0..20)
            .prop_map(|rows| rows.into_iter().zip(0..).map(|((reporting, usage, baseline, errors), n)| {
                StageHour { hour: FIRST.plus(n), expected: 2, reporting, usage, baseline, errors }
            }).collect::<Vec<_>>())
            .prop_flat_map(|hours| (Just(hours.clone()), Just(hours).prop_shuffle())),
        now in 0_i64..2000,
    ) {
        let (ordered, shuffled) = (StageTelemetry { hours }, StageTelemetry { hours: shuffled });
        prop_assert_eq!(POLICY.findings(&ordered, None, after(now)), POLICY.findings(&shuffled, None, after(now)));
        prop_assert_eq!(POLICY.bake(&ordered, after(30), 5, after(now)), POLICY.bake(&shuffled, after(30), 5, after(now)));
    }

    /// Until the bake is over, its end is ahead; and it is over no sooner than was said.
    #[test]
    fn the_end_of_the_bake_is_never_too_late(heard in proptest::collection::vec(any::<bool>(), 40), minute in 0_i64..2400) {
        let telemetry = changed(40, |n, hour| hour.reporting = if heard[n] { 10 } else { 0 });
        let said = POLICY.bake(&telemetry, after(10), 6, after(minute));
        let over = (minute..2400).find(|m| POLICY.bake(&telemetry, after(10), 6, after(*m)).hours >= 6);
        if said.hours < 6 {
            prop_assert!(said.until > after(minute));
            prop_assert!(over.is_none_or(|over| said.until <= after(over)));
        }
    }
}

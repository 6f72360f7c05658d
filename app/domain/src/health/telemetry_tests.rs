use super::*;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeMap;
use uuid::Uuid;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 / HOUR_SECONDS * HOUR_SECONDS + minute * 60, 0).unwrap()
}

fn sample(from: i64, to: i64, usage: u64, errors: u64) -> UncheckedSample {
    let environment = EnvironmentId::new(Uuid::from_u128(1));
    UncheckedSample { environment, from: at(from), to: at(to), usage, errors, source: "gateway logs".into() }
}

#[rstest]
#[case::an_hour(sample(0, 60, 100, 3), None)]
#[case::a_day(sample(-1380, 60, 100, 100), None)]
#[case::backwards(sample(60, 0, 1, 0), Some(SampleError::Backwards { from: at(60), to: at(0) }))]
#[case::empty(sample(60, 60, 1, 0), Some(SampleError::Backwards { from: at(60), to: at(60) }))]
#[case::clock_a_little_ahead(sample(0, 65, 1, 0), None)]
#[case::future(sample(0, 66, 1, 0), Some(SampleError::Future { to: at(66), now: at(60) }))]
#[case::old(sample(60 - 22 * 1440, 60 - 21 * 1440, 1, 0), None)]
#[case::too_old(sample(59 - 22 * 1440, -21 * 1440, 1, 0), Some(SampleError::TooOld { from: at(59 - 22 * 1440) }))]
#[case::too_long(sample(-1381, 60, 1, 0), Some(SampleError::TooLong { minutes: 1441 }))]
#[case::errors(sample(0, 60, 4, 5), Some(SampleError::ErrorsAboveUsage { errors: 5, usage: 4 }))]
#[case::all_errors(sample(0, 60, 4, 4), None)]
#[case::too_much(sample(0, 60, USAGE_MAX + 1, 5), Some(SampleError::TooMuch { usage: USAGE_MAX + 1 }))]
#[case::nameless(UncheckedSample { source: "  ".into(), ..sample(0, 60, 1, 0) }, Some(SampleError::Source))]
#[case::endless(UncheckedSample { source: "x".repeat(81), ..sample(0, 60, 1, 0) }, Some(SampleError::Source))]
fn what_is_believed(#[case] sample: UncheckedSample, #[case] error: Option<SampleError>) {
    assert_eq!(sample.check(at(60)).err(), error);
}

#[test]
fn the_ends_of_the_calendar_are_refused_not_met_with_a_panic() {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let endless = UncheckedSample { from: first, to: last, ..sample(0, 60, 1, 0) };
    assert!(matches!(endless.clone().check(last), Err(SampleError::TooLong { .. })));
    assert!(matches!(endless.check(first), Err(SampleError::Future { .. })));
    assert_eq!(Hour::of_number(i64::MAX).start(), last);
}

#[test]
fn a_sample_is_cut_at_the_hours() {
    let cut = sample(-30, 75, 105, 7).check(at(75)).unwrap().hours();
    let first = Hour::of(at(-30));
    let cell = |covered_seconds, usage, errors| HourSample { covered_seconds, usage, errors };
    assert_eq!(
        cut,
        [(first, cell(1800, 30, 2)), (first.plus(1), cell(3600, 60, 4)), (first.plus(2), cell(900, 15, 1))]
    );
    assert_eq!((cut[0].1.is_heard(), cut[1].1.is_heard()), (false, true));
}

#[test]
fn hours_begin_where_they_say() {
    assert_eq!((Hour::of(at(59)), Hour::of(at(60))), (Hour::of(at(0)), Hour::of(at(0)).plus(1)));
    assert_eq!((Hour::from(at(0)), Hour::from(at(1))), (Hour::of(at(0)), Hour::of(at(0)).plus(1)));
    assert_eq!((Hour::of(at(5)).start(), Hour::of(at(5)).end()), (at(0), at(60)));
    assert_eq!(Hour::of(DateTime::from_timestamp(-1, 0).unwrap()).number(), -1);
}

#[test]
fn the_hour_so_far_is_replaced_by_the_whole_hour() {
    let part = |to, usage, errors| sample(0, to, usage, errors).check(at(60)).unwrap().hours()[0].1;
    let (early, late) = (part(20, 10, 0), part(60, 31, 1));
    assert_eq!((early.join(late), late.join(early)), (late, late));
    // of two that cover the same, the worst of both
    let contradicts = part(60, 2, 0);
    assert_eq!(late.join(contradicts), HourSample { covered_seconds: 3600, usage: 2, errors: 1 });
}

fn hour_sample() -> impl Strategy<Value = HourSample> {
    // few values, so that ties are common
    (0_u16..4, 0_u64..4, 0_u64..4).prop_map(|(quarters, usage, errors)| HourSample {
        covered_seconds: quarters * 1200,
        usage,
        errors,
    })
}

fn believed() -> impl Strategy<Value = Sample> {
    (0_i64..300, 1_i64..300, 0_u64..1000, 0_u64..1000).prop_map(|(from, length, usage, errors)| {
        sample(from, from + length, usage.max(errors), usage.min(errors)).check(at(1000)).unwrap()
    })
}

fn stored(samples: &[Sample]) -> BTreeMap<Hour, HourSample> {
    let mut hours = BTreeMap::new();
    for (hour, sample) in samples.iter().flat_map(Sample::hours) {
        hours.entry(hour).and_modify(|known: &mut HourSample| *known = known.join(sample)).or_insert(sample);
    }
    hours
}

proptest! {
    #[test]
    fn the_join_is_a_least_upper_bound(a in hour_sample(), b in hour_sample(), c in hour_sample()) {
        prop_assert_eq!(a.join(b), b.join(a));
        prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
        prop_assert_eq!(a.join(a), a);
        prop_assert_eq!(a.join(b).join(b), a.join(b));
        prop_assert!(a.join(b).errors >= a.errors);
    }

    #[test]
    fn twice_late_and_in_reverse_order_end_in_the_same(
        (samples, shuffled) in proptest::collection::vec(believed(), 1..12)
            .prop_flat_map(|samples| (Just(samples.clone()), Just(samples).prop_shuffle())),
        again in 0_usize..12,
    ) {
        let expected = stored(&samples);
        let reversed: Vec<Sample> = samples.iter().rev().cloned().collect();
        let mut twice = shuffled;
        twice.push(samples[again % samples.len()].clone());
        prop_assert_eq!(stored(&reversed), expected.clone());
        prop_assert_eq!(stored(&twice), expected);
    }

    #[test]
    fn cutting_loses_nothing(sample in believed()) {
        let hours = sample.hours();
        let sent = sample.sent();
        prop_assert_eq!(hours.iter().map(|(_, cell)| cell.usage).sum::<u64>(), sent.usage);
        prop_assert_eq!(hours.iter().map(|(_, cell)| cell.errors).sum::<u64>(), sent.errors);
        let seconds: i64 = hours.iter().map(|(_, cell)| i64::from(cell.covered_seconds)).sum();
        prop_assert_eq!(seconds, (sent.to - sent.from).num_seconds());
        prop_assert!(hours.windows(2).all(|pair| pair[0].0.plus(1) == pair[1].0));
    }
}

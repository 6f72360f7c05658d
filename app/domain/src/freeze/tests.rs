//! Spans, scopes, limits, and what a set of freezes says of a night.

use super::words::FreezeNames;
use super::*;
use crate::calendar::Night;
use crate::clockface::UtcClockface;
use crate::fleet::Cloud;
use crate::ids::EnvironmentId;
use crate::people::ReasonError;
use crate::people::samples::{person, reasoned};
use crate::rollout::words::Names;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn yearly(first: &str, last: &str) -> Result<Span, SpanError> {
    Span::yearly(first.parse()?, last.parse()?)
}

fn one_off(first: &str, last: &str) -> Span {
    Span::one_off(date(first), date(last)).unwrap()
}

fn customer(id: u128) -> CustomerId {
    CustomerId::new(Uuid::from_u128(id))
}

fn environment(id: u128) -> EnvironmentId {
    EnvironmentId::new(Uuid::from_u128(id))
}

/// Environment 21 of customer 2, in North Europe.
const fn place() -> Place<'static> {
    Place {
        cloud: Cloud::Public,
        region: "north-europe",
        customer: CustomerId::new(Uuid::from_u128(2)),
        environment: EnvironmentId::new(Uuid::from_u128(21)),
    }
}

fn freeze(id: u128, scope: FreezeScope, span: Span) -> Freeze {
    let owner = FreezeOwner::Vendor;
    let (id, set_by, set_at) = (FreezeId::new(Uuid::from_u128(id)), person(1), DateTime::UNIX_EPOCH);
    Freeze { id, scope, span, reason: "Year end".into(), owner, set_by, set_at, state: FreezeState::Set }
}

fn night(text: &str) -> Night {
    let start = at(&format!("{text}T22:00:00Z"));
    Night { date: date(text), start, end: start + TimeDelta::hours(6) }
}

#[rstest]
#[case::first("12-20", "01-03", "2026-12-20", true)]
#[case::last("12-20", "01-03", "2027-01-03", true)]
#[case::before("12-20", "01-03", "2026-12-19", false)]
#[case::after("12-20", "01-03", "2027-01-04", false)]
#[case::plain("11-20", "11-30", "2026-11-25", true)]
#[case::plain_out("11-20", "11-30", "2026-12-01", false)]
#[case::from_leap_day("02-29", "03-02", "2027-02-28", true)]
#[case::from_leap_day_in_leap_year("02-29", "03-02", "2028-02-28", false)]
#[case::until_leap_day("02-20", "02-29", "2027-03-01", false)]
#[case::leap_day_alone("02-29", "02-29", "2027-02-28", true)]
fn a_yearly_span_covers(#[case] first: &str, #[case] last: &str, #[case] on: &str, #[case] covered: bool) {
    assert_eq!(yearly(first, last).unwrap().covers(date(on)), covered);
}

#[test]
fn spans_that_make_no_sense_cannot_be_made_or_read() {
    assert_eq!(Span::one_off(date("2026-01-02"), date("2026-01-01")), Err(SpanError::EndsBeforeItBegins));
    for (first, last) in [("01-01", "12-31"), ("12-24", "12-23"), ("02-29", "02-28"), ("03-01", "02-28")] {
        assert_eq!(yearly(first, last), Err(SpanError::NeverFree), "{first} {last}");
    }
    for day in ["02-30", "13-01", "00-10", "1-1", "12-00", "12+24", "é-01"] {
        assert_eq!(day.parse::<MonthDay>(), Err(SpanError::NoSuchDay), "{day}");
    }
    let written = r#"{"repeats":"one_off","first":"2026-01-02","last":"2026-01-01"}"#;
    assert!(serde_json::from_str::<Span>(written).is_err());
    let span = yearly("12-20", "01-03").unwrap();
    let text = serde_json::to_string(&span).unwrap();
    assert_eq!(text, r#"{"repeats":"yearly","first":"12-20","last":"01-03"}"#);
    assert_eq!(serde_json::from_str::<Span>(&text).unwrap(), span);
    assert_eq!((SpanError::NoSuchDay.field(), SpanError::NeverFree.field()), ("first", "last"));
}

#[test]
fn the_end_of_all_dates_is_not_overrun() {
    let forever = Span::one_off(NaiveDate::MIN, NaiveDate::MAX).unwrap();
    assert_eq!(forever.next_free(date("2026-01-01")), None);
    let freezes: Freezes = [freeze(1, FreezeScope::Global, forever)].into_iter().collect();
    assert_eq!(freezes.free_from(place(), NaiveDate::MAX), None);
    let yearly = yearly("12-20", "01-03").unwrap();
    assert!(!yearly.covers(NaiveDate::MIN) && !yearly.covers(NaiveDate::MAX - TimeDelta::days(30)));
}

#[test]
fn each_scope_takes_its_own() {
    let scopes = |other: bool| {
        let n = u128::from(other);
        [
            FreezeScope::Cloud { cloud: if other { Cloud::China } else { Cloud::Public } },
            FreezeScope::Region { region: if other { "west-europe" } else { "north-europe" }.to_owned() },
            FreezeScope::Customer { customer: customer(2 + n) },
            FreezeScope::Environment { environment: environment(21 + n) },
        ]
    };
    assert!(FreezeScope::Global.applies_to(place()));
    assert!(scopes(false).iter().all(|scope| scope.applies_to(place())));
    assert!(scopes(true).iter().all(|scope| !scope.applies_to(place())));
}

#[test]
fn the_one_that_ends_last_is_named_and_chains_are_followed() {
    let freezes: Freezes = [
        freeze(1, FreezeScope::Global, one_off("2026-12-18", "2026-12-24")),
        freeze(2, FreezeScope::Region { region: "north-europe".into() }, yearly("12-20", "01-03").unwrap()),
        freeze(3, FreezeScope::Customer { customer: customer(2) }, one_off("2027-01-04", "2027-01-05")),
        freeze(4, FreezeScope::Customer { customer: customer(3) }, one_off("2026-01-01", "2027-12-31")),
    ]
    .into_iter()
    .collect();
    let named = |on: &str| freezes.covering(place(), date(on)).map(|freeze| freeze.id.uuid().as_u128());
    assert_eq!([named("2026-12-18"), named("2026-12-21"), named("2027-01-04")], [Some(1), Some(2), Some(3)]);
    assert_eq!(named("2027-01-06"), None);
    assert_eq!(freezes.free_from(place(), date("2026-12-18")), Some(date("2027-01-06")));
    assert_eq!(freezes.free_from(place(), date("2026-12-17")), Some(date("2026-12-17")));
    let overridden = freezes.without(&[FreezeId::new(Uuid::from_u128(2))]);
    assert_eq!(overridden.free_from(place(), date("2026-12-18")), Some(date("2026-12-25")));
}

#[test]
fn freezes_that_always_meet_leave_no_night() {
    let freezes: Freezes = [
        freeze(1, FreezeScope::Global, yearly("01-01", "07-01").unwrap()),
        freeze(2, FreezeScope::Global, yearly("06-30", "01-01").unwrap()),
    ]
    .into_iter()
    .collect();
    assert_eq!(freezes.free_from(place(), date("2026-03-01")), None);
}

#[test]
fn a_lift_stays_in_the_record_and_only_its_side_lifts() {
    let mine = FreezeOwner::Customer { customer: customer(2) };
    let set = Freeze { owner: mine, ..freeze(1, FreezeScope::Global, one_off("2026-12-18", "2026-12-24")) };
    let phases = ["2026-12-17", "2026-12-18", "2026-12-24", "2026-12-25"].map(|on| set.phase(date(on)));
    assert_eq!(phases, [FreezePhase::Planned, FreezePhase::Active, FreezePhase::Active, FreezePhase::Over]);
    let lift = || reasoned(5, DateTime::UNIX_EPOCH);
    for side in [FreezeOwner::Vendor, FreezeOwner::Customer { customer: customer(3) }] {
        assert_eq!(set.clone().lift(side, lift(), date("2026-12-20")), Err(LiftError::NotYours));
    }
    let over = set.clone().lift(mine, lift(), date("2026-12-25"));
    assert!(matches!(over, Err(LiftError::WrongEdge(WrongEdge { from: "Over", .. }))));
    for today in ["2026-12-01", "2026-12-20"] {
        let lifted = set.clone().lift(mine, lift(), date(today)).unwrap();
        assert_eq!(lifted.phase(date("2026-12-20")), FreezePhase::Lifted);
        assert!(!lifted.holds(place(), date("2026-12-20")) && set.holds(place(), date("2026-12-20")));
        assert!(matches!(lifted.lift(mine, lift(), date(today)), Err(LiftError::WrongEdge(_))));
    }
}

/// Asks as customer 2, which owns environment 21.
fn ask(
    scope: FreezeScope,
    span: Span,
    own: &[Freeze],
    announced: &[Night],
    behind: u16,
) -> Result<Freeze, FreezeError> {
    let environments = [environment(21)];
    let requester = Requester::Customer {
        customer: customer(2),
        environments: &environments,
        own,
        announced,
        behind,
        policy: CustomerFreezePolicy::DEFAULT,
    };
    let request = FreezeRequest { scope, span, reason: " Year end ".into() };
    request.set(FreezeId::new(Uuid::nil()), person(3), &requester, at("2026-12-01T20:00:00Z"))
}

#[test]
fn customers_freeze_their_own_only() {
    let span = one_off("2026-12-10", "2026-12-11");
    let foreign = [
        FreezeScope::Global,
        FreezeScope::Cloud { cloud: Cloud::Public },
        FreezeScope::Region { region: "north-europe".into() },
        FreezeScope::Customer { customer: customer(3) },
        FreezeScope::Environment { environment: environment(22) },
    ];
    for scope in foreign {
        assert_eq!(ask(scope, span, &[], &[], 0), Err(FreezeError::NotYours));
    }
    for scope in
        [FreezeScope::Customer { customer: customer(2) }, FreezeScope::Environment { environment: environment(21) }]
    {
        let freeze = ask(scope, span, &[], &[], 2).unwrap();
        assert_eq!(
            (freeze.reason.as_str(), freeze.owner),
            ("Year end", FreezeOwner::Customer { customer: customer(2) })
        );
    }
}

#[test]
fn customers_freeze_for_a_time_and_not_again_at_once() {
    let own = || FreezeScope::Customer { customer: customer(2) };
    let before = freeze(7, own(), one_off("2026-12-10", "2026-12-19"));
    let elsewhere = freeze(8, FreezeScope::Environment { environment: environment(29) }, before.span);
    let lifted = Freeze { state: FreezeState::Lifted { lift: reasoned(1, DateTime::UNIX_EPOCH) }, ..before.clone() };
    let soon = FreezeError::TooSoonAfterAnother { nights_max: 14, rest_nights_min: 14 };
    let long = FreezeError::TooLong { nights_max: 14 };
    assert!(ask(own(), one_off("2026-12-10", "2026-12-23"), &[], &[], 0).is_ok());
    assert_eq!(ask(own(), one_off("2026-12-10", "2026-12-24"), &[], &[], 0), Err(long));
    assert_eq!(ask(own(), yearly("12-10", "12-24").unwrap(), &[], &[], 0), Err(long));
    assert!(ask(own(), yearly("12-20", "01-02").unwrap(), &[], &[], 0).is_ok());
    // ten nights, and five more with 13 nights between, then with 14
    assert_eq!(ask(own(), one_off("2027-01-02", "2027-01-06"), std::slice::from_ref(&before), &[], 0), Err(soon));
    assert!(ask(own(), one_off("2027-01-03", "2027-01-07"), std::slice::from_ref(&before), &[], 0).is_ok());
    // up to 14 nights together may be in two pieces
    assert!(ask(own(), one_off("2026-12-21", "2026-12-24"), &[before], &[], 0).is_ok());
    assert!(ask(own(), one_off("2027-01-02", "2027-01-06"), &[lifted], &[], 0).is_ok());
    let one = FreezeScope::Environment { environment: environment(21) };
    assert!(ask(one, one_off("2027-01-02", "2027-01-06"), &[elsewhere], &[], 0).is_ok());
}

#[test]
fn each_other_refusal_has_its_field() {
    let own = || FreezeScope::Customer { customer: customer(2) };
    // it is 20:00, and the night begins at 22:00
    let tonight = night("2026-12-01");
    let late = ask(own(), one_off("2026-12-01", "2026-12-05"), &[], &[tonight], 0);
    assert_eq!(late, Err(FreezeError::TooLate { night: tonight, lead_hours: 4 }));
    assert!(ask(own(), one_off("2026-12-02", "2026-12-05"), &[], &[tonight, night("2026-12-02")], 0).is_ok());
    let behind = ask(own(), one_off("2026-12-02", "2026-12-05"), &[], &[], 3);
    assert_eq!(behind, Err(FreezeError::TooFarBehind { behind: 3, behind_max: 2 }));
    let over = ask(own(), one_off("2026-11-02", "2026-11-30"), &[], &[], 0);
    assert_eq!(over, Err(FreezeError::Over));
    let request = FreezeRequest { scope: own(), span: one_off("2026-12-02", "2026-12-05"), reason: " ".into() };
    let silent = request.set(FreezeId::new(Uuid::nil()), person(3), &Requester::Staff, at("2026-12-01T20:00:00Z"));
    assert_eq!(silent, Err(FreezeError::Reason { error: ReasonError::Missing }));
    let fields = [late, behind, over, silent].map(|refused| refused.unwrap_err().field());
    assert_eq!(fields, ["first", "scope", "last", "reason"]);
}

#[test]
fn staff_freeze_any_scope_for_any_time() {
    let request =
        FreezeRequest { scope: FreezeScope::Global, span: one_off("2026-12-02", "2027-12-05"), reason: "x".into() };
    let set = request.set(FreezeId::new(Uuid::nil()), person(3), &Requester::Staff, at("2026-12-01T20:00:00Z"));
    assert_eq!(set.unwrap().owner, FreezeOwner::Vendor);
}

struct Plain;

impl Names for Plain {
    fn environment(&self, _: EnvironmentId) -> String {
        "contoso-prod".into()
    }
}

impl FreezeNames for Plain {
    fn region(&self, slug: &str) -> String {
        slug.into()
    }
    fn customer(&self, _: CustomerId) -> String {
        "Contoso".into()
    }
}

#[test]
fn sentences() {
    let span = yearly("12-20", "01-03").unwrap();
    let set = freeze(1, FreezeScope::Global, span);
    let held = "Frozen for every environment: Year end; the first night that is free is Mon 4 Jan 2027";
    assert_eq!(set.holds_back(Some(date("2027-01-04")), &UtcClockface, &Plain), held);
    let own = freeze(2, FreezeScope::Customer { customer: customer(2) }, one_off("2026-12-20", "2027-01-03"));
    assert_eq!(
        [set.sentence(&UtcClockface, &Plain), own.sentence(&UtcClockface, &Plain)],
        [
            "Frozen for every environment, every year the nights of 20 Dec–3 Jan: Year end",
            "Frozen for all environments of Contoso, the nights of 20 Dec 2026–3 Jan 2027: Year end"
        ]
    );
    let other = Place { environment: environment(22), region: "west-europe", ..place() };
    let announced = [(place(), "2026-12-19"), (place(), "2026-12-20"), (place(), "2027-01-02"), (other, "2026-12-21")]
        .map(|(place, on)| PlannedNight { place, night: night(on) });
    let preview = FreezePreview::of(&FreezeScope::Region { region: "north-europe".into() }, span, announced);
    assert_eq!(
        preview.sentence(&UtcClockface),
        "2 announced nights of 1 environment fall into it (20 Dec 2026–2 Jan 2027). Each is moved and its owner is told."
    );
    let also = FreezePreview { expected: 3, ..preview };
    assert!(
        also.sentence(&UtcClockface)
            .ends_with(" 3 environments are expected in it and not told of a night yet: another one is chosen.")
    );
    let nothing = FreezePreview::of(&FreezeScope::Global, one_off("2020-01-01", "2020-01-02"), announced);
    assert_eq!(nothing.sentence(&UtcClockface), "No announced night falls into it.");
}

fn any_span() -> impl Strategy<Value = Span> {
    let days = (0_i64..800, 0_i64..200);
    let one_off = days.prop_map(|(first, length)| {
        let first = date("2026-01-01") + TimeDelta::days(first);
        Span::one_off(first, first + TimeDelta::days(length)).unwrap()
    });
    let yearly = (1_u8..=12, 1_u8..=31, 1_u8..=12, 1_u8..=31).prop_filter_map("no such span", |(m1, d1, m2, d2)| {
        Span::yearly(MonthDay::new(m1, d1)?, MonthDay::new(m2, d2)?).ok()
    });
    prop_oneof![one_off, yearly]
}

proptest! {
    /// What `free_from` answers is free, and every night before it is not: said by looking at each night.
    #[test]
    fn free_from_is_the_first_free_night(spans in proptest::collection::vec(any_span(), 0..6), from in 0_i64..800) {
        let numbered = spans.into_iter().zip(1_u128..);
        let freezes: Freezes = numbered.map(|(span, id)| freeze(id, FreezeScope::Global, span)).collect();
        let from = date("2026-01-01") + TimeDelta::days(from);
        let frozen = |night: NaiveDate| freezes.iter().any(|freeze| freeze.span.covers(night));
        let slow = from.iter_days().take(733).find(|night| !frozen(*night));
        prop_assert_eq!(freezes.free_from(place(), from), slow);
        prop_assert_eq!(freezes.covering(place(), from).is_some(), frozen(from));
    }

    /// A yearly span by another road: walk from its first day to its last, in any year.
    #[test]
    fn a_yearly_span_is_walked_from_first_to_last(span in any_span(), on in 0_i64..2000) {
        let night = date("2026-01-01") + TimeDelta::days(on);
        if let Some((first, last)) = span.around(night) {
            prop_assert!(first <= night && night <= last);
            prop_assert!(first.iter_days().take_while(|day| *day <= last).all(|day| span.covers(day)));
        } else {
            prop_assert_eq!(span.next_free(night), Some(night));
        }
    }

    /// No freeze that customers can set ever leads to more frozen nights in a row than their policy allows.
    #[test]
    fn customers_never_stay_frozen(spans in proptest::collection::vec(any_span(), 1..8)) {
        let mut own: Vec<Freeze> = Vec::new();
        for span in spans {
            let set = ask(FreezeScope::Customer { customer: customer(2) }, span, &own, &[], 0);
            own.extend(set);
        }
        let mut row = 0;
        for night in date("2026-12-01").iter_days().take(1200) {
            row = if own.iter().any(|freeze| freeze.span.covers(night)) { row + 1 } else { 0 };
            prop_assert!(row <= 14, "{night} {own:?}");
        }
    }
}

//! Every edge, every refusal, and that nothing is ever dropped.

use super::*;
use crate::approval::samples::{approved, digest};
use crate::clockface::UtcClockface;
use crate::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
use crate::ids::{BuildId, RolloutId};
use crate::people::samples::{person, reasoned};
use crate::severity::Severity;
use proptest::prelude::*;
use uuid::Uuid;

fn start() -> DateTime<Utc> {
    "2026-10-01T08:00:00Z".parse().unwrap()
}

fn after(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

fn freeze_id(n: u128) -> FreezeId {
    FreezeId::new(Uuid::from_u128(n))
}

/// Freeze 1 stands, freeze 2 was lifted.
fn freezes() -> Freezes {
    let freeze = |id, state| Freeze {
        id: freeze_id(id),
        scope: FreezeScope::Global,
        span: Span::one_off("2026-10-01".parse().unwrap(), "2026-10-09".parse().unwrap()).unwrap(),
        reason: "x".into(),
        owner: FreezeOwner::Vendor,
        set_by: person(9),
        set_at: start(),
        state,
    };
    [freeze(1, FreezeState::Set), freeze(2, FreezeState::Lifted { lift: reasoned(9, start()) })].into_iter().collect()
}

/// Person 1 asks; persons 1 to 4 are on the list.
fn policy() -> EmergencyPolicy {
    EmergencyPolicy::with((1..5).map(|n| person(n).id).collect())
}

fn request() -> EmergencyRequest {
    EmergencyRequest {
        rollout: RolloutId::new(Uuid::nil()),
        build: BuildId::new(Uuid::nil()),
        criterion: Criterion::Security,
        severity: Severity::High,
        why: Reasoned { reason: "tokens leak".into(), ..reasoned(1, start()) },
        shortening: Shortening { bake_hours: Some(6), reduced: vec![Gate::SmokeTests], ..Default::default() },
        overrides: vec![freeze_id(1)],
        lasts_hours: 48,
    }
}

fn file(request: EmergencyRequest) -> Result<EmergencyPath, RequestError> {
    request.file(EmergencyId::new(Uuid::nil()), &policy(), &freezes())
}

fn requested() -> EmergencyPath {
    file(request()).unwrap()
}

fn approve(path: EmergencyPath, by: u128) -> Result<EmergencyPath, EmergencyError> {
    path.approve(approved(by, 1, start()), &digest(1), &policy())
}

fn ready() -> EmergencyPath {
    approve(approve(requested(), 2).unwrap(), 3).unwrap()
}

fn activate(path: EmergencyPath) -> Result<EmergencyPath, EmergencyError> {
    path.activate(&digest(1), &policy(), &freezes(), start())
}

fn active() -> EmergencyPath {
    activate(ready()).unwrap()
}

fn result(pass: bool) -> GateResult {
    GateResult { pass, by: person(5), at: after(2), note: "run 17".into() }
}

fn settled(path: EmergencyPath) -> EmergencyPath {
    [Gate::Bake, Gate::SmokeTests].into_iter().fold(path, |path, gate| path.complete_gate(gate, result(true)).unwrap())
}

fn review() -> Review {
    Review { by: person(5), at: after(60), text: "it held".into(), link: None }
}

type Edge = fn(EmergencyPath) -> bool;

#[test]
fn each_edge_leaves_exactly_its_states() {
    let expired = active().expire(after(48)).unwrap();
    let ended = active().end(reasoned(1, after(5))).unwrap();
    let reviewed = settled(expired.clone()).review(review()).unwrap();
    let withdrawn = requested().withdraw(reasoned(1, start())).unwrap();
    let states = [requested(), ready(), active(), expired, ended, reviewed, withdrawn];
    let words = states.each_ref().map(|path| path.state.word());
    assert_eq!(words, ["Requested", "Approved", "Active", "Expired", "Ended", "Reviewed", "Withdrawn"]);
    let edges: [(&str, Edge, [bool; 7]); 8] = [
        ("approve", |path| approve(path, 4).is_ok(), [true, false, false, false, false, false, false]),
        (
            "edit",
            |path| path.edit(request(), &policy(), &freezes()).is_ok(),
            [true, true, false, false, false, false, false],
        ),
        ("activate", |path| activate(path).is_ok(), [false, true, false, false, false, false, false]),
        ("expire", |path| path.expire(after(48)).is_ok(), [false, false, true, false, false, false, false]),
        ("end", |path| path.end(reasoned(1, after(5))).is_ok(), [false, false, true, false, false, false, false]),
        (
            "withdraw",
            |path| path.withdraw(reasoned(1, after(5))).is_ok(),
            [true, true, false, false, false, false, false],
        ),
        (
            "complete a gate",
            |path| path.complete_gate(Gate::Bake, result(true)).is_ok(),
            [false, false, true, true, true, false, false],
        ),
        // those that are over still owe their gates
        ("review", |path| path.review(review()).is_ok(), [false; 7]),
    ];
    for (name, edge, allowed) in edges {
        for (state, allowed) in states.clone().into_iter().zip(allowed) {
            let from = state.state.word();
            assert_eq!(edge(state), allowed, "{name} from {from}");
        }
    }
    for state in states {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<EmergencyPath>(&text).unwrap(), state);
    }
}

#[test]
fn it_ends_by_itself_and_a_late_end_is_none() {
    assert!(active().expire(after(47)).is_err());
    assert!(active().end(reasoned(1, after(48))).is_err());
    assert_eq!((in_force(&active(), after(47)), in_force(&active(), after(48))), (true, false));
}

#[test]
fn each_refusal_of_a_request_has_its_field() {
    let with = |shortening: Shortening| file(EmergencyRequest { shortening, ..request() });
    let mut silent = request();
    silent.why.reason = " ".into();
    let mut unlisted = policy();
    unlisted.approvers = vec![person(1).id, person(2).id, person(2).id];
    let none = Shortening::default;
    let refused = [
        (file(silent), "reason"),
        (file(EmergencyRequest { severity: Severity::Medium, ..request() }), "severity"),
        (file(EmergencyRequest { shortening: none(), overrides: Vec::new(), ..request() }), "bake_hours"),
        (with(Shortening { bake_hours: Some(0), ..none() }), "bake_hours"),
        (with(Shortening { covered_hours: Some(0), ..none() }), "covered_hours"),
        (with(Shortening { samples: Some(4), ..none() }), "samples"),
        (with(Shortening { notice_hours: Some(0), ..none() }), "notice_hours"),
        (with(Shortening { gap_days: Some(0), ..none() }), "gap_days"),
        (with(Shortening { reduced: vec![Gate::Bake], ..none() }), "reduced"),
        (file(EmergencyRequest { lasts_hours: 0, ..request() }), "lasts_hours"),
        (file(EmergencyRequest { lasts_hours: 169, ..request() }), "lasts_hours"),
        (file(EmergencyRequest { overrides: vec![freeze_id(2)], ..request() }), "overrides"),
        (file(EmergencyRequest { overrides: vec![freeze_id(3)], ..request() }), "overrides"),
        (request().file(EmergencyId::new(Uuid::nil()), &unlisted, &freezes()), "approver"),
    ];
    for (refused, field) in refused {
        assert_eq!(refused.unwrap_err().field(), field);
    }
}

#[test]
fn two_others_from_the_list_approve_exactly_this() {
    let once = approve(requested(), 2).unwrap();
    assert_eq!(once.state.word(), "Requested");
    for (by, why) in [(1, ApprovalError::IsAuthor), (2, ApprovalError::SamePerson), (5, ApprovalError::NotAuthorised)] {
        assert_eq!(approve(once.clone(), by), Err(EmergencyError::Approval(why)));
    }
    let other = once.approve(approved(3, 2, start()), &digest(1), &policy());
    assert_eq!(other, Err(EmergencyError::Approval(ApprovalError::ChangedMeanwhile)));
}

#[test]
fn an_edit_voids_both_approvals() {
    let longer = EmergencyRequest { lasts_hours: 72, ..request() };
    let edited = ready().edit(longer.clone(), &policy(), &freezes()).unwrap();
    assert_eq!(edited.standing(&digest(2), &policy()).voided_by_edit.len(), 2);
    assert_eq!(activate(edited).unwrap_err().field(), "state");
    let mut stolen = longer;
    stolen.why = reasoned(2, start());
    assert_eq!(ready().edit(stolen, &policy(), &freezes()), Err(EmergencyError::NotTheRequester));
    let dropped = EmergencyRequest { lasts_hours: 0, ..request() };
    assert_eq!(ready().edit(dropped, &policy(), &freezes()).unwrap_err().field(), "lasts_hours");
}

#[test]
fn what_changed_since_the_approval_is_seen_when_it_comes_into_force() {
    let mut left = policy();
    left.approvers.retain(|id| *id != person(3).id);
    assert_eq!(ready().activate(&digest(1), &left, &freezes(), start()), Err(EmergencyError::NotApproved));
    assert_eq!(ready().activate(&digest(2), &policy(), &freezes(), start()), Err(EmergencyError::NotApproved));
    let lifted = ready().activate(&digest(1), &policy(), &Freezes::default(), start());
    assert_eq!(lifted.unwrap_err().field(), "overrides");
}

#[test]
fn only_named_freezes_are_overridden_and_only_in_force() {
    for path in [requested(), ready(), active().end(reasoned(1, after(1))).unwrap()] {
        assert_eq!(overridden(&path, after(2)), []);
    }
    assert_eq!(overridden(&active(), after(2)), [freeze_id(1)]);
    assert_eq!(overridden(&active(), after(48)), []);
    assert!(active().names_freeze(freeze_id(1)) && !active().names_freeze(freeze_id(2)));
}

#[test]
fn debts_are_found_until_they_are_paid() {
    let due = |hours| after(hours);
    let path = active();
    assert_eq!(findings(&policy(), &path, after(23)), []);
    let smoke = EmergencyFinding::GateOverdue { gate: Gate::SmokeTests, due: due(24) };
    assert_eq!(findings(&policy(), &path, after(24)), [smoke]);
    let failed = path.complete_gate(Gate::SmokeTests, result(false)).unwrap();
    let found = EmergencyFinding::GateFailed { gate: Gate::SmokeTests, at: after(2) };
    assert_eq!(findings(&policy(), &failed, after(24)), [found]);
    let passed = failed.complete_gate(Gate::SmokeTests, result(true)).unwrap();
    assert_eq!(findings(&policy(), &passed, after(24)), []);
    let again = passed.clone().complete_gate(Gate::SmokeTests, result(false));
    assert!(matches!(again, Err(EmergencyError::WrongEdge(WrongEdge { from: "Passed", .. }))));
    assert_eq!(passed.clone().complete_gate(Gate::Health, result(true)), Err(EmergencyError::NotShortened));
    // the review: a week after its end, whether or not a server wrote that it expired
    let week = 7 * 24;
    let overdue = [
        EmergencyFinding::GateOverdue { gate: Gate::Bake, due: due(week) },
        EmergencyFinding::ReviewOverdue { due: due(48 + week) },
    ];
    assert_eq!(findings(&policy(), &passed, after(48 + week)), overdue);
    let expired = passed.expire(after(50)).unwrap();
    assert_eq!(findings(&policy(), &expired, after(48 + week)), overdue);
    assert_eq!(expired.clone().review(review()), Err(EmergencyError::DebtsOpen { gates: vec![Gate::Bake] }));
    let paid = expired.complete_gate(Gate::Bake, result(false)).unwrap();
    let empty = Review { text: " ".into(), ..review() };
    assert_eq!(paid.clone().review(empty), Err(EmergencyError::ReviewEmpty));
    let closed = paid.review(Review { text: String::new(), link: Some("/postmortems/7".into()), ..review() }).unwrap();
    assert_eq!(findings(&policy(), &closed, after(1000)), []);
    assert_eq!(review_due(&policy(), &closed, after(1000)), None);
}

#[test]
fn sentences() {
    assert_eq!(
        active().sentence(&UtcClockface, start()),
        "Security breach or vulnerability (tokens leak): bake time 6 hours a station, smoke tests in part now, the rest \
         out of band, 1 freeze overridden. In force until Sat 3 Oct 2026, 08:00 UTC"
    );
    assert!(
        active().sentence(&UtcClockface, after(48)).ends_with("Expired on Sat 3 Oct 2026, 08:00 UTC; a review is owed")
    );
    let pace = Pace { bake_hours: 6, covered_hours: 1, samples: 20, notice_hours: 120, gap_days: 5, any_night: false };
    assert_eq!(
        pace.sentence(),
        "Each station bakes for 6 hours; its health gate needs 20 reports and telemetry over 1 hour; \
         customers are told 120 hours ahead; production follows its sandboxes by 5 days, in the published windows"
    );
    let unasked = Pace { covered_hours: 0, samples: 0, gap_days: 1, any_night: true, ..pace };
    assert_eq!(
        unasked.sentence(),
        "Each station bakes for 6 hours; customers are told 120 hours ahead; production follows its sandboxes by 1 day, \
         on any night"
    );
    let promoted = Shortening { gap_days: Some(1), any_night: true, ..Default::default() };
    let said = ["production 1 day after its sandboxes", "any night instead of the published windows"];
    assert_eq!(promoted.phrases(), said);
    let finding = EmergencyFinding::GateOverdue { gate: Gate::Bake, due: start() };
    let said = "Shortened, and not completed out of band since Thu 1 Oct 2026, 08:00 UTC: bake time";
    assert_eq!(finding.sentence(&UtcClockface), said);
}

fn numbers(pace: Pace) -> [u32; 5] {
    let Pace { bake_hours, covered_hours, samples, notice_hours, gap_days, any_night: _ } = pace;
    [bake_hours.into(), covered_hours.into(), samples, notice_hours.into(), gap_days.into()]
}

proptest! {
    /// Invariant I18: whatever is asked for and whatever the policy says, in force or not, nothing that is usually there
    /// is dropped, and nothing gets longer. Not in force, nothing changes at all.
    #[test]
    fn shortened_never_dropped(
        usual in (0_u16..12, 0_u16..12, 0_u32..12, 0_u16..200, 0_u16..9),
        wish in proptest::option::of((0_u16..8, 0_u16..8, 0_u32..8, 0_u16..300, 0_u16..12, any::<bool>())),
        least in (0_u16..4, 0_u16..4, 0_u32..4, 0_u16..20, 0_u16..4),
        at in 0_i64..60,
    ) {
        let usual = Pace {
            bake_hours: usual.0,
            covered_hours: usual.1,
            samples: usual.2,
            notice_hours: usual.3,
            gap_days: usual.4,
            any_night: false,
        };
        let mut path = active();
        path.request.shortening = Shortening {
            bake_hours: wish.map(|wish| wish.0),
            covered_hours: wish.map(|wish| wish.1),
            samples: wish.map(|wish| wish.2),
            notice_hours: wish.map(|wish| wish.3),
            gap_days: wish.map(|wish| wish.4),
            any_night: wish.is_some_and(|wish| wish.5),
            reduced: Vec::new(),
        };
        let policy = EmergencyPolicy {
            bake_hours_min: least.0,
            covered_hours_min: least.1,
            samples_min: least.2,
            notice_hours_min: least.3,
            gap_days_min: least.4,
            ..policy()
        };
        let pace = shortened(usual, &path, &policy, after(at));
        let (now, before) = (
            numbers(pace),
            numbers(usual),
        );
        let floors: [u32; 5] = [least.0.into(), least.1.into(), least.2, least.3.into(), least.4.into()];
        for ((now, before), floor) in now.into_iter().zip(before).zip(floors) {
            prop_assert!(now <= before && now >= before.min(floor.max(1)));
        }
        if at >= 48 || wish.is_none() {
            prop_assert_eq!(pace, usual);
        }
    }
}

#[test]
fn keys_lead_back() {
    assert!(Criterion::ALL.into_iter().all(|one| Criterion::from_key(one.key()) == Some(one)));
    assert!(Gate::ALL.into_iter().all(|one| Gate::from_key(one.key()) == Some(one)));
    assert!(Gate::ALL.is_sorted(), "the order of the form is the order of the debts");
}

#[test]
fn the_pace_of_a_policy_comes_back_and_the_longer_of_bake_and_coverage_holds() {
    use crate::health::TelemetryPolicy;
    use crate::rollout::RolloutPolicy;
    let mut policy = RolloutPolicy::DEFAULT;
    let usual = Pace::usual(&policy);
    assert_eq!((usual.bake_hours, usual.covered_hours, usual.samples, usual.notice_hours), (24, 0, 0, 120));
    usual.apply(&mut policy);
    assert_eq!(policy, RolloutPolicy::DEFAULT);
    policy.gate.telemetry = Some(TelemetryPolicy::DEFAULT);
    let quick = Pace { bake_hours: 6, samples: 50, ..Pace::usual(&policy) };
    quick.apply(&mut policy);
    assert_eq!(policy.gate.bake_hours, 24, "coverage was not shortened");
    Pace { covered_hours: 8, ..quick }.apply(&mut policy);
    assert_eq!((policy.gate.bake_hours, policy.gate.telemetry.unwrap().samples_min), (8, 50));
}

/// What the form offers: a shorter bake, and nothing typed for telemetry.
#[test]
fn a_shortened_bake_is_shortened_where_telemetry_is_looked_at() {
    use crate::health::{GatePolicy, TelemetryPolicy};
    use crate::rollout::RolloutPolicy;
    let gate = GatePolicy { telemetry: Some(TelemetryPolicy::DEFAULT), ..GatePolicy::DEFAULT };
    let watched = RolloutPolicy { gate, ..RolloutPolicy::DEFAULT };
    let bake = |covered_hours, covered_hours_min| {
        let shortening = Shortening { bake_hours: Some(6), covered_hours, ..Default::default() };
        let path = activate(
            approve(approve(file(EmergencyRequest { shortening, ..request() }).unwrap(), 2).unwrap(), 3).unwrap(),
        );
        let strict = EmergencyPolicy { covered_hours_min, ..policy() };
        let mut quick = watched;
        shortened(Pace::usual(&watched), &path.unwrap(), &strict, after(1)).apply(&mut quick);
        quick.gate.bake_hours
    };
    assert_eq!(bake(None, 1), 6);
    assert_eq!(bake(None, 8), 8, "never below the least that has to be covered");
    assert_eq!(bake(Some(12), 1), 12, "the longer of the two holds");
}

#[test]
fn what_is_no_less_than_usual_shortens_nothing() {
    let usual =
        Pace { bake_hours: 24, covered_hours: 24, samples: 20, notice_hours: 120, gap_days: 5, any_night: false };
    let as_usual = Shortening {
        bake_hours: Some(24),
        covered_hours: Some(30),
        samples: Some(20),
        notice_hours: Some(120),
        gap_days: Some(5),
        any_night: false,
        reduced: Vec::new(),
    };
    assert_eq!(as_usual.clone().below(usual), Shortening::default());
    let less = Shortening {
        bake_hours: Some(23),
        covered_hours: Some(23),
        samples: Some(19),
        notice_hours: Some(119),
        gap_days: Some(4),
        any_night: true,
        ..as_usual
    };
    assert_eq!(less.clone().below(usual), less);
    let wish = |bake_hours, covered_hours| Shortening { bake_hours, covered_hours, ..Default::default() };
    assert_eq!(wish(Some(6), Some(12)).below(usual), wish(Some(6), Some(12)));
    assert_eq!(wish(Some(6), None).below(usual), wish(Some(6), None), "covered for as long");
    // The longer of the two holds.
    assert_eq!(wish(Some(6), Some(24)).below(usual), Shortening::default());
    assert_eq!(wish(None, Some(6)).below(usual), Shortening::default());
    let unwatched = Pace { covered_hours: 0, samples: 0, ..usual };
    assert_eq!(wish(Some(6), Some(24)).below(unwatched), wish(Some(6), None), "there is nothing to cover");
}

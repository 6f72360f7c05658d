//! Every edge of an exemption, its refusals and its reminders.

use super::*;
use crate::approval::samples::{approved, digest};
use crate::clockface::UtcClockface;
use crate::people::samples::{person, reasoned};
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

fn start() -> DateTime<Utc> {
    "2026-10-01T08:00:00Z".parse().unwrap()
}

fn after(days: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(days)
}

fn request(days: i64) -> ExemptionRequest {
    let scope = ExemptionScope::Environment { environment: EnvironmentId::new(Uuid::nil()) };
    ExemptionRequest { scope, why: reasoned(1, start()), evidence: "VP-1".into(), expires_at: after(days) }
}

fn file(request: ExemptionRequest) -> Result<ExemptionRecord, ExemptionError> {
    request.file(ExemptionId::new(Uuid::nil()), true, &ExemptionPolicy::default(), start())
}

fn grant(record: ExemptionRecord, by: u128, at: DateTime<Utc>) -> Result<ExemptionRecord, ExemptionError> {
    record.grant(approved(by, 1, at), &digest(1), &[person(1).id, person(2).id], true)
}

fn granted(days: i64) -> ExemptionRecord {
    grant(file(request(days)).unwrap(), 2, start()).unwrap()
}

#[test]
fn only_a_regulated_customer_is_exempt() {
    let grant = |regulated| Exemption::grant(regulated, "GxP".into(), "VP-1".into(), DateTime::UNIX_EPOCH);
    assert_eq!(grant(false), Err(NotRegulated));
    assert!(grant(true).is_ok());
}

#[test]
fn each_refusal_of_a_request_has_its_field() {
    let id = ExemptionId::new(Uuid::nil());
    let unregulated = request(90).file(id, false, &ExemptionPolicy::default(), start());
    assert_eq!(unregulated.as_ref().unwrap_err(), &ExemptionError::NotRegulated);
    let mut silent = request(90);
    silent.why.reason = " ".into();
    let refused = [
        unregulated,
        file(silent),
        file(ExemptionRequest { evidence: String::new(), ..request(90) }),
        file(request(0)),
        file(request(366)),
    ];
    let fields = refused.map(|refused| refused.unwrap_err().field());
    assert_eq!(fields, ["scope", "reason", "evidence", "expires_at", "expires_at"]);
    assert!(file(request(365)).is_ok());
}

#[test]
fn another_person_grants_what_stands_there() {
    let filed = || file(request(90)).unwrap();
    let at = after(1);
    assert_eq!(grant(filed(), 1, at), Err(ExemptionError::Approval(ApprovalError::IsAuthor)));
    assert_eq!(grant(filed(), 3, at), Err(ExemptionError::Approval(ApprovalError::NotAuthorised)));
    assert_eq!(grant(filed(), 2, after(90)), Err(ExemptionError::Over));
    let edited = filed().grant(approved(2, 1, at), &digest(2), &[person(2).id], true);
    assert_eq!(edited, Err(ExemptionError::Approval(ApprovalError::ChangedMeanwhile)));
    let unregulated = filed().grant(approved(2, 1, at), &digest(1), &[person(2).id], false);
    assert_eq!(unregulated, Err(ExemptionError::NotRegulated));
    let exemption = grant(filed(), 2, at).unwrap().exemption().unwrap();
    assert_eq!((exemption.evidence.as_str(), exemption.expires_at), ("VP-1", after(90)));
    assert!(exemption.holds_at(after(89)) && !exemption.holds_at(after(90)));
}

#[test]
fn each_edge_leaves_exactly_its_states() {
    let filed = file(request(90)).unwrap();
    let refused = filed.clone().refuse(reasoned(2, after(1))).unwrap();
    let withdrawn = granted(90).withdraw(reasoned(2, after(1))).unwrap();
    let states = [filed, refused, granted(90), withdrawn];
    assert_eq!(states.each_ref().map(|s| s.word(after(2))), ["Requested", "Refused", "Granted", "Withdrawn"]);
    assert_eq!(states.each_ref().map(|s| s.exemption().is_some()), [false, false, true, false]);
    let by = || reasoned(2, after(2));
    assert_eq!(states.clone().map(|s| grant(s, 2, after(2)).is_ok()), [true, false, false, false]);
    assert_eq!(states.clone().map(|s| s.refuse(by()).is_ok()), [true, false, false, false]);
    assert_eq!(states.clone().map(|s| s.withdraw(by()).is_ok()), [false, false, true, false]);
    assert_eq!(states.clone().map(|s| s.reminded(30, after(2)).is_ok()), [false, false, true, false]);
    // it ends by itself, and is not withdrawn afterwards
    assert_eq!(granted(90).word(after(90)), "Expired");
    assert_eq!(granted(90).withdraw(reasoned(2, after(90))).unwrap_err().from, "Expired");
    for state in states {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<ExemptionRecord>(&text).unwrap(), state);
    }
}

#[rstest]
#[case::early(90, None, 59, None)]
#[case::a_month_ahead(90, None, 60, Some(30))]
#[case::sent(90, Some(30), 70, None)]
#[case::a_week_ahead(90, Some(30), 83, Some(7))]
#[case::the_latest_alone(90, None, 85, Some(7))]
#[case::all_sent(90, Some(7), 89, None)]
#[case::ended(90, None, 90, None)]
#[case::shorter_than_a_month(20, None, 5, None)]
#[case::shorter_than_a_month_still_a_week_ahead(20, None, 13, Some(7))]
#[case::shorter_than_a_week_not_at_once(3, None, 1, None)]
#[case::shorter_than_a_week_a_day_ahead(3, None, 2, Some(1))]
#[case::shorter_than_a_week_once(3, Some(1), 2, None)]
#[case::two_days_a_day_ahead(2, None, 1, Some(1))]
fn reminders(#[case] length: i64, #[case] sent: Option<u16>, #[case] on: i64, #[case] due: Option<u16>) {
    let mut record = granted(length);
    if let Some(sent) = sent {
        record = record.reminded(sent, start()).unwrap();
    }
    let policy = ExemptionPolicy::default();
    assert_eq!(record.reminder_due(&policy, after(on)), due);
    // Whoever looks only when one falls due misses none.
    assert!(due.is_none() || record.next_reminder(&policy).is_some_and(|at| at <= after(on)));
}

#[test]
fn the_reminder_says_what_happens_afterwards() {
    let text = reminder(after(90), 5, &UtcClockface);
    assert!(text.starts_with("The exemption ends on Wed 30 Dec 2026, 08:00 UTC. From then on"), "{text}");
    assert!(text.contains("at least 5 days ahead"), "{text}");
}

proptest! {
    /// However seldom the server looks, each reminder comes at most once, later ones last, and one that was due is there
    /// before the end if the server looked on the last day.
    #[test]
    fn reminders_come_once_and_in_order(length in 1_i64..365, looks in proptest::collection::btree_set(0_i64..400, 0..20)) {
        let (policy, mut record, mut sent) = (ExemptionPolicy::default(), granted(length), Vec::new());
        for day in looks {
            if let Some(days) = record.reminder_due(&policy, after(day)) {
                prop_assert!(day < length && day >= length - i64::from(days));
                record = record.reminded(days, after(day)).unwrap();
                sent.push(days);
            }
        }
        prop_assert!(sent.windows(2).all(|pair| pair[0] > pair[1]));
        let last = record.reminder_due(&policy, after(length - 1));
        let owed = match length { 1 => 0, 2..7 => 1, _ => 7 };
        prop_assert!(sent.contains(&owed) || last == Some(owed) || length == 1, "{length} days: {sent:?}, {last:?}");
    }
}

/// No day is left to be reminded ahead.
#[test]
fn what_lasts_less_than_two_days_is_reminded_of_at_half() {
    let policy = ExemptionPolicy::default();
    let record = granted(1);
    let half = start() + TimeDelta::hours(12);
    assert_eq!(record.next_reminder(&policy), Some(half));
    assert_eq!(record.reminder_due(&policy, half - TimeDelta::seconds(1)), None);
    assert_eq!(record.reminder_due(&policy, half), Some(0));
    let reminded = record.reminded(0, half).unwrap();
    assert_eq!((reminded.reminder_due(&policy, half), reminded.next_reminder(&policy)), (None, None));
}

//! Which approvals count.

use super::samples::{approved, digest};
use super::*;
use crate::people::samples::person;
use proptest::prelude::*;

const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn terms<'a>(digest: &'a Digest, authorised: &'a [UserId], needed: u8) -> Terms<'a> {
    Terms { digest, author: person(1).id, authorised, needed }
}

#[test]
fn a_digest_is_64_hexadecimal_digits() {
    assert_eq!(digest(7).to_string().parse(), Ok(digest(7)));
    for text in [String::new(), "0".repeat(63), "0".repeat(65), "A".repeat(64), "g".repeat(64), "é".repeat(32)] {
        assert_eq!(text.parse::<Digest>(), Err(DigestError), "{text}");
    }
    assert!(serde_json::from_str::<Digest>("\"abc\"").is_err());
}

#[test]
fn each_refusal_has_its_reason_and_its_field() {
    let (now, people) = (digest(1), [person(1).id, person(2).id]);
    let terms = terms(&now, &people, 2);
    let given = [approved(2, 1, AT)];
    let refusals = [
        (approved(1, 1, AT), ApprovalError::IsAuthor, "approver"),
        (approved(9, 1, AT), ApprovalError::NotAuthorised, "approver"),
        (approved(2, 1, AT), ApprovalError::SamePerson, "approver"),
        (approved(2, 3, AT), ApprovalError::ChangedMeanwhile, "digest"),
    ];
    for (new, error, field) in refusals {
        assert_eq!(terms.take(&given, &new), Err(error));
        assert_eq!(error.field(), field);
    }
}

#[test]
fn an_edit_voids_and_reading_it_again_counts() {
    let (now, people) = (digest(2), [person(2).id, person(3).id]);
    let terms = terms(&now, &people, 2);
    let before = [approved(2, 1, AT), approved(3, 1, AT)];
    let standing = terms.standing(&before);
    assert_eq!((standing.holds, standing.missing, standing.voided_by_edit.len()), (false, 2, 2));
    assert_eq!(standing.sentence(), "Not approved; 2 are needed. Voided by a later edit: Person 2, Person 3");
    let again = terms.take(&before, &approved(2, 2, AT)).unwrap();
    assert_eq!((again.holds, again.missing), (false, 1));
    assert!(again.sentence().starts_with("Approved by Person 2; one more is needed"));
}

#[test]
fn who_lost_the_right_does_not_count_any_more() {
    let (now, people) = (digest(1), [person(2).id]);
    let standing = terms(&now, &people, 2).standing(&[approved(2, 1, AT), approved(3, 1, AT)]);
    assert!(!standing.holds);
    assert_eq!(standing.refused, [(person(3), ApprovalError::NotAuthorised)]);
}

proptest! {
    /// Invariant I11, said another way: it holds exactly if enough distinct authorised people beside the author gave
    /// their approval for this digest.
    #[test]
    fn holds_for_exactly_the_distinct_authorised_others(
        given in proptest::collection::vec((1_u128..6, 1_u8..3), 0..8),
        authorised in proptest::collection::btree_set(1_u128..6, 0..5),
        needed in 1_u8..3,
    ) {
        let now = digest(1);
        let ids: Vec<UserId> = authorised.iter().map(|id| person(*id).id).collect();
        let approvals: Vec<Approved> = given.iter().map(|(by, of)| approved(*by, *of, AT)).collect();
        let standing = terms(&now, &ids, needed).standing(&approvals);
        let others = authorised.iter().filter(|id| **id != 1 && given.contains(&(**id, 1))).count();
        prop_assert_eq!(standing.holds, others >= usize::from(needed));
        prop_assert_eq!(standing.counted.len(), others);
        let all = standing.counted.len() + standing.voided_by_edit.len() + standing.refused.len();
        prop_assert_eq!(all, approvals.len());
    }
}

//! Which approvals the planner is given (I11), and which builds (I8).

use super::fixtures::{artifact, build_id, fleet, later, now, rol, user};
use super::harness::on_both;
use crate::user::NewUser;
use crate::{Connection, Db, build, rollout, user as users};
use domain::fleet::StationNumber;
use domain::people::{Person, Reasoned};
use domain::permission::Role;
use domain::release::{BuildApproval, Unapproved};
use domain::rollout::{Approval, Edited, GivenApproval, Promotion, RolloutFacts, RolloutPolicy};

on_both! { an_approval_counts_for_what_it_was_given a_disabled_approver_counts_no_more only_approved_builds_are_offered }

async fn an_approver(conn: &impl Connection, number: u128) {
    let new = NewUser {
        id: user(number),
        email: format!("{number}@vendor.example"),
        name: "A. Approver".into(),
        password_hash: "$argon2id$secret".into(),
        role: Role::Approver,
        customer: None,
        time_zone: "Etc/UTC".into(),
        created_at: now(),
    };
    users::insert(conn, &new).await.unwrap();
}

/// The build and station 2, by user 8, who may.
pub async fn approved_by_somebody(conn: &impl Connection) {
    an_approver(conn, 8).await;
    let approval = BuildApproval { artifact: artifact(), by: Some(person(8)), at: now() };
    build::approve(conn, build_id(), &approval).await.unwrap();
    let digest = promotion(conn).await.digest;
    rollout::add_approval(conn, rol(50), &given(Some(digest))).await.unwrap();
}

fn given(digest: Option<domain::approval::Digest>) -> GivenApproval {
    let approval = Approval { by: user(8), name: "A. Approver".into(), at: now() };
    GivenApproval { station: StationNumber(2), approval, digest }
}

async fn promotion(conn: &impl Connection) -> Promotion {
    let found = rollout::find(conn, rol(50)).await.unwrap().unwrap();
    let build = build::find(conn, found.build).await.unwrap().unwrap();
    let stages = rollout::stages(conn, rol(50)).await.unwrap();
    rollout::promotion(&found, &build, &stages, rollout::approvers(conn).await.unwrap()).unwrap()
}

async fn facts(conn: &impl Connection) -> RolloutFacts {
    rollout::load_facts(conn, rol(50), rollout::Reach::Everyone).await.unwrap().unwrap().facts
}

fn person(number: u128) -> Person {
    Person { id: user(number), name: format!("Person {number}") }
}

async fn an_approval_counts_for_what_it_was_given(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    approved_by_somebody(&tx).await;
    assert_eq!(facts(&tx).await.approvals, [(StationNumber(2), given(None).approval)]);
    let policy = RolloutPolicy { sandbox_percent: 10, ..RolloutPolicy::DEFAULT };
    let edit = Edited { by: person(3), at: later(1) };
    rollout::set_policy(&tx, rol(50), &policy, &edit).await.unwrap();
    let edited = rollout::find(&tx, rol(50)).await.unwrap().unwrap();
    assert_eq!((edited.policy, edited.edited), (policy, Some(edit)));
    assert_eq!(facts(&tx).await.approvals, [], "an edit voids it");
    // Back as it was: the very bytes that were approved.
    let back = Edited { by: person(3), at: later(2) };
    rollout::set_policy(&tx, rol(50), &RolloutPolicy::DEFAULT, &back).await.unwrap();
    assert_eq!(facts(&tx).await.approvals.len(), 1);
    // One that was given before digests were kept stands for what was there before any edit.
    rollout::drop_approval(&tx, rol(50), StationNumber(2)).await.unwrap();
    rollout::add_approval(&tx, rol(50), &given(None)).await.unwrap();
    assert_eq!(facts(&tx).await.approvals, []);
    tx.commit().await.unwrap();
}

async fn a_disabled_approver_counts_no_more(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    approved_by_somebody(&tx).await;
    assert!(facts(&tx).await.is_let_into(StationNumber(2)));
    users::set_disabled(&tx, user(8), Some(now())).await.unwrap();
    assert!(!facts(&tx).await.is_let_into(StationNumber(2)));
    users::set_disabled(&tx, user(8), None).await.unwrap();
    assert!(facts(&tx).await.is_let_into(StationNumber(2)));
    tx.commit().await.unwrap();
}

async fn only_approved_builds_are_offered(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    an_approver(&tx, 8).await;
    assert_eq!(facts(&tx).await.unapproved, Some(Unapproved::NotYet));
    let approval = BuildApproval { artifact: artifact(), by: Some(person(8)), at: now() };
    build::approve(&tx, build_id(), &approval).await.unwrap();
    let approved = build::find(&tx, build_id()).await.unwrap().unwrap();
    assert_eq!((&approved.artifact, approved.approval.as_ref()), (&artifact(), Some(&approval)));
    assert_eq!(facts(&tx).await.unapproved, None);
    users::set_disabled(&tx, user(8), Some(now())).await.unwrap();
    assert_eq!(facts(&tx).await.unapproved, Some(Unapproved::ApproverGone { name: "Person 8".into() }));
    users::set_disabled(&tx, user(8), None).await.unwrap();
    let withdrawal = Reasoned::new(person(3), "wrong key", later(1)).unwrap();
    build::withdraw(&tx, build_id(), &withdrawal).await.unwrap();
    let why = facts(&tx).await.unapproved.unwrap();
    assert_eq!(why.sentence(), "The build is withdrawn by Person 3: wrong key");
    build::approve(&tx, build_id(), &approval).await.unwrap();
    assert_eq!(facts(&tx).await.unapproved, None, "approved again");
    tx.commit().await.unwrap();
}

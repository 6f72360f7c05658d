//! Messages: told once, read by each person for themselves, paged newest first.

use super::fixtures::{CONTOSO, FABRIKAM, contoso, ground, id, later, now, user};
use super::harness::on_both;
use crate::notification::NewNotification;
use crate::user::NewUser;
use crate::{Connection, Db, notification as notes, user as users};
use domain::ids::NotificationId;
use domain::permission::{Role, TenantScope};
use domain::wire::notification::NotificationKind;
use serde_json::json;

on_both! {
    an_event_is_told_once every_kind_can_be_told pages_are_stable reading_is_personal
    another_customers_message_does_not_exist
}

fn note(number: u128, hours: i64, kind: NotificationKind) -> NewNotification {
    NewNotification {
        id: id(number),
        customer: contoso(),
        kind,
        environment: None,
        rollout: None,
        payload: json!({"train": "10.0.48 PQU-7", "number": number.to_string()}),
        created_at: later(hours),
        dedupe_key: format!("event {number}"),
    }
}

async fn readers(conn: &impl Connection) {
    ground(conn).await;
    for (number, customer) in [(1, CONTOSO), (2, CONTOSO), (3, FABRIKAM)] {
        let new = NewUser {
            id: id(number),
            email: format!("u{number}@example.org"),
            name: "Ada".into(),
            password_hash: String::new(),
            role: Role::CustomerViewer,
            customer: Some(id(customer)),
            time_zone: "UTC".into(),
            created_at: now(),
        };
        users::insert(conn, &new).await.unwrap();
    }
}

async fn an_event_is_told_once(db: &Db) {
    let tx = db.begin().await.unwrap();
    readers(&tx).await;
    assert!(notes::insert(&tx, &note(1, 0, NotificationKind::Announced)).await.unwrap());
    let again = NewNotification { id: id(2), ..note(1, 5, NotificationKind::Announced) };
    assert!(!notes::insert(&tx, &again).await.unwrap());
    let page = notes::list(&tx, contoso(), user(1), &[], None, 9).await.unwrap();
    assert_eq!(page.rows.iter().map(|n| (n.id, n.created_at)).collect::<Vec<_>>(), [(id(1), later(0))]);
    assert_eq!(page.rows[0].payload, note(1, 0, NotificationKind::Announced).payload);
    tx.commit().await.unwrap();
}

async fn pages_are_stable(db: &Db) {
    use NotificationKind as K;
    let tx = db.begin().await.unwrap();
    readers(&tx).await;
    // Two at each instant, so that the id decides.
    for number in 1..=10_u128 {
        let kind = if number % 2 == 0 { K::Moved } else { K::Announced };
        notes::insert(&tx, &note(number, i64::try_from(number / 2).unwrap(), kind)).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = notes::list(&tx, contoso(), user(1), &[], after, 3).await.unwrap();
        seen.extend(page.rows.iter().map(|n| n.id.uuid().as_u128()));
        after = page.rows.last().map(|n| n.id);
        // What arrives meanwhile is newer than every page that follows.
        let new = 100 + seen.len() as u128;
        notes::insert(&tx, &note(new, 50, K::Delivered)).await.unwrap();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, (1..=10).rev().collect::<Vec<_>>());
    let moved = notes::list(&tx, contoso(), user(1), &[K::Moved, K::Failed], None, 2).await.unwrap();
    assert_eq!(moved.rows.iter().map(|n| n.id).collect::<Vec<NotificationId>>(), [id(10), id(8)]);
    assert!(moved.more);
    tx.commit().await.unwrap();
}

async fn every_kind_can_be_told(db: &Db) {
    let tx = db.begin().await.unwrap();
    readers(&tx).await;
    for (number, kind) in (1..).zip(NotificationKind::ALL) {
        assert!(notes::insert(&tx, &note(number, 0, kind)).await.unwrap());
        let told = notes::list(&tx, contoso(), user(1), &[kind], None, 9).await.unwrap();
        assert_eq!(told.rows.len(), 1, "{kind:?}");
    }
    tx.commit().await.unwrap();
}

async fn reading_is_personal(db: &Db) {
    let tx = db.begin().await.unwrap();
    readers(&tx).await;
    for number in 1..=4 {
        notes::insert(&tx, &note(number, 0, NotificationKind::Scheduled)).await.unwrap();
    }
    let own = TenantScope::Customer(contoso());
    let unread = async |number| notes::unread_count(&tx, contoso(), user(number)).await.unwrap();
    assert_eq!((unread(1).await, unread(2).await), (4, 4));
    assert!(notes::mark_read(&tx, own, user(1), id(2), now()).await.unwrap());
    assert!(notes::mark_read(&tx, own, user(1), id(2), later(1)).await.unwrap(), "reading twice is no error");
    assert_eq!((unread(1).await, unread(2).await), (3, 4));
    assert!(notes::find(&tx, own, user(1), id(2)).await.unwrap().unwrap().read);
    assert!(!notes::find(&tx, own, user(2), id(2)).await.unwrap().unwrap().read);
    assert_eq!(notes::mark_all_read(&tx, contoso(), user(1), now()).await.unwrap(), 3);
    assert_eq!((unread(1).await, unread(2).await), (0, 4));
    assert_eq!(notes::mark_all_read(&tx, contoso(), user(1), now()).await.unwrap(), 0);
    tx.commit().await.unwrap();
}

async fn another_customers_message_does_not_exist(db: &Db) {
    let tx = db.begin().await.unwrap();
    readers(&tx).await;
    notes::insert(&tx, &note(1, 0, NotificationKind::Scheduled)).await.unwrap();
    let other = TenantScope::Customer(id(FABRIKAM));
    assert_eq!(notes::find(&tx, other, user(3), id(1)).await.unwrap(), None);
    assert!(!notes::mark_read(&tx, other, user(3), id(1), now()).await.unwrap());
    assert!(notes::list(&tx, id(FABRIKAM), user(3), &[], Some(id(1)), 9).await.unwrap().rows.is_empty());
    assert_eq!(notes::unread_count(&tx, id(FABRIKAM), user(3)).await.unwrap(), 0);
    assert!(notes::find(&tx, TenantScope::AllCustomers, user(3), id(1)).await.unwrap().is_some());
    tx.commit().await.unwrap();
}

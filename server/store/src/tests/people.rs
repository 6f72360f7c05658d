//! Users, their sessions, and those who guess passwords.

use super::fixtures::{CONTOSO, contoso, ground, id, later, now, user};
use super::harness::on_both;
use crate::session::Session;
use crate::throttle::Throttle;
use crate::user::NewUser;
use crate::{Db, Error, session, throttle, user as users};
use chrono::TimeDelta;
use domain::permission::Role;
use serde_json::json;

on_both! {
    users_sign_in_by_address a_role_and_its_customer_belong_together a_deleted_session_stays_deleted
    sessions_end failures_are_counted_in_a_window
}

fn admin(number: u128, email: &str) -> NewUser {
    NewUser {
        id: id(number),
        email: email.into(),
        name: "Ada Admin".into(),
        password_hash: "$argon2id$secret".into(),
        role: Role::CustomerAdmin,
        customer: Some(contoso()),
        time_zone: "Europe/Paris".into(),
        created_at: now(),
    }
}

async fn users_sign_in_by_address(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    users::insert(&tx, &admin(1, "Admin@Contoso.example")).await.unwrap();
    let staff = NewUser { role: Role::Support, customer: None, ..admin(2, "support@vendor.example") };
    users::insert(&tx, &staff).await.unwrap();
    tx.commit().await.unwrap();

    let found = users::find_by_email(db.reader(), " ADMIN@contoso.EXAMPLE ").await.unwrap().unwrap();
    assert_eq!((found.user.id, found.password_hash.as_str()), (user(1), "$argon2id$secret"));
    assert!(!format!("{found:?} {:?}", admin(1, "x")).contains("argon2"));
    assert!(users::find_by_email(db.reader(), "admin@contoso").await.unwrap().is_none());
    let actor = users::actor(db.reader(), user(1)).await.unwrap().unwrap();
    assert_eq!(
        (actor.customer.map(|c| c.uuid().as_u128()), actor.customer_name.as_deref()),
        (Some(CONTOSO), Some("Contoso"))
    );
    assert_eq!(users::list(db.reader()).await.unwrap().len(), 2);

    let tx = db.begin().await.unwrap();
    users::set_password_hash(&tx, user(1), "other").await.unwrap();
    users::set_time_zone(&tx, user(1), "UTC").await.unwrap();
    users::set_disabled(&tx, user(2), Some(later(1))).await.unwrap();
    let changed = users::find_by_email(&tx, "admin@contoso.example").await.unwrap().unwrap();
    assert_eq!(
        (changed.password_hash.as_str(), changed.user.time_zone.as_str(), changed.user.generation),
        ("other", "UTC", 3)
    );
    assert_eq!(users::actor(&tx, user(2)).await.unwrap(), None, "disabled");
    users::set_disabled(&tx, user(2), None).await.unwrap();
    assert!(users::actor(&tx, user(2)).await.unwrap().is_some());
    let nobody = users::set_time_zone(&tx, user(9), "UTC").await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
    let taken = users::insert(&tx, &admin(3, "ADMIN@CONTOSO.example")).await;
    assert!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
}

async fn a_role_and_its_customer_belong_together(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    tx.commit().await.unwrap();
    for wrong in [
        NewUser { customer: None, ..admin(1, "a@contoso.example") },
        NewUser { role: Role::Operator, ..admin(1, "a@contoso.example") },
    ] {
        let tx = db.begin().await.unwrap();
        let refused = users::insert(&tx, &wrong).await;
        assert!(matches!(refused, Err(Error::Db(_))), "{refused:?}");
    }
}

fn a_session(number: u8) -> Session {
    Session {
        id_hash: [number; 32],
        user: Some(user(1)),
        data: json!({"stage": "signed-in"}),
        created_at: now(),
        last_seen_at: later(i64::from(number)),
        expires_at: later(24),
        ip: Some("192.0.2.1".into()),
        user_agent: None,
    }
}

async fn people(db: &Db) {
    let tx = db.begin().await.unwrap();
    ground(&tx).await;
    for number in [1, 2] {
        users::insert(&tx, &admin(number, &format!("a{number}@contoso.example"))).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn a_deleted_session_stays_deleted(db: &Db) {
    people(db).await;
    let tx = db.begin().await.unwrap();
    session::create(&tx, &a_session(1)).await.unwrap();
    assert_eq!(session::load(&tx, &[1; 32], now()).await.unwrap(), Some(a_session(1)));
    let changed = Session { data: json!({"n": 2}), expires_at: later(48), ..a_session(1) };
    assert!(session::save(&tx, &changed).await.unwrap());
    assert_eq!(session::load(&tx, &[1; 32], now()).await.unwrap(), Some(changed.clone()));
    assert!(session::delete(&tx, &[1; 32]).await.unwrap());
    assert!(!session::save(&tx, &changed).await.unwrap(), "a slow request must not bring it back");
    assert!(!session::touch(&tx, &[1; 32], now(), later(1)).await.unwrap());
    assert_eq!(session::load(&tx, &[1; 32], now()).await.unwrap(), None);
    session::create(&tx, &a_session(1)).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let taken = session::create(&tx, &Session { user: Some(user(2)), ..a_session(1) }).await;
    assert!(matches!(taken, Err(Error::Conflict { .. })), "{taken:?}");
}

async fn sessions_end(db: &Db) {
    people(db).await;
    let tx = db.begin().await.unwrap();
    for number in 1..=4 {
        session::create(&tx, &a_session(number)).await.unwrap();
    }
    session::create(&tx, &Session { user: Some(user(2)), ..a_session(5) }).await.unwrap();
    session::create(&tx, &Session { user: None, expires_at: later(1), ..a_session(6) }).await.unwrap();
    assert!(session::touch(&tx, &[1; 32], later(30), later(60)).await.unwrap());
    assert_eq!(session::load(&tx, &[2; 32], later(24)).await.unwrap(), None, "over at its instant");
    let mine = session::list_of_user(&tx, user(1), later(2)).await.unwrap();
    assert_eq!(mine.iter().map(|s| s.id_hash[0]).collect::<Vec<_>>(), [1, 4, 3, 2]);
    assert_eq!(session::list_of_user(&tx, user(1), later(30)).await.unwrap().len(), 1);
    assert_eq!(session::delete_expired(&tx, later(1)).await.unwrap(), 1);
    assert_eq!(session::delete_others(&tx, user(1), &[3; 32]).await.unwrap(), 3);
    assert!(session::load(&tx, &[3; 32], now()).await.unwrap().is_some());
    assert!(session::load(&tx, &[5; 32], now()).await.unwrap().is_some(), "another user's");
    assert_eq!(session::delete_of_user(&tx, user(2)).await.unwrap(), 1);
    assert_eq!(session::delete_of_user(&tx, user(2)).await.unwrap(), 0);
    assert!(session::load(&tx, &[3; 32], now()).await.unwrap().is_some(), "another user's");
    tx.commit().await.unwrap();
}

async fn failures_are_counted_in_a_window(db: &Db) {
    let key = [9; 32];
    let window = TimeDelta::hours(1);
    let tx = db.begin().await.unwrap();
    assert_eq!(throttle::load(&tx, &key).await.unwrap(), None);
    for failures in 1..=3 {
        let counted = throttle::record_failure(&tx, &key, now() + TimeDelta::minutes(10), window).await.unwrap();
        assert_eq!(counted, Throttle { failures, window_start: now() + TimeDelta::minutes(10), blocked_until: None });
    }
    throttle::block(&tx, &key, later(5)).await.unwrap();
    let again = throttle::record_failure(&tx, &key, later(2), window).await.unwrap();
    assert_eq!(again, Throttle { failures: 1, window_start: later(2), blocked_until: Some(later(5)) });
    assert_eq!(throttle::load(&tx, &key).await.unwrap(), Some(again));
    throttle::record_failure(&tx, &[8; 32], now(), window).await.unwrap();
    assert_eq!(throttle::prune(&tx, later(3)).await.unwrap(), 1, "a block outlives its window");
    throttle::clear(&tx, &key).await.unwrap();
    assert_eq!(throttle::load(&tx, &key).await.unwrap(), None);
    tx.commit().await.unwrap();
}

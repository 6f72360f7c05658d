//! Signing in: who gets in, how often one may try, and that answers tell nothing.

use super::{Stage, at, stage};
use crate::testing::PASSWORD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::wire::problem::FormProblem;
use std::net::IpAddr;

const ADMIN: &str = "customer_admin@contoso.example";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn attempt(
    stage: &Stage,
    email: &str,
    password: &str,
    from: &str,
    now: DateTime<Utc>,
) -> Result<(), FormProblem> {
    stage.services.sign_in(email, password, address(from), now).await.unwrap().map(drop)
}

#[tokio::test]
async fn the_right_password_gives_the_user_whatever_the_case_of_the_email() {
    let stage = stage().await;
    let user = stage.services.sign_in(" Customer_Admin@CONTOSO.example", PASSWORD, address("192.0.2.1"), stage.now());
    let user = user.await.unwrap().unwrap();
    assert_eq!(user, stage.user(ADMIN));
    assert_eq!(stage.services.actor(user).await.unwrap().unwrap().email, ADMIN);
}

#[tokio::test]
async fn unknown_disabled_and_wrong_get_the_same_answer() {
    let stage = stage().await;
    let tx = stage.services.db().begin().await.unwrap();
    let viewer = "customer_viewer@contoso.example";
    store::user::set_disabled(&tx, stage.user(viewer), Some(stage.now())).await.unwrap();
    tx.commit().await.unwrap();
    for (email, password) in [(ADMIN, "wrong"), ("nobody@contoso.example", PASSWORD), (viewer, PASSWORD)] {
        let outcome = attempt(&stage, email, password, "192.0.2.1", stage.now()).await;
        assert_eq!(outcome, Err(FormProblem::CredentialsWrong), "{email}");
    }
    assert_eq!(stage.services.actor(stage.user(viewer)).await.unwrap(), None);
}

#[tokio::test]
async fn five_failures_of_an_account_make_it_wait_known_or_not() {
    let stage = stage().await;
    let now = at("2026-09-24T10:00:00Z");
    for (email, from) in [(ADMIN, "192.0.2."), ("nobody@contoso.example", "198.51.100.")] {
        for i in 1..=5 {
            let outcome = attempt(&stage, email, "wrong", &format!("{from}{i}"), now).await;
            assert_eq!(outcome, Err(FormProblem::CredentialsWrong), "{email} {i}");
        }
        // Even the right password waits, or the answer would tell that it was right.
        let outcome = attempt(&stage, email, PASSWORD, &format!("{from}9"), now + TimeDelta::seconds(59)).await;
        assert_eq!(outcome, Err(FormProblem::SignInThrottled), "{email}");
    }
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "192.0.2.9", now + TimeDelta::seconds(61)).await, Ok(()));
}

#[tokio::test]
async fn the_wait_grows_with_each_failure_and_ends_with_a_success() {
    let stage = stage().await;
    let mut now = at("2026-09-24T10:00:00Z");
    for _ in 0..5 {
        attempt(&stage, ADMIN, "wrong", "192.0.2.1", now).await.unwrap_err();
    }
    now += TimeDelta::seconds(61);
    assert_eq!(attempt(&stage, ADMIN, "wrong", "192.0.2.1", now).await, Err(FormProblem::CredentialsWrong));
    let soon = now + TimeDelta::seconds(61);
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "192.0.2.1", soon).await, Err(FormProblem::SignInThrottled));
    now += TimeDelta::seconds(121);
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "192.0.2.1", now).await, Ok(()));
    // The count began anew.
    assert_eq!(attempt(&stage, ADMIN, "wrong", "192.0.2.1", now).await, Err(FormProblem::CredentialsWrong));
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "192.0.2.1", now).await, Ok(()));
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_waits() {
    let stage = stage().await;
    for i in 0..20 {
        let outcome = attempt(&stage, &format!("user{i}@contoso.example"), "wrong", "203.0.113.7", stage.now()).await;
        assert_eq!(outcome, Err(FormProblem::CredentialsWrong), "{i}");
    }
    let now = stage.now();
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "203.0.113.7", now).await, Err(FormProblem::SignInThrottled));
    assert_eq!(attempt(&stage, ADMIN, PASSWORD, "203.0.113.8", now).await, Ok(()));
}

#[tokio::test]
async fn attempts_are_audited_without_what_was_typed() {
    let stage = stage().await;
    attempt(&stage, "my-secret-password@typed.here", "x", "192.0.2.1", stage.now()).await.unwrap_err();
    attempt(&stage, ADMIN, "wrong", "192.0.2.1", stage.now()).await.unwrap_err();
    attempt(&stage, ADMIN, PASSWORD, "192.0.2.1", stage.now()).await.unwrap();
    let events = store::audit::list(stage.services.db().reader(), None, 3).await.unwrap().rows;
    let actions: Vec<&str> = events.iter().rev().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["user.sign_in_failed", "user.sign_in_failed", "user.signed_in"]);
    assert!(events.iter().all(|event| !format!("{event:?}").contains("secret")));
    assert_eq!(events[0].object.id, stage.user(ADMIN).to_string());
}

#[tokio::test]
async fn a_hash_with_old_parameters_is_renewed_at_sign_in() {
    use argon2::{Argon2, Params, PasswordHasher};
    let stage = stage().await;
    let weak = Argon2::from(Params::new(8192, 1, 1, None).unwrap());
    let old = weak.hash_password_with_salt(b"an older password", &[3; 16]).unwrap().to_string();
    let tx = stage.services.db().begin().await.unwrap();
    store::user::set_password_hash(&tx, stage.user(ADMIN), &old).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..2 {
        assert_eq!(attempt(&stage, ADMIN, "an older password", "192.0.2.1", stage.now()).await, Ok(()));
    }
    let kept = store::user::find_by_email(stage.services.db().reader(), ADMIN).await.unwrap().unwrap();
    assert!(kept.password_hash.contains("m=19456,t=2,p=1"), "{}", kept.password_hash);
}

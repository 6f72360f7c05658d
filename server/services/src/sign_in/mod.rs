//! Who somebody is: email and password in, a user out. The answer and the work are the same whether the account exists,
//! is disabled, or the password was wrong. Not here: sessions and cookies (`server::session`).

pub mod password;
mod throttle;

use crate::trail::{By, Deed};
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::permission::Actor;
use domain::wire::problem::FormProblem;
use password::Checked;
use serde_json::json;
use std::net::IpAddr;
use store::Connection;
use store::user::User;
use throttle::Keys;

/// RFC 5321 allows no longer address.
const EMAIL_BYTES_MAX: usize = 254;

impl Services {
    /// `now` is real time, also in a demo: waiting must not pass faster there. `Ok(Err(_))` is a refused form. The caller makes a new session for the user, never keeps an old one.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Result<UserId, FormProblem>> {
        let email = match readable(email, password) {
            Ok(email) => email,
            Err(problem) => return Ok(Err(problem)),
        };
        let keys = Keys::of(&email, address);
        if self.is_throttled(self.db().reader(), &keys, now).await? {
            return Ok(Err(FormProblem::SignInThrottled));
        }
        let turn = self.passwords().turn().await?;
        // Again, with the turn in hand: many tries at once must not slip past a count that none of them has raised yet.
        if self.is_throttled(self.db().reader(), &keys, now).await? {
            return Ok(Err(FormProblem::SignInThrottled));
        }
        let found = store::user::find_by_email(self.db().reader(), &email).await?;
        let found = found.filter(|credentials| credentials.user.disabled_at.is_none());
        let hash = found.as_ref().map(|credentials| credentials.password_hash.clone());
        let checked = turn.check(password.to_owned(), hash, self.ids().bytes32()).await?;
        let user = found.map(|credentials| credentials.user);
        let tx = self.db().begin().await?;
        let outcome = match (checked, user) {
            (Checked::Right, Some(user)) => Ok(self.let_in(&tx, &user, None, &keys).await?),
            (Checked::RightRehashed(hash), Some(user)) => Ok(self.let_in(&tx, &user, Some(hash), &keys).await?),
            (_, user) => Err(self.turn_away(&tx, user.as_ref(), &keys, now).await?),
        };
        tx.commit().await?;
        Ok(outcome)
    }

    async fn let_in(&self, tx: &impl Connection, user: &User, rehashed: Option<String>, keys: &Keys) -> Result<UserId> {
        self.forget_failures(tx, keys).await?;
        if let Some(hash) = rehashed {
            store::user::set_password_hash(tx, user.id, &hash).await?;
        }
        let deed = Deed {
            action: "user.signed_in",
            object_kind: "user",
            object_id: user.id.to_string(),
            customer: user.customer,
            details: json!({}),
        };
        self.audit(tx, By::Account(user), self.now(), deed).await?;
        Ok(user.id)
    }

    async fn turn_away(
        &self,
        tx: &impl Connection,
        user: Option<&User>,
        keys: &Keys,
        now: DateTime<Utc>,
    ) -> Result<FormProblem> {
        self.count_failure(tx, keys, now).await?;
        let deed = Deed {
            action: "user.sign_in_failed",
            object_kind: "user",
            object_id: user.map_or_else(|| keys.account_text(), |user| user.id.to_string()),
            customer: user.and_then(|user| user.customer),
            details: json!({ "account_known": user.is_some() }),
        };
        self.audit(tx, By::System("sign-in"), self.now(), deed).await?;
        Ok(FormProblem::CredentialsWrong)
    }

    /// The person behind a session; `None` where the account is gone or disabled since.
    pub async fn actor(&self, user: UserId) -> Result<Option<Actor>> {
        Ok(store::user::actor(self.db().reader(), user).await?)
    }

    /// A hash to store with a new account.
    pub async fn hash_password(&self, password: &str) -> Result<String> {
        let turn = self.passwords().turn().await?;
        turn.hash(password.to_owned(), self.ids().bytes32()).await
    }
}

/// The email in its stored form, or what is missing.
fn readable(email: &str, password: &str) -> Result<String, FormProblem> {
    let email = email.trim();
    if email.is_empty() {
        return Err(FormProblem::EmailMissing);
    }
    let well_formed = email.len() <= EMAIL_BYTES_MAX
        && !email.contains(char::is_whitespace)
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if !well_formed {
        return Err(FormProblem::EmailMalformed);
    }
    if password.is_empty() {
        return Err(FormProblem::PasswordMissing);
    }
    Ok(email.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        for (email, password, expected) in [
            ("", "x", Err(FormProblem::EmailMissing)),
            ("  ", "x", Err(FormProblem::EmailMissing)),
            ("ada", "x", Err(FormProblem::EmailMalformed)),
            ("@contoso.example", "x", Err(FormProblem::EmailMalformed)),
            ("a@b@c", "x", Err(FormProblem::EmailMalformed)),
            ("a b@c", "x", Err(FormProblem::EmailMalformed)),
            ("ada@contoso.example", "", Err(FormProblem::PasswordMissing)),
            (" Ada@Contoso.example ", " ", Ok("ada@contoso.example".to_owned())),
        ] {
            assert_eq!(readable(email, password), expected, "{email}");
        }
    }
}

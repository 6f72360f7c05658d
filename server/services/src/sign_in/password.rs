//! Passwords as argon2id hashes with the crate's parameters (19 MiB, two passes: the OWASP minimum). Work is done off
//! the async threads, only so many at a time, and the same amount whether the account exists or not.

use crate::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longer ones are refused like wrong ones: hashing is work, and nobody types this much.
const PASSWORD_BYTES_MAX: usize = 1024;
/// A queue longer than this helps nobody: browsers and people have given up by then.
const QUEUE_WAIT: Duration = Duration::from_secs(10);
const SALT_BYTES: usize = 16;

/// A hash of no known password with the current parameters: what unknown accounts are checked against.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2lnbmFsYm94IG5vYm9keQ$\
                      Wm9lbmFFSmJDcUhtN2ZmYXB4cFd0a1JzM1ZkTGdVeVE";

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    Wrong,
    Right,
    /// Right, and here is a hash with today's parameters to keep instead of the old one.
    RightRehashed(String),
}

#[derive(Debug, Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// A turn to do the work of one check.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        let permit = tokio::time::timeout(QUEUE_WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        match permit {
            Ok(Ok(permit)) => Ok(Turn { permit }),
            Ok(Err(_)) | Err(_) => Err(Error::Unavailable { what: "sign-in" }),
        }
    }
}

pub(crate) struct Turn {
    permit: OwnedSemaphorePermit,
}

impl Turn {
    /// `hash` is `None` for an unknown or disabled account: the same work is done and the answer is always `Wrong`.
    pub(crate) async fn check(self, password: String, hash: Option<String>, salt: [u8; 32]) -> Result<Checked> {
        self.work(move || check(&password, hash.as_deref(), &salt)).await
    }

    pub(crate) async fn hash(self, password: String, salt: [u8; 32]) -> Result<String> {
        self.work(move || hash(&password, &salt)).await
    }

    async fn work<T: Send + 'static>(self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let permit = self.permit;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.unwrap_or_else(|join| Err(Error::Broken { what: "a password check", why: join.to_string() }))
    }
}

fn check(password: &str, hash: Option<&str>, salt: &[u8; 32]) -> Result<Checked> {
    let known = hash.is_some();
    let stored = PasswordHash::new(hash.unwrap_or(NOBODY)).map_err(broken)?;
    let fits = password.len() <= PASSWORD_BYTES_MAX;
    let given = if fits { password.as_bytes() } else { b"" };
    let right = match Argon2::default().verify_password(given, &stored) {
        Ok(()) => true,
        Err(argon2::password_hash::Error::PasswordInvalid) => false,
        Err(error) => return Err(broken(error)),
    };
    if !(right && known && fits) {
        return Ok(Checked::Wrong);
    }
    if is_current(&stored) { Ok(Checked::Right) } else { self::hash(password, salt).map(Checked::RightRehashed) }
}

fn hash(password: &str, salt: &[u8; 32]) -> Result<String> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Error::Broken { what: "a password", why: format!("longer than {PASSWORD_BYTES_MAX} bytes") });
    }
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt[..SALT_BYTES]).map_err(broken)?;
    Ok(hash.to_string())
}

fn is_current(stored: &PasswordHash) -> bool {
    stored.algorithm == Algorithm::default().ident()
        && Params::try_from(stored).is_ok_and(|params| {
            let now = Params::default();
            (params.m_cost(), params.t_cost(), params.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
        })
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken { what: "a password hash", why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; 32] = [7; 32];

    #[test]
    fn nobody_is_hashed_with_todays_parameters_and_has_no_password() {
        assert!(is_current(&PasswordHash::new(NOBODY).unwrap()));
        assert_eq!(check("signalbox-demo", None, &SALT).unwrap(), Checked::Wrong);
        assert_eq!(check("", None, &SALT).unwrap(), Checked::Wrong);
    }

    #[test]
    fn only_the_password_itself_is_right() {
        let stored = hash("signalbox-demo", &SALT).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(check("signalbox-demo", Some(&stored), &SALT).unwrap(), Checked::Right);
        for wrong in ["", "signalbox-dem", "Signalbox-demo", "signalbox-demo ", &"x".repeat(2000)] {
            assert_eq!(check(wrong, Some(&stored), &SALT).unwrap(), Checked::Wrong, "{wrong}");
        }
        assert!(check("x", Some("$2b$12$not-ours"), &SALT).is_err());
    }

    #[test]
    fn an_over_long_password_is_not_the_empty_one() {
        let empty = hash("", &SALT).unwrap();
        assert_eq!(check(&"x".repeat(2000), Some(&empty), &SALT).unwrap(), Checked::Wrong);
    }

    #[test]
    fn a_hash_with_other_parameters_is_replaced_when_it_was_right() {
        let weak = Argon2::from(Params::new(8192, 1, 1, None).unwrap());
        let old = weak.hash_password_with_salt(b"signalbox-demo", &SALT[..16]).unwrap().to_string();
        assert_eq!(check("wrong", Some(&old), &SALT).unwrap(), Checked::Wrong);
        let Checked::RightRehashed(new) = check("signalbox-demo", Some(&old), &SALT).unwrap() else { panic!() };
        assert_eq!(check("signalbox-demo", Some(&new), &SALT).unwrap(), Checked::Right);
    }
}

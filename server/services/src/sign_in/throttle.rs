//! How often somebody may try. Failures are counted per account name (known or not) and per address, in the database,
//! so that neither a restart nor a second server forgets them.

use crate::{Result, Services};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use store::Connection;

/// Failures of one account before it has to wait.
const ACCOUNT_FAILURES_MAX: u32 = 5;
/// Failures from one address: more, as a whole office may share it.
const ADDRESS_FAILURES_MAX: u32 = 20;
/// The first wait; each further failure doubles it.
const FIRST_WAIT_SECONDS: i64 = 60;
/// 64 minutes: long enough against guessing, short enough that nobody is locked out for a day by a stranger.
const DOUBLINGS_MAX: u32 = 6;
/// Failures are forgotten this long after the first of them. Longer than the longest wait, or waiting would clear it.
const WINDOW: TimeDelta = TimeDelta::hours(2);

/// The counters that one attempt belongs to: only hashes of what was typed and of where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    account: [u8; 32],
    address: [u8; 32],
}

impl Keys {
    /// `email` in its stored form.
    pub(crate) fn of(email: &str, address: IpAddr) -> Self {
        Self { account: key("account", email.as_bytes()), address: key("address", &network(address)) }
    }

    /// Names the account in the audit trail without repeating what was typed: it may be a password in the wrong field.
    pub(crate) fn account_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.account[..9])
    }

    const fn limits(&self) -> [([u8; 32], u32); 2] {
        [(self.account, ACCOUNT_FAILURES_MAX), (self.address, ADDRESS_FAILURES_MAX)]
    }
}

fn key(kind: &str, value: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize().into()
}

/// IPv6 customers get whole /64 networks: one of them counts as one address.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.octets().to_vec(),
            None => v6.octets()[..8].to_vec(),
        },
    }
}

/// `None` below the limit.
fn wait_after(failures: u32, limit: u32) -> Option<TimeDelta> {
    let beyond = failures.checked_sub(limit)?;
    Some(TimeDelta::seconds(FIRST_WAIT_SECONDS << beyond.min(DOUBLINGS_MAX)))
}

impl Services {
    pub(crate) async fn is_throttled(&self, conn: &impl Connection, keys: &Keys, now: DateTime<Utc>) -> Result<bool> {
        for (key, _) in keys.limits() {
            let throttle = store::throttle::load(conn, &key).await?;
            if throttle.and_then(|throttle| throttle.blocked_until).is_some_and(|until| now < until) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) async fn count_failure(&self, tx: &impl Connection, keys: &Keys, now: DateTime<Utc>) -> Result<()> {
        for (key, limit) in keys.limits() {
            let throttle = store::throttle::record_failure(tx, &key, now, WINDOW).await?;
            if let Some(wait) = wait_after(throttle.failures, limit) {
                store::throttle::block(tx, &key, now + wait).await?;
            }
        }
        Ok(())
    }

    /// The account's count only: else one good account would clear an address that tries many others.
    pub(crate) async fn forget_failures(&self, tx: &impl Connection, keys: &Keys) -> Result<()> {
        store::throttle::clear(tx, &keys.account).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_stops_growing() {
        let seconds = |failures| wait_after(failures, ACCOUNT_FAILURES_MAX).map(|wait| wait.num_seconds());
        assert_eq!(seconds(4), None);
        assert_eq!([5, 6, 7].map(seconds), [Some(60), Some(120), Some(240)]);
        assert_eq!(seconds(11), seconds(1000));
        assert!(TimeDelta::seconds(seconds(1000).unwrap()) < WINDOW);
    }

    #[test]
    fn accounts_and_addresses_are_counted_apart() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let keys = |email, address| Keys::of(email, at(address));
        let ada = keys("ada@contoso.example", "192.0.2.1");
        assert_eq!(ada, keys("ada@contoso.example", "::ffff:192.0.2.1"));
        assert_eq!(ada.account, keys("ada@contoso.example", "192.0.2.2").account);
        assert_ne!(ada.address, keys("ada@contoso.example", "192.0.2.2").address);
        assert_ne!(ada.account, keys("bo@contoso.example", "192.0.2.1").account);
        let of = |address| keys("x@y", address).address;
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }
}

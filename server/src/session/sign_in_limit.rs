//! Slows down one address that tries to sign in again and again, before the password is looked at: each look costs
//! 19 MiB. The limit of each account is kept in the database by `services` and outlives a restart.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;

pub struct SignInLimit(DefaultKeyedRateLimiter<IpAddr>);

impl SignInLimit {
    pub fn new(per_minute: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN))))
    }

    pub fn allows(&self, address: IpAddr) -> bool {
        self.0.check_key(&network_of(address)).is_ok()
    }

    /// Forgets addresses that have their full allowance again. Called by housekeeping.
    pub fn forget_old(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// Who has one IPv6 address has its whole /64; they count as one.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_allowance_and_a_v6_network_shares_one() {
        let limit = SignInLimit::new(2);
        let tries = |address: &str| limit.allows(address.parse().unwrap());
        assert_eq!([tries("10.0.0.1"), tries("10.0.0.1"), tries("10.0.0.1")], [true, true, false]);
        assert!(tries("10.0.0.2"));
        assert_eq!([tries("2001:db8::1"), tries("2001:db8::2"), tries("2001:db8::3")], [true, true, false]);
        assert!(tries("2001:db8:0:1::1"));
    }
}

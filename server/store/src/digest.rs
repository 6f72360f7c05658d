//! Digests of what is approved: SHA-256 over its JSON, whose fields always come in the same order.

use crate::{Error, Result};
use domain::approval::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

pub fn of<T: Serialize>(what: &T) -> Result<Digest> {
    let hash = Sha256::digest(serde_json::to_vec(what)?);
    let mut hex = String::with_capacity(2 * hash.len());
    for byte in hash {
        // Writing into a string never fails.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.parse().map_err(|_| Error::Unsupported("a digest has 64 digits"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_digest_is_the_published_hash_of_the_json() {
        let empty = "12ae32cb1ec02d01eda3581b127c1fee3b0dc53572ed6baf239721a03d82e126";
        assert_eq!(super::of(&"").unwrap().to_string(), empty, "SHA-256 of two quotation marks");
        assert_ne!(super::of(&"a").unwrap(), super::of(&"b").unwrap());
    }

    #[test]
    fn the_same_thing_has_the_same_digest_and_an_edit_another() {
        let of = |text: &str| super::of(&("emergency", text)).unwrap();
        assert_eq!(of("tokens leak"), of("tokens leak"));
        assert_ne!(of("tokens leak"), of("tokens leak."));
    }
}

//! Digests of what is approved: SHA-256 over its canonical bytes. Fields are written in the order in which the domain
//! declares them, so the same thing always has the same bytes.

use crate::{Error, Result};
use domain::approval::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

pub(crate) fn digest<T: Serialize>(of: &T) -> Result<Digest> {
    let bytes = serde_json::to_vec(of).map_err(store::Error::from)?;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text.parse()
        .map_err(|error: domain::approval::DigestError| Error::Broken { what: "a digest", why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_has_the_same_digest_and_an_edit_another() {
        let of = |text: &str| digest(&("emergency", text)).unwrap();
        assert_eq!(of("tokens leak"), of("tokens leak"));
        assert_ne!(of("tokens leak"), of("tokens leak."));
    }
}

//! What an operator may choose about the HTTP side. Values only; `commands::serve::flags` reads them from flags and
//! environment.

use crate::layers::network::Network;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use thiserror::Error;

#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Folder of the assets that a browser loads.
    pub site_root: PathBuf,
    /// How browsers reach this server, where that is not the address it listens on.
    pub public_url: Option<PublicUrl>,
    pub trusted_proxies: Vec<Network>,
    /// Tries to sign in that one address has in a row before it is slowed down to as many a minute.
    pub sign_ins_per_minute: u32,
    /// Requests of one token in a minute.
    pub token_requests_per_minute: u32,
    /// Reloads pages after a restart. Set by `cargo xtask dev`.
    pub dev: bool,
}

impl HttpConfig {
    pub fn new(site_root: PathBuf) -> Self {
        Self {
            site_root,
            public_url: None,
            trusted_proxies: Vec::new(),
            sign_ins_per_minute: SIGN_INS_PER_MINUTE,
            token_requests_per_minute: TOKEN_REQUESTS_PER_MINUTE,
            dev: false,
        }
    }

    pub fn public_is_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.tls)
    }

    pub fn public_origin(&self) -> Option<String> {
        self.public_url.as_ref().map(|url| url.origin.clone())
    }

    /// The folder of hashed assets that the build driver named last; `pkg` where nothing was built.
    pub fn package_dir(&self) -> String {
        read_package_dir(&self.site_root).unwrap_or_else(|| "pkg".to_owned())
    }
}

/// A person mistypes a few times; an office behind one address signs in together in the morning.
pub const SIGN_INS_PER_MINUTE: u32 = 30;

/// A pipeline with 3,000 environments that asks for each of them twice a minute.
pub const TOKEN_REQUESTS_PER_MINUTE: u32 = 6_000;

fn read_package_dir(site_root: &Path) -> Option<String> {
    let name = std::fs::read_to_string(site_root.join("pkg-dir")).ok()?;
    let name = name.trim();
    (!name.is_empty() && !name.contains("..")).then(|| name.to_owned())
}

/// `https://signalbox.example`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    tls: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a web address such as https://signalbox.example, without a path")]
pub struct PublicUrlError(String);

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let refuse = || PublicUrlError(text.to_owned());
        let uri: axum::http::Uri = text.parse().map_err(|_| refuse())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(refuse()) };
        let fits = matches!(scheme, "http" | "https") && uri.path() == "/" && uri.query().is_none();
        if !fits || authority.as_str().contains('@') {
            return Err(refuse());
        }
        Ok(Self { origin: format!("{scheme}://{authority}"), tls: scheme == "https" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_public_addresses() {
        let url: PublicUrl = "https://signalbox.example/".parse().unwrap();
        assert_eq!(url, PublicUrl { origin: "https://signalbox.example".to_owned(), tls: true });
        assert!(!"http://localhost:3000".parse::<PublicUrl>().unwrap().tls);
        for text in ["", "signalbox.example", "ftp://a.example", "https://a.example/path", "https://u:p@a.example"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}

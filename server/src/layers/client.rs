//! Who is at the other end. Forwarded headers count only when the connection comes from a configured proxy; otherwise
//! anybody could choose an address and evade the limits.

use super::network::Network;
use crate::state::AppState;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// The browser speaks TLS, to us or to a trusted proxy.
    pub secure: bool,
}

pub async fn client(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    // Absent only where the router is called without a socket, that is, in tests.
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip())
        .to_canonical();
    let mut client = resolve(peer, request.headers(), &state.config.trusted_proxies);
    client.secure |= state.config.public_is_tls();
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Walks `X-Forwarded-For` from our end and stops at the first address that is not a trusted proxy.
fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Client {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Client { address: peer, secure: false };
    }
    let mut address = peer;
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|hop| hop.to_str().ok())
        .flat_map(|h| h.split(','))
        .collect();
    for hop in hops.into_iter().rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        address = hop.to_canonical();
        if !is_trusted(address) {
            break;
        }
    }
    let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
    Client { address, secure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, proto: &str) -> (String, bool) {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers.insert("x-forwarded-proto", proto.parse().unwrap());
        let client = resolve(peer.parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()]);
        (client.address.to_string(), client.secure)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, forwarded, proto, address, secure) in [
            ("203.0.113.5", "198.51.100.1", "https", "203.0.113.5", false),
            ("10.0.0.1", "198.51.100.1", "https", "198.51.100.1", true),
            ("10.0.0.1", "1.2.3.4, 198.51.100.1", "http", "198.51.100.1", false),
            ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "https", "198.51.100.1", true),
            ("10.0.0.1", "nonsense", "https", "10.0.0.1", true),
            ("10.0.0.1", "198.51.100.1, nonsense", "https", "10.0.0.1", true),
        ] {
            assert_eq!(seen(peer, forwarded, proto), (address.to_owned(), secure), "{peer} {forwarded}");
        }
    }
}

//! What stands around every request, one layer a file, outermost first: request id, trace, caught panics, client,
//! security headers, body limit, timeout, NUL, compression, CSRF, session, guard. `router.rs` stacks them.
//! Programs under `/api/v1` meet no CSRF, session or guard, but `bearer`; `problem` gives refusals their shape.
//! Nothing here knows a page; who may see what is in `permissions.rs`.

pub mod bearer;
pub mod body_limit;
pub mod client;
pub mod csrf;
pub mod guard;
pub mod headers;
pub mod network;
pub mod nul;
pub mod panic;
pub mod problem;
pub mod request_id;
pub mod timeout;
pub mod trace;

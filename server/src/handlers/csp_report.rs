//! POST /csp-report: browsers tell here what the content security policy stopped. It ends in the log, a few a minute:
//! anybody can post here.

use axum::body::Bytes;
use axum::http::StatusCode;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::LazyLock;

const REPORTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();
const REPORT_BYTES_SHOWN: usize = 2_000;

static LIMIT: LazyLock<DefaultDirectRateLimiter> =
    LazyLock::new(|| RateLimiter::direct(Quota::per_minute(REPORTS_PER_MINUTE)));

pub async fn csp_report(report: Bytes) -> StatusCode {
    if LIMIT.check().is_ok() {
        let shown = &report[..report.len().min(REPORT_BYTES_SHOWN)];
        tracing::warn!(report = ?String::from_utf8_lossy(shown), "a browser stopped something");
    }
    StatusCode::NO_CONTENT
}

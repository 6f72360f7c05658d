//! Reads a request's body before anything else does, up to a limit. Forms are small; a body that is announced or turns
//! out to be larger is refused, whatever its headers say.

use crate::refusal::Refusal;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;

/// 64 KiB: the longest form holds a reason of 500 characters.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

pub async fn body_limit(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY_BYTES_MAX as u64) {
        return Refusal::BodyTooLarge.into_response();
    }
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::BodyUnreadable)?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Refusal::BodyTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    async fn read_chunks(lengths: &[usize]) -> Result<usize, Refusal> {
        let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
            lengths.iter().map(|length| Ok(vec![b'a'; *length])).collect();
        read(Body::from_stream(stream::iter(chunks))).await.map(|bytes| bytes.len())
    }

    #[tokio::test]
    async fn what_was_not_announced_is_counted() {
        assert_eq!(read_chunks(&[]).await, Ok(0));
        assert_eq!(read_chunks(&[BODY_BYTES_MAX - 1, 1]).await, Ok(BODY_BYTES_MAX));
        assert_eq!(read_chunks(&[BODY_BYTES_MAX, 1]).await, Err(Refusal::BodyTooLarge));
    }
}

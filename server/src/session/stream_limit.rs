//! How many live streams are open: in all, and of one session, so that one person cannot take the streams of everybody.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Each costs a task and a query now and then; tabs close theirs when hidden.
const STREAMS_MAX: usize = 2_000;
/// Windows that one person has in sight at once, and a few that are just closing.
const SESSION_STREAMS_MAX: usize = 10;

#[derive(Debug, Default)]
struct Open {
    total: usize,
    /// By the hash that names the session; never zero.
    of_session: HashMap<Vec<u8>, usize>,
}

#[derive(Debug, Clone, Default)]
pub struct StreamLimit(Arc<Mutex<Open>>);

impl StreamLimit {
    /// `None` where there are too many. The place is given back when it is dropped.
    pub fn enter(&self, session_hash: &[u8]) -> Option<StreamPlace> {
        let mut open = self.open();
        let own = open.of_session.get(session_hash).copied().unwrap_or_default();
        if own >= SESSION_STREAMS_MAX || open.total >= STREAMS_MAX {
            return None;
        }
        open.total += 1;
        open.of_session.insert(session_hash.to_vec(), own + 1);
        Some(StreamPlace { limit: self.clone(), session_hash: session_hash.to_vec() })
    }

    /// Whoever panicked left whole numbers behind.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one open stream.
pub struct StreamPlace {
    limit: StreamLimit,
    session_hash: Vec<u8>,
}

impl fmt::Debug for StreamPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamPlace")
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.limit.open();
        open.total = open.total.saturating_sub(1);
        let left = open.of_session.get(&self.session_hash).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            open.of_session.remove(&self.session_hash);
        } else {
            open.of_session.insert(self.session_hash.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_leaves_room_for_others_and_places_come_back() {
        let limit = StreamLimit::default();
        let mut own: Vec<_> = (0..SESSION_STREAMS_MAX).map(|_| limit.enter(b"ada").unwrap()).collect();
        assert!(limit.enter(b"ada").is_none());
        assert!(limit.enter(b"bo").is_some());
        own.pop();
        assert!(limit.enter(b"ada").is_some(), "given back at once where it is dropped");
        drop(own);
        let left = limit.open();
        assert_eq!((left.total, left.of_session.len()), (0, 0));
        drop(left);
        let all: Vec<_> = (0..STREAMS_MAX).map(|n| limit.enter(&n.to_be_bytes()).unwrap()).collect();
        assert!(limit.enter(b"ada").is_none(), "{} are open", all.len());
    }
}

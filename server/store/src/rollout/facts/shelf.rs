//! What seldom changes: what every plan asks and is the same for all rollouts, and each rollout but for its environments. It
//! is kept as long as nothing was recorded that is not of one environment alone: every change of it is, in its own
//! transaction. The place of the last such record is read with the other facts, in one snapshot, so nothing is decided from
//! memory alone.

use super::frame::{self, Frame};
use crate::rollout::approvers;
use crate::{Connection, Result, catalogue, freeze};
use domain::fleet::Region;
use domain::freeze::Freezes;
use domain::ids::{RolloutId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub struct Reference {
    /// What was recorded last.
    as_of: i64,
    pub regions: Vec<Region>,
    pub freezes: Freezes,
    /// Who may approve promotions.
    pub approvers: Vec<UserId>,
}

/// Empty at first. One for each process.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    reference: Arc<Reference>,
    frames: HashMap<RolloutId, Arc<Frame>>,
}

impl Shelf {
    /// As it stood when `stirred` was the last record.
    pub(super) async fn at(&self, conn: &impl Connection, stirred: i64) -> Result<Arc<Reference>> {
        if let Some(reference) = self.with(stirred, |kept| kept.reference.clone()) {
            return Ok(reference);
        }
        let reference = Arc::new(Reference {
            as_of: stirred,
            regions: catalogue::regions(conn).await?,
            freezes: freeze::set(conn).await?,
            approvers: approvers(conn).await?,
        });
        let kept = Kept { reference: reference.clone(), frames: HashMap::new() };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(reference)
    }

    /// One rollout, as of the same record.
    pub(super) async fn frame(
        &self,
        conn: &impl Connection,
        reference: &Reference,
        id: RolloutId,
    ) -> Result<Option<Arc<Frame>>> {
        if let Some(frame) = self.with(reference.as_of, |kept| kept.frames.get(&id).cloned()).flatten() {
            return Ok(Some(frame));
        }
        let Some(frame) = frame::read(conn, reference, id).await?.map(Arc::new) else { return Ok(None) };
        self.with(reference.as_of, |kept| kept.frames.insert(id, frame.clone()));
        Ok(Some(frame))
    }

    /// `None` where something else is kept by now.
    fn with<T>(&self, as_of: i64, look: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_mut().filter(|kept| kept.reference.as_of == as_of).map(look)
    }
}

//! The deployer of the demo, behind a door: it counts what comes in, keeps what was begun however often a server is
//! started, and can leave a caller standing at the door, where a test kills it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::UpdateId;
use services::demo::SimulatedDeployer;
use services::ports::{DeployError, Deployer, Progress, UpdateOrder};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::Notify;

pub struct DoorDeployer {
    inner: SimulatedDeployer,
    begun: Mutex<BTreeSet<(UpdateId, u8)>>,
    calls: AtomicUsize,
    closed: AtomicBool,
    knocks: AtomicUsize,
    /// Somebody stands at the closed door.
    pub knocked: Notify,
}

impl DoorDeployer {
    pub fn new(inner: SimulatedDeployer) -> Self {
        let (begun, calls, closed) = (Mutex::default(), AtomicUsize::default(), AtomicBool::default());
        Self { inner, begun, calls, closed, knocks: AtomicUsize::default(), knocked: Notify::new() }
    }

    pub fn set_closed(&self, closed: bool) {
        self.knocks.store(0, Ordering::SeqCst);
        self.closed.store(closed, Ordering::SeqCst);
    }

    /// Update and attempt, each once however often it was called for.
    pub fn begun(&self) -> BTreeSet<(UpdateId, u8)> {
        self.begun.lock().unwrap().clone()
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Deployer for DoorDeployer {
    async fn start(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        if self.closed.load(Ordering::SeqCst) {
            // Several callers may stand there; a knock that nobody hears would be heard at the next closing.
            if self.knocks.fetch_add(1, Ordering::SeqCst) == 0 {
                self.knocked.notify_one();
            }
            std::future::pending::<()>().await;
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.begun.lock().unwrap().insert((order.update, order.attempt));
        self.inner.start(order).await
    }

    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        if !self.begun.lock().unwrap().contains(&(order.update, order.attempt)) {
            return Err(DeployError::NeverBegun);
        }
        self.inner.progress(order, now).await
    }
}

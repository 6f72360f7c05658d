//! What the use cases need from outside, as traits: time, randomness, and the hands that change environments.
//! Adapters stand elsewhere: [`SystemClock`], [`OsIds`] and [`Agents`] here, the simulated deployer and the demo clock in
//! `demo`, fixed ones in `testing`.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::Night;
use domain::flight::FlightScope;
use domain::ids::{EnvironmentId, UpdateId};
use domain::recovery::Capabilities;
use domain::release::BuildVersion;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use thiserror::Error;
use uuid::Uuid;

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

pub trait Ids: Send + Sync {
    /// Sorts by the time it was made, and within one millisecond by the order in which it was asked for.
    fn uuid(&self) -> Uuid;
    /// A secret: session ids, salts.
    fn bytes32(&self) -> [u8; 32];
}

/// Version 7 ids from a clock and the randomness of the operating system. Within one millisecond they count (RFC 9562,
/// section 6.2, method 1): letters of one instant are read newest first, and the clock of a demo can stand still.
#[derive(Clone)]
pub struct OsIds {
    clock: Arc<dyn Clock>,
    made: Arc<AtomicU32>,
}

impl OsIds {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, made: Arc::default() }
    }
}

impl Ids for OsIds {
    fn uuid(&self) -> Uuid {
        let mut random = random::<10>();
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        // 26 bits count: 12 beside the version, 6 beside the variant, and a byte.
        let count = ((made >> 14) & 0xfff) << 16 | ((made >> 8) & 0x3f) << 8 | made & 0xff;
        random[..4].copy_from_slice(&count.to_be_bytes());
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn bytes32(&self) -> [u8; 32] {
        random()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for randomness")]
#[expect(clippy::expect_used, reason = "without randomness no secret can be made; nothing sensible can go on")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// How long after its claim an order may still begin: the two seconds that an engine waits for a deployer's answer, and one
/// for clocks that differ. Between the claim and the deployer's ear an engine may stand still for minutes, and a halt may
/// be committed meanwhile; an order that comes late must not begin. A halt therefore acts at once on what is not
/// claimed, and within these seconds on what is (rule H1). Only as good as the clocks: where the engine's is ahead of
/// the deployer's, an order is valid for so much longer.
pub const ORDER_VALID: TimeDelta = TimeDelta::seconds(2 + 1);

/// Which way an order goes. Anything but forward serves an approved recovery that names this environment and this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderKind {
    #[default]
    Forward,
    /// Back in place.
    Back,
    /// On new infrastructure, from the restore point where the data of now cannot stay.
    Redeploy { restored_from: Option<DateTime<Utc>> },
}

/// How a flight stands for somebody from now on. Saying it again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlightOrder {
    pub flight: String,
    pub scope: FlightScope,
    pub on: bool,
}

/// What a deployer is asked to do: bring one environment to one build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateOrder {
    pub update: UpdateId,
    pub environment: EnvironmentId,
    pub build: BuildVersion,
    pub started_at: DateTime<Utc>,
    /// 1 for the first night.
    pub attempt: u8,
    pub kind: OrderKind,
    /// Flights that are off for this environment, by key.
    pub flights_off: Vec<String>,
    /// When it was handed to the deployer; `None` while nobody outside can know of it.
    pub dispatched: Option<DateTime<Utc>>,
    /// The night in which it begins, and no other.
    pub night: Night,
    /// The last instant at which it may begin: [`ORDER_VALID`] after its claim, and never so late that the rest of the
    /// night does not hold the declared duration.
    pub valid_until: DateTime<Utc>,
}

impl UpdateOrder {
    /// Whether it may begin at `now`, by the clock of whoever begins it.
    pub fn may_begin(&self, now: DateTime<Utc>) -> bool {
        now <= self.valid_until && self.night.start <= now && now < self.night.end
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Running,
    /// The build runs; its health is not confirmed yet.
    Applied,
    Healthy,
    Failed {
        error: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeployError {
    /// The deployer could not be reached or did not understand: nothing is known about the update.
    #[error("the deployer did not answer: {0}")]
    NoAnswer(String),
    /// The deployer answers that it never heard of this attempt: nothing has touched the environment.
    #[error("the deployer never heard of it")]
    NeverBegun,
    /// The deployer does not begin it: by its own clock the order comes too late or outside its night, or the environment
    /// runs a later build. Nothing has touched the environment; as good as [`DeployError::NeverBegun`].
    #[error("the deployer refuses to begin it now")]
    Refused,
}

#[async_trait]
pub trait Deployer: Send + Sync {
    /// Begins an update. Idempotent by the update's id and attempt: a second call changes nothing. What has not begun
    /// yet and may not by the deployer's own clock ([`UpdateOrder::may_begin`]) is [`DeployError::Refused`]; so is an order
    /// for a lower build than the environment really runs, unless it goes back ([`OrderKind`]). An engine that gave an update up for silent does not know what
    /// became of it, and a train with an earlier build may come after (rule G6).
    async fn start(&self, order: &UpdateOrder) -> Result<(), DeployError>;
    /// What it can do beside updates, as far as that is known. What is not known closes the ways that need it.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// How long restore points from before an update are kept, where they are.
    fn restore_days(&self) -> Option<u16> {
        None
    }

    /// Whether the data and configuration of this instant are kept now.
    fn keeps(&self, point: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.restore_days().is_some_and(|days| now - point <= TimeDelta::days(days.into()))
    }

    /// The environments learn how a flight stands. Asked again until it is taken note of, and not at all where it is not
    /// among the [`Deployer::capabilities`].
    async fn turn_flight(&self, _: &FlightOrder) -> Result<(), DeployError> {
        Err(DeployError::NoAnswer("this deployer cannot set flights".into()))
    }

    /// How far it is. An update that was never begun is [`DeployError::NeverBegun`], not silence.
    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError>;
    /// Whether there is anybody to ask. Where not, only agents that come for their orders update environments.
    fn is_asked(&self) -> bool {
        true
    }
}

/// Keeps a deployer that has no clock of its own from beginning an order too late or outside its night.
pub struct Punctual {
    clock: Arc<dyn Clock>,
    deployer: Arc<dyn Deployer>,
}

impl Punctual {
    pub fn new(clock: Arc<dyn Clock>, deployer: Arc<dyn Deployer>) -> Self {
        Self { clock, deployer }
    }
}

#[async_trait]
impl Deployer for Punctual {
    async fn start(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        if !order.may_begin(self.clock.now()) {
            return Err(DeployError::Refused);
        }
        self.deployer.start(order).await
    }

    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        self.deployer.progress(order, now).await
    }

    fn is_asked(&self) -> bool {
        self.deployer.is_asked()
    }

    fn capabilities(&self) -> Capabilities {
        self.deployer.capabilities()
    }

    fn restore_days(&self) -> Option<u16> {
        self.deployer.restore_days()
    }

    async fn turn_flight(&self, order: &FlightOrder) -> Result<(), DeployError> {
        self.deployer.turn_flight(order).await
    }
}

/// Stands where environments are updated by agents that come for their orders. Whoever asks it to update is refused by
/// name, so nothing looks as if it ran. Agents ask and are not asked, so what they can do beside updates is what the operator
/// says of them; where nothing is said, nothing is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agents {
    pub capabilities: Capabilities,
    /// `None`: not known, so no restore point is counted on.
    pub restore_days: Option<u16>,
}

#[async_trait]
impl Deployer for Agents {
    async fn start(&self, _: &UpdateOrder) -> Result<(), DeployError> {
        Err(DeployError::NoAnswer("no deployer is configured".into()))
    }

    async fn progress(&self, _: &UpdateOrder, _: DateTime<Utc>) -> Result<Progress, DeployError> {
        Err(DeployError::NoAnswer("no deployer is configured".into()))
    }

    fn is_asked(&self) -> bool {
        false
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn restore_days(&self) -> Option<u16> {
        self.restore_days
    }

    /// Nobody is spoken to: how it stands is there for agents to fetch from the commit on that turned it.
    async fn turn_flight(&self, _: &FlightOrder) -> Result<(), DeployError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_differ() {
        struct At(i64);
        impl Clock for At {
            fn now(&self) -> DateTime<Utc> {
                DateTime::from_timestamp_millis(self.0).unwrap()
            }
        }
        let at = |millis| OsIds::new(Arc::new(At(millis))).uuid();
        assert!(at(1_790_000_000_000) < at(1_790_000_000_001));
        assert_ne!(at(1_790_000_000_000), at(1_790_000_000_000));
        assert_eq!(at(1_790_000_000_000).get_version_num(), 7);
        let ids = OsIds::new(Arc::new(At(1_790_000_000_000)));
        let made: Vec<Uuid> = (0..70_000).map(|_| ids.uuid()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later), "within one millisecond too");
    }

    struct Willing;

    #[async_trait]
    impl Deployer for Willing {
        async fn start(&self, _: &UpdateOrder) -> Result<(), DeployError> {
            Ok(())
        }

        async fn progress(&self, _: &UpdateOrder, _: DateTime<Utc>) -> Result<Progress, DeployError> {
            Ok(Progress::Running)
        }
    }

    struct Stands(DateTime<Utc>);

    impl Clock for Stands {
        fn now(&self) -> DateTime<Utc> {
            self.0
        }
    }

    #[tokio::test]
    async fn an_order_begins_in_its_night_and_in_time_or_not_at_all() {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let night = Night { date: start.date_naive(), start, end: start + TimeDelta::hours(6) };
        let claimed = start + TimeDelta::hours(1);
        let order = UpdateOrder {
            update: UpdateId::new(Uuid::nil()),
            environment: EnvironmentId::new(Uuid::nil()),
            build: BuildVersion::new([10, 0, 1, 1]),
            started_at: claimed,
            attempt: 1,
            kind: OrderKind::Forward,
            flights_off: Vec::new(),
            dispatched: Some(claimed),
            night,
            valid_until: claimed + ORDER_VALID,
        };
        let begin =
            async |order: UpdateOrder, now| Punctual::new(Arc::new(Stands(now)), Arc::new(Willing)).start(&order).await;
        assert_eq!(begin(order.clone(), claimed + ORDER_VALID).await, Ok(()));
        let late = claimed + ORDER_VALID + TimeDelta::milliseconds(1);
        assert_eq!(begin(order.clone(), late).await, Err(DeployError::Refused));
        assert_eq!(
            begin(order.clone(), start - TimeDelta::seconds(1)).await,
            Err(DeployError::Refused),
            "not night yet"
        );
        let forever = UpdateOrder { valid_until: night.end + TimeDelta::days(1), ..order };
        assert_eq!(begin(forever, night.end).await, Err(DeployError::Refused), "night no more");
    }
}

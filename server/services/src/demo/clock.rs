//! The clock of the demo: virtual time that stands, walks or runs, and never runs away from the engine.
//!
//! Virtual time is an anchor plus the real time since then times the speed. Faster than real time it stops one
//! [`STEP`] after the last instant that the engine has handled ([`DemoClock::mark`]), so that at any speed, on any
//! machine, no night passes unseen. What the engine could not keep up with is forgotten, not made up for in a rush.
//! Not here: who may set it (`set_demo_speed`), and when it is written down (the engine, each tick, before it acts).

use crate::ports::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use domain::wire::shell::DemoSpeed;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::Connection;

/// The key of the stored [`DemoClockState`].
pub const DEMO_CLOCK_SETTING: &str = "demo_clock";

/// Thursday morning, six days before 10.0.48 PQU-7 starts: its first nights can still be announced in time.
pub const DEMO_START: DateTime<Utc> = match DateTime::from_timestamp(1_790_236_800, 0) {
    Some(start) => start,
    None => DateTime::UNIX_EPOCH,
};

/// Ten minutes: an update takes twenty at least, a night lasts six hours.
pub const STEP: TimeDelta = TimeDelta::minutes(10);

/// What is written down, so that a killed server goes on where virtual time was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoClockState {
    pub virtual_now: DateTime<Utc>,
    pub speed: DemoSpeed,
}

impl DemoClockState {
    /// As it was left; `None` before the first time.
    pub async fn load(conn: &impl Connection) -> store::Result<Option<Self>> {
        store::setting::get(conn, DEMO_CLOCK_SETTING).await
    }

    pub async fn save(&self, conn: &impl Connection) -> store::Result<()> {
        store::setting::put(conn, DEMO_CLOCK_SETTING, self).await
    }
}

/// The arithmetic, with real time as an argument: how long this process has been running.
#[derive(Debug)]
struct Hands {
    speed: DemoSpeed,
    anchor: DateTime<Utc>,
    anchored_at: Duration,
    /// The last instant that the engine has handled.
    mark: DateTime<Utc>,
    /// The last instant given out; none before it is ever given again.
    shown: DateTime<Utc>,
}

impl Hands {
    const fn new(state: DemoClockState) -> Self {
        let DemoClockState { virtual_now, speed } = state;
        Self { speed, anchor: virtual_now, anchored_at: Duration::ZERO, mark: virtual_now, shown: virtual_now }
    }

    /// Where the hands would be if nobody had to keep up.
    fn free(&self, real: Duration) -> DateTime<Utc> {
        let passed = real.saturating_sub(self.anchored_at).as_millis() * u128::from(self.speed.factor());
        let passed = TimeDelta::try_milliseconds(i64::try_from(passed).unwrap_or(i64::MAX));
        passed.and_then(|passed| self.anchor.checked_add_signed(passed)).unwrap_or(self.anchor)
    }

    fn ceiling(&self) -> Option<DateTime<Utc>> {
        (self.speed.factor() > 1).then(|| self.mark + STEP)
    }

    fn now(&mut self, real: Duration) -> DateTime<Utc> {
        let free = self.free(real);
        let held = self.ceiling().map_or(free, |ceiling| free.min(ceiling));
        self.shown = self.shown.max(held);
        self.shown
    }

    fn anchor_here(&mut self, real: Duration) {
        self.anchor = self.now(real);
        self.anchored_at = real;
    }

    fn mark(&mut self, handled: DateTime<Utc>, real: Duration) {
        if self.ceiling().is_some_and(|ceiling| self.free(real) > ceiling) {
            self.anchor_here(real);
        }
        self.mark = self.mark.max(handled);
    }

    /// Goes on from `reached` where that is ahead.
    fn catch_up(&mut self, reached: DateTime<Utc>, real: Duration) {
        if reached > self.now(real) {
            (self.anchor, self.anchored_at) = (reached, real);
            (self.mark, self.shown) = (reached, reached);
        }
    }

    fn set_speed(&mut self, speed: DemoSpeed, real: Duration) {
        self.anchor_here(real);
        self.speed = speed;
    }
}

#[derive(Debug)]
pub struct DemoClock {
    started: Instant,
    hands: Mutex<Hands>,
}

impl DemoClock {
    pub fn starting(at: DateTime<Utc>, speed: DemoSpeed) -> Self {
        Self::restore(DemoClockState { virtual_now: at, speed })
    }

    /// Goes on where `state` stood; the time in between did not happen.
    pub fn restore(state: DemoClockState) -> Self {
        Self { started: Instant::now(), hands: Mutex::new(Hands::new(state)) }
    }

    pub fn speed(&self) -> DemoSpeed {
        self.hands().speed
    }

    /// The state after the change, to be written down.
    pub fn set_speed(&self, speed: DemoSpeed) -> DemoClockState {
        let real = self.started.elapsed();
        let mut hands = self.hands();
        hands.set_speed(speed, real);
        DemoClockState { virtual_now: hands.shown, speed }
    }

    /// The engine has done everything that was due at `handled`.
    pub fn mark(&self, handled: DateTime<Utc>) {
        self.hands().mark(handled, self.started.elapsed());
    }

    /// Another server on the same database has brought time to where `written` stands, if that is ahead of here. The
    /// speed stays: it is this server's own.
    pub fn catch_up(&self, written: DemoClockState) {
        self.hands().catch_up(written.virtual_now, self.started.elapsed());
    }

    pub fn snapshot(&self) -> DemoClockState {
        let real = self.started.elapsed();
        let mut hands = self.hands();
        DemoClockState { virtual_now: hands.now(real), speed: hands.speed }
    }

    /// How long the engine may sleep between two ticks without the clock having to wait for it: the real time of half
    /// a [`STEP`], one second at most.
    pub fn tick_pause(&self) -> Duration {
        let longest = Duration::from_secs(1);
        let half_step = (STEP / 2).to_std().unwrap_or(longest);
        match self.speed().factor() {
            0 => longest,
            factor => (half_step / factor).min(longest),
        }
    }

    /// The hands are plain numbers, right at every instant: a panic elsewhere does not spoil them.
    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        let real = self.started.elapsed();
        self.hands().now(real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn hands(speed: DemoSpeed) -> Hands {
        Hands::new(DemoClockState { virtual_now: DEMO_START, speed })
    }

    fn passed(hands: &mut Hands, real: Duration) -> i64 {
        (hands.now(real) - DEMO_START).num_seconds()
    }

    #[test]
    fn starts_on_the_24th_of_september() {
        assert_eq!(DEMO_START.to_rfc3339(), "2026-09-24T08:00:00+00:00");
    }

    #[test]
    fn each_speed_keeps_its_pace_while_the_engine_keeps_up() {
        for speed in DemoSpeed::ALL {
            let mut hands = hands(speed);
            for tick in 1..=600 {
                let real = Duration::from_millis(tick * 50);
                let now = hands.now(real);
                hands.mark(now, real);
            }
            assert_eq!(passed(&mut hands, seconds(30)), i64::from(speed.factor()) * 30, "{speed:?}");
        }
    }

    #[test]
    fn never_more_than_a_step_ahead_of_the_engine() {
        for speed in [DemoSpeed::MinuteASecond, DemoSpeed::HourASecond, DemoSpeed::DayInTenSeconds] {
            let mut hands = hands(speed);
            assert_eq!(hands.now(seconds(3600)), DEMO_START + STEP, "{speed:?}");
            let handled = DEMO_START + TimeDelta::minutes(4);
            hands.mark(handled, seconds(3601));
            assert_eq!(hands.now(seconds(7200)), handled + STEP, "{speed:?}");
        }
    }

    #[test]
    fn a_slow_engine_slows_the_clock_and_leaves_no_debt() {
        let mut hands = hands(DemoSpeed::DayInTenSeconds);
        // One tick in ten seconds, in which a day would have passed.
        let handled = hands.now(seconds(10));
        hands.mark(handled, seconds(10));
        assert_eq!(hands.now(seconds(10)), DEMO_START + STEP);
        // From here it goes on at its speed: 10 ms are 86.4 s.
        let soon = hands.now(seconds(10) + Duration::from_millis(10));
        assert_eq!(soon - (DEMO_START + STEP), TimeDelta::milliseconds(86_400));
    }

    #[test]
    fn real_time_does_not_wait() {
        let mut hands = hands(DemoSpeed::RealTime);
        assert_eq!(passed(&mut hands, seconds(3600)), 3600);
        // Nor does it jump back or forth when it is made faster: it waits for the engine where it is.
        hands.set_speed(DemoSpeed::HourASecond, seconds(3600));
        assert_eq!(passed(&mut hands, seconds(3700)), 3600);
        hands.mark(DEMO_START + TimeDelta::hours(1), seconds(3700));
        assert_eq!(passed(&mut hands, seconds(3700)), 3600);
        assert_eq!(passed(&mut hands, seconds(3800)), 3600 + 600);
    }

    #[test]
    fn never_goes_back_whatever_happens() {
        let mut hands = hands(DemoSpeed::DayInTenSeconds);
        let mut before = DEMO_START;
        for i in 0..2_000_u64 {
            let real = Duration::from_millis(i * 7);
            let now = hands.now(real);
            assert!(now >= before, "{i}");
            before = now;
            if i % 3 == 0 {
                hands.mark(now - TimeDelta::minutes(i64::try_from(i % 11).unwrap()), real);
            }
            if i % 50 == 0 {
                hands.set_speed(DemoSpeed::ALL[usize::try_from(i / 50).unwrap() % 5], real);
            }
        }
        assert!(before > DEMO_START);
    }

    #[test]
    fn it_catches_up_with_a_server_that_is_ahead_and_with_no_other() {
        let mut hands = hands(DemoSpeed::HourASecond);
        hands.catch_up(DEMO_START - TimeDelta::days(1), seconds(1));
        assert_eq!(hands.now(seconds(1)), DEMO_START + STEP);
        let reached = DEMO_START + TimeDelta::days(3);
        hands.catch_up(reached, seconds(2));
        assert_eq!(hands.now(seconds(2)), reached);
        // From there as ever: at its own speed, and no more than a step before the engine has looked.
        assert_eq!(hands.now(seconds(2) + Duration::from_millis(100)), reached + TimeDelta::minutes(6));
        assert_eq!(hands.now(seconds(60)), reached + STEP);
    }

    #[test]
    fn stopped_stands_still() {
        let mut hands = hands(DemoSpeed::HourASecond);
        let stopped_at = hands.now(Duration::from_millis(100));
        hands.set_speed(DemoSpeed::Stopped, Duration::from_millis(100));
        assert_eq!(hands.now(seconds(86_400)), stopped_at);
    }

    #[test]
    fn a_restored_clock_goes_on_where_it_was() {
        let clock = DemoClock::starting(DEMO_START, DemoSpeed::Stopped);
        assert_eq!(clock.set_speed(DemoSpeed::DayInTenSeconds).virtual_now, DEMO_START);
        std::thread::sleep(Duration::from_millis(20));
        let written: DemoClockState = serde_json::from_value(serde_json::to_value(clock.snapshot()).unwrap()).unwrap();
        assert!(written.virtual_now > DEMO_START && written.virtual_now <= DEMO_START + STEP);
        let restored = DemoClock::restore(written);
        let now = restored.now();
        assert!(now >= written.virtual_now && now <= written.virtual_now + STEP);
        assert_eq!(restored.speed(), DemoSpeed::DayInTenSeconds);
    }

    #[test]
    fn the_engine_is_told_how_long_it_may_sleep() {
        let clock = DemoClock::starting(DEMO_START, DemoSpeed::DayInTenSeconds);
        assert_eq!(clock.tick_pause().as_millis(), 34);
        for speed in [DemoSpeed::Stopped, DemoSpeed::RealTime, DemoSpeed::MinuteASecond] {
            clock.set_speed(speed);
            assert_eq!(clock.tick_pause(), seconds(1));
        }
    }
}

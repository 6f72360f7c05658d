//! The listening system of a simulation: says how delivered environments are used, through the use case that stands behind
//! `POST /api/v1/signals`, at one server after the other. What it does not know to be taken it says again.
//!
//! It keeps a book of what it said, from which `invariants::watched` works out what a gate can have known at most, and what
//! it must have known. What goes wrong is in `faults::telemetry`; when it speaks is in `run::samples`.

use crate::faults::telemetry::{Weather, absurd, contradicting};
use crate::invariants::Found;
use crate::server::{Call, Ended};
use chrono::{DateTime, TimeDelta, Utc};
use domain::health::Hour;
use domain::health::telemetry::UncheckedSample;
use domain::ids::{EnvironmentId, TokenId};
use domain::token::{Caller, TokenKind, TokenReach};
use services::mix::Mix;
use services::{CallerContext, Services};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

const NAME: &str = "simulated listening system";
/// As many as one request of the API may hold.
const SAMPLES_MAX: usize = 256;
const PAUSE_MINUTES: (i64, i64) = (50, 130);
const USAGE: (i64, i64) = (30, 400);
/// Whose last week is told, too: of those it can be known that they fell silent.
const BASELINE_PERCENT: u8 = 40;
const UNHEARD_PERCENT: u8 = 1;
/// Hours in one go, after a time in which there was nobody to speak of.
const HOURS_AT_ONCE: i64 = 12;
const DAY: i64 = 24;
const WEEK: i64 = 7 * DAY;

/// What was said of one environment in one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub covered_most: i64,
    pub usage_most: u64,
    pub usage_least: u64,
    /// Errors that a server said it took, and when it did.
    pub sure: Vec<(DateTime<Utc>, u64)>,
}

/// All that was said and not refused.
#[derive(Debug, Default)]
pub struct Book(BTreeMap<(EnvironmentId, Hour), Said>);

impl Book {
    pub fn of(&self, environment: EnvironmentId, hour: Hour) -> Option<&Said> {
        self.0.get(&(environment, hour))
    }

    /// `sure`: when a server said that it took it.
    pub fn note(&mut self, sample: &UncheckedSample, sure: Option<DateTime<Utc>>) {
        for (hour, seconds, usage, errors) in cut(sample) {
            let said = self.0.entry((sample.environment, hour)).or_insert(Said {
                covered_most: 0,
                usage_most: 0,
                usage_least: u64::MAX,
                sure: Vec::new(),
            });
            said.covered_most = said.covered_most.max(seconds);
            said.usage_most = said.usage_most.max(usage);
            said.usage_least = said.usage_least.min(usage);
            said.sure.extend(sure.map(|at| (at, errors)));
        }
    }
}

/// The hours of a sample, each with its seconds, usage and errors. What is said here lies within one hour, or is whole days
/// of which every hour is like the other.
fn cut(sample: &UncheckedSample) -> Vec<(Hour, i64, u64, u64)> {
    let (first, seconds) = (Hour::of(sample.from), (sample.to - sample.from).num_seconds());
    if seconds <= 3_600 {
        return vec![(first, seconds, sample.usage, sample.errors)];
    }
    let hours = seconds / 3_600;
    let share = |total: u64| total / hours.unsigned_abs();
    (0..hours).map(|hour| (first.plus(hour), 3_600, share(sample.usage), share(sample.errors))).collect()
}

/// One request. The last `absurd` of the samples have to be refused.
#[derive(Debug, Clone)]
struct Batch {
    samples: Vec<UncheckedSample>,
    absurd: usize,
}

#[derive(Debug)]
struct Answer {
    refused: BTreeSet<usize>,
}

#[derive(Debug)]
pub struct Listening {
    mix: Mix,
    weather: Weather,
    until: DateTime<Utc>,
    /// The first hour that is not said yet.
    next: Option<Hour>,
    /// Of whom a week before was told, where it is.
    known: BTreeSet<EnvironmentId>,
    ready: VecDeque<Batch>,
    /// Under way: to be said from then on.
    late: Vec<(DateTime<Utc>, Batch)>,
    unanswered: Vec<Batch>,
    answers: Arc<Mutex<BTreeMap<u64, Answer>>>,
    calls: u64,
    pub book: Book,
}

impl Listening {
    pub fn new(mix: Mix) -> Self {
        Self {
            mix,
            weather: Weather::Clear,
            until: DateTime::UNIX_EPOCH,
            next: None,
            known: BTreeSet::new(),
            ready: VecDeque::new(),
            late: Vec::new(),
            unanswered: Vec::new(),
            answers: Arc::default(),
            calls: 0,
            book: Book::default(),
        }
    }

    pub fn pause(&mut self) -> TimeDelta {
        TimeDelta::minutes(self.mix.between(PAUSE_MINUTES.0, PAUSE_MINUTES.1))
    }

    pub fn pick(&mut self, servers: &[usize]) -> Option<usize> {
        self.mix.pick(servers).copied()
    }

    /// Makes ready what is to be said of these environments; how much of it is wrong.
    pub fn prepare(&mut self, of: &[EnvironmentId], now: DateTime<Utc>, with_faults: bool) -> u64 {
        let mut faults = u64::from(self.change_weather(now, with_faults));
        self.ready.extend(std::mem::take(&mut self.unanswered));
        let until = Hour::of(now);
        let from = self.next.unwrap_or(until).max(until.plus(-HOURS_AT_ONCE));
        self.next = Some(until);
        let mut samples = Vec::new();
        for environment in of {
            if self.known.insert(*environment) {
                samples.extend(self.week_before(*environment, until));
            }
            let mut hour = from;
            while hour < until {
                samples.extend(self.sample(*environment, hour));
                hour = hour.plus(1);
            }
        }
        if with_faults {
            faults += self.contradict(&mut samples);
        }
        for chunk in samples.chunks(SAMPLES_MAX - 3) {
            let mut batch = Batch { samples: chunk.to_vec(), absurd: 0 };
            if with_faults && self.mix.percent(25) {
                faults += self.spoil(&mut batch, now);
            }
            if self.weather == Weather::Late {
                self.late.push((now + Weather::late(&mut self.mix), batch));
            } else {
                self.ready.push_back(batch);
            }
        }
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now || !with_faults);
        self.late = late;
        let due: Vec<(DateTime<Utc>, Batch)> = due;
        self.ready.extend(due.into_iter().rev().map(|(_, batch)| batch));
        if with_faults && self.mix.percent(10) {
            // F10, F8: all of it twice.
            faults += 1;
            self.ready.extend(self.ready.clone());
        }
        faults
    }

    fn change_weather(&mut self, now: DateTime<Utc>, with_faults: bool) -> bool {
        if !with_faults {
            self.weather = Weather::Clear;
            return false;
        }
        if now < self.until {
            return false;
        }
        self.weather = Weather::draw(&mut self.mix);
        self.until = now + Weather::lasts(&mut self.mix);
        self.weather != Weather::Clear
    }

    fn usual(environment: EnvironmentId) -> u64 {
        let (high, low) = environment.uuid().as_u64_pair();
        Mix::keyed(low, &[high]).between(USAGE.0, USAGE.1).unsigned_abs()
    }

    /// Days that end at this hour, each hour like the other.
    fn week_before(&mut self, environment: EnvironmentId, until: Hour) -> Vec<UncheckedSample> {
        if !self.mix.percent(BASELINE_PERCENT) {
            return Vec::new();
        }
        let usage = Self::usual(environment) * DAY.unsigned_abs();
        let day = |days: i64| {
            let from = until.plus(days * DAY - WEEK);
            UncheckedSample {
                environment,
                from: from.start(),
                to: from.plus(DAY).start(),
                usage,
                errors: 0,
                source: NAME.to_owned(),
            }
        };
        (0..7).map(day).collect()
    }

    fn sample(&mut self, environment: EnvironmentId, hour: Hour) -> Option<UncheckedSample> {
        if self.mix.percent(UNHEARD_PERCENT) || !self.weather.hears(environment) {
            return None;
        }
        let noise = self.mix.between(80, 120).unsigned_abs();
        let usage = if self.weather == Weather::Unused { 0 } else { Self::usual(environment) * noise / 100 };
        let permille =
            if self.weather == Weather::Failing { self.mix.between(100, 600) } else { self.mix.between(0, 9) };
        let errors = usage * permille.unsigned_abs() / 1_000;
        let source = NAME.to_owned();
        Some(UncheckedSample { environment, from: hour.start(), to: hour.end(), usage, errors, source })
    }

    fn contradict(&mut self, samples: &mut Vec<UncheckedSample>) -> u64 {
        let mut faults = 0;
        for place in 0..samples.len() {
            // A day's hours would no longer be alike.
            let is_hour = samples[place].to - samples[place].from <= TimeDelta::hours(1);
            if is_hour && self.mix.percent(4) {
                samples.push(contradicting(&mut self.mix, &samples[place]));
                faults += 1;
            }
        }
        if self.mix.percent(30) {
            samples.reverse();
        }
        faults
    }

    fn spoil(&mut self, batch: &mut Batch, now: DateTime<Utc>) -> u64 {
        let Some(sample) = self.mix.pick(&batch.samples).cloned() else { return 0 };
        let number = self.mix.between(1, 3).unsigned_abs();
        for _ in 0..number {
            batch.samples.push(absurd(&mut self.mix, &sample, now));
            batch.absurd += 1;
        }
        number
    }

    /// The next request, to this server. `behind`: its clock may take what has ended for the future.
    pub fn call(&mut self, services: &Services, server: usize, behind: bool) -> Option<(Asked, Call)> {
        let batch = self.ready.pop_front()?;
        self.calls += 1;
        let asked = Asked { number: self.calls, behind, samples: batch.samples.clone(), absurd: batch.absurd };
        for sample in asked.proper() {
            self.book.note(sample, None);
        }
        let (services, answers, number) = (services.clone(), self.answers.clone(), self.calls);
        let ctx = CallerContext { caller: caller(), now: services.now() };
        let call: Call = Box::pin(async move {
            let count = batch.samples.len();
            let line = match services.take_samples(&ctx, batch.samples.into_iter().enumerate().collect()).await {
                Ok(refused) => {
                    let refused: BTreeSet<usize> = refused.into_iter().map(|refused| refused.index).collect();
                    let line = format!("{count} samples at server {server}: {} refused", refused.len());
                    answers.lock().unwrap_or_else(PoisonError::into_inner).insert(number, Answer { refused });
                    line
                }
                Err(error) => format!("{count} samples at server {server}: {error}"),
            };
            Ended { line, tick: None }
        });
        Some((asked, call))
    }

    /// After the call came to its end, or did not.
    pub fn settle(&mut self, asked: Asked, now: DateTime<Utc>) -> Vec<Found> {
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&asked.number);
        let Some(Answer { refused }) = answer else {
            self.unanswered.push(Batch { samples: asked.samples, absurd: asked.absurd });
            return Vec::new();
        };
        let proper = asked.proper().len();
        let mut found = Vec::new();
        for taken in (proper..asked.samples.len()).filter(|index| !refused.contains(index)) {
            found.push(Found::new("I2", format!("an absurd sample was taken: {:?}", asked.samples[taken])));
        }
        let mut again = Vec::new();
        for (index, sample) in asked.proper().iter().enumerate() {
            if !refused.contains(&index) {
                self.book.note(sample, Some(now));
            } else if asked.behind {
                again.push(sample.clone());
            } else {
                found.push(Found::new("I2", format!("a sample was refused: {sample:?}")));
            }
        }
        if !again.is_empty() {
            self.unanswered.push(Batch { samples: again, absurd: 0 });
        }
        found
    }
}

/// A request that was made.
#[derive(Debug)]
pub struct Asked {
    number: u64,
    behind: bool,
    samples: Vec<UncheckedSample>,
    absurd: usize,
}

impl Asked {
    fn proper(&self) -> &[UncheckedSample] {
        self.samples.split_at(self.samples.len() - self.absurd).0
    }
}

fn caller() -> Caller {
    let (token, kind, reach) = (TokenId::new(Uuid::nil()), TokenKind::ListeningSystem, TokenReach::Signals);
    Caller { token, name: NAME.to_owned(), kind, reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_knows_the_most_the_least_and_what_is_sure() {
        let hour = Hour::of_number(500_000);
        let environment = EnvironmentId::new(Uuid::from_u128(1));
        let sample = |minutes: i64, usage, errors| UncheckedSample {
            environment,
            from: hour.start(),
            to: hour.start() + TimeDelta::minutes(minutes),
            usage,
            errors,
            source: NAME.to_owned(),
        };
        let mut book = Book::default();
        book.note(&sample(60, 100, 1), None);
        book.note(&sample(30, 300, 9), Some(hour.end()));
        book.note(&sample(DAY * 60, 480, 24), None);
        let sure = vec![(hour.end(), 9)];
        let expected = Said { covered_most: 3_600, usage_most: 300, usage_least: 20, sure };
        assert_eq!(book.of(environment, hour), Some(&expected));
        assert_eq!(book.of(environment, hour.plus(23)).map(|said| said.usage_most), Some(20));
        assert_eq!(book.of(environment, hour.plus(24)), None);
    }
}

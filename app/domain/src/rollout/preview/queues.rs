//! When the last update would start, as far as caps let it: whom a night has no room for waits for the next one of its days
//! (rule C1). The room of a night is the one that [`super::conflicts`] measures with, so this is the night that is sure to
//! do; updates that take less time than declared end the train sooner. What else may put a night off (a closed stage, a
//! freeze of some, a failure) nobody knows before.
//!
//! Counted by station, region and days; of single customers, whose estates come whole, only the latest night is kept.

use super::super::planner::{Board, Seat};
use super::conflicts::turns;
use super::pairs;
use crate::calendar::{DarkHours, MaintenanceDays};
use crate::fleet::StationNumber;
use crate::freeze::Freezes;
use crate::ids::CustomerId;
use crate::rollout::facts::{RolloutCaps, RolloutFacts};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Ten years. A million environments of one region need longer than anybody plans for.
const NIGHTS_MAX: usize = 3_660;

/// Who goes through the same caps on the same days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Line {
    station: StationNumber,
    region: String,
    days: MaintenanceDays,
}

/// How many wish for the night of each date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Wishes {
    hours: DarkHours,
    #[serde(with = "pairs")]
    nights: BTreeMap<NaiveDate, u32>,
}

type Lines = BTreeMap<Line, Wishes>;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Queues {
    #[serde(with = "pairs")]
    lines: Lines,
    /// The latest night that a customer's own cap asks for.
    of_a_customer: Option<DateTime<Utc>>,
    /// Of the estates that are being added.
    #[serde(skip)]
    open: BTreeMap<CustomerId, Lines>,
}

impl Queues {
    pub fn add(&mut self, board: &Board<'_>, seat: &Seat<'_>) {
        let (Some(stage), Some(hours), Some(night)) = (seat.stage, seat.facts.placement.dark_hours, seat.turn.night)
        else {
            return;
        };
        if !seat.is_to_come() || seat.left_out() {
            return;
        }
        let (region, days) = (seat.facts.placement.region.clone(), board.rules.days(seat.facts));
        let line = Line { station: stage.station, region, days };
        for lines in [self.open.entry(seat.facts.customer).or_default(), &mut self.lines] {
            let wishes = lines.entry(line.clone()).or_insert_with(|| Wishes { hours, nights: BTreeMap::new() });
            *wishes.nights.entry(night.date).or_default() += 1;
        }
    }

    /// The estates that were added are whole.
    pub fn close(&mut self, facts: &RolloutFacts) {
        let cap = facts.policy.caps.customer;
        let alone = RolloutCaps { rollout: cap, station: cap, region: cap, customer: cap };
        for lines in std::mem::take(&mut self.open).into_values() {
            let count: u32 = lines.values().flat_map(|wishes| wishes.nights.values()).sum();
            if count > cap {
                self.of_a_customer = self.of_a_customer.max(last(&lines, alone, facts));
            }
        }
    }

    /// When the last night starts; `None` where nobody is to come.
    pub fn last(&self, facts: &RolloutFacts) -> Option<DateTime<Utc>> {
        last(&self.lines, facts.policy.caps, facts).max(self.of_a_customer)
    }
}

fn last(lines: &Lines, caps: RolloutCaps, facts: &RolloutFacts) -> Option<DateTime<Utc>> {
    spill(lines, caps, TimeDelta::minutes(facts.policy.declared_minutes.into()), &facts.freezes)
}

/// Night by night, as many as the caps let; the others wait.
fn spill(lines: &Lines, caps: RolloutCaps, declared: TimeDelta, freezes: &Freezes) -> Option<DateTime<Utc>> {
    let wished = || lines.values().flat_map(|wishes| wishes.nights.keys().copied());
    let (first, last_wish) = (wished().min()?, wished().max()?);
    let mut waiting = vec![0_u32; lines.len()];
    let mut last = None;
    for date in first.iter_days().take(NIGHTS_MAX) {
        if date > last_wish && waiting.iter().all(|waits| *waits == 0) {
            break;
        }
        let is_free = freezes.of_everybody(date).is_none();
        let mut taken = Taken::default();
        for ((line, wishes), waits) in lines.iter().zip(&mut waiting) {
            let own = wishes.nights.get(&date);
            *waits += own.unwrap_or(&0);
            let is_theirs = own.is_some() || is_free && line.days.allow(date);
            let Some(night) = wishes.hours.night(date).filter(|_| is_theirs && *waits > 0) else { continue };
            let starts = taken.room(line, caps, turns(night, declared)).min(*waits);
            if starts > 0 {
                taken.add(line, starts);
                *waits -= starts;
                last = last.max(Some(night.start));
            }
        }
    }
    last
}

/// What starts in the nights of one date.
#[derive(Debug, Default)]
struct Taken<'a> {
    rollout: u32,
    station: HashMap<StationNumber, u32>,
    region: HashMap<&'a str, u32>,
}

impl<'a> Taken<'a> {
    fn room(&self, line: &Line, caps: RolloutCaps, turns: u32) -> u32 {
        let station = self.station.get(&line.station).copied().unwrap_or(0);
        let region = self.region.get(line.region.as_str()).copied().unwrap_or(0);
        let left = |cap: u32, taken: u32| cap.saturating_mul(turns).saturating_sub(taken);
        left(caps.rollout, self.rollout).min(left(caps.station, station)).min(left(caps.region, region))
    }

    fn add(&mut self, line: &'a Line, starts: u32) {
        self.rollout += starts;
        *self.station.entry(line.station).or_default() += starts;
        *self.region.entry(&line.region).or_default() += starts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
    use crate::ids::FreezeId;
    use crate::people::samples::person;
    use chrono::Weekday;

    const CAPS: RolloutCaps = RolloutCaps { rollout: 200, station: 80, region: 20, customer: 3 };

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(station: u8, region: &str, days: MaintenanceDays, nights: &[(&str, u32)]) -> (Line, Wishes) {
        let hours = DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap();
        let nights = nights.iter().map(|(night, n)| (date(night), *n)).collect();
        (Line { station: StationNumber(station), region: region.to_owned(), days }, Wishes { hours, nights })
    }

    /// The published date of the night in which the last one starts.
    fn ends(lines: impl IntoIterator<Item = (Line, Wishes)>, freezes: &Freezes) -> Option<NaiveDate> {
        let last = spill(&lines.into_iter().collect(), CAPS, TimeDelta::minutes(90), freezes)?;
        // These nights start on the evening before.
        last.date_naive().succ_opt()
    }

    #[test]
    fn what_a_region_has_no_room_for_takes_the_next_nights() {
        let window = [("2026-10-05", 1_250), ("2026-10-06", 1_250), ("2026-10-07", 1_250), ("2026-10-08", 1_250)];
        let end = |nights| ends([line(4, "eu", MaintenanceDays::AnyNight, nights)], &Freezes::default());
        // Four at a time after another, twenty at once: 80 a night, and so 63 nights.
        assert_eq!(end(&window), Some(date("2026-12-06")));
        assert_eq!(end(&[("2026-10-05", 80)]), Some(date("2026-10-05")));
        assert_eq!(end(&[("2026-10-05", 81)]), Some(date("2026-10-06")));
        assert_eq!(end(&[("2026-10-05", 81), ("2026-10-09", 1)]), Some(date("2026-10-09")), "the later wish");
        assert_eq!(end(&[]), None);
    }

    #[test]
    fn weekends_are_waited_for() {
        let weekend = line(4, "eu", MaintenanceDays::Weekend, &[("2026-10-10", 200)]);
        assert_eq!(ends([weekend], &Freezes::default()), Some(date("2026-10-17")), "Saturday, Sunday, Saturday");
    }

    #[test]
    fn regions_share_the_caps_of_their_station_and_of_the_rollout() {
        let night = [("2026-10-05", 80)];
        let of = |station: u8, regions: u8| {
            (0..regions).map(move |n| line(station, &format!("{station}-{n}"), MaintenanceDays::AnyNight, &night))
        };
        assert_eq!(ends(of(4, 4), &Freezes::default()), Some(date("2026-10-05")), "320 of the station");
        assert_eq!(ends(of(4, 5), &Freezes::default()), Some(date("2026-10-06")));
        // 800 of the rollout: ten regions in three stations, and one more.
        let ten = || of(2, 4).chain(of(3, 4)).chain(of(4, 2));
        assert_eq!(ends(ten(), &Freezes::default()), Some(date("2026-10-05")));
        assert_eq!(ends(ten().chain(of(5, 1)), &Freezes::default()), Some(date("2026-10-06")));
    }

    #[test]
    fn nobody_waits_for_a_night_that_is_frozen_for_everybody() {
        let freeze = Freeze {
            id: FreezeId::new(uuid::Uuid::nil()),
            scope: FreezeScope::Global,
            span: Span::one_off(date("2026-10-06"), date("2026-10-07")).unwrap(),
            reason: "Stock-taking".into(),
            owner: FreezeOwner::Vendor,
            set_by: person(1),
            set_at: "2026-09-24T08:00:00Z".parse().unwrap(),
            state: FreezeState::Set,
        };
        let freezes: Freezes = [freeze].into_iter().collect();
        let full = line(4, "eu", MaintenanceDays::AnyNight, &[("2026-10-05", 81)]);
        assert_eq!(ends([full], &freezes), Some(date("2026-10-08")));
    }

    #[test]
    fn a_cap_of_nothing_ends_never_and_is_asked_for_a_bounded_time() {
        let lines = [line(4, "eu", MaintenanceDays::AnyNight, &[("2026-10-05", 1)])].into_iter().collect();
        let caps = RolloutCaps { region: 0, ..CAPS };
        assert_eq!(spill(&lines, caps, TimeDelta::minutes(90), &Freezes::default()), None);
    }
}

//! Which night? G2 (early ones first), G3 (gap between own sandbox and production), G4 (dark hours and days), N1
//! (notice), R1 (not that of another planned action), R2 (a missed weekend is followed by the next).

use crate::calendar::{DarkHours, MaintenanceDays, Night, StageWindow};
use crate::freeze::{Freeze, Freezes, Place};
use crate::rollout::facts::PlannedElsewhere;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

/// How far ahead a night is looked for. A weekday choice leaves at most six days between nights; a year covers any
/// notice and gap that a policy can ask for.
const SEARCH_DAYS_MAX: u64 = 366;

/// The nights in which an environment may be updated at all.
#[derive(Debug, Clone, Copy)]
pub struct Nights<'a> {
    pub window: StageWindow,
    pub dark_hours: DarkHours,
    pub days: MaintenanceDays,
    pub freezes: &'a Freezes,
    pub place: Place<'a>,
    pub elsewhere: &'a [PlannedElsewhere],
}

/// What one environment needs of its night.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub nights: Nights<'a>,
    /// No night that starts before this instant.
    pub earliest: DateTime<Utc>,
    /// Preferably no night that starts after this instant, so that production can keep its gap.
    pub latest: Option<DateTime<Utc>>,
    /// Spreads environments over equally good nights; `None` takes the first.
    pub place: Option<u64>,
}

/// The night of an environment and what decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<'a> {
    pub night: Night,
    /// It would have had another one, of this date, but for this freeze.
    pub frozen: Option<(&'a Freeze, NaiveDate)>,
    /// It would have had another one but for this.
    pub clash: Option<&'a PlannedElsewhere>,
    /// `latest` took nights out of the choice.
    pub keeps_gap: bool,
    /// The night it would have had starts before `earliest`.
    pub pushed: bool,
}

impl<'a> Nights<'a> {
    /// What days and dark hours allow on this date, whatever is frozen.
    fn usual(&self, date: NaiveDate) -> Option<Night> {
        self.days.allow(date).then(|| self.dark_hours.night(date)).flatten()
    }

    pub fn freeze(&self, date: NaiveDate) -> Option<&'a Freeze> {
        self.freezes.covering(self.place, date)
    }

    fn on(&self, date: NaiveDate) -> Option<Night> {
        self.usual(date).filter(|night| self.is_free(night))
    }

    fn is_free(&self, night: &Night) -> bool {
        self.freeze(night.date).is_none() && self.clash(*night).is_none()
    }

    /// What else is planned for this environment in this night.
    pub fn clash(&self, night: Night) -> Option<&'a PlannedElsewhere> {
        self.elsewhere.iter().find(|other| other.night.overlaps(night))
    }

    /// The nights of the stage's own window, whatever the hour and whatever is frozen.
    fn in_window(&self) -> impl Iterator<Item = Night> {
        let dates = self.window.first.iter_days().take_while(|date| *date <= self.window.last);
        dates.filter_map(|date| self.usual(date))
    }

    /// The last night on which an update is possible within the window.
    pub fn last_in_window(&self) -> Option<Night> {
        self.in_window().filter(|night| self.is_free(night)).last()
    }

    /// The first such night, or the first one after the window.
    pub fn first_possible(&self) -> Option<Night> {
        let first = self.dark_hours.night(self.window.first);
        let earliest = first.map_or(DateTime::<Utc>::MIN_UTC, |night| night.start);
        Wish { nights: *self, earliest, latest: None, place: None }.choose().map(|choice| choice.night)
    }

    /// The nights between the window's beginning and `chosen`, not before `earliest`, that days and dark hours allow.
    fn before(&self, chosen: Night, earliest: DateTime<Utc>) -> impl Iterator<Item = Night> {
        let from = self.window.first.max(self.dark_hours.first_date_after(earliest));
        let usual = from.iter_days().take_while(move |date| *date < chosen.date).filter_map(|date| self.usual(date));
        usual.filter(move |night| night.start >= earliest)
    }

    /// The freeze that takes the first night from `earliest` on.
    pub fn frozen_from(&self, earliest: DateTime<Utc>) -> Option<(&'a Freeze, NaiveDate)> {
        let from = self.window.first.max(self.dark_hours.first_date_after(earliest));
        let dates = from.iter_days().take_while(|date| *date <= from + Days::new(SEARCH_DAYS_MAX));
        let first = dates.filter_map(|date| self.usual(date)).find(|night| night.start >= earliest)?;
        Some((self.freeze(first.date)?, first.date))
    }

    /// The first of them that a freeze forbids.
    fn frozen_before(&self, chosen: Night, earliest: DateTime<Utc>) -> Option<(&'a Freeze, NaiveDate)> {
        if self.freezes.is_empty() {
            return None;
        }
        self.before(chosen, earliest).find_map(|night| Some((self.freeze(night.date)?, night.date)))
    }

    /// What has the first of them that something else has.
    fn clash_before(&self, chosen: Night, earliest: DateTime<Utc>) -> Option<&'a PlannedElsewhere> {
        if self.elsewhere.is_empty() {
            return None;
        }
        self.before(chosen, earliest).find_map(|night| self.clash(night))
    }
}

impl<'a> Wish<'a> {
    /// The first allowed night after the window, or the one on the day after it. Which of the two goes by its date, not by
    /// its place: the pair moves on with time, and a chosen night must stay until it is too near.
    fn after_window(&self) -> Option<Night> {
        let earliest = self.nights.dark_hours.first_date_after(self.earliest);
        let from = earliest.max(self.nights.window.last + Days::new(1));
        let to = from + Days::new(SEARCH_DAYS_MAX);
        let dates = from.iter_days().take_while(|date| *date <= to);
        let mut nights = dates.filter_map(|date| self.nights.on(date)).filter(|night| night.start >= self.earliest);
        let first = nights.next()?;
        let pair = nights.next().filter(|next| next.date == first.date + Days::new(1));
        let half = |days: u64| days % 2;
        let is_own = |night: &Night| {
            self.place
                .is_none_or(|place| half(place / 100) == half(night.date.num_days_from_ce().unsigned_abs().into()))
        };
        [Some(first), pair].into_iter().flatten().find(is_own).or(Some(first))
    }

    fn pick(&self, nights: &[Night]) -> Option<Night> {
        let index = self.place.map_or(0, |place| (place / 100) as usize % nights.len().max(1));
        nights.get(index).copied()
    }

    /// The preferred night is picked from the whole window, so that it stays the same as time passes, and whatever is frozen,
    /// so that a freeze moves only those whose night it takes; they are spread over what is left. Where it starts too early,
    /// the next possible one takes its place.
    pub fn choose(&self) -> Option<Choice<'a>> {
        let usual: Vec<Night> = self.nights.in_window().collect();
        let in_time = |night: &Night| self.latest.is_none_or(|latest| night.start <= latest);
        let in_time_of = |nights: &[Night]| nights.iter().copied().filter(in_time).collect::<Vec<_>>();
        let own = self.pick_first_of(&in_time_of(&usual), &usual);
        let window: Vec<Night> = usual.into_iter().filter(|night| self.nights.is_free(night)).collect();
        let keeping = in_time_of(&window);
        let keeps_gap = !keeping.is_empty() && keeping.len() < window.len();
        let free = own.filter(|night| self.nights.is_free(night));
        let preferred = free.or_else(|| self.pick_first_of(&keeping, &window));
        if let Some(night) = preferred.filter(|night| night.start >= self.earliest) {
            return Some(self.choice(night, own, keeps_gap, false));
        }
        let possible = |night: &&Night| night.start >= self.earliest;
        let next = keeping.iter().find(possible).or_else(|| window.iter().find(possible)).copied();
        let night = next.or_else(|| self.after_window())?;
        Some(self.choice(night, own, keeps_gap && in_time(&night), preferred.is_some()))
    }

    fn pick_first_of(&self, better: &[Night], all: &[Night]) -> Option<Night> {
        self.pick(if better.is_empty() { all } else { better })
    }

    /// `own`: the night that it would have, were nothing in the way.
    fn choice(&self, night: Night, own: Option<Night>, keeps_gap: bool, pushed: bool) -> Choice<'a> {
        let (frozen, clash) = match own.filter(|own| own.start >= self.earliest) {
            Some(own) if own == night => (None, None),
            Some(own) => (self.nights.freeze(own.date).map(|freeze| (freeze, own.date)), self.nights.clash(own)),
            None => (self.nights.frozen_before(night, self.earliest), self.nights.clash_before(night, self.earliest)),
        };
        Choice { night, frozen, clash, keeps_gap, pushed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Audience, Cloud, StageKey, StationNumber};
    use crate::ids::{CustomerId, EnvironmentId};
    use chrono::{TimeDelta, Weekday};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static NO_FREEZES: LazyLock<Freezes> = LazyLock::new(Freezes::default);

    fn wish(first: &str, last: &str, days: MaintenanceDays) -> Wish<'static> {
        let stage = StageKey { station: StationNumber(2), audience: Audience::Sandbox };
        let nil = uuid::Uuid::nil();
        let (customer, environment) = (CustomerId::new(nil), EnvironmentId::new(nil));
        Wish {
            nights: Nights {
                window: StageWindow { stage, first: first.parse().unwrap(), last: last.parse().unwrap() },
                dark_hours: DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap(),
                days,
                freezes: &NO_FREEZES,
                place: Place { cloud: Cloud::Public, region: "north-europe", customer, environment },
                elsewhere: &[],
            },
            earliest: "2026-09-24T08:00:00Z".parse().unwrap(),
            latest: None,
            place: None,
        }
    }

    fn date(wish: &Wish<'_>) -> String {
        wish.choose().unwrap().night.date.to_string()
    }

    #[test]
    fn premium_sandboxes_take_the_weekend_after_a_weekday_window() {
        assert_eq!(date(&wish("2026-10-05", "2026-10-08", MaintenanceDays::Weekend)), "2026-10-10");
    }

    #[test]
    fn a_missed_weekend_is_followed_by_the_next() {
        let mut production = wish("2026-10-10", "2026-10-11", MaintenanceDays::Weekend);
        production.earliest = "2026-10-10T22:00:01Z".parse().unwrap();
        assert_eq!(date(&production), "2026-10-17");
    }

    #[test]
    fn the_gap_narrows_the_choice_but_never_empties_it() {
        let mut sandbox = wish("2026-10-05", "2026-10-08", MaintenanceDays::AnyNight);
        sandbox.place = Some(300);
        assert_eq!(date(&sandbox), "2026-10-08");
        sandbox.latest = Some("2026-10-05T22:00:00Z".parse().unwrap());
        let choice = sandbox.choose().unwrap();
        assert_eq!(
            (choice.night.date.to_string().as_str(), choice.keeps_gap, choice.pushed),
            ("2026-10-06", true, false)
        );
        sandbox.latest = Some("2026-10-01T00:00:00Z".parse().unwrap());
        assert!(!sandbox.choose().unwrap().keeps_gap);
    }

    #[test]
    fn the_preferred_night_stays_as_time_passes() {
        let mut sandbox = wish("2026-10-05", "2026-10-08", MaintenanceDays::AnyNight);
        for (place, preferred) in [(0, "2026-10-05"), (100, "2026-10-06"), (200, "2026-10-07"), (300, "2026-10-08")] {
            sandbox.place = Some(place);
            sandbox.earliest = "2026-10-04T22:00:00Z".parse().unwrap();
            assert_eq!(date(&sandbox), preferred);
            sandbox.earliest = "2026-10-06T22:00:00Z".parse().unwrap();
            assert_eq!(date(&sandbox), preferred.max("2026-10-07"));
        }
    }

    /// A freeze of one night moves those who have that night, tells them so, and leaves everybody else alone.
    #[test]
    fn a_freeze_moves_only_those_whose_night_it_takes() {
        use crate::freeze::{FreezeOwner, FreezeScope, FreezeState, Span};
        let date_of = |date: &str| date.parse::<NaiveDate>().unwrap();
        let frozen = date_of("2026-10-06");
        let freeze = Freeze {
            id: crate::ids::FreezeId::new(uuid::Uuid::nil()),
            scope: FreezeScope::Global,
            span: Span::one_off(frozen, frozen).unwrap(),
            reason: "year-end closing".into(),
            owner: FreezeOwner::Vendor,
            set_by: crate::people::samples::person(1),
            set_at: DateTime::<Utc>::MIN_UTC,
            state: FreezeState::Set,
        };
        let freezes: Freezes = [freeze].into_iter().collect();
        let mut moved_to = Vec::new();
        for place in (0..1_200).step_by(100) {
            let mut sandbox = wish("2026-10-05", "2026-10-08", MaintenanceDays::AnyNight);
            sandbox.place = Some(place);
            let before = sandbox.choose().unwrap();
            sandbox.nights.freezes = &freezes;
            let after = sandbox.choose().unwrap();
            if before.night.date == frozen {
                assert_eq!(after.frozen.map(|(_, date)| date), Some(frozen));
                moved_to.push(after.night.date);
            } else {
                assert_eq!((after.night, after.frozen.is_none()), (before.night, true));
            }
        }
        moved_to.sort_unstable();
        assert_eq!(moved_to, ["2026-10-05", "2026-10-07", "2026-10-08"].map(date_of), "spread over what is left");
    }

    #[test]
    fn a_night_after_the_window_stays_until_it_is_too_near() {
        for (days, place) in [
            (MaintenanceDays::AnyNight, 0),
            (MaintenanceDays::AnyNight, 100),
            (MaintenanceDays::Weekend, 0),
            (MaintenanceDays::Weekend, 100),
        ] {
            let mut late = wish("2026-10-05", "2026-10-08", days);
            late.place = Some(place);
            let mut before: Option<Night> = None;
            for hour in 0..24 * 30 {
                late.earliest = "2026-10-13T08:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour);
                let night = late.choose().unwrap().night;
                if let Some(before) = before.filter(|before| *before != night) {
                    assert!(before.start < late.earliest, "{before:?} gave way to {night:?} at {}", late.earliest);
                }
                before = Some(night);
            }
        }
    }

    proptest! {
        #[test]
        fn a_chosen_night_keeps_every_hard_rule(
            start in 0_u16..1440, friday: bool, weekend: bool, offset in 0_i64..60 * 24 * 60, length in 0_u64..5, place: Option<u64>, latest: Option<u16>
        ) {
            let mut wish = wish("2026-10-05", "2026-10-05", if weekend { MaintenanceDays::Weekend } else { MaintenanceDays::AnyNight });
            wish.nights.window.last = wish.nights.window.first + Days::new(length);
            wish.nights.dark_hours = DarkHours::new(start, 360, if friday { Weekday::Fri } else { Weekday::Sat }).unwrap();
            wish.earliest += TimeDelta::minutes(offset);
            wish.latest = latest.map(|minutes| wish.earliest + TimeDelta::minutes(minutes.into()));
            wish.place = place;
            let Choice { night, .. } = wish.choose().unwrap();
            prop_assert!(night.start >= wish.earliest);
            prop_assert!(wish.nights.days.allow(night.date));
            prop_assert_eq!(Some(night), wish.nights.dark_hours.night(night.date));
            prop_assert!(night.date >= wish.nights.window.first);
        }
    }
}

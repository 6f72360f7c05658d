//! What customers decide for themselves, drawn: service updates, weekdays, batch scheduling, exemptions.

use super::roster::{Slot, Wish};
use crate::catalogue::demo::DemoCustomer;
use crate::mix::Mix;
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc, Weekday};
use domain::calendar::DaySet;
use domain::catalogue::Catalogue;
use domain::fleet::{EnvironmentKind, Exemption};
use domain::release::ServiceUpdate;

/// A service update that is out for less than this runs in sandboxes first: nobody is updated to it automatically yet.
const FRESH_DAYS: i64 = 21;

/// The weekdays that owners of production environments ask for.
const WEEKDAYS: [&[Weekday]; 8] = [
    &[Weekday::Sat],
    &[Weekday::Sat],
    &[Weekday::Sun],
    &[Weekday::Sun],
    &[Weekday::Fri, Weekday::Sat],
    &[Weekday::Sat, Weekday::Sun, Weekday::Mon],
    &[Weekday::Sun, Weekday::Mon],
    &[Weekday::Tue, Weekday::Wed],
];

/// One service update, or two while the customer moves: sandboxes on the newer one, production still on the older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceUpdates {
    newest: ServiceUpdate,
    production: ServiceUpdate,
}

impl ServiceUpdates {
    pub const fn same(newest: ServiceUpdate) -> Self {
        Self { newest, production: newest }
    }

    pub fn drawn(catalogue: &Catalogue, newest: ServiceUpdate, today: NaiveDate, mix: &mut Mix) -> Self {
        let fresh = catalogue
            .service_update(newest)
            .is_some_and(|dates| (today - dates.general_availability).num_days() < FRESH_DAYS);
        let moves = mix.percent(if fresh { 90 } else { 10 });
        let before = before(catalogue, newest).filter(|_| moves);
        Self { newest, production: before.unwrap_or(newest) }
    }

    /// `UAT` and the early ones are where the newer one is tried; what mirrors production mostly stays with it.
    pub fn of(self, slot: &Slot, mix: &mut Mix) -> ServiceUpdate {
        let newest_percent = match (slot.kind, slot.wish) {
            (EnvironmentKind::Production, _) => 0,
            (EnvironmentKind::Sandbox, Wish::With(_)) => 20,
            (EnvironmentKind::Sandbox, Wish::Standard) if slot.name != "UAT" => 65,
            (EnvironmentKind::Sandbox | EnvironmentKind::Trial, _) => 100,
        };
        if mix.percent(newest_percent) { self.newest } else { self.production }
    }
}

/// The one before, where a build of it is known.
fn before(catalogue: &Catalogue, newest: ServiceUpdate) -> Option<ServiceUpdate> {
    let older = catalogue.service_updates.iter().map(|dates| dates.number).filter(|number| *number < newest).max()?;
    let known = catalogue.trains.iter().any(|train| train.id.service_update == older && train.app_build.is_some());
    known.then_some(older)
}

/// A production environment whose owner chose its weekdays.
pub fn weekdays(mix: &mut Mix) -> Option<DaySet> {
    let chosen = mix.pick(&WEEKDAYS).copied().unwrap_or_default();
    mix.percent(4).then(|| DaySet::of(chosen.iter().copied())).filter(|days| !days.is_empty())
}

/// Regulated customers hold theirs for validated environments. One of them has let it expire.
pub fn exemption(customer: &DemoCustomer, row: usize, now: DateTime<Utc>, mix: &mut Mix) -> Option<Exemption> {
    let expired = customer.domain == "santis-pharma.example";
    let months = Months::new(3 + u32::try_from(mix.below(6)).unwrap_or(0));
    let ends = if expired { now.date_naive() - TimeDelta::days(24) } else { now.date_naive() + months };
    let expires_at = last_day_of_month(ends)?.and_hms_opt(23, 59, 0)?.and_utc();
    let reason = "Validated system (GxP): every change needs revalidation before use.".to_owned();
    let evidence = format!("Validation plan VP-{}-{:03}, approved by quality assurance.", now.year(), row + 1);
    // A customer that is not regulated has none.
    Exemption::grant(customer.regulated, reason, evidence, expires_at).ok()
}

fn last_day_of_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

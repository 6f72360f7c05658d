//! Questions to the services, as people ask them: do they keep customers apart (I12), does the calendar show what the
//! rules admit (I19), do the counters count (I14), does the chain hold (I9).

use crate::invariants::rules::is_pulled;
use crate::invariants::{Found, hours};
use crate::people::context;
use crate::watch::Seen;
use crate::world::staff::Staff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{CustomerId, EnvironmentId, RolloutId};
use domain::permission::Actor;
use domain::rollout::{RolloutState, UpdateState};
use domain::wire::calendar::CalendarParams;
use domain::wire::environment::EnvironmentsParams;
use domain::wire::signal::UpdateStateWord;
use services::mix::Mix;
use services::{Error, Services};
use store::Db;
use store::census;
use store::environment::Environment;

/// What one customer sees of another: nothing.
pub async fn tenants(mix: &mut Mix, services: &Services, seen: &Seen, staff: &Staff) -> services::Result<Vec<Found>> {
    let all: Vec<&Environment> = seen.fleet.values().collect();
    let admins: Vec<(&CustomerId, &Actor)> = staff.admins.iter().collect();
    let (Some(environment), Some((customer, admin))) = (mix.pick(&all), mix.pick(&admins)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let ctx = context(services, admin);
    let own = environment.customer == **customer;
    let one = services.show_environment(&ctx, environment.id).await;
    if own != one.is_ok() || (!own && !matches!(one, Err(Error::NotFound))) {
        found.push(Found::new(
            "I12",
            format!("{} of {} seen by {customer}: {own}", environment.id, environment.customer),
        ));
    }
    let month = CalendarParams { environment: Some(environment.id), ..CalendarParams::default() };
    if own != services.show_calendar(&ctx, &month).await.is_ok() {
        found.push(Found::new("I12", format!("the calendar of {} answers {customer}", environment.id)));
    }
    let list = services.list_environments(&ctx, &EnvironmentsParams::default()).await?;
    let foreign = |id: &EnvironmentId| seen.fleet.get(id).is_none_or(|environment| environment.customer != **customer);
    found.extend(
        list.rows
            .iter()
            .filter(|row| foreign(&row.id))
            .map(|row| Found::new("I12", format!("{} is in the list of {customer}", row.id))),
    );
    Ok(found)
}

/// The calendar of one customer holds every announced night of the month.
pub async fn calendar(mix: &mut Mix, services: &Services, seen: &Seen, staff: &Staff) -> services::Result<Vec<Found>> {
    let admins: Vec<(&CustomerId, &Actor)> = staff.admins.iter().collect();
    let Some((customer, admin)) = mix.pick(&admins) else { return Ok(Vec::new()) };
    let ctx = context(services, admin);
    let view = services.show_calendar(&ctx, &CalendarParams::default()).await?;
    let month = ctx.now.format("%Y-%m").to_string();
    let mut found = Vec::new();
    for update in seen.updates.values().filter(|update| update.customer == **customer) {
        let UpdateState::Announced { night, .. } = &update.state else { continue };
        let active =
            seen.rollout_of(update).is_some_and(|whole| !matches!(whole.rollout.state.key(), "draft" | "completed"));
        let shown = view.agenda.iter().any(|row| {
            let committed = [UpdateStateWord::Announced, UpdateStateWord::Moved, UpdateStateWord::Halted];
            row.environment.as_ref().is_some_and(|(id, _)| *id == update.environment)
                && row.state.is_some_and(|word| committed.contains(&word))
        });
        if active && night.start.format("%Y-%m").to_string() == month && !shown {
            found.push(Found::new("I19", format!("the calendar of {customer} lacks the night of {}", night.date)));
        }
    }
    Ok(found)
}

/// For how long nights of an emergency path that is over may still stand: until a server that looks seldom has moved them,
/// and as long as anything is halted.
fn not_moved_yet(seen: &Seen, rollout: RolloutId) -> TimeDelta {
    let whole = seen.rollouts.get(&rollout);
    let runs = whole.is_some_and(|whole| matches!(whole.rollout.state, RolloutState::Running { .. }));
    if runs && seen.halts.is_empty() { TimeDelta::hours(24) } else { TimeDelta::days(365) }
}

/// No announced night is one that the rules refuse.
pub fn nights(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = Vec::new();
    for update in seen.updates.values() {
        let UpdateState::Announced { night, .. } = &update.state else { continue };
        let Some(environment) = seen.fleet.get(&update.environment) else { continue };
        let dark = seen.regions.get(&environment.region).and_then(|region| region.dark_hours);
        let dark = dark.and_then(|hours| hours::dark_at(hours, night.start));
        let right = dark.is_some_and(|dark| {
            (dark.start, dark.end, dark.date) == (night.start, night.end, night.date)
                && (is_pulled(update)
                    || hours::day_allows(environment, dark.date)
                    || night.end <= now
                    || seen.ways.any_night_since(update.rollout, now, not_moved_yet(seen, update.rollout)).is_some())
        });
        if !right {
            found.push(Found::new("I19", format!("{} is announced for {night:?}", environment.id)));
        }
    }
    found
}

pub async fn counters(db: &Db) -> store::Result<Vec<Found>> {
    let wrong = census::miscounts(db.reader()).await?;
    let found = |miscount: census::Miscount| {
        Found::new("I14", format!("{}: counted {}, there are {}", miscount.of, miscount.counted, miscount.there))
    };
    Ok(wrong.into_iter().map(found).collect())
}

pub async fn chain(db: &Db) -> store::Result<Vec<Found>> {
    let verified = store::audit::verify(db.reader()).await?;
    Ok(verified.first_broken.map(|seq| Found::new("I9", format!("the chain is broken at {seq}"))).into_iter().collect())
}

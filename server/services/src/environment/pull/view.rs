//! Taking ahead as the page shows it: nights with their effects, or why not and from when on.

use super::Pullable;
use crate::zone::ZoneClockface;
use chrono::{DateTime, Utc};
use domain::calendar::Night;
use domain::clockface::Clockface;
use domain::pull_ahead::{PullError, PullFacts, Start, nights_offered, pull_ahead};
use domain::wire::environment::{PullOption, PullView};
use store::environment::Environment;

/// A form of more nights is a list to search.
const NIGHTS_SHOWN: usize = 7;

pub(in crate::environment) fn view(
    pullable: &Pullable,
    environment: &Environment,
    clock: ZoneClockface,
    now: DateTime<Utc>,
) -> PullView {
    let facts = pullable.facts(environment);
    let (build, generation) = (facts.offer.build.to_string(), pullable.with.update.generation);
    let offered = nights_offered(&facts, now);
    let options: Vec<PullOption> =
        offered.iter().take(NIGHTS_SHOWN).filter_map(|night| option(&facts, *night, clock, now).ok()).collect();
    if !options.is_empty() {
        return PullView::Offered { build, options, generation };
    }
    match refusal(&facts, &offered, now) {
        Some(PullError::Booked { night }) => {
            let says = format!(
                "It is taken ahead: its update starts in the night of {}. Until it begins, that can be taken back.",
                clock.night(night)
            );
            PullView::Booked { build, says, generation }
        }
        Some(error) => PullView::Refused { build, why: error.to_string(), way_out: error.way_out(&clock) },
        None => PullView::Offered { build, options, generation },
    }
}

/// Why none of the nights can be chosen; a freeze or a late hour where there are none.
fn refusal(facts: &PullFacts<'_>, offered: &[Night], now: DateTime<Utc>) -> Option<PullError> {
    let first = offered.first().or(facts.nights.first());
    let start = first.map_or(Start::Now, |night| Start::At { at: night.start.max(now) });
    pull_ahead(facts, start, now).err()
}

fn option(
    facts: &PullFacts<'_>,
    night: Night,
    clock: ZoneClockface,
    now: DateTime<Utc>,
) -> Result<PullOption, PullError> {
    let running = night.start <= now;
    let start = if running { Start::Now } else { Start::At { at: night.start } };
    let effect = pull_ahead(facts, start, now)?.sentence(&clock);
    let (key, title) = if running {
        ("now".to_owned(), format!("Now, in the night of {}", clock.night(night)))
    } else {
        (night.date.to_string(), clock.night(night))
    };
    Ok(PullOption { key, title, effect })
}

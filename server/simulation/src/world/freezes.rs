//! Freezes of every scope: some set before the simulation begins, by date, each biting for some days of it; some that the
//! vendor's people set meanwhile.

use super::fleet::Fleet;
use chrono::{DateTime, Days, Utc};
use domain::catalogue::Catalogue;
use domain::fleet::Cloud;
use domain::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
use domain::ids::{CustomerId, FreezeId, UserId};
use domain::people::Person;
use domain::wire::freeze::FreezeForm;
use services::mix::Mix;
use services::ports::Ids;

/// With whose estate each is about, where it is one customer's.
pub fn draw(
    mix: &mut Mix,
    ids: &dyn Ids,
    catalogue: &Catalogue,
    fleet: &Fleet,
    start: DateTime<Utc>,
) -> Vec<(Freeze, Option<CustomerId>)> {
    let mut freezes = Vec::new();
    for _ in 0..mix.between(1, 5) {
        let Some(environment) = mix.pick(&fleet.environments).cloned() else { break };
        let (scope, customer, longest) = match mix.below(6) {
            0 => (FreezeScope::Global, None, 1),
            1 => {
                let region = catalogue.regions.iter().find(|region| region.slug == environment.region);
                (FreezeScope::Cloud { cloud: region.map_or(Cloud::Public, |region| region.cloud) }, None, 1)
            }
            2 | 3 => (FreezeScope::Region { region: environment.region.clone() }, None, 4),
            4 => (FreezeScope::Customer { customer: environment.customer }, Some(environment.customer), 6),
            _ => (FreezeScope::Environment { environment: environment.id }, Some(environment.customer), 9),
        };
        let first = start.date_naive() + days(mix.between(6, 24));
        let Ok(span) = Span::one_off(first, first + days(mix.between(0, longest))) else { continue };
        let freeze = Freeze {
            id: FreezeId::new(ids.uuid()),
            scope,
            span,
            reason: "the books are closed".to_owned(),
            owner: customer.map_or(FreezeOwner::Vendor, |customer| FreezeOwner::Customer { customer }),
            set_by: Person { id: UserId::new(ids.uuid()), name: "F. Reezer".to_owned() },
            set_at: start,
            state: FreezeState::Set,
        };
        freezes.push((freeze, customer));
    }
    freezes
}

/// What somebody asks for while trains go: from some night soon on, sometimes from one that is announced already.
pub fn ask(mix: &mut Mix, fleet: &Fleet, now: DateTime<Utc>) -> Option<FreezeForm> {
    let environment = mix.pick(&fleet.environments)?.clone();
    let customer = fleet.customers.iter().find(|customer| customer.id == environment.customer)?;
    let (scope, longest) = match mix.below(8) {
        0 => ("global", 1),
        1 => ("cloud", 1),
        2 | 3 => ("region", 2),
        4 | 5 => ("customer", 4),
        _ => ("environment", 6),
    };
    let first = now.date_naive() + days(mix.between(0, 6));
    let last = first + days(mix.between(0, longest));
    Some(FreezeForm {
        scope: scope.to_owned(),
        cloud: "public".to_owned(),
        region: environment.region,
        customer: customer.domain.clone(),
        environment: environment.name,
        first: first.to_string(),
        last: last.to_string(),
        repeats: String::new(),
    })
}

fn days(days: i64) -> Days {
    Days::new(days.unsigned_abs())
}

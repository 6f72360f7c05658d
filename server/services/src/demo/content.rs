//! What the demo's builds bring: the changes of the drafts with their flights, how schema changes behave towards the
//! builds before, and a newer build, so that every way out of a halt can be tried. All of it is made up.

use super::fleet::DRAFTS;
use crate::mix::Mix;
use crate::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::catalogue::Catalogue;
use domain::flight::Flight;
use domain::ids::{BuildId, FlightId};
use domain::recovery::{Schema, SchemaChange};
use domain::release::{BuildChange, BuildVersion, ServiceUpdate, TrainId};
use store::Connection;
use store::build::NewBuild;

/// Guards the change that a regression of the demo comes from.
pub const POSTING_FLIGHT: &str = "posting-in-parallel";
const RATES_FLIGHT: &str = "daily-exchange-rates";

/// The build that rolls the first draft forward.
const HOTFIX: (ServiceUpdate, BuildVersion, BuildVersion) =
    (ServiceUpdate::new([10, 0, 48]), BuildVersion::new([10, 0, 2645, 151]), BuildVersion::new([7, 0, 7996, 126]));

/// What one draft brings. The second one can neither be fallen back by flight nor be rolled back.
fn brought(train: TrainId) -> (Vec<BuildChange>, Vec<SchemaChange>) {
    let change = |id: &str, title: &str, flight: Option<&str>| BuildChange {
        id: id.to_owned(),
        title: title.to_owned(),
        flight: flight.map(str::to_owned),
    };
    let schema = |name: &str, marked| SchemaChange { name: name.to_owned(), marked };
    if train == DRAFTS[0] {
        let changes = vec![
            change("ERP-48211", "Sales invoices post in parallel", Some(POSTING_FLIGHT)),
            change("ERP-48377", "Exchange rates are read once a day", Some(RATES_FLIGHT)),
        ];
        let marks = vec![
            schema("ledger entries get a batch number", Schema::Compatible),
            schema("invoice journal gets an index", Schema::Reversible),
        ];
        (changes, marks)
    } else {
        let changes = vec![change("ERP-47902", "Year-end closing keeps its rounding", None)];
        (changes, vec![schema("closing periods lose a column", Schema::Irreversible)])
    }
}

/// Idempotent only with the seed that it belongs to: it runs once.
pub(super) async fn seed(
    conn: &impl Connection,
    catalogue: &Catalogue,
    mix: &mut Mix,
    now: DateTime<Utc>,
) -> Result<()> {
    let builds = store::build::list(conn).await?;
    for build in &builds {
        let train =
            DRAFTS.into_iter().find(|id| catalogue.train(*id).and_then(|train| train.app_build) == Some(build.version));
        let (changes, schema) = train.map(brought).unwrap_or_default();
        store::build::record_content(conn, build.id, &changes, &schema).await?;
        if train == Some(DRAFTS[0]) {
            flights(conn, build.id, mix, now).await?;
        }
    }
    let (service_update, version, platform) = HOTFIX;
    let id = BuildId::new(mix.uuid(now));
    let new = NewBuild { id, service_update, version, platform: Some(platform), artifact: None, registered_at: now };
    store::build::insert(conn, &new).await?;
    store::build::record_content(conn, id, &[], &[]).await?;
    Ok(())
}

async fn flights(conn: &impl Connection, build: BuildId, mix: &mut Mix, now: DateTime<Utc>) -> Result<()> {
    let broken = || Error::Broken { what: "the demo", why: "a date of a flight does not read".to_owned() };
    let remove_on = NaiveDate::from_ymd_opt(2026, 12, 31).ok_or_else(broken)?;
    for (key, title, owner) in [
        (POSTING_FLIGHT, "Sales invoices post in parallel", "Finance, ledger team"),
        (RATES_FLIGHT, "Exchange rates are read once a day", "Finance, treasury team"),
    ] {
        let flight = Flight {
            id: FlightId::new(mix.uuid(now)),
            key: key.to_owned(),
            title: title.to_owned(),
            owner: owner.to_owned(),
            build,
            remove_on,
            switches: Vec::new(),
        };
        store::flight::insert(conn, &flight, now).await?;
    }
    Ok(())
}

//! What ways out of a halt are made of: the builds that ran before any train, one later build that no train carries, what
//! each build changes (some of it cannot be undone, some is not recorded), the flights that guard it; and from when on a
//! train's build can be taken ahead. From a stream of its own: everything else of a world stays as it is.

use super::trains::{SERVICE_UPDATES, Trains, build};
use crate::Result;
use chrono::{DateTime, Days, Utc};
use domain::catalogue::Catalogue;
use domain::flight::Flight;
use domain::ids::{BuildId, FlightId};
use domain::recovery::{Schema, SchemaChange};
use domain::release::{BuildApproval, BuildChange};
use services::mix::Mix;
use store::Tx;
use store::build::NewBuild;

/// The revision that comes after every train's.
const LATER: u32 = 169;

/// A build, and what is known of it.
#[derive(Debug)]
struct Recorded {
    build: NewBuild,
    /// `None` of a build that a train carries: that one is registered and approved with its train.
    approved: Option<bool>,
    changes: Vec<BuildChange>,
    /// `None`: nobody recorded them.
    schema: Option<Vec<SchemaChange>>,
}

#[derive(Debug)]
pub struct Past {
    builds: Vec<Recorded>,
    flights: Vec<Flight>,
}

impl Past {
    pub fn draw(mix: &mut Mix, trains: &Trains, start: DateTime<Utc>) -> Self {
        let mut past = Self { builds: Vec::new(), flights: Vec::new() };
        for number in SERVICE_UPDATES {
            for (revision, approved_percent) in [(100, 85), (LATER, 80)] {
                let version = build(number, revision);
                let id = BuildId::new(mix.uuid(start));
                let new = NewBuild {
                    id,
                    service_update: number,
                    version,
                    platform: None,
                    registered_at: start,
                    artifact: None,
                };
                let approved = Some(mix.percent(approved_percent));
                past.builds.push(Recorded { build: new, approved, changes: Vec::new(), schema: Some(Vec::new()) });
            }
        }
        for train in &trains.all {
            let recorded = past.of_train(mix, train.build.clone(), start);
            past.builds.push(recorded);
        }
        past
    }

    fn of_train(&mut self, mix: &mut Mix, build: NewBuild, start: DateTime<Utc>) -> Recorded {
        let guarded = mix.percent(65);
        let changes = (0..mix.between(1, 2)).map(|n| {
            let id = format!("ERP-{}-{n}", build.version);
            let flight = guarded.then(|| format!("flight-{}-{n}", build.version));
            BuildChange { title: format!("Change {id}"), id, flight }
        });
        let changes: Vec<BuildChange> = changes.collect();
        for key in changes.iter().filter_map(|change| change.flight.clone()) {
            self.flights.push(Flight {
                id: FlightId::new(mix.uuid(start)),
                title: key.clone(),
                key,
                owner: "Finance".to_owned(),
                build: build.id,
                remove_on: start.date_naive() + Days::new(200),
                switches: Vec::new(),
            });
        }
        let marks: &[Schema] = match mix.below(20) {
            0..=13 => &[Schema::Reversible, Schema::Compatible],
            14..=16 => &[Schema::Compatible, Schema::Online, Schema::Irreversible],
            _ => &[],
        };
        let schema = (!marks.is_empty()).then(|| {
            let changes = (0..mix.between(1, 2)).filter_map(|n| Some((n, *mix.pick(marks)?)));
            changes.map(|(n, marked)| SchemaChange { name: format!("column {n}"), marked }).collect()
        });
        Recorded { build, approved: None, changes, schema }
    }

    /// Into the transaction that writes the trains, after them.
    pub async fn write(&self, tx: &Tx, start: DateTime<Utc>) -> Result<()> {
        for Recorded { build, approved, changes, schema } in &self.builds {
            if approved.is_some() {
                store::build::insert(tx, build).await?;
            }
            if let (Some(true), Some(known)) = (approved, store::build::find(tx, build.id).await?) {
                let approval = BuildApproval { artifact: known.artifact, by: None, at: start };
                store::build::approve(tx, build.id, &approval).await?;
            }
            if let Some(schema) = schema {
                store::build::record_content(tx, build.id, changes, schema).await?;
            }
        }
        for flight in &self.flights {
            store::flight::insert(tx, flight, start).await?;
        }
        Ok(())
    }
}

/// Each train's build can be taken ahead from a day of its own on.
pub fn offer(mix: &mut Mix, trains: &Trains, catalogue: &mut Catalogue, start: DateTime<Utc>) {
    for train in &trains.all {
        let cutoff = start.date_naive() + Days::new(mix.below(8));
        if let Some(known) = catalogue.trains.iter_mut().find(|known| known.id == train.rollout.train) {
            known.cutoff = cutoff;
        }
    }
}

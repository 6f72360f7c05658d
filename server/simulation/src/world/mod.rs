//! What a simulation begins with, all of it from the seed: customers with their environments (`fleet`), trains with their
//! builds and policies (`trains`), what one can go back to (`past`), freezes (`freezes`), and who may do what (`staff`).

pub mod fleet;
pub mod freezes;
pub mod past;
pub mod staff;
pub mod trains;

use crate::options::Options;
use crate::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::catalogue::Catalogue;
use domain::freeze::Freeze;
use domain::ids::{CustomerId, EnvironmentId};
use domain::release::BuildApproval;
use fleet::Fleet;
use past::Past;
use services::mix::Mix;
use services::ports::Ids;
use services::trail::{self, By, Deed, ROLLOUT, RolloutEvent};
use store::Db;
use store::environment::Planning;
use trains::Trains;

/// Midnight of the day on which the first simulation begins; each seed begins on another day of the weeks after it.
const FIRST_DAY: DateTime<Utc> = match DateTime::from_timestamp(1_788_220_800, 0) {
    Some(at) => at,
    None => DateTime::UNIX_EPOCH,
};

#[derive(Debug)]
pub struct World {
    pub start: DateTime<Utc>,
    pub catalogue: Catalogue,
    pub fleet: Fleet,
    pub trains: Trains,
    past: Past,
    pub freezes: Vec<(Freeze, Option<CustomerId>)>,
    /// When the next service update is due, where it is known (rule S1).
    pub due: Vec<(EnvironmentId, Planning)>,
}

impl World {
    /// Nothing is written yet.
    pub fn draw(options: &Options, ids: &dyn Ids) -> Result<Self> {
        let mut mix = Mix::keyed(options.seed, &[1]);
        let start = FIRST_DAY + TimeDelta::minutes(mix.between(0, 28 * 24 * 60));
        let mut catalogue =
            services::catalogue::shipped().map_err(|error| Error::World(format!("the shipped catalogue: {error}")))?;
        let mut trains = Trains::draw(&mut mix, ids, &mut catalogue, start)?;
        trains.watch(&mut Mix::keyed(options.seed, &[4]));
        let mut own = Mix::keyed(options.seed, &[7]);
        let past = Past::draw(&mut own, &trains, start);
        past::offer(&mut own, &trains, &mut catalogue, start);
        let fleet = Fleet::draw(&mut mix, ids, &catalogue, &trains, start, options.environments);
        let mut mix = Mix::keyed(options.seed, &[4]);
        let freezes = freezes::draw(&mut mix, ids, &catalogue, &fleet, start);
        let due = fleet.environments.iter().filter_map(|environment| {
            let on = start + TimeDelta::days(mix.between(2, 45));
            let planning = Planning {
                chosen_days: environment.chosen_days,
                service_update_due: Some(on.date_naive()),
                priority_batch: environment.priority_batch,
            };
            mix.percent(8).then_some((environment.id, planning))
        });
        let due = due.collect();
        Ok(Self { start, catalogue, fleet, trains, past, freezes, due })
    }

    /// Into an empty, migrated database.
    pub async fn write(&self, db: &Db, ids: &dyn Ids) -> Result<()> {
        let tx = db.begin().await?;
        store::catalogue::replace(&tx, &self.catalogue).await?;
        for train in &self.trains.all {
            store::build::insert(&tx, &train.build).await?;
            if let Some(build) = store::build::find(&tx, train.build.id).await? {
                let approval = BuildApproval { artifact: build.artifact, by: None, at: self.start };
                store::build::approve(&tx, build.id, &approval).await?;
            }
        }
        self.past.write(&tx, self.start).await?;
        store::customer::insert_many(&tx, &self.fleet.customers).await?;
        store::environment::insert_many(&tx, self.fleet.environments.clone()).await?;
        for (environment, planning) in &self.due {
            store::environment::set_planning(&tx, *environment, 1, planning).await?;
        }
        for (freeze, customer) in &self.freezes {
            store::freeze::insert(&tx, freeze, *customer).await?;
        }
        for train in &self.trains.all {
            store::rollout::insert(&tx, &train.rollout).await?;
            let event = RolloutEvent::Registered;
            let deed = Deed {
                action: event.action(),
                object_kind: ROLLOUT,
                object_id: train.rollout.id.to_string(),
                customer: None,
                details: serde_json::to_value(&event).map_err(store::Error::from)?,
            };
            trail::append(&tx, ids, By::System("simulation"), self.start, deed).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

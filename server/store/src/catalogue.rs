//! The catalogue's tables: written as a whole, read as a whole. Not here: reading the files (`services::catalogue`).

use crate::entity::{cadence, cadence_row, region, service_update, station, train};
use crate::row::{Row, sort_key};
use crate::{Connection, Result, environment, keys};
use domain::calendar::{Cadence, CadenceRow, DarkHours, DayOffsets};
use domain::catalogue::Catalogue;
use domain::fleet::{Region, Station, StationNumber};
use domain::release::{BuildVersion, ServiceUpdateDates, Train, TrainId};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};

/// Puts `catalogue` in the place of the one before. Environments are placed anew, and the counters follow them.
pub async fn replace(conn: &impl Connection, catalogue: &Catalogue) -> Result<()> {
    rewrite::<station::Entity, _>(conn, catalogue.stations.iter().map(station_row)).await?;
    rewrite::<region::Entity, _>(conn, catalogue.regions.iter().map(region_row)).await?;
    rewrite::<service_update::Entity, _>(conn, catalogue.service_updates.iter().map(service_update_row)).await?;
    rewrite::<train::Entity, _>(conn, catalogue.trains.iter().map(train_row)).await?;
    rewrite::<cadence::Entity, _>(conn, catalogue.cadences.iter().map(cadence_head)).await?;
    rewrite::<cadence_row::Entity, _>(conn, catalogue.cadences.iter().flat_map(cadence_rows)).await?;
    environment::place_all(conn).await
}

async fn rewrite<E, A>(conn: &impl Connection, rows: impl Iterator<Item = E::Model>) -> Result<()>
where
    E: EntityTrait<ActiveModel = A, Model: IntoActiveModel<A>>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    E::delete_many().exec(conn).await?;
    E::insert_many(rows.map(IntoActiveModel::into_active_model)).exec_without_returning(conn).await?;
    Ok(())
}

/// The catalogue, ordered: stations by number, regions by slug, the rest by version or name.
pub async fn load(conn: &impl Connection) -> Result<Catalogue> {
    let stations = station::Entity::find().order_by_asc(station::Column::Number).all(conn).await?;
    let updates = service_update::Entity::find().order_by_asc(service_update::Column::NumberSort).all(conn).await?;
    let trains = train::Entity::find()
        .order_by_asc(train::Column::ServiceUpdateSort)
        .order_by_asc(train::Column::Number)
        .all(conn)
        .await?;
    let heads = cadence::Entity::find().order_by_asc(cadence::Column::Name).all(conn).await?;
    let rows = cadence_row::Entity::find().order_by_asc(cadence_row::Column::Station).all(conn).await?;
    Ok(Catalogue {
        stations: stations.iter().map(to_station).collect::<Result<_>>()?,
        regions: regions(conn).await?,
        service_updates: updates.into_iter().map(to_service_update).collect::<Result<_>>()?,
        trains: trains.into_iter().map(to_train).collect::<Result<_>>()?,
        cadences: heads.into_iter().map(|head| to_cadence(head, &rows)).collect::<Result<_>>()?,
    })
}

pub(crate) async fn regions(conn: &impl Connection) -> Result<Vec<Region>> {
    let rows = region::Entity::find().order_by_asc(region::Column::Slug).all(conn).await?;
    rows.into_iter().map(to_region).collect()
}

/// One region, where the catalogue knows it.
pub async fn region(conn: &impl Connection, slug: &str) -> Result<Option<Region>> {
    region::Entity::find_by_id(slug).one(conn).await?.map(to_region).transpose()
}

fn station_row(station: &Station) -> station::Model {
    station::Model { number: station.number.0.into(), name: station.name.clone(), opt_in: station.opt_in }
}

fn to_station(model: &station::Model) -> Result<Station> {
    let row = Row::new("station", model.number);
    Ok(Station { number: StationNumber(row.number(model.number)?), name: model.name.clone(), opt_in: model.opt_in })
}

fn region_row(region: &Region) -> region::Model {
    let dark = region.dark_hours;
    let minutes = |minutes: u16| i16::try_from(minutes).unwrap_or(i16::MAX);
    region::Model {
        slug: region.slug.clone(),
        name: region.name.clone(),
        cloud: keys::cloud(region.cloud).to_owned(),
        station: region.station.map(|station| station.0.into()),
        geography: region.geography.clone(),
        dark_start_minute: dark.map(|hours| minutes(hours.start_minute())),
        dark_length_minutes: dark.map(|hours| minutes(hours.length_minutes())),
        dark_weekend_first: dark.map(|hours| keys::weekday(hours.weekend_first())),
        time_zone: region.time_zone.clone(),
    }
}

fn to_region(model: region::Model) -> Result<Region> {
    let row = Row::new("region", &model.slug);
    let dark_hours = match (model.dark_start_minute, model.dark_length_minutes, model.dark_weekend_first) {
        (None, None, None) => None,
        (Some(start), Some(length), Some(first)) => {
            let first = row.word(&first, keys::weekday_from)?;
            let hours = DarkHours::new(row.number(start)?, row.number(length)?, first);
            Some(hours.ok_or_else(|| row.wrong("these are no dark hours"))?)
        }
        _ => return Err(row.wrong("dark hours are half known")),
    };
    Ok(Region {
        cloud: row.word(&model.cloud, keys::cloud_from)?,
        station: model.station.map(|number| row.number(number).map(StationNumber)).transpose()?,
        slug: model.slug,
        name: model.name,
        geography: model.geography,
        dark_hours,
        time_zone: model.time_zone,
    })
}

fn service_update_row(dates: &ServiceUpdateDates) -> service_update::Model {
    service_update::Model {
        number: dates.number.to_string(),
        number_sort: sort_key(&dates.number.parts()),
        label: dates.label.clone(),
        major: dates.major,
        preview: dates.preview,
        general_availability: dates.general_availability,
        end_of_service: dates.end_of_service,
    }
}

fn to_service_update(model: service_update::Model) -> Result<ServiceUpdateDates> {
    Ok(ServiceUpdateDates {
        number: Row::new("service_update", &model.number).parse(&model.number)?,
        label: model.label,
        major: model.major,
        preview: model.preview,
        general_availability: model.general_availability,
        end_of_service: model.end_of_service,
    })
}

fn train_row(train: &Train) -> train::Model {
    let version = |build: &Option<BuildVersion>| build.as_ref().map(ToString::to_string);
    train::Model {
        service_update: train.id.service_update.to_string(),
        number: train.id.number.into(),
        service_update_sort: sort_key(&train.id.service_update.parts()),
        cutoff: train.cutoff,
        start_date: train.start,
        end_date: train.end,
        status: keys::train_status(train.status).to_owned(),
        app_build: version(&train.app_build),
        platform_build: version(&train.platform_build),
        cadence: train.cadence.clone(),
        note: train.note.clone(),
    }
}

fn to_train(model: train::Model) -> Result<Train> {
    let row = Row::new("train", format!("{} PQU-{}", model.service_update, model.number));
    Ok(Train {
        id: TrainId { service_update: row.parse(&model.service_update)?, number: row.number(model.number)? },
        cutoff: model.cutoff,
        start: model.start_date,
        end: model.end_date,
        status: row.word(&model.status, keys::train_status_from)?,
        app_build: row.parse_opt(model.app_build.as_deref())?,
        platform_build: row.parse_opt(model.platform_build.as_deref())?,
        cadence: model.cadence,
        note: model.note,
    })
}

fn cadence_head(cadence: &Cadence) -> cadence::Model {
    let gap = i16::try_from(cadence.min_gap_days).unwrap_or(i16::MAX);
    cadence::Model { name: cadence.name.clone(), min_gap_days: gap }
}

fn cadence_rows(cadence: &Cadence) -> impl Iterator<Item = cadence_row::Model> {
    cadence.rows().iter().map(|row| cadence_row::Model {
        cadence: cadence.name.clone(),
        station: row.station.0.into(),
        sandbox_first: row.sandbox.first.into(),
        sandbox_last: row.sandbox.last.into(),
        production_first: row.production.map(|days| days.first.into()),
        production_last: row.production.map(|days| days.last.into()),
    })
}

fn to_cadence(head: cadence::Model, rows: &[cadence_row::Model]) -> Result<Cadence> {
    let row = Row::new("cadence", &head.name);
    let days =
        |first: i32, last: i32| -> Result<_> { Ok(DayOffsets { first: row.number(first)?, last: row.number(last)? }) };
    let rows = rows.iter().filter(|own| own.cadence == head.name).map(|own| {
        let production = match (own.production_first, own.production_last) {
            (None, None) => None,
            (Some(first), Some(last)) => Some(days(first, last)?),
            _ => return Err(row.wrong("a production window is half known")),
        };
        let sandbox = days(own.sandbox_first, own.sandbox_last)?;
        Ok(CadenceRow { station: StationNumber(row.number(own.station)?), sandbox, production })
    });
    let rows = rows.collect::<Result<_>>()?;
    Cadence::new(head.name, row.number(head.min_gap_days)?, rows).map_err(|error| row.wrong(error.to_string()))
}

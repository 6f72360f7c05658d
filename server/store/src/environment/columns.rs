//! Environments as columns, and back.

use super::{Environment, NewEnvironment};
use crate::entity::environment::Model;
use crate::row::{Row, ms, name_key, sort_key};
use crate::{Error, Result, keys};
use domain::calendar::DaySet;
use domain::fleet::{Designation, EnvironmentKind, Exemption, StationNumber, station_of};
use domain::ids::{CustomerId, EnvironmentId, UpdateId};
use domain::wire::signal::UpdateStateWord;
use uuid::Uuid;

/// Column `station` of an environment without a station.
pub const NOWHERE: i16 = 0;

/// The station at which trains meet an environment.
pub fn place(kind: EnvironmentKind, designation: Designation, of_region: Option<StationNumber>) -> i16 {
    station_of(kind, designation, of_region).map_or(NOWHERE, |station| station.0.into())
}

/// The same as an expression over a row of `environment`: where the rule gives a station without knowing the region's,
/// that one, else the region's.
pub fn place_sql() -> String {
    let choices = [Designation::Standard, Designation::Early];
    let all = EnvironmentKind::ALL.into_iter().flat_map(|kind| choices.map(|choice| (kind, choice)));
    let whatever_the_region = all.filter_map(|(kind, choice)| {
        let station = station_of(kind, choice, None)?;
        let (kind, (with, _)) = (keys::kind(kind), designation(choice));
        Some(format!("when kind = '{kind}' and designation = '{with}' then {station}"))
    });
    let whatever_the_region = whatever_the_region.collect::<Vec<_>>().join(" ");
    let of_region = "(select region.station from region where region.slug = environment.region)";
    format!("case {whatever_the_region} else coalesce({of_region}, {NOWHERE}) end")
}

pub const fn designation(designation: Designation) -> (&'static str, Option<Uuid>) {
    match designation {
        Designation::Standard => ("standard", None),
        Designation::Early => ("early", None),
        Designation::WithProduction { production } => ("with_production", Some(production.uuid())),
    }
}

fn to_designation(row: &Row, key: &str, follows: Option<Uuid>) -> Result<Designation> {
    match (key, follows) {
        ("standard", None) => Ok(Designation::Standard),
        ("early", None) => Ok(Designation::Early),
        ("with_production", Some(id)) => Ok(Designation::WithProduction { production: EnvironmentId::new(id) }),
        _ => Err(row.wrong(format!("designation `{key}` with follows_id {follows:?}"))),
    }
}

pub fn new_row(new: &NewEnvironment, of_region: Option<StationNumber>) -> Model {
    let (with, follows_id) = designation(new.designation);
    let exemption = new.exemption.as_ref();
    Model {
        id: new.id.uuid(),
        customer_id: new.customer.uuid(),
        name: new.name.clone(),
        name_key: name_key(&new.name),
        kind: keys::kind(new.kind).to_owned(),
        tier: new.tier.into(),
        region: new.region.clone(),
        station: place(new.kind, new.designation, of_region),
        service_update: new.service_update.to_string(),
        build: new.build.to_string(),
        build_sort: sort_key(&new.build.parts()),
        platform_build: new.platform.map(|build| build.to_string()),
        build_since_ms: ms(new.build_since),
        designation: with.to_owned(),
        follows_id,
        chosen_days: new.chosen_days.map(|days| days.bits().into()),
        priority_batch: new.priority_batch,
        exemption_reason: exemption.map(|e| e.reason.clone()),
        exemption_evidence: exemption.map(|e| e.evidence.clone()),
        exemption_expires_ms: exemption.map(|e| ms(e.expires_at)),
        current_update_id: None,
        current_state: None,
        created_ms: ms(new.created_at),
        generation: 1,
        service_update_due: None,
    }
}

impl TryFrom<Model> for Environment {
    type Error = Error;

    fn try_from(model: Model) -> Result<Self> {
        let id = EnvironmentId::new(model.id);
        let row = Row::new("environment", id);
        let exemption = match (model.exemption_reason, model.exemption_evidence, model.exemption_expires_ms) {
            (None, None, None) => None,
            (Some(reason), Some(evidence), Some(ms)) => Some(Exemption { reason, evidence, expires_at: row.at(ms)? }),
            _ => return Err(row.wrong("half exempt")),
        };
        let (current_update, current_state) = match (model.current_update_id, model.current_state) {
            (None, None) => (None, None),
            (Some(id), Some(key)) => (Some(UpdateId::new(id)), Some(row.word(&key, UpdateStateWord::from_key)?)),
            _ => return Err(row.wrong("its current update is half known")),
        };
        let station: u8 = row.number(model.station)?;
        Ok(Self {
            id,
            customer: CustomerId::new(model.customer_id),
            name: model.name,
            kind: row.word(&model.kind, keys::kind_from)?,
            tier: row.number(model.tier)?,
            region: model.region,
            station: (model.station != NOWHERE).then_some(StationNumber(station)),
            service_update: row.parse(&model.service_update)?,
            build: row.parse(&model.build)?,
            platform: row.parse_opt(model.platform_build.as_deref())?,
            build_since: row.at(model.build_since_ms)?,
            designation: to_designation(&row, &model.designation, model.follows_id)?,
            chosen_days: model.chosen_days.map(|bits| row.number(bits).map(DaySet::from_bits)).transpose()?,
            priority_batch: model.priority_batch,
            exemption,
            current_update,
            current_state,
            created_at: row.at(model.created_ms)?,
            generation: model.generation,
            service_update_due: model.service_update_due,
        })
    }
}

//! Every flight, and one of them with what was done to it.

use crate::{RequestContext, Result, Services};
use domain::clockface::Clockface;
use domain::flight::{Flight, FlightScope};
use domain::ids::{BuildId, CustomerId};
use domain::number::counted;
use domain::permission::Permission;
use domain::wire::flight::{FlightRow, FlightsParams, FlightsView, SwitchRow};
use domain::wire::signal::{Aspect, ColourRole};
use std::collections::{BTreeSet, HashMap};

impl Services {
    pub async fn list_flights(&self, ctx: &RequestContext, params: &FlightsParams) -> Result<FlightsView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let builds: HashMap<BuildId, String> =
            store::build::list(&conn).await?.into_iter().map(|build| (build.id, build.version.to_string())).collect();
        let flights = store::flight::list(&conn).await?;
        let chosen = flights.iter().find(|known| Some(known.flight.id) == params.flight).map(|known| &known.flight);
        let mut customers: HashMap<CustomerId, String> = HashMap::new();
        if chosen.is_some() {
            customers.extend(store::customer::list(&conn).await?.into_iter().map(|one| (one.id, one.name)));
        }
        let row = |flight: &Flight| row(ctx, flight, &builds);
        Ok(FlightsView {
            rows: flights.iter().map(|known| row(&known.flight)).collect(),
            chosen: chosen.map(|flight| (row(flight), switches(ctx, flight, &customers))),
            learnt: self.how_learnt(),
            may_turn: ctx.actor.may(Permission::TurnFlights),
        })
    }
}

fn row(ctx: &RequestContext, flight: &Flight, builds: &HashMap<BuildId, String>) -> FlightRow {
    let is_on = flight.is_on_by_default();
    let differ: BTreeSet<CustomerId> = flight
        .switches
        .iter()
        .filter_map(|switch| switch.scope.customer())
        .filter(|customer| flight.is_on_for(*customer) != is_on)
        .collect();
    let (word, other) = if is_on { ("On", "off") } else { ("Off", "on") };
    let state = match differ.len() as u64 {
        0 => word.to_owned(),
        some => format!("{word}, but {other} for {}", counted(some, "customer", "customers")),
    };
    let (aspect, role) = match (is_on, differ.is_empty()) {
        (true, true) => (Aspect::Clear, ColourRole::Clear),
        (false, true) => (Aspect::Unlit, ColourRole::Quiet),
        (_, false) => (Aspect::Caution, ColourRole::Caution),
    };
    FlightRow {
        id: flight.id,
        key: flight.key.clone(),
        title: flight.title.clone(),
        owner: flight.owner.clone(),
        build: builds.get(&flight.build).cloned().unwrap_or_default(),
        is_on,
        state,
        aspect,
        role,
        remove_on: ctx.clock().date(flight.remove_on),
        is_overdue: flight.is_overdue(ctx.now.date_naive()),
    }
}

/// Newest first.
fn switches(ctx: &RequestContext, flight: &Flight, customers: &HashMap<CustomerId, String>) -> Vec<SwitchRow> {
    let told = flight.switches.iter().rev().map(|switch| {
        let word = if switch.on { "on" } else { "off" };
        let whom = match switch.scope {
            FlightScope::Everywhere => "everywhere".to_owned(),
            FlightScope::Customer { customer } => {
                format!("for {}", customers.get(&customer).map_or("a customer", String::as_str))
            }
        };
        let text = format!("Turned {word} {whom} by {}: {}", switch.why.by.name, switch.why.reason);
        SwitchRow { at: ctx.clock().when(switch.why.at, None), text }
    });
    told.collect()
}

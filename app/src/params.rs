//! What a page asks for, read from and written to the query of its address. One `impl` per page that has filters; an
//! unknown or broken value is as if it were absent, because a link must not break when a word was dropped.

use domain::ids::RolloutId;
use domain::wire::{
    calendar::CalendarParams, deployment::DeploymentsParams, environment::EnvironmentsParams,
    exemption::ExemptionsParams, flight::FlightsParams, freeze::FreezesParams, halt::HaltsParams,
    incident::IncidentsParams, notification::NotificationsParams, plan::PlanParams, recovery::RecoveryParams,
    rollout::RolloutEnvironmentsParams,
};

use crate::{query::Query, routes};

pub trait Params: Sized {
    fn from_query(query: &Query) -> Self;
    fn to_query(&self) -> Query;

    /// As the argument `params` of a server function.
    fn to_argument(&self) -> Query {
        self.to_query().within("params")
    }
}

/// An id as the argument `input` of a server function.
pub fn as_input(field: &str, id: Option<impl ToString>) -> Query {
    Query::default().set(field, text(id)).within("input")
}

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

impl Params for NotificationsParams {
    fn from_query(query: &Query) -> Self {
        Self { filter: query.get("filter").into(), after: query.get("after").parse().ok() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("filter", &self.filter).set("after", text(self.after))
    }
}

impl Params for CalendarParams {
    fn from_query(query: &Query) -> Self {
        Self {
            month: query.get("month").into(),
            environment: query.get("environment").parse().ok(),
            layout: query.get("layout").into(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("month", &self.month)
            .set("environment", text(self.environment))
            .set("layout", &self.layout)
    }
}

impl Params for ExemptionsParams {
    fn from_query(query: &Query) -> Self {
        Self { after: query.get("after").parse().ok() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("after", text(self.after))
    }
}

impl Params for EnvironmentsParams {
    fn from_query(query: &Query) -> Self {
        Self {
            q: query.get("q").into(),
            kind: query.get("kind").into(),
            state: query.get("state").into(),
            after: query.get("after").parse().ok(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("q", &self.q)
            .set("kind", &self.kind)
            .set("state", &self.state)
            .set("after", text(self.after))
    }
}

impl Params for DeploymentsParams {
    fn from_query(query: &Query) -> Self {
        Self {
            q: query.get("q").into(),
            station: query.get("station").into(),
            region: query.get("region").into(),
            kind: query.get("kind").into(),
            state: query.get("state").into(),
            after: query.get("after").into(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("q", &self.q)
            .set("station", &self.station)
            .set("region", &self.region)
            .set("kind", &self.kind)
            .set("state", &self.state)
            .set("after", &self.after)
    }
}

/// The rollout itself is in the path.
impl Params for RolloutEnvironmentsParams {
    fn from_query(query: &Query) -> Self {
        Self {
            rollout: None,
            station: query.get("station").into(),
            audience: query.get("audience").into(),
            state: query.get("state").into(),
            after: query.get("after").into(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("station", &self.station)
            .set("audience", &self.audience)
            .set("state", &self.state)
            .set("after", &self.after)
    }
}

impl Params for IncidentsParams {
    fn from_query(query: &Query) -> Self {
        Self { after: query.get("after").into() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("after", &self.after)
    }
}

impl Params for HaltsParams {
    fn from_query(query: &Query) -> Self {
        Self {
            what: query.get("what").into(),
            build: query.get("build").into(),
            rollout: query.get("rollout").into(),
            station: query.get("station").into(),
            customer: query.get("customer").into(),
            lift: query.get("lift").into(),
            after: query.get("after").into(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("what", &self.what)
            .set("build", &self.build)
            .set("rollout", &self.rollout)
            .set("station", &self.station)
            .set("customer", &self.customer)
            .set("lift", &self.lift)
            .set("after", &self.after)
    }
}

impl Params for FreezesParams {
    fn from_query(query: &Query) -> Self {
        Self {
            scope: query.get("scope").into(),
            cloud: query.get("cloud").into(),
            region: query.get("region").into(),
            customer: query.get("customer").into(),
            environment: query.get("environment").into(),
            first: query.get("first").into(),
            last: query.get("last").into(),
            repeats: query.get("repeats").into(),
            end: query.get("end").into(),
        }
    }

    fn to_query(&self) -> Query {
        Query::default()
            .set("scope", &self.scope)
            .set("cloud", &self.cloud)
            .set("region", &self.region)
            .set("customer", &self.customer)
            .set("environment", &self.environment)
            .set("first", &self.first)
            .set("last", &self.last)
            .set("repeats", &self.repeats)
            .set("end", &self.end)
    }
}

/// The form that halts, and those in force.
pub fn halts(params: &HaltsParams) -> String {
    params.to_query().on(routes::HALTS)
}

/// The form that halts this station.
pub fn halt_station(rollout: RolloutId, station: u8) -> String {
    let (what, rollout, station) = ("station".to_owned(), rollout.to_string(), station.to_string());
    format!("{}#confirm", halts(&HaltsParams { what, rollout, station, ..HaltsParams::default() }))
}

/// The form that lifts this halt.
pub fn lift_halt(halt: String) -> String {
    format!("{}#lift", halts(&HaltsParams { lift: halt, ..HaltsParams::default() }))
}

pub fn freezes(params: &FreezesParams) -> String {
    params.to_query().on(routes::FREEZES)
}

impl Params for FlightsParams {
    fn from_query(query: &Query) -> Self {
        Self { flight: query.get("flight").parse().ok() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("flight", text(self.flight))
    }
}

/// The rollout itself is in the path.
impl Params for RecoveryParams {
    fn from_query(query: &Query) -> Self {
        Self { rollout: None, severity: query.get("severity").into() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("severity", &self.severity)
    }
}

pub fn flights(params: &FlightsParams) -> String {
    params.to_query().on(routes::FLIGHTS)
}

/// The rollout itself is in the path.
impl Params for PlanParams {
    fn from_query(query: &Query) -> Self {
        Self { rollout: None, why: query.get("why").into(), after: query.get("after").into() }
    }

    fn to_query(&self) -> Query {
        Query::default().set("why", &self.why).set("after", &self.after)
    }
}

pub fn notifications(params: &NotificationsParams) -> String {
    params.to_query().on(routes::NOTIFICATIONS)
}

pub fn calendar(params: &CalendarParams) -> String {
    params.to_query().on(routes::CALENDAR)
}

pub fn environments(params: &EnvironmentsParams) -> String {
    params.to_query().on(routes::ENVIRONMENTS)
}

pub fn deployments(params: &DeploymentsParams) -> String {
    params.to_query().on(routes::DEPLOYMENTS)
}

/// The list of environments on a rollout's own page.
pub fn rollout_environments(params: &RolloutEnvironmentsParams) -> String {
    let path = params.rollout.map_or_else(|| routes::ROLLOUTS.to_owned(), routes::rollout);
    format!("{}#environments", params.to_query().on(&path))
}

/// The plan of a rollout, with the list of those left out for one reason.
pub fn plan(params: &PlanParams) -> String {
    let path = params.rollout.map_or_else(|| routes::ROLLOUTS.to_owned(), routes::plan);
    format!("{}#listed", params.to_query().on(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::EnvironmentId;
    use std::fmt::Debug;

    fn comes_back<P: Params + PartialEq + Debug>(params: &P) {
        let address = params.to_query().on("/page");
        let query = Query::parse(address.strip_prefix("/page").unwrap_or_default());
        assert_eq!(P::from_query(&query), *params, "{address}");
    }

    #[test]
    fn filters_survive_the_address() {
        let id: EnvironmentId = "env_01j9z4aaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        comes_back(&EnvironmentsParams {
            q: "100% & more".into(),
            kind: "sandbox".into(),
            after: Some(id),
            ..Default::default()
        });
        comes_back(&EnvironmentsParams::default());
        comes_back(&ExemptionsParams { after: "exm_01j9z4aaaaaaaaaaaaaaaaaaaa".parse().ok() });
        comes_back(&CalendarParams { month: "2026-10".into(), environment: Some(id), layout: "list".into() });
        comes_back(&DeploymentsParams {
            q: "10.0.2645.1".into(),
            station: "none".into(),
            after: "a=b".into(),
            ..Default::default()
        });
        comes_back(&IncidentsParams { after: "1764000000000~0a~INC-1 & more".into() });
        comes_back(&RecoveryParams { rollout: None, severity: "critical".into() });
        comes_back(&NotificationsParams { filter: "moved".into(), after: None });
        comes_back(&PlanParams { why: "not_in_share".into(), after: "cus_1".into(), ..Default::default() });
        comes_back(&RolloutEnvironmentsParams {
            station: "4".into(),
            audience: "sandbox".into(),
            state: "held".into(),
            ..Default::default()
        });
    }

    #[test]
    fn forms_of_stops_survive_the_address() {
        comes_back(&HaltsParams {
            what: "station".into(),
            station: "4".into(),
            lift: "hlt_1".into(),
            ..Default::default()
        });
        comes_back(&FreezesParams {
            scope: "environment".into(),
            customer: "contoso.example".into(),
            environment: "UAT & more".into(),
            first: "2026-12-20".into(),
            repeats: "yearly".into(),
            ..Default::default()
        });
    }

    #[test]
    fn a_broken_id_is_no_id() {
        assert_eq!(EnvironmentsParams::from_query(&Query::parse("after=env_<x>")), EnvironmentsParams::default());
    }
}

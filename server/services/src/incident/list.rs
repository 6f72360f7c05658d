//! What was reported: also what halted nothing has to be looked into.

use super::IncidentOutcome;
use crate::signal::incident_policy;
use crate::{RequestContext, Result, Services};
use domain::permission::Permission;
use domain::severity::Severity;
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::incident::{IncidentChoices, IncidentRow, IncidentsParams, IncidentsView};
use std::collections::HashMap;
use store::Connection;
use store::incident::{Incident, Place, Reporter};

impl Services {
    pub async fn list_incidents(&self, ctx: &RequestContext, params: &IncidentsParams) -> Result<IncidentsView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let page = store::incident::list(&conn, params.after.parse().ok().as_ref(), PAGE_ROWS_MAX).await?;
        let next = page.rows.last().filter(|_| page.more).map(|incident| Place::of(incident).to_string());
        let names = names(&conn, &page.rows).await?;
        let row = |incident: Incident| IncidentRow {
            by: names.get(&key(incident.by)).cloned().unwrap_or_default(),
            opened: ctx.clock().when(incident.opened_at, None),
            build: incident.build.to_string(),
            severity: incident.severity.word().to_owned(),
            by_people: incident.by_people,
            outcome: IncidentOutcome::stored(&incident.outcome).led_to().to_owned(),
            finding: incident.finding,
            name: incident.name,
        };
        let rows = page.rows.into_iter().map(row).collect();
        let may_report = ctx.actor.may(Permission::ReportIncident);
        let choices = if may_report { Some(choices(&conn).await?) } else { None };
        Ok(IncidentsView { rows, next, choices })
    }
}

/// Ids of people and of tokens are never the same.
const fn key(by: Reporter) -> uuid::Uuid {
    match by {
        Reporter::Program(id) => id.uuid(),
        Reporter::Person(id) => id.uuid(),
    }
}

async fn names(conn: &impl Connection, incidents: &[Incident]) -> Result<HashMap<uuid::Uuid, String>> {
    let (mut programs, mut people) = (Vec::new(), Vec::new());
    for incident in incidents {
        match incident.by {
            Reporter::Program(id) => programs.push(id),
            Reporter::Person(id) => people.push(id),
        }
    }
    let programs = store::token::names(conn, &programs).await?.into_iter().map(|(id, name)| (id.uuid(), name));
    let people = store::user::names(conn, &people).await?.into_iter().map(|(id, name)| (id.uuid(), name));
    Ok(programs.chain(people).collect())
}

async fn choices(conn: &impl Connection) -> Result<IncidentChoices> {
    let builds = store::build::list(conn).await?.into_iter().map(|build| {
        let version = build.version.to_string();
        let label = if build.halted.is_some() { format!("{version} (halted)") } else { version.clone() };
        (version, label)
    });
    let severity = |severity: Severity| (severity.key().to_owned(), severity.word().to_owned());
    Ok(IncidentChoices {
        builds: builds.collect(),
        severities: Severity::ALL.into_iter().map(severity).collect(),
        halts_from: incident_policy(conn).await?.halts_from.word().to_owned(),
    })
}

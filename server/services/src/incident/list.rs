//! What was reported: also what halted nothing has to be looked into.

use super::{IncidentOutcome, incident_policy};
use crate::{RequestContext, Result, Services};
use domain::number::counted;
use domain::permission::Permission;
use domain::rollout::halt::HaltScope;
use domain::severity::Severity;
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::incident::{IncidentChoices, IncidentRow, IncidentsParams, IncidentsView};
use std::collections::HashMap;
use store::Connection;
use store::build::Build;
use store::incident::{Incident, Place, Reporter};

impl Services {
    pub async fn list_incidents(&self, ctx: &RequestContext, params: &IncidentsParams) -> Result<IncidentsView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let after: Option<Place> = params.after.parse().ok();
        let page = store::incident::list(&conn, after.as_ref(), PAGE_ROWS_MAX).await?;
        let next = page.rows.last().filter(|_| page.more).map(|incident| Place::of(incident).to_string());
        let names = names(&conn, &page.rows).await?;
        let row = |incident: Incident| IncidentRow {
            by: names.get(&incident.by.id()).cloned().unwrap_or_default(),
            opened: ctx.clock().when(incident.opened_at, None),
            build: incident.build.to_string(),
            severity: incident.severity.word().to_owned(),
            by_people: incident.by_people,
            outcome: IncidentOutcome::stored(&incident.outcome).led_to().to_owned(),
            finding: incident.finding,
            name: incident.name,
        };
        let rows = page.rows.into_iter().map(row).collect();
        // The form stands over the first page.
        let may_report = after.is_none() && ctx.actor.may(Permission::ReportIncident);
        let choices = if may_report { Some(choices(&conn).await?) } else { None };
        Ok(IncidentsView { rows, next, choices })
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
    let mut builds = Vec::new();
    for build in store::build::list(conn).await? {
        builds.push((build.version.to_string(), label(conn, &build).await?));
    }
    let severity = |severity: Severity| (severity.key().to_owned(), severity.word().to_owned());
    Ok(IncidentChoices {
        builds,
        severities: Severity::ALL.into_iter().map(severity).collect(),
        halts_from: incident_policy(conn).await?.halts_from.word().to_owned(),
    })
}

/// The build, with what a halt of it touches.
async fn label(conn: &impl Connection, build: &Build) -> Result<String> {
    let version = build.version;
    if build.halted.is_some() {
        return Ok(format!("{version}, halted"));
    }
    let affected = store::update::affected(conn, HaltScope::Build { build: build.id }).await?;
    Ok(match u64::from(affected.effect.affected()) {
        0 => version.to_string(),
        some => format!("{version}, a halt stops {}", counted(some, "environment", "environments")),
    })
}

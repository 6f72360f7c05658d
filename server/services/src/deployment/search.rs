//! The search: rows page by page, and the matrix of builds and stations from the maintained counters.

use super::question::{filter, understood};
use crate::words::{Teller, kind_text};
use crate::{RequestContext, Result, Services};
use domain::catalogue::Catalogue;
use domain::permission::Permission;
use domain::release::{BuildVersion, ServiceUpdate};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::deployment::{DeploymentRow, DeploymentsParams, DeploymentsView, MatrixRow};
use store::deployment::{BuildCount, Found};

impl Services {
    pub async fn search_deployments(
        &self,
        ctx: &RequestContext,
        params: &DeploymentsParams,
    ) -> Result<DeploymentsView> {
        ctx.require(Permission::SeeDeployments)?;
        let filter = filter(params);
        let conn = self.db().snapshot().await?;
        let after = params.after.parse().ok();
        let page = store::deployment::search(&conn, &filter, after, PAGE_ROWS_MAX).await?;
        // Counters know nothing of names and states: a matrix that ignored those would contradict the rows below it.
        let counted = filter.is_counted();
        let counts = if counted { store::deployment::counts(&conn, &filter).await? } else { Vec::new() };
        let catalogue = store::catalogue::load(&conn).await?;
        let names = self.names_mentioned(&conn, page.rows.iter().filter_map(|row| row.update.as_ref())).await?;
        let halted = self.standstill(&conn).await?;
        let teller = Teller { clock: ctx.clock(), names: &names, halted: &halted };
        let stations = stations(&catalogue);
        let next = page.rows.last().filter(|_| page.more).map(|row| row.environment.id.to_string());
        Ok(DeploymentsView {
            understood: understood(filter.text.as_ref()),
            matrix: matrix(&counts, &stations, &catalogue),
            rows: page.rows.iter().map(|found| row(found, &catalogue, &teller)).collect(),
            total: counted.then(|| counts.iter().map(|count| count.environments).sum()),
            next,
            regions: catalogue.regions.iter().map(|region| (region.slug.clone(), region.name.clone())).collect(),
            stations,
        })
    }
}

/// The stations of the catalogue, then 0 for "no station".
fn stations(catalogue: &Catalogue) -> Vec<u8> {
    let mut numbers: Vec<u8> = catalogue.stations.iter().map(|station| station.number.0).collect();
    numbers.sort_unstable();
    numbers.push(0);
    numbers
}

/// `counts` come newest build first, the cells of a build beside each other.
fn matrix(counts: &[BuildCount], stations: &[u8], catalogue: &Catalogue) -> Vec<MatrixRow> {
    let same_row = |a: &BuildCount, b: &BuildCount| (a.build, a.service_update) == (b.build, b.service_update);
    let cell = |row: &[BuildCount], number: u8| {
        let here = |count: &&BuildCount| count.station.map_or(0, |station| station.0) == number;
        row.iter().filter(here).map(|count| count.environments).sum()
    };
    counts
        .chunk_by(same_row)
        .filter_map(|row| {
            let first = row.first()?;
            Some(MatrixRow {
                build: first.build.to_string(),
                service_update: first.service_update.to_string(),
                train: train(catalogue, first.service_update, first.build),
                counts: stations.iter().map(|number| cell(row, *number)).collect(),
                total: row.iter().map(|count| count.environments).sum(),
            })
        })
        .collect()
}

/// `PQU-7`
fn train(catalogue: &Catalogue, service_update: ServiceUpdate, build: BuildVersion) -> String {
    let carried = catalogue
        .trains
        .iter()
        .find(|train| train.id.service_update == service_update && train.app_build == Some(build));
    carried.map(|train| format!("PQU-{}", train.id.number)).unwrap_or_default()
}

fn row(found: &Found, catalogue: &Catalogue, teller: &Teller<'_>) -> DeploymentRow {
    let environment = &found.environment;
    let region = catalogue.region(&environment.region);
    let told = found.update.as_ref().map(|update| teller.tell(update));
    DeploymentRow {
        id: environment.id,
        name: environment.name.clone(),
        customer: found.customer_name.clone(),
        kind_text: kind_text(environment.kind, environment.tier),
        region: region.map_or_else(|| environment.region.clone(), |region| region.name.clone()),
        station: environment.station.map(|station| station.0),
        service_update: environment.service_update.to_string(),
        build: environment.build.to_string(),
        since: teller.clock.when(environment.build_since, region.map(|region| region.time_zone.as_str())),
        state: told.as_ref().map(|told| told.word),
        state_text: told.map(|told| told.text).unwrap_or_default(),
    }
}

//! Brings the database to where the server can start: schema, catalogue, and for a demo its fleet.

use crate::commands::trail::note;
use anyhow::{Context, bail};
use domain::catalogue::Catalogue;
use serde_json::json;
use services::catalogue::{self, Source, demo};
use services::demo::{DemoClock, DemoClockState, DemoOptions, DemoSeed, Seeded, seed_demo};
use services::ports::{Clock, OsIds};
use services::trail::Deed;
use std::path::Path;
use std::sync::Arc;
use store::Db;

pub async fn schema(db: &Db) -> anyhow::Result<()> {
    let applied = db.migrate().await.context("the schema could not be brought up to date; nothing was changed")?;
    if !applied.is_empty() {
        println!("brought the schema up to date: {} changes", applied.len());
    }
    Ok(())
}

/// The shipped catalogue where there is none yet; an operator's replaces it at every start where it says something else.
pub async fn load_catalogue(db: &Db, folder: Option<&Path>) -> anyhow::Result<()> {
    let known = store::catalogue::load(db.reader()).await.context("the catalogue could not be read")?;
    if !known.stations.is_empty() && folder.is_none() {
        return Ok(());
    }
    let (_, catalogue) = read(folder)?;
    if known.agrees_with(&catalogue) {
        return Ok(());
    }
    let tx = db.begin().await?;
    store::catalogue::replace(&tx, &catalogue).await.context("the catalogue could not be written")?;
    let details = json!({ "stations": catalogue.stations.len(), "trains": catalogue.trains.len() });
    let deed = Deed {
        action: "catalogue.loaded",
        object_kind: "catalogue",
        object_id: if folder.is_some() { "own" } else { "shipped" }.to_owned(),
        customer: None,
        details,
    };
    note(&tx, deed).await?;
    tx.commit().await?;
    println!("loaded the catalogue: {} trains", catalogue.trains.len());
    Ok(())
}

fn read(folder: Option<&Path>) -> anyhow::Result<(Source, Catalogue)> {
    let source = Source::given(folder).context("the catalogue could not be read")?;
    let catalogue = catalogue::load(&source).context("the catalogue could not be read")?;
    Ok((source, catalogue))
}

/// The fleet, once, and the clock as it was left.
pub async fn demo(db: &Db, options: &DemoOptions, folder: Option<&Path>) -> anyhow::Result<Arc<DemoClock>> {
    let (source, catalogue) = read(folder)?;
    let customers = demo::customers(&source, &catalogue).context("the customers of the demo could not be read")?;
    let left = DemoClockState::load(db.reader()).await.context("the demo clock could not be read")?;
    let clock = Arc::new(options.clock(left));
    let ids = OsIds::new(clock.clone());
    let seed = DemoSeed { seed: options.seed, catalogue: &catalogue, customers: &customers, now: clock.now() };
    match seed_demo(db, &ids, &seed).await.context("the demo fleet could not be written")? {
        Seeded::Now { customers, environments } => {
            println!("made a demo fleet: {customers} customers, {environments} environments");
        }
        Seeded::Before => {}
        Seeded::Refused => {
            bail!("this database holds customers that are not the demo's; give the demo its own with --database-url")
        }
    }
    Ok(clock)
}

//! `signalbox policy`: what an operator may tune while the server runs.

use super::database::DatabaseArgs;
use super::trail::note;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use domain::health::{IncidentPolicy, TelemetryPolicy};
use domain::ids::{RolloutId, UserId};
use domain::people::Person;
use domain::release::TrainId;
use domain::rollout::Edited;
use domain::severity::Severity;
use serde_json::json;
use services::incident::{incident_policy, set_incident_policy};
use services::ports::{Clock, SystemClock};
use services::trail::Deed;
use std::process::ExitCode;
use store::Db;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Print what is set.
    Show(DatabaseArgs),
    /// From which severity on an incident halts a build where no customer is known to suffer from it.
    Incidents(IncidentsArgs),
    /// Whether the gates of a rollout look at what listening systems say.
    Telemetry(TelemetryArgs),
}

#[derive(Debug, Args)]
pub struct IncidentsArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[arg(long, value_parser = severity)]
    halts_from: Severity,
}

#[derive(Debug, Args)]
pub struct TelemetryArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The rollout, as its page's address names it.
    rollout: RolloutId,
    #[arg(value_enum)]
    switch: Switch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

fn severity(key: &str) -> Result<Severity, String> {
    Severity::from_key(key).ok_or_else(|| {
        let known: Vec<&str> = Severity::ALL.into_iter().map(Severity::key).collect();
        format!("choose one of {}", known.join(", "))
    })
}

pub async fn run(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    let said = match command {
        PolicyCommand::Show(database) => {
            let db = database.look().await?;
            let policy = incident_policy(db.reader()).await.context("the policy could not be read")?;
            db.close().await?;
            of_incidents(policy)
        }
        PolicyCommand::Incidents(args) => {
            let db = args.database.beside().await?;
            let policy = IncidentPolicy { halts_from: args.halts_from };
            set_incidents(&db, policy).await?;
            db.close().await?;
            of_incidents(policy)
        }
        PolicyCommand::Telemetry(args) => {
            let db = args.database.beside().await?;
            let train = set_telemetry(&db, args.rollout, args.switch).await?;
            db.close().await?;
            let looks = if args.switch == Switch::On { "look" } else { "do not look" };
            format!("the gates of {train} {looks} at what listening systems say")
        }
    };
    println!("{said}");
    Ok(ExitCode::SUCCESS)
}

fn of_incidents(policy: IncidentPolicy) -> String {
    format!("incidents halt a build from severity {} on", policy.halts_from.key())
}

fn deed(object_id: String, details: serde_json::Value) -> Deed {
    Deed { action: "policy.set", object_kind: "policy", object_id, customer: None, details }
}

async fn set_incidents(db: &Db, policy: IncidentPolicy) -> anyhow::Result<()> {
    let tx = db.begin().await?;
    let before = incident_policy(&tx).await.context("the policy could not be read")?;
    set_incident_policy(&tx, policy).await.context("the policy could not be written")?;
    note(&tx, deed("incidents".to_owned(), json!({ "from": before, "to": policy }))).await?;
    tx.commit().await?;
    Ok(())
}

/// On: with the figures that are usual. A plan that was made before is dropped.
async fn set_telemetry(db: &Db, id: RolloutId, switch: Switch) -> anyhow::Result<TrainId> {
    let tx = db.begin().await?;
    let found = store::rollout::find(&tx, id).await.context("the rollout could not be read")?;
    let rollout = found.with_context(|| format!("there is no rollout {id}"))?;
    let mut policy = rollout.policy;
    policy.gate.telemetry = (switch == Switch::On).then_some(TelemetryPolicy::DEFAULT);
    let busy = "the server changed the rollout just now; run the command again";
    store::rollout::bump(&tx, id, rollout.generation).await.context(busy)?;
    // Nobody's account: whoever may run commands on the machine may approve nothing there.
    let by = Person { id: UserId::new(Uuid::nil()), name: "the command line".to_owned() };
    let edit = Edited { by, at: SystemClock.now() };
    store::rollout::set_policy(&tx, id, &policy, &edit).await.context("the policy could not be written")?;
    let details = json!({ "from": rollout.policy.gate.telemetry, "to": policy.gate.telemetry });
    note(&tx, deed(id.to_string(), details)).await?;
    tx.commit().await?;
    Ok(rollout.train)
}

#[cfg(test)]
mod tests {
    use super::*;
    use services::testing::World;

    #[tokio::test]
    async fn what_is_set_is_kept_and_audited() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path()).await.unwrap();
        let db = world.services.db();
        assert_eq!(
            of_incidents(incident_policy(db.reader()).await.unwrap()),
            "incidents halt a build from severity high on"
        );
        set_incidents(db, IncidentPolicy { halts_from: Severity::Low }).await.unwrap();
        assert_eq!(incident_policy(db.reader()).await.unwrap().halts_from, Severity::Low);
        for (switch, expected) in [(Switch::On, Some(TelemetryPolicy::DEFAULT)), (Switch::Off, None)] {
            set_telemetry(db, world.rollout, switch).await.unwrap();
            let rollout = store::rollout::find(db.reader(), world.rollout).await.unwrap().unwrap();
            assert_eq!(rollout.policy.gate.telemetry, expected);
        }
        let events = store::audit::list(db.reader(), None, 3).await.unwrap().rows;
        assert!(events.iter().all(|event| event.action == "policy.set"), "{events:?}");
        let unknown = RolloutId::new(uuid::Uuid::from_u128(1));
        assert!(set_telemetry(db, unknown, Switch::On).await.unwrap_err().to_string().contains("there is no rollout"));
    }
}

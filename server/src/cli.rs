//! The command line of `signalbox`.

use crate::commands::{audit, database::DatabaseArgs, migrate, plan, policy, schedule, serve, simulate, token, user};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about = "Gets every fix to every environment, safely and visibly.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// Bring the database schema up to date.
    Migrate(DatabaseArgs),
    /// Print the windows of every station and audience of a train.
    Plan(plan::PlanArgs),
    /// Run the whole system under virtual time and check what has to hold.
    Simulate(simulate::SimulateArgs),
    /// Work with published schedules.
    #[command(subcommand)]
    Schedule(schedule::ScheduleCommand),
    /// Manage accounts.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Set what an operator may tune.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Manage the tokens of agents, pipelines and listening systems.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Look after the audit trail.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

impl Cli {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(args) => serve::run(args).await,
            Command::Migrate(database) => migrate::run(database).await,
            Command::Plan(args) => plan::run(&args),
            Command::Simulate(args) => simulate::run(args).await,
            Command::Schedule(command) => schedule::run(&command),
            Command::User(command) => user::run(command).await,
            Command::Policy(command) => policy::run(command).await,
            Command::Token(command) => token::run(command).await,
            Command::Audit(command) => audit::run(command).await,
        }
    }
}

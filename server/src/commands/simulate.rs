//! `signalbox simulate`: the whole system under virtual time, from one seed. Exit code 1 where an invariant broke; then
//! the shortest history that leads there is looked for and printed, with the command that runs it again.

use super::output::print;
use anyhow::Context;
use clap::{Args, ValueEnum, builder::RangedU64ValueParser};
use simulation::{Family, Options, Report, Violation, alone, shortest, simulate_aloud};
use std::process::ExitCode;
use tracing::subscriber::{NoSubscriber, with_default};

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Decides everything: fleet, trains, people, faults.
    #[arg(long)]
    seed: u64,
    #[arg(long, default_value_t = 200, value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    environments: u32,
    #[arg(long, default_value_t = 30, value_parser = RangedU64ValueParser::<u32>::new().range(1..=3_650))]
    days: u32,
    /// Servers are killed, paused and lied to, clocks jump, agents vanish, samples lie, people race.
    #[arg(long)]
    faults: bool,
    /// Only these families of faults: kill, statement, lost-commit, pause, clock, agent, telemetry,
    /// network, people.
    #[arg(long, value_delimiter = ',', value_parser = family, conflicts_with = "faults", value_name = "FAMILY,…")]
    only: Vec<Family>,
    /// Nobody halts or chooses; somebody still starts and approves.
    #[arg(long)]
    quiet_people: bool,
    /// 1 to 3 over one database; without it the seed decides.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3))]
    servers: Option<u8>,
    /// Which processor it keeps to, where several simulations run at once; without it the one that it begins on.
    #[arg(long)]
    core: Option<usize>,
    #[command(flatten)]
    telling: Telling,
}

/// How much is told, and in which form.
#[derive(Debug, Args)]
struct Telling {
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Prints every step as it happens.
    #[arg(long)]
    aloud: bool,
    /// Does not look for a shorter history of a violation.
    #[arg(long)]
    no_shrink: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn family(key: &str) -> Result<Family, String> {
    Family::from_key(key).ok_or_else(|| {
        let known: Vec<&str> = Family::ALL.into_iter().map(Family::key).collect();
        format!("no family of faults; there are {}", known.join(", "))
    })
}

impl SimulateArgs {
    fn options(&self) -> Options {
        let mut options = Options::new(self.seed, self.environments, self.days);
        options.faults.extend(&self.only);
        if self.faults {
            options = options.with_faults();
        }
        Options { servers: self.servers, people: !self.quiet_people, ..options }
    }
}

pub async fn run(args: SimulateArgs) -> anyhow::Result<ExitCode> {
    let (options, core) = (args.options(), args.core);
    let (aloud, shrink) = (args.telling.aloud, !args.telling.no_shrink);
    let report = tokio::task::spawn_blocking(move || on_one_thread(options, core, aloud, shrink)).await??;
    print(&match args.telling.format {
        Format::Json => serde_json::to_string(&report)? + "\n",
        Format::Text => text(&report),
    })?;
    Ok(if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One thread, or the order of things would be the machine's. What servers log of injected faults is no news.
fn on_one_thread(options: Options, core: Option<usize>, aloud: bool, shrink: bool) -> anyhow::Result<Report> {
    let simulated = async {
        let report = simulate_aloud(&options, aloud).await?;
        Ok(if shrink { shortest(options, report).await.1 } else { report })
    };
    let report: Result<Report, simulation::Error> = with_default(NoSubscriber::default(), || alone(core, simulated))?;
    report.context("the simulation could not be run")
}

fn text(report: &Report) -> String {
    let Report { seed, days, steps, faults, violations, started, succeeded, halts, acted, digest } = report;
    let mut text = format!(
        "seed {seed}: {days} days, {steps} steps, {faults} faults; {started} updates started, {succeeded} succeeded, \
         {halts} halts; history {}\n",
        digest.get(..16).unwrap_or(digest)
    );
    let acted: Vec<String> = acted.iter().map(|(what, times)| format!("{what} {times} ×")).collect();
    if !acted.is_empty() {
        text.extend(["  ", &acted.join(", "), "\n"]);
    }
    for violation in violations {
        let Violation { invariant, step, at, what, replay, .. } = violation;
        text.extend(violation.history.iter().map(|line| format!("  {line}\n")));
        text.extend([format!("{invariant} broken at step {step}, {at}: {what}\n  again: {replay}\n")]);
    }
    if violations.is_empty() {
        text += "every invariant held\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Simulate {
        #[command(flatten)]
        args: SimulateArgs,
    }

    fn options(flags: &[&str]) -> Result<Options, clap::Error> {
        Simulate::try_parse_from(std::iter::once(&"simulate").chain(flags)).map(|simulate| simulate.args.options())
    }

    /// The command that a violation prints is read back to the same simulation.
    #[test]
    fn a_printed_command_replays() {
        let some = Options { people: false, servers: Some(2), ..Options::new(7, 50, 20) };
        let faulty = Options { faults: [Family::Kill, Family::Pause].into(), ..some.clone() };
        for asked in [some, faulty, Options::new(1, 1, 1).with_faults()] {
            let command = asked.to_string();
            let flags: Vec<&str> = command.split(' ').skip(2).collect();
            assert_eq!(options(&flags).unwrap(), asked);
        }
    }

    #[test]
    fn what_cannot_be_simulated_is_refused() {
        for flags in [&["--seed", "1", "--servers", "4"][..], &["--seed", "x"], &["--seed", "1", "--only", "F1"], &[]] {
            assert_eq!(options(flags).unwrap_err().exit_code(), 2, "{flags:?}");
        }
    }
}

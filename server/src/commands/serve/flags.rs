//! The flags of `signalbox serve`. Each can be given in the environment too.

use crate::commands::database::DatabaseArgs;
use crate::config::{HttpConfig, PublicUrl, SIGN_INS_PER_MINUTE, TOKEN_REQUESTS_PER_MINUTE};
use crate::layers::network::Network;
use clap::{Args, ValueEnum};
use domain::recovery::Capabilities;
use domain::wire::shell::DemoSpeed;
use services::demo::{DemoOptions, Regression};
use services::ports::Agents;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen.
    #[arg(long, env = "SIGNALBOX_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Folder of the built site.
    #[arg(long, env = "SIGNALBOX_SITE_ROOT", default_value = "target/site")]
    site_root: PathBuf,
    /// Folder of catalogue files that replace the ones built in.
    #[arg(long, env = "SIGNALBOX_CATALOGUE")]
    pub catalogue: Option<PathBuf>,
    /// How browsers reach this server, such as `https://signalbox.example`.
    #[arg(long, env = "SIGNALBOX_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// A proxy whose forwarded headers are believed: an address or a block such as 10.0.0.0/8. Can be repeated.
    #[arg(long, env = "SIGNALBOX_TRUSTED_PROXY", value_delimiter = ',')]
    trusted_proxy: Vec<Network>,
    /// Tries to sign in that one address has a minute.
    #[arg(long, env = "SIGNALBOX_SIGN_INS_PER_MINUTE", default_value_t = SIGN_INS_PER_MINUTE)]
    sign_ins_per_minute: u32,
    /// Requests that one token of a program has a minute.
    #[arg(long, env = "SIGNALBOX_TOKEN_REQUESTS_PER_MINUTE", default_value_t = TOKEN_REQUESTS_PER_MINUTE)]
    token_requests_per_minute: u32,
    /// What agents can do beside updates; a recovery goes only ways that they can go. Can be repeated. A demo has its own.
    #[arg(long, env = "SIGNALBOX_AGENTS_CAN", value_enum, value_delimiter = ',')]
    agents_can: Vec<Ability>,
    /// Days for which agents keep data and configuration from before an update; none are counted on where it is not said.
    #[arg(long, env = "SIGNALBOX_RESTORE_DAYS", value_parser = clap::value_parser!(u16).range(1..), value_name = "DAYS")]
    restore_days: Option<u16>,
    /// Reload pages after a restart; set by `cargo xtask dev`.
    #[arg(long, env = "SIGNALBOX_DEV", hide = true, num_args = 0..=1, default_missing_value = "1", value_parser = switch, default_value = "0")]
    dev: bool,
    /// Run on a made-up fleet, with public accounts, a simulated deployer and listening system, and a clock that can run faster.
    #[arg(long, env = "SIGNALBOX_DEMO", num_args = 0..=1, default_missing_value = "1", value_parser = switch, default_value = "0")]
    demo: bool,
    /// Decides the demo fleet and the course of each update.
    #[arg(long, env = "SIGNALBOX_DEMO_SEED", default_value_t = DemoOptions::default().seed)]
    demo_seed: u64,
    /// How many updates of the demo fail, of a hundred.
    #[arg(long, env = "SIGNALBOX_DEMO_FAILURE_PERCENT", default_value_t = DemoOptions::default().failure_percent,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    demo_failure_percent: u8,
    /// A build of the demo that is worse than the others, such as 10.0.2645.147=60 for 60 failures of a hundred.
    #[arg(long, env = "SIGNALBOX_DEMO_REGRESSION", value_parser = regression, value_name = "BUILD=PERCENT")]
    demo_regression: Option<Regression>,
    /// Speed of the demo clock; as it was left, where none is given.
    #[arg(long, env = "SIGNALBOX_DEMO_SPEED", value_parser = speed)]
    demo_speed: Option<DemoSpeed>,
}

/// What not every agent can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ability {
    /// Fetch which flights are off, and set them.
    Flights,
    /// Bring an earlier build back in place.
    RollBack,
    /// Set an environment up on new infrastructure.
    Redeploy,
}

/// `--demo`, `--demo 1` and `SIGNALBOX_DEMO=1` are the same; empty and 0 are off.
fn switch(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" | "yes" => Ok(true),
        "" | "0" | "false" | "no" => Ok(false),
        _ => Err("choose 1 or 0".to_owned()),
    }
}

fn speed(key: &str) -> Result<DemoSpeed, String> {
    DemoSpeed::from_key(key).ok_or_else(|| {
        let known: Vec<&str> = DemoSpeed::ALL.into_iter().map(DemoSpeed::key).collect();
        format!("choose one of {}", known.join(", "))
    })
}

fn regression(text: &str) -> Result<Regression, String> {
    let parsed = text.split_once('=').and_then(|(build, percent)| {
        Some(Regression {
            build: build.parse().ok()?,
            percent: percent.parse().ok().filter(|percent| *percent <= 100)?,
            flight: Some(services::demo::POSTING_FLIGHT),
        })
    });
    parsed.ok_or_else(|| "write it as 10.0.2645.147=60".to_owned())
}

impl ServeArgs {
    pub fn http_config(&self) -> HttpConfig {
        HttpConfig {
            site_root: self.site_root.clone(),
            public_url: self.public_url.clone(),
            trusted_proxies: self.trusted_proxy.clone(),
            sign_ins_per_minute: self.sign_ins_per_minute,
            token_requests_per_minute: self.token_requests_per_minute,
            dev: self.dev,
        }
    }

    pub fn agents(&self) -> Agents {
        let can = |ability| self.agents_can.contains(&ability);
        let capabilities = Capabilities {
            set_flight: can(Ability::Flights),
            roll_back: can(Ability::RollBack),
            redeploy: can(Ability::Redeploy),
        };
        Agents { capabilities, restore_days: self.restore_days }
    }

    pub fn demo_options(&self) -> Option<DemoOptions> {
        self.demo.then_some(DemoOptions {
            seed: self.demo_seed,
            failure_percent: self.demo_failure_percent,
            regression: self.demo_regression,
            speed: self.demo_speed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use domain::recovery::Obstacle;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn parse(line: &str) -> Result<ServeArgs, clap::Error> {
        Line::try_parse_from(std::iter::once("signalbox").chain(line.split_whitespace())).map(|line| line.serve)
    }

    #[test]
    fn a_demo_is_only_run_when_asked_for() {
        assert_eq!(parse("").unwrap().demo_options(), None);
        let args = parse("--demo --addr 127.0.0.1:0 --demo-seed 7 --demo-speed day_in_ten_seconds").unwrap();
        let options = args.demo_options().unwrap();
        assert_eq!((options.seed, options.speed), (7, Some(DemoSpeed::DayInTenSeconds)));
    }

    #[test]
    fn agents_can_what_is_said_of_them_and_nothing_else() {
        assert_eq!(parse("").unwrap().agents(), Agents::default());
        let args = parse("--agents-can flights,roll-back --restore-days 14").unwrap();
        let capabilities = Capabilities { set_flight: true, roll_back: true, redeploy: false };
        assert_eq!(args.agents(), Agents { capabilities, restore_days: Some(14) });
        let args = parse("--agents-can redeploy --agents-can flights").unwrap();
        let capabilities = Capabilities { set_flight: true, roll_back: false, redeploy: true };
        assert_eq!(args.agents(), Agents { capabilities, restore_days: None });
    }

    /// What a closed way says is what opens it.
    #[test]
    fn a_closed_way_names_the_flag_that_opens_it() {
        let said = |obstacle: Obstacle, more: &str| {
            let sentence = obstacle.sentence();
            let (_, line) = sentence.split_once("starts the server with ").unwrap();
            parse(&format!("{line}{more}")).unwrap().agents()
        };
        assert!(said(Obstacle::ExecutorCannotSetFlights, "").capabilities.set_flight);
        assert!(said(Obstacle::ExecutorCannotRollBack, "").capabilities.roll_back);
        assert!(said(Obstacle::ExecutorCannotRedeploy, "").capabilities.redeploy);
        assert_eq!(said(Obstacle::RestorePointsUnknown, " 14").restore_days, Some(14));
    }

    #[test]
    fn wrong_values_are_refused() {
        for line in [
            "--demo-speed fast",
            "--demo-regression 10.0.1",
            "--demo-regression 10.0.1.2=101",
            "--demo-failure-percent 101",
            "--trusted-proxy ten",
            "--public-url x",
            "--addr 1",
            "--agents-can fly",
            "--agents-can flights,",
            "--restore-days 0",
            "--restore-days 65536",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}

//! `signalbox`. Everything is in the library, so that tests reach it.

use clap::Parser;
use server::cli::Cli;
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// An engine at work allocates in small pieces on several threads at once; the system's allocator took a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One TLS provider, before anything could choose another; a second call would only say that it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("the async runtime could not be started")),
    };
    runtime.block_on(cli.run()).unwrap_or_else(|error| fail(&error))
}

/// `SIGNALBOX_LOG` chooses what is logged (`info`, `server=debug`), `SIGNALBOX_LOG_FORMAT=json` how.
fn log() {
    let filter = EnvFilter::try_from_env("SIGNALBOX_LOG").unwrap_or_else(|_| EnvFilter::new("warn,server=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var("SIGNALBOX_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}

/// One sentence, then what led to it.
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because {cause}");
    }
    ExitCode::FAILURE
}

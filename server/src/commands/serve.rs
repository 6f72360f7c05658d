//! `signalbox serve`: the server. Opens and prepares the database, starts the background jobs, answers until it is told
//! to stop, then lets what runs come to an end.

mod flags;
mod prepare;
mod stop;

pub use flags::ServeArgs;

use crate::background;
use crate::router::router;
use crate::state::{AppParts, AppState};
use anyhow::Context;
use services::demo::{DemoClock, DemoOptions, SimulatedListening};
use services::ports::{Clock, Deployer, OsIds, Punctual, SystemClock};
use services::{Limits, Services, ServicesParts};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use store::Db;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let config = args.http_config();
    if !config.site_root.join("pkg-dir").is_file() {
        tracing::warn!(
            "{} holds no built site: pages come without styles; `cargo xtask build` makes it",
            config.site_root.display()
        );
    }
    let db = args.database.open().await?;
    prepare::schema(&db).await?;
    let demo = args.demo_options();
    let clock = match &demo {
        Some(options) => Some(prepare::demo(&db, options, args.catalogue.as_deref()).await?),
        None => None,
    };
    prepare::load_catalogue(&db, args.catalogue.as_deref()).await?;
    let listener = TcpListener::bind(args.addr)
        .await
        .with_context(|| format!("the address {} could not be opened; choose another with --addr", args.addr))?;
    let address = listener.local_addr()?;
    // In a real installation nothing simulated runs.
    let listening = demo.as_ref().map(DemoOptions::listening);
    let services = match (demo, clock) {
        (Some(options), Some(clock)) => {
            let deployer = Punctual::new(clock.clone(), Arc::new(options.deployer()));
            services(&db, Arc::new(deployer), clock.clone(), Some(clock))
        }
        _ => services(&db, Arc::new(args.agents()), Arc::new(SystemClock), None),
    };
    let shutdown = CancellationToken::new();
    let state = AppState::new(AppParts {
        services,
        db: db.clone(),
        ids: Arc::new(OsIds::new(Arc::new(SystemClock))),
        session_clock: Arc::new(SystemClock),
        config,
        shutdown: shutdown.clone(),
    });
    greet(&state, address);
    answer(state, listener, listening).await?;
    db.close().await.context("the database could not be closed")?;
    println!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn services(db: &Db, deployer: Arc<dyn Deployer>, clock: Arc<dyn Clock>, demo: Option<Arc<DemoClock>>) -> Services {
    let ids = Arc::new(OsIds::new(clock.clone()));
    let machine = Arc::new(SystemClock);
    Services::new(ServicesParts { db: db.clone(), clock, machine, ids, deployer, demo, limits: Limits::default() })
}

/// The first thing a new user reads.
fn greet(state: &AppState, address: SocketAddr) {
    let url = state.config.public_origin().unwrap_or_else(|| format!("http://{address}"));
    println!("Signalbox is ready on {url}");
    let Some(demo) = state.services.demo_accounts() else { return };
    println!("\nDemo accounts, password {} for all:", demo.password);
    for (email, role) in demo.accounts {
        println!("  {email:<26} {role}");
    }
    println!();
    if !address.ip().is_loopback() {
        tracing::warn!("anybody who reaches {address} can sign in: the demo's password is public");
    }
}

async fn answer(state: AppState, listener: TcpListener, listening: Option<SimulatedListening>) -> anyhow::Result<()> {
    let shutdown = state.shutdown.clone();
    let jobs = background::start(&state, listening);
    tokio::spawn(stop::on_signal(shutdown.clone()));
    let app = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let serve = axum::serve(listener, app).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tokio::select! {
        outcome = serve.into_future() => outcome.context("the server ended")?,
        () = stop::too_late(&shutdown) => tracing::warn!("some requests did not end in time"),
    }
    shutdown.cancel();
    if tokio::time::timeout(stop::GRACE, jobs.wait()).await.is_err() {
        tracing::warn!("some background jobs did not end in time; they go on where they were at the next start");
    }
    Ok(())
}

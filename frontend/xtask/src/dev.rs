//! `cargo xtask dev`: serve a development build and follow the files.
//!
//! The server started here has `SIGNALBOX_DEV=1`: its pages load `/dev-reload.js`, which listens to `/dev/reload`
//! and reloads the page when that stream has broken off and is back, that is, after a restart.

use std::{
    fs,
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    places::Places,
    process::{command, step, tied_command},
    server::{self, Profile},
    site::{self, Flavour},
    watch::{Stale, compare, snapshot},
};

const POLL: Duration = Duration::from_millis(500);
/// How long a server may take to finish its requests before it is ended.
const GRACE: Duration = Duration::from_secs(5);

pub fn run(places: &Places, addr: &str, args: &[String]) -> Result<()> {
    fs::create_dir_all(places.root.join("var"))?;
    let mut seen = snapshot(places);
    site::build(places, Flavour::Dev)?;
    let program = server::build(places, Profile::Dev)?;
    let mut running = Some(start(places, &program, addr, args)?);
    step("watching for changes; press Ctrl-C to stop");
    // What a failed build left to do joins the next change.
    let mut stale = Stale::default();
    loop {
        thread::sleep(POLL);
        report_end(&mut running)?;
        let mut now = snapshot(places);
        if now == seen {
            continue;
        }
        // An editor writes several files; wait until it is done.
        loop {
            thread::sleep(POLL / 2);
            let later = snapshot(places);
            if later == now {
                break;
            }
            now = later;
        }
        stale.merge(compare(places, &seen, &now));
        seen = now;
        if let Err(error) = rebuild(places, stale) {
            eprintln!("error: {error:#}");
            step("the last good build stays up; waiting for the next change");
            continue;
        }
        stale = Stale::default();
        if let Some(server) = running.take() {
            stop(server)?;
        }
        running = Some(start(places, &program, addr, args)?);
    }
}

fn rebuild(places: &Places, stale: Stale) -> Result<()> {
    if stale.site || stale.wasm {
        site::build(places, Flavour::Dev)?;
    }
    if stale.server {
        server::build(places, Profile::Dev)?;
    }
    Ok(())
}

fn start(places: &Places, program: &Path, addr: &str, args: &[String]) -> Result<Child> {
    step(&format!("starting the server on {addr}"));
    let mut serve = server::serve_demo(places, tied_command(program, "TERM", &[]), addr, args);
    serve.env("SIGNALBOX_DEV", "1");
    serve.spawn().with_context(|| format!("could not start {}", places.show(program)))
}

/// Says once that the server has ended by itself; the next change starts it again.
fn report_end(running: &mut Option<Child>) -> Result<()> {
    if let Some(server) = running
        && let Some(status) = server.try_wait()?
    {
        step(&format!("the server ended ({status}); waiting for the next change"));
        *running = None;
    }
    Ok(())
}

fn stop(mut server: Child) -> Result<()> {
    let _ = command("kill").args(["-TERM", &server.id().to_string()]).status();
    let begin = Instant::now();
    while server.try_wait()?.is_none() {
        if begin.elapsed() > GRACE {
            server.kill()?;
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

//! A private PostgreSQL for one test run: own data, own port, gone afterwards.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    apt,
    places::Places,
    process::{answer, command, run_quietly, step, tied_command},
};

/// The variable by which the test suites find a server.
pub const URL: &str = "SIGNALBOX_TEST_POSTGRES_URL";

/// A running server; dropping it stops the server and removes its data.
pub struct Postgres {
    pub url: String,
    server: Child,
    data: PathBuf,
    programs: PathBuf,
    owner: Option<Owner>,
}

/// Who the server runs as. PostgreSQL refuses root, so root starts it as the user of the Debian package.
#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Postgres {
    pub fn start(places: &Places) -> Result<Self> {
        let programs = ensure()?;
        let owner = owner()?;
        step("starting a private PostgreSQL");
        let data = data_folder(places, owner)?;
        let mut init = as_owner(&programs.join("initdb"), owner);
        init.arg("-D").arg(&data);
        init.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run_quietly(&mut init)?;

        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(places.target().join("postgres.log"))?;
        let mut start = as_owner(&programs.join("postgres"), owner);
        start.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        // Nothing here outlives the run, so waiting for the disk would only cost time.
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
        ] {
            start.args(["-c", setting]);
        }
        let server = start.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut this = Self { url, server, data, programs, owner };
        this.wait_until_ready(port).context("the private PostgreSQL did not start; target/postgres.log says why")?;
        Ok(this)
    }

    fn wait_until_ready(&mut self, port: u16) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.server.try_wait()? {
                bail!("it ended with {status}");
            }
            let mut ready = command(self.programs.join("pg_isready"));
            if answer(ready.args(["-h", "127.0.0.1", "-p", &port.to_string()])).is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("it did not answer within 30 seconds");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nothing is written any more in an immediate shutdown; the data is thrown away anyway.
        let mut stop = as_owner(&self.programs.join("pg_ctl"), self.owner);
        stop.args(["stop", "--silent", "--mode=immediate", "--timeout=10", "-D"]).arg(&self.data);
        end(&mut self.server, &mut stop);
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// Ends the server with the program that is made for it, else by force: waiting for one that was not told would hang.
fn end(server: &mut Child, stop: &mut Command) {
    if answer(stop).is_none() {
        let _ = server.kill();
    }
    let _ = server.wait();
}

/// The folder of PostgreSQL's programs; Debian keeps them off the search path.
fn ensure() -> Result<PathBuf> {
    if let Some(folder) = find_programs() {
        return Ok(folder);
    }
    apt::install(&["postgresql"], "testing on PostgreSQL")?;
    find_programs().context("Debian's postgresql is installed, but initdb is in none of its folders")
}

/// The newest of Debian's, else a folder of the search path; one that has all of these programs.
fn find_programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_ctl", "pg_isready"].iter().all(|name| folder.join(name).is_file())
    };
    let number = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    let debian = versions.map(|entry| entry.path().join("bin")).filter(complete).max_by_key(number);
    debian.or_else(|| env::split_paths(&env::var_os("PATH")?).find(complete))
}

fn owner() -> Result<Option<Owner>> {
    if !apt::is_root() {
        return Ok(None);
    }
    let id = |flag: &str| answer(command("id").args([flag, "postgres"])).and_then(|number| number.parse().ok());
    match (id("-u"), id("-g")) {
        (Some(uid), Some(gid)) => Ok(Some(Owner { uid, gid })),
        _ => bail!("PostgreSQL does not run as root, and there is no user `postgres` to run it as: add one"),
    }
}

/// An empty folder for the data. Another user may not be let into the checkout, so root's lies in the temporary folder.
fn data_folder(places: &Places, owner: Option<Owner>) -> Result<PathBuf> {
    let parent = if owner.is_some() { env::temp_dir() } else { places.target() };
    let data = parent.join(format!("signalbox-postgres-{}", std::process::id()));
    let _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data)?;
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
    if let Some(owner) = owner {
        chown(&data, Some(owner.uid), Some(owner.gid))?;
    }
    Ok(data)
}

/// A program as the owner, which ends when this process does.
fn as_owner(program: &Path, owner: Option<Owner>) -> Command {
    let ids = owner
        .map(|Owner { uid, gid }| [format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
    let mut command = tied_command(program, "QUIT", ids.as_ref().map_or(&[], |ids| ids));
    // The owner may not be let into the checkout, and PostgreSQL complains about a folder it cannot read.
    command.current_dir(env::temp_dir());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_server_answers_and_goes_away() {
        // Whoever brings a server of their own need not have PostgreSQL's programs here.
        if find_programs().is_none() && env::var_os(URL).is_some() {
            println!("not run: {URL} names a server, and PostgreSQL's programs are not on this machine");
            return;
        }
        assert!(find_programs().is_some(), "`cargo xtask test` installs PostgreSQL before it runs this");
        let places = Places::find().unwrap();
        let server = Postgres::start(&places).unwrap();
        let address = server.url.split(['@', '/']).nth(3).unwrap().to_owned();
        let data = server.data.clone();
        assert!(std::net::TcpStream::connect(&address).is_ok(), "{address}");
        assert!(data.is_dir());
        drop(server);
        assert!(std::net::TcpStream::connect(&address).is_err());
        assert!(!data.exists());
    }

    #[test]
    fn a_server_that_cannot_be_told_to_stop_is_ended_by_force() {
        for program in ["/no/such/program", "false"] {
            let begin = Instant::now();
            let mut server = command("sleep").arg("60").spawn().unwrap();
            end(&mut server, &mut command(program));
            assert!(begin.elapsed() < Duration::from_secs(30), "{program}: waited for the end of the server");
            assert!(server.try_wait().unwrap().is_some());
        }
    }
}

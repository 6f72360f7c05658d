//! Starting other programs: a clean environment, one plain sentence when they fail, and progress lines.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::places::Places;

/// Prints what is happening, with the time since the start.
pub fn step(text: &str) {
    static START: OnceLock<Instant> = OnceLock::new();
    let seconds = START.get_or_init(Instant::now).elapsed().as_secs();
    println!("[{:>2}:{:02}] {text}", seconds / 60, seconds % 60);
    // A pipe would otherwise show this after the output of the program that it announces.
    let _ = std::io::stdout().flush();
}

/// A command without the variables that `cargo run` adds for this program.
///
/// Build scripts such as ring's ask to be re-run when `CARGO_PKG_*` change: left in place, a build from here and
/// a build from a shell would each undo the other.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if text == "CARGO" || text == "CARGO_PRIMARY_PACKAGE" || ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    if let Some(paths) = env::var_os("LD_LIBRARY_PATH") {
        let kept: Vec<PathBuf> = env::split_paths(&paths).filter(|path| !is_build_path(path)).collect();
        match env::join_paths(&kept) {
            Ok(joined) if !joined.is_empty() => command.env("LD_LIBRARY_PATH", joined),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// A command that gets `signal` when this process ends, however that ends (where Linux's `setpriv` is there).
pub fn tied_command(program: &Path, signal: &str, options: &[String]) -> Command {
    if find_program("setpriv").is_none() {
        return command(program);
    }
    let mut setpriv = command("setpriv");
    setpriv.args(["--pdeathsig", signal]).args(options).arg(program);
    setpriv
}

/// Library folders that cargo and rustup put in front for this program: another compiler must not load from them.
fn is_build_path(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "target" || part.as_os_str() == "toolchains")
}

/// Cargo in the checkout, with the compiler that the checkout is built with.
pub fn cargo(places: &Places) -> Command {
    let mut command = command("cargo");
    command.current_dir(&places.root);
    command
}

/// Runs to the end with output shown; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", show(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", show(command));
    }
    Ok(())
}

/// Runs to the end without showing output, unless it fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("could not start {}", show(command)))?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        eprint!("{}", String::from_utf8_lossy(&text));
        bail!("{} failed ({})", show(command), output.status);
    }
    Ok(())
}

/// What the command prints, trimmed; `None` when it cannot be started or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs to the end, shows its standard output line by line and hands each line to `read` as well.
pub fn run_reading(command: &mut Command, mut read: impl FnMut(&str)) -> Result<bool> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("could not start {}", show(command)))?;
    let out = child.stdout.take().context("the output of a started program is missing")?;
    for line in BufReader::new(out).split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        println!("{text}");
        read(&text);
    }
    Ok(child.wait()?.success())
}

/// A program on the search path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_folders_of_a_build_are_not_passed_on() {
        assert!(is_build_path(Path::new("/home/a/signalbox/target/debug/deps")));
        assert!(is_build_path(Path::new("/home/a/.rustup/toolchains/stable/lib")));
        assert!(!is_build_path(Path::new("/usr/local/lib")));
    }

    #[test]
    fn a_command_does_not_inherit_the_package_variables_of_this_one() {
        let removed: Vec<_> =
            command("true").get_envs().filter(|(_, value)| value.is_none()).map(|(n, _)| n.to_owned()).collect();
        assert!(removed.iter().any(|name| name == "CARGO_PKG_NAME"), "cargo sets it for every test: {removed:?}");
    }

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let error = run(Command::new("false").arg("x")).expect_err("false always fails");
        assert!(error.to_string().starts_with("false x failed"), "{error}");
    }

    #[test]
    fn output_is_handed_on_line_by_line() {
        let mut lines = Vec::new();
        let ok = run_reading(Command::new("printf").arg("a\\nb\\n"), |line| lines.push(line.to_owned())).unwrap();
        assert!(ok);
        assert_eq!(lines, ["a", "b"]);
    }
}

//! Reads a password: from a pipe as its first line, from a person without showing it.

use anyhow::{Context, bail};
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

/// NIST SP 800-63B asks for 8, OWASP ASVS advises 12 where there is no second factor.
const PASSWORD_CHARS_MIN: usize = 12;
/// Long enough for a passphrase.
const PASSWORD_CHARS_MAX: usize = 128;

pub fn read_password() -> anyhow::Result<String> {
    let person = io::stdin().is_terminal();
    if person {
        eprint!("Password: ");
        io::stderr().flush()?;
    }
    let hidden = person && echo(false);
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if hidden {
        echo(true);
        eprintln!();
    }
    read.context("the password could not be read")?;
    checked(line.trim_end_matches(['\r', '\n']))
}

fn checked(password: &str) -> anyhow::Result<String> {
    let length = password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) {
        bail!("a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters; this one has {length}");
    }
    Ok(password.to_owned())
}

/// Whether the terminal did as told. Where it cannot, the password is shown while it is typed.
fn echo(shown: bool) -> bool {
    let what = if shown { "echo" } else { "-echo" };
    Command::new("stty").arg(what).stdin(Stdio::inherit()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_the_only_rule() {
        assert!(checked("short").is_err());
        assert!(checked(&"x".repeat(129)).is_err());
        assert_eq!(checked("correct horse").unwrap(), "correct horse");
        assert_eq!(checked("éééééééééééé").unwrap(), "éééééééééééé");
    }
}

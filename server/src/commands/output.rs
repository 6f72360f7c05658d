//! What commands that only look at something say: results on standard output, everything else beside it.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Results, for people and pipes. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// The input cannot be worked with: one sentence, and the exit code that wrong flags have, too.
pub fn refuse(error: &impl fmt::Display) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}

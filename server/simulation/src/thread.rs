//! The thread that a simulation runs on. The database answers from a thread of its own, and whoever asks waits for it: on
//! one core the two take turns, on two they wake each other up for each statement, which takes twice as long.

use std::io;

/// Runs what is simulated on this thread, which keeps to one core from here on, and so does every thread that it starts:
/// of those it may use the `core`-th, counted round, or the one it runs on.
pub fn alone<T>(core: Option<usize>, simulated: impl Future<Output = T>) -> io::Result<T> {
    keep_to(core);
    // No input or output is waited for: without that driver the database's thread wakes this one directly.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    Ok(runtime.block_on(simulated))
}

/// Where the system refuses, or knows no cores, a simulation is slower and otherwise the same.
#[cfg(target_os = "linux")]
fn keep_to(core: Option<usize>) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    let own = match core {
        Some(core) => cores.get(core % cores.len().max(1)).copied(),
        None => Some(sched_getcpu()),
    };
    if let Some(own) = own {
        let mut only = CpuSet::new();
        only.set(own);
        let _ = sched_setaffinity(None, &only);
    }
}

#[cfg(not(target_os = "linux"))]
fn keep_to(_: Option<usize>) {}

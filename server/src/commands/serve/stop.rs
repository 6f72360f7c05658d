//! How the server stops: told once, it takes no new work and ends streams; what runs has a limited time.

use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Service managers wait longer before they kill.
pub const GRACE: Duration = Duration::from_secs(10);

/// Ctrl-C, or a service manager.
pub async fn on_signal(shutdown: CancellationToken) {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = shutdown.cancelled() => {}
    }
    shutdown.cancel();
}

/// Ends when the grace after the cancellation is over.
pub async fn too_late(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

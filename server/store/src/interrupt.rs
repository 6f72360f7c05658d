//! Where a simulator may stand between the services and the database: before every statement, and on both sides of
//! every commit. It delays, refuses, or never answers, which is what a killed process looks like from inside. A server
//! has none, and pays nothing for it. Not here: when and what (`simulation`).

use sea_orm::prelude::async_trait;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use std::fmt::Debug;
use std::sync::Arc;

/// What is about to happen, or has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point<'a> {
    /// A transaction that may write is about to be opened.
    Begin,
    /// Several reads of one state are about to begin.
    Snapshot,
    Statement(&'a str),
    /// A statement was answered, or refused.
    Answered,
    /// Nothing is durable yet.
    Commit,
    /// It is durable, and the caller does not know yet.
    Committed,
    /// A transaction is over, in whatever way: committed, undone or dropped. Nothing can be refused any more.
    Closed,
}

/// What a database can answer in place of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Locked, or every connection is in use: [`crate::Error::Busy`].
    Busy,
    /// The connection is gone: [`crate::Error::Unavailable`]. After a commit nobody knows whether it happened.
    Gone,
    /// Disk full, read-only, an input or output error: nothing that a second try mends, [`crate::Error::Db`].
    Refused,
}

#[async_trait::async_trait]
pub trait Interrupt: Send + Sync + Debug {
    /// Asked before every [`Point`] but the last, and awaited. An answer that never comes stops the caller there.
    async fn at(&self, point: Point<'_>) -> Result<(), Fault>;

    /// Told of [`Point::Answered`] and [`Point::Closed`], where nobody can wait.
    fn note(&self, point: Point<'_>);
}

impl From<Fault> for DbErr {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Busy => Self::ConnectionAcquire(ConnAcquireErr::Timeout),
            Fault::Gone => Self::Conn(RuntimeErr::Internal("connection reset by peer".to_owned())),
            Fault::Refused => Self::Custom("disk I/O error".to_owned()),
        }
    }
}

/// The interrupt of one open database, if it has one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hook(Option<Arc<dyn Interrupt>>);

impl Hook {
    pub fn new(interrupt: Arc<dyn Interrupt>) -> Self {
        Self(Some(interrupt))
    }

    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    pub async fn at(&self, point: Point<'_>) -> Result<(), DbErr> {
        match &self.0 {
            Some(interrupt) => Ok(interrupt.at(point).await?),
            None => Ok(()),
        }
    }

    /// Runs `statement` between its two points.
    pub async fn around<T>(&self, sql: &str, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let outcome = match self.at(Point::Statement(sql)).await {
            Ok(()) => statement.await,
            Err(refused) => Err(refused),
        };
        self.note(Point::Answered);
        outcome
    }

    pub fn note(&self, point: Point<'_>) {
        if let Some(interrupt) = &self.0 {
            interrupt.note(point);
        }
    }
}

/// Tells that a transaction is over when it is dropped.
#[derive(Debug)]
pub(crate) struct Open(Hook);

impl Open {
    pub const fn new(hook: Hook) -> Self {
        Self(hook)
    }

    pub const fn hook(&self) -> &Hook {
        &self.0
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.note(Point::Closed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn faults_are_told_apart_as_real_ones_are() {
        let error = |fault: Fault| Error::from(DbErr::from(fault));
        assert!(matches!(error(Fault::Busy), Error::Busy(_)) && error(Fault::Busy).is_transient());
        assert!(matches!(error(Fault::Gone), Error::Unavailable(_)) && error(Fault::Gone).is_transient());
        assert!(matches!(error(Fault::Refused), Error::Db(_)) && !error(Fault::Refused).is_transient());
    }
}

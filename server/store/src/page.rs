//! Lists page by key: the caller names the last row it has, never a number of rows to skip.

/// One page, and whether another follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    pub rows: Vec<T>,
    pub more: bool,
}

impl<T> Paged<T> {
    /// From one row more than was asked for.
    pub(crate) fn cut(mut rows: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self { rows, more }
    }

    pub(crate) fn try_map<U>(self, f: impl FnMut(T) -> crate::Result<U>) -> crate::Result<Paged<U>> {
        Ok(Paged { rows: self.rows.into_iter().map(f).collect::<crate::Result<_>>()?, more: self.more })
    }
}

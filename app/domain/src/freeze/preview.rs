//! What a freeze would hold back, before it is set: how many announced nights fall into it, of how many environments.

use super::scope::{FreezeScope, Place};
use super::span::Span;
use crate::calendar::Night;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A night that is announced to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedNight<'a> {
    pub place: Place<'a>,
    pub night: Night,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FreezePreview {
    pub nights: u32,
    pub environments: u32,
    /// The first and the last date of those nights.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    /// Environments that are expected to be updated in it, and were not told of a night yet.
    pub expected: u32,
}

impl FreezePreview {
    pub fn of<'a>(scope: &FreezeScope, span: Span, announced: impl IntoIterator<Item = PlannedNight<'a>>) -> Self {
        let (mut preview, mut environments) = (Self::default(), BTreeSet::new());
        for PlannedNight { place, night } in announced {
            if scope.applies_to(place) && span.covers(night.date) {
                preview.nights += 1;
                environments.insert(place.environment);
                let (first, last) = preview.dates.unwrap_or((night.date, night.date));
                preview.dates = Some((first.min(night.date), last.max(night.date)));
            }
        }
        preview.environments = u32::try_from(environments.len()).unwrap_or(u32::MAX);
        preview
    }
}

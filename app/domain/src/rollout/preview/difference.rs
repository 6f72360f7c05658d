//! What a plan has that the one before had not: stages with more or fewer environments, nights that move, reasons.

use super::{LeftOut, PlanFigures, StageFigures};
use crate::fleet::StageKey;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageDifference {
    pub stage: StageKey,
    pub aboard: (u32, u32),
    pub percent: (u8, u8),
    /// Nights with another number of environments: date, before, after.
    pub nights: Vec<(NaiveDate, u32, u32)>,
}

/// When it started before, and when now; none where nobody is aboard.
pub type LastNight = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanDifference {
    /// Only those that differ.
    pub stages: Vec<StageDifference>,
    pub left_out: Vec<(LeftOut, u32, u32)>,
    /// Before and after, where the last night moves.
    pub last_night: Option<LastNight>,
}

impl PlanDifference {
    pub fn between(before: &PlanFigures, after: &PlanFigures) -> Self {
        let of = |figures: &PlanFigures| -> BTreeMap<StageKey, StageFigures> {
            figures.stages.iter().map(|stage| (stage.stage, stage.clone())).collect()
        };
        let (old, new) = (of(before), of(after));
        let keys: BTreeSet<StageKey> = old.keys().chain(new.keys()).copied().collect();
        let stages = keys.into_iter().filter_map(|key| stage(key, old.get(&key), new.get(&key)));
        let left_out = changed(&before.left_out, &after.left_out);
        let last_night = (before.last_night != after.last_night).then_some((before.last_night, after.last_night));
        Self { stages: stages.collect(), left_out, last_night }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn stage(key: StageKey, old: Option<&StageFigures>, new: Option<&StageFigures>) -> Option<StageDifference> {
    let nights = |figures: Option<&StageFigures>| figures.map(|figures| figures.nights.clone()).unwrap_or_default();
    let aboard = |figures: Option<&StageFigures>| figures.map_or(0, |figures| figures.aboard);
    let percent = |figures: Option<&StageFigures>| figures.map_or(0, |figures| figures.percent);
    let difference = StageDifference {
        stage: key,
        aboard: (aboard(old), aboard(new)),
        percent: (percent(old), percent(new)),
        nights: changed(&nights(old), &nights(new)),
    };
    let differs = difference.aboard.0 != difference.aboard.1 || difference.percent.0 != difference.percent.1;
    (differs || !difference.nights.is_empty()).then_some(difference)
}

/// The keys whose number is another, with both; one that is missing counts nothing.
fn changed<K: Ord + Copy>(old: &[(K, u32)], new: &[(K, u32)]) -> Vec<(K, u32, u32)> {
    let mut both: BTreeMap<K, (u32, u32)> = BTreeMap::new();
    for (key, number) in old {
        both.entry(*key).or_default().0 = *number;
    }
    for (key, number) in new {
        both.entry(*key).or_default().1 = *number;
    }
    let differs = both.into_iter().filter(|(_, (before, after))| before != after);
    differs.map(|(key, (before, after))| (key, before, after)).collect()
}

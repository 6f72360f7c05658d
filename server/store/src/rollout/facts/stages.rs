//! The stages with what they count, from maintained counters and the few failures.

use crate::entity::environment_update as u;
use crate::row::Row;
use crate::update::counts::{self, Group};
use crate::{Connection, Result, keys};
use chrono::{DateTime, Utc};
use domain::fleet::{Region, StageKey, StationNumber};
use domain::ids::RolloutId;
use domain::rollout::report::StageCounts;
use domain::rollout::{Failure, Part, RolloutPolicy, RolloutState, StageFacts, StageState, StageTally};
use domain::wire::signal::UpdateStateWord;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Fills the tallies of the stages; the counts of what has no stage.
pub async fn count(
    conn: &impl Connection,
    rollout: RolloutId,
    stages: &mut [StageFacts],
    policy: &RolloutPolicy,
    state: &RolloutState,
) -> Result<StageCounts> {
    let groups = counts::of_rollout(conn, rollout).await?;
    let failures = failures(conn, rollout).await?;
    let resumed_at = match state {
        RolloutState::Running { resumed_at, .. } => *resumed_at,
        _ => None,
    };
    for stage in stages {
        let own = groups.iter().filter(|(key, ..)| *key == Some(stage.key));
        let own = own.map(|(_, part, word, count)| (*part, *word, *count));
        let failed = failures.iter().filter(|(key, _)| *key == Some(stage.key)).map(|(_, failure)| *failure);
        stage.tally = StageTally::new(own, failed, policy, resumed_at);
        if stage.state != StageState::Waiting {
            stage.tally.evidence.needed_success_at = needed_success(conn, rollout, stage, policy, &groups).await?;
        }
    }
    let mut unplaced = StageCounts::default();
    groups
        .iter()
        .filter(|(stage, ..)| stage.is_none())
        .for_each(|(_, _, word, count)| unplaced.add_many(*word, *count));
    Ok(unplaced)
}

type Failed = (Option<i16>, Option<String>, String, String, i16, i64);

/// Updates whose last failure no later attempt has mended. Few: who counts many of them is halted.
async fn failures(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<(Option<StageKey>, Failure)>> {
    use u::Column as C;
    let rows: Vec<Failed> = u::Entity::find()
        .select_only()
        .columns([C::Station, C::Audience, C::Part, C::State, C::Attempts, C::LastFailedMs])
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(C::LastFailedMs.is_not_null())
        .filter(C::State.is_not_in(["succeeded", "already_satisfied"]))
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter().map(|failed| failure(rollout, &failed)).collect()
}

fn failure(
    rollout: RolloutId,
    (station, audience, part, state, attempts, at): &Failed,
) -> Result<(Option<StageKey>, Failure)> {
    let row = Row::new("environment_update of rollout", rollout);
    let stage = match (station, audience) {
        (Some(station), Some(audience)) => Some(StageKey {
            station: StationNumber(row.number(*station)?),
            audience: row.word(audience, keys::audience_from)?,
        }),
        _ => None,
    };
    let failure = Failure {
        part: row.word(part, Part::from_key)?,
        state: row.word(state, UpdateStateWord::from_key)?,
        attempts: row.number(*attempts)?,
        at: row.at(*at)?,
    };
    Ok((stage, failure))
}

/// When the last of the needed successes came: the n-th of the index.
async fn needed_success(
    conn: &impl Connection,
    rollout: RolloutId,
    stage: &StageFacts,
    policy: &RolloutPolicy,
    groups: &[Group],
) -> Result<Option<DateTime<Utc>>> {
    use u::Column as C;
    let evidence = &stage.tally.evidence;
    let needed = policy.gate.needed(evidence.due, evidence.accepted);
    let Some(before) = needed.checked_sub(1).filter(|_| evidence.succeeded >= needed) else { return Ok(None) };
    let is_due = groups.iter().any(|(key, part, ..)| *key == Some(stage.key) && *part == Part::Due);
    let part = if is_due { Part::Due } else { Part::Later };
    let at: Option<Option<i64>> = u::Entity::find()
        .select_only()
        .column(C::FinishedMs)
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(C::Station.eq(i16::from(stage.key.station.0)))
        .filter(C::Audience.eq(keys::audience(stage.key.audience)))
        .filter(C::Part.eq(part.key()))
        .filter(sea_orm::sea_query::Expr::cust("state = 'succeeded'"))
        .order_by_asc(C::FinishedMs)
        .offset(u64::from(before))
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Row::new("environment_update of rollout", rollout).at_opt(at.flatten())
}

/// When the first night of each stage starts, in the regions that can be in it: all of them where early sandboxes go.
pub fn first_nights(stages: &mut [StageFacts], regions: &[Region]) {
    for stage in stages {
        let early = stage.key.station == StationNumber::OPT_IN;
        let placed = regions.iter().filter(|region| early || region.station == Some(stage.key.station));
        let starts = placed.filter_map(|region| region.dark_hours?.night(stage.window.first));
        stage.first_night = starts.map(|night| night.start).min();
    }
}

//! The stages with what they count, from maintained counters, what runs, and the few failures.

use crate::entity::environment_update as u;
use crate::entity::stage;
use crate::row::{Row, ms};
use crate::update::counts::{self, Group};
use crate::{Connection, Result, keys};
use chrono::{DateTime, Utc};
use domain::fleet::{Region, StageKey, StationNumber};
use domain::ids::RolloutId;
use domain::rollout::{
    Counted, Failure, Part, Reports, RolloutFacts, RolloutState, StageFacts, StageState, StageTally,
};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap};

/// Fills the tallies of the stages, and the counts over all of them. `running` is when those that run started.
pub async fn count(conn: &impl Connection, facts: &mut RolloutFacts, running: ByStage<DateTime<Utc>>) -> Result<()> {
    let rollout = facts.rollout;
    let groups = counts::of_rollout(conn, rollout).await?;
    let oldest = running.values().flatten().min().copied();
    let mut counted = sort(&groups, failures(conn, rollout).await?, running, recent(conn, rollout, oldest).await?);
    let before = succeeded_before(conn, rollout).await?;
    let resumed_at = match facts.state {
        RolloutState::Running { resumed_at, .. } => resumed_at,
        _ => None,
    };
    let mut all = Reports::default();
    for stage in &mut facts.stages {
        let mut own = counted.remove(&Some(stage.key)).unwrap_or_default();
        own.succeeded_before = before.get(&stage.key).copied().unwrap_or(0);
        let reports;
        (stage.tally, reports) = StageTally::new(&own, &facts.policy, resumed_at);
        all.add(&reports);
        if stage.state != StageState::Waiting {
            let evidence = &stage.tally.evidence;
            let needed = facts.policy.gate.needed(evidence.due, evidence.accepted);
            let is_due = own.groups.iter().any(|(part, ..)| *part == Part::Due);
            let part = if is_due { Part::Due } else { Part::Later };
            let last = needed.checked_sub(1).filter(|_| evidence.succeeded >= needed);
            stage.tally.evidence.needed_success_at = match last {
                Some(before) => nth_success(conn, rollout, stage.key, part, before).await?,
                None => None,
            };
        }
    }
    facts.reports = all.counts();
    let unplaced = counted.remove(&None).unwrap_or_default();
    unplaced.groups.iter().for_each(|(_, word, count)| facts.unplaced.add_many(*word, *count));
    Ok(())
}

pub type ByStage<T> = HashMap<Option<StageKey>, Vec<T>>;

fn sort(
    groups: &[Group],
    mut failures: ByStage<Failure>,
    mut running: ByStage<DateTime<Utc>>,
    mut recent: ByStage<(DateTime<Utc>, DateTime<Utc>)>,
) -> BTreeMap<Option<StageKey>, Counted> {
    let mut counted: BTreeMap<Option<StageKey>, Counted> = BTreeMap::new();
    for (stage, part, word, count) in groups {
        counted.entry(*stage).or_default().groups.push((*part, *word, *count));
    }
    for (stage, own) in &mut counted {
        own.failures = failures.remove(stage).unwrap_or_default();
        own.running = running.remove(stage).unwrap_or_default();
        own.recent = recent.remove(stage).unwrap_or_default();
    }
    counted
}

type StageColumns = (Option<i16>, Option<String>);

pub fn stage_of(row: &Row, (station, audience): &StageColumns) -> Result<Option<StageKey>> {
    match (station, audience) {
        (Some(station), Some(audience)) => Ok(Some(StageKey {
            station: StationNumber(row.number(*station)?),
            audience: row.word(audience, keys::audience_from)?,
        })),
        _ => Ok(None),
    }
}

/// Station, audience, part, state, attempts, and when the last attempt failed.
type FailedColumns = (Option<i16>, Option<String>, String, String, i16, i64);

/// Updates whose last failure no later attempt has mended. Few: who counts many of them is halted.
async fn failures(conn: &impl Connection, rollout: RolloutId) -> Result<ByStage<Failure>> {
    use u::Column as C;
    let rows: Vec<FailedColumns> = u::Entity::find()
        .select_only()
        .columns([C::Station, C::Audience, C::Part, C::State, C::Attempts, C::LastFailedMs])
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(C::LastFailedMs.is_not_null())
        .filter(C::State.is_not_in(["succeeded", "already_satisfied"]))
        .into_tuple()
        .all(conn)
        .await?;
    let row = Row::new("environment_update of rollout", rollout);
    let mut failures = ByStage::new();
    for (station, audience, part, state, attempts, at) in rows {
        let failure = Failure {
            part: row.word(&part, Part::from_key)?,
            state: row.word(&state, UpdateStateWord::from_key)?,
            attempts: row.number(attempts)?,
            at: row.at(at)?,
        };
        failures.entry(stage_of(&row, &(station, audience))?).or_default().push(failure);
    }
    Ok(failures)
}

/// Successes that started no earlier than the oldest that runs: as many as finish while one update runs. None are asked
/// for where none runs.
async fn recent(
    conn: &impl Connection,
    rollout: RolloutId,
    oldest: Option<DateTime<Utc>>,
) -> Result<ByStage<(DateTime<Utc>, DateTime<Utc>)>> {
    use u::Column as C;
    let mut recent = ByStage::new();
    let Some(oldest) = oldest else { return Ok(recent) };
    let rows: Vec<(Option<i16>, Option<String>, i64, i64)> = u::Entity::find()
        .select_only()
        .columns([C::Station, C::Audience, C::StartedMs, C::FinishedMs])
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(Expr::cust("state = 'succeeded'"))
        .filter(C::StartedMs.gte(ms(oldest)))
        .into_tuple()
        .all(conn)
        .await?;
    let row = Row::new("environment_update of rollout", rollout);
    for (station, audience, started, finished) in rows {
        let attempt = (row.at(started)?, row.at(finished)?);
        recent.entry(stage_of(&row, &(station, audience))?).or_default().push(attempt);
    }
    Ok(recent)
}

async fn succeeded_before(conn: &impl Connection, rollout: RolloutId) -> Result<HashMap<StageKey, u32>> {
    let rows = stage::Entity::find().filter(stage::Column::RolloutId.eq(rollout.uuid())).all(conn).await?;
    let row = Row::new("stage of rollout", rollout);
    rows.iter()
        .map(|model| Ok((super::super::columns::window(model)?.stage, row.number(model.succeeded_before)?)))
        .collect()
}

/// When the success number `before` + 1 came, in the order of time: a place in the index.
async fn nth_success(
    conn: &impl Connection,
    rollout: RolloutId,
    stage: StageKey,
    part: Part,
    before: u32,
) -> Result<Option<DateTime<Utc>>> {
    use u::Column as C;
    let at: Option<Option<i64>> = u::Entity::find()
        .select_only()
        .column(C::FinishedMs)
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(C::Station.eq(i16::from(stage.station.0)))
        .filter(C::Audience.eq(keys::audience(stage.audience)))
        .filter(C::Part.eq(part.key()))
        .filter(Expr::cust("state = 'succeeded'"))
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

//! The stages with what they count, from maintained counters, what runs, and the few failures.

use super::ends::Ends;
use crate::entity::environment_update as u;
use crate::entity::stage;
use crate::row::{Row, ms};
use crate::update::counts::{self, Group};
use crate::update::is_unmended;
use crate::{Connection, Result, keys, telemetry};
use chrono::{DateTime, Utc};
use domain::fleet::{Region, StageKey, StationNumber};
use domain::ids::RolloutId;
use domain::rollout::{Counted, Failure, Part, Reports, RolloutFacts, StageFacts, StageState, StageTally};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, Order, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, HashMap};

/// Fills the tallies of the stages, and the counts over all of them. `running` is when those that run started.
pub async fn count(
    conn: &impl Connection,
    facts: &mut RolloutFacts,
    ends: &Ends,
    running: ByStage<DateTime<Utc>>,
    before: &HashMap<StageKey, u32>,
) -> Result<()> {
    let rollout = facts.rollout;
    let groups = counts::of_rollout(conn, rollout).await?;
    let oldest = running.values().flatten().min().copied();
    let recent = recent(conn, rollout, &groups, oldest).await?;
    let failures = if ends.failed { failures(conn, rollout).await? } else { ByStage::new() };
    let mut counted = sort(&groups, failures, running, recent);
    let pulled = if ends.pulled { pulled(conn, rollout).await? } else { ByStage::new() };
    for (stage, pulled) in pulled {
        counted.entry(stage).or_default().pulled = pulled;
    }
    let resumed_at = facts.state.resumed_at();
    let mut all = Reports::default();
    let mut wanted = Vec::new();
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
            wanted.extend(last.map(|before| Wanted { stage: stage.key, part, before }));
        }
    }
    // Looked at only under a policy that says so: what nobody looks at is not read.
    let mut heard = match facts.policy.gate.telemetry {
        Some(_) => telemetry::of_rollout(conn, rollout).await?,
        None => HashMap::new(),
    };
    let mut successes = nth_successes(conn, rollout, &wanted).await?;
    for stage in &mut facts.stages {
        stage.tally.evidence.needed_success_at = successes.remove(&stage.key);
        stage.tally.evidence.telemetry = heard.remove(&stage.key);
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
        .filter(is_unmended())
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
/// for where none runs. By stage, each from its place in the index on: late in a rollout most have succeeded long ago.
async fn recent(
    conn: &impl Connection,
    rollout: RolloutId,
    groups: &[Group],
    oldest: Option<DateTime<Utc>>,
) -> Result<ByStage<(DateTime<Utc>, DateTime<Utc>)>> {
    let mut recent = ByStage::new();
    let Some(oldest) = oldest else { return Ok(recent) };
    let succeeded = groups.iter().filter(|(.., word, count)| *word == UpdateStateWord::Succeeded && *count > 0);
    let mut each = succeeded.filter_map(|(stage, part, ..)| Some(successes_since(rollout, (*stage)?, *part, oldest)));
    let Some(mut question) = each.next() else { return Ok(recent) };
    for one in each {
        question.union(UnionType::All, one);
    }
    let row = Row::new("environment_update of rollout", rollout);
    for found in conn.query_all(&question).await? {
        let (station, audience, started, finished) = (
            found.try_get_by_index(0)?,
            found.try_get_by_index(1)?,
            found.try_get_by_index(2)?,
            found.try_get_by_index(3)?,
        );
        let attempt = (row.at(started)?, row.at(finished)?);
        recent.entry(stage_of(&row, &(station, audience))?).or_default().push(attempt);
    }
    Ok(recent)
}

fn successes_since(rollout: RolloutId, stage: StageKey, part: Part, oldest: DateTime<Utc>) -> SelectStatement {
    use u::Column as C;
    let mut question = successes(rollout, stage, part);
    // What started since then has finished since then, and that is what the index knows.
    question
        .columns([C::Station, C::Audience, C::StartedMs, C::FinishedMs])
        .and_where(C::FinishedMs.gte(ms(oldest)))
        .and_where(C::StartedMs.gte(ms(oldest)));
    question
}

/// In exactly the words of the partial index.
fn successes(rollout: RolloutId, stage: StageKey, part: Part) -> SelectStatement {
    use u::Column as C;
    Query::select()
        .from(u::Entity)
        .and_where(C::RolloutId.eq(rollout.uuid()))
        .and_where(C::Station.eq(i16::from(stage.station.0)))
        .and_where(C::Audience.eq(keys::audience(stage.audience)))
        .and_where(C::Part.eq(part.key()))
        .and_where(Expr::cust("state = 'succeeded'"))
        .take()
}

/// What owners took ahead, with success. Few: whoever wants a build before its night asks for it one by one.
async fn pulled(conn: &impl Connection, rollout: RolloutId) -> Result<ByStage<(DateTime<Utc>, DateTime<Utc>)>> {
    use u::Column as C;
    let rows: Vec<(Option<i16>, Option<String>, i64, i64)> = u::Entity::find()
        .select_only()
        .columns([C::Station, C::Audience, C::PulledMs, C::FinishedMs])
        .filter(C::RolloutId.eq(rollout.uuid()))
        .filter(C::PulledMs.is_not_null())
        .into_tuple()
        .all(conn)
        .await?;
    let row = Row::new("environment_update of rollout", rollout);
    let mut pulled = ByStage::new();
    for (station, audience, started, finished) in rows {
        let attempt = (row.at(started)?, row.at(finished)?);
        pulled.entry(stage_of(&row, &(station, audience))?).or_default().push(attempt);
    }
    Ok(pulled)
}

pub fn succeeded_before(stages: &[stage::Model]) -> Result<HashMap<StageKey, u32>> {
    let count = |model: &stage::Model| {
        let stage = super::super::columns::window(model)?.stage;
        Ok((stage, Row::new("stage", stage).number(model.succeeded_before)?))
    };
    stages.iter().map(count).collect()
}

/// The success number `before` + 1 of a stage, in the order of time.
struct Wanted {
    stage: StageKey,
    part: Part,
    before: u32,
}

/// When they came: each a place in the index, all in one question.
async fn nth_successes(
    conn: &impl Connection,
    rollout: RolloutId,
    wanted: &[Wanted],
) -> Result<HashMap<StageKey, DateTime<Utc>>> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let mut question = Query::select();
    for one in wanted {
        question.expr(Expr::from(nth_success(rollout, one)));
    }
    let Some(answer) = conn.query_one(&question).await? else { return Ok(found) };
    let row = Row::new("environment_update of rollout", rollout);
    for (i, one) in wanted.iter().enumerate() {
        let at: Option<i64> = answer.try_get_by_index(i)?;
        found.extend(row.at_opt(at)?.map(|at| (one.stage, at)));
    }
    Ok(found)
}

fn nth_success(rollout: RolloutId, wanted: &Wanted) -> SelectStatement {
    use u::Column as C;
    successes(rollout, wanted.stage, wanted.part)
        .column(C::FinishedMs)
        .order_by(C::FinishedMs, Order::Asc)
        .offset(u64::from(wanted.before))
        .limit(1)
        .take()
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

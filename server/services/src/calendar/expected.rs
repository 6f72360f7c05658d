//! Trains of the published schedule that have not started: when they are expected. "It will also show the expected schedule
//! for upcoming updates" (seed). What a rollout knows of its own nights stands in `entries`.

use super::entries::{Entry, Writer, bar};
use crate::Result;
use crate::words::listed;
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::StageWindow;
use domain::clockface::Clockface;
use domain::fleet::designation::moves_with_sandboxes;
use domain::fleet::{Audience, Designation, StageKey, station_of};
use domain::release::{Train, TrainId, TrainStatus};
use domain::rollout::planner::{due_anyway, kept_out};
use domain::wire::calendar::{AgendaRow, BarStyle};
use domain::wire::signal::When;
use std::collections::BTreeSet;
use store::Connection;
use store::environment::Environment;
use store::rollout::RolloutFilter;

impl Writer<'_> {
    /// One entry for each stage of a train that touches these dates, from today on, and takes one of these environments.
    pub(super) async fn expected(
        &self,
        conn: &impl Connection,
        (today, now): (NaiveDate, DateTime<Utc>),
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Entry>> {
        let states = vec!["running", "halted", "completed"];
        let started = RolloutFilter { states, ..RolloutFilter::default() };
        let started = store::rollout::list_unreported(conn, &started).await?;
        let started: BTreeSet<TrainId> = started.into_iter().map(|rollout| rollout.train).collect();
        let is_to_come = |train: &&Train| {
            let runs = matches!(train.status, TrainStatus::NotStarted | TrainStatus::InProgress);
            runs && train.start > today && !started.contains(&train.id)
        };
        let mut entries = Vec::new();
        for train in self.catalogue.trains.iter().filter(is_to_come) {
            let Some(cadence) = self.catalogue.cadence(&train.cadence) else { continue };
            let windows = cadence.windows(train.start);
            let near = windows.into_iter().filter(|window| window.first <= last && first <= window.last);
            entries.extend(near.filter_map(|window| self.expected_in(train, window, now)));
        }
        Ok(entries)
    }

    fn expected_in(&self, train: &Train, window: StageWindow, now: DateTime<Utc>) -> Option<Entry> {
        let own: Vec<&Environment> = self
            .environments
            .values()
            .filter(|environment| environment.service_update == train.id.service_update)
            .filter(|environment| self.stage_of(environment) == Some(window.stage))
            .filter(|environment| takes_part(environment, train, window, now))
            .copied()
            .collect();
        let bar = bar(&own, BarStyle::Hatched, "expected", "/environments")?;
        let names: Vec<String> = own.iter().map(|environment| environment.name.clone()).collect();
        let only = own.first().filter(|_| own.len() == 1);
        let when = When {
            text: self.clock.dates(window.first, window.last),
            utc: window.first.to_string(),
            hint: "Dates of the published schedule".to_owned(),
        };
        let row = AgendaRow {
            when,
            environment: only.map(|only| (only.id, only.name.clone())),
            train: train.id.to_string(),
            state: None,
            text: format!("expected by the published schedule for {}; the train has not started", listed(&names)),
        };
        let days = window.first.iter_days().take_while(|day| *day <= window.last);
        let bars = days.map(|day| (day, bar.clone())).collect();
        Some(Entry { order: (window.first, None), last: window.last, bars, rows: vec![row] })
    }

    /// By itself; a sandbox that moves with production goes in that one's stage.
    fn stage_of(&self, environment: &Environment) -> Option<StageKey> {
        let leader = match environment.designation {
            Designation::WithProduction { production } => {
                let leads = |other: &&Environment| {
                    other.id == production && !moves_with_sandboxes(environment.service_update, other.service_update)
                };
                self.estate.iter().find(leads).unwrap_or(environment)
            }
            Designation::Standard | Designation::Early => environment,
        };
        let of_region = self.catalogue.region(&leader.region)?.station;
        let station = station_of(leader.kind, leader.designation, of_region)?;
        Some(StageKey { station, audience: Audience::of(leader.kind) })
    }
}

/// As far as is known now: by the rules that keep it out whatever the rollout (S1, S2, S4), and by what runs there (G6).
fn takes_part(environment: &Environment, train: &Train, window: StageWindow, now: DateTime<Utc>) -> bool {
    let Environment { kind, exemption, priority_batch, service_update_due, build, .. } = environment;
    let is_out = kept_out(*kind, exemption.as_ref(), *priority_batch, window_start(window).max(now)).next().is_some()
        || due_anyway(*service_update_due, window, now).is_some()
        || train.app_build.is_some_and(|brought| brought <= *build);
    !is_out
}

fn window_start(window: StageWindow) -> DateTime<Utc> {
    window.first.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc()
}

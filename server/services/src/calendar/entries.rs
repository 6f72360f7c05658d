//! What the calendar tells: each update, each planned service update and each end of service as bars on days, and as rows
//! of the list.

use super::month::Month;
use crate::halt::standstill::Standstill;
use crate::words::{EnvironmentNames, listed, moved_sentence, shown};
use crate::zone::ZoneClockface;
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::Night;
use domain::catalogue::Catalogue;
use domain::clockface::Clockface;
use domain::ids::EnvironmentId;
use domain::notification::words::impact;
use domain::number::{counted, days};
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::calendar::{AgendaRow, BarStyle, CalendarBar};
use domain::wire::signal::{UpdateStateWord, When};
use std::collections::BTreeMap;
use store::environment::Environment;
use store::update::WithRollout;

/// Names that fit into a bar; more are counted.
const NAMES_IN_BAR_MAX: usize = 2;

#[derive(Debug)]
pub(super) struct Entry {
    /// Where it stands in the list. A window comes before the nights of its first day.
    pub(super) order: (NaiveDate, Option<DateTime<Utc>>),
    /// The last of its days.
    pub(super) last: NaiveDate,
    pub(super) bars: Vec<(NaiveDate, CalendarBar)>,
    pub(super) rows: Vec<AgendaRow>,
}

impl Entry {
    pub(super) fn bars_on(&self, date: NaiveDate) -> impl Iterator<Item = &CalendarBar> {
        self.bars.iter().filter(move |(day, _)| *day == date).map(|(_, bar)| bar)
    }

    pub(super) fn touches(&self, month: Month) -> bool {
        self.order.0 <= month.last() && month.first() <= self.last
    }
}

/// Dates and train: environments that share them share one entry.
type WindowKey = (NaiveDate, NaiveDate, String);
type Member<'a> = (&'a Environment, &'a WithRollout);

pub(super) struct Writer<'a> {
    pub(super) clock: ZoneClockface,
    pub(super) estate: &'a [Environment],
    /// The environments that are asked for.
    pub(super) environments: BTreeMap<EnvironmentId, &'a Environment>,
    names: EnvironmentNames,
    pub(super) catalogue: &'a Catalogue,
    halted: &'a Standstill,
}

fn path(id: EnvironmentId) -> String {
    format!("/environments/{id}")
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        clock: ZoneClockface,
        estate: &'a [Environment],
        catalogue: &'a Catalogue,
        halted: &'a Standstill,
        only: Option<EnvironmentId>,
    ) -> Self {
        let asked = estate.iter().filter(|environment| only.is_none_or(|id| id == environment.id));
        Self {
            clock,
            estate,
            environments: asked.map(|environment| (environment.id, environment)).collect(),
            names: EnvironmentNames::of(estate),
            catalogue,
            halted,
        }
    }

    /// In the order of time.
    pub(super) fn entries(&self, updates: &[WithRollout]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut windows: BTreeMap<WindowKey, Vec<Member<'_>>> = BTreeMap::new();
        for with in updates {
            let Some(environment) = self.environments.get(&with.update.environment) else { continue };
            match (&with.update.state, with.window) {
                (UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { last, .. }, .. }, _) => {
                    entries.push(self.night(environment, with, last.night));
                }
                (UpdateState::Planned | UpdateState::Held { cancelled: None, .. }, Some(window)) => {
                    let (first, last) = self.clock.planned_dates(window, with.update.next);
                    let key = (first, last, with.rollout.train.to_string());
                    windows.entry(key).or_default().push((environment, with));
                }
                (state, _) => {
                    entries.extend(state.night_or_cancelled().map(|night| self.night(environment, with, night)));
                }
            }
        }
        entries.extend(windows.iter().map(|((first, last, _), members)| self.window(*first, *last, members)));
        entries.extend(self.ends_of_service());
        entries.extend(self.service_updates());
        entries.sort_by_key(|entry| entry.order);
        entries
    }

    fn zone(&self, environment: &Environment) -> Option<&str> {
        self.catalogue.region(&environment.region).map(|region| region.time_zone.as_str())
    }

    fn night(&self, environment: &Environment, with: &WithRollout, night: Night) -> Entry {
        let day = self.clock.date_of(night.start);
        let name = &environment.name;
        let train = with.rollout.train.to_string();
        let word = shown(&with.update.state, self.halted.holds(&with.update));
        let (style, short) = match &with.update.state {
            UpdateState::Succeeded { .. } => (BarStyle::Done, "done".to_owned()),
            UpdateState::Failed { .. } | UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { .. }, .. } => {
                (BarStyle::Failed, "failed".to_owned())
            }
            UpdateState::InProgress { .. } | UpdateState::Verifying { .. } => (BarStyle::Solid, "running".to_owned()),
            UpdateState::AlreadySatisfied { .. } => (BarStyle::Struck, "satisfied".to_owned()),
            state if state.cancelled().is_some() => (BarStyle::Struck, "cancelled".to_owned()),
            _ if word == UpdateStateWord::Halted => (BarStyle::Halted, "halted".to_owned()),
            _ => (BarStyle::Solid, self.clock.clock_time(night.start)),
        };
        let bar = CalendarBar { style, text: format!("{name} {short}"), href: path(environment.id) };
        let mut bars = vec![(day, bar)];
        bars.extend(self.struck(environment, with, night));
        Entry {
            order: (day, Some(night.start)),
            last: day,
            bars,
            rows: vec![AgendaRow {
                when: self.clock.when_night(night, self.zone(environment)),
                environment: Some((environment.id, name.clone())),
                train,
                state: Some(word),
                text: self.night_text(environment, with),
            }],
        }
    }

    /// Where a moved night was before.
    fn struck(&self, environment: &Environment, with: &WithRollout, to: Night) -> Option<(NaiveDate, CalendarBar)> {
        let UpdateState::Announced { moved: Some(moved), .. } = &with.update.state else { return None };
        let (from, to) = (self.clock.date_of(moved.from.start), self.clock.date_of(to.start));
        let bar = CalendarBar {
            style: BarStyle::Struck,
            text: format!("{} moved to {}", environment.name, to.format("%-d %b")),
            href: path(environment.id),
        };
        Some((from, bar))
    }

    /// Of what was to come, where a halt holds it.
    fn halt(&self, with: &WithRollout) -> Option<String> {
        self.halted.reason(&with.update).map(|halt| halt.sentence(&self.clock, &self.names))
    }

    fn night_text(&self, environment: &Environment, with: &WithRollout) -> String {
        match &with.update.state {
            UpdateState::Announced { moved, .. } => {
                if let Some(halt) = self.halt(with) {
                    return halt;
                }
                let impact = impact(environment.kind);
                match moved {
                    Some(moved) => format!("{impact}. {}", moved_sentence(self.clock, moved.from, &moved.reason)),
                    None => impact.to_owned(),
                }
            }
            UpdateState::InProgress { started_at, .. } if with.update.dispatched_at.is_none() => {
                format!("ready since {}", self.clock.instant(*started_at))
            }
            UpdateState::InProgress { started_at, .. } => format!("runs since {}", self.clock.instant(*started_at)),
            UpdateState::Verifying { applied_at, .. } => {
                format!("applied {}; its health is being confirmed", self.clock.instant(*applied_at))
            }
            UpdateState::Succeeded { started_at, finished_at, .. } => {
                let minutes = (*finished_at - *started_at).num_minutes();
                format!("to {} in {minutes} min", with.rollout.build)
            }
            UpdateState::Failed { error, .. } => error.clone(),
            UpdateState::Planned => String::new(),
            UpdateState::AlreadySatisfied { pulled_at: Some(_), .. } => {
                "already satisfied: it was taken ahead, and does not take place".to_owned()
            }
            UpdateState::AlreadySatisfied { .. } => "does not take place: it runs an equal or later build".to_owned(),
            UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => {
                let why = reason.sentence(&self.clock, &self.names);
                if with.update.state.cancelled().is_some() { format!("does not take place. {why}") } else { why }
            }
        }
    }

    /// Environments that share a window share its bars: one a day, or a month would be nothing but windows.
    fn window(&self, first: NaiveDate, last: NaiveDate, members: &[Member<'_>]) -> Entry {
        let planned: Vec<&Environment> = members
            .iter()
            .filter(|(_, with)| matches!(with.update.state, UpdateState::Planned))
            .map(|(environment, _)| *environment)
            .collect();
        let halted = members.iter().any(|(_, with)| self.halted.holds(&with.update));
        let bar = window_bar(&planned, halted);
        let days = || first.iter_days().take_while(|day| *day <= last);
        Entry {
            order: (first, None),
            last,
            bars: bar.map(|bar| days().map(|day| (day, bar.clone())).collect()).unwrap_or_default(),
            rows: members.iter().filter_map(|(environment, with)| self.window_row(environment, with)).collect(),
        }
    }

    fn window_row(&self, environment: &Environment, with: &WithRollout) -> Option<AgendaRow> {
        let halt = self.halt(with);
        let halted = halt.is_some();
        let ahead_days = with.rollout.policy.ahead_days();
        let text = match &with.update.state {
            UpdateState::Held { reason, .. } => reason.sentence(&self.clock, &self.names),
            _ => halt.unwrap_or_else(|| format!("night chosen about {} ahead", days(ahead_days))),
        };
        Some(AgendaRow {
            when: self.clock.when_planned(with.window?, with.update.next, ahead_days),
            environment: Some((environment.id, environment.name.clone())),
            train: with.rollout.train.to_string(),
            state: Some(shown(&with.update.state, halted)),
            text,
        })
    }

    /// For service updates that an environment of this customer still runs.
    fn ends_of_service(&self) -> Vec<Entry> {
        let mut on: BTreeMap<_, Vec<&Environment>> = BTreeMap::new();
        for environment in self.environments.values() {
            on.entry(environment.service_update).or_default().push(environment);
        }
        on.into_iter()
            .filter_map(|(number, mut on)| {
                let ends = self.catalogue.service_update(number)?.end_of_service;
                on.sort_by(|a, b| a.name.cmp(&b.name));
                Some(self.end_of_service(&number.to_string(), ends, &on))
            })
            .collect()
    }

    /// Planned by their owners, one an environment.
    fn service_updates(&self) -> impl Iterator<Item = Entry> {
        let due =
            self.environments.values().filter_map(|environment| Some((environment, environment.service_update_due?)));
        due.map(|(environment, on)| {
            let text = "its next service update is planned; a train that comes within a week of it leaves it out";
            let bar = CalendarBar {
                style: BarStyle::ServiceUpdate,
                text: format!("{} service update", environment.name),
                href: path(environment.id),
            };
            let row = AgendaRow {
                when: self.clock.when_date(on),
                environment: Some((environment.id, environment.name.clone())),
                train: String::new(),
                state: None,
                text: text.to_owned(),
            };
            Entry { order: (on, None), last: on, bars: vec![(on, bar)], rows: vec![row] }
        })
    }

    fn end_of_service(&self, number: &str, ends: NaiveDate, on: &[&Environment]) -> Entry {
        let names: Vec<String> = on.iter().map(|environment| environment.name.clone()).collect();
        let run = if names.len() == 1 { "runs" } else { "run" };
        let text = format!(
            "{number} reaches its end of service; {} {run} it. Move to a later service update to go on receiving \
             quality updates",
            listed(&names)
        );
        let href = match on {
            [only] => path(only.id),
            _ => "/environments".to_owned(),
        };
        let when: When = self.clock.when_date(ends);
        let bar = CalendarBar { style: BarStyle::EndOfService, text: format!("{number} ends"), href };
        let environment = match on {
            [only] => Some((only.id, only.name.clone())),
            _ => None,
        };
        Entry {
            order: (ends, None),
            last: ends,
            bars: vec![(ends, bar)],
            rows: vec![AgendaRow { when, environment, train: String::new(), state: None, text }],
        }
    }
}

fn window_bar(planned: &[&Environment], halted: bool) -> Option<CalendarBar> {
    let (style, word) = if halted { (BarStyle::Halted, "halted") } else { (BarStyle::Hatched, "window") };
    bar(planned, style, word, "/environments?state=planned")
}

/// Leads to the only one, or to where `several` are listed; nothing where there is none.
pub(super) fn bar(of: &[&Environment], style: BarStyle, word: &str, several: &str) -> Option<CalendarBar> {
    let first = of.first()?;
    let names: Vec<&str> = of.iter().map(|environment| environment.name.as_str()).collect();
    let short = if names.len() <= NAMES_IN_BAR_MAX {
        names.join(", ")
    } else {
        counted(names.len() as u64, "environment", "environments")
    };
    let href = if of.len() == 1 { path(first.id) } else { several.to_owned() };
    Some(CalendarBar { style, text: format!("{short} {word}"), href })
}

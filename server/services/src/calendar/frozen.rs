//! Freezes in a customer's calendar: those that hold nights of its own environments, and no others.

use super::entries::{Entry, Writer};
use crate::Result;
use crate::freeze::{FreezePlaces, place};
use chrono::NaiveDate;
use domain::clockface::Clockface;
use domain::freeze::Freeze;
use domain::wire::calendar::{AgendaRow, BarStyle, CalendarBar};
use domain::wire::signal::When;
use store::Connection;

impl Writer<'_> {
    /// One entry for each row of frozen nights that touches these dates.
    pub(super) async fn frozen(
        &self,
        conn: &impl Connection,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Entry>> {
        let freezes = store::freeze::set(conn).await?;
        let own: Vec<Freeze> = freezes.iter().filter(|freeze| self.is_frozen_by(freeze)).cloned().collect();
        let names = FreezePlaces::of_freezes(conn, &own).await?;
        let mut entries = Vec::new();
        for freeze in &own {
            let mut from = first;
            while let Some((begins, ends)) = freeze.span.at_or_after(from).filter(|(begins, _)| *begins <= last) {
                let text = format!("{}. Nothing starts in these nights", freeze.sentence(&self.clock, &names));
                entries.push(self.frozen_nights((begins, ends), (first, last), text));
                let Some(next) = ends.succ_opt() else { break };
                from = next;
            }
        }
        Ok(entries)
    }

    fn is_frozen_by(&self, freeze: &Freeze) -> bool {
        self.environments.values().any(|environment| {
            let at = place(self.catalogue, &environment.region, environment.customer, environment.id);
            freeze.scope.applies_to(at)
        })
    }

    fn frozen_nights(
        &self,
        (begins, ends): (NaiveDate, NaiveDate),
        (first, last): (NaiveDate, NaiveDate),
        text: String,
    ) -> Entry {
        let bar = CalendarBar { style: BarStyle::Frozen, text: "frozen".to_owned(), href: "/environments".to_owned() };
        let nights = begins.max(first).iter_days().take_while(|night| *night <= ends.min(last));
        let hint = "Nights as published".to_owned();
        let when = When { text: self.clock.dates(begins, ends), utc: begins.to_string(), hint };
        Entry {
            order: (begins, None),
            last: ends,
            bars: nights.map(|night| (night, bar.clone())).collect(),
            rows: vec![AgendaRow { when, environment: None, train: String::new(), state: None, text }],
        }
    }
}

//! The calendar of a customer's estate: a month of bars and the same events as a list, in the viewer's zone.
//! A night is an instant and stands on the viewer's date of its start; the dates of a window are the published ones.

mod entries;
mod expected;
mod frozen;
mod month;

use crate::{Error, RequestContext, Result, Services};
use chrono::{Days, NaiveTime};
use domain::ids::UpdateId;
use domain::wire::calendar::{CalendarDay, CalendarParams, CalendarView};
use entries::{Entry, Writer};
use month::Month;
use std::collections::HashSet;
use store::update::WithRollout;

impl Services {
    pub async fn show_calendar(&self, ctx: &RequestContext, params: &CalendarParams) -> Result<CalendarView> {
        let customer = ctx.own_customer()?;
        let clock = ctx.clock();
        let today = clock.date_of(ctx.now);
        // A link must not break because a month in it does not read.
        let month = Month::parse(&params.month).unwrap_or_else(|| Month::of(today));
        let conn = self.db().snapshot().await?;
        let estate = store::environment::estate(&conn, customer).await?;
        if params.environment.is_some_and(|wanted| estate.iter().all(|environment| environment.id != wanted)) {
            return Err(Error::NotFound);
        }
        let catalogue = store::catalogue::load(&conn).await?;
        // A day more on both sides: the viewer's dates are up to 14 hours away from UTC.
        let (first, last) = month.grid();
        let from = (first - Days::new(1)).and_time(NaiveTime::MIN).and_utc();
        let to = (last + Days::new(2)).and_time(NaiveTime::MIN).and_utc();
        let mut updates = store::update::of_customer_between(&conn, customer, from, to).await?;
        updates.extend(store::update::of_customer_open(&conn, customer).await?);
        keep_first(&mut updates);
        let environments = estate.iter().map(|environment| (environment.id, environment.name.clone())).collect();
        let halted = self.standstill(&conn).await?;
        let writer = Writer::new(clock, &estate, &catalogue, &halted, params.environment);
        let mut entries = writer.entries(&updates);
        entries.extend(writer.expected(&conn, (today, ctx.now), (first, last)).await?);
        entries.extend(writer.frozen(&conn, (first, last)).await?);
        entries.sort_by_key(|entry| entry.order);
        Ok(CalendarView {
            title: month.title(),
            month: month.key(),
            previous: month.previous().key(),
            next: month.next().key(),
            today: Month::of(today).key(),
            weeks: weeks(month, today, &entries),
            agenda: agenda(month, &entries),
            environments,
            environment: params.environment,
            zone: clock.sentence(ctx.now),
        })
    }
}

/// An update may be both in the month and still open.
fn keep_first(updates: &mut Vec<WithRollout>) {
    let mut seen: HashSet<UpdateId> = HashSet::new();
    updates.retain(|with| seen.insert(with.update.id));
}

fn weeks(month: Month, today: chrono::NaiveDate, entries: &[Entry]) -> Vec<Vec<CalendarDay>> {
    use chrono::Datelike;
    let day = |date: chrono::NaiveDate| CalendarDay {
        date: date.to_string(),
        number: date.day(),
        label: date.format("%a %-d %b %Y").to_string(),
        in_month: month.holds(date),
        is_today: date == today,
        bars: entries.iter().flat_map(|entry| entry.bars_on(date)).cloned().collect(),
    };
    let days: Vec<CalendarDay> = month.days().map(day).collect();
    days.chunks(7).map(<[CalendarDay]>::to_vec).collect()
}

fn agenda(month: Month, entries: &[Entry]) -> Vec<domain::wire::calendar::AgendaRow> {
    entries.iter().filter(|entry| entry.touches(month)).flat_map(|entry| entry.rows.clone()).collect()
}

//! A month of bars. Solid: a committed night; hatched: a window whose night is not chosen; struck: moved or cancelled.
//! A table for those who have the width, a list of the days that hold something for those who have not. Arrow keys move
//! by day and week once the page runs; without it every bar is a link in reading order.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use super::signal::SignalMark;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarKind {
    /// The night is committed.
    Night,
    /// Somewhere in this window; the night is not chosen yet.
    Window,
    /// Announced, and its rollout is halted: nothing starts.
    Halted,
    /// Moved away or cancelled: was here.
    Moved,
    Done,
    Failed,
    /// The last day of a service update.
    EndOfService,
    /// Nothing starts in this night.
    Frozen,
    /// The day of the next service update.
    ServiceUpdate,
}

impl BarKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Night => "bar is-night",
            Self::Window | Self::Halted | Self::Frozen => "bar is-window",
            Self::Moved => "bar is-moved",
            Self::Done => "bar is-done",
            Self::Failed => "bar is-failed",
            Self::EndOfService | Self::ServiceUpdate => "bar is-end",
        }
    }

    /// Said after the text, so that the bar's kind is not in its looks alone.
    const fn word(self) -> &'static str {
        match self {
            Self::Night => "night committed",
            Self::Window => "window, night not chosen",
            Self::Halted => "halted, nothing starts",
            Self::Moved => "moved or cancelled",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::EndOfService => "end of service",
            Self::Frozen => "frozen, nothing starts",
            Self::ServiceUpdate => "service update planned",
        }
    }

    const fn aspect(self) -> Option<Aspect> {
        match self {
            Self::Done => Some(Aspect::Clear),
            Self::Failed => Some(Aspect::Stop),
            Self::Night
            | Self::Window
            | Self::Halted
            | Self::Moved
            | Self::EndOfService
            | Self::Frozen
            | Self::ServiceUpdate => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthBar {
    pub kind: BarKind,
    pub text: String,
    pub href: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthDay {
    /// ISO date, for `<time datetime>`.
    pub date: String,
    /// What stands in the corner: 14.
    pub number: u32,
    /// The day in words: "Wed 14 October".
    pub label: String,
    /// Where the day leads: the list of its month.
    pub href: String,
    /// Belongs to the month before or after.
    pub is_outside: bool,
    pub is_today: bool,
    pub bars: Vec<MonthBar>,
}

#[component]
pub fn MonthGrid(
    /// "October 2026".
    #[prop(into)]
    title: String,
    /// In the order of the week: "Mon" …; as many as days in a row.
    weekdays: Vec<String>,
    /// Every day shown, row after row.
    days: Vec<MonthDay>,
) -> impl IntoView {
    let table = NodeRef::<leptos::html::Table>::new();
    #[cfg(feature = "hydrate")]
    super::month_keys::one_stop(table);
    let week = weekdays.len().max(1);
    view! {
        <table
            class="month"
            node_ref=table
            on:keydown=move |event| {
                #[cfg(feature = "hydrate")]
                super::month_keys::arrow(table, &event);
                #[cfg(not(feature = "hydrate"))]
                let _ = event;
            }
        >
            <caption class="visually-hidden">{title}</caption>
            <thead>
                <tr>
                    {weekdays.into_iter().map(|day| view! { <th scope="col">{day}</th> }).collect_view()}
                </tr>
            </thead>
            <tbody>
                {days
                    .chunks(week)
                    .map(|days| {
                        view! {
                            <tr>{days.iter().cloned().map(|day| view! { <DayCell day /> }).collect_view()}</tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

fn day_class(day: &MonthDay) -> String {
    let mut class = String::from("day");
    for (holds, name) in
        [(day.is_outside, " is-outside"), (day.is_today, " is-today"), (day.bars.is_empty(), " is-empty")]
    {
        if holds {
            class.push_str(name);
        }
    }
    class
}

#[component]
fn DayCell(day: MonthDay) -> impl IntoView {
    let class = day_class(&day);
    view! {
        <td class=class>
            <a class="day-link" href=day.href aria-current=day.is_today.then_some("date")>
                <time datetime=day.date>
                    <span class="day-number" aria-hidden="true">
                        {day.number}
                    </span>
                    <span class="day-label">{day.label}</span>
                </time>
            </a>
            {day.bars.into_iter().map(|bar| view! { <Bar bar /> }).collect_view()}
        </td>
    }
}

#[component]
fn Bar(bar: MonthBar) -> impl IntoView {
    view! {
        <a class=bar.kind.class() href=bar.href>
            {bar.kind.aspect().map(|aspect| view! { <SignalMark aspect /> })}
            <span class="bar-text">{bar.text}</span>
            <span class="visually-hidden">", " {bar.kind.word()}</span>
        </a>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn day(number: u32, bars: Vec<MonthBar>) -> MonthDay {
        MonthDay {
            date: format!("2026-10-{number:02}"),
            number,
            label: format!("Wed {number} October"),
            href: format!("?day=2026-10-{number:02}"),
            is_outside: false,
            is_today: number == 2,
            bars,
        }
    }

    #[test]
    fn bars_say_their_kind_in_words_and_days_are_dated() {
        let moved = MonthBar { kind: BarKind::Moved, text: "PROD".into(), href: "/x".into() };
        let days = vec![day(1, vec![]), day(2, vec![moved])];
        let weekdays = vec!["Wed".into(), "Thu".into()];
        let html = Owner::new().with(|| view! { <MonthGrid title="October 2026" weekdays days /> }.to_html());
        assert!(html.contains("moved or cancelled"), "{html}");
        assert!(html.contains(r#"datetime="2026-10-01""#) && html.contains("<tbody><tr>"), "{html}");
        assert_eq!(html.matches("is-empty").count(), 1, "{html}");
        assert_eq!(html.matches(r#"aria-current="date""#).count(), 1, "{html}");
    }
}

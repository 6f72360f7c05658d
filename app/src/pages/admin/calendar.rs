//! `/calendar`: what happens to one's environments and when, as a month or as a list, in the reader's time zone.

use domain::wire::calendar::{AgendaRow, BarStyle, CalendarDay, CalendarParams, CalendarView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::calendar::{ShowCalendar, show_calendar},
    components::{
        BarKind, ButtonLink, FilterBar, MonthBar, MonthDay, MonthGrid, NavTabs, Panel, SelectField, SelectOption,
        StateChip, TabItem, Timeline, TimelineEntry,
    },
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded, options::all},
    params::{self, Params},
    routes,
    state::{
        address::use_filters,
        live::{after_changes, use_live},
    },
};

const LIST: &str = "list";
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

#[component]
pub fn CalendarPage() -> impl IntoView {
    let filters = use_filters::<CalendarParams>();
    let page = ask(ShowCalendar::PATH, filters, Params::to_argument, show_calendar);
    after_changes(use_live().estate(), move || page.refetch());
    view! {
        <Loaded
            page
            label="calendar"
            view=move |page: CalendarView| view! { <Body page filters=filters.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: CalendarView, filters: CalendarParams) -> impl IntoView {
    let CalendarView { title, month, previous, next, today, weeks, agenda, environments, environment, zone } = page;
    let list = filters.layout == LIST;
    let at = CalendarParams { month, environment, layout: filters.layout };
    let of = |month: String| params::calendar(&CalendarParams { month, ..at.clone() });
    let (previous, today, next) = (of(previous), of(today), of(next));
    let agenda_href = params::calendar(&CalendarParams { layout: LIST.into(), ..at.clone() });
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title.clone()
            sub=move || zone
            actions=move || {
                view! {
                    <ButtonLink href=previous>"Previous month"</ButtonLink>
                    <ButtonLink href=today>"Today"</ButtonLink>
                    <ButtonLink href=next>"Next month"</ButtonLink>
                }
            }
        />
        <Choices at=at.clone() environments list />
        {if list {
            view! { <Agenda agenda /> }.into_any()
        } else {
            view! {
                <div class="two">
                    <Panel title="Month" flush=true>
                        <MonthGrid
                            title=title
                            weekdays=WEEKDAYS.map(String::from).to_vec()
                            days=weeks.into_iter().flatten().map(|day| month_day(day, &agenda_href)).collect()
                        />
                    </Panel>
                    <Agenda agenda />
                </div>
            }
                .into_any()
        }}
        <p class="muted small">
            "Solid: the night is chosen. Hatched: somewhere in this window, halted, or frozen. Struck: moved or cancelled."
        </p>
    }
}

/// Which layout, and whose updates.
#[component]
fn Choices(at: CalendarParams, environments: Vec<(domain::ids::EnvironmentId, String)>, list: bool) -> impl IntoView {
    let tab = |label: &str, layout: &str, current: bool| TabItem {
        href: params::calendar(&CalendarParams { layout: layout.into(), ..at.clone() }),
        label: label.into(),
        count: None,
        current,
    };
    let items = vec![tab("Month", "", !list), tab("List", LIST, list)];
    let clear = at.environment.map(|_| params::calendar(&CalendarParams { environment: None, ..at.clone() }));
    let options = std::iter::once(all())
        .chain(environments.into_iter().map(|(id, name)| SelectOption::new(id.to_string(), name)))
        .collect();
    view! {
        <NavTabs label="Layout" items />
        <FilterBar action=routes::CALENDAR label="Calendar" clear>
            <input type="hidden" name="month" value=at.month.clone() />
            <input type="hidden" name="layout" value=at.layout.clone() />
            <SelectField
                name="environment"
                label="Environment"
                options
                value=at.environment.map(|id| id.to_string()).unwrap_or_default()
            />
        </FilterBar>
    }
}

#[component]
fn Agenda(agenda: Vec<AgendaRow>) -> impl IntoView {
    view! {
        <Panel title="What happens this month" id="agenda">
            {if agenda.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Calendar
                        title="Nothing is planned this month"
                        text="Updates appear here as soon as a train is scheduled for one of your environments."
                    />
                }
                    .into_any()
            } else {
                view! {
                    <Timeline>{agenda.into_iter().map(|row| view! { <Entry row /> }).collect_view()}</Timeline>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Entry(row: AgendaRow) -> impl IntoView {
    let AgendaRow { when, environment, train, state, text } = row;
    view! {
        <TimelineEntry when>
            {environment
                .map(|(id, name)| {
                    view! {
                        <a href=routes::environment(id)>
                            <strong>{name}</strong>
                        </a>
                        " · "
                    }
                })} {train} " " {state.map(|state| view! { <StateChip state /> })} <br /> {text}
        </TimelineEntry>
    }
}

fn month_day(day: CalendarDay, agenda: &str) -> MonthDay {
    let bars = day.bars.into_iter().map(|bar| MonthBar { kind: kind(bar.style), text: bar.text, href: bar.href });
    MonthDay {
        date: day.date,
        number: day.number,
        label: day.label,
        href: agenda.to_owned(),
        is_outside: !day.in_month,
        is_today: day.is_today,
        bars: bars.collect(),
    }
}

const fn kind(style: BarStyle) -> BarKind {
    match style {
        BarStyle::Solid => BarKind::Night,
        BarStyle::Hatched => BarKind::Window,
        BarStyle::Halted => BarKind::Halted,
        BarStyle::Struck => BarKind::Moved,
        BarStyle::Done => BarKind::Done,
        BarStyle::Failed => BarKind::Failed,
        BarStyle::EndOfService => BarKind::EndOfService,
        BarStyle::Frozen => BarKind::Frozen,
        BarStyle::ServiceUpdate => BarKind::ServiceUpdate,
    }
}

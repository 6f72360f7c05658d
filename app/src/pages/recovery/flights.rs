//! `/flights`: every switch that guards a change, how it stands, and the form that turns the one in the address.

use domain::wire::flight::{FlightRow, FlightsParams, FlightsView, SwitchRow};
use domain::wire::problem::REASON_CHARS_MAX;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::flight::{ListFlights, TurnFlight, list_flights},
    components::{
        Button, ButtonKind, Cell, Chip, CodeText, Column, DataTable, Field, Moment, Panel, RowHead, RowLink,
        SelectField, SelectOption, TextArea,
    },
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded, post_form::PostForm, sure::Confirmation},
    params::{self, Params},
    state::{
        address::use_filters,
        form::{Form, use_form},
        form_key::FormKey,
    },
};

#[component]
pub fn FlightsPage() -> impl IntoView {
    let filters = use_filters::<FlightsParams>();
    let page = ask(ListFlights::PATH, filters, Params::to_argument, list_flights);
    let form = use_form::<TurnFlight>(FormKey::Flight, move || page.refetch());
    view! {
        <Title text="Flights" />
        <Loaded page label="flights" view=move |page: FlightsView| view! { <Body page form /> }.into_any() />
    }
    .into_any()
}

#[component]
fn Body(page: FlightsView, form: Form) -> impl IntoView {
    let FlightsView { rows, chosen, learnt, may_turn } = page;
    view! {
        <PageHeader title="Flights" />
        {if rows.is_empty() {
            view! {
                <EmptyState
                    icon=IconName::Flight
                    title="No flight yet"
                    text="A flight appears here when a build brings a change that it guards."
                />
            }
                .into_any()
        } else {
            view! {
                <Panel title="Switches" flush=true>
                    <Rows rows />
                </Panel>
            }
                .into_any()
        }}
        {chosen.map(|(flight, switches)| view! { <One flight switches learnt may_turn form /> })}
    }
}

#[component]
fn Rows(rows: Vec<FlightRow>) -> impl IntoView {
    let columns = ["Flight", "State", "Guards", "Build", "Owner", "Remove by"].map(Column::text).to_vec();
    view! {
        <DataTable caption="Flights" columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: FlightRow) -> impl IntoView {
    let FlightRow { id, key, title, owner, build, state, aspect, role, remove_on, is_overdue, .. } = row;
    let href = format!("{}#turn", params::flights(&FlightsParams { flight: Some(id) }));
    view! {
        <tr>
            <RowHead>
                <RowLink href text=key />
            </RowHead>
            <Cell label="State">
                <Chip word=state aspect=Some(aspect) role />
            </Cell>
            <Cell label="Guards">{title}</Cell>
            <Cell label="Build">
                <CodeText text=build bare=true />
            </Cell>
            <Cell label="Owner">{owner}</Cell>
            <Cell label="Remove by">{if is_overdue { format!("{remove_on}, overdue") } else { remove_on }}</Cell>
        </tr>
    }
}

#[component]
fn One(flight: FlightRow, switches: Vec<SwitchRow>, learnt: String, may_turn: bool, form: Form) -> impl IntoView {
    view! {
        <Panel title=format!("Turn {}", flight.key) id="turn">
            {(!learnt.is_empty()).then(|| view! { <p class="muted">{learnt}</p> })}
            {if may_turn {
                view! { <Turn flight form /> }.into_any()
            } else {
                view! { <p class="muted">"Release managers and incident leads turn flights."</p> }.into_any()
            }}
            <h3>"What was done"</h3>
            {if switches.is_empty() {
                view! { <p class="muted">"Nobody turned it: it is on."</p> }.into_any()
            } else {
                view! {
                    <ul class="stack" role="list">
                        {switches
                            .into_iter()
                            .map(|switch| view! { <li><Moment when=switch.at plain=true /> " " {switch.text}</li> })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Turn(flight: FlightRow, form: Form) -> impl IntoView {
    let options = vec![SelectOption::new("off", "Off"), SelectOption::new("on", "On")];
    let usual = if flight.is_on { "off" } else { "on" };
    view! {
        <PostForm form>
            <input type="hidden" name="input[flight]" value=flight.id.to_string() />
            <SelectField
                name="input[to]"
                label="Turn it"
                options
                value=form.typed("to").filter(|to| !to.is_empty()).unwrap_or_else(|| usual.to_owned())
            />
            <Field
                name="input[customer]"
                label="For one customer only"
                hint="Empty: everywhere, and the customers' own switches with it."
                value=form.typed("customer").unwrap_or_default()
                error=form.error("customer")
            />
            <TextArea
                name="input[reason]"
                label="Reason"
                value=form.typed("reason").unwrap_or_default()
                error=form.error("reason")
                required=true
                rows=3
                chars_max=REASON_CHARS_MAX
            />
            <Confirmation form label=format!("Yes, turn {}", flight.key) />
            <div class="actions">
                <Button kind=ButtonKind::Stop busy=form.busy()>
                    {format!("Turn {}", flight.key)}
                </Button>
            </div>
        </PostForm>
    }
}

//! Setting a freeze, in two steps: which nights and for whom, which the address then says, and a look at what falls into
//! them before it is confirmed.

use domain::wire::freeze::{FreezeForm, FreezePreviewView, FreezeTouches};
use domain::wire::problem::FormProblem;
use leptos::prelude::*;

use super::super::confirmed::Confirmed;
use crate::{
    components::{
        Button, ButtonKind, Cell, Column, DataTable, Field, FieldKind, Panel, RowHead, SelectField, SelectOption,
    },
    format::count,
    routes,
    state::form::Form,
};

const SCOPES: [(&str, &str); 6] = [
    ("", "Choose what to freeze"),
    ("global", "Every environment"),
    ("cloud", "A cloud"),
    ("region", "A region"),
    ("customer", "A customer"),
    ("environment", "One environment"),
];

#[component]
pub fn Set(
    regions: Vec<(String, String)>,
    clouds: Vec<(String, String)>,
    asked: FreezeForm,
    preview: Option<FreezePreviewView>,
    problem: Option<FormProblem>,
    form: Form,
) -> impl IntoView {
    let typed = asked.clone();
    view! {
        <Panel title="Set a freeze" id="set">
            <Which regions clouds asked=typed problem />
        </Panel>
        {preview.map(|preview| view! { <Sure preview asked form /> })}
    }
}

#[component]
fn Which(
    regions: Vec<(String, String)>,
    clouds: Vec<(String, String)>,
    asked: FreezeForm,
    problem: Option<FormProblem>,
) -> impl IntoView {
    let error = move |field: &'static str| {
        problem.filter(|problem| problem.field() == Some(field)).map(|problem| problem.message().to_owned())
    };
    let repeats = vec![SelectOption::new("", "Once"), SelectOption::new("yearly", "Every year on these days")];
    view! {
        <form class="stack prose" method="get" action=routes::FREEZES aria-label="What to freeze">
            <SelectField
                name="scope"
                label="Freeze"
                options=SCOPES.map(|(value, label)| SelectOption::new(value, label)).to_vec()
                value=asked.scope
                error=error("scope")
            />
            <SelectField
                name="cloud"
                label="Cloud"
                hint="For a cloud."
                options=SelectOption::or_none("Choose a cloud", clouds)
                value=asked.cloud
                error=error("cloud")
            />
            <SelectField
                name="region"
                label="Region"
                hint="For a region."
                options=SelectOption::or_none("Choose a region", regions)
                value=asked.region
                error=error("region")
            />
            <Field
                name="customer"
                label="Customer"
                hint="For a customer or one environment: its domain, as in contoso.example."
                value=asked.customer
                error=error("customer")
            />
            <Field
                name="environment"
                label="Environment"
                hint="For one environment: its name, as in UAT."
                value=asked.environment
                error=error("environment")
            />
            <Field name="first" label="First night" kind=FieldKind::Date value=asked.first error=error("first") />
            <Field
                name="last"
                label="Last night"
                kind=FieldKind::Date
                hint="Nights by their published date. The night of the last date is frozen too."
                value=asked.last
                error=error("last")
            />
            <SelectField name="repeats" label="Repeats" options=repeats value=asked.repeats />
            <div class="actions">
                <Button kind=ButtonKind::Main>"Show what it touches"</Button>
            </div>
        </form>
    }
}

#[component]
fn Sure(preview: FreezePreviewView, asked: FreezeForm, form: Form) -> impl IntoView {
    let FreezePreviewView { what, effect, environments, touches } = preview;
    let FreezeForm { scope, cloud, region, customer, environment, first, last, repeats } = asked;
    let fields = vec![
        ("scope", scope),
        ("cloud", cloud),
        ("region", region),
        ("customer", customer),
        ("environment", environment),
        ("first", first),
        ("last", last),
        ("repeats", repeats),
    ];
    view! {
        {(!touches.is_empty()).then(|| view! { <Touched touches /> })}
        <Confirmed
            id="confirm"
            title="Is this what you want to freeze?".to_owned()
            fields
            object=what
            environments=Some(u64::from(environments))
            effect
            label="Yes, set this freeze".to_owned()
            button="Set the freeze".to_owned()
            form
        />
    }
}

#[component]
fn Touched(touches: Vec<FreezeTouches>) -> impl IntoView {
    let columns = vec![Column::text("Rollout"), Column::number("Announced nights"), Column::number("Environments")];
    view! {
        <Panel title="What falls into it" flush=true>
            <DataTable caption="Rollouts that it touches" columns>
                {touches
                    .into_iter()
                    .map(|touched| {
                        view! {
                            <tr>
                                <RowHead>
                                    <a href=routes::rollout(touched.rollout)>{touched.train}</a>
                                </RowHead>
                                <Cell label="Announced nights" numeric=true>
                                    {count(u64::from(touched.nights))}
                                </Cell>
                                <Cell label="Environments" numeric=true>
                                    {count(u64::from(touched.environments))}
                                </Cell>
                            </tr>
                        }
                    })
                    .collect_view()}
            </DataTable>
        </Panel>
    }
}

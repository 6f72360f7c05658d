//! `/settings`: one's own time zone, one's own sessions.

use domain::wire::shell::{SessionRow, SettingsView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    api::settings::{SetTimeZone, ShowSettings, show_settings},
    components::{
        Button, ButtonKind, Cell, Chip, Column, DataTable, Moment, Panel, RowHead, SelectField, SelectOption,
    },
    layout::PageHeader,
    pages::{ask::ask_once, loaded::Loaded, post_form::PostForm},
    routes,
    state::{
        form::{Form, use_form},
        form_key::FormKey,
        shell::use_shell,
    },
};

/// What a browser loads as one begins here.
#[wasm_split(settings, fallible, preload(load))]
pub fn open() -> Result<AnyView, SplitLoaderError> {
    Ok(SettingsPage().into_any())
}

#[component]
fn SettingsPage() -> impl IntoView {
    let settings = ask_once(ShowSettings::PATH, show_settings);
    let shell = use_shell();
    let form = use_form::<SetTimeZone>(FormKey::TimeZone, move || {
        settings.refetch();
        shell.refetch();
    });
    view! {
        <Title text="Settings" />
        <Loaded
            page=settings
            label="settings"
            view=move |settings: SettingsView| {
                let SettingsView { time_zone, time_zones, sessions } = settings;
                view! {
                    <PageHeader title="Settings" />
                    <Panel title="Times">
                        <TimeZone form time_zone time_zones />
                    </Panel>
                    <Sessions sessions />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn TimeZone(form: Form, time_zone: String, time_zones: Vec<String>) -> impl IntoView {
    let options = time_zones.into_iter().map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    view! {
        <PostForm form class="stack prose">
            <SelectField
                name="input[time_zone]"
                label="Time zone"
                hint="Every time is shown in this zone. The zone of an environment and UTC are one hover or focus away."
                options
                value=form.typed("time_zone").unwrap_or(time_zone)
                error=form.error("time_zone")
            />
            <div class="actions">
                <Button kind=ButtonKind::Main busy=form.busy()>
                    "Save time zone"
                </Button>
            </div>
        </PostForm>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionRow>) -> impl IntoView {
    let elsewhere = sessions.iter().filter(|session| !session.this_one).count();
    let columns =
        vec![Column::text("Browser"), Column::text("Address"), Column::text("Signed in"), Column::text("Last seen")];
    view! {
        <Panel title="Where you are signed in" flush=true>
            <DataTable caption="Your sessions" columns>
                {sessions.into_iter().map(|session| view! { <Session session /> }).collect_view()}
            </DataTable>
        </Panel>
        {(elsewhere > 0)
            .then(|| {
                view! {
                    <form method="post" action=routes::LOGOUT_ELSEWHERE>
                        <Button>"Sign out everywhere else"</Button>
                    </form>
                }
            })}
    }
}

#[component]
fn Session(session: SessionRow) -> impl IntoView {
    view! {
        <tr>
            <RowHead>{session.browser} " " {session.this_one.then(|| view! { <Chip word="This one" /> })}</RowHead>
            <Cell label="Address">{session.address}</Cell>
            <Cell label="Signed in">
                <Moment when=session.signed_in plain=true />
            </Cell>
            <Cell label="Last seen">
                <Moment when=session.last_seen plain=true />
            </Cell>
        </tr>
    }
}

//! `/login`: a plain form, answered by the server outside Leptos, because it makes the session and its cookie.

use domain::wire::{problem::FormProblem, shell::DemoAccounts};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::demo::{ListDemoAccounts, list_demo_accounts},
    components::{Button, ButtonKind, CodeText, ErrorSummary, Field, FieldError, FieldKind, Panel},
    layout::SignInShell,
    pages::{ask::ask_once, loaded::Loaded},
    query::Query,
    routes,
    state::address::use_query,
};

#[component]
pub fn LoginPage() -> impl IntoView {
    let accounts = ask_once(ListDemoAccounts::PATH, list_demo_accounts);
    view! {
        <Title text="Sign in" />
        <SignInShell title="Sign in">
            <SignInForm />
            <Loaded page=accounts label="demo accounts" view=demo />
        </SignInShell>
    }
    .into_any()
}

fn demo(accounts: Option<DemoAccounts>) -> AnyView {
    accounts.map(|accounts| view! { <Accounts accounts /> }).into_any()
}

#[component]
fn SignInForm() -> impl IntoView {
    let query = use_query();
    // What the server answers stands in the address, so it does not change while the page is open.
    let query = query.get_untracked();
    let problem = FormProblem::from_code(query.get("problem"));
    let error = |field: &str| {
        problem.filter(|problem| problem.field() == Some(field)).map(|problem| problem.message().to_owned())
    };
    let errors: Vec<_> = problem
        .into_iter()
        .map(|problem| FieldError {
            field: problem.field().unwrap_or_default().to_owned(),
            text: problem.message().to_owned(),
        })
        .collect();
    let email = typed_before().unwrap_or_else(|| query.get("email").to_owned());
    let next = routes::own_path(query.get("next")).unwrap_or_default().to_owned();
    view! {
        <section class="panel">
            <form class="panel-body stack" method="post" action=routes::LOGIN novalidate=true>
                <ErrorSummary errors />
                <Field
                    name="email"
                    label="Email"
                    kind=FieldKind::Email
                    value=email
                    error=error("email")
                    required=true
                    autocomplete="username"
                />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    error=error("password")
                    required=true
                    autocomplete="current-password"
                />
                <input type="hidden" name="next" value=next />
                <Button kind=ButtonKind::Main>"Sign in"</Button>
            </form>
        </section>
    }
}

/// The email of a form that was refused, which only the server knows. Taking over its page leaves the field as it was
/// written.
#[cfg(feature = "ssr")]
fn typed_before() -> Option<String> {
    crate::platform::extension::<crate::api::context::TypedEmail>().map(|typed| typed.0)
}

#[cfg(not(feature = "ssr"))]
const fn typed_before() -> Option<String> {
    None
}

/// Only where the server runs a demo.
#[component]
fn Accounts(accounts: DemoAccounts) -> impl IntoView {
    let DemoAccounts { password, accounts } = accounts;
    view! {
        <Panel title="Demo accounts">
            <p class="small">"Password for all: " <CodeText text=password /></p>
            <ul class="small">
                {accounts
                    .into_iter()
                    .map(|(email, role)| {
                        view! {
                            <li>
                                // Loaded anew, because the form reads the address once.
                                <a href=Query::default().set("email", &email).on(routes::LOGIN) rel="external">
                                    <code>{email.clone()}</code>
                                </a>
                                " "
                                <span class="muted">{role}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Panel>
    }
}

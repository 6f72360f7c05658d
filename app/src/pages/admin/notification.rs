//! `/notifications/{id}`: what happened, what it means for the reader, what they can do. Reading it here marks it as read;
//! a GET changes nothing, so without Wasm there is a button.

use domain::ids::NotificationId;
use domain::wire::notification::NotificationView;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::{
        ApiError,
        notification::{MarkNotificationRead, NotificationInput, ShowNotification, show_notification},
    },
    components::{Button, ButtonLink, Fact, Facts, Moment, Panel, SignalMark},
    layout::{Crumb, PageHeader},
    pages::{ask::ask, loaded::Loaded, post_form::PostForm},
    params::as_input,
    routes,
    state::{
        address::use_id,
        form::{Form, use_form},
        form_key::FormKey,
        shell::{Shell, use_shell},
    },
};

#[component]
pub fn NotificationPage() -> impl IntoView {
    let id = use_id::<NotificationId>();
    let shell = use_shell();
    let page = ask(
        ShowNotification::PATH,
        id,
        |id| as_input("notification", *id),
        |id| async move {
            let notification = id.ok_or_else(|| ApiError::NotFound.answered())?;
            show_notification(NotificationInput { notification }).await
        },
    );
    let form = use_form::<MarkNotificationRead>(FormKey::MarkRead, || ());
    view! {
        <Loaded
            page
            label="notification"
            view=move |page: NotificationView| view! { <Body page shell form /> }.into_any()
        />
    }
    .into_any()
}

/// Where Wasm runs, showing the page is reading it. Quietly: it is no deed that needs a sentence.
fn read_by_itself(notification: NotificationId, form: Form, shell: Shell) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let fields = as_input("notification", Some(notification)).to_string();
        leptos::task::spawn_local(async move {
            if crate::api::browser::post(form.address(), fields).await.is_ok() {
                shell.refetch();
            }
        });
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (notification, form, shell);
}

#[component]
fn Body(page: NotificationView, shell: Shell, form: Form) -> impl IntoView {
    let NotificationView { id, kind, title, at, what, meaning, action, environment, facts } = page;
    read_by_itself(id, form, shell);
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title
            crumbs=vec![Crumb::new(routes::NOTIFICATIONS, "Notifications")]
            sub=move || {
                view! {
                    <SignalMark aspect=kind.aspect() />
                    " "
                    <Moment when=at />
                }
            }
            actions=move || view! { <MarkRead id form /> }
        />
        <div class="two">
            <div class="prose">
                <h2>"What happened"</h2>
                <p>{what}</p>
                <h2>"What it means for you"</h2>
                <p>{meaning}</p>
                <h2>"What you can do"</h2>
                <p>{action}</p>
                {environment
                    .map(|(id, name)| {
                        view! {
                            <p>
                                <ButtonLink href=routes::environment(id)>{format!("Open {name}")}</ButtonLink>
                            </p>
                        }
                    })}
            </div>
            <Panel title="Facts">
                <Facts>
                    {facts.into_iter().map(|(term, value)| view! { <Fact term>{value}</Fact> }).collect_view()}
                </Facts>
            </Panel>
        </div>
    }
}

/// Gone once the page runs.
#[component]
fn MarkRead(id: NotificationId, form: Form) -> impl IntoView {
    let runs = RwSignal::new(false);
    Effect::new(move |_| runs.set(true));
    move || {
        (!runs.get()).then(|| {
            view! {
                <PostForm form>
                    <input type="hidden" name="input[notification]" value=id.to_string() />
                    <Button busy=form.busy()>"Mark as read"</Button>
                </PostForm>
            }
        })
    }
}

//! `/notifications`: what happened and what comes, newest first. New ones are announced, never pushed into the list.

use domain::wire::notification::{NotificationFilter, NotificationRow, NotificationsParams, NotificationsView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::notification::{ListNotifications, MarkAllNotificationsRead, list_notifications},
    components::{Button, LiveNote, Moment, NavTabs, Pager, Panel, SignalMark, TabItem},
    format::counted,
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded, post_form::PostForm},
    params::{self, Params},
    routes,
    state::{
        address::use_filters,
        form::{Form, use_form},
        form_key::FormKey,
        live::{after_changes, use_live},
        shell::{Shell, use_shell},
    },
};

#[component]
pub fn NotificationsPage() -> impl IntoView {
    let filters = use_filters::<NotificationsParams>();
    let shell = use_shell();
    let page = ask(ListNotifications::PATH, filters, Params::to_argument, list_notifications);
    let renew = move || {
        page.refetch();
        shell.refetch();
    };
    let form = use_form::<MarkAllNotificationsRead>(FormKey::MarkAllRead, renew);
    after_changes(use_live().estate(), move || shell.refetch());
    view! {
        <Title text="Notifications" />
        <Loaded
            page
            label="notifications"
            view=move |page: NotificationsView| view! { <Body page shell form filters /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: NotificationsView, shell: Shell, form: Form, filters: Memo<NotificationsParams>) -> impl IntoView {
    let NotificationsView { filter, rows, unread, next } = page;
    let at = |filter: NotificationFilter| {
        let filter = if filter == NotificationFilter::All { String::new() } else { filter.key().to_owned() };
        NotificationsParams { filter, after: None }
    };
    let tabs = NotificationFilter::ALL
        .into_iter()
        .map(|tab| TabItem {
            href: params::notifications(&at(tab)),
            label: tab.word().to_owned(),
            count: None,
            current: tab == filter,
        })
        .collect();
    let first = filters.get_untracked().after.map(|_| params::notifications(&at(filter)));
    let next = next.map(|after| params::notifications(&NotificationsParams { after: Some(after), ..at(filter) }));
    let summary = counted(rows.len() as u64, "notification on this page", "notifications on this page");
    // Unread now, without those that were unread when the page was made.
    let fresh = Signal::derive(move || shell.unread().saturating_sub(unread));
    view! {
        <PageHeader
            title="Notifications"
            sub=move || format!("{unread} unread")
            actions=move || (unread > 0).then(|| view! { <MarkAll form /> })
        />
        <NavTabs label="Which notifications" items=tabs />
        <LiveNote count=fresh href=params::notifications(&at(filter)) />
        {if rows.is_empty() {
            view! { <Nothing filter /> }.into_any()
        } else {
            view! {
                <Panel title="Newest first" flush=true>
                    <ul class="notices" role="list">
                        {rows.into_iter().map(|row| view! { <Item row /> }).collect_view()}
                    </ul>
                </Panel>
                <Pager summary first next />
            }
                .into_any()
        }}
    }
}

#[component]
fn MarkAll(form: Form) -> impl IntoView {
    view! {
        <PostForm form>
            <Button busy=form.busy()>"Mark all as read"</Button>
        </PostForm>
    }
}

#[component]
fn Item(row: NotificationRow) -> impl IntoView {
    let NotificationRow { id, kind, title, summary, at, unread } = row;
    view! {
        <li class=unread.then_some("is-new")>
            <a href=routes::notification(id)>
                <span class="notices-dot">{unread.then(|| view! { <span class="visually-hidden">"New: "</span> })}</span>
                <strong>
                    <SignalMark aspect=kind.aspect() />
                    " "
                    {title}
                </strong>
                <Moment when=at plain=true />
                <p>{summary}</p>
            </a>
        </li>
    }
}

#[component]
fn Nothing(filter: NotificationFilter) -> impl IntoView {
    let title = match filter {
        NotificationFilter::All => "No notification yet".to_owned(),
        other => format!("Nothing under “{}”", other.word()),
    };
    view! {
        <EmptyState
            icon=IconName::Bell
            title
            text="When an update of your environments is planned, moved, done or held, it is said here."
        />
    }
}

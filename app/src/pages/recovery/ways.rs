//! `/rollouts/{id}/recovery`: whom a halt concerns and the four ways out of it, each open or with what closes it. How bad
//! it is is in the address: it decides the order. No way lifts the halt.

mod chosen;
mod propose;

use domain::ids::RolloutId;
use domain::wire::recovery::{Affected, RecoveryPageView, RecoveryParams};
use domain::wire::rollout::RolloutEnvironmentsParams;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::{chosen::Chosen, propose::Propose};
use crate::{
    api::recovery::{AbandonRecovery, ApproveRecovery, ProposeRecovery, ShowRecovery, StartRecovery, show_recovery},
    components::{CodeText, FilterBar, Notice, NoticeKind, Panel, SelectField, SelectOption},
    format::counted,
    layout::{Crumb, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::{self, Params},
    query::Query,
    routes,
    state::{
        address::{use_filters, use_id},
        form::{Form, use_form},
        form_key::FormKey,
    },
};

/// The forms of the page. Made once, because what is drawn again forgets.
pub struct Forms {
    approve: Form,
    start: Form,
    abandon: Form,
    propose: Form,
}

type RecoveryForms = StoredValue<Forms>;

fn use_recovery_forms(on_done: impl Fn() + Clone + Send + Sync + 'static) -> RecoveryForms {
    StoredValue::new(Forms {
        approve: use_form::<ApproveRecovery>(FormKey::RecoveryApprove, on_done.clone()),
        start: use_form::<StartRecovery>(FormKey::RecoveryStart, on_done.clone()),
        abandon: use_form::<AbandonRecovery>(FormKey::RecoveryAbandon, on_done.clone()),
        propose: use_form::<ProposeRecovery>(FormKey::RecoveryPropose, on_done.clone()),
    })
}

#[component]
pub fn RecoveryPage() -> impl IntoView {
    let id = use_id::<RolloutId>();
    let filters = use_filters::<RecoveryParams>();
    let asked = Memo::new(move |_| RecoveryParams { rollout: id.get(), ..filters.get() });
    let page = ask(ShowRecovery::PATH, asked, fields, show_recovery);
    let forms = use_recovery_forms(move || page.refetch());
    view! {
        <Loaded
            page
            label="ways out of the halt"
            view=move |page: RecoveryPageView| view! { <Body page forms /> }.into_any()
        />
    }
    .into_any()
}

/// The rollout is in the path of the page, but it is a field of the call.
fn fields(asked: &RecoveryParams) -> Query {
    let rollout = asked.rollout.map(|rollout| rollout.to_string()).unwrap_or_default();
    asked.to_query().set("rollout", rollout).within("params")
}

#[component]
fn Body(page: RecoveryPageView, forms: RecoveryForms) -> impl IntoView {
    let RecoveryPageView { rollout, train, build, halted, severity, severities, affected, ways, .. } = page;
    let title = format!("Recovery of {train}");
    let severities = severities.into_iter().map(|one| SelectOption::new(one.key, one.label)).collect();
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title
            crumbs=vec![Crumb::new(routes::ROLLOUTS, "Rollouts"), Crumb::new(routes::rollout(rollout), train)]
            beside=move || view! { <CodeText text=build /> }
        />
        {match halted {
            Some(cause) => {
                view! {
                    <Notice kind=NoticeKind::Stop title="Halted: nothing new starts">
                        {cause}
                    </Notice>
                }
            }
            None => {
                view! {
                    <Notice title="No halt of this build stands">
                        "A recovery serves a halt. Halt the rollout first; where it is completed, halt its build. A way back that stands alone is resumed, or abandoned where it was chosen."
                    </Notice>
                }
            }
        }}
        <Concerned rollout affected />
        {page.recoveries.into_iter().map(|recovery| view! { <Chosen rollout recovery forms /> }).collect_view()}
        <Panel title="Ways out" note="none of them lifts the halt">
            <FilterBar action=routes::recovery(rollout) label="Order of the ways">
                <SelectField name="severity" label="How bad it is" options=severities value=severity />
            </FilterBar>
            <Propose rollout ways may_propose=page.may_propose form=forms.with_value(|forms| forms.propose) />
        </Panel>
    }
}

/// Whom the halt concerns. Each number leads to its environments.
#[component]
fn Concerned(rollout: RolloutId, affected: Affected) -> impl IntoView {
    let Affected { updated, running, waiting, failed, runs_it } = affected;
    let rows = [
        (updated, "updated", "succeeded"),
        (running, "running now", "in_progress"),
        (waiting, "waiting", "halted"),
        (failed, "failed", "failed"),
    ];
    view! {
        <Panel title="Whom it concerns">
            <ul class="stack" role="list">
                {rows
                    .into_iter()
                    .map(|(count, word, state)| {
                        let filters = RolloutEnvironmentsParams {
                            rollout: Some(rollout),
                            state: state.to_owned(),
                            ..RolloutEnvironmentsParams::default()
                        };
                        let text = format!("{} {word}", counted(count.into(), "environment", "environments"));
                        view! {
                            <li>
                                <a href=params::rollout_environments(&filters)>{text}</a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <p class="small muted">
                {counted(runs_it.into(), "environment runs", "environments run")} " the build now, whoever brought it."
            </p>
        </Panel>
    }
}

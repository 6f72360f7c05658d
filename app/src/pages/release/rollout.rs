//! `/rollouts/{id}`: one train in execution: the line, why each stage waits, what may be done, who is in it.
//! It follows live changes; what is being read or typed stays where it is.

mod actions;
mod approvals;
mod environments;
mod head;
mod notices;
mod stages;
mod timeline;

use domain::ids::RolloutId;
use domain::rollout::report::StageCounts;
use domain::wire::rollout::{RolloutEnvironmentsParams, RolloutEnvironmentsView, RolloutView};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{
        ApiError,
        rollout::{ListRolloutEnvironments, RolloutInput, ShowRollout, list_rollout_environments, show_rollout},
    },
    pages::{
        ask::ask,
        loaded::LoadedBoth,
        release::rollout::{
            actions::{Actions, RolloutForms, use_rollout_forms},
            approvals::Approvals,
            environments::Environments,
            head::Head,
            stages::Stages,
            timeline::WhatHappened,
        },
    },
    params::{Params, as_input},
    query::Query,
    routes,
    state::{
        address::{use_filters, use_id},
        live::{after_changes, use_live},
    },
};

#[component]
pub fn RolloutPage() -> impl IntoView {
    let id = use_id::<RolloutId>();
    let filters = use_filters::<RolloutEnvironmentsParams>();
    let cut = Memo::new(move |_| RolloutEnvironmentsParams { rollout: id.get(), ..filters.get() });
    let rollout = ask(
        ShowRollout::PATH,
        id,
        |id| as_input("rollout", *id),
        |id| async move {
            let rollout = id.ok_or_else(|| ApiError::NotFound.answered())?;
            show_rollout(RolloutInput { rollout }).await
        },
    );
    let environments = ask(ListRolloutEnvironments::PATH, cut, cut_fields, list_rollout_environments);
    let renew = move || {
        rollout.refetch();
        environments.refetch();
    };
    let forms = use_rollout_forms(renew);
    let live = use_live();
    live.watch(Memo::new(move |_| id.get().into_iter().collect()));
    after_changes(live.rollout(), renew);
    view! {
        <LoadedBoth
            first=rollout
            second=environments
            label="rollout"
            view=move |rollout: RolloutView, environments: RolloutEnvironmentsView| {
                view! { <Body rollout environments forms filters=filters.get_untracked() /> }.into_any()
            }
        />
    }
    .into_any()
}

/// The rollout is in the path of the page, but it is a field of the call.
fn cut_fields(cut: &RolloutEnvironmentsParams) -> Query {
    let rollout = cut.rollout.map(|rollout| rollout.to_string()).unwrap_or_default();
    cut.to_query().set("rollout", rollout).within("params")
}

#[component]
fn Body(
    rollout: RolloutView,
    environments: RolloutEnvironmentsView,
    forms: RolloutForms,
    filters: RolloutEnvironmentsParams,
) -> impl IntoView {
    let filters = RolloutEnvironmentsParams { rollout: Some(rollout.id), ..filters };
    let stations = rollout.stages.iter().map(|stage| stage.station).collect::<std::collections::BTreeSet<_>>();
    view! {
        <Head rollout=rollout.clone() />
        <Actions rollout=rollout.clone() forms />
        <p>
            <a href=routes::emergency(rollout.id)>"Emergency path"</a>
            {rollout
                .ways_out
                .then(|| view! { " · " <a href=routes::recovery(rollout.id)>"Ways out of the halt"</a> })}
        </p>
        <Stages
            rollout=rollout.id
            stages=rollout.stages.clone()
            unplaced=rollout.unplaced
            not_aboard=rollout.not_aboard
        />
        <div class="two">
            <Approvals rollout=rollout.clone() forms />
            <WhatHappened timeline=rollout.timeline />
        </div>
        <Environments environments filters stations=stations.into_iter().collect() />
    }
}

/// Counts as a bar shows them.
pub(crate) struct Progress {
    pub done: u64,
    pub failed: u64,
    pub held: u64,
    pub total: u64,
}

/// Already satisfied is done; skipped and held are not, and are drawn apart.
pub(crate) fn progress(counts: &StageCounts) -> Progress {
    Progress {
        done: u64::from(counts.succeeded + counts.satisfied),
        failed: u64::from(counts.failed),
        held: u64::from(counts.held + counts.skipped),
        total: u64::from(counts.total),
    }
}

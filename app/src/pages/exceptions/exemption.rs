//! `/exemptions/{id}`: what is asked for, with what evidence, and the decision. A button exists only where the service
//! would accept it.

use domain::ids::ExemptionId;
use domain::wire::exemption::ExemptionView;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::{
        ApiError,
        exemption::{
            ExemptionInput, GrantExemption, RefuseExemption, ShowExemption, WithdrawExemption, show_exemption,
        },
    },
    components::{Button, ButtonKind, CheckBox, Chip, Confirm, Disclosure, Fact, Facts, Panel},
    layout::{Crumb, PageHeader},
    pages::{ask::ask, loaded::Loaded, post_form::PostForm},
    params::as_input,
    routes,
    state::{
        address::use_id,
        form::{Form, use_form},
        form_key::FormKey,
    },
};

/// The forms of the page. Made once, because what is drawn again forgets.
#[derive(Clone, Copy)]
struct Forms {
    grant: Form,
    refuse: Form,
    withdraw: Form,
}

#[component]
pub fn ExemptionPage() -> impl IntoView {
    let id = use_id::<ExemptionId>();
    let page = ask(
        ShowExemption::PATH,
        id,
        |id| as_input("exemption", *id),
        |id| async move {
            let exemption = id.ok_or_else(|| ApiError::NotFound.answered())?;
            show_exemption(ExemptionInput { exemption }).await
        },
    );
    let forms = Forms {
        grant: use_form::<GrantExemption>(FormKey::GrantExemption, move || page.refetch()),
        refuse: use_form::<RefuseExemption>(FormKey::RefuseExemption, move || page.refetch()),
        withdraw: use_form::<WithdrawExemption>(FormKey::WithdrawExemption, move || page.refetch()),
    };
    view! {
        <Loaded
            page
            label="exemption"
            view=move |page: ExemptionView| view! { <Body page forms /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: ExemptionView, forms: Forms) -> impl IntoView {
    let ExemptionView { id, environment, customer, state, aspect, facts, digest, .. } = page.clone();
    let ExemptionView { may_grant, may_refuse, may_withdraw, .. } = page;
    let title = format!("Exemption of {}", environment.1);
    let href = routes::support_environment(environment.0);
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title
            crumbs=vec![Crumb::new(routes::EXEMPTIONS, "Exemptions")]
            beside=move || view! { <Chip word=state aspect=Some(aspect) /> }
            sub=move || {
                view! {
                    {customer}
                    " · "
                    <a href=href>{environment.1}</a>
                }
            }
        />
        <Panel title="What is asked for">
            <Facts>{facts.into_iter().map(|(term, value)| view! { <Fact term>{value}</Fact> }).collect_view()}</Facts>
        </Panel>
        {(may_grant || may_refuse || may_withdraw)
            .then(|| {
                view! {
                    <div class="row">
                        {may_grant.then(|| view! { <Grant id digest form=forms.grant /> })}
                        {may_refuse
                            .then(|| {
                                view! {
                                    <WithReason
                                        id
                                        what="Refuse the request"
                                        label="Yes, refuse it"
                                        effect="Quality updates go on as planned. The customer is told, with your reason."
                                        form=forms.refuse
                                    />
                                }
                            })}
                        {may_withdraw
                            .then(|| {
                                view! {
                                    <WithReason
                                        id
                                        what="Withdraw the exemption"
                                        label="Yes, withdraw it"
                                        effect="Quality updates are planned again, each announced ahead; nothing starts at once. The customer is told, with your reason."
                                        form=forms.withdraw
                                    />
                                }
                            })}
                    </div>
                }
            })}
    }
}

#[component]
fn Grant(id: ExemptionId, digest: String, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary="Grant the exemption…" kind=ButtonKind::Main open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[exemption]" value=id.to_string() />
                <input type="hidden" name="input[digest]" value=digest />
                <p class="effect">
                    "No quality update is pushed to this environment until the exemption ends. What is announced is taken back."
                </p>
                <CheckBox
                    name="input[confirmed]"
                    value=form.confirmation()
                    label="I saw the evidence; yes, grant it"
                    error=form.error("confirmed")
                />
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Grant the exemption"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn WithReason(
    id: ExemptionId,
    what: &'static str,
    label: &'static str,
    effect: &'static str,
    form: Form,
) -> impl IntoView {
    view! {
        <Disclosure summary=format!("{what}…") kind=ButtonKind::Stop open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[exemption]" value=id.to_string() />
                <Confirm
                    object=what
                    environments_affected=1
                    effect
                    reason_name="input[reason]"
                    reason=form.typed("reason").unwrap_or_default()
                    reason_error=form.error("reason")
                    button=what
                    busy=form.busy()
                >
                    <CheckBox
                        name="input[confirmed]"
                        value=form.confirmation()
                        label
                        error=form.error("confirmed")
                    />
                </Confirm>
            </PostForm>
        </Disclosure>
    }
}

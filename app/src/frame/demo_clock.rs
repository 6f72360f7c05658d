//! The demo's clock: always shown where time is not the real one; who may, sets how fast it runs.

use domain::wire::shell::{DemoSpeed, DemoView};
use leptos::prelude::*;

use crate::{
    api::demo::SetDemoSpeed,
    components::Button,
    pages::post_form::PostForm,
    state::{
        form::{Form, use_form},
        form_key::FormKey,
        live::use_live,
        shell::use_shell,
    },
};

#[component]
pub fn DemoClock() -> impl IntoView {
    let shell = use_shell();
    let form = use_form::<SetDemoSpeed>(FormKey::DemoSpeed, move || shell.refetch());
    shell.follow(use_live().clock());
    // The speed changes seldom, the time all the while: only the former may rebuild the form.
    let demo = Memo::new(move |_| shell.view().with(|view| view.as_ref().and_then(|view| view.demo.clone())));
    let speed = Memo::new(move |_| demo.with(|demo| demo.as_ref().map(|demo| (demo.speed, demo.may_set))));
    let now = Signal::derive(move || {
        demo.with(|demo| demo.as_ref().map(|DemoView { now, .. }| now.text.clone()).unwrap_or_default())
    });
    move || {
        speed.get().map(|(speed, may_set)| {
            view! {
                <div class="demo-clock">
                    <span class="chip caution">
                        <span>"Demo clock " {move || now.get()}</span>
                    </span>
                    {if may_set {
                        view! { <Speed form speed /> }.into_any()
                    } else {
                        view! { <span class="muted">{speed.word()}</span> }.into_any()
                    }}
                </div>
            }
        })
    }
}

#[component]
fn Speed(form: Form, speed: DemoSpeed) -> impl IntoView {
    view! {
        <PostForm form class="demo-clock">
            <select name="input[speed]" aria-label="Speed of the demo clock">
                {DemoSpeed::ALL
                    .into_iter()
                    .map(|offered| {
                        view! {
                            <option value=offered.key() selected=offered == speed>
                                {offered.word()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <Button busy=form.busy()>"Set"</Button>
        </PostForm>
    }
}

//! What holds a rollout up as a whole, or hurries it.

use domain::wire::rollout::RolloutView;
use leptos::prelude::*;

use crate::{
    components::{Notice, NoticeKind},
    routes,
};

#[component]
pub fn Notices(rollout: RolloutView) -> impl IntoView {
    let RolloutView { id, halted, halts, emergency, not_offered, .. } = rollout;
    view! {
        {halted
            .map(|cause| {
                view! {
                    <Notice kind=NoticeKind::Stop title="Halted: nothing new starts">
                        {cause}
                    </Notice>
                }
            })}
        {halts
            .into_iter()
            .map(|halt| view! { <Notice kind=NoticeKind::Caution title="Halted in part"> {halt} </Notice> })
            .collect_view()}
        {emergency
            .map(|path| {
                view! {
                    <Notice kind=NoticeKind::Caution title="An emergency path is in force">
                        {path} " " <a href=routes::emergency(id)>"See the path"</a>
                    </Notice>
                }
            })}
        {not_offered
            .map(|why| {
                view! {
                    <Notice kind=NoticeKind::Stop title="The build is not offered: nothing new starts">
                        {why}
                    </Notice>
                }
            })}
    }
}

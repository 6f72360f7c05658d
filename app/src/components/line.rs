//! The line: the one picture that says where a build is. Stations in order as an ordered list, each with its node, its
//! words and its signal; the train stands where the work is. Personal when a node is the reader's own (`is_yours`).
//! The track is drawn with borders of different kinds (solid, double, dashed), so it prints and reads without colour.

use domain::wire::signal::{Aspect, ColourRole, LineNode, LineState};
use leptos::prelude::*;

use super::{signal::SignalMark, state_chip::Chip};

pub const fn line_class(state: LineState) -> &'static str {
    match state {
        LineState::Passed => "is-passed",
        LineState::Running => "is-running",
        LineState::Waiting => "is-waiting",
        LineState::Halted => "is-halted",
    }
}

/// A station shown as passed may still carry a caution, and then the caution is what the reader must see.
const fn word_role(state: LineState, aspect: Aspect) -> ColourRole {
    match (state, aspect) {
        (LineState::Halted, _) | (_, Aspect::Stop) => ColourRole::Stop,
        (LineState::Running, _) => ColourRole::Live,
        (LineState::Passed, Aspect::Clear) => ColourRole::Clear,
        (_, Aspect::Caution) => ColourRole::Caution,
        (LineState::Passed | LineState::Waiting, _) => ColourRole::Quiet,
    }
}

/// Large, for a rollout or an environment.
#[component]
pub fn Line(
    nodes: Vec<LineNode>,
    /// What the list is called for a screen reader: "Stations of 10.0.48 PQU-7".
    #[prop(into)]
    label: String,
    /// One sentence under the picture: "Your environment is at station 4; the train arrives on the night of 12 October."
    #[prop(optional, into)]
    says: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <div class="line">
            <ol class="line-stations" role="list" aria-label=label>
                {nodes.into_iter().map(|node| view! { <LineStop node /> }).collect_view()}
            </ol>
            {move || says.get().map(|says| view! { <p class="line-says">{says}</p> })}
        </div>
    }
}

#[component]
fn LineStop(node: LineNode) -> impl IntoView {
    let role = word_role(node.state, node.aspect);
    let yours = if node.is_yours { " is-yours" } else { "" };
    let is_here = node.state == LineState::Running;
    view! {
        <li class=format!("line-stop {}{yours}", line_class(node.state)) aria-current=is_here.then_some("step")>
            <span class="line-node"><SignalMark aspect=node.aspect /></span>
            {is_here.then(|| view! { <Train /> })}
            <strong class="line-title">{node.title}</strong>
            {node.is_yours.then(|| view! { <span class="line-yours">"Yours"</span> })}
            {node.lines.into_iter().map(|text| view! { <span class="line-text">{text}</span> }).collect_view()}
            <Chip word=node.word aspect=Some(node.aspect) role />
        </li>
    }
}

/// Two coaches and an engine. Only where something is running; a waiting station never has one.
#[component]
fn Train() -> impl IntoView {
    view! {
        <svg class="train" viewBox="0 0 46 14" width="46" height="14" fill="currentColor" aria-hidden="true">
            <path
                fill-rule="evenodd"
                d="M1 2h12v8H1zm2 2v2.5h3V4zm5 0v2.5h3V4zM15 2h12v8H15zm2 2v2.5h3V4zm5 0v2.5h3V4zM29 2h8.5c3.5 0 6 2.6 7.5 6v2H29zm8 1.8v3h5c-1-1.7-2.4-3-4.5-3z"
            ></path>
            <path d="M13 8h2v1h-2zm14 0h2v1h-2z"></path>
            <circle cx="4" cy="11.5" r="1.5"></circle>
            <circle cx="10" cy="11.5" r="1.5"></circle>
            <circle cx="18" cy="11.5" r="1.5"></circle>
            <circle cx="24" cy="11.5" r="1.5"></circle>
            <circle cx="32" cy="11.5" r="1.5"></circle>
            <circle cx="40" cy="11.5" r="1.5"></circle>
        </svg>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn node(station: u8, state: LineState, aspect: Aspect, is_yours: bool) -> LineNode {
        LineNode {
            station,
            title: format!("Station {station}"),
            lines: vec!["7 regions".into()],
            state,
            word: "Waits".into(),
            aspect,
            is_yours,
        }
    }

    #[test]
    fn stations_are_an_ordered_list_and_the_train_stands_at_the_running_one() {
        Owner::new().with(|| {
            let nodes = vec![
                node(1, LineState::Passed, Aspect::Clear, false),
                node(2, LineState::Running, Aspect::Caution, true),
                node(3, LineState::Waiting, Aspect::Unlit, false),
            ];
            let html = view! { <Line nodes label="Stations" says="The train is here." /> }.to_html();
            assert!(html.contains("<ol") && html.matches("<li").count() == 3, "{html}");
            assert_eq!(html.matches(r#"class="train""#).count(), 1, "{html}");
            assert_eq!(html.matches(r#"aria-current="step""#).count(), 1, "{html}");
            assert_eq!(html.matches("Yours").count(), 1, "{html}");
            assert!(html.contains("The train is here."), "{html}");
        });
    }

    #[test]
    fn unlit_is_never_shown_as_clear() {
        for state in [LineState::Passed, LineState::Running, LineState::Waiting, LineState::Halted] {
            assert_ne!(word_role(state, Aspect::Unlit), ColourRole::Clear);
        }
    }
}

//! The line one row high, for lists. Same four shapes as the large one, joined by a rail; the words are its label.

use domain::wire::signal::{Aspect, LineState};
use leptos::prelude::*;

use super::{line::line_class, signal::outline};

/// Distance from one station to the next, in the units of the view box (= pixels at the usual size).
const STEP: usize = 18;
/// Width of one signal.
const MARK: usize = 12;

const fn aspect_of(state: LineState) -> Aspect {
    match state {
        LineState::Passed => Aspect::Clear,
        LineState::Running => Aspect::Caution,
        LineState::Waiting => Aspect::Unlit,
        LineState::Halted => Aspect::Stop,
    }
}

const fn word_of(state: LineState) -> &'static str {
    match state {
        LineState::Passed => "passed",
        LineState::Running => "running",
        LineState::Waiting => "waiting",
        LineState::Halted => "halted",
    }
}

/// "stations 1 to 3 passed, station 4 running, stations 5 to 6 waiting".
fn describe(states: &[LineState]) -> String {
    let mut parts = Vec::new();
    let mut first = 0;
    for run in states.chunk_by(|a, b| a == b) {
        let last = first + run.len();
        let word = word_of(run[0]);
        parts.push(if run.len() == 1 {
            format!("station {last} {word}")
        } else {
            format!("stations {} to {last} {word}", first + 1)
        });
        first = last;
    }
    parts.join(", ")
}

#[component]
pub fn MiniLine(
    /// From station 1 on.
    states: Vec<LineState>,
    /// The reader's own station, counted from 1; underlined.
    #[prop(optional_no_strip)]
    yours: Option<u8>,
) -> impl IntoView {
    let label = match yours {
        Some(yours) => format!("{}; yours is station {yours}", describe(&states)),
        None => describe(&states),
    };
    let width = (states.len() * STEP).saturating_sub(STEP - MARK);
    let is_yours = move |i: usize| yours.is_some_and(|yours| usize::from(yours) == i + 1);
    view! {
        <svg
            class="mini-line"
            viewBox=format!("0 0 {width} 16")
            width=width.to_string()
            height="16"
            fill="currentColor"
            role="img"
            aria-label=label
        >
            {states
                .into_iter()
                .enumerate()
                .map(|(i, state)| {
                    let x = i * STEP;
                    view! {
                        <g class=line_class(state) transform=format!("translate({x} 0)")>
                            {(i > 0).then(|| view! { <path d="M-6 5h6v2h-6z"></path> })}
                            <path d=outline(aspect_of(state)) fill-rule="evenodd"></path>
                            {is_yours(i).then(|| view! { <path d="M1 14h10v2H1z"></path> })}
                        </g>
                    }
                })
                .collect_view()}
        </svg>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use LineState::{Halted, Passed, Running, Waiting};

    #[test]
    fn the_label_says_what_the_picture_shows() {
        assert_eq!(
            describe(&[Passed, Passed, Passed, Running, Waiting, Waiting]),
            "stations 1 to 3 passed, station 4 running, stations 5 to 6 waiting"
        );
        assert_eq!(describe(&[Halted]), "station 1 halted");
        assert_eq!(describe(&[]), "");
    }

    #[test]
    fn each_station_is_drawn_with_its_own_shape() {
        let html = view! { <MiniLine states=vec![Passed, Halted] yours=Some(2) /> }.to_html();
        assert!(html.contains(outline(Aspect::Clear)) && html.contains(outline(Aspect::Stop)), "{html}");
        assert!(html.contains("yours is station 2"), "{html}");
    }
}

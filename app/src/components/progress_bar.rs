//! How far something is, as a bar whose parts differ by shape as well as by colour: done is full height, failed is full
//! height after a gap, held is a thin line. The words are its label; put the numbers beside it where they matter.

use leptos::prelude::*;

/// Width of the view box; the bar stretches to its place.
const WIDTH: u64 = 1000;
/// A part that is there at all is never drawn thinner than this.
const LEAST: u64 = 8;

/// Width of one part. Small counts stay visible: one failure among 100,000 must not vanish.
fn width_of(count: u64, total: u64) -> u64 {
    if count == 0 || total == 0 { 0 } else { (count.min(total) * WIDTH / total).max(LEAST) }
}

#[component]
pub fn ProgressBar(
    done: u64,
    #[prop(optional)] failed: u64,
    /// Held, skipped or already satisfied: will not be done in this rollout.
    #[prop(optional)]
    held: u64,
    total: u64,
) -> impl IntoView {
    let label = format!("{done} of {total} done, {failed} failed, {held} held");
    let (failed_width, held_width) = (width_of(failed, total), width_of(held, total));
    let done_width = width_of(done, total).min(WIDTH.saturating_sub(failed_width + held_width));
    let held_x = done_width + failed_width;
    view! {
        <svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" height="8" role="img" aria-label=label>
            <rect class="progress-track" x="0" y="3" width="1000" height="2"></rect>
            <rect class="progress-done" x="0" y="0" width=done_width.to_string() height="8"></rect>
            {(failed > 0)
                .then(|| {
                    view! {
                        <rect
                            class="progress-failed"
                            x=(done_width + 2).to_string()
                            y="0"
                            width=failed_width.to_string()
                            height="8"
                        ></rect>
                    }
                })}
            {(held > 0)
                .then(|| {
                    view! {
                        <rect
                            class="progress-held"
                            x=(held_x + 4).to_string()
                            y="2"
                            width=held_width.to_string()
                            height="4"
                        ></rect>
                    }
                })}
        </svg>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn one_failure_among_many_is_still_seen() {
        assert_eq!(width_of(1, 100_000), LEAST);
        assert_eq!(width_of(0, 100_000), 0);
        assert_eq!(width_of(5, 0), 0);
        assert_eq!(width_of(50, 100), WIDTH / 2);
    }

    #[test]
    fn the_bar_says_its_numbers() {
        let html = view! { <ProgressBar done=517 failed=3 total=842 /> }.to_html();
        assert!(html.contains(r#"aria-label="517 of 842 done, 3 failed, 0 held""#), "{html}");
        assert!(html.contains("progress-failed") && !html.contains("progress-held"), "{html}");
        assert!(!html.contains("style="), "{html}");
    }
}

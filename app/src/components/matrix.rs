//! What is where: build by station, each number a link to the list behind it. The heat is one of ten classes, because a
//! style attribute would be refused; the number is the fact, the heat only helps the eye.

use leptos::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixCell {
    pub count: u64,
    /// The count as shown, with thousands apart.
    pub text: String,
    /// The list behind the number.
    pub href: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// A build or version; shown in monospace.
    pub head: String,
    /// What people call it: "PQU-7".
    pub name: String,
    pub cells: Vec<MatrixCell>,
    pub total: String,
}

const HEATS: [&str; 10] =
    ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5", "heat-6", "heat-7", "heat-8", "heat-9"];

/// The step of a count against the largest of the matrix. Roots, so that small stations do not all look empty.
fn heat(count: u64, largest: u64) -> &'static str {
    if count == 0 || largest == 0 {
        return HEATS[0];
    }
    let step = ((count * 81 / largest).isqrt()).clamp(1, 9);
    usize::try_from(step).map_or(HEATS[9], |step| HEATS[step])
}

#[component]
pub fn Matrix(
    #[prop(into)] caption: String,
    /// What stands above the row heads: "Build".
    #[prop(into)]
    corner: String,
    /// "Station 1" …
    columns: Vec<String>,
    rows: Vec<MatrixRow>,
) -> impl IntoView {
    let largest = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.count).max().unwrap_or(0);
    let name = caption.clone();
    view! {
        <div class="table-frame is-wide" role="group" aria-label=name tabindex="0">
            <table class="table matrix">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{corner}</th>
                        {columns
                            .into_iter()
                            .map(|column| {
                                view! {
                                    <th scope="col" class="num">
                                        {column}
                                    </th>
                                }
                            })
                            .collect_view()}
                        <th scope="col" class="num">
                            "All"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <MatrixLine row largest /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn MatrixLine(row: MatrixRow, largest: u64) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <code>{row.head}</code>
                " "
                <span class="muted">{row.name}</span>
            </th>
            {row
                .cells
                .into_iter()
                .map(|cell| {
                    let class = format!("num {}", heat(cell.count, largest));
                    if cell.count == 0 {
                        // Zero has no list behind it.
                        view! {
                            <td class=class>
                                <span class="muted">"0"</span>
                            </td>
                        }
                            .into_any()
                    } else {
                        view! {
                            <td class=class>
                                <a href=cell.href>{cell.text}</a>
                            </td>
                        }
                            .into_any()
                    }
                })
                .collect_view()}
            <td class="num">
                <strong>{row.total}</strong>
            </td>
        </tr>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn heat_runs_from_none_to_full_and_never_hides_a_count() {
        assert_eq!(heat(0, 100), "heat-0");
        assert_eq!(heat(1, 1_000_000), "heat-1");
        assert_eq!(heat(25, 100), "heat-4");
        assert_eq!(heat(100, 100), "heat-9");
        assert_eq!(heat(0, 0), "heat-0");
    }

    #[test]
    fn numbers_are_links_and_zero_is_not() {
        let cell = |count: u64| MatrixCell { count, text: count.to_string(), href: format!("?n={count}") };
        let row = MatrixRow {
            head: "10.0.2645.147".into(),
            name: "PQU-7".into(),
            cells: vec![cell(64), cell(0)],
            total: "64".into(),
        };
        let columns = vec!["Station 1".into(), "Station 2".into()];
        let html = view! { <Matrix caption="Where each build is" corner="Build" columns rows=vec![row] /> }.to_html();
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(html.contains("heat-9") && html.contains("heat-0") && !html.contains("style="), "{html}");
    }
}

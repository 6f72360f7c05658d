//! Tables where people work: sorted by links, head that stays, a list of labelled rows where there is no width.
//! The rows are the page's: `<tr><RowHead/><Cell/>…</tr>`. Always with a `tbody`, or the parser would add one and
//! hydration would fail.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

impl Order {
    const fn aria(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    label: String,
    numeric: bool,
    hidden: bool,
    sort: Option<(String, Option<Order>)>,
}

impl Column {
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false, hidden: false, sort: None }
    }

    /// Numbers stand at the end of their column.
    pub fn number(label: impl Into<String>) -> Self {
        Self { numeric: true, ..Self::text(label) }
    }

    /// A column of controls: its name is for screen readers only.
    pub fn hidden(label: impl Into<String>) -> Self {
        Self { hidden: true, ..Self::text(label) }
    }

    /// The head becomes a link to the same list in this order; `order` when the list is sorted by this column now.
    #[must_use]
    pub fn sorted(self, href: impl Into<String>, order: Option<Order>) -> Self {
        Self { sort: Some((href.into(), order)), ..self }
    }
}

#[component]
pub fn DataTable(
    /// What the table is about; names it and the group that scrolls.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    /// Stays a table at every width, in a region that scrolls (default: a list of labelled rows where it is narrow).
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    let name = caption.clone();
    let frame = if wide { "table-frame is-wide" } else { "table-frame" };
    view! {
        <div class=frame role="group" aria-label=name tabindex="0">
            <table class=if wide { "table" } else { "table cards" }>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{columns.into_iter().map(|column| view! { <ColumnHead column /> }).collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn ColumnHead(column: Column) -> impl IntoView {
    let Column { label, numeric, hidden, sort } = column;
    let class = numeric.then_some("num");
    let Some((href, order)) = sort else {
        let word = if hidden { "visually-hidden" } else { "" };
        return view! {
            <th scope="col" class=class>
                <span class=word>{label}</span>
            </th>
        }
        .into_any();
    };
    // Up, down, or both for a column that could be sorted by: shape, not colour, says which.
    let arrow = match order {
        Some(Order::Ascending) => "M5 1l4 6H1z",
        Some(Order::Descending) => "M1 5h8L5 11z",
        None => "M5 0l3.5 5h-7zM1.5 7h7L5 12z",
    };
    view! {
        <th scope="col" class=class aria-sort=order.map(Order::aria)>
            <a class="sort" href=href>
                {label}
                <svg viewBox="0 0 10 12" width="8" height="10" fill="currentColor" aria-hidden="true">
                    <path d=arrow></path>
                </svg>
            </a>
        </th>
    }
    .into_any()
}

/// The cell that names the row.
#[component]
pub fn RowHead(children: Children) -> impl IntoView {
    view! { <th scope="row">{children()}</th> }
}

/// A cell; `label` is what stands before it when the table has become a list.
#[component]
pub fn Cell(
    #[prop(into)] label: String,
    #[prop(optional)] numeric: bool,
    /// Short and never broken: a span of days, a duration.
    #[prop(optional)]
    tight: bool,
    children: Children,
) -> impl IntoView {
    let class = if numeric { Some("num") } else { tight.then_some("tight") };
    view! {
        <td class=class data-l=label>
            {children()}
        </td>
    }
}

/// The link of a row, in its head: the whole row is its target.
#[component]
pub fn RowLink(#[prop(into)] href: String, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <a class="row-link" href=href>
            {text}
        </a>
    }
}

/// The box that selects a row for a bulk action of the form around the table.
#[component]
pub fn SelectCell(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    /// "Select UAT of Contoso".
    #[prop(into)]
    label: String,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    view! {
        <td class="select-cell">
            <input type="checkbox" name=name value=value checked=checked aria-label=label />
        </td>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_caption_body_sort_state_and_labels() {
        let columns = vec![
            Column::text("Environment").sorted("?sort=-name", Some(Order::Ascending)),
            Column::number("Done").sorted("?sort=done", None),
        ];
        let html = view! {
            <DataTable caption="Environments" columns>
                <tr>
                    <RowHead>
                        <RowLink href="/environments/env_1" text="UAT" />
                    </RowHead>
                    <Cell label="Done" numeric=true>
                        "64"
                    </Cell>
                </tr>
            </DataTable>
        }
        .to_html();
        assert!(html.contains("<tbody><tr>"), "{html}");
        assert_eq!(html.matches("aria-sort=").count(), 1, "{html}");
        assert!(html.contains(r#"aria-sort="ascending""#) && html.contains(r#"href="?sort=-name""#), "{html}");
        assert!(html.contains(r#"data-l="Done""#) && html.contains(r#"<th scope="row">"#), "{html}");
        assert!(html.contains(r#"role="group""#) && html.contains(r#"aria-label="Environments""#), "{html}");
    }
}

//! Build by station; a number opens the list behind it.

use domain::wire::deployment::{DeploymentsParams, MatrixRow as BuildRow};
use leptos::prelude::*;

use super::{station_key, station_name};
use crate::{
    components::{Matrix, MatrixCell, MatrixRow, Panel},
    format::count,
    params,
};

#[component]
pub fn WhereItIs(filters: DeploymentsParams, stations: Vec<u8>, matrix: Vec<BuildRow>) -> impl IntoView {
    let rows: Vec<MatrixRow> = matrix.into_iter().map(|row| matrix_row(row, &stations, &filters)).collect();
    let columns = stations.into_iter().map(station_name).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Panel title="Where each build is" note="build by station; a number opens the list" flush=true>
                <Matrix caption="Environments by build and station" corner="Build" columns rows />
            </Panel>
        }
    })
}

fn matrix_row(row: BuildRow, stations: &[u8], filters: &DeploymentsParams) -> MatrixRow {
    let name = if row.train.is_empty() { row.service_update } else { format!("{} {}", row.service_update, row.train) };
    let cells = stations.iter().zip(&row.counts).map(|(station, number)| MatrixCell {
        count: *number,
        text: count(*number),
        href: params::deployments(&DeploymentsParams {
            q: row.build.clone(),
            station: station_key(*station),
            ..filters.clone()
        }),
    });
    MatrixRow { cells: cells.collect(), head: row.build.clone(), name, total: count(row.total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_opens_the_list_behind_it() {
        let row = BuildRow {
            build: "10.0.2645.147".into(),
            service_update: "10.0.48".into(),
            train: "PQU-7".into(),
            counts: vec![64, 1_031],
            total: 1_095,
        };
        let filters = DeploymentsParams { q: "10.0.2645".into(), kind: "sandbox".into(), ..Default::default() };
        let row = matrix_row(row, &[1, 0], &filters);
        assert_eq!(row.cells[0].href, "/support/deployments?q=10.0.2645.147&station=1&kind=sandbox");
        assert_eq!(row.cells[1].href, "/support/deployments?q=10.0.2645.147&station=none&kind=sandbox");
        assert_eq!((row.cells[1].text.as_str(), row.total.as_str()), ("1,031", "1,095"));
    }
}

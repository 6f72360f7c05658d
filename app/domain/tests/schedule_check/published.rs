//! Real schedules: each published error is found, and nothing else is. The expected lines were compared with the
//! published pages one by one.

use crate::support::{PUBLISHED_STATIONS, TRAINS, lines};
use crate::{row, told};
use domain::calendar::schedule_check::RawRow;

#[test]
fn from_2023_to_2026() {
    let rows: Vec<RawRow> = lines(include_str!("published.csv")).map(|(line, cells)| row(line, &cells)).collect();
    assert_eq!(told(&rows), include_str!("published.txt"));
}

/// In every published train of the catalogue the stated end is the first day of its last production weekend.
#[test]
fn the_trains_of_the_catalogue() {
    let mut rows = Vec::new();
    for (line, station) in lines(PUBLISHED_STATIONS) {
        let train = lines(TRAINS).find(|(_, cells)| format!("{} PQU-{}", cells[0], cells[1]) == station[0]);
        let [cutoff, start, end] = train.map_or(["", "", ""], |(_, cells)| [cells[2], cells[3], cells[4]]);
        let mut cells = vec![station[0], cutoff, start, end];
        cells.extend_from_slice(&station[1..]);
        rows.push(row(line, &cells));
    }
    assert_eq!(rows.len(), 44);
    assert_eq!(told(&rows), include_str!("catalogue.txt"));
}

/// The train table alone: one published start lies a year early.
#[test]
fn the_train_table_of_the_catalogue() {
    let rows: Vec<RawRow> = lines(TRAINS)
        .map(|(line, cells)| {
            let train = format!("{} PQU-{}", cells[0], cells[1]);
            row(line, &[&train, cells[2], cells[3], cells[4], "", "", "", "", ""])
        })
        .collect();
    assert!(rows.len() > 50);
    let expected = "line 8: 10.0.46 PQU-1: start 2025-02-09: year 2025 does not fit the other dates of the train, \
                    likely 2026-02-09\n";
    assert_eq!(told(&rows), expected);
}

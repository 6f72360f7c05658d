//! `signalbox schedule check`: names each impossible or contradictory date of a published schedule.
//! Exit code 1 where there is one, 2 where the file cannot be read. A line that has not as many cells as the header is
//! named, and the others are checked. The rules are in `domain`.

use super::output::{print, refuse};
use clap::{Args, Subcommand};
use domain::calendar::schedule_check::{Column, RawRow, Rules, check};
use domain::number::counted;
use services::catalogue::table::{Table, TableError, read_text};
use services::catalogue::{self, CatalogueError, Source};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Find impossible and contradictory dates in a published schedule.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// CSV with the columns `train,cutoff,start,end,station,sandbox_start,sandbox_end,production_start,production_end`;
    /// dates as YYYY-MM-DD, empty where there is none.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Directory with an operator's catalogue, in place of the shipped one: its cadences say what is allowed.
    #[arg(long, value_name = "DIR")]
    catalogue: Option<PathBuf>,
}

pub fn run(command: &ScheduleCommand) -> anyhow::Result<ExitCode> {
    let ScheduleCommand::Check(args) = command;
    let (rows, found) = match checked(args) {
        Ok(checked) => checked,
        Err(error) => return Ok(refuse(&error)),
    };
    if found.is_empty() {
        print(&format!("{}\n", all_fits(&rows)))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&found.iter().fold(String::new(), |told, line| told + line + "\n"))?;
    Ok(ExitCode::FAILURE)
}

/// The lines that can be checked, and a sentence for each that cannot and for each wrong date.
fn checked(args: &CheckArgs) -> Result<(Vec<RawRow>, Vec<String>), CatalogueError> {
    let catalogue = catalogue::load(&Source::given(args.catalogue.as_deref())?)?;
    let (rows, ragged) = read(&args.file)?;
    let findings = check(&rows, &Rules::of(&catalogue.cadences));
    let found = ragged.iter().map(ToString::to_string).chain(findings.iter().map(ToString::to_string)).collect();
    Ok((rows, found))
}

fn read(path: &Path) -> Result<(Vec<RawRow>, Vec<TableError>), TableError> {
    let (table, ragged) = Table::lenient(&path.display().to_string(), &read_text(path)?, &Column::NAMES)?;
    let rows = table.into_rows().into_iter().map(|(line, cells)| {
        let mut cells = cells.into_iter();
        RawRow { line, cells: std::array::from_fn(|_| cells.next().unwrap_or_default()) }
    });
    Ok((rows.collect(), ragged))
}

fn all_fits(rows: &[RawRow]) -> String {
    let trains: BTreeSet<&str> = rows.iter().map(|row| row.cell(Column::Train)).filter(|t| !t.is_empty()).collect();
    format!(
        "No impossible or contradictory date in {} of {}.",
        counted(rows.len() as u64, "line", "lines"),
        counted(trains.len() as u64, "train", "trains")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    const HEADER: &str = "train,cutoff,start,end,station,sandbox_start,sandbox_end,production_start,production_end";
    const STATION_4: &str =
        "10.0.41 PQU-5,2025-02-26,2025-03-03,2025-04-06,4,2025-03-17,2025-03-20,2025-03-29,2025-03-30";

    /// What the command finds in a file with this content, or why it cannot read it.
    fn told(content: &[u8]) -> Result<Vec<String>, String> {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("schedule.csv");
        fs::write(&file, content).unwrap();
        let checked = checked(&CheckArgs { file, catalogue: None });
        let path = format!("{}/", directory.path().display());
        let without_path = |text: String| text.replace(&path, "");
        let (_, found) = checked.map_err(|error| without_path(error.to_string()))?;
        Ok(found.into_iter().map(without_path).collect())
    }

    fn exit_code(content: Option<&[u8]>) -> ExitCode {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("schedule.csv");
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
        }
        run(&ScheduleCommand::Check(CheckArgs { file, catalogue: None })).unwrap()
    }

    #[test]
    fn a_published_error_is_named_with_its_line() {
        let wrong = STATION_4.replace("2025-03-30", "2025-04-30");
        let content = format!("# copied by hand\n{HEADER}\n\n{wrong}\n");
        let expected = "line 4: 10.0.41 PQU-5 station 4: production_end 2025-04-30: window of 33 days, at most 2 \
                        allowed; outside the train, 24 days after its end 2025-04-06";
        assert_eq!(told(content.as_bytes()).unwrap(), [expected]);
        assert_eq!(exit_code(Some(content.as_bytes())), ExitCode::from(1));
    }

    #[test]
    fn a_schedule_that_fits_has_a_sentence() {
        let content = format!("{HEADER}\n{STATION_4}\n");
        assert_eq!(told(content.as_bytes()).unwrap(), [""; 0]);
        assert_eq!(exit_code(Some(content.as_bytes())), ExitCode::SUCCESS);
        let rows = [RawRow { line: 2, cells: Column::NAMES.map(str::to_owned) }];
        assert_eq!(all_fits(&rows), "No impossible or contradictory date in 1 line of 1 train.");
    }

    #[test]
    fn columns_in_another_order_and_more_of_them() {
        let content = "note,station,train,cutoff,start,end,production_end,production_start,sandbox_end,sandbox_start\n\
                       x,4,10.0.41 PQU-5,2025-02-26,2025-03-03,2025-04-06,2025-03-30,2025-03-29,2025-03-20,2025-03-17\n";
        assert_eq!(told(content.as_bytes()).unwrap(), [""; 0]);
    }

    #[test]
    fn a_line_of_another_length_is_named_and_the_others_are_checked() {
        let wrong = STATION_4.replace("2025-03-30", "2025-03-28");
        let found = told(format!("{HEADER}\n10.0.41 PQU-5,2025-02-26\n{wrong}\n").as_bytes()).unwrap();
        assert_eq!(found[0], "schedule.csv line 2 has 2 cells, the header has 9");
        assert!(
            found.len() == 2 && found[1].starts_with("line 3: 10.0.41 PQU-5 station 4: production_end"),
            "{found:?}"
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let missing = told(b"train,cutoff\n").unwrap_err();
        assert!(missing.starts_with("schedule.csv has no column `start`; columns needed"), "{missing}");
        assert!(missing.ends_with(HEADER), "{missing}");
        assert_eq!(told(b"train\n\xff\n").unwrap_err(), "schedule.csv is not UTF-8 text: line 2");
        assert_eq!(exit_code(Some(b"")), ExitCode::from(2));
        assert_eq!(exit_code(None), ExitCode::from(2));
    }
}

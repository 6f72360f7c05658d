//! `signalbox plan`: the windows of every station and audience of a train that starts on a day.

use super::output::{print, refuse};
use chrono::{Datelike, NaiveDate};
use clap::{Args, ValueEnum};
use domain::calendar::{StageWindow, iso_date};
use domain::catalogue::Catalogue;
use domain::fleet::{Audience, StationNumber};
use serde::Serialize;
use services::catalogue::{self, CatalogueError, Source};
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Cadence of the catalogue: `monthly`, `biweekly`, or an operator's own.
    #[arg(long)]
    cadence: String,
    /// First day of the train, YYYY-MM-DD.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = iso_date)]
    start: NaiveDate,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Directory with an operator's catalogue, in place of the shipped one.
    #[arg(long, value_name = "DIR")]
    catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Debug, Error)]
enum PlanError {
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    #[error("the catalogue has no cadence `{given}`; it has {known}")]
    Cadence { given: String, known: String },
    #[error("a train that starts on {0} ends after the year 9999")]
    TooLate(NaiveDate),
}

pub fn run(args: &PlanArgs) -> anyhow::Result<ExitCode> {
    let windows = match windows(args) {
        Ok(windows) => windows,
        Err(error) => return Ok(refuse(&error)),
    };
    print(&match args.format {
        Format::Json => json(&windows)?,
        Format::Table => table(&windows),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn windows(args: &PlanArgs) -> Result<Vec<StageWindow>, PlanError> {
    let catalogue = catalogue::load(&Source::given(args.catalogue.as_deref())?)?;
    let cadence = catalogue.cadence(&args.cadence).ok_or_else(|| unknown(&catalogue, &args.cadence))?;
    let windows = cadence.windows(args.start);
    // A later year has five digits, and a date with it is no ISO date any more.
    if windows.iter().any(|window| window.last.year() > 9999) {
        return Err(PlanError::TooLate(args.start));
    }
    Ok(windows)
}

fn unknown(catalogue: &Catalogue, given: &str) -> PlanError {
    let names: Vec<&str> = catalogue.cadences.iter().map(|cadence| cadence.name.as_str()).collect();
    PlanError::Cadence { given: given.to_owned(), known: names.join(", ") }
}

/// One stage as programs read it.
#[derive(Serialize)]
struct JsonWindow {
    station: StationNumber,
    audience: Audience,
    start: NaiveDate,
    end: NaiveDate,
}

fn json(windows: &[StageWindow]) -> serde_json::Result<String> {
    let rows: Vec<JsonWindow> = windows
        .iter()
        .map(|window| JsonWindow {
            station: window.stage.station,
            audience: window.stage.audience,
            start: window.first,
            end: window.last,
        })
        .collect();
    serde_json::to_string(&rows).map(|text| text + "\n")
}

/// One stage a line, as people read it.
fn table(windows: &[StageWindow]) -> String {
    let header = format!("{:<8} {:<11} {:<15} {}\n", "Station", "Audience", "First day", "Last day");
    windows.iter().fold(header, |text, window| {
        let stage = window.stage;
        let station = stage.station.to_string();
        let (first, last) = (window.first.format("%a %Y-%m-%d").to_string(), window.last.format("%a %Y-%m-%d"));
        text + &format!("{station:<8} {:<11} {first:<15} {last}\n", stage.audience.word())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Plan {
        #[command(flatten)]
        args: PlanArgs,
    }

    fn plan(flags: &[&str]) -> Result<PlanArgs, clap::Error> {
        Plan::try_parse_from(std::iter::once(&"plan").chain(flags)).map(|plan| plan.args)
    }

    #[test]
    fn json_of_10_0_48_pqu_7() {
        let args = plan(&["--cadence", "biweekly", "--start", "2026-09-30", "--format", "json"]).unwrap();
        let expected = concat!(
            r#"[{"station":1,"audience":"sandbox","start":"2026-09-30","end":"2026-10-03"},"#,
            r#"{"station":2,"audience":"sandbox","start":"2026-10-05","end":"2026-10-08"},"#,
            r#"{"station":2,"audience":"production","start":"2026-10-10","end":"2026-10-11"},"#,
            r#"{"station":3,"audience":"sandbox","start":"2026-10-05","end":"2026-10-08"},"#,
            r#"{"station":3,"audience":"production","start":"2026-10-10","end":"2026-10-11"},"#,
            r#"{"station":4,"audience":"sandbox","start":"2026-10-12","end":"2026-10-15"},"#,
            r#"{"station":4,"audience":"production","start":"2026-10-17","end":"2026-10-18"},"#,
            r#"{"station":5,"audience":"sandbox","start":"2026-10-19","end":"2026-10-22"},"#,
            r#"{"station":5,"audience":"production","start":"2026-10-24","end":"2026-10-25"},"#,
            r#"{"station":6,"audience":"sandbox","start":"2026-10-19","end":"2026-10-22"},"#,
            r#"{"station":6,"audience":"production","start":"2026-10-24","end":"2026-10-25"}]"#,
            "\n"
        );
        assert_eq!(json(&windows(&args).unwrap()).unwrap(), expected);
    }

    #[test]
    fn the_table_of_10_0_44_pqu_8() {
        let args = plan(&["--cadence", "monthly", "--start", "2026-01-26"]).unwrap();
        assert_eq!(args.format, Format::Table);
        let expected = "\
Station  Audience    First day       Last day
1        Sandbox     Mon 2026-01-26  Thu 2026-01-29
2        Sandbox     Mon 2026-02-02  Thu 2026-02-05
2        Production  Sat 2026-02-14  Sun 2026-02-15
3        Sandbox     Tue 2026-02-03  Fri 2026-02-06
3        Production  Sat 2026-02-14  Sun 2026-02-15
4        Sandbox     Mon 2026-02-09  Thu 2026-02-12
4        Production  Sat 2026-02-21  Sun 2026-02-22
5        Sandbox     Mon 2026-02-16  Thu 2026-02-19
5        Production  Sat 2026-02-28  Sun 2026-03-01
6        Sandbox     Tue 2026-02-17  Fri 2026-02-20
6        Production  Sat 2026-02-28  Sun 2026-03-01
";
        assert_eq!(table(&windows(&args).unwrap()), expected);
    }

    #[test]
    fn an_unknown_cadence_is_refused_with_the_known_ones() {
        let args = plan(&["--cadence", "weekly", "--start", "2026-01-26"]).unwrap();
        let told = windows(&args).unwrap_err().to_string();
        assert_eq!(told, "the catalogue has no cadence `weekly`; it has monthly, biweekly");
        assert_eq!(run(&args).unwrap(), ExitCode::from(2));
    }

    #[test]
    fn a_train_that_leaves_the_calendar_is_refused() {
        let args = plan(&["--cadence", "monthly", "--start", "9999-12-01"]).unwrap();
        assert_eq!(
            windows(&args).unwrap_err().to_string(),
            "a train that starts on 9999-12-01 ends after the year 9999"
        );
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for start in ["2026-02-30", "26-01-26", "tomorrow", ""] {
            let error = plan(&["--cadence", "monthly", "--start", start]).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{start}");
            assert!(error.to_string().contains("--start"), "{error}");
        }
    }
}

//! What is known of an environment, as label and value. Unknown parts are said to be unknown, never guessed.

use chrono::Weekday;
use domain::calendar::{DarkHours, MaintenanceDays};
use domain::fleet::{EnvironmentKind, Region};
use store::environment::Environment;

pub(super) fn facts(environment: &Environment, region: Option<&Region>) -> Vec<(String, String)> {
    let platform = environment.platform.map_or_else(|| "not reported".to_owned(), |build| build.to_string());
    let mut facts = vec![
        ("Id", environment.id.to_string()),
        ("Platform", platform),
        ("Region", place(environment, region)),
        ("Dark hours", dark_hours(region)),
        ("Days", days(environment)),
    ];
    if environment.kind == EnvironmentKind::Production {
        let on = if environment.priority_batch { "on" } else { "off" };
        facts.push(("Batch", format!("Priority-based scheduling {on}")));
    }
    facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

fn place(environment: &Environment, region: Option<&Region>) -> String {
    let name = region.map_or(environment.region.as_str(), |region| region.name.as_str());
    match environment.station {
        Some(station) => format!("{name}, station {station}"),
        None => format!("{name}, no station yet"),
    }
}

fn dark_hours(region: Option<&Region>) -> String {
    match region.and_then(|region| region.dark_hours) {
        Some(hours) => hours_text(hours),
        None => "Not published for this region".to_owned(),
    }
}

fn hours_text(hours: DarkHours) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
    let start = hours.start_minute();
    format!("{}–{} UTC", clock(start), clock(start + hours.length_minutes()))
}

fn days(environment: &Environment) -> String {
    match environment.days() {
        MaintenanceDays::AnyNight => "Any night".to_owned(),
        MaintenanceDays::Weekend => "Weekend nights".to_owned(),
        MaintenanceDays::Chosen(days) => {
            let mut day = Weekday::Mon;
            let mut names = Vec::new();
            for _ in 0..7 {
                if days.holds(day) {
                    names.push(day.to_string());
                }
                day = day.succ();
            }
            format!("{}, as you chose", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_hours_read_across_midnight() {
        let text = |start, length| hours_text(DarkHours::new(start, length, Weekday::Fri).unwrap());
        assert_eq!(text(22 * 60, 360), "22:00–04:00 UTC");
        assert_eq!(text(4 * 60, 360), "04:00–10:00 UTC");
        assert_eq!(text(18 * 60 + 30, 360), "18:30–00:30 UTC");
    }
}

//! What was asked, read leniently: a filter that does not read is no filter, because links outlive words.

use crate::words::kind_from_key;
use domain::fleet::StationNumber;
use domain::release::{BuildVersion, ServiceUpdate};
use domain::wire::deployment::DeploymentsParams;
use domain::wire::signal::UpdateStateWord;
use store::deployment::{AtStation, DeploymentFilter, TextMatch};

pub(super) fn filter(params: &DeploymentsParams) -> DeploymentFilter {
    DeploymentFilter {
        text: TextMatch::of(&params.q),
        station: station(&params.station),
        region: Some(params.region.trim().to_owned()).filter(|slug| !slug.is_empty()),
        state: UpdateStateWord::from_key(&params.state),
        kind: kind_from_key(&params.kind),
        ..DeploymentFilter::default()
    }
}

fn station(text: &str) -> Option<AtStation> {
    match text {
        "none" => Some(AtStation::Nowhere),
        number => number.parse().ok().filter(|n| *n > 0).map(|n| AtStation::Number(StationNumber(n))),
    }
}

/// How the text was understood, so that a surprising answer explains itself.
pub(super) fn understood(text: Option<&TextMatch>) -> String {
    match text {
        None => "All environments".to_owned(),
        Some(TextMatch::Version(begin)) if begin.parse::<BuildVersion>().is_ok() => {
            format!("Builds that begin with {begin}")
        }
        Some(TextMatch::Version(begin)) if begin.parse::<ServiceUpdate>().is_ok() => {
            format!("Service update {begin}, and builds that begin with {begin}")
        }
        Some(TextMatch::Version(begin)) => format!("Service updates and builds that begin with {begin}"),
        Some(TextMatch::Name(part)) => format!("Customers and environments whose name contains “{part}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fleet::EnvironmentKind;

    #[test]
    fn text_is_understood_and_said() {
        for (text, expected) in [
            ("", "All environments"),
            ("  ", "All environments"),
            ("10.0.2645", "Service update 10.0.2645, and builds that begin with 10.0.2645"),
            ("10.0.48", "Service update 10.0.48, and builds that begin with 10.0.48"),
            ("10.0.2645.147", "Builds that begin with 10.0.2645.147"),
            ("10.0.2645.", "Service updates and builds that begin with 10.0.2645."),
            ("contoso", "Customers and environments whose name contains “contoso”"),
        ] {
            let params = DeploymentsParams { q: text.into(), ..DeploymentsParams::default() };
            assert_eq!(understood(filter(&params).text.as_ref()), expected);
        }
    }

    #[test]
    fn filters_that_do_not_read_are_none() {
        let read = filter(&DeploymentsParams {
            station: "none".into(),
            region: "north-europe".into(),
            kind: "sandbox".into(),
            state: "held".into(),
            ..DeploymentsParams::default()
        });
        assert_eq!(read.station, Some(AtStation::Nowhere));
        assert_eq!(read.region.as_deref(), Some("north-europe"));
        assert_eq!(read.kind, Some(EnvironmentKind::Sandbox));
        assert_eq!(read.state, Some(UpdateStateWord::Held));
        for nonsense in ["0", "-1", "300", "first", "*"] {
            let params = DeploymentsParams {
                station: nonsense.into(),
                kind: nonsense.into(),
                state: nonsense.into(),
                ..DeploymentsParams::default()
            };
            assert_eq!(filter(&params), DeploymentFilter::default(), "{nonsense}");
        }
    }
}

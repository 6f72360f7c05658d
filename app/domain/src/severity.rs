//! How bad an incident is. One scale for recovery and the emergency path, so that both are handled by the same protocol
//! (seed "Emergency SDP protocols").

use serde::{Deserialize, Serialize};

/// In ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A nuisance with a workaround.
    Low,
    /// A function is hurt; work goes on.
    Medium,
    /// Work stops for some.
    High,
    /// Work stops for many, or data or secrets are at risk.
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// The form used in the database, in URLs and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_back_and_order_is_by_harm() {
        assert!(Severity::ALL.is_sorted());
        assert!(Severity::ALL.into_iter().all(|severity| Severity::from_key(severity.key()) == Some(severity)));
        assert_eq!(Severity::from_key("Critical"), None);
    }
}

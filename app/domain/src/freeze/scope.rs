//! Whose environments a freeze is for.

use crate::fleet::Cloud;
use crate::ids::{CustomerId, EnvironmentId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum FreezeScope {
    Global,
    Cloud {
        cloud: Cloud,
    },
    /// `region` is its slug.
    Region {
        region: String,
    },
    Customer {
        customer: CustomerId,
    },
    Environment {
        environment: EnvironmentId,
    },
}

/// Where an environment is, as far as freezes care. Borrowed: the planner asks a million times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub cloud: Cloud,
    /// The slug.
    pub region: &'a str,
    pub customer: CustomerId,
    pub environment: EnvironmentId,
}

impl FreezeScope {
    /// The form used in the database, in URLs and in the API.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Cloud { .. } => "cloud",
            Self::Region { .. } => "region",
            Self::Customer { .. } => "customer",
            Self::Environment { .. } => "environment",
        }
    }

    pub fn applies_to(&self, place: Place<'_>) -> bool {
        match self {
            Self::Global => true,
            Self::Cloud { cloud } => *cloud == place.cloud,
            Self::Region { region } => region == place.region,
            Self::Customer { customer } => *customer == place.customer,
            Self::Environment { environment } => *environment == place.environment,
        }
    }
}

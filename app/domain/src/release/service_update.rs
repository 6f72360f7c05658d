//! The life of a service update, as dates.

use super::version::ServiceUpdate;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Published dates of one service update; source `catalogue/service_updates.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUpdateDates {
    pub number: ServiceUpdate,
    pub label: String,
    pub major: bool,
    pub preview: NaiveDate,
    pub general_availability: NaiveDate,
    pub end_of_service: NaiveDate,
}

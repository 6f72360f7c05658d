//! One change of a build. "Flighting will be used to group all changes in a proactive quality update" (seed).

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildChange {
    /// As its own system names it.
    pub id: String,
    pub title: String,
    /// The key of the flight that guards it; `None`: nothing does.
    #[serde(default)]
    pub flight: Option<String>,
}

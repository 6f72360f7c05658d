//! The choices of filters that several pages offer.

use domain::fleet::EnvironmentKind;
use domain::wire::signal::UpdateStateWord;

use crate::components::SelectOption;

/// What a filter says when it filters nothing.
pub fn all() -> SelectOption {
    SelectOption::new("", "All")
}

pub fn kinds() -> Vec<SelectOption> {
    use EnvironmentKind::{Production, Sandbox, Trial};
    std::iter::once(all())
        .chain(
            [Production, Sandbox, Trial].map(|kind| SelectOption::new(kind.word().to_ascii_lowercase(), kind.word())),
        )
        .collect()
}

pub fn states(offered: &[UpdateStateWord]) -> Vec<SelectOption> {
    std::iter::once(all()).chain(offered.iter().map(|state| SelectOption::new(state.key(), state.word()))).collect()
}

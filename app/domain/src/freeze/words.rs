//! The sentences of freezes. A customer sees only freezes that apply to its own environments, so no name leaks.

use super::{Freeze, FreezePreview, FreezeScope, FreezeState, MonthDay, Span};
use crate::clockface::Clockface;
use crate::fleet::Cloud;
use crate::ids::CustomerId;
use crate::number::counted;
use crate::rollout::words::Names;
use chrono::NaiveDate;

/// Names of regions and customers, beside those of environments.
pub trait FreezeNames: Names {
    /// Of a slug.
    fn region(&self, slug: &str) -> String;
    fn customer(&self, id: CustomerId) -> String;
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl MonthDay {
    /// `24 Dec`
    pub fn words(self) -> String {
        let month = MONTHS.get(usize::from(self.month()) - 1).copied().unwrap_or_default();
        format!("{} {month}", self.day())
    }
}

const fn cloud_words(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Public => "the public cloud",
        Cloud::Gcc => "the government cloud (GCC)",
        Cloud::Dod => "the defence cloud (DoD)",
        Cloud::China => "the cloud in China",
    }
}

impl FreezeScope {
    /// Follows "for": `every environment`, `North Europe`, `all environments of Contoso`.
    pub fn words(&self, names: &dyn FreezeNames) -> String {
        match self {
            Self::Global => "every environment".to_owned(),
            Self::Cloud { cloud } => cloud_words(*cloud).to_owned(),
            Self::Region { region } => names.region(region),
            Self::Customer { customer } => format!("all environments of {}", names.customer(*customer)),
            Self::Environment { environment } => names.environment(*environment),
        }
    }
}

impl Span {
    /// `the nights of 20 Dec 2026–3 Jan 2027`, `every year the nights of 20 Dec–3 Jan`
    pub fn words(self, clock: &dyn Clockface) -> String {
        match (self.dates(), self.days()) {
            (Some((first, last)), _) if first == last => format!("the night of {}", clock.date(first)),
            (Some((first, last)), _) => format!("the nights of {}", clock.dates(first, last)),
            (None, Some((first, last))) if first == last => format!("every year the night of {}", first.words()),
            (None, Some((first, last))) => format!("every year the nights of {}–{}", first.words(), last.words()),
            (None, None) => String::new(),
        }
    }
}

impl Freeze {
    /// What it does, for whom and why; of a lifted one, who lifted it.
    pub fn sentence(&self, clock: &dyn Clockface, names: &dyn FreezeNames) -> String {
        let (scope, span) = (self.scope.words(names), self.span.words(clock));
        match &self.state {
            FreezeState::Set => format!("Frozen for {scope}, {span}: {}", self.reason),
            FreezeState::Lifted { lift } => {
                format!("The freeze for {scope}, {span}, was lifted by {}: {}", lift.by.name, lift.reason)
            }
        }
    }

    /// Why an environment waits on this date, and until when at least. `free` is what [`super::Freezes::free_from`]
    /// answered.
    pub fn holds_back(&self, free: Option<NaiveDate>, clock: &dyn Clockface, names: &dyn FreezeNames) -> String {
        let next = match free {
            Some(date) => format!("the first night that is free is {}", clock.date(date)),
            None => "no night is free within two years".to_owned(),
        };
        format!("Frozen for {}: {}; {next}", self.scope.words(names), self.reason.trim_end_matches('.'))
    }
}

impl FreezePreview {
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        let announced = match self.dates {
            None => "No announced night falls into it.".to_owned(),
            Some((first, last)) => format!(
                "{} of {} fall into it ({}). Each is moved and its owner is told.",
                counted(self.nights.into(), "announced night", "announced nights"),
                counted(self.environments.into(), "environment", "environments"),
                clock.dates(first, last)
            ),
        };
        if self.expected == 0 {
            return announced;
        }
        let expected = counted(self.expected.into(), "environment is", "environments are");
        format!("{announced} {expected} expected in it and not told of a night yet: another one is chosen.")
    }
}

//! What programs ask with instead of a session: agents and pipelines for environments, listening systems for signals.
//! A token is made by an operator, is shown once and stands in the database as a hash.
//! Not here: making and hashing them (`services::token`), HTTP.

use crate::ids::{CustomerId, EnvironmentId, TokenId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// An environment's agent, or a pipeline that updates several.
    Agent,
    /// A source of health signals and incidents.
    ListeningSystem,
}

impl TokenKind {
    pub const ALL: [Self; 2] = [Self::Agent, Self::ListeningSystem];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::ListeningSystem => "listening-system",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Whose environments a token reaches. What it does not reach does not exist for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reach", rename_all = "snake_case")]
pub enum TokenReach {
    /// One for an agent, several for a pipeline; never none.
    Environments { environments: Vec<EnvironmentId> },
    /// All of one customer, also those that come later.
    Customer { customer: CustomerId },
    /// No environment by itself: listening systems speak of builds and regions.
    Signals,
}

/// A program that asks with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub token: TokenId,
    pub name: String,
    pub kind: TokenKind,
    pub reach: TokenReach,
}

impl TokenReach {
    pub fn reaches(&self, environment: EnvironmentId, of: CustomerId) -> bool {
        match self {
            Self::Environments { environments } => environments.contains(&environment),
            Self::Customer { customer } => *customer == of,
            Self::Signals => false,
        }
    }

    /// The environment that is meant where none is named.
    pub fn only(&self) -> Option<EnvironmentId> {
        match self {
            Self::Environments { environments } => match environments.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            Self::Customer { .. } | Self::Signals => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_reaches_what_it_names_and_nothing_else() {
        let environment = |number| EnvironmentId::new(Uuid::from_u128(number));
        let customer = |number| CustomerId::new(Uuid::from_u128(number));
        let one = TokenReach::Environments { environments: vec![environment(1)] };
        let two = TokenReach::Environments { environments: vec![environment(1), environment(2)] };
        let all = TokenReach::Customer { customer: customer(1) };
        let reached =
            |reach: &TokenReach| [(1, 1), (2, 1), (3, 2)].map(|(e, c)| reach.reaches(environment(e), customer(c)));
        assert_eq!(reached(&one), [true, false, false]);
        assert_eq!(reached(&two), [true, true, false]);
        assert_eq!(reached(&all), [true, true, false]);
        assert_eq!(reached(&TokenReach::Signals), [false; 3]);
        assert_eq!([&one, &two, &all].map(TokenReach::only), [Some(environment(1)), None, None]);
        for kind in TokenKind::ALL {
            assert_eq!(TokenKind::from_key(kind.key()), Some(kind));
        }
    }
}

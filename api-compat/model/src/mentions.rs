//! Whom a message may ping. See [Discord Docs/Message/Allowed Mentions Object].

use crate::Number;
use serde::Deserialize;

/// What a client lets a message ping; without one, everything it mentions.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct AllowedMentions {
    /// `users`, `roles`, `everyone`: all of that kind.
    pub parse: Option<Vec<String>>,
    /// Whether the author of the answered message is pinged.
    pub replied_user: Option<bool>,
    /// These roles.
    #[serde(default)]
    pub roles: Vec<Number>,
    /// These people.
    #[serde(default)]
    pub users: Vec<Number>,
}

impl AllowedMentions {
    /// Whether all of a kind are pinged.
    #[must_use]
    pub fn parses(&self, kind: &str) -> bool {
        self.parse.iter().flatten().any(|each| each == kind)
    }
}

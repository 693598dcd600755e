//! Whom a message may ping. See [Discord Docs/Message/Allowed Mentions Object].

use crate::{Number, null_as_absent};
use serde::Deserialize;

/// What a client lets a message ping; without one, everything it mentions.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct AllowedMentions {
    /// `users`, `roles`, `everyone`: all of that kind.
    pub parse: Option<Vec<String>>,
    /// Whether the author of the answered message is pinged.
    pub replied_user: Option<bool>,
    /// These roles.
    #[serde(default, deserialize_with = "null_as_absent")]
    pub roles: Vec<Number>,
    /// These people.
    #[serde(default, deserialize_with = "null_as_absent")]
    pub users: Vec<Number>,
}

impl AllowedMentions {
    /// Whether all of a kind are pinged.
    #[must_use]
    pub fn parses(&self, kind: &str) -> bool {
        self.parse.iter().flatten().any(|each| each == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_null_names_nobody() {
        let read = |json: &str| serde_json::from_str::<AllowedMentions>(json).unwrap();
        let nulls = read(r#"{"parse":null,"replied_user":null,"roles":null,"users":null}"#);
        assert_eq!(nulls, read("{}"));
    }
}

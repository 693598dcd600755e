//! What a message points at.

use crate::{Number, null_as_absent};
use serde::{Deserialize, Deserializer};

/// The message that a new one answers or passes on. See [Discord Docs/Message/Message Reference Structure].
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct MessageReference {
    /// Whether a missing message refuses the answer; it does unless this is false.
    #[serde(default = "yes", deserialize_with = "yes_unless_said")]
    pub fail_if_not_exists: bool,
    /// 0 an answer, 1 a forward.
    #[serde(rename = "type", default, deserialize_with = "null_as_absent")]
    pub kind: u8,
    /// Which.
    pub message_id: Number,
    /// Where it stands; of an answer it is the channel one writes in.
    #[serde(default)]
    pub channel_id: Option<Number>,
}

const fn yes() -> bool {
    true
}

fn yes_unless_said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::deserialize(deserializer).map(|said| said.unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_with_nulls_is_one_without() {
        let read = |json: &str| serde_json::from_str::<MessageReference>(json).unwrap();
        let nulls = read(r#"{"message_id":"7","type":null,"fail_if_not_exists":null,"channel_id":null}"#);
        assert_eq!(nulls, read(r#"{"message_id":7}"#));
        assert!(nulls.fail_if_not_exists);
    }
}

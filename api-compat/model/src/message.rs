//! What a message points at.

use crate::Number;
use serde::Deserialize;

/// The message that a new one answers. See [Discord Docs/Message/Message Reference Structure].
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct MessageReference {
    /// Whether a missing message refuses the answer; it does unless this is false.
    #[serde(default = "yes")]
    pub fail_if_not_exists: bool,
    /// 0 an answer, 1 a forward.
    #[serde(rename = "type", default)]
    pub kind: u8,
    /// Which.
    pub message_id: Number,
}

const fn yes() -> bool {
    true
}

//! What travels: client frames parsed once into values, server frames written by hand around bytes that exist already.

use super::caption::ChannelInfoWish;
use super::close::CloseCode;
use super::voice::VoiceWish;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// Longest frame a client may send, in bytes; Discord's number.
pub(crate) const CLIENT_FRAME_MAX: usize = 4096;

/// What a client says.
#[derive(Debug)]
pub(crate) enum ClientFrame {
    /// Op 1: alive, and everything up to this number has arrived.
    Heartbeat { seq: Option<u64> },
    /// Op 2: a new gateway session.
    Identify(Box<Identify>),
    /// Op 3: how the account wants to be seen.
    Presence(Box<PresenceWish>),
    /// Op 6: an old gateway session, from a number on.
    Resume(Resume),
    /// Op 8: members of a guild.
    RequestMembers(MembersWish),
    /// Op 4: in which voice channel the account is.
    Voice(VoiceWish),
    /// Op 43: what is known of a guild's channels for the moment.
    RequestChannelInfo(ChannelInfoWish),
    /// An op that exists on Discord and has nothing to say here.
    Ignored,
}

/// A token as it was shown. Never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Token(String);

impl Token {
    /// Its text without the `Bot ` that some libraries put before it.
    pub(crate) fn text(&self) -> &str {
        self.0.strip_prefix("Bot ").unwrap_or(&self.0)
    }

    /// What a browser brought with the upgrade.
    pub(crate) fn from_cookie(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A page leaves its token out, for it cannot read it: then the cookie speaks.
    pub(crate) fn or_cookie(&mut self, cookie: Option<&Self>) {
        if let (true, Some(cookie)) = (self.0.is_empty(), cookie) {
            self.clone_from(cookie);
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Op 2's data, as far as it counts here.
#[derive(Debug, Deserialize)]
pub(crate) struct Identify {
    pub(crate) token: Token,
    /// Bots must say; people get everything.
    pub(crate) intents: Option<u64>,
    /// Guilds up to this size come with all their members.
    pub(crate) large_threshold: Option<u64>,
    /// Number of this shard, and how many there are.
    pub(crate) shard: Option<(u64, u64)>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) presence: Option<PresenceWish>,
}

/// Op 6's data.
#[derive(Debug, Deserialize)]
pub(crate) struct Resume {
    pub(crate) token: Token,
    pub(crate) session_id: String,
    pub(crate) seq: u64,
}

/// Op 3's data: status and activities. `game` is an older word for one activity.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PresenceWish {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) activities: Option<Vec<Activity>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) game: Option<Activity>,
}

/// What somebody is doing, as they say.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, serde::Serialize)]
pub(crate) struct Activity {
    pub(crate) name: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// Op 8's data.
#[derive(Debug, Deserialize)]
pub(crate) struct MembersWish {
    #[serde(deserialize_with = "one_id")]
    pub(crate) guild_id: u64,
    pub(crate) query: Option<String>,
    #[serde(default)]
    pub(crate) limit: u64,
    #[serde(default)]
    pub(crate) presences: Option<bool>,
    #[serde(default, deserialize_with = "some_ids")]
    pub(crate) user_ids: Option<Vec<u64>>,
    pub(crate) nonce: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    op: u64,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
}

impl ClientFrame {
    /// Reads a frame, whether it came as text or as binary.
    ///
    /// # Errors
    /// [`CloseCode::DecodeError`], [`CloseCode::UnknownOpcode`].
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CloseCode> {
        if bytes.len() > CLIENT_FRAME_MAX {
            return Err(CloseCode::DecodeError);
        }
        let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(|_| CloseCode::DecodeError)?;
        let data = envelope.d.map_or("null", RawValue::get);
        match envelope.op {
            1 => parse(data).map(|seq| Self::Heartbeat { seq }),
            2 => parse(data).map(Self::Identify),
            3 => parse(data).map(Self::Presence),
            4 => parse(data).map(Self::Voice),
            6 => parse(data).map(Self::Resume),
            8 => parse(data).map(Self::RequestMembers),
            43 => parse(data).map(Self::RequestChannelInfo),
            5 | 31 => Ok(Self::Ignored),
            _ => Err(CloseCode::UnknownOpcode),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, CloseCode> {
    serde_json::from_str(data).map_err(|_| CloseCode::DecodeError)
}

/// A value of another shape counts as none: what is only shown must not cost anybody their connection.
fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LooseId {
    Number(u64),
    Text(String),
    List(Vec<Self>),
}

impl LooseId {
    fn flatten(self, out: &mut Vec<u64>) -> Result<(), std::num::ParseIntError> {
        match self {
            Self::Number(id) => out.push(id),
            Self::Text(text) => out.push(text.parse()?),
            Self::List(list) => list.into_iter().try_for_each(|id| id.flatten(out))?,
        }
        Ok(())
    }
}

fn some_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u64>>, D::Error> {
    let Some(ids) = Option::<LooseId>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let mut out = Vec::new();
    ids.flatten(&mut out).map_err(serde::de::Error::custom)?;
    Ok(Some(out))
}

/// One id, or none.
pub(super) fn maybe_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match some_ids(deserializer)?.as_deref() {
        None => Ok(None),
        Some([id]) => Ok(Some(*id)),
        Some(_) => Err(serde::de::Error::custom("one channel")),
    }
}

pub(super) fn one_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match some_ids(deserializer)?.as_deref() {
        Some([id]) => Ok(*id),
        _ => Err(serde::de::Error::custom("one guild")),
    }
}

/// Op 10.
pub(crate) fn hello(heartbeat_ms: u64) -> String {
    format!(r#"{{"t":null,"s":null,"op":10,"d":{{"heartbeat_interval":{heartbeat_ms},"_trace":[]}}}}"#)
}

/// Op 11.
pub(crate) fn heartbeat_ack() -> String {
    String::from(r#"{"t":null,"s":null,"op":11,"d":null}"#)
}

/// Op 1 from the server: asks for a heartbeat now.
pub(crate) fn ask_heartbeat() -> String {
    String::from(r#"{"t":null,"s":null,"op":1,"d":null}"#)
}

/// Op 7: come back and resume.
pub(crate) fn reconnect() -> String {
    String::from(r#"{"t":null,"s":null,"op":7,"d":null}"#)
}

/// Op 9. `d` must be a boolean: libraries call its methods.
pub(crate) fn invalid_session(resumable: bool) -> String {
    format!(r#"{{"t":null,"s":null,"op":9,"d":{resumable}}}"#)
}

/// Op 0: one event, under its number.
#[derive(Clone, Copy)]
pub(crate) struct Dispatch<'a> {
    pub(crate) name: &'a str,
    pub(crate) seq: u64,
    /// JSON.
    pub(crate) data: &'a str,
}

impl Dispatch<'_> {
    /// Its bytes.
    pub(crate) fn len(&self) -> usize {
        let digits = self.seq.checked_ilog10().map_or(1, |tens| tens as usize + 1);
        [BEFORE_NAME, self.name, BEFORE_SEQ, BEFORE_DATA, self.data, END].map(str::len).iter().sum::<usize>()
            + digits
    }

    /// Puts it behind what is there.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        use std::io::Write as _;
        let Self { name, seq, data } = self;
        // To memory nothing fails.
        let _ = write!(out, "{BEFORE_NAME}{name}{BEFORE_SEQ}{seq}{BEFORE_DATA}");
        out.extend_from_slice(data.as_bytes());
        out.extend_from_slice(END.as_bytes());
    }
}

impl fmt::Display for Dispatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, seq, data } = self;
        write!(f, "{BEFORE_NAME}{name}{BEFORE_SEQ}{seq}{BEFORE_DATA}{data}{END}")
    }
}

const BEFORE_NAME: &str = r#"{"t":""#;
const BEFORE_SEQ: &str = r#"","s":"#;
const BEFORE_DATA: &str = r#","op":0,"d":"#;
const END: &str = "}";

#[cfg(test)]
mod tests {
    use super::{CLIENT_FRAME_MAX, ClientFrame, CloseCode, Dispatch};

    #[test]
    fn an_event_has_as_many_bytes_as_it_says_and_is_the_same_either_way() {
        for seq in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX] {
            let dispatch = Dispatch { name: "READY", seq, data: r#"{"v":10}"# };
            let mut out = b"before".to_vec();
            dispatch.write(&mut out);
            let text = format!(r#"{{"t":"READY","s":{seq},"op":0,"d":{{"v":10}}}}"#);
            assert_eq!((dispatch.len(), dispatch.to_string()), (text.len(), text.clone()));
            assert_eq!(out, format!("before{text}").as_bytes());
        }
    }

    fn refused(frame: &str) -> CloseCode {
        ClientFrame::parse(frame.as_bytes()).expect_err("refused")
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        for bad in
            ["", "{", "[]", "null", "{}", r#"{"op":"1"}"#, r#"{"op":-1}"#, r#"{"op":2,"d":null}"#, "\u{0}"]
        {
            assert_eq!(refused(bad), CloseCode::DecodeError, "{bad}");
        }
        assert!(ClientFrame::parse(b"{\"op\":1,\"d\":\"\xff\"}").is_err(), "bad UTF-8");
        assert_eq!(refused(&format!("{{\"op\":1,\"d\":{}1", "[".repeat(2000))), CloseCode::DecodeError);
        assert_eq!(
            refused(&format!("{{\"op\":1,\"x\":\"{}\"}}", "x".repeat(CLIENT_FRAME_MAX))),
            CloseCode::DecodeError
        );
        assert_eq!(refused(r#"{"op":99,"d":{}}"#), CloseCode::UnknownOpcode);
    }

    #[test]
    fn a_guild_is_named_by_number_text_or_list() {
        for id in ["7", "\"7\"", "[\"7\"]", "[7]"] {
            let frame = format!(r#"{{"op":8,"d":{{"guild_id":{id},"query":"","limit":0}}}}"#);
            let Ok(ClientFrame::RequestMembers(wish)) = ClientFrame::parse(frame.as_bytes()) else {
                panic!("{frame}");
            };
            assert_eq!(wish.guild_id, 7);
        }
    }

    #[test]
    fn an_identify_of_each_library_is_understood() {
        for identify in [
            r#"{"op":2,"d":{"token":"x","properties":{"os":"linux"},"compress":true,"large_threshold":250,"intents":3276799,"presence":{"status":"online","game":null,"since":0,"afk":false}}}"#,
            r#"{"op":2,"d":{"token":"Bot x","properties":{},"intents":513,"compress":false,"shard":[0,1],"large_threshold":50,"presence":{"activities":null,"status":"offline"}}}"#,
            r#"{"op":2,"d":{"token":"x","capabilities":1,"intents":513,"presence":{"status":7,"activities":[{"name":1}]}}}"#,
        ] {
            let Ok(ClientFrame::Identify(parsed)) = ClientFrame::parse(identify.as_bytes()) else {
                panic!("{identify}");
            };
            assert_eq!(parsed.token.text(), "x");
            assert_eq!(format!("{:?}", parsed.token), "Token(..)");
        }
    }
}

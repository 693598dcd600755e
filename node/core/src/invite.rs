//! What opens a guild: a code that whoever was shown it can sign a join with, and nobody else.

use crate::base_url::BaseUrl;
use nexus_crdt::id::DeviceKey;
use nexus_crypto::SecretKey;

/// Sixteen random bytes, written as 22 digits of base 62. The admission key of an invite is derived from them, so the
/// code is all that has to travel. Its debug form does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InviteCode([u8; 16]);

impl InviteCode {
    /// A code of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads a code as it is written; none where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != DIGITS_IN_A_CODE {
            return None;
        }
        let number = text.bytes().try_fold(0u128, |number, byte| {
            let digit = DIGITS.iter().position(|digit| *digit == byte)?;
            number.checked_mul(62)?.checked_add(digit as u128)
        })?;
        Some(Self(number.to_be_bytes()))
    }

    /// As it is stored.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The key that signs joins.
    #[must_use]
    pub fn admission(self) -> SecretKey {
        SecretKey::from_seed(&nexus_crypto::derive_id(ADMISSION_CONTEXT, &self.0))
    }

    /// The name of that key, as the invite's op holds it.
    #[must_use]
    pub fn admission_key(self) -> DeviceKey {
        self.admission().public().into()
    }
}

impl std::fmt::Display for InviteCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = u128::from_be_bytes(self.0);
        let mut digits = [b'0'; DIGITS_IN_A_CODE];
        for place in digits.iter_mut().rev() {
            // Below 62: a place of the table.
            *place = DIGITS.get((rest % 62) as usize).copied().unwrap_or(b'0');
            rest /= 62;
        }
        f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl std::fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InviteCode(..)")
    }
}

/// `RELAY/invite/CODE`: an invite, and a relay that knows its guild. Where no relay does, `nexus:CODE`: whoever is near and in
/// the guild knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteUrl {
    /// The relay, where the guild has one.
    pub relay: Option<BaseUrl>,
    /// What opens the guild.
    pub code: InviteCode,
}

/// A text that is no [`InviteUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invite like https://relay.example/invite/CODE or nexus:CODE")]
pub struct NotAnInvite;

impl std::str::FromStr for InviteUrl {
    type Err = NotAnInvite;

    fn from_str(text: &str) -> Result<Self, NotAnInvite> {
        let text = text.trim();
        if let Some(code) = text.strip_prefix(BARE) {
            return Ok(Self { relay: None, code: InviteCode::parse(code).ok_or(NotAnInvite)? });
        }
        let (relay, code) = text.split_once("/invite/").ok_or(NotAnInvite)?;
        let relay = Some(relay.parse().map_err(|_| NotAnInvite)?);
        Ok(Self { relay, code: InviteCode::parse(code).ok_or(NotAnInvite)? })
    }
}

impl std::fmt::Display for InviteUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.relay {
            Some(relay) => write!(f, "{relay}/invite/{}", self.code),
            None => write!(f, "{BARE}{}", self.code),
        }
    }
}

/// Before the code of an invite that names no relay.
const BARE: &str = "nexus:";
const ADMISSION_CONTEXT: &str = "nexus 2026 invite code v1";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^22 is the first power beyond 2^128.
const DIGITS_IN_A_CODE: usize = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_as_it_is_written() {
        for bytes in [[0; 16], [255; 16], [7; 16], *b"0123456789abcdef"] {
            let code = InviteCode::new(bytes);
            assert_eq!(code.to_string().len(), 22);
            assert_eq!(InviteCode::parse(&code.to_string()), Some(code));
        }
        assert_eq!(InviteCode::new([255; 16]).to_string(), "7n42DGM5Tflk9n8mt7Fhc7");
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in [
            "",
            "abc",
            "7n42DGM5Tflk9n8mt7Fhc8",
            "zzzzzzzzzzzzzzzzzzzzzz",
            "0000000000000000000000-",
            "äääääääääää",
        ] {
            assert_eq!(InviteCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_not_shown_by_accident_and_fixes_its_key() {
        let code = InviteCode::new([9; 16]);
        assert_eq!(format!("{code:?}"), "InviteCode(..)");
        assert_eq!(code.admission_key(), InviteCode::parse(&code.to_string()).unwrap().admission_key());
        assert_ne!(code.admission_key(), InviteCode::new([8; 16]).admission_key());
    }

    #[test]
    fn an_invite_names_its_relay_and_its_code_and_nothing_else() {
        let code = InviteCode::new([7; 16]);
        let url = format!("https://relay.example/invite/{code}");
        let invite: InviteUrl = url.parse().unwrap();
        assert_eq!((invite.to_string(), invite.code), (url, code));
        let bare: InviteUrl = format!(" nexus:{code}").parse().unwrap();
        assert_eq!((bare.to_string(), bare.relay), (format!("nexus:{code}"), None));
        for text in [
            String::new(),
            code.to_string(),
            format!("https://relay.example/{code}"),
            format!("relay.example/invite/{code}"),
            format!("https://relay.example/invite/{code}/"),
            format!("https://relay.example/invite/{code}?x"),
            format!("https://relay.example/a/invite/{code}"),
            String::from("https://relay.example/invite/abc"),
            String::from("nexus:abc"),
            format!("nexus:/{code}"),
        ] {
            assert_eq!(text.parse::<InviteUrl>(), Err(NotAnInvite), "{text}");
        }
    }
}

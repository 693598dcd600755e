//! What opens a guild: a code that whoever was shown it can sign a join with, and nobody else.

mod holder;

pub use holder::Holder;

use crate::base_url::BaseUrl;
use nexus_crdt::id::DeviceKey;
use nexus_crypto::SecretKey;

/// How far after it was made an invite ends by which a bot is let in, in steps of the clock: over with the turn that made it, so that
/// nobody can be shown it.
pub const LET_IN_WITHIN: u64 = 8;

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
/// the guild knows it. Behind either may stand `#` and the [`Holder`] that made it: then nobody else is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteUrl {
    /// The relay, where the guild has one.
    pub relay: Option<BaseUrl>,
    /// What opens the guild.
    pub code: InviteCode,
    /// Who made it and where they are, where it says so.
    pub holder: Option<Holder>,
}

/// A text that is no [`InviteUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invite like https://relay.example/invite/CODE or nexus:CODE")]
pub struct NotAnInvite;

impl std::str::FromStr for InviteUrl {
    type Err = NotAnInvite;

    fn from_str(text: &str) -> Result<Self, NotAnInvite> {
        let (text, holder) = match text.trim().split_once('#') {
            Some((text, fragment)) => (text, Some(Holder::parse(fragment).ok_or(NotAnInvite)?)),
            None => (text.trim(), None),
        };
        if let Some(code) = text.strip_prefix(BARE) {
            return Ok(Self { relay: None, code: InviteCode::parse(code).ok_or(NotAnInvite)?, holder });
        }
        let (relay, code) = text.split_once("/invite/").ok_or(NotAnInvite)?;
        let relay = Some(relay.parse().map_err(|_| NotAnInvite)?);
        Ok(Self { relay, code: InviteCode::parse(code).ok_or(NotAnInvite)?, holder })
    }
}

impl std::fmt::Display for InviteUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.relay {
            Some(relay) => write!(f, "{relay}/invite/{}", self.code)?,
            None => write!(f, "{BARE}{}", self.code)?,
        }
        self.holder.as_ref().map_or(Ok(()), |holder| write!(f, "#{holder}"))
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

    fn holder() -> Holder {
        let at = |text: &str| text.parse().unwrap();
        Holder {
            guild: nexus_crdt::id::SpaceId([0xab; 32]),
            name: String::from("Ada & Bob, 100 % at home"),
            peer: crate::store::PeerKey([0xcd; 32]),
            addresses: crate::address::Addresses::first_of([
                at("203.0.113.7:8091"),
                at("[2001:db8::7]:8091"),
            ]),
        }
    }

    #[test]
    fn an_invite_that_says_who_made_it_and_where_reads_back_as_it_is_written() {
        let (code, holder) = (InviteCode::new([7; 16]), Some(holder()));
        for relay in [None, Some("https://relay.example".parse().unwrap())] {
            let invite = InviteUrl { relay, code, holder: holder.clone() };
            assert_eq!(invite.to_string().parse(), Ok(invite));
        }
        let bare = InviteUrl { relay: None, code, holder };
        let (ab, cd) = ("ab".repeat(32), "cd".repeat(32));
        let at = "at=203.0.113.7:8091&at=[2001:db8::7]:8091";
        let name = "name=Ada%20%26%20Bob%2C%20100%20%25%20at%20home";
        assert_eq!(bare.to_string(), format!("nexus:{code}#guild={ab}&peer={cd}&{at}&{name}"));
        assert_eq!(format!("{bare}&later=yes").parse(), Ok(bare));
    }

    #[test]
    fn a_place_that_is_none_or_said_twice_or_too_often_makes_no_invite() {
        let (code, ab) = (InviteCode::new([7; 16]), "ab".repeat(32));
        let whole = format!("guild={ab}&peer={ab}");
        let nine: String = (1..=9).map(|port| format!("&at=203.0.113.7:{port}")).collect();
        assert!(format!("nexus:{code}#{whole}").parse::<InviteUrl>().is_ok(), "an address is not needed");
        for fragment in [
            String::new(),
            String::from("guild"),
            format!("guild={ab}"),
            format!("peer={ab}"),
            format!("{whole}&peer={ab}"),
            format!("guild={ab}00&peer={ab}"),
            format!("guild={ab}&peer=é{}", &ab[2..]),
            format!("{whole}&at=127.0.0.1:80"),
            format!("{whole}&at=relay.example:80"),
            format!("{whole}{nine}"),
            format!("{whole}&name=%ff"),
            format!("{whole}&name=a%0ab"),
            format!("{whole}&name={}", "x".repeat(101)),
            format!("{whole}&later={}", "x".repeat(2_048)),
        ] {
            assert_eq!(
                format!("nexus:{code}#{fragment}").parse::<InviteUrl>(),
                Err(NotAnInvite),
                "{fragment}"
            );
        }
    }
}

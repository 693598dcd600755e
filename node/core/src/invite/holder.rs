//! Who made an invite, and where their program is: what two programs need that know no relay.

use crate::address::{Addresses, PeerAddress};
use crate::store::PeerKey;
use nexus_crdt::id::SpaceId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The program that an invite was made on. In a URL it stands in the fragment (RFC 3986, 3.5), which no browser sends to
/// anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The guild that the invite opens ..
    pub guild: SpaceId,
    /// .. and its name when the invite was made.
    pub name: String,
    /// Its key in the mesh.
    pub peer: PeerKey,
    /// Where it is dialed.
    pub addresses: Addresses,
}

impl Holder {
    /// Reads a fragment; what a later version says beside is passed over.
    pub(super) fn parse(fragment: &str) -> Option<Self> {
        if fragment.len() > FRAGMENT_MAX {
            return None;
        }
        let (mut guild, mut name, mut peer, mut addresses) = (None, None, None, Vec::new());
        for part in fragment.split('&') {
            match part.split_once('=')? {
                ("guild", hex) => set(&mut guild, SpaceId(bytes(hex)?))?,
                ("peer", hex) => set(&mut peer, PeerKey(bytes(hex)?))?,
                ("name", text) => set(&mut name, percent_decode_str(text).decode_utf8().ok()?.into_owned())?,
                ("at", text) => addresses.push(text.parse::<PeerAddress>().ok()?),
                _ => {}
            }
        }
        let name: String = name.unwrap_or_default();
        let is_named = name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
        Some(Self {
            guild: guild?,
            name: Some(name).filter(|_| is_named)?,
            peer: peer?,
            addresses: Addresses::new(addresses)?,
        })
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { guild, name, peer, addresses } = self;
        write!(f, "guild={}&peer=", guild.to_hex())?;
        peer.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        addresses.iter().try_for_each(|at| write!(f, "&at={at}"))?;
        if !name.is_empty() {
            write!(f, "&name={}", utf8_percent_encode(name, KEPT))?;
        }
        Ok(())
    }
}

// Said twice it is not said.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// RFC 3986's unreserved characters stand for themselves.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Characters of a guild's name, as everywhere.
const NAME_MAX: usize = 100;
/// A name of a hundred characters of four bytes, each written as three, and eight addresses leave room.
const FRAGMENT_MAX: usize = 2_048;

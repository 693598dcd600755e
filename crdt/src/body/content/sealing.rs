//! What only the devices of one account read: the key, as it is handed to each of them, and what is sealed under it.
//!
//! A sealed note is an op of kind Note whose body is [`crate::body::Sealed`]: `key_epoch` names the key, `index` is 0, the
//! ciphertext is XChaCha20-Poly1305 over [`pack`]. Both stand in the space of one's own.

use super::Note;
use crate::body::Body;
use crate::body::limit::{Limit, ascending, hold};
use crate::cbor;
use crate::id::{DeviceKey, SpaceId};
use crate::op::OpError;
use minicbor::{Decode, Encode};
use nexus_crypto::{SHARED_OVERHEAD, SharedKey};

/// Hands a key to keys of the account: its devices, its identity key, its recovery key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Sealing {
    /// The key's own name.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub name: [u8; 16],
    /// Whom it is handed to: 1 to 64, ascending.
    #[n(1)]
    pub handed: Vec<HandedTo>,
    /// The keys before it, sealed under it, so that who has this one reads what is older: what [`earlier`] reads. Empty where there are none.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub earlier: Vec<u8>,
}

/// A key as one key alone opens it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(array)]
pub struct HandedTo {
    /// Whose it is: an Ed25519 key.
    #[n(0)]
    pub to: DeviceKey,
    /// HPKE's ephemeral public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub enc: [u8; 32],
    /// HPKE's ciphertext of the 32 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub ciphertext: [u8; 48],
}

/// Keys that one op hands a key to.
pub const HANDED_MAX: usize = 64;
/// Keys that one op carries from before; of more the last ones.
pub const EARLIER_MAX: usize = 64;

impl Body for Sealing {
    fn check(&self) -> Limit {
        let to: Vec<DeviceKey> = self.handed.iter().map(|handed| handed.to).collect();
        hold(!to.is_empty(), "a key is handed to somebody")?;
        ascending(&to, HANDED_MAX, "at most 64 keys, ascending")?;
        let Some(keys) = self.earlier.len().checked_sub(SHARED_OVERHEAD) else {
            return hold(self.earlier.is_empty(), "keys from before are sealed");
        };
        hold(
            keys.is_multiple_of(32) && (32..=EARLIER_MAX * 32).contains(&keys),
            "1 to 64 keys from before, of 32 bytes",
        )
    }
}

/// What is authenticated with everything that is sealed in a space: it opens nowhere else.
#[must_use]
pub fn context(space: &SpaceId) -> Vec<u8> {
    [b"nexus-private-v1\0", &space.0[..]].concat()
}

/// The bytes of [`Sealing::earlier`], before they are sealed.
#[must_use]
pub fn earlier(opened: &[u8]) -> Vec<SharedKey> {
    opened.as_chunks::<32>().0.iter().map(SharedKey::new).collect()
}

/// Notes as they are sealed: CBOR, then 0x80 and zeros (ISO/IEC 7816-4) up to a multiple of 256 bytes, so that how far somebody has read, a
/// setting and a short draft are of one length.
#[must_use]
pub fn pack(notes: &[Note]) -> Vec<u8> {
    let mut bytes = cbor::encode(&notes.to_vec());
    bytes.push(0x80);
    bytes.resize(bytes.len().next_multiple_of(PADDED_TO), 0);
    bytes
}

/// Reads what [`pack`] made: canonical, each note within its limits.
///
/// # Errors
/// [`OpError::Body`] for the shape, [`OpError::Limit`] for a limit.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Note>, OpError> {
    let end = bytes.iter().rposition(|byte| *byte != 0);
    let end = end.filter(|end| bytes[*end] == 0x80).ok_or(OpError::Limit("what is sealed ends in 0x80"))?;
    let count = minicbor::Decoder::new(&bytes[..end]).array().ok().flatten();
    if count.is_none_or(|count| count > NOTES_MAX as u64) {
        return Err(OpError::Limit("at most 256 notes in one op"));
    }
    let notes: Vec<Note> = cbor::decode(&bytes[..end]).map_err(OpError::Body)?;
    notes.iter().try_for_each(Note::check).map_err(OpError::Limit)?;
    Ok(notes)
}

/// Notes in one op.
pub const NOTES_MAX: usize = 256;

const PADDED_TO: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::content::About;
    use crate::id::{ChannelId, OpId};

    fn setting(json: &str) -> Note {
        Note::Setting { about: About::Me, name: String::from("theme"), json: json.to_owned() }
    }

    #[test]
    fn what_is_packed_is_read_again_and_short_notes_are_of_one_length() {
        let read = Note::Read { channel: ChannelId([1; 32]), message: OpId([2; 32]) };
        let draft = Note::Draft { channel: ChannelId([1; 32]), text: "a\0\u{80}".repeat(40) };
        for notes in [vec![], vec![read.clone()], vec![setting("1"), read.clone(), draft]] {
            assert_eq!(unpack(&pack(&notes)).unwrap(), notes);
        }
        assert_eq!(pack(&[read]).len(), pack(&[setting("\"dark\"")]).len());
    }

    #[test]
    fn what_is_no_note_or_beyond_a_limit_is_refused() {
        for bytes in [&[][..], &[0; 256], &[0x80], &[0x81, 0x80, 0x80]] {
            assert!(unpack(bytes).is_err(), "{bytes:?}");
        }
        assert!(unpack(&pack(&[setting(&"1".repeat(4_097))])).is_err());
    }
}

//! The bodies of ops, one struct a kind. Field numbers are part of the format: never reuse one.
//!
//! A struct is a CBOR array of its fields; absent fields at its end are left out, absent ones in its midst are
//! null. On the wire a body is `salt (16 B) ‖ first byte ‖ payload`. First byte 0: the payload is one of these
//! structs. First byte 1: it is [`Sealed`], which only its audience opens; holders store and forward it.

pub mod content;
pub mod governance;
pub mod identity;
mod limit;
pub mod membership;
pub mod rich_text;

/// The ciphertext of a sealed content body. Of notes the cipher is [`content::sealing`]'s; of other kinds none is fixed yet, and the
/// vectors seal arbitrary bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The cipher's own name of the key.
    pub key_epoch: [u8; 16],
    /// Place in that key's ratchet.
    pub index: u32,
    /// What only the audience reads.
    pub ciphertext: Vec<u8>,
}

/// Declares an enum that travels as a small integer.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $n:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, minicbor::Encode, minicbor::Decode)]
        #[cbor(index_only)]
        pub enum $name { $($(#[$vdoc])* #[n($n)] $variant,)* }
    };
}
pub(crate) use wire_enum;

use crate::cbor;
use crate::kind::{Kind, Plane};
use crate::op::OpError;
use minicbor::{Decode, Encode};

/// A body of a known kind. One that was read from an op is within its limits.
pub trait Body: Encode<()> + for<'b> Decode<'b, ()> {
    /// Whether it keeps the limits that its fields state.
    ///
    /// # Errors
    /// The limit it breaks, in words.
    fn check(&self) -> Result<(), &'static str>;
}

/// Reads the payload of an open body: the right struct, canonical, within its limits.
///
/// # Errors
/// [`OpError::Body`] for the shape, [`OpError::Limit`] for a limit.
pub fn decode<T: Body>(payload: &[u8]) -> Result<T, OpError> {
    let body: T = cbor::decode(payload).map_err(OpError::Body)?;
    body.check().map_err(OpError::Limit)?;
    Ok(body)
}

/// Whether bytes, first byte included, are a body of this kind. Of unknown kinds every body is one.
///
/// # Errors
/// [`OpError::Structure`] for the first byte, else as [`decode`].
pub fn check(kind: Option<Kind>, bytes: &[u8]) -> Result<(), OpError> {
    let Some(kind) = kind else { return Ok(()) };
    match bytes.split_first() {
        Some((0, payload)) => check_open(kind, payload),
        Some((1, sealed)) if kind.plane() == Plane::Content && sealed.len() > 20 => Ok(()),
        _ => Err(OpError::Structure("a body begins with 0 (open) or, for content, 1 (sealed)")),
    }
}

/// An empty array: the body of a kind that has no shape yet.
const SHAPELESS: &[u8] = &[0x80];

fn check_open(kind: Kind, payload: &[u8]) -> Result<(), OpError> {
    fn fits<T: Body>(payload: &[u8]) -> Result<(), OpError> {
        decode::<T>(payload).map(drop)
    }
    match kind {
        Kind::IdGenesis => fits::<identity::IdGenesis>(payload),
        Kind::IdRotate => fits::<identity::IdRotate>(payload),
        Kind::DeviceAdd => fits::<identity::DeviceAdd>(payload),
        Kind::DeviceRevoke => fits::<identity::DeviceRevoke>(payload),
        Kind::Profile => fits::<identity::Profile>(payload),
        Kind::IdRelays => fits::<identity::IdRelays>(payload),
        Kind::Application => fits::<identity::Application>(payload),
        Kind::OwnEmoji => fits::<identity::OwnEmoji>(payload),
        Kind::Offer => fits::<identity::Offer>(payload),
        Kind::Webhook => fits::<identity::Webhook>(payload),
        Kind::Genesis => fits::<governance::Genesis>(payload),
        Kind::GuildEdit => fits::<governance::GuildEdit>(payload),
        Kind::RoleCreate => fits::<governance::RoleCreate>(payload),
        Kind::RoleEdit => fits::<governance::RoleEdit>(payload),
        Kind::RoleDelete => fits::<governance::RoleDelete>(payload),
        Kind::PrivRoles => fits::<governance::PrivRoles>(payload),
        Kind::ChannelCreate => fits::<governance::ChannelCreate>(payload),
        Kind::ChannelEdit => fits::<governance::ChannelEdit>(payload),
        Kind::ChannelDelete => fits::<governance::ChannelDelete>(payload),
        Kind::Overwrite => fits::<governance::Overwrite>(payload),
        Kind::InviteKey => fits::<governance::InviteKey>(payload),
        Kind::InviteRevoke => fits::<governance::InviteRevoke>(payload),
        Kind::Kick => fits::<governance::Kick>(payload),
        Kind::Ban => fits::<governance::Ban>(payload),
        Kind::Unban => fits::<governance::Unban>(payload),
        Kind::Relays => fits::<governance::Relays>(payload),
        Kind::Checkpoint => fits::<governance::Checkpoint>(payload),
        Kind::Join => fits::<membership::Join>(payload),
        Kind::Leave => fits::<membership::Leave>(payload),
        Kind::Nick => fits::<membership::Nick>(payload),
        Kind::Message => fits::<content::Message>(payload),
        Kind::Edit => fits::<content::Edit>(payload),
        Kind::Delete => fits::<content::Delete>(payload),
        Kind::React => fits::<content::React>(payload),
        Kind::Unreact => fits::<content::Unreact>(payload),
        Kind::Pin => fits::<content::Pin>(payload),
        Kind::Follow => fits::<content::Follow>(payload),
        Kind::ThreadMember => fits::<governance::ThreadMember>(payload),
        Kind::Silence => fits::<governance::Silence>(payload),
        Kind::Timeout => fits::<governance::Timeout>(payload),
        Kind::Reason => fits::<governance::Reason>(payload),
        Kind::PollVote => fits::<content::PollVote>(payload),
        Kind::PollEnd => fits::<content::PollEnd>(payload),
        Kind::Publish => fits::<content::Publish>(payload),
        Kind::Move => fits::<content::Move>(payload),
        Kind::Alert => match decode::<content::Message>(payload)?.alert {
            Some(_) => Ok(()),
            None => Err(OpError::Structure("an alert says what was caught")),
        },
        Kind::Note => fits::<content::Note>(payload),
        Kind::Sealing => fits::<content::Sealing>(payload),
        Kind::ThreadCreate => fits::<governance::ThreadCreate>(payload),
        Kind::ThreadEdit => fits::<governance::ThreadEdit>(payload),
        Kind::ForumCreate => fits::<governance::ForumCreate>(payload),
        Kind::MediaCreate => fits::<governance::ForumCreate>(payload),
        Kind::ForumEdit => fits::<governance::ForumEdit>(payload),
        Kind::EmojiCreate => fits::<governance::EmojiCreate>(payload),
        Kind::EmojiEdit => fits::<governance::EmojiEdit>(payload),
        Kind::EmojiDelete => fits::<governance::EmojiDelete>(payload),
        Kind::OfferAccess => fits::<governance::OfferAccess>(payload),
        Kind::EventCreate => fits::<governance::EventCreate>(payload),
        Kind::EventEdit => fits::<governance::EventEdit>(payload),
        Kind::FilterCreate => fits::<governance::FilterCreate>(payload),
        Kind::FilterEdit => fits::<governance::FilterEdit>(payload),
        Kind::FilterDelete => fits::<governance::FilterDelete>(payload),
        Kind::Admit => fits::<governance::Admit>(payload),
        // Kinds whose body a later version gives a shape: stored and forwarded as they are.
        Kind::Prekeys => Ok(()),
        // What these four looked like before they had a rule is still read; a guild that holds it is read-only.
        Kind::RoleMove | Kind::GuildDeviceRevoke | Kind::Lock | Kind::CutTighten if payload == SHAPELESS => {
            Ok(())
        }
        Kind::RoleMove => fits::<governance::RoleMove>(payload),
        Kind::GuildDeviceRevoke => fits::<governance::GuildDeviceRevoke>(payload),
        Kind::Lock => fits::<governance::Lock>(payload),
        Kind::CutTighten => fits::<governance::CutTighten>(payload),
        Kind::SetOwners => fits::<governance::SetOwners>(payload),
        Kind::SetRules => fits::<governance::SetRules>(payload),
        Kind::Retention => fits::<governance::Retention>(payload),
        Kind::Erase => fits::<governance::Erase>(payload),
    }
}

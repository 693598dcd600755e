//! The bodies of ops, one struct a kind. Field numbers are part of the format: never reuse one.
//!
//! On the wire a body is `salt (16 B) ‖ first byte ‖ payload`. First byte 0: the payload is one of these
//! structs. First byte 1: it is [`Sealed`], which only its audience opens; holders store and forward it.

pub mod content;
pub mod governance;
pub mod identity;
pub mod membership;
pub mod rich_text;

/// The ciphertext of a sealed content body. The vectors seal arbitrary bytes; no cipher is fixed yet.
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

/// Whether bytes are a body of this kind: the right struct, canonical, within its limits.
///
/// # Errors
/// [`OpError::Structure`] for the first byte, [`OpError::Body`] for the payload.
pub fn check(kind: Option<Kind>, bytes: &[u8]) -> Result<(), OpError> {
    let Some(kind) = kind else { return Ok(()) };
    match bytes.split_first() {
        Some((0, payload)) => check_open(kind, payload),
        Some((1, sealed)) if kind.plane() == Plane::Content && sealed.len() > 20 => Ok(()),
        _ => Err(OpError::Structure("a body begins with 0 (open) or, for content, 1 (sealed)")),
    }
}

fn check_open(kind: Kind, payload: &[u8]) -> Result<(), OpError> {
    macro_rules! shape {
        ($body:ty) => {
            cbor::decode::<$body>(payload).map(drop).map_err(OpError::Body)
        };
    }
    match kind {
        Kind::IdGenesis => shape!(identity::IdGenesis),
        Kind::IdRotate => shape!(identity::IdRotate),
        Kind::DeviceAdd => shape!(identity::DeviceAdd),
        Kind::DeviceRevoke => shape!(identity::DeviceRevoke),
        Kind::Profile => shape!(identity::Profile),
        Kind::IdRelays => shape!(identity::IdRelays),
        Kind::Application => shape!(identity::Application),
        Kind::Genesis => shape!(governance::Genesis),
        Kind::GuildEdit => shape!(governance::GuildEdit),
        Kind::RoleCreate => shape!(governance::RoleCreate),
        Kind::RoleEdit => shape!(governance::RoleEdit),
        Kind::RoleDelete => shape!(governance::RoleDelete),
        Kind::PrivRoles => shape!(governance::PrivRoles),
        Kind::ChannelCreate => shape!(governance::ChannelCreate),
        Kind::ChannelEdit => shape!(governance::ChannelEdit),
        Kind::ChannelDelete => shape!(governance::ChannelDelete),
        Kind::Overwrite => shape!(governance::Overwrite),
        Kind::InviteKey => shape!(governance::InviteKey),
        Kind::InviteRevoke => shape!(governance::InviteRevoke),
        Kind::Kick => shape!(governance::Kick),
        Kind::Ban => shape!(governance::Ban),
        Kind::Unban => shape!(governance::Unban),
        Kind::Relays => shape!(governance::Relays),
        Kind::Checkpoint => shape!(governance::Checkpoint),
        Kind::Join => shape!(membership::Join),
        Kind::Leave => shape!(membership::Leave),
        Kind::Nick => shape!(membership::Nick),
        Kind::Message => shape!(content::Message),
        Kind::Edit => shape!(content::Edit),
        Kind::Delete => shape!(content::Delete),
        Kind::React => shape!(content::React),
        Kind::Unreact => shape!(content::Unreact),
        Kind::Pin => shape!(content::Pin),
        // Kinds whose body a later version gives a shape: stored and forwarded as they are.
        Kind::Prekeys | Kind::RoleMove | Kind::GuildDeviceRevoke | Kind::Lock | Kind::CutTighten => Ok(()),
    }
}

//! A guild's own emoji. What they look like is kept beside the ops, by its hash.

use super::super::wire_enum;
use crate::body::Body;
use crate::body::limit::{Limit, ascending, hold};
use crate::id::{OpId, RoleId};
use minicbor::{Decode, Encode};

wire_enum! {
    /// How a picture is written.
    PictureFormat {
        /// PNG.
        Png = 0,
        /// JPEG.
        Jpeg = 1,
        /// GIF.
        Gif = 2,
        /// WebP.
        Webp = 3,
    }
}

/// A picture. Its bytes are kept beside the ops.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Picture {
    /// BLAKE3 of its bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// Bytes, 1 to 262,144.
    #[n(1)]
    pub size: u32,
    /// How it is written, by its maker's word.
    #[n(2)]
    pub format: PictureFormat,
    /// It moves.
    #[n(3)]
    pub animated: bool,
}

/// Makes an emoji. Its op id is what reactions and texts name it by.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EmojiCreate {
    /// 2 to 32 of A-Z, a-z, 0-9 and underscore.
    #[n(0)]
    pub name: String,
    /// What it looks like.
    #[n(1)]
    pub picture: Picture,
    /// Who may use it: at most 250 roles, ascending, each once; everybody where there is none.
    #[n(2)]
    pub roles: Vec<RoleId>,
}

/// Edits an emoji; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EmojiEdit {
    /// Which.
    #[n(0)]
    pub emoji: OpId,
    /// As in [`EmojiCreate`].
    #[n(1)]
    pub name: Option<String>,
    /// As in [`EmojiCreate`].
    #[n(2)]
    pub roles: Option<Vec<RoleId>>,
}

/// Takes an emoji away, for good.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EmojiDelete {
    /// Which.
    #[n(0)]
    pub emoji: OpId,
}

/// Bytes of a picture of an emoji, as on Discord.
pub const EMOJI_BYTES_MAX: usize = 256 * 1024;
const ROLES_MAX: usize = 250;

/// Whether an emoji may be called so.
#[must_use]
pub fn is_emoji_name(name: &str) -> bool {
    (2..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Body for EmojiCreate {
    fn check(&self) -> Limit {
        emoji_named(&self.name)?;
        self.picture.check()?;
        for_roles(&self.roles)
    }
}

impl Body for EmojiEdit {
    fn check(&self) -> Limit {
        self.name.as_deref().map_or(Ok(()), emoji_named)?;
        self.roles.as_deref().map_or(Ok(()), for_roles)
    }
}

impl Body for EmojiDelete {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Picture {
    pub(in crate::body) fn check(&self) -> Limit {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        hold((1..=EMOJI_BYTES_MAX).contains(&size), "an emoji has 1 to 262,144 bytes")
    }
}

pub(in crate::body) fn emoji_named(name: &str) -> Limit {
    hold(is_emoji_name(name), "an emoji's name has 2 to 32 of A-Z, a-z, 0-9 and underscore")
}

fn for_roles(roles: &[RoleId]) -> Limit {
    ascending(roles, ROLES_MAX, "roles are at most 250, ascending, each once")
}

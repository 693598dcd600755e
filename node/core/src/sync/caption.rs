//! What voice channels are said to be about while people are in them: said on links, kept nowhere.

use super::hearsay::{Hearsay, Spoken};
use imbl::OrdMap;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};

/// Characters of a caption; Discord's number.
pub const CAPTION_MAX: usize = 500;
/// How far ahead of this program's clock the time of a caption may lie, ms: a later one would outlast what is said after it.
pub const AHEAD_MS: u64 = 10 * 60 * 1_000;

/// What somebody says a voice channel is about. Of what several say the latest counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Caption {
    /// The guild.
    #[n(0)]
    pub space: SpaceId,
    /// When they said so by their program's clock, Unix ms.
    #[n(1)]
    pub at_ms: u64,
    /// At most [`CAPTION_MAX`] characters; empty: about nothing any more.
    #[n(2)]
    pub text: String,
}

/// Captions, by where and by whom. Cheap to clone.
pub type Captions = OrdMap<(ChannelId, UserId), Caption>;

/// What one program knows of captions.
pub type Captioned = Hearsay<(ChannelId, UserId), Caption>;

impl Caption {
    pub(super) fn is_bounded(&self) -> bool {
        self.text.chars().count() <= CAPTION_MAX
    }
}

impl Spoken for Caption {
    fn best<'a>(said: impl Iterator<Item = &'a Self> + Clone) -> Option<Self> {
        said.max_by_key(|caption| caption.at_ms).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: (ChannelId, UserId) = (ChannelId([3; 32]), UserId([1; 32]));

    fn caption(at_ms: u64) -> Caption {
        Caption { space: SpaceId([2; 32]), at_ms, text: format!("said at {at_ms}") }
    }

    #[test]
    fn of_two_devices_of_a_person_the_later_word_counts_until_its_link_ends() {
        let mut captioned = Captioned::default();
        captioned.heard(1, KEY, Some(caption(7)), true);
        captioned.heard(2, KEY, Some(caption(5)), true);
        assert_eq!(captioned.elsewhere().get(&KEY), Some(&caption(7)));
        captioned.gone(1);
        assert_eq!(captioned.told(true).get(&KEY), Some(&caption(5)));
        assert!(captioned.told(false).is_empty(), "a node passes nothing on");
    }
}

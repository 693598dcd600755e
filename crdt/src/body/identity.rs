//! Bodies of an account's own log. Authored by the identity key that is current; `DeviceAdd` also by the device.

use super::governance::{Picture, emoji_named};
use super::limit::{Limit, address, chars, chars_if, hold, relays};
use super::{Body, wire_enum};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, SpaceId, UserId};
use minicbor::{Decode, Encode};
use nexus_crypto::PublicKey;

wire_enum! {
    /// What an account is.
    AccountClass {
        /// A person.
        Person = 0,
        /// A program; its application id is its user id.
        Bot = 1,
    }
}

wire_enum! {
    /// Where a device key lives.
    DeviceClass {
        /// On a device of the account's owner.
        Own = 0,
        /// On a relay that signs for the account; at most one for each account and relay.
        Hosted = 1,
        /// On the machine that runs the bot's home.
        Bot = 2,
    }
}

/// Begins an account. Its op id is the UserId; its header's author is the first identity key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct IdGenesis {
    /// What it is.
    #[n(0)]
    pub class: AccountClass,
    /// `BLAKE3(recovery public key)`; none for an account made by plain REST on a relay.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub recovery: Option<[u8; 32]>,
}

/// Hands the account to another identity key. Signed by the old key or by the recovery key. Its header's `target`
/// is the op that began the reign it ends: the IdGenesis, or the IdRotate before it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct IdRotate {
    /// The next identity key.
    #[n(0)]
    pub new_key: DeviceKey,
    /// The last op of the old key's log that stays valid, with what its chain holds before it: by id, so that
    /// who keeps the old key cannot slip a sibling branch in. The target itself, where the log is empty.
    #[n(1)]
    pub keep: OpId,
    /// The commitment to the next recovery key; none leaves it as it is. The identity key may set the first
    /// commitment only, the recovery key any.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub recovery: Option<[u8; 32]>,
}

/// Certifies a device.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct DeviceAdd {
    /// Its key.
    #[n(0)]
    pub device: DeviceKey,
    /// Where it lives.
    #[n(1)]
    pub class: DeviceClass,
    /// The device's own signature over `"nexus-device-v1\0" ‖ user id`, so that nobody claims a stranger's device.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub proof: [u8; 64],
}

/// Ends a device.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRevoke {
    /// Its key.
    #[n(0)]
    pub device: DeviceKey,
    /// What it wrote up to here (inclusive) still counts.
    #[n(1)]
    pub keep_until: Hlc,
}

/// Name and face; the latest (hlc, op id) counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Profile {
    /// 1 to 32 characters.
    #[n(0)]
    pub name: String,
    /// Up to 190 characters.
    #[n(1)]
    pub about: String,
}

/// The account's home relays; the latest counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct IdRelays {
    /// Base URLs, at most 8.
    #[n(0)]
    pub urls: Vec<String>,
}

/// What makes an account of class bot an application; the latest counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Application {
    /// Who made it. Their own word is the application's token, not this field.
    #[n(0)]
    pub owner: UserId,
    /// Up to 400 characters.
    #[n(1)]
    pub description: String,
    /// Discord's application flags; the privileged intents among them.
    #[n(2)]
    pub flags: u64,
    /// The URL (http or https, up to 2,048 bytes) at which the bot is asked, in place of its gateway sessions.
    #[n(3)]
    pub endpoint: Option<String>,
}

/// What people can ask a bot for: Discord's application command. Of one offer the latest op counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Offer {
    /// Which; none makes one, which has this op's id.
    #[n(0)]
    pub offer: Option<OpId>,
    /// The guild it is made in; none: everywhere the bot is. The op that makes the offer says it for good.
    #[n(1)]
    pub guild: Option<SpaceId>,
    /// Its definition, JSON as Discord documents it without ids, 2 to 24,576 bytes; none takes it away. What it says is for
    /// the window to read, which shows nothing it does not understand.
    #[n(2)]
    pub definition: Option<String>,
}

/// Another name that the account speaks under in one channel, by a link. Of one webhook the latest op counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Webhook {
    /// Which; none makes one, which has this op's id.
    #[n(0)]
    pub webhook: Option<OpId>,
    /// Where.
    #[n(1)]
    pub channel: ChannelId,
    /// 1 to 80 characters; none takes it away.
    #[n(2)]
    pub name: Option<String>,
    /// The announcement channel that `channel` follows by it. The op that makes it says it for good.
    #[n(3)]
    pub follows: Option<ChannelId>,
}

/// An emoji of a bot's own, which it uses wherever it is. Of one emoji the latest op counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OwnEmoji {
    /// Which; none makes one, which has this op's id.
    #[n(0)]
    pub emoji: Option<OpId>,
    /// As in [`super::governance::EmojiCreate`]; none takes it away.
    #[n(1)]
    pub name: Option<String>,
    /// What it looks like: of the op that makes it, and of no other.
    #[n(2)]
    pub picture: Option<Picture>,
}

impl Body for IdGenesis {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for IdRotate {
    fn check(&self) -> Limit {
        usable(&self.new_key)
    }
}

impl Body for DeviceAdd {
    fn check(&self) -> Limit {
        usable(&self.device)
    }
}

impl Body for DeviceRevoke {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Profile {
    fn check(&self) -> Limit {
        chars(&self.name, 1..=32, "a name has 1 to 32 characters")?;
        chars(&self.about, 0..=190, "a text about oneself has up to 190 characters")
    }
}

impl Body for IdRelays {
    fn check(&self) -> Limit {
        relays(&self.urls)
    }
}

impl Body for Application {
    fn check(&self) -> Limit {
        chars(&self.description, 0..=400, "a description has up to 400 characters")?;
        self.endpoint.as_deref().map_or(Ok(()), address)
    }
}

impl Body for Offer {
    fn check(&self) -> Limit {
        let fits = |text: &String| (2..=DEFINITION_MAX).contains(&text.len());
        hold(self.definition.as_ref().is_none_or(fits), "a definition has 2 to 24,576 bytes")?;
        hold(self.offer.is_some() || self.definition.is_some(), "an offer begins with a definition")
    }
}

impl Body for Webhook {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=80, "a webhook's name has 1 to 80 characters")?;
        hold(self.webhook.is_some() || self.name.is_some(), "a webhook begins with a name")
    }
}

impl Body for OwnEmoji {
    fn check(&self) -> Limit {
        self.name.as_deref().map_or(Ok(()), emoji_named)?;
        self.picture.as_ref().map_or(Ok(()), Picture::check)?;
        let makes = self.emoji.is_none();
        hold(makes == self.picture.is_some(), "an emoji begins with a picture, and keeps it")?;
        hold(!makes || self.name.is_some(), "an emoji begins with a name")
    }
}

/// Bytes of an offer's definition.
const DEFINITION_MAX: usize = 24_576;

fn usable(key: &DeviceKey) -> Limit {
    hold(PublicKey::parse(key.0).is_ok(), "no usable Ed25519 key")
}

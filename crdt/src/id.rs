//! The names of things. Each is the hash of the op that made it, so nobody can make a second thing of that name.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The raw bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] { &self.0 }

            /// Lower-case hexadecimal, as people and tools see it.
            #[must_use]
            pub fn to_hex(&self) -> String {
                self.0.iter().map(|byte| format!("{byte:02x}")).collect()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:02x}{:02x}{:02x}{:02x})", stringify!($name), self.0[0], self.0[1], self.0[2], self.0[3])
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self, e: &mut minicbor::Encoder<W>, _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                bytes.try_into().map(Self).map_err(|_| minicbor::decode::Error::message(
                    concat!(stringify!($name), " has another length")))
            }
        }
    };
}

id!(/// An op: `derive_key("nexus 2026 op id v1", header)`.
    OpId, 32);
id!(/// A space: a guild, a conversation or an identity, named by its genesis op.
    SpaceId, 32);
id!(/// An account, named by its `IdGenesis`. Also the id of its identity space.
    UserId, 32);
id!(/// A role, named by the op that made it; `@everyone` by the guild's Genesis.
    RoleId, 32);
id!(/// A chat channel, named by the op that made it; a conversation's one channel by its Genesis.
    ChannelId, 32);
id!(/// A stream inside a space: zero is governance, `00..01` membership, else the head of a channel's id.
    StreamId, 16);
id!(/// The admission of a log: head of the id of the Join (or Genesis) that let its author in; zero for those two.
    Tenure, 16);
id!(/// The hash of a sorted set of governance heads, as membership and content ops cite it.
    FrontierId, 32);
id!(/// An author device's Ed25519 public key, as it stands in headers. Usable only after `PublicKey::parse`.
    DeviceKey, 32);

impl SpaceId {
    /// What Genesis and IdGenesis carry in place of their own id.
    pub const NONE: Self = Self([0; 32]);
}

impl StreamId {
    /// Roles, channels, bans: everything about authority.
    pub const GOVERNANCE: Self = Self([0; 16]);
    /// Joins, leaves, nicknames.
    pub const MEMBERSHIP: Self = Self([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// Whether it holds a channel's messages.
    #[must_use]
    pub fn is_channel(&self) -> bool {
        *self != Self::GOVERNANCE && *self != Self::MEMBERSHIP
    }
}

impl Tenure {
    /// Of Genesis and Join, which admit themselves.
    pub const NONE: Self = Self([0; 16]);

    /// The tenure that an admitting op begins.
    #[must_use]
    pub fn of(op: &OpId) -> Self {
        Self(head(&op.0))
    }
}

impl ChannelId {
    /// The stream that holds this channel's messages.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        StreamId(head(&self.0))
    }
}

impl FrontierId {
    /// `BLAKE3(head ‖ head ‖ ..)` over the heads in ascending order, each once.
    #[must_use]
    pub fn of(heads: &[OpId]) -> Self {
        let mut sorted = heads.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let parts: Vec<&[u8]> = sorted.iter().map(|id| id.0.as_slice()).collect();
        Self(nexus_crypto::hash_parts(&parts))
    }
}

macro_rules! named_by_op {
    ($($name:ident),*) => {$(
        impl From<OpId> for $name { fn from(op: OpId) -> Self { Self(op.0) } }
        impl From<$name> for OpId { fn from(id: $name) -> Self { Self(id.0) } }
    )*};
}
named_by_op!(SpaceId, UserId, RoleId, ChannelId);

impl From<nexus_crypto::PublicKey> for DeviceKey {
    fn from(key: nexus_crypto::PublicKey) -> Self {
        Self(*key.as_bytes())
    }
}

fn head(bytes: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&bytes[..16]);
    out
}

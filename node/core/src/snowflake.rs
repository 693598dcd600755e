//! The numbers the API calls things by. Never a security principal: 22 bits can be ground in a second.

use crate::store::StoreFault;
use imbl::OrdMap;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;

/// 2015-01-01T00:00:00Z, where Discord's ids begin, in Unix ms.
pub const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// An id of the API: `ms since 2015 << 22 | HLC counter (10 bits, saturating) << 12 | 12 bits of BLAKE3(op id ‖ probe)`.
///
/// The counter stands above the hash so that what one node writes within a millisecond keeps its order in the API;
/// a collision is resolved by the next probe. An id is assigned at first sight and stable on this program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Snowflake(pub u64);

impl Snowflake {
    /// The first id that nothing has, probing from the op's own. `taken` asks the scope.
    ///
    /// # Errors
    /// What `taken` fails with.
    pub fn assign(
        op: &OpId,
        hlc: Hlc,
        mut taken: impl FnMut(Self) -> Result<bool, StoreFault>,
    ) -> Result<Self, StoreFault> {
        let mut probe = 0u32;
        loop {
            let id = Self::probe(op, hlc, probe);
            if !taken(id)? {
                return Ok(id);
            }
            probe += 1;
        }
    }

    fn probe(op: &OpId, hlc: Hlc, probe: u32) -> Self {
        let ms = hlc.ms().saturating_sub(DISCORD_EPOCH_MS) & ((1 << 42) - 1);
        let counter = u64::from(hlc.counter().min(1023));
        let hash = nexus_crypto::hash_parts(&[&op.0, &probe.to_be_bytes()]);
        // After 4,096 probes of one counter the counter's bits are searched too: there is always a free number.
        let low = u64::from(u16::from_be_bytes([hash[0], hash[1]]) & 0xfff);
        let counter = (counter + u64::from(probe / 4096)) & 1023;
        Self(ms << 22 | counter << 12 | low)
    }

    /// The first id of a millisecond.
    #[must_use]
    pub const fn first_at(unix_ms: u64) -> Self {
        Self((unix_ms.saturating_sub(DISCORD_EPOCH_MS) & ((1 << 42) - 1)) << 22)
    }

    /// Unix ms it carries.
    #[must_use]
    pub const fn ms(self) -> u64 {
        (self.0 >> 22) + DISCORD_EPOCH_MS
    }
}

/// Two-way table of one scope: users, guilds, channels, roles, invites' bots. Messages have theirs in the store.
#[derive(Clone, Debug, Default)]
pub struct Snowflakes {
    by_id: OrdMap<Snowflake, OpId>,
    by_op: OrdMap<OpId, Snowflake>,
}

impl Snowflakes {
    /// The op behind a number.
    #[must_use]
    pub fn op(&self, id: Snowflake) -> Option<OpId> {
        self.by_id.get(&id).copied()
    }

    /// The number of an op's thing; 0, which nothing has, where it has none yet.
    #[must_use]
    pub fn of(&self, op: impl Into<OpId>) -> Snowflake {
        self.by_op.get(&op.into()).copied().unwrap_or(Snowflake(0))
    }

    /// Keeps a pair, as assigned or as loaded.
    pub fn insert(&mut self, id: Snowflake, op: OpId) {
        self.by_id.insert(id, op);
        self.by_op.insert(op, id);
    }

    /// Whether the number has a thing.
    #[must_use]
    pub fn is_taken(&self, id: Snowflake) -> bool {
        self.by_id.contains_key(&id)
    }
}

//! A true account: a core that keeps everything in memory, and the keys it made.

use super::Heard;
use anyhow::{Context as _, Result, anyhow, bail};
use nexus_core::{
    Arriving, Command, Core, Effect, Env, Input, MemoryStore, MessageDraft, Record, Reply, Secret, Store,
    Ticket,
};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crypto::SecretKey;
use std::time::{SystemTime, UNIX_EPOCH};

/// Somebody, and what their program holds.
pub struct Account {
    core: Core,
    store: MemoryStore,
    /// Who it is.
    pub user: UserId,
    /// What it signs with.
    pub device: SecretKey,
}

impl Account {
    /// A new account with a device.
    ///
    /// # Errors
    /// Where the core makes none.
    pub fn new(name: &str) -> Result<Self> {
        let store = MemoryStore::named(rand::random());
        let core = Core::load(&store).map_err(|error| anyhow!("{error}"))?;
        let nobody = SecretKey::from_seed(&rand::random());
        let mut account = Self { core, store, user: UserId([0; 32]), device: nobody };
        let made = account.handle(None, Command::Setup { name: name.to_owned() })?;
        let Reply::Setup { user, .. } = made else { bail!("no account") };
        account.user = user;
        account.device = account.own_device()?;
        Ok(account)
    }

    /// A program that knows what this one knows by now, and has no owner, but keys of somebody that it kept.
    ///
    /// # Errors
    /// Where they are not enough to write by.
    pub fn with_kept_keys(&self, user: UserId, kept: &[Secret]) -> Result<Self> {
        let store = MemoryStore::named(rand::random());
        let core = Core::load(&store).map_err(|error| anyhow!("{error}"))?;
        let mut account = Self { core, store, user, device: SecretKey::from_seed(&rand::random()) };
        let ops = self.store.ops().map(|stored| Arriving::Bytes(stored.encode())).collect();
        account.turn(Input::Ops { ops, frontiers: self.frontiers()?, cursor: None, gaps: Vec::new() })?;
        let records: Vec<Record> = kept.iter().cloned().map(Record::Secret).collect();
        account.store.apply(&records);
        account.core = Core::load(&account.store).map_err(|error| anyhow!("{error}"))?;
        account.device = account.own_device()?;
        Ok(account)
    }

    /// Hands its account over to keys of its own, as the relay that kept them does for who claims it; the IdRotate.
    ///
    /// # Errors
    /// Where the core refuses.
    pub fn take_over(&mut self, relay: &str) -> Result<OpId> {
        let (user, relay) = (self.user, relay.to_owned());
        let begun = self.handle(None, Command::BeginClaim { user })?;
        let Reply::Claiming { identity_key, recovery } = begun else { bail!("no keys") };
        self.handle(None, Command::HandOverAccount { user, identity_key, recovery })?;
        self.handle(None, Command::FinishClaim { user, relay, keep_hosted: false })?;
        self.device = self.own_device()?;
        self.rotation()?.context("an IdRotate")
    }

    /// The first IdRotate of its account that it knows.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn rotation(&self) -> Result<Option<OpId>> {
        let ops = self.store.stream_ops(&SpaceId(self.user.0), &StreamId::GOVERNANCE)?;
        Ok(ops.iter().find(|stored| stored.op.kind() == Some(Kind::IdRotate)).map(|stored| stored.op.id))
    }

    /// Whether a checkpoint that it knows cites an op.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn knows_settled(&self, space: &SpaceId, rotation: &OpId) -> Result<bool> {
        let ops = self.store.stream_ops(space, &StreamId::GOVERNANCE)?;
        Ok(ops.iter().any(|stored| {
            stored.op.kind() == Some(Kind::Checkpoint) && stored.op.header.target == Some(*rotation)
        }))
    }

    fn own_device(&self) -> Result<SecretKey> {
        let own = |secret| match secret {
            Secret::Device(of, key) if of == self.user => Some(key),
            _ => None,
        };
        self.store.secrets()?.into_iter().find_map(own).context("a device")
    }

    /// Does what an honest program would.
    ///
    /// # Errors
    /// Where the core refuses.
    pub fn command(&mut self, command: Command) -> Result<Reply> {
        self.handle(Some(self.user), command)
    }

    /// Takes in what was heard.
    ///
    /// # Errors
    /// Where the core fails.
    pub fn learn(&mut self, heard: &Heard) -> Result<()> {
        let ops = heard.op_bytes().map(|bytes| Arriving::Bytes(bytes.to_vec())).collect();
        let frontiers = heard.frontiers();
        self.turn(Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() }).map(drop)
    }

    /// Says something, as an honest program does; the op, encoded, with what it cites known to whoever holds the guild.
    ///
    /// # Errors
    /// Where the core refuses.
    pub fn say(&mut self, channel: ChannelId, words: &str) -> Result<Vec<u8>> {
        let draft = MessageDraft::plain(channel, words);
        let Reply::Message(message) = self.command(Command::SendMessage(draft))? else { bail!("no message") };
        let stored = self.store.op(&message.id)?.context("what was just written")?;
        Ok(stored.encode())
    }

    /// The guilds it knows.
    #[must_use]
    pub fn guilds(&self) -> Vec<SpaceId> {
        self.core.view().guilds.keys().copied().collect()
    }

    /// The view of what it knows.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Its identity log, encoded.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn identity(&self) -> Result<Vec<Vec<u8>>> {
        let ops = self.store.stream_ops(&SpaceId(self.user.0), &StreamId::GOVERNANCE)?;
        Ok(ops.iter().map(nexus_core::StoredOp::encode).collect())
    }

    /// What it wrote itself in a space, encoded, oldest first.
    #[must_use]
    pub fn written(&self, space: &SpaceId) -> Vec<Vec<u8>> {
        let device = self.device.public();
        self.ops_where(|op| op.header.space == *space && op.header.author.0 == *device.as_bytes())
    }

    /// Everything it holds of a stream, encoded.
    #[must_use]
    pub fn stream(&self, space: &SpaceId, stream: &StreamId) -> Vec<Vec<u8>> {
        self.ops_where(|op| op.header.space == *space && op.header.stream == *stream)
    }

    /// The heads behind every frontier.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn frontiers(&self) -> Result<Vec<Vec<OpId>>> {
        Ok(self.store.frontiers()?)
    }

    fn ops_where(&self, which: impl Fn(&Op) -> bool) -> Vec<Vec<u8>> {
        let mut ops: Vec<_> = self.store.ops().filter(|stored| which(&stored.op)).collect();
        ops.sort_by_key(|stored| (stored.op.header.hlc, stored.op.header.seq));
        ops.into_iter().map(nexus_core::StoredOp::encode).collect()
    }

    fn handle(&mut self, actor: Option<UserId>, command: Command) -> Result<Reply> {
        let input = Input::Command { ticket: Ticket(1), actor, command: Box::new(command) };
        self.turn(input)?.context("no answer")
    }

    fn turn(&mut self, input: Input) -> Result<Option<Reply>> {
        let entropy = std::array::from_fn(|_| rand::random());
        let env = Env { now_ms: now_ms(), entropy, store: &self.store };
        let mut reply = None;
        for effect in self.core.handle(input, &env)? {
            match effect {
                Effect::Append(records) => self.store.apply(&records),
                Effect::Reply { outcome, .. } => {
                    reply = Some(outcome.map_err(|refusal| anyhow!("{refusal:?}"))?);
                }
                _ => {}
            }
        }
        Ok(reply)
    }
}

/// Wall clock, Unix ms.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

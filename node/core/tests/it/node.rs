//! A node without a shell: carries effects out on a store in memory, with a clock that is a field.

use nexus_core::{
    Arriving, BotInstall, Change, ChannelDraft, Command, Core, Effect, Env, Input, MemoryStore, Message,
    MessageDraft, MessageEdit, Record, Refusal, Reply, RoleDraft, Secret, Store, Taken, Ticket,
};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, RateClass};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::op;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline;
use nexus_crypto::SecretKey;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) const NOW_MS: u64 = 1_790_000_000_000;

pub(crate) struct Node {
    pub(crate) core: Core,
    pub(crate) store: MemoryStore,
    pub(crate) now_ms: u64,
    pub(crate) changes: Vec<Change>,
    pub(crate) refused: Vec<&'static str>,
    /// What became of the last ops from elsewhere.
    pub(crate) taken: Taken,
    /// Spaces whose arrival log grew since somebody looked.
    pub(crate) fed: BTreeSet<SpaceId>,
    seed: u8,
    inputs: u64,
}

/// A node with its owner, one guild, its text channel.
pub(crate) struct Home {
    pub(crate) node: Node,
    pub(crate) owner: UserId,
    pub(crate) guild: SpaceId,
    pub(crate) channel: ChannelId,
}

impl Node {
    pub(crate) fn new(seed: u8) -> Self {
        let store = MemoryStore::named([seed; 16]);
        let core = Core::load(&store).unwrap();
        Self {
            core,
            store,
            now_ms: NOW_MS,
            changes: Vec::new(),
            refused: Vec::new(),
            taken: Taken::default(),
            fed: BTreeSet::new(),
            seed,
            inputs: 0,
        }
    }

    pub(crate) fn setup(&mut self, name: &str) -> UserId {
        match self.command(None, Command::Setup { name: name.to_owned() }) {
            Ok(Reply::Setup { user, .. }) => user,
            other => panic!("setup answered {other:?}"),
        }
    }

    pub(crate) fn command(
        &mut self,
        actor: impl Into<Option<UserId>>,
        command: Command,
    ) -> Result<Reply, Refusal> {
        let input = Input::Command { ticket: Ticket(7), actor: actor.into(), command: Box::new(command) };
        self.handle(input).expect("a command is answered")
    }

    pub(crate) fn created(&mut self, actor: UserId, command: Command) -> OpId {
        match self.command(actor, command) {
            Ok(Reply::Created(id)) => id,
            other => panic!("answered {other:?}"),
        }
    }

    pub(crate) fn deliver(&mut self, ops: Vec<Vec<u8>>, frontiers: Vec<Vec<OpId>>) {
        let ops = ops.into_iter().map(Arriving::Bytes).collect();
        let reply = self.handle(Input::Ops { ops, frontiers, cursor: None, gaps: Vec::new() });
        assert!(reply.is_none());
    }

    pub(crate) fn tick(&mut self) {
        self.handle(Input::Tick);
    }

    /// As if the process ended and began again.
    pub(crate) fn restart(&mut self) {
        self.core = Core::load(&self.store).unwrap();
    }

    pub(crate) fn handle(&mut self, input: Input) -> Option<Result<Reply, Refusal>> {
        self.inputs += 1;
        let mut entropy = [self.seed; 64];
        entropy[..8].copy_from_slice(&self.inputs.to_be_bytes());
        let env = Env { now_ms: self.now_ms, entropy, store: &self.store };
        let effects = self.core.handle(input, &env).unwrap();
        let mut reply = None;
        for effect in effects {
            match effect {
                Effect::Append(records) => {
                    self.fed.extend(records.iter().filter_map(fed_by));
                    self.store.apply(&records);
                }
                Effect::Reply { outcome, .. } => reply = Some(outcome),
                Effect::Publish(changes) => self.changes.extend(changes),
                Effect::Taken(taken) => {
                    self.refused.extend(taken.refused.iter().copied());
                    self.taken = taken;
                }
                _ => {}
            }
        }
        reply
    }

    /// What an account signs with here.
    pub(crate) fn device_of(&self, user: UserId) -> SecretKey {
        let mut secrets = self.store.secrets().unwrap().into_iter();
        let key = secrets.find_map(|secret| match secret {
            Secret::Device(whose, key) if whose == user => Some(key),
            _ => None,
        });
        key.expect("a device is here")
    }

    /// Every op here, encoded, and every frontier.
    pub(crate) fn everything(&self) -> (Vec<Vec<u8>>, Vec<Vec<OpId>>) {
        let ops = self.store.ops().map(|stored| op::encode(&stored.verify().unwrap())).collect();
        (ops, self.store.frontiers().unwrap())
    }

    pub(crate) fn take_all_of(&mut self, other: &Self) {
        let (ops, frontiers) = other.everything();
        self.deliver(ops, frontiers);
    }

    pub(crate) fn guild(&self, guild: &SpaceId) -> &GuildView {
        &self.core.view().guilds[guild]
    }

    pub(crate) fn timeline(&self, channel: &ChannelId) -> [u8; 32] {
        let mut lines = Vec::new();
        self.store.timeline(&channel.stream(), &mut |line| lines.push(line)).unwrap();
        timeline::hash(lines.into_iter())
    }

    /// The texts to be seen in a channel, in order of writing.
    pub(crate) fn texts(&self, channel: &ChannelId) -> Vec<String> {
        self.messages(channel).iter().map(text_of).collect()
    }

    pub(crate) fn messages(&self, channel: &ChannelId) -> Vec<Message> {
        let rows = self.store.messages(&channel.stream(), nexus_core::Snowflake(0), false, 1_000).unwrap();
        let mut all: Vec<Message> = rows
            .iter()
            .filter_map(|row| nexus_core::read(&self.store, self.core.view(), row).unwrap())
            .collect();
        all.sort_by_key(|message| (message.hlc, message.id));
        all
    }

    pub(crate) fn say(&mut self, actor: UserId, channel: ChannelId, text: &str) -> Arc<Message> {
        match self.command(actor, send(channel, text)) {
            Ok(Reply::Message(message)) => message,
            other => panic!("{text:?} answered {other:?}"),
        }
    }

    pub(crate) fn edit(
        &mut self,
        actor: UserId,
        channel: ChannelId,
        message: OpId,
        text: &str,
    ) -> Result<Reply, Refusal> {
        let edit = MessageEdit { text: Some(RichText::plain(text)), ..MessageEdit::default() };
        self.command(actor, Command::EditMessage { channel, message, edit })
    }

    /// A bot of the owner's, let into a guild.
    pub(crate) fn bot(&mut self, owner: UserId, guild: SpaceId, name: &str) -> UserId {
        let create = Command::CreateApplication { name: name.to_owned(), description: String::new() };
        let application = UserId(self.created(owner, create).0);
        let install = BotInstall { guild, application, permissions: None };
        self.command(owner, Command::InstallBot(install)).unwrap();
        application
    }
}

fn fed_by(record: &Record) -> Option<SpaceId> {
    match record {
        Record::Op { op, .. } => Some(nexus_core::store::feed_of(&op.op)),
        _ => None,
    }
}

impl Home {
    pub(crate) fn new(seed: u8) -> Self {
        let mut node = Node::new(seed);
        let owner = node.setup("Ann");
        let guild = SpaceId(node.created(owner, Command::CreateGuild { name: String::from("Home") }).0);
        let channel =
            node.guild(&guild).channels.values().find(|channel| channel.name == "general").unwrap().id;
        Self { node, owner, guild, channel }
    }

    pub(crate) fn bot(&mut self, name: &str) -> UserId {
        self.node.bot(self.owner, self.guild, name)
    }

    pub(crate) fn role(&mut self, name: &str, permissions: Permissions, rate_class: RateClass) -> RoleId {
        let draft = RoleDraft {
            name: name.to_owned(),
            permissions: Some(permissions),
            color: 0,
            hoist: false,
            mentionable: false,
            rate_class,
        };
        RoleId(self.node.created(self.owner, Command::CreateRole { guild: self.guild, draft }).0)
    }

    pub(crate) fn give(&mut self, user: UserId, role: RoleId) {
        let give = Command::AddMemberRole { guild: self.guild, user, role };
        self.node.command(self.owner, give).unwrap();
    }

    /// A second person on a node of their own, who has joined by an invite and has everything.
    pub(crate) fn guest(&mut self, seed: u8, name: &str) -> (Node, UserId) {
        let mut node = Node::new(seed);
        node.now_ms = self.node.now_ms;
        let user = node.setup(name);
        let create = Command::CreateInvite { channel: self.channel, max_age_s: 0 };
        let invite = self.node.created(self.owner, create);
        node.take_all_of(&self.node);
        let code = self.node.core.view().invite_codes[&invite];
        node.created(user, Command::Join { code });
        self.node.take_all_of(&node);
        (node, user)
    }
}

pub(crate) fn send(channel: ChannelId, text: &str) -> Command {
    Command::SendMessage(draft(channel, text))
}

pub(crate) fn draft(channel: ChannelId, text: &str) -> MessageDraft {
    MessageDraft::plain(channel, text)
}

pub(crate) fn channel_draft(name: &str) -> ChannelDraft {
    let fields = ChannelFields { name: Some(name.to_owned()), ..ChannelFields::default() };
    ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() }
}

pub(crate) fn text_of(message: &Message) -> String {
    let parts = message.body.text.0.iter();
    parts
        .map(|part| match part {
            nexus_crdt::body::rich_text::Part::Text(text) => text.as_str(),
            _ => "@",
        })
        .collect()
}

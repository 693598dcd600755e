//! Change -> event: its name, its data made once, and who may hear of it.

use super::event::{Event, EventName, Payload, Scope};
use super::intents::Intents;
use super::ready::object;
use crate::audit::Entry;
use crate::ports::Accounts;
use crate::render;
use messages::Telling;
use nexus_core::{Change, Message, Snowflake, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::{Channel, GuildView, Invite, Member};
use nexus_crdt::id::{ChannelId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_node::{Node, Published, Reader};
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Messages named by one MESSAGE_DELETE_BULK; Discord's number.
const BULK_MAX: usize = 100;

/// What is to be handed out, in order.
pub(super) enum Delivery<'a> {
    /// An event; `structural` where GUILD_CREATE says the same.
    Event { event: Event, structural: bool },
    /// A message of which nobody seemed to hear: drawn where somebody does by the time it is handed out.
    Undrawn(Telling<'a>),
    /// A guild begins for an account: each of its sessions gets a GUILD_CREATE of its own.
    BeginGuild { user: UserId, space: SpaceId },
}

/// The spaces in which somebody may see something other than before.
pub(super) fn reshaped(changes: &[Change]) -> BTreeSet<SpaceId> {
    let of = |change: &Change| match change {
        Change::GuildCreated { space }
        | Change::GuildUpdated { space }
        | Change::RoleCreated { space, .. }
        | Change::RoleUpdated { space, .. }
        | Change::RoleDeleted { space, .. }
        | Change::ChannelCreated { space, .. }
        | Change::ChannelUpdated { space, .. }
        | Change::ChannelDeleted { space, .. }
        | Change::MemberJoined { space, .. }
        | Change::MemberUpdated { space, .. }
        | Change::MemberLeft { space, .. }
        // Whoever is brought into a private thread sees it.
        | Change::ThreadFollowed { space, .. } => Some(*space),
        _ => None,
    };
    changes.iter().filter_map(of).collect()
}

/// Messages that were taken away: what they say is not to be replayed to anybody. Of one that was moved, as it was told of where it
/// was: the word that it is shown elsewhere says it all, and is found where it will be taken away.
pub(super) fn taken_away(changes: &[Change]) -> BTreeSet<(ChannelId, Snowflake)> {
    let mut gone = BTreeSet::new();
    for change in changes {
        match change {
            Change::MessageDeleted { channel, api_id, .. } => drop(gone.insert((*channel, *api_id))),
            Change::MessageMoved { message, from: Some(from) } => drop(gone.insert((*from, message.api_id))),
            Change::MessagesDeleted { channel, messages, .. } => {
                gone.extend(messages.iter().map(|(_, number)| (*channel, *number)));
            }
            _ => {}
        }
    }
    gone
}

/// What events are drawn from.
pub(super) struct Sources<'a> {
    /// Where files are.
    pub(super) files: &'a str,
    pub(super) accounts: &'a dyn Accounts,
    pub(super) node: &'a Node,
    /// The store, once something was looked up: most events need nothing of it.
    reader: OnceCell<Option<Reader>>,
}

impl<'a> Sources<'a> {
    pub(super) const fn new(node: &'a Node, accounts: &'a dyn Accounts, files: &'a str) -> Self {
        Self { files, accounts, node, reader: OnceCell::new() }
    }

    /// None while it cannot be read.
    pub(super) fn reader(&self) -> Option<&Reader> {
        self.reader.get_or_init(|| self.node.read().ok()).as_ref()
    }
}

/// What a batch of changes is to gateway sessions. `may_hear` says whether somebody seems to hear what is told to a scope under intents: what
/// it says no of is not drawn.
pub(super) fn deliveries<'a>(
    published: &'a Published,
    sources: &'a Sources<'a>,
    may_hear: &'a dyn Fn(&Scope, Intents) -> bool,
) -> Vec<Delivery<'a>> {
    let (view, begun, audit, out) = (&*published.view, BTreeSet::new(), BTreeMap::new(), Vec::new());
    let mut dispatcher = Dispatcher { view, sources, may_hear, begun, audit, out };
    for change in published.changes.iter() {
        dispatcher.change(change);
    }
    dispatcher.let_in(&published.changes);
    dispatcher.out
}

mod audit;
mod expressions;
mod filters;
mod groups;
mod integrations;
mod kept;
mod messages;
mod threads;

struct Dispatcher<'a> {
    view: &'a View,
    sources: &'a Sources<'a>,
    may_hear: &'a dyn Fn(&Scope, Intents) -> bool,
    begun: BTreeSet<(UserId, SpaceId)>,
    /// What was governed lately, of each guild that was.
    audit: BTreeMap<SpaceId, Vec<Entry>>,
    out: Vec<Delivery<'a>>,
}

impl<'a> Dispatcher<'a> {
    /// A thing that is gone from the view again by the batch's end has no event: its end has one.
    fn change(&mut self, change: &'a Change) {
        match change {
            Change::GuildCreated { space } => self.guild_created(space),
            Change::GuildUpdated { space } => self.guild_updated(space),
            Change::FilterCreated { space, filter } => {
                self.filter(EventName::AutoModerationRuleCreate, space, filter);
            }
            Change::FilterUpdated { space, filter } => {
                self.filter(EventName::AutoModerationRuleUpdate, space, filter);
            }
            Change::FilterDeleted { space, filter } => {
                self.about_filter(EventName::AutoModerationRuleDelete, space, filter);
            }
            Change::Caught { caught } => self.caught(caught),
            Change::EmojisUpdated { space } => self.emojis_updated(space),
            Change::OfferAccessUpdated { space, application, offer } => {
                self.offer_access(space, application, *offer);
            }
            Change::RoleCreated { space, role } => self.role(EventName::GuildRoleCreate, space, role),
            Change::RoleUpdated { space, role } => self.role(EventName::GuildRoleUpdate, space, role),
            Change::RoleDeleted { space, role } => self.role_deleted(space, role),
            Change::ChannelCreated { space, channel } => {
                self.channel(EventName::ChannelCreate, space, channel);
            }
            Change::ChannelUpdated { space, channel } => {
                self.channel(EventName::ChannelUpdate, space, channel);
            }
            Change::ChannelDeleted { space, channel } => self.channel_deleted(space, channel),
            Change::ThreadFollowed { space, thread, user, following } => {
                self.thread_followed(space, thread, user, *following);
            }
            Change::MemberJoined { space, user } => self.member_joined(space, user),
            Change::MemberUpdated { space, user } => self.member_updated(space, user),
            Change::MemberLeft { space, member } => self.member_left(space, member),
            Change::BanAdded { space, user } => self.ban(EventName::GuildBanAdd, space, user),
            Change::BanRemoved { space, user } => self.ban(EventName::GuildBanRemove, space, user),
            Change::InviteCreated { space, invite } => self.invite_created(space, invite),
            Change::InviteDeleted { space, invite } => self.invite_deleted(space, invite),
            Change::Governed { space, op } => self.governed(space, op),
            Change::ActVoided { space, op, author, kind, reason } => {
                let data = json!({
                    "guild_id": self.id(*space),
                    "op": op.to_hex(),
                    "action": kind.name(),
                    "reason": render::void_reason(*reason),
                });
                let payload = Payload::new(EventName::NexusActionVoid, &data);
                self.tell(Event::new(Scope::User(*author), Intents::NONE, payload));
            }
            Change::Noted { user, key } => self.noted(user, key),
            Change::UserUpdated { user } => self.user_updated(user),
            _ => self.in_channel(change),
        }
    }

    fn in_channel(&mut self, change: &'a Change) {
        match change {
            Change::MessageCreated { message } => self.message(EventName::MessageCreate, message),
            Change::MessageUpdated { message } => self.message(EventName::MessageUpdate, message),
            Change::MessageDeleted { space, channel, api_id, .. } => {
                let data = json!({ "id": api_id.0.to_string() });
                self.message_deleted(space, channel, data);
            }
            Change::MessageMoved { message, from } => self.message_moved(message, from.as_ref()),
            Change::MessagesDeleted { space, channel, messages } => {
                for some in messages.chunks(BULK_MAX) {
                    let ids: Vec<String> = some.iter().map(|(_, number)| number.0.to_string()).collect();
                    let data = json!({ "ids": ids });
                    self.about_channel(
                        EventName::MessageDeleteBulk,
                        space,
                        channel,
                        Intents::GUILD_MESSAGES,
                        data,
                    );
                }
            }
            Change::MessageVoided { space, channel, api_id, author, reason } => {
                let mut data = json!({
                    "id": api_id.0.to_string(),
                    "channel_id": self.id(*channel),
                    "reason": render::void_reason(*reason),
                });
                if self.guild(space).is_some() {
                    data["guild_id"] = json!(self.id(*space));
                }
                let payload = Payload::new(EventName::NexusMessageVoid, &data);
                self.tell(Event::new(Scope::User(*author), Intents::NONE, payload));
            }
            Change::PinsUpdated { space, channel } => {
                self.about_channel(EventName::ChannelPinsUpdate, space, channel, Intents::GUILDS, json!({}));
            }
            Change::PollVoted { .. } => self.poll_voted(change),
            Change::WebhooksUpdated { space, channel } => {
                let (name, data) = (EventName::WebhooksUpdate, json!({}));
                self.about_channel(name, space, channel, Intents::GUILD_WEBHOOKS, data);
            }
            Change::Typing { space, channel, user, at_ms } => self.typing(space, channel, user, *at_ms),
            Change::ReactionAdded { space, channel, message, message_author, user, emoji } => {
                let mut data = self.reaction(space, *message, Some(user), Some(emoji));
                data["message_author_id"] = json!(self.id(*message_author));
                if let Some(member) = self.member(space, user) {
                    data["member"] = member;
                }
                self.about_message(EventName::MessageReactionAdd, space, channel, data);
            }
            Change::ReactionRemoved { space, channel, message, user, emoji } => {
                let data = self.reaction(space, *message, Some(user), Some(emoji));
                self.about_message(EventName::MessageReactionRemove, space, channel, data);
            }
            Change::ReactionsCleared { space, channel, message, emoji } => {
                let name = match emoji {
                    Some(_) => EventName::MessageReactionRemoveEmoji,
                    None => EventName::MessageReactionRemoveAll,
                };
                let data = self.reaction(space, *message, None, emoji.as_ref());
                self.about_message(name, space, channel, data);
            }
            _ => {}
        }
    }

    fn guild_created(&mut self, space: &SpaceId) {
        let Some(guild) = self.view.guilds.get(space) else { return };
        if View::is_of_one(guild) {
            return;
        }
        if guild.facts.kind == SpaceKind::Conversation {
            self.conversation_created(guild);
            return;
        }
        let here = guild.members.keys().filter(|user| self.view.local.contains(*user));
        for user in here.copied().collect::<Vec<_>>() {
            self.begin(user, *space);
        }
    }

    /// Each participant sees the others in it. Bots are not told: they meet a conversation by its first message.
    fn conversation_created(&mut self, guild: &GuildView) {
        for user in guild.members.keys() {
            if let Some(channel) = render::conversation(self.view, self.sources.reader(), guild, user) {
                let payload = Payload::new(EventName::ChannelCreate, &channel);
                self.tell(Event::new(Scope::User(*user), Intents::PERSON, payload));
            }
        }
    }

    fn begin(&mut self, user: UserId, space: SpaceId) {
        if self.begun.insert((user, space)) {
            self.out.push(Delivery::BeginGuild { user, space });
        }
    }

    fn guild_updated(&mut self, space: &SpaceId) {
        let Some(guild) = self.guild(space) else { return self.group_updated(space) };
        let payload = Payload::new(EventName::GuildUpdate, &render::guild(self.view, guild));
        self.structural(Event::new(Scope::Members(*space), Intents::GUILDS, payload));
    }

    fn role(&mut self, name: EventName, space: &SpaceId, role: &RoleId) {
        let Some(guild) = self.guild(space) else { return };
        let Some(role) = guild.roles.get(role) else { return };
        let data = json!({ "guild_id": self.id(*space), "role": render::role(self.view, guild, role) });
        self.structural(Event::new(Scope::Members(*space), Intents::GUILDS, Payload::new(name, &data)));
    }

    fn role_deleted(&mut self, space: &SpaceId, role: &RoleId) {
        let data = json!({ "guild_id": self.id(*space), "role_id": self.id(*role) });
        let payload = Payload::new(EventName::GuildRoleDelete, &data);
        self.structural(Event::new(Scope::Members(*space), Intents::GUILDS, payload));
    }

    fn channel(&mut self, name: EventName, space: &SpaceId, channel: &ChannelId) {
        let Some(guild) = self.guild(space) else { return };
        let Some(channel) = guild.channels.get(channel) else { return };
        let is_new = name == EventName::ChannelCreate;
        if channel.thread.is_some() {
            return self.thread(is_new, guild, channel);
        }
        if channel.event.is_some() {
            return self.event(is_new, guild, channel);
        }
        let payload = Payload::new(name, &render::channel(self.view, guild, channel, None));
        self.structural(Event::new(Scope::Members(*space), Intents::GUILDS, payload));
    }

    fn channel_deleted(&mut self, space: &SpaceId, channel: &Channel) {
        let Some(guild) = self.guild(space) else { return };
        if channel.thread.is_some() {
            return self.thread_deleted(guild, channel);
        }
        if channel.event.is_some() {
            return self.event_deleted(guild, channel);
        }
        let payload =
            Payload::new(EventName::ChannelDelete, &render::channel(self.view, guild, channel, None));
        self.structural(Event::new(Scope::Members(*space), Intents::GUILDS, payload));
    }

    fn member_joined(&mut self, space: &SpaceId, user: &UserId) {
        if self.guild(space).is_none() {
            return self.brought_in(space, user);
        }
        if let Some(member) = self.member(space, user) {
            let mut data = member;
            data["guild_id"] = json!(self.id(*space));
            let payload = Payload::new(EventName::GuildMemberAdd, &data);
            let mut event = Event::new(Scope::Members(*space), Intents::GUILD_MEMBERS, payload);
            event.except = Some(*user);
            self.structural(event);
            self.integration(EventName::IntegrationCreate, space, user);
        }
        self.begin(*user, *space);
    }

    fn member_updated(&mut self, space: &SpaceId, user: &UserId) {
        let Some(mut data) = self.member(space, user) else { return };
        data["guild_id"] = json!(self.id(*space));
        let payload = Payload::new(EventName::GuildMemberUpdate, &data);
        let mut event = Event::new(Scope::Members(*space), Intents::GUILD_MEMBERS, payload);
        event.concerns = Some(*user);
        self.structural(event);
    }

    fn member_left(&mut self, space: &SpaceId, member: &Member) {
        if self.guild(space).is_none() {
            return self.put_out(space, &member.user);
        }
        self.begun.remove(&(member.user, *space));
        let user = render::user(self.view, &member.user);
        let gone = json!({ "guild_id": self.id(*space), "user": user });
        let payload = Payload::new(EventName::GuildMemberRemove, &gone);
        self.structural(Event::new(Scope::Members(*space), Intents::GUILD_MEMBERS, payload));
        self.integration_deleted(space, &member.user);
        let payload = Payload::new(EventName::GuildDelete, &json!({ "id": self.id(*space) }));
        self.tell(Event::new(Scope::User(member.user), Intents::GUILDS, payload));
    }

    fn ban(&mut self, name: EventName, space: &SpaceId, user: &UserId) {
        let data = json!({ "guild_id": self.id(*space), "user": render::user(self.view, user) });
        self.tell(Event::new(Scope::Members(*space), Intents::GUILD_MODERATION, Payload::new(name, &data)));
    }

    fn invite_created(&mut self, space: &SpaceId, invite: &Invite) {
        let Some(code) = render::invite_code(self.view, invite) else { return };
        let mut data = Value::Object(object(render::invite_event(self.view, invite, &code)));
        data["guild_id"] = json!(self.id(*space));
        data["channel_id"] = json!(self.id(invite.channel));
        self.about_invite(EventName::InviteCreate, space, invite, &data);
    }

    fn invite_deleted(&mut self, space: &SpaceId, invite: &Invite) {
        let Some(code) = render::invite_code(self.view, invite) else { return };
        let (guild_id, channel_id) = (self.id(*space), self.id(invite.channel));
        let data = json!({ "guild_id": guild_id, "channel_id": channel_id, "code": code });
        self.about_invite(EventName::InviteDelete, space, invite, &data);
    }

    /// An invite opens the door: only who looks after its channel hears of it.
    fn about_invite(&mut self, name: EventName, space: &SpaceId, invite: &Invite, data: &Value) {
        let scope = Scope::Channel(*space, invite.channel, Permissions::MANAGE_CHANNELS);
        self.tell(Event::new(scope, Intents::GUILD_INVITES, Payload::new(name, data)));
    }

    fn user_updated(&mut self, user: &UserId) {
        let payload =
            Payload::new(EventName::UserUpdate, &render::own_user(self.view, user, self.sources.accounts));
        self.tell(Event::new(Scope::User(*user), Intents::NONE, payload));
        let spaces = self.view.guilds.values().filter(|guild| guild.members.contains_key(user));
        for space in spaces.map(|guild| guild.facts.id).collect::<Vec<_>>() {
            self.member_updated(&space, user);
            self.integration(EventName::IntegrationUpdate, &space, user);
        }
    }

    /// Gone from where it was, and changed where it is: an old message is never told of as a new one, which a bot would answer.
    fn message_moved(&mut self, message: &'a Message, from: Option<&ChannelId>) {
        if let Some(from) = from {
            let moved_to = self.id(message.shown_in());
            let data = json!({ "id": message.api_id.0.to_string(), "nexus": { "moved_to": moved_to } });
            self.message_deleted(&message.space, from, data);
        }
        self.message(EventName::MessageUpdate, message);
    }

    fn message_deleted(&mut self, space: &SpaceId, channel: &ChannelId, data: Value) {
        self.about_channel(EventName::MessageDelete, space, channel, Intents::GUILD_MESSAGES, data);
    }

    fn typing(&mut self, space: &SpaceId, channel: &ChannelId, user: &UserId, at_ms: u64) {
        let mut data = json!({ "user_id": self.id(*user), "timestamp": at_ms / 1000 });
        if let Some(member) = self.member(space, user) {
            data["member"] = member;
        }
        self.about_channel(EventName::TypingStart, space, channel, Intents::GUILD_MESSAGE_TYPING, data);
    }

    fn reaction(
        &self,
        space: &SpaceId,
        message: Snowflake,
        user: Option<&UserId>,
        emoji: Option<&String>,
    ) -> Value {
        let mut data = json!({ "message_id": message.0.to_string() });
        if let Some(user) = user {
            data["user_id"] = json!(self.id(*user));
            data["burst"] = json!(false);
            data["type"] = json!(0);
        }
        if let Some(emoji) = emoji {
            data["emoji"] = render::emoji_of(self.view, self.view.guilds.get(space), emoji);
        }
        data
    }

    fn about_message(&mut self, name: EventName, space: &SpaceId, channel: &ChannelId, data: Value) {
        self.about_channel(name, space, channel, Intents::GUILD_MESSAGE_REACTIONS, data);
    }

    /// To whoever may see the channel; `intents` is the guild's kind, from which the conversation's follows.
    fn about_channel(
        &mut self,
        name: EventName,
        space: &SpaceId,
        channel: &ChannelId,
        intents: Intents,
        mut data: Value,
    ) {
        data["channel_id"] = json!(self.id(*channel));
        let in_guild = self.guild(space).is_some();
        if in_guild {
            data["guild_id"] = json!(self.id(*space));
        }
        let intents = if in_guild { intents } else { intents.in_conversations() };
        self.tell(Event::new(Scope::viewers(*space, *channel), intents, Payload::new(name, &data)));
    }

    fn member(&self, space: &SpaceId, user: &UserId) -> Option<Value> {
        member_of(self.view, self.guild(space)?, user)
    }

    /// A guild; none for a conversation.
    fn guild(&self, space: &SpaceId) -> Option<&'a GuildView> {
        guild_of(self.view, space)
    }

    fn id(&self, op: impl Into<nexus_crdt::id::OpId>) -> String {
        self.view.ids.of(op).0.to_string()
    }

    fn tell(&mut self, event: Event) {
        self.out.push(Delivery::Event { event, structural: false });
    }

    fn structural(&mut self, event: Event) {
        self.out.push(Delivery::Event { event, structural: true });
    }
}

fn member_of(view: &View, guild: &GuildView, user: &UserId) -> Option<Value> {
    Some(json!(render::member(view, guild, guild.members.get(user)?)))
}

/// A guild; none for a conversation.
fn guild_of<'a>(view: &'a View, space: &SpaceId) -> Option<&'a GuildView> {
    view.guilds.get(space).filter(|guild| guild.facts.kind == SpaceKind::Guild)
}

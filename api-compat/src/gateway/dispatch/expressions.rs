//! What happens to emoji, commands, events and polls.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_core::{Change, Snowflake};
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use serde_json::json;

impl Dispatcher<'_> {
    pub(super) fn emojis_updated(&mut self, space: &SpaceId) {
        let Some(guild) = self.guild(space) else { return };
        let data = json!({ "guild_id": self.id(*space), "emojis": render::emojis(self.view, guild) });
        let payload = Payload::new(EventName::GuildEmojisUpdate, &data);
        self.structural(Event::new(Scope::Members(*space), Intents::GUILD_EXPRESSIONS, payload));
    }

    /// Who may use a bot's commands: the bot's to know.
    pub(super) fn offer_access(&mut self, space: &SpaceId, application: &UserId, offer: Option<OpId>) {
        let Some(guild) = self.guild(space) else { return };
        let data = render::command_permissions(self.view, guild, application, offer);
        let payload = Payload::new(EventName::CommandPermissionsUpdate, &data);
        self.tell(Event::new(Scope::User(*application), Intents::NONE, payload));
    }

    /// An event is there, or is another than before: to whoever sees where it takes place.
    pub(super) fn event(&mut self, is_new: bool, guild: &GuildView, channel: &Channel) {
        let created = EventName::GuildScheduledEventCreate;
        let name = if is_new { created } else { EventName::GuildScheduledEventUpdate };
        let payload = Payload::new(name, &render::event(self.view, guild, channel));
        let scope = Scope::viewers(guild.facts.id, channel.id);
        self.structural(Event::new(scope, Intents::GUILD_SCHEDULED_EVENTS, payload));
    }

    /// It is gone, and so are its rights: those of where it would have taken place say who hears of it.
    pub(super) fn event_deleted(&mut self, guild: &GuildView, channel: &Channel) {
        let data = render::event(self.view, guild, channel);
        let payload = Payload::new(EventName::GuildScheduledEventDelete, &data);
        let scope = match channel.parent {
            Some(voice) => Scope::viewers(guild.facts.id, voice),
            None => Scope::Members(guild.facts.id),
        };
        self.structural(Event::new(scope, Intents::GUILD_SCHEDULED_EVENTS, payload));
    }

    pub(super) fn interest(&mut self, space: &SpaceId, event: &ChannelId, user: &UserId, interested: bool) {
        let name = if interested {
            EventName::GuildScheduledEventUserAdd
        } else {
            EventName::GuildScheduledEventUserRemove
        };
        let data = json!({
            "guild_scheduled_event_id": self.id(*event), "guild_id": self.id(*space), "user_id": self.id(*user),
        });
        let scope = Scope::viewers(*space, *event);
        self.tell(Event::new(scope, Intents::GUILD_SCHEDULED_EVENTS, Payload::new(name, &data)));
    }

    pub(super) fn poll_voted(&mut self, change: &Change) {
        let Change::PollVoted { space, channel, message: Snowflake(number), user, answer, given } = change
        else {
            return;
        };
        let name = if *given { EventName::MessagePollVoteAdd } else { EventName::MessagePollVoteRemove };
        let data = json!({
            "user_id": self.id(*user), "message_id": number.to_string(), "answer_id": answer,
        });
        self.about_channel(name, space, channel, Intents::GUILD_MESSAGE_POLLS, data);
    }
}

//! What happens to threads.

use super::Dispatcher;
use crate::gateway::event::{Event, EventName, Payload, Scope};
use crate::gateway::intents::Intents;
use crate::render;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

impl Dispatcher<'_> {
    /// A thread is there, or is another than before: to whoever sees the channel that it hangs on.
    pub(super) fn thread(&mut self, is_new: bool, guild: &GuildView, channel: &Channel) {
        let drawn = |reader| render::thread(self.view, reader, guild, channel, None);
        let Ok(mut data) = drawn(self.sources.reader()).or_else(|_| drawn(None)) else { return };
        let name = if is_new { EventName::ThreadCreate } else { EventName::ThreadUpdate };
        if is_new {
            data["newly_created"] = json!(true);
        }
        let scope = Scope::viewers(guild.facts.id, channel.id);
        self.structural(Event::new(scope, Intents::GUILDS, Payload::new(name, &data)));
    }

    /// It is gone, and so are its rights: its parent's say who hears of it.
    pub(super) fn thread_deleted(&mut self, guild: &GuildView, channel: &Channel) {
        let Some(parent) = channel.parent else { return };
        let data = json!({
            "id": self.id(channel.id),
            "guild_id": self.id(guild.facts.id),
            "parent_id": self.id(parent),
            "type": render::thread_kind(guild, channel),
        });
        let payload = Payload::new(EventName::ThreadDelete, &data);
        let space = guild.facts.id;
        let circle = channel.thread.as_ref().and_then(|thread| thread.private.as_ref());
        let Some(circle) = circle else {
            return self.structural(Event::new(Scope::viewers(space, parent), Intents::GUILDS, payload));
        };
        // Of a private one: who was in it, and who manages threads there.
        let manages = |user: &UserId| guild.permissions_in(user, &parent).has(Permissions::MANAGE_THREADS);
        for user in circle.inside.keys().filter(|user| !manages(user)) {
            self.tell(Event::new(Scope::User(*user), Intents::GUILDS, payload.clone()));
        }
        let scope = Scope::Channel(space, parent, Permissions::MANAGE_THREADS);
        self.structural(Event::new(scope, Intents::GUILDS, payload));
    }

    /// Somebody follows it, or no longer: told to those who may know members, and to whom it concerns.
    pub(super) fn thread_followed(
        &mut self,
        space: &SpaceId,
        thread: &ChannelId,
        user: &UserId,
        following: bool,
    ) {
        let Some(guild) = self.guild(space) else { return };
        let Some(channel) = guild.channels.get(thread) else { return };
        if channel.event.is_some() {
            return self.interest(space, thread, user, following);
        }
        let followers =
            self.sources.reader().and_then(|reader| reader.followers(channel).ok()).unwrap_or_default();
        let count = followers.keys().filter(|user| guild.members.contains_key(*user)).count();
        let mut data = json!({
            "id": self.id(*thread), "guild_id": self.id(*space), "member_count": count,
        });
        match followers.get(user).filter(|_| following) {
            Some(since) => {
                let member = render::thread_member(self.view, guild, channel, (user, *since), true);
                data["added_members"] = json!([member]);
            }
            None if following => return,
            None => data["removed_member_ids"] = json!([self.id(*user)]),
        }
        if let Some(since) = followers.get(user).filter(|_| following) {
            self.follows_now(guild, channel, user, *since);
        }
        let private = channel.thread.as_ref().is_some_and(|facts| facts.private.is_some());
        if private && following {
            // Whoever is brought into a private thread learns with this that it is there.
            if let Ok(drawn) = render::thread(self.view, self.sources.reader(), guild, channel, Some(user)) {
                let payload = Payload::new(EventName::ThreadCreate, &drawn);
                self.tell(Event::new(Scope::User(*user), Intents::GUILDS, payload));
            }
        }
        let payload = Payload::new(EventName::ThreadMembersUpdate, &data);
        if private && !guild.permissions_in(user, thread).has(Permissions::VIEW_CHANNEL) {
            self.tell(Event::new(Scope::User(*user), Intents::GUILDS, payload.clone()));
        }
        let mut event = Event::new(Scope::viewers(*space, *thread), Intents::GUILD_MEMBERS, payload);
        event.concerns = Some(*user);
        self.tell(event);
    }

    /// Who follows a thread has its own standing in it, which they alone are told.
    fn follows_now(&mut self, guild: &GuildView, thread: &Channel, user: &UserId, since: Hlc) {
        let mut data = render::thread_member(self.view, guild, thread, (user, since), false);
        data["guild_id"] = json!(self.id(guild.facts.id));
        let payload = Payload::new(EventName::ThreadMemberUpdate, &data);
        self.tell(Event::new(Scope::User(*user), Intents::GUILDS, payload));
    }
}

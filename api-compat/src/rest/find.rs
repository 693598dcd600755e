//! From a path's words to the things they name, as far as the caller may know of them.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::window::{Caller, Window};
use nexus_core::{Message, Snowflake, Thing};
use nexus_crdt::guild::{GuildView, Member};
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_node::Reader;

/// A number in a path or body.
pub(crate) fn number(text: &str) -> Answer<Snowflake> {
    let wrong =
        || ApiError::invalid("", "NUMBER_TYPE_COERCE", &format!("Value \"{text:.32}\" is not snowflake."));
    text.parse().map(Snowflake).map_err(|_| wrong())
}

impl Caller {
    fn op(&self, text: &str, thing: Thing) -> Answer<OpId> {
        self.view.ids.op(number(text)?).ok_or_else(|| ApiError::unknown(thing))
    }

    /// A guild the caller is in.
    pub(crate) fn guild(&self, text: &str) -> Answer<(SpaceId, &GuildView)> {
        let space = SpaceId::from(self.op(text, Thing::Guild)?);
        let guild = self.view.guilds.get(&space).filter(|guild| access::is_guild(guild));
        let guild = guild.ok_or_else(|| ApiError::unknown(Thing::Guild))?;
        if guild.members.contains_key(&self.user) {
            Ok((space, guild))
        } else {
            Err(ApiError::missing_access())
        }
    }

    /// A channel the caller sees, and where it is.
    pub(crate) fn channel(&self, text: &str) -> Answer<(ChannelId, &GuildView)> {
        let channel = ChannelId::from(self.op(text, Thing::Channel)?);
        let guild = self.view.guild_of(&channel).ok_or_else(|| ApiError::unknown(Thing::Channel))?;
        // An event has its own routes; what people keep for themselves is no channel.
        if nexus_core::View::is_of_one(guild) {
            return Err(ApiError::unknown(Thing::Channel));
        }
        if guild.channels.get(&channel).is_some_and(|channel| channel.event.is_some()) {
            return Err(ApiError::unknown(Thing::Channel));
        }
        if access::sees(guild, &self.user, &channel) {
            Ok((channel, guild))
        } else {
            Err(ApiError::missing_access())
        }
    }

    /// A channel whose history the caller reads; and its reader.
    pub(crate) fn history(&self, window: &Window, text: &str) -> Answer<(ChannelId, &GuildView, Reader)> {
        let (channel, guild) = self.channel(text)?;
        if !access::reads_history(guild, &self.user, &channel) {
            return Err(ApiError::missing_access());
        }
        Ok((channel, guild, window.node.read()?))
    }

    /// A visible message of a channel.
    pub(crate) fn message(&self, reader: &Reader, channel: ChannelId, text: &str) -> Answer<Message> {
        let found = reader.message(&self.view, channel, number(text)?)?;
        found.ok_or_else(|| ApiError::unknown(Thing::Message))
    }

    /// An account; `@me` is the caller.
    pub(crate) fn user(&self, text: &str) -> Answer<UserId> {
        if text == "@me" {
            return Ok(self.user);
        }
        let user = UserId::from(self.op(text, Thing::User)?);
        if self.view.users.contains_key(&user) { Ok(user) } else { Err(ApiError::unknown(Thing::User)) }
    }
}

/// A member of a guild.
pub(crate) fn member<'a>(caller: &Caller, guild: &'a GuildView, text: &str) -> Answer<&'a Member> {
    let user = caller.user(text)?;
    guild.members.get(&user).ok_or_else(|| ApiError::unknown(Thing::Member))
}

/// A role of a guild.
pub(crate) fn role(caller: &Caller, guild: &GuildView, number: Snowflake) -> Answer<RoleId> {
    let role = caller.view.ids.op(number).map(RoleId::from).filter(|role| guild.roles.contains_key(role));
    role.ok_or_else(|| ApiError::unknown(Thing::Role))
}

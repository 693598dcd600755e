//! INTERACTION_CREATE as the bot gets it, with every key that libraries read.

use super::Scene;
use crate::error::{Answer, ApiError};
use crate::files::FILE_MAX;
use crate::interactions::Asked;
use crate::render;
use crate::window::Caller;
use nexus_core::{Snowflake, Thing, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, RoleId, UserId};
use serde_json::{Map, Value, json};

/// The event.
pub(super) fn draw(
    caller: &Caller,
    scene: &Scene<'_>,
    asked: &Asked,
    data: Value,
    message: Option<Value>,
) -> Value {
    let (view, guild) = (&caller.view, scene.guild);
    let number = |id: nexus_crdt::id::OpId| view.ids.of(id).0.to_string();
    let mut event = json!({
        "id": asked.id.to_string(),
        "application_id": number(asked.application.into()),
        "type": asked.kind as u8,
        "data": data,
        "token": asked.token,
        "version": 1,
        "channel_id": number(asked.channel.into()),
        "locale": "en-US",
        "app_permissions": guild.permissions_in(&asked.application, &asked.channel).0.to_string(),
        "entitlements": [],
        "attachment_size_limit": FILE_MAX,
    });
    if guild.facts.kind == SpaceKind::Guild {
        let space = number(asked.space.into());
        let channel = guild.channels.get(&asked.channel);
        event["channel"] = json!(channel.map(|channel| render::channel(view, guild, channel, None)));
        event["guild"] = json!({ "id": space, "locale": "en-US", "features": [] });
        event["guild_locale"] = json!("en-US");
        event["authorizing_integration_owners"] = json!({ "0": space });
        event["context"] = json!(0);
        event["guild_id"] = json!(space);
        if let Some(member) = guild.members.get(&asked.user) {
            let mut member = render::member(view, guild, member);
            member["permissions"] = json!(guild.permissions_in(&asked.user, &asked.channel).0.to_string());
            event["member"] = member;
        }
    } else {
        event["channel"] = json!(render::conversation(view, None, guild, &asked.application));
        event["authorizing_integration_owners"] = json!({ "1": number(asked.user.into()) });
        event["context"] = json!(1);
        event["user"] = render::user(view, &asked.user);
    }
    if let Some(message) = message {
        event["message"] = message;
    }
    event
}

/// What values name, drawn once each.
pub(super) struct Resolved<'a> {
    view: &'a View,
    guild: &'a GuildView,
    /// Where, and who asks: whose permissions are told.
    channel: ChannelId,
    user: UserId,
    tables: Map<String, Value>,
}

impl<'a> Resolved<'a> {
    pub(super) fn new(caller: &'a Caller, guild: &'a GuildView, channel: ChannelId) -> Self {
        Self { view: &caller.view, guild, channel, user: caller.user, tables: Map::new() }
    }

    /// Of filled-in options, however deep.
    pub(super) fn options(&mut self, options: &[Value]) -> Answer<()> {
        for option in options {
            if let Some(inner) = option["options"].as_array() {
                self.options(inner)?;
            }
            let Some(value) = option["value"].as_str() else { continue };
            match option["type"].as_u64() {
                Some(6) => drop(self.user(value)?),
                Some(7) => self.channel(value)?,
                Some(8) => self.role(value)?,
                Some(9) => self.user(value).map(drop).or_else(|_| self.role(value))?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Of what was chosen in a select of a kind.
    pub(super) fn chosen(&mut self, kind: u64, values: &[String]) -> Answer<()> {
        values.iter().try_for_each(|value| match kind {
            5 => self.user(value).map(drop),
            6 => self.role(value),
            7 => self.user(value).map(drop).or_else(|_| self.role(value)),
            8 => self.channel(value),
            _ => Ok(()),
        })
    }

    /// A person, with their membership where they are a member.
    pub(super) fn user(&mut self, text: &str) -> Answer<String> {
        let number = number(text, Thing::User)?;
        let user =
            self.view.ids.op(number).map(UserId::from).filter(|user| self.view.users.contains_key(user));
        let user = user.ok_or_else(|| ApiError::unknown(Thing::User))?;
        self.put("users", number, render::user(self.view, &user));
        if let Some(member) =
            self.guild.members.get(&user).filter(|_| self.guild.facts.kind == SpaceKind::Guild)
        {
            let mut drawn = render::member(self.view, self.guild, member);
            drawn["permissions"] = json!(self.guild.permissions_in(&user, &self.channel).0.to_string());
            if let Some(fields) = drawn.as_object_mut() {
                fields.remove("user");
            }
            self.put("members", number, drawn);
        }
        Ok(number.0.to_string())
    }

    fn role(&mut self, text: &str) -> Answer<()> {
        let number = number(text, Thing::Role)?;
        let role = self.view.ids.op(number).and_then(|id| self.guild.roles.get(&RoleId::from(id)));
        let role = role.ok_or_else(|| ApiError::unknown(Thing::Role))?;
        self.put("roles", number, render::role(self.view, self.guild, role));
        Ok(())
    }

    fn channel(&mut self, text: &str) -> Answer<()> {
        let number = number(text, Thing::Channel)?;
        let channel = self.view.ids.op(number).and_then(|id| self.guild.channels.get(&ChannelId::from(id)));
        let channel = channel.ok_or_else(|| ApiError::unknown(Thing::Channel))?;
        let mut drawn = render::channel(self.view, self.guild, channel, None);
        drawn["permissions"] = json!(self.guild.permissions_in(&self.user, &channel.id).0.to_string());
        self.put("channels", number, drawn);
        Ok(())
    }

    pub(super) fn message(&mut self, message: Value) {
        if let Some(number) = message["id"].as_str().and_then(|text| text.parse().ok()) {
            self.put("messages", Snowflake(number), message);
        }
    }

    pub(super) fn drawn(self) -> Option<Value> {
        (!self.tables.is_empty()).then_some(Value::Object(self.tables))
    }

    fn put(&mut self, table: &str, number: Snowflake, drawn: Value) {
        let table = self.tables.entry(table).or_insert_with(|| json!({}));
        table[number.0.to_string()] = drawn;
    }
}

fn number(text: &str, thing: Thing) -> Answer<Snowflake> {
    text.parse().map(Snowflake).map_err(|_| ApiError::unknown(thing))
}

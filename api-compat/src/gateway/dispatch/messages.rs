//! What is said: told to whoever sees the channel, and drawn only where somebody hears it.

use super::{Delivery, Dispatcher, Sources, guild_of, member_of};
use crate::gateway::event::{Event, EventName, Payload, Said, Scope, Sparse};
use crate::gateway::intents::Intents;
use crate::gateway::ready::object;
use crate::render;
use nexus_core::{Message, View};
use nexus_crdt::body::rich_text::Part;
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// An event that tells a message, before it is drawn.
pub(in crate::gateway) struct Telling<'a> {
    name: EventName,
    message: &'a Message,
    /// Who may hear of it.
    pub(in crate::gateway) scope: Scope,
    /// Which intents one must have asked for.
    pub(in crate::gateway) intents: Intents,
}

impl<'a> Dispatcher<'a> {
    pub(super) fn message(&mut self, name: EventName, message: &'a Message) {
        let in_guild = self.guild(&message.space).is_some();
        let intents = if in_guild { Intents::GUILD_MESSAGES } else { Intents::DIRECT_MESSAGES };
        let scope = Scope::viewers(message.space, message.shown_in());
        let telling = Telling { name, message, scope, intents };
        if (self.may_hear)(&telling.scope, telling.intents) {
            self.tell(telling.drawn(self.view, self.sources));
        } else {
            self.out.push(Delivery::Undrawn(telling));
        }
    }
}

impl Telling<'_> {
    /// The event, by the view that the message is part of.
    pub(in crate::gateway) fn drawn(&self, view: &View, sources: &Sources<'_>) -> Event {
        let Self { name, message, .. } = *self;
        let by = render::Drawing { view, files: sources.files };
        let reader = render::is_more_than_itself(view, message).then(|| sources.reader()).flatten();
        let mut data = object(render::message(by, reader, message));
        let guild = guild_of(view, &message.space);
        if guild.is_some() {
            data.insert(String::from("guild_id"), json!(view.ids.of(message.space).0.to_string()));
        }
        // A webhook is no member, whoever made it.
        let by_webhook = message.body.shown_as.is_some();
        let said_by = message.body.alert.as_ref().and_then(|alert| alert.said_by).unwrap_or(message.author);
        let member = guild.filter(|_| !by_webhook).and_then(|guild| member_of(view, guild, &said_by));
        if let Some(mut member) = member {
            if let Some(fields) = member.as_object_mut() {
                fields.remove("user");
            }
            data.insert(String::from("member"), member);
        }
        let full = data.clone();
        empty(&mut data);
        let emptied = Payload::new(name, &data);
        let said = Said { channel: message.shown_in(), message: message.api_id, emptied: emptied.clone() };
        let mut event = Event::new(self.scope.clone(), self.intents, Payload::telling(name, &full, said));
        if guild.is_some() {
            event.sparse = Some(Sparse { payload: emptied, exempt: addressed(message) });
        }
        event
    }
}

/// Who gets a message's text whatever they asked for: its author, and whom it mentions. What is passed on mentions nobody anew.
fn addressed(message: &Message) -> Vec<UserId> {
    let body = &message.body;
    let own = if body.forward.is_some() { &[][..] } else { &body.text.0[..] };
    let mentioned = own.iter().filter_map(|part| match part {
        Part::User(index) => body.refs.get(*index).map(UserId::from),
        _ => None,
    });
    let answered = message.replied.filter(|_| message.body.pings.replied).map(|replied| replied.author);
    std::iter::once(message.author).chain(mentioned).chain(answered).collect()
}

/// Takes away what the MESSAGE_CONTENT intent is about, of the message it answers and of what it passes on as well.
fn empty(message: &mut serde_json::Map<String, Value>) {
    message.insert(String::from("content"), json!(""));
    message.remove("poll");
    for list in ["embeds", "attachments", "components"] {
        message.insert(String::from(list), json!([]));
    }
    if let Some(Value::Object(answered)) = message.get_mut("referenced_message") {
        empty(answered);
    }
    let snapshots = message.get_mut("message_snapshots").and_then(Value::as_array_mut);
    for snapshot in snapshots.into_iter().flatten() {
        if let Some(Value::Object(passed_on)) = snapshot.get_mut("message") {
            empty(passed_on);
        }
    }
}

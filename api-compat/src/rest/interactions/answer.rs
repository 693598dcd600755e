//! What a bot says to an interaction: aloud, by ops like every message, or whispered to who asked.

use super::unix_ms;
use crate::error::{Answer, ApiError};
use crate::gateway::EventName;
use crate::interactions::{Asked, Deferred, Kind, Said};
use crate::render;
use crate::rest::channels::messages::{CreateMessage, EditMessage};
use crate::window::{Caller, Window};
use nexus_core::{Command, Message, MessageDraft, Refusal, Reply, Snowflake, Thing};
use nexus_crdt::body::content::{self, Answered};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;
use serde_json::{Value, json};

/// Discord's flag of what only one person sees.
pub(crate) const EPHEMERAL: u32 = 1 << 6;
/// Discord's flag of a message that is still to come.
const LOADING: u32 = 1 << 7;

/// Says something new.
pub(crate) async fn say(
    window: &Window,
    asked: &Asked,
    body: CreateMessage,
    whispered: bool,
) -> Answer<(Said, Value)> {
    let caller = Caller::acting(window, asked.application);
    let unknown = || ApiError::unknown(Thing::Channel);
    let guild = caller.view.guild_of(&asked.channel).ok_or_else(unknown)?;
    let mut draft = body.draft(window, &caller, guild, asked.channel)?;
    if whispered {
        let message = whisper(window, asked, draft)?;
        return Ok((Said::Whispered(message.api_id.0), tell(window, &caller, asked, &message, false)));
    }
    draft.extras.answers = Some(answers(asked));
    let reply = window.node.command(Some(asked.application), Command::SendMessage(draft)).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    Ok((Said::Aloud(message.id), render::message(caller.drawing(), None, &message)))
}

/// Changes what was said.
pub(crate) async fn change(window: &Window, asked: &Asked, said: Said, body: EditMessage) -> Answer<Value> {
    let caller = Caller::acting(window, asked.application);
    match said {
        Said::Aloud(message) => {
            let now = aloud(window, &caller, asked, &message)?.body;
            let command = Command::EditMessage {
                channel: asked.channel,
                message,
                edit: body.edit(&caller.view, &now)?,
            };
            let reply = window.node.command(Some(asked.application), command).await?;
            let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
            Ok(render::message(caller.drawing(), Some(&window.node.read()?), &message))
        }
        Said::Whispered(number) => {
            let (id, mut message) = whispered(window, asked, number)?;
            let edit = body.edit(&caller.view, &message.body)?;
            let reply = (message.body.reply_to, message.body.answers.clone());
            let edit = nexus_core::merged(message.body, edit);
            message.body = content::Message {
                text: edit.text,
                refs: edit.refs,
                embeds: edit.embeds,
                pings: edit.pings,
                flags: edit.flags | EPHEMERAL,
                components: edit.components,
                files: edit.files,
                reply_to: reply.0,
                answers: reply.1,
                ..content::Message::default()
            };
            says_something(&message.body)?;
            message.edited = Some(Hlc::from_ms(unix_ms()));
            window.interactions().whisper(id, message.clone());
            Ok(tell(window, &caller, asked, &message, true))
        }
    }
}

/// Takes back what was said.
pub(crate) async fn unsay(window: &Window, asked: &Asked, said: Said) -> Answer<()> {
    let caller = Caller::acting(window, asked.application);
    match said {
        Said::Aloud(message) => {
            let command = Command::DeleteMessages { channel: asked.channel, messages: vec![message] };
            window.node.command(Some(asked.application), command).await?;
        }
        Said::Whispered(number) => {
            let (id, message) = whispered(window, asked, number)?;
            window.interactions().unwhisper(id, number);
            let mut data = json!({
                "id": message.api_id.0.to_string(),
                "channel_id": caller.view.ids.of(asked.channel).0.to_string(),
            });
            if caller.view.guilds.get(&asked.space).is_some_and(crate::access::is_guild) {
                data["guild_id"] = json!(caller.view.ids.of(asked.space).0.to_string());
            }
            window.gateway.tell(&asked.user, &asked.space, EventName::MessageDelete, &data);
        }
    }
    Ok(())
}

/// A message as it stands.
pub(crate) fn look(window: &Window, asked: &Asked, said: Said) -> Answer<Value> {
    let caller = Caller::acting(window, asked.application);
    match said {
        Said::Aloud(id) => {
            let message = aloud(window, &caller, asked, &id)?;
            Ok(render::message(caller.drawing(), Some(&window.node.read()?), &message))
        }
        Said::Whispered(number) => {
            let (_, message) = whispered(window, asked, number)?;
            Ok(render::message(caller.drawing(), None, &message))
        }
    }
}

/// The message that is still owed, as Discord shows it: loading.
pub(crate) fn owed(window: &Window, asked: &Asked, how: Deferred) -> Value {
    let caller = Caller::acting(window, asked.application);
    let hidden = if how == Deferred::Whisper { EPHEMERAL } else { 0 };
    let body = content::Message {
        flags: LOADING | hidden,
        answers: Some(answers(asked)),
        ..content::Message::default()
    };
    render::message(caller.drawing(), None, &in_memory(asked, asked.id, body))
}

/// What a number means to who holds an interaction's token: a message of its bot.
pub(crate) fn named(window: &Window, asked: &Asked, number: &str) -> Answer<Said> {
    let caller = Caller::acting(window, asked.application);
    let wanted = super::super::find::number(number)?;
    if window.interactions().whispered(asked.id, wanted.0).is_some() {
        return Ok(Said::Whispered(wanted.0));
    }
    let message = caller.message(&window.node.read()?, asked.channel, number)?;
    let own = message.author == asked.application;
    own.then_some(Said::Aloud(message.id)).ok_or_else(|| ApiError::unknown(Thing::Message))
}

fn aloud(window: &Window, caller: &Caller, asked: &Asked, id: &OpId) -> Answer<Message> {
    let message = window.node.read()?.message_of(&caller.view, asked.channel, id)?;
    message.ok_or_else(|| ApiError::unknown(Thing::Message))
}

/// A whisper, and the interaction that it was whispered in: a component's own message is an earlier one's.
fn whispered(window: &Window, asked: &Asked, number: u64) -> Answer<(u64, Message)> {
    let interactions = window.interactions();
    let found = interactions.whispered_to(&asked.user, &asked.channel, number);
    let own = found.filter(|(_, message)| message.author == asked.application);
    own.map(|(id, message)| (id, message.clone())).ok_or_else(|| ApiError::unknown(Thing::Message))
}

fn whisper(window: &Window, asked: &Asked, draft: MessageDraft) -> Answer<Message> {
    let body = content::Message {
        text: draft.text,
        refs: draft.refs,
        embeds: draft.embeds,
        flags: draft.flags | EPHEMERAL,
        tts: draft.tts,
        components: draft.extras.components,
        files: draft.extras.files,
        answers: Some(answers(asked)),
        ..content::Message::default()
    };
    says_something(&body)?;
    let mut interactions = window.interactions();
    let number = interactions.number(unix_ms());
    let message = in_memory(asked, number, body);
    interactions.whisper(asked.id, message.clone());
    Ok(message)
}

fn says_something(body: &content::Message) -> Answer<()> {
    let empty =
        body.text.is_empty() && body.embeds.is_empty() && body.components.is_none() && body.files.is_none();
    if empty { Err(Refusal::EmptyMessage.into()) } else { Ok(()) }
}

fn answers(asked: &Asked) -> Answered {
    let kind = if asked.kind == Kind::Typing { Kind::Command } else { asked.kind };
    Answered { id: asked.id, kind: kind as u8, user: asked.user, name: asked.name.clone() }
}

fn in_memory(asked: &Asked, number: u64, body: content::Message) -> Message {
    Message {
        id: OpId(*blake3::hash(&number.to_be_bytes()).as_bytes()),
        api_id: Snowflake(number),
        space: asked.space,
        channel: asked.channel,
        moved: None,
        author: asked.application,
        hlc: Hlc::from_ms(Snowflake(number).ms()),
        body,
        unreadable: false,
        edited: None,
        replied: None,
        pinned: false,
        published: false,
        reactions: Vec::new(),
        ballots: None,
        nonce: None,
        late: false,
    }
}

/// Tells who asked of a whisper; gives it as the bot is answered.
fn tell(window: &Window, caller: &Caller, asked: &Asked, message: &Message, changed: bool) -> Value {
    let drawn = render::message(caller.drawing(), None, message);
    let mut data = drawn.clone();
    if let Some(guild) = caller.view.guilds.get(&asked.space).filter(|guild| crate::access::is_guild(guild)) {
        data["guild_id"] = json!(caller.view.ids.of(asked.space).0.to_string());
        if let Some(member) = guild.members.get(&asked.application) {
            let mut member = render::member(&caller.view, guild, member);
            if let Some(fields) = member.as_object_mut() {
                fields.remove("user");
            }
            data["member"] = member;
        }
    }
    let name = if changed { EventName::MessageUpdate } else { EventName::MessageCreate };
    window.gateway.tell(&asked.user, &asked.space, name, &data);
    drawn
}

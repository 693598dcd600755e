//! A node with an owner, a guild and something said in it.

use nexus_core::{ChannelDraft, Command, Message, MessageDraft, Refusal, Reply, RoleDraft};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, RateClass};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_node::Node;
use std::sync::Arc;

/// Where the tests talk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) owner: UserId,
    pub(crate) guild: SpaceId,
    pub(crate) channel: ChannelId,
}

/// First run, and a guild whose owner may write as fast as they can.
pub(crate) async fn settle(node: &Node) -> Place {
    let setup = node.command(None, Command::Setup { name: String::from("Ann") }).await.unwrap();
    let Reply::Setup { user: owner, .. } = setup else { panic!("{setup:?}") };
    let made = node.command(Some(owner), Command::CreateGuild { name: String::from("Ann's") }).await.unwrap();
    let Reply::Created(guild) = made else { panic!("{made:?}") };
    let guild = SpaceId::from(guild);
    let view = node.view();
    let text = |channel: &&nexus_crdt::guild::Channel| channel.kind == ChannelKind::Text;
    let channel = view.guilds[&guild].channels.values().find(text).unwrap().id;
    write_freely(node, owner, guild).await;
    Place { owner, guild, channel }
}

async fn write_freely(node: &Node, owner: UserId, guild: SpaceId) {
    let draft = RoleDraft {
        name: String::from("load"),
        permissions: None,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Bulk,
    };
    let role = node.command(Some(owner), Command::CreateRole { guild, draft }).await.unwrap();
    let Reply::Created(role) = role else { panic!("{role:?}") };
    let give = Command::AddMemberRole { guild, user: owner, role: role.into() };
    node.command(Some(owner), give).await.unwrap();
}

pub(crate) fn draft(channel: ChannelId, text: &str) -> MessageDraft {
    MessageDraft::plain(channel, text)
}

/// Says something; the answer means that it is durable.
pub(crate) async fn say(node: &Node, place: &Place, text: &str) -> Result<Arc<Message>, Refusal> {
    let command = Command::SendMessage(draft(place.channel, text));
    match node.command(Some(place.owner), command).await? {
        Reply::Message(message) => Ok(message),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn make_channel(node: &Node, place: &Place, number: usize) {
    let fields = ChannelFields { name: Some(format!("room-{number}")), ..ChannelFields::default() };
    let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() };
    let make = Command::CreateChannel { guild: place.guild, draft };
    node.command(Some(place.owner), make).await.unwrap();
}

pub(crate) fn ids(messages: &[Message]) -> Vec<OpId> {
    messages.iter().map(|message| message.id).collect()
}

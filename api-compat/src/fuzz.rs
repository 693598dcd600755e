//! What `testnet/fuzz` calls: the window's decoders, each as its door uses it. They take any bytes and must not panic.

use crate::gateway::frame::ClientFrame;
use crate::rest::channels::embeds;
use crate::rest::channels::messages::{BulkDelete, CreateMessage, EditMessage};
use crate::rest::guilds::EditGuild;
use crate::rest::guilds::bans::BanBody;
use crate::rest::guilds::members::EditMember;
use crate::rest::guilds::roles::RoleBody;
use crate::text;
use nexus_api_model::{Channel, Embed, Overwrite};
use nexus_core::{Snowflake, User, View};
use nexus_crdt::body::Body as _;
use nexus_crdt::body::content::Message;
use nexus_crdt::body::rich_text::Refs;
use nexus_crdt::id::UserId;

/// A frame from a gateway client.
pub fn gateway_frame(data: &[u8]) {
    let _ = ClientFrame::parse(data);
}

/// A request's JSON: the first byte chooses the body.
pub fn request_json(data: &[u8]) {
    let Some((which, json)) = data.split_first() else { return };
    match which % 9 {
        0 => drop(serde_json::from_slice::<CreateMessage>(json)),
        1 => drop(serde_json::from_slice::<Channel>(json)),
        2 => drop(serde_json::from_slice::<Overwrite>(json)),
        3 => drop(serde_json::from_slice::<RoleBody>(json)),
        4 => drop(serde_json::from_slice::<EditMessage>(json)),
        5 => drop(serde_json::from_slice::<BulkDelete>(json)),
        6 => drop(serde_json::from_slice::<BanBody>(json)),
        7 => drop(serde_json::from_slice::<EditMember>(json)),
        _ => drop(serde_json::from_slice::<EditGuild>(json)),
    }
}

/// The text of a message: whatever is written, it becomes a body that others take in, and is shown as it was written.
///
/// # Panics
/// Where one of the two does not hold.
pub fn message_text(data: &[u8]) {
    let Ok(content) = std::str::from_utf8(data) else { return };
    if content.chars().nth(2_000).is_some() {
        return;
    }
    let (view, mut refs) = (view(), Refs::default());
    let text = text::parse(&view, content, &mut refs);
    let shown = text::write(&view, &text, &refs);
    assert_eq!(shown, content.replace("<@!5>", "<@5>"));
    let leave = text::Leave { allowed: None, answers: false };
    let pings = text::pings(&view, &text, &refs, content, &leave);
    let body = Message { text, refs, pings, ..Message::default() };
    assert_eq!(body.check(), Ok(()));
}

/// Embeds: those that are taken are within the limits that others hold.
///
/// # Panics
/// Where they are not.
pub fn embeds_json(data: &[u8]) {
    let Ok(bodies) = serde_json::from_slice::<Vec<Embed>>(data) else { return };
    let mut refs = Refs::default();
    let Ok(embeds) = embeds::parse(&view(), bodies, &mut refs) else { return };
    assert_eq!(Message { refs, embeds, ..Message::default() }.check(), Ok(()));
}

/// A view in which number 5 is somebody.
fn view() -> View {
    let mut view = View::default();
    let id = UserId([7; 32]);
    view.users.insert(id, User::named(id, String::from("Ada")));
    view.ids.insert(Snowflake(5), id.into());
    view
}

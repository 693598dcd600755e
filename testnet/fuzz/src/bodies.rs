//! Bodies by plane: the first byte chooses the kind, the rest is the payload.

use nexus_crdt::body::{self, Body, content as c, governance as g, identity as i, membership as m};
use nexus_crdt::cbor;

type Reader = fn(&[u8]);

fn read<T: Body>(payload: &[u8]) {
    let Ok(body) = body::decode::<T>(payload) else { return };
    assert_eq!(cbor::encode(&body), payload, "a body has one form");
    assert_eq!(body.check(), Ok(()), "a body that was read is within its limits");
}

fn choose(readers: &[Reader], data: &[u8]) {
    let Some((kind, payload)) = data.split_first() else { return };
    if let Some(reader) = readers.get(usize::from(*kind) % readers.len()) {
        reader(payload);
    }
}

pub(crate) fn identity(data: &[u8]) {
    let readers: [Reader; 10] = [
        read::<i::IdGenesis>,
        read::<i::IdRotate>,
        read::<i::DeviceAdd>,
        read::<i::DeviceRevoke>,
        read::<i::Profile>,
        read::<i::IdRelays>,
        read::<i::Application>,
        read::<i::Offer>,
        read::<i::Webhook>,
        read::<i::OwnEmoji>,
    ];
    choose(&readers, data);
}

pub(crate) fn governance(data: &[u8]) {
    let readers: [Reader; 37] = [
        read::<g::Genesis>,
        read::<g::GuildEdit>,
        read::<g::RoleCreate>,
        read::<g::RoleEdit>,
        read::<g::RoleDelete>,
        read::<g::PrivRoles>,
        read::<g::ChannelCreate>,
        read::<g::ChannelEdit>,
        read::<g::ChannelDelete>,
        read::<g::Overwrite>,
        read::<g::InviteKey>,
        read::<g::InviteRevoke>,
        read::<g::Kick>,
        read::<g::Ban>,
        read::<g::Unban>,
        read::<g::Relays>,
        read::<g::Checkpoint>,
        read::<g::ThreadCreate>,
        read::<g::ThreadEdit>,
        read::<g::ForumCreate>,
        read::<g::ForumEdit>,
        read::<g::ThreadMember>,
        read::<g::Timeout>,
        read::<g::Silence>,
        read::<g::Reason>,
        read::<g::EmojiCreate>,
        read::<g::EmojiEdit>,
        read::<g::EmojiDelete>,
        read::<g::EventCreate>,
        read::<g::EventEdit>,
        read::<g::OfferAccess>,
        read::<g::FilterCreate>,
        read::<g::FilterEdit>,
        read::<g::FilterDelete>,
        read::<g::Retention>,
        read::<g::Erase>,
        read::<g::Admit>,
    ];
    choose(&readers, data);
}

pub(crate) fn membership(data: &[u8]) {
    choose(&[read::<m::Join>, read::<m::Leave>, read::<m::Nick>], data);
}

pub(crate) fn content(data: &[u8]) {
    let readers: [Reader; 12] = [
        message,
        read::<c::Edit>,
        read::<c::Delete>,
        read::<c::React>,
        read::<c::Unreact>,
        read::<c::Pin>,
        read::<c::Follow>,
        read::<c::PollVote>,
        read::<c::PollEnd>,
        read::<c::Publish>,
        read::<c::Note>,
        read::<c::Move>,
    ];
    choose(&readers, data);
}

/// What is sealed for one's own devices, once it is opened, and what hands the key on.
pub(crate) fn private(data: &[u8]) {
    choose(&[sealed_notes, read::<c::Sealing>], data);
}

fn sealed_notes(opened: &[u8]) {
    let Ok(notes) = c::sealing::unpack(opened) else { return };
    let again = c::sealing::pack(&notes);
    assert_eq!(c::sealing::unpack(&again).ok(), Some(notes), "what was read is written again");
}

/// A message is what screens draw: its mentions must lead somewhere.
fn message(payload: &[u8]) {
    read::<c::Message>(payload);
    let Ok(message) = body::decode::<c::Message>(payload) else { return };
    for part in &message.text.0 {
        use nexus_crdt::body::rich_text::Part;
        let (Part::User(index) | Part::Channel(index) | Part::Role(index) | Part::Emoji(index, ..)) = part
        else {
            continue;
        };
        assert!(message.refs.get(*index).is_some(), "a mention that was read has an id behind it");
    }
    assert!(message.text.len() <= 4_000);
}

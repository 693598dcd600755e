//! Emoji, events, polls and notes.

use super::Valid;
use super::raw::header;
use super::valid::{add, add_raw, user};
use nexus_crdt::body::content::{About, Message, Note, Poll, PollAnswer, PollEnd, PollVote};
use nexus_crdt::body::governance::*;
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::open_body;

pub(super) fn all(out: &mut Vec<Valid>) {
    emojis_and_events(out);
    polls(out);
    notes(out);
}

fn emojis_and_events(out: &mut Vec<Valid>) {
    let picture = Picture { hash: [0x71; 32], size: 2_048, format: PictureFormat::Gif, animated: true };
    let roles = vec![RoleId([0x72; 32])];
    let create = EmojiCreate { name: String::from("party_cat"), picture, roles };
    add(out, Kind::EmojiCreate, "its id is what reactions name it by", &create);
    let emoji = OpId([0x73; 32]);
    let edit = EmojiEdit { emoji, name: Some(String::from("cat")), roles: Some(Vec::new()) };
    add(out, Kind::EmojiEdit, "for everybody from now on", &edit);
    add(out, Kind::EmojiDelete, "for good", &EmojiDelete { emoji });
    let fields = EventFields {
        name: Some(String::from("A walk")),
        about: Some(String::from("bring water")),
        starts: Some(1_790_000_000_000),
        ends: Some(1_790_003_600_000),
        place: Some(EventPlace::Elsewhere(String::from("the lake"))),
        status: None,
    };
    add(out, Kind::EventCreate, "its id is the ChannelId of its stream", &EventCreate { fields });
    let place = Some(EventPlace::Voice(ChannelId([0x74; 32])));
    let fields = EventFields { place, status: Some(EventStatus::Active), ..EventFields::default() };
    let edit = EventEdit { event: ChannelId([0x75; 32]), fields };
    add(out, Kind::EventEdit, "it has begun, in a voice channel", &edit);
}

fn polls(out: &mut Vec<Valid>) {
    let answer = |text: &str, emoji: Option<&str>| PollAnswer {
        text: text.to_owned(),
        emoji: emoji.map(str::to_owned),
    };
    let poll = Poll {
        question: String::from("Shall we?"),
        answers: vec![answer("yes", Some("👍")), answer("no", None)],
        multiple: false,
        hours: 24,
    };
    let body = open_body(&Message { poll: Some(poll), ..Message::default() });
    let why = "what it asks stands in the message, ballots are acts on it";
    add_raw(out, "Message with a poll", why, &header(Kind::Message, &body), &body);
    add(out, Kind::PollVote, "a whole ballot: it replaces the one before", &PollVote { answers: vec![1, 3] });
    add(out, Kind::PollEnd, "by the author of the poll", &PollEnd {});
}

fn notes(out: &mut Vec<Valid>) {
    let (channel, message) = (ChannelId([0x81; 32]), OpId([0x82; 32]));
    add(out, Kind::Note, "how far its author has read", &Note::Read { channel, message });
    let about = About::Guild(SpaceId([0x83; 32]));
    let setting = Note::Setting { about, name: String::from("muted"), json: String::from("true") };
    add(out, Kind::Note, "a setting", &setting);
    add(out, Kind::Note, "somebody is blocked", &Note::Block { user: user(5), blocked: true });
    add(out, Kind::Note, "in the conversation with the other person", &Note::Friend { wished: true });
}

//! Emoji, events, polls and notes.

use super::Valid;
use super::raw::header;
use super::valid::{add, add_raw, user};
use nexus_crdt::body::content::{
    About, Alert, Brought, CopyOf, Forward, HandedTo, Message, Move, Note, Notice, Poll, PollAnswer, PollEnd,
    PollVote, Publish, Sealing, ShownAs,
};
use nexus_crdt::body::governance::*;
use nexus_crdt::body::identity::{Application, OwnEmoji, Webhook};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, RoleId, SpaceId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::open_body;

pub(super) fn all(out: &mut Vec<Valid>) {
    emojis_and_events(out);
    polls(out);
    moves(out);
    notes(out);
    access(out);
    announcements(out);
    own_emojis(out);
    filters(out);
    retention(out);
    recurring_events(out);
    groups(out);
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
        ..EventFields::default()
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
    let handed = |byte| HandedTo { to: DeviceKey([byte; 32]), enc: [byte; 32], ciphertext: [byte; 48] };
    let earlier = vec![0x86; 40 + 2 * 32];
    let sealing = Sealing { name: [0x84; 16], handed: vec![handed(0x85), handed(0x87)], earlier };
    add(out, Kind::Sealing, "a key for two devices, and two that it takes the place of", &sealing);
}

fn access(out: &mut Vec<Valid>) {
    let asked = Application {
        owner: user(1),
        description: String::new(),
        flags: 0,
        endpoint: Some(String::from("https://bot.example/interactions")),
    };
    add(out, Kind::Application, "asked at a URL", &asked);
    let line = |target, allowed| AccessLine { target, allowed };
    let lines = vec![
        line(AccessTarget::Role(RoleId([0x91; 32])), true),
        line(AccessTarget::User(user(5)), false),
        line(AccessTarget::Channel(ChannelId([0x92; 32])), true),
        line(AccessTarget::AllChannels, false),
    ];
    let one = OfferAccess { application: user(6), offer: Some(OpId([0x93; 32])), lines };
    add(out, Kind::OfferAccess, "who may use one command", &one);
    let all = OfferAccess { application: user(6), offer: None, lines: Vec::new() };
    add(out, Kind::OfferAccess, "of all of a bot's commands nothing is said any more", &all);
}

fn announcements(out: &mut Vec<Valid>) {
    add(out, Kind::Publish, "to whoever follows the channel", &Publish {});
    let (channel, source) = (ChannelId([0xa1; 32]), ChannelId([0xa2; 32]));
    let name = Some(String::from("News"));
    let follows = Webhook { webhook: None, channel, name, follows: Some(source) };
    add(out, Kind::Webhook, "one channel follows another", &follows);
    let copy_of = CopyOf { space: SpaceId([0xa3; 32]), channel: source, message: OpId([0xa4; 32]) };
    let shown_as = ShownAs { webhook: OpId([0xa5; 32]), name: String::from("News"), avatar: None };
    let body = open_body(&Message { shown_as: Some(shown_as), copy_of: Some(copy_of), ..Message::default() });
    let why = "it says what it is a copy of";
    add_raw(out, "Message that is a copy", why, &header(Kind::Message, &body), &body);
    let (space, message) = (SpaceId([0xa3; 32]), OpId([0xa4; 32]));
    let forward = Forward { space, channel: source, message, written: 1_790_000_000_000, edited: None };
    let text = RichText::plain("as it was said there");
    let body = open_body(&Message { text, forward: Some(forward), ..Message::default() });
    let why = "another one, as it stood then";
    add_raw(out, "Message that passes on another", why, &header(Kind::Message, &body), &body);
}

fn own_emojis(out: &mut Vec<Valid>) {
    let picture = Picture { hash: [0xb1; 32], size: 1_024, format: PictureFormat::Webp, animated: false };
    let made = OwnEmoji { emoji: None, name: Some(String::from("gear")), picture: Some(picture) };
    add(out, Kind::OwnEmoji, "a bot has an emoji of its own", &made);
    let gone = OwnEmoji { emoji: Some(OpId([0xb2; 32])), name: None, picture: None };
    add(out, Kind::OwnEmoji, ".. and no longer", &gone);
}

fn filters(out: &mut Vec<Valid>) {
    let trigger = Trigger::Words {
        stopped: vec![String::from("cat*")],
        allowed: vec![String::from("catering")],
        patterns: None,
    };
    let fields = FilterFields {
        name: Some(String::from("no cats")),
        trigger: Some(trigger),
        exempt_roles: Some(vec![RoleId([0x76; 32])]),
        ..FilterFields::default()
    };
    add(out, Kind::FilterCreate, "words that nobody may say", &FilterCreate { fields });
    let filter = OpId([0x77; 32]);
    let fields =
        FilterFields { trigger: Some(Trigger::Mentions(5)), enabled: Some(false), ..FilterFields::default() };
    let why = "another number of mentions, and it does not act";
    add(out, Kind::FilterEdit, why, &FilterEdit { filter, fields });
    add(out, Kind::FilterDelete, "for good", &FilterDelete { filter });
    let (stopped, allowed, patterns) = (Vec::new(), Vec::new(), Some(vec![String::from(r"\bcat\b")]));
    let acts = Acts { lets_through: false, alert: Some(ChannelId([0x78; 32])), timeout_s: Some(60) };
    let fields = FilterFields {
        name: Some(String::from("no cats")),
        trigger: Some(Trigger::Words { stopped, allowed, patterns }),
        acts: Some(acts),
        ..FilterFields::default()
    };
    let body = open_body(&FilterCreate { fields });
    let why = "a pattern; who looks after the guild is told";
    add_raw(out, "FilterCreate that acts", why, &header(Kind::FilterCreate, &body), &body);
    let (user, until) = (user(5), Some(Hlc::from_ms(1_790_000_060_000)));
    let timeout = Timeout { user, until, ends: Vec::new(), reason: String::new(), filter: Some(filter) };
    let body = open_body(&timeout);
    add_raw(out, "Timeout by a filter", "as it says", &header(Kind::Timeout, &body), &body);
    let alert = Alert {
        filter,
        channel: ChannelId([0x79; 32]),
        keyword: String::from("cat*"),
        matched: String::from("cats"),
        message: None,
        said_by: None,
    };
    let body = Message { text: RichText::plain("cats"), alert: Some(alert), ..Message::default() };
    add(out, Kind::Alert, "what was caught", &body);
}

fn retention(out: &mut Vec<Valid>) {
    let (channel, gone) = (Some(ChannelId([0x78; 32])), Hlc::from_ms(1_789_000_000_000));
    add(out, Kind::Retention, "thirty days in a channel", &Retention { channel, days: Some(30), gone });
    add(out, Kind::Retention, ".. and as in the guild again", &Retention { channel, days: None, gone });
    let whole = Retention { channel: None, days: Some(0), gone: Hlc::ZERO };
    add(out, Kind::Retention, "for ever in the guild", &whole);
    let erase = Erase { user: user(5), upto: Hlc::from_ms(1_789_000_000_000) };
    add(out, Kind::Erase, "all that somebody said up to then", &erase);
}

fn recurring_events(out: &mut Vec<Valid>) {
    let rule = Recurrence {
        starts: 1_790_000_000_000,
        rhythm: Rhythm::Monthly,
        interval: 1,
        weekdays: Vec::new(),
        month_weekdays: vec![(1, 3)],
        months: Vec::new(),
        month_days: Vec::new(),
    };
    let event = ChannelId([0x75; 32]);
    let fields = EventFields { recurring: Some(Recurring::By(rule)), ..EventFields::default() };
    add(out, Kind::EventEdit, "on each first Thursday of a month", &EventEdit { event, fields });
    let word = Word { starts: 1_792_600_000_000, ..Word::default() };
    let moved = Occurrence { original: 1_792_500_000_000, word: Some(word) };
    let fields = EventFields { occurrence: Some(moved), ..EventFields::default() };
    add(out, Kind::EventEdit, "once, later than it would", &EventEdit { event, fields });
    let edit = GuildEdit {
        invites_paused_until: Some(1_790_000_000_000),
        talks_paused_until: Some(0),
        ..GuildEdit::default()
    };
    add(out, Kind::GuildEdit, "nobody joins for a while", &edit);
}

fn moves(out: &mut Vec<Valid>) {
    let (thread, channel) = (ChannelId([0xb1; 32]), ChannelId([0xb2; 32]));
    add(out, Kind::Move, "shown in a thread", &Move { to: Some(thread) });
    add(out, Kind::Move, "shown in its channel again", &Move { to: None });
    let brought = vec![Brought { written: Hlc::from_ms(1_760_000_000_000), message: OpId([0xb3; 32]) }];
    let notice = Some(Notice::Brought(channel, brought));
    let body = open_body(&Message { notice, ..Message::default() });
    let why = "what its author moved into the thread";
    add_raw(out, "Message that tells of moved ones", why, &header(Kind::Message, &body), &body);
}

fn groups(out: &mut Vec<Valid>) {
    add(out, Kind::Admit, "somebody comes into a conversation of several", &Admit { user: user(5) });
    let body = open_body(&Message { notice: Some(Notice::Admitted(user(5))), ..Message::default() });
    let why = "what its author did to the conversation";
    add_raw(out, "Message that is a notice", why, &header(Kind::Message, &body), &body);
}

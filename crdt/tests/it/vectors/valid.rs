//! One op of each kind, and what else must be read.

use super::expressions;
use super::raw::{Raw, header};
use super::{Valid, valid_of};
use minicbor::bytes::ByteVec;
use nexus_crdt::body::content::{
    Answered, Carried, Delete, Edit, Embed, File, Follow, Message, Pin, Pings, React, ShownAs, Unreact,
};
use nexus_crdt::body::governance::*;
use nexus_crdt::body::identity::*;
use nexus_crdt::body::membership::{Join, Leave, Nick};
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::body::{Body, Sealed};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, RoleId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Header, open_body, sealed_body};
use nexus_crdt::permissions::Permissions;
use nexus_crypto::SecretKey;

pub(super) fn all() -> Vec<Valid> {
    let mut out = Vec::new();
    identity(&mut out);
    governance(&mut out);
    roles_and_channels(&mut out);
    membership(&mut out);
    content(&mut out);
    later_versions(&mut out);
    authority(&mut out);
    threads(&mut out);
    expressions::all(&mut out);
    out
}

pub(super) fn add<T: Body>(out: &mut Vec<Valid>, kind: Kind, why: &str, body: &T) {
    let body = open_body(body);
    add_raw(out, kind.name(), why, &header(kind, &body), &body);
}

pub(super) fn add_raw(out: &mut Vec<Valid>, name: &str, why: &str, header: &Header, body: &[u8]) {
    out.push(valid_of(name, why, &Raw::new(header, body)));
}

fn device(seed: u8) -> DeviceKey {
    SecretKey::from_seed(&[seed; 32]).public().into()
}

pub(super) fn user(byte: u8) -> UserId {
    UserId([byte; 32])
}

fn identity(out: &mut Vec<Valid>) {
    add(
        out,
        Kind::IdGenesis,
        "begins an account; its space is zero, its id is the UserId",
        &IdGenesis { class: AccountClass::Person, recovery: Some([0xab; 32]) },
    );
    add(
        out,
        Kind::IdRotate,
        "hands the account on; the target is the op that began the reign it ends",
        &IdRotate { new_key: device(0x12), keep: OpId([0x55; 32]), recovery: None },
    );
    let device_key = SecretKey::from_seed(&[0x13; 32]);
    let proof = nexus_crdt::identity::device_proof(&device_key, &user(0x22));
    add(
        out,
        Kind::DeviceAdd,
        "certifies a device, which has signed for this account",
        &DeviceAdd { device: device(0x13), class: DeviceClass::Own, proof },
    );
    add(
        out,
        Kind::DeviceRevoke,
        "ends a device; what it wrote up to a time stays",
        &DeviceRevoke { device: device(0x13), keep_until: Hlc::from_ms(1_760_000_000_000) },
    );
    add(
        out,
        Kind::Profile,
        "the longest name, in characters that take four bytes each",
        &Profile { name: "🦀".repeat(32), about: String::new() },
    );
    add(out, Kind::IdRelays, "home relays", &IdRelays { urls: vec![String::from("https://relay.example")] });
    add(
        out,
        Kind::Application,
        "a bot's application",
        &Application {
            owner: user(1),
            description: String::from("counts things"),
            flags: 1 << 18,
            endpoint: None,
        },
    );
    add(
        out,
        Kind::Offer,
        "what people can ask a bot for; its id names the command",
        &Offer { offer: None, guild: None, definition: Some(String::from("{\"name\":\"ping\",\"type\":1}")) },
    );
    let gone = open_body(&Offer { offer: Some(OpId([0x41; 32])), guild: None, definition: None });
    add_raw(
        out,
        "Offer taken away",
        "without a definition it is no more",
        &header(Kind::Offer, &gone),
        &gone,
    );
    add(
        out,
        Kind::Webhook,
        "another name in one channel",
        &Webhook {
            webhook: None,
            channel: ChannelId([0x34; 32]),
            name: Some(String::from("CI")),
            follows: None,
        },
    );
    let prekeys = [0, 0x80];
    add_raw(
        out,
        "Prekeys",
        "a kind whose body a later version gives a shape is kept as it is",
        &header(Kind::Prekeys, &prekeys),
        &prekeys,
    );
}

pub(super) fn genesis() -> Genesis {
    Genesis {
        kind: SpaceKind::Guild,
        founder: user(1),
        owners: vec![user(1), user(2)],
        threshold: 1,
        rules_version: 1,
        name: String::from("Reading circle"),
        everyone: Permissions::DEFAULT_EVERYONE,
        person_quota: Quota { short: 30, long: 1_000 },
        bot_quota: Quota { short: 300, long: 20_000 },
    }
}

pub(super) fn cut() -> CutEntry {
    CutEntry {
        stream: StreamId([0x33; 16]),
        device: device(0x14),
        tenure: Tenure([0x45; 16]),
        seq: 41,
        head: OpId([0x56; 32]),
    }
}

fn governance(out: &mut Vec<Valid>) {
    add(out, Kind::Genesis, "begins a guild; its space is zero, its id is the SpaceId", &genesis());
    add(
        out,
        Kind::GuildEdit,
        "changes two fields and leaves the others",
        &GuildEdit {
            name: Some(String::from("Night readers")),
            verification_level: Some(1),
            ..GuildEdit::default()
        },
    );
    add(
        out,
        Kind::InviteKey,
        "whoever holds the secret of this key may join",
        &InviteKey { admission: device(0x15), expires: None, channel: ChannelId([0x34; 32]) },
    );
    add(out, Kind::InviteRevoke, "ends an invite", &InviteRevoke { invite: OpId([0x57; 32]) });
    add(
        out,
        Kind::Kick,
        "removes a member and keeps one of their logs up to an op",
        &Kick { user: user(3), cut: vec![cut()], reason: String::from("spam") },
    );
    add(
        out,
        Kind::Ban,
        "removes a person until it is lifted",
        &Ban { user: user(3), cut: Vec::new(), reason: String::new() },
    );
    add(
        out,
        Kind::Unban,
        "lifts exactly the bans it names",
        &Unban { user: user(3), bans: vec![OpId([1; 32]), OpId([2; 32])] },
    );
    add(out, Kind::Relays, "the guild's relays", &Relays { urls: vec![String::from("https://a.example")] });
    add(out, Kind::Checkpoint, "an owner's barrier", &Checkpoint { height: 1, gov_hash: [0xcd; 32] });
    for kind in [Kind::GuildDeviceRevoke, Kind::Lock, Kind::CutTighten, Kind::RoleMove] {
        let body = [0, 0x80];
        let why =
            "as it was before it had a rule: kept, forwarded, and the guild is read-only while it is there";
        add_raw(out, &format!("{} without a shape", kind.name()), why, &header(kind, &body), &body);
    }
    let body = open_body(&GuildEdit::default());
    let mut wide = header(Kind::GuildEdit, &body);
    wide.deps = (1..=16).map(|byte| OpId([byte; 32])).collect();
    add_raw(out, "GuildEdit on sixteen heads", "the most heads an op may cite", &wide, &body);
}

fn authority(out: &mut Vec<Valid>) {
    add(
        out,
        Kind::RoleMove,
        "a role between two others",
        &RoleMove { role: RoleId([0x35; 32]), rank: (1 << 63) - (1 << 39) },
    );
    add(
        out,
        Kind::GuildDeviceRevoke,
        "a lost phone, and what is kept of it",
        &GuildDeviceRevoke {
            user: user(3),
            device: device(0x14),
            cut: vec![cut()],
            reason: String::from("lost"),
        },
    );
    let at = Hlc::from_ms(1_760_000_000_000);
    add(
        out,
        Kind::Lock,
        "closes a channel from a time on",
        &Lock { channel: ChannelId([0x34; 32]), cut: Some(at), opens: Vec::new() },
    );
    add(
        out,
        Kind::Lock,
        "opens it, as far as one lock goes",
        &Lock { channel: ChannelId([0x34; 32]), cut: None, opens: vec![OpId([0x58; 32])] },
    );
    add(
        out,
        Kind::CutTighten,
        "keeps less of one log",
        &CutTighten { user: user(3), removal: OpId([0x59; 32]), cut: vec![CutEntry { seq: 7, ..cut() }] },
    );
    add(
        out,
        Kind::SetOwners,
        "a vote for three owners of whom two are a quorum",
        &SetOwners { base: ChangeId([0x5a; 32]), owners: vec![user(1), user(2), user(3)], threshold: 2 },
    );
    add(
        out,
        Kind::SetRules,
        "other rules from here on",
        &SetRules { height: 2, gov_hash: [0xcd; 32], rules_version: 2 },
    );
    add(out, Kind::Genesis, "two owners who decide together", &Genesis { threshold: 2, ..genesis() });
}

fn roles_and_channels(out: &mut Vec<Valid>) {
    add(
        out,
        Kind::RoleCreate,
        "the first role: rank 2^63",
        &RoleCreate {
            rank: 1 << 63,
            name: String::from("Librarian"),
            permissions: Permissions::KICK_MEMBERS,
            color: 0x00ff_8800,
            hoist: true,
            mentionable: false,
            rate_class: RateClass::Person,
            managed_by: None,
        },
    );
    add(
        out,
        Kind::RoleEdit,
        "only the name",
        &RoleEdit {
            role: RoleId([0x35; 32]),
            name: Some(String::from("Keeper")),
            permissions: None,
            color: None,
            hoist: None,
            mentionable: None,
            rate_class: None,
        },
    );
    add(out, Kind::RoleDelete, "a role goes", &RoleDelete { role: RoleId([0x35; 32]) });
    add(
        out,
        Kind::PrivRoles,
        "a person's whole list, ascending",
        &PrivRoles { user: user(4), roles: vec![RoleId([0x35; 32]), RoleId([0x36; 32])] },
    );
    let name = |name: &str| ChannelFields { name: Some(name.to_owned()), ..ChannelFields::default() };
    let entry = OverwriteEntry {
        target: OverwriteTarget::Role(RoleId([0x35; 32])),
        allow: Permissions::VIEW_CHANNEL,
        deny: Permissions::NONE,
    };
    add(
        out,
        Kind::ChannelCreate,
        "a text channel with one overwrite",
        &ChannelCreate { kind: ChannelKind::Text, fields: name("general"), overwrites: vec![entry.clone()] },
    );
    add(
        out,
        Kind::ChannelEdit,
        "slow mode, and nothing else",
        &ChannelEdit {
            channel: ChannelId([0x34; 32]),
            fields: ChannelFields { slowmode_s: Some(21_600), ..ChannelFields::default() },
        },
    );
    add(out, Kind::ChannelDelete, "a channel goes", &ChannelDelete { channel: ChannelId([0x34; 32]) });
    add(
        out,
        Kind::Overwrite,
        "one line of a channel's overwrites",
        &Overwrite { channel: ChannelId([0x34; 32]), entry, clear: false },
    );
}

fn membership(out: &mut Vec<Valid>) {
    add(
        out,
        Kind::Join,
        "comes in by an invite; its id begins a tenure",
        &Join { user: user(5), invite: OpId([0x57; 32]), proof: [0xee; 64] },
    );
    add(out, Kind::Leave, "goes: an empty body is an empty array", &Leave {});
    add(out, Kind::Nick, "the longest nickname", &Nick { user: user(5), nick: "ß".repeat(32) });
}

pub(super) fn message() -> Message {
    let mention =
        |text: &str| vec![Part::Text(text.to_owned()), Part::User(0), Part::Text(String::from("!"))];
    Message {
        text: RichText(mention("Good evening, ")),
        refs: Refs(vec![user(5).into(), OpId([0x34; 32])]),
        embeds: vec![Embed {
            title: Some(String::from("Tonight")),
            description: Some(RichText(vec![Part::Channel(1)])),
            url: Some(String::from("https://books.example/tonight")),
            color: Some(0x0033_66ff),
            footer: Some((String::from("bring tea"), None)),
            fields: vec![(String::from("When"), RichText::plain("8 pm"), true)],
            ..Embed::default()
        }],
        reply_to: Some(OpId([0x78; 32])),
        pings: Pings { everyone: false, replied: true, refs: vec![0] },
        shown_at: None,
        flags: 0,
        tts: false,
        components: None,
        answers: None,
        files: None,
        shown_as: None,
        poll: None,
        copy_of: None,
        notice: None,
        alert: None,
        forward: None,
    }
}

pub(super) fn file() -> File {
    File {
        hash: [0xab; 32],
        name: String::from("map.png"),
        size: 1_024,
        kind: Some(String::from("image/png")),
        about: None,
    }
}

fn content(out: &mut Vec<Valid>) {
    add(out, Kind::Message, "text, a mention as an index, an embed, a reply", &message());
    let longest = Message { text: RichText::plain(&"é".repeat(4_000)), ..Message::default() };
    let body = open_body(&longest);
    add_raw(
        out,
        "Message of 4,000 characters",
        "limits count characters, not bytes",
        &header(Kind::Message, &body),
        &body,
    );
    let imported = Message { shown_at: Some(1_102_000_000_000), ..Message::default() };
    let body = open_body(&imported);
    add_raw(
        out,
        "Message of an importer",
        "an old time travels in the body, never in the clock",
        &header(Kind::Message, &body),
        &body,
    );
    let asked = Message {
        text: RichText::plain("Pong"),
        components: Some(String::from("[{\"type\":1,\"id\":1,\"components\":[]}]")),
        answers: Some(Answered { id: 7, kind: 2, user: user(5), name: String::from("ping") }),
        ..Message::default()
    };
    let body = open_body(&asked);
    add_raw(
        out,
        "Message of a bot that was asked",
        "components, and what it answers by the bot's word",
        &header(Kind::Message, &body),
        &body,
    );
    let body = open_body(&Message { files: Some(vec![file()]), ..Message::default() });
    add_raw(
        out,
        "Message of a file",
        "name and hash; the bytes are elsewhere",
        &header(Kind::Message, &body),
        &body,
    );
    let shown_as = Some(ShownAs { webhook: OpId([0x42; 32]), name: String::from("CI"), avatar: None });
    let body = open_body(&Message { text: RichText::plain("green"), shown_as, ..Message::default() });
    add_raw(out, "Message of a webhook", "under another name", &header(Kind::Message, &body), &body);
    add(
        out,
        Kind::Edit,
        "new text for the target",
        &Edit { text: RichText::plain("later"), ..Edit::default() },
    );
    let shown_as = Some(ShownAs { webhook: OpId([0x42; 32]), name: String::from("CI"), avatar: None });
    let carried = Some(Carried { reply_to: Some(OpId([0x41; 32])), shown_as, ..Carried::default() });
    let body = open_body(&Edit { text: RichText::plain("mended"), carried, ..Edit::default() });
    let why = "says again what the message says of itself";
    add_raw(out, "Edit of a webhook's answer", why, &header(Kind::Edit, &body), &body);
    add(out, Kind::Delete, "takes the target away", &Delete {});
    add(out, Kind::React, "an emoji of several code points", &React { emoji: String::from("👩\u{200d}🚀") });
    add(
        out,
        Kind::Unreact,
        "one's own reaction",
        &Unreact { emoji: Some(String::from("👍")), user: Some(user(5)) },
    );
    add(out, Kind::Pin, "pins the target", &Pin { pinned: true });
    let sealed = |ciphertext| sealed_body(&Sealed { key_epoch: [0x99; 16], index: 3, ciphertext });
    for (kind, why) in [
        (Kind::Message, "only its audience opens it; everybody else stores and forwards it"),
        (Kind::Edit, "sealed like the message it edits"),
    ] {
        let body = sealed(b"arbitrary bytes: no cipher is fixed yet".to_vec());
        add_raw(out, &format!("{} sealed", kind.name()), why, &header(kind, &body), &body);
    }
    let body = sealed(vec![0x5a; 49_152 - 21]);
    let largest = Raw { body: None, ..Raw::new(&header(Kind::Message, &body), &body) };
    out.push(valid_of(
        "Message sealed, the largest",
        "49,152 bytes, first byte included, salt not (left out here)",
        &largest,
    ));
    let body = open_body(&message());
    let erased = Raw { body: None, ..Raw::new(&header(Kind::Message, &body), &body) };
    out.push(valid_of("Message erased", "a body can be destroyed; id, signature and chain stay", &erased));
}

fn private_fields() -> ThreadFields {
    ThreadFields { name: Some(String::from("ticket 7")), ..ThreadFields::default() }
}

fn threads(out: &mut Vec<Valid>) {
    let fields = ThreadFields {
        name: Some(String::from("the roof")),
        quiet_after_min: Some(1_440),
        tags: Some(vec![7]),
        ..ThreadFields::default()
    };
    let parent = ChannelId([0x61; 32]);
    add(
        out,
        Kind::ThreadCreate,
        "hangs on a message of its parent; its id is the ChannelId of the thread",
        &ThreadCreate { parent, starter: Some(OpId([0x62; 32])), fields, private: None },
    );
    let fields = ThreadFields { archived: Some(true), pinned: Some(false), ..ThreadFields::default() };
    add(out, Kind::ThreadEdit, "puts it away", &ThreadEdit { thread: ChannelId([0x63; 32]), fields });
    let tag =
        Tag { id: 7, name: String::from("question"), moderated: true, emoji: Some(String::from("❓")) };
    let forum = ForumFields { tags: Some(vec![tag]), tag_required: Some(true), ..ForumFields::default() };
    let fields = ChannelFields { name: Some(String::from("help")), ..ChannelFields::default() };
    let create = ForumCreate { fields, overwrites: Vec::new(), forum };
    add(out, Kind::ForumCreate, "a channel of posts; its id is the ChannelId", &create);
    add(out, Kind::MediaCreate, "one whose pictures are shown first", &create);
    let forum =
        ForumFields { reaction: Some(String::from("👍")), layout: Some(2), ..ForumFields::default() };
    add(out, Kind::ForumEdit, "what only forums have", &ForumEdit { channel: ChannelId([0x64; 32]), forum });
    add(
        out,
        Kind::Timeout,
        "until a time, in place of an earlier one",
        &Timeout {
            user: user(5),
            until: Some(Hlc::from_ms(1_790_000_000_000)),
            ends: vec![OpId([0x66; 32])],
            reason: String::from("again"),
            filter: None,
        },
    );
    let silence = Silence { user: user(5), muted: Some(true), deafened: None };
    add(out, Kind::Silence, "nobody hears them any more", &silence);
    let private = Some(Private { invitable: true });
    let body = open_body(&ThreadCreate { parent, starter: None, fields: private_fields(), private });
    let name = "ThreadCreate of a private one";
    add_raw(out, name, "who is brought in sees it", &header(Kind::ThreadCreate, &body), &body);
    let (thread, inside) = (ChannelId([0x63; 32]), true);
    let member = ThreadMember { thread, user: user(5), inside };
    add(out, Kind::ThreadMember, "brings somebody into a private thread", &member);
    let why = String::from("spam");
    add(out, Kind::Reason, "why its author did it", &Reason { of: OpId([0x65; 32]), text: why });
    add(
        out,
        Kind::Follow,
        "in the thread's own stream, without a target",
        &Follow { user: user(5), following: true },
    );
}

fn later_versions(out: &mut Vec<Valid>) {
    let body = open_body(&message());
    let like_message = |kind: u16| Header { kind, ..header(Kind::Message, &body) };
    add_raw(
        out,
        "unknown kind",
        "a later version's content kind that is not critical: stored, forwarded, ignored",
        &like_message(0x03f0),
        &body,
    );
    add_raw(
        out,
        "unknown critical kind",
        "stored and forwarded; whoever does not know it must not guess",
        &like_message(0x83f0),
        &body,
    );
    add_raw(out, "reserved kind", "ThreadMeta has a number and no meaning yet", &like_message(0x0307), &body);
    add_raw(
        out,
        "kind of a bridge",
        "0x7000 to 0x7FFF are for bridges and bots, in any stream",
        &like_message(0x7001),
        &body,
    );
    let unknown = Header { kind: 0x03f0, body_len: 0, body_hash: None, ..header(Kind::Message, &[]) };
    let raw = Raw { body: None, ..Raw::new(&unknown, &[]) };
    out.push(valid_of("unknown kind without a body", "only kinds of version 1 must have one", &raw));
    let with_ext = |number: u16| {
        let ext = [(number, ByteVec::from(b"hint".to_vec()))].into();
        Header { ext, ..header(Kind::Message, &body) }
    };
    add_raw(out, "unknown extension", "it is signed and forwarded, and changes nothing", &with_ext(1), &body);
    add_raw(
        out,
        "unknown critical extension",
        "it may change what the op means: the kind counts as unknown",
        &with_ext(0x8001),
        &body,
    );
    let full = (0..8).map(|n| (n, ByteVec::from(vec![0xee; 64]))).collect();
    add_raw(
        out,
        "the most extensions",
        "8 entries, 512 bytes",
        &Header { ext: full, ..header(Kind::Message, &body) },
        &body,
    );
    let highest = Header { seq: u64::MAX, hlc: Hlc(u64::MAX), ..header(Kind::Message, &body) };
    add_raw(out, "the highest numbers", "integers have 64 bits", &highest, &body);
}

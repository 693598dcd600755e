//! Bodies of the right shape that break one limit each.

use super::Invalid;
use super::invalid::add;
use super::raw::{Raw, header};
use super::valid::{cut, file, genesis};
use nexus_crdt::body::Body;
use nexus_crdt::body::content::{
    About, Carried, CopyOf, Edit, Embed, File, Forward, HandedTo, Message, Note, Pings, Poll, PollAnswer,
    PollVote, React, Sealing, Unreact,
};
use nexus_crdt::body::governance::*;
use nexus_crdt::body::identity::*;
use nexus_crdt::body::membership::Nick;
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::open_body;
use nexus_crdt::permissions::Permissions;

pub(super) fn all(out: &mut Vec<Invalid>) {
    account_limits(out);
    guild_limits(out);
    message_limits(out);
    authority_limits(out);
    thread_limits(out);
    expression_limits(out);
    access_limits(out);
    retention_limits(out);
    recurrence_limits(out);
}

fn limit<T: Body>(out: &mut Vec<Invalid>, kind: Kind, why: &str, body: &T) {
    let body = open_body(body);
    let name = format!("{}: {why}", kind.name());
    add(out, &name, why, &Raw::new(&header(kind, &body), &body).wire());
}

fn account_limits(out: &mut Vec<Invalid>) {
    let user = UserId([1; 32]);
    let weak = DeviceKey([0; 32]);
    let profile = |name: String, about: String| Profile { name, about };
    limit(out, Kind::Profile, "no name", &profile(String::new(), String::new()));
    limit(out, Kind::Profile, "a name of 33 characters", &profile("x".repeat(33), String::new()));
    limit(out, Kind::Profile, "191 characters about oneself", &profile(String::from("x"), "x".repeat(191)));
    limit(
        out,
        Kind::IdRotate,
        "a weak key",
        &IdRotate { new_key: weak, keep: OpId([1; 32]), recovery: None },
    );
    limit(
        out,
        Kind::DeviceAdd,
        "a weak key",
        &DeviceAdd { device: weak, class: DeviceClass::Own, proof: [0; 64] },
    );
    let relays = |urls: &[&str]| IdRelays { urls: urls.iter().map(|url| (*url).to_owned()).collect() };
    let nine: Vec<String> = (0..9).map(|n| format!("https://{n}.example")).collect();
    limit(out, Kind::IdRelays, "nine relays", &IdRelays { urls: nine });
    limit(out, Kind::IdRelays, "a relay twice", &relays(&["https://a.example", "https://a.example"]));
    limit(out, Kind::IdRelays, "a relay that is no URL", &relays(&["javascript:alert(1)"]));
    limit(
        out,
        Kind::Application,
        "a description of 401 characters",
        &Application { owner: user, description: "x".repeat(401), flags: 0, endpoint: None },
    );
    let offer = |definition: Option<String>| Offer { offer: None, guild: None, definition };
    limit(out, Kind::Offer, "a definition of 24,577 bytes", &offer(Some("x".repeat(24_577))));
    limit(out, Kind::Offer, "begins with nothing", &offer(None));
    let hook =
        |name: Option<String>| Webhook { webhook: None, channel: ChannelId([1; 32]), name, follows: None };
    limit(out, Kind::Webhook, "a name of 81 characters", &hook(Some("x".repeat(81))));
    limit(out, Kind::Webhook, "begins without a name", &hook(None));
    limit(out, Kind::Nick, "33 characters", &Nick { user, nick: "x".repeat(33) });
}

fn guild_limits(out: &mut Vec<Invalid>) {
    let user = |byte| UserId([byte; 32]);
    limit(out, Kind::Genesis, "a founder who is no owner", &Genesis { founder: user(9), ..genesis() });
    limit(
        out,
        Kind::Genesis,
        "owners out of order",
        &Genesis { owners: vec![user(2), user(1)], ..genesis() },
    );
    limit(
        out,
        Kind::Genesis,
        "seventeen owners",
        &Genesis { owners: (1..18).map(user).collect(), ..genesis() },
    );
    limit(out, Kind::Genesis, "a quorum greater than all owners", &Genesis { threshold: 3, ..genesis() });
    limit(out, Kind::Genesis, "rules 0", &Genesis { rules_version: 0, ..genesis() });
    limit(out, Kind::Genesis, "a guild without a name", &Genesis { name: String::new(), ..genesis() });
    limit(
        out,
        Kind::Genesis,
        "an hour below 10 s",
        &Genesis { bot_quota: Quota { short: 2, long: 1 }, ..genesis() },
    );
    limit(
        out,
        Kind::GuildEdit,
        "a description of 301 characters",
        &GuildEdit { description: Some("x".repeat(301)), ..GuildEdit::default() },
    );
    limit(
        out,
        Kind::GuildEdit,
        "verification level 5",
        &GuildEdit { verification_level: Some(5), ..GuildEdit::default() },
    );
    limit(
        out,
        Kind::InviteKey,
        "a weak key",
        &InviteKey { admission: DeviceKey([0; 32]), expires: None, channel: ChannelId([1; 32]) },
    );
    let kick = |cut: Vec<CutEntry>, reason: String| Kick { user: user(3), cut, reason };
    limit(out, Kind::Kick, "a line of the cut twice", &kick(vec![cut(), cut()], String::new()));
    limit(out, Kind::Kick, "a reason of 513 characters", &kick(Vec::new(), "x".repeat(513)));
    let lines = (0..65).map(|seq| CutEntry { seq, ..cut() }).collect();
    limit(out, Kind::Kick, "a cut of 65 lines", &kick(lines, String::new()));
    limit(
        out,
        Kind::Unban,
        "bans out of order",
        &Unban { user: user(3), bans: vec![OpId([2; 32]), OpId([1; 32])] },
    );
    role_and_channel_limits(out);
}

fn role_and_channel_limits(out: &mut Vec<Invalid>) {
    let role = RoleCreate {
        rank: 1,
        name: String::from("x"),
        permissions: Permissions::NONE,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Person,
        managed_by: None,
    };
    limit(out, Kind::RoleCreate, "rank 0", &RoleCreate { rank: 0, ..role.clone() });
    limit(out, Kind::RoleCreate, "a colour of 25 bits", &RoleCreate { color: 1 << 24, ..role.clone() });
    limit(out, Kind::RoleCreate, "a name of 101 characters", &RoleCreate { name: "x".repeat(101), ..role });
    limit(
        out,
        Kind::PrivRoles,
        "a role twice",
        &PrivRoles { user: UserId([1; 32]), roles: vec![RoleId([1; 32]); 2] },
    );
    let channel = |fields| ChannelCreate { kind: ChannelKind::Text, fields, overwrites: Vec::new() };
    let named = || ChannelFields { name: Some(String::from("x")), ..ChannelFields::default() };
    limit(out, Kind::ChannelCreate, "no name", &channel(ChannelFields::default()));
    limit(
        out,
        Kind::ChannelCreate,
        "a topic of 1,025 characters",
        &channel(ChannelFields { topic: Some("x".repeat(1_025)), ..named() }),
    );
    let permissions = Permissions::VIEW_CHANNEL;
    let entry = OverwriteEntry {
        target: OverwriteTarget::User(UserId([1; 32])),
        allow: permissions,
        deny: permissions,
    };
    limit(
        out,
        Kind::ChannelCreate,
        "two overwrites for one person",
        &ChannelCreate { overwrites: vec![entry.clone(), entry.clone()], ..channel(named()) },
    );
    limit(
        out,
        Kind::ChannelEdit,
        "slow mode of 21,601 s",
        &ChannelEdit {
            channel: ChannelId([1; 32]),
            fields: ChannelFields { slowmode_s: Some(21_601), ..ChannelFields::default() },
        },
    );
    limit(
        out,
        Kind::Overwrite,
        "clears and sets at once",
        &Overwrite { channel: ChannelId([1; 32]), entry, clear: true },
    );
}

fn message_limits(out: &mut Vec<Invalid>) {
    let text = |parts: Vec<Part>| Message { text: RichText(parts), ..Message::default() };
    let piece = |text: &str| Part::Text(text.to_owned());
    let embed = |embed: Embed| Message { embeds: vec![embed], ..Message::default() };
    let ids = |ids: Vec<OpId>| Message { refs: Refs(ids), ..Message::default() };
    let mut wrong = |why: &str, body: &Message| limit(out, Kind::Message, why, body);
    wrong("4,001 characters", &text(vec![piece(&"é".repeat(4_001))]));
    wrong("an empty piece of text", &text(vec![piece("")]));
    wrong("two pieces side by side", &text(vec![piece("a"), piece("b")]));
    wrong("a mention outside the table", &text(vec![Part::User(0)]));
    wrong(
        "a ping outside the table",
        &Message { pings: Pings { refs: vec![0], ..Pings::default() }, ..Message::default() },
    );
    wrong("101 ids", &ids((0..101).map(|byte| OpId([byte; 32])).collect()));
    wrong("an id twice", &ids(vec![OpId([1; 32]); 2]));
    wrong("a time of 49 bits", &Message { shown_at: Some(1 << 48), ..Message::default() });
    let components = |text: String| Message { components: Some(text), ..Message::default() };
    wrong("components of two bytes", &components(String::from("[]")));
    wrong("components of 16,385 bytes", &components("x".repeat(16_385)));
    let files = |files: Vec<File>| Message { files: Some(files), ..Message::default() };
    wrong("no file in the list", &files(Vec::new()));
    wrong("eleven files", &files(vec![file(); 11]));
    wrong("a file with a path", &files(vec![File { name: String::from("../x"), ..file() }]));
    wrong("a file of 2 GiB", &files(vec![File { size: 1 << 31, ..file() }]));
    wrong("eleven embeds", &Message { embeds: vec![Embed::default(); 11], ..Message::default() });
    let description = |n: usize| Some(RichText::plain(&"x".repeat(n)));
    wrong(
        "a description of 4,097 characters",
        &embed(Embed { description: description(4_097), ..Embed::default() }),
    );
    wrong(
        "embeds of 6,001 characters",
        &Message {
            embeds: [3_000, 3_001].map(|n| Embed { description: description(n), ..Embed::default() }).into(),
            ..Message::default()
        },
    );
    wrong("a title of 257 characters", &embed(Embed { title: Some("x".repeat(257)), ..Embed::default() }));
    let field = (String::from("x"), RichText::plain("y"), false);
    wrong("26 fields", &embed(Embed { fields: vec![field; 26], ..Embed::default() }));
    wrong(
        "a link that is a script",
        &embed(Embed { url: Some(String::from("javascript:x")), ..Embed::default() }),
    );
    let edit = Edit { text: RichText(vec![piece("a"), piece("b")]), ..Edit::default() };
    limit(out, Kind::Edit, "two pieces side by side", &edit);
    let carried = Some(Carried { shown_at: Some(1 << 48), ..Carried::default() });
    limit(out, Kind::Edit, "says again a time of 49 bits", &Edit { carried, ..Edit::default() });
    limit(out, Kind::React, "no emoji", &React { emoji: String::new() });
    limit(out, Kind::Unreact, "an emoji of 65 bytes", &Unreact { emoji: Some("x".repeat(65)), user: None });
}

fn authority_limits(out: &mut Vec<Invalid>) {
    let (channel, at) = (ChannelId([1; 32]), nexus_crdt::hlc::Hlc::from_ms(1_760_000_000_000));
    limit(out, Kind::RoleMove, "to @everyone's rank", &RoleMove { role: RoleId([1; 32]), rank: 0 });
    limit(
        out,
        Kind::Lock,
        "closes and opens at once",
        &Lock { channel, cut: Some(at), opens: vec![OpId([1; 32])] },
    );
    limit(out, Kind::Lock, "neither closes nor opens", &Lock { channel, cut: None, opens: Vec::new() });
    let user = UserId([1; 32]);
    limit(
        out,
        Kind::CutTighten,
        "without a line",
        &CutTighten { user, removal: OpId([1; 32]), cut: Vec::new() },
    );
    let base = ChangeId([1; 32]);
    limit(out, Kind::SetOwners, "nobody", &SetOwners { base, owners: Vec::new(), threshold: 1 });
    limit(out, Kind::SetOwners, "a quorum of none", &SetOwners { base, owners: vec![user], threshold: 0 });
    limit(
        out,
        Kind::SetRules,
        "the rules it began with",
        &SetRules { height: 1, gov_hash: [0; 32], rules_version: 1 },
    );
}

fn thread_limits(out: &mut Vec<Invalid>) {
    let (parent, thread) = (ChannelId([1; 32]), ChannelId([2; 32]));
    let named = || ThreadFields { name: Some(String::from("x")), ..ThreadFields::default() };
    let create = |fields| ThreadCreate { parent, starter: None, fields, private: None };
    limit(out, Kind::ThreadCreate, "without a name", &create(ThreadFields::default()));
    let archived = ThreadFields { archived: Some(true), ..named() };
    limit(out, Kind::ThreadCreate, "put away from the first", &create(archived));
    let edit = |fields| ThreadEdit { thread, fields };
    let tags = ThreadFields { tags: Some((1..=6).collect()), ..ThreadFields::default() };
    limit(out, Kind::ThreadEdit, "six tags", &edit(tags));
    let quiet = ThreadFields { quiet_after_min: Some(61), ..ThreadFields::default() };
    limit(out, Kind::ThreadEdit, "quiet after 61 minutes", &edit(quiet));
    let tag = |id| Tag { id, name: String::from("x"), moderated: false, emoji: None };
    let forum = |tags| ForumEdit {
        channel: parent,
        forum: ForumFields { tags: Some(tags), ..ForumFields::default() },
    };
    limit(out, Kind::ForumEdit, "a tag twice", &forum(vec![tag(7), tag(7)]));
    limit(out, Kind::ForumEdit, "21 tags", &forum((1..=21).map(tag).collect()));
    limit(out, Kind::ForumEdit, "a tag without a number", &forum(vec![tag(0)]));
    let fields = ChannelFields { name: Some(String::from("x")), ..ChannelFields::default() };
    let plain = ChannelCreate { kind: ChannelKind::Forum, fields, overwrites: Vec::new() };
    limit(out, Kind::ChannelCreate, "a forum", &plain);
    limit(out, Kind::Reason, "no word", &Reason { of: OpId([1; 32]), text: String::new() });
    let long = Reason { of: OpId([1; 32]), text: "x".repeat(513) };
    limit(out, Kind::Reason, "of 513 characters", &long);
    let silence = Silence { user: UserId([1; 32]), muted: None, deafened: None };
    limit(out, Kind::Silence, "that says nothing", &silence);
    let plain = ChannelCreate { kind: ChannelKind::Media, ..plain };
    limit(out, Kind::ChannelCreate, "a media channel", &plain);
    let timeout =
        Timeout { user: UserId([1; 32]), until: None, ends: Vec::new(), reason: String::new(), filter: None };
    limit(out, Kind::Timeout, "that begins and ends nothing", &timeout);
    let unsorted = Timeout { ends: vec![OpId([2; 32]), OpId([1; 32])], ..timeout };
    limit(out, Kind::Timeout, "that ends out of order", &unsorted);
}

fn expression_limits(out: &mut Vec<Invalid>) {
    let picture = Picture { hash: [1; 32], size: 1, format: PictureFormat::Png, animated: false };
    let emoji = |name: &str, size| EmojiCreate {
        name: name.to_owned(),
        picture: Picture { size, ..picture },
        roles: Vec::new(),
    };
    limit(out, Kind::EmojiCreate, "a name of one letter", &emoji("x", 1));
    limit(out, Kind::EmojiCreate, "a name with a colon", &emoji("x:y", 1));
    limit(out, Kind::EmojiCreate, "a picture of nothing", &emoji("cat", 0));
    limit(out, Kind::EmojiCreate, "a picture of 262,145 bytes", &emoji("cat", 262_145));
    let fields = EventFields {
        name: Some(String::from("x")),
        starts: Some(1),
        place: Some(EventPlace::Elsewhere(String::from("x"))),
        ..EventFields::default()
    };
    let event = |fields| EventCreate { fields };
    limit(out, Kind::EventCreate, "without a place", &event(EventFields { place: None, ..fields.clone() }));
    limit(
        out,
        Kind::EventCreate,
        "over from the first",
        &event(EventFields { status: Some(EventStatus::Completed), ..fields.clone() }),
    );
    limit(out, Kind::EventCreate, "a time of 49 bits", &event(EventFields { ends: Some(1 << 48), ..fields }));
    let answer = PollAnswer { text: String::from("x"), emoji: None };
    let asks = |answers, hours| Message {
        poll: Some(Poll { question: String::from("x"), answers, multiple: false, hours }),
        ..Message::default()
    };
    limit(out, Kind::Message, "a poll without answers", &asks(Vec::new(), 1));
    limit(out, Kind::Message, "a poll of eleven answers", &asks(vec![answer.clone(); 11], 1));
    limit(out, Kind::Message, "a poll of 769 hours", &asks(vec![answer], 769));
    limit(out, Kind::PollVote, "an answer twice", &PollVote { answers: vec![1, 1] });
    limit(out, Kind::PollVote, "answer 11", &PollVote { answers: vec![11] });
    let setting = |name: String, json: String| Note::Setting { about: About::Me, name, json };
    limit(out, Kind::Note, "a setting without a name", &setting(String::new(), String::from("1")));
    limit(out, Kind::Note, "a setting of 4,097 bytes", &setting(String::from("x"), "1".repeat(4_097)));
    let draft = Note::Draft { channel: ChannelId([1; 32]), text: "x".repeat(8_001) };
    limit(out, Kind::Note, "a draft of 8,001 bytes", &draft);
    let sealing = |to: &[u8], earlier| {
        let to = to.iter().map(|byte| DeviceKey([*byte; 32]));
        let handed = to.map(|to| HandedTo { to, enc: [0; 32], ciphertext: [0; 48] }).collect();
        Sealing { name: [0; 16], handed, earlier }
    };
    limit(out, Kind::Sealing, "a key for nobody", &sealing(&[], Vec::new()));
    limit(out, Kind::Sealing, "a key for one device twice", &sealing(&[1, 1], Vec::new()));
    limit(out, Kind::Sealing, "half a key from before", &sealing(&[1], vec![0; 40 + 16]));
    limit(out, Kind::Sealing, "65 keys from before", &sealing(&[1], vec![0; 40 + 65 * 32]));
    let stops = |trigger| FilterCreate {
        fields: FilterFields { name: Some(String::from("x")), trigger, ..FilterFields::default() },
    };
    limit(out, Kind::FilterCreate, "stops nothing", &stops(None));
    limit(out, Kind::FilterCreate, "no mention", &stops(Some(Trigger::Mentions(0))));
    let words = |stopped| Some(Trigger::Words { stopped, allowed: Vec::new(), patterns: None });
    limit(out, Kind::FilterCreate, "a word of nothing", &stops(words(vec![String::new()])));
    let looks_for = |patterns| {
        Some(Trigger::Words { stopped: Vec::new(), allowed: Vec::new(), patterns: Some(patterns) })
    };
    limit(out, Kind::FilterCreate, "11 patterns", &stops(looks_for(vec![String::from("x"); 11])));
    limit(out, Kind::FilterCreate, "a pattern of 261 characters", &stops(looks_for(vec!["x".repeat(261)])));
    let acts = Some(Acts { timeout_s: Some(2_419_201), ..Acts::default() });
    let edit = FilterEdit { filter: OpId([1; 32]), fields: FilterFields { acts, ..FilterFields::default() } };
    limit(out, Kind::FilterEdit, "a time of more than 28 days", &edit);
    limit(out, Kind::Alert, "of nothing", &Message::default());
    limit(out, Kind::FilterCreate, "1,001 words", &stops(words(vec![String::from("x"); 1_001])));
}

fn access_limits(out: &mut Vec<Invalid>) {
    let role = |n: u8| AccessLine { target: AccessTarget::Role(RoleId([n; 32])), allowed: true };
    let access = |lines| OfferAccess { application: UserId([1; 32]), offer: None, lines };
    let endpoint = Some(String::from("ftp://bot.example"));
    let asked = Application { owner: UserId([1; 32]), description: String::new(), flags: 0, endpoint };
    limit(out, Kind::Application, "an endpoint that is no URL of the web", &asked);
    limit(out, Kind::OfferAccess, "101 lines", &access((0..101).map(role).collect()));
    let copy_of = CopyOf { space: SpaceId([1; 32]), channel: ChannelId([1; 32]), message: OpId([1; 32]) };
    let forged = Message { copy_of: Some(copy_of), ..Message::default() };
    limit(out, Kind::Message, "a copy that is no webhook's", &forged);
    let CopyOf { space, channel, message } = copy_of;
    let forward = Forward { space, channel, message, written: 1 << 48, edited: None };
    let later = Message { forward: Some(forward), ..Message::default() };
    limit(out, Kind::Message, "that passes on what was written in no year of ours", &later);
    let forward = Some(Forward { written: 0, ..forward });
    let answering = Message { forward, reply_to: Some(message), ..Message::default() };
    limit(out, Kind::Message, "that passes on and answers", &answering);
    let bare = OwnEmoji { emoji: None, name: Some(String::from("gear")), picture: None };
    limit(out, Kind::OwnEmoji, "begins without a picture", &bare);
    limit(out, Kind::OfferAccess, "a role twice", &access(vec![role(1), role(1)]));
}

fn retention_limits(out: &mut Vec<Invalid>) {
    let keep = |days| Retention { channel: None, days, gone: Hlc::ZERO };
    limit(out, Kind::Retention, "3,651 days", &keep(Some(3_651)));
    limit(out, Kind::Retention, "a guild as itself", &keep(None));
}

fn recurrence_limits(out: &mut Vec<Invalid>) {
    let rule = Recurrence {
        starts: 1,
        rhythm: Rhythm::Weekly,
        interval: 1,
        weekdays: vec![0],
        month_weekdays: Vec::new(),
        months: Vec::new(),
        month_days: Vec::new(),
    };
    let edit = |fields| EventEdit { event: ChannelId([1; 32]), fields };
    let by = |rule| edit(EventFields { recurring: Some(Recurring::By(rule)), ..EventFields::default() });
    limit(out, Kind::EventEdit, "every 0 weeks", &by(Recurrence { interval: 0, ..rule.clone() }));
    limit(out, Kind::EventEdit, "an eighth day", &by(Recurrence { weekdays: vec![7], ..rule.clone() }));
    limit(out, Kind::EventEdit, "a day twice", &by(Recurrence { weekdays: vec![1, 1], ..rule.clone() }));
    limit(out, Kind::EventEdit, "a sixth week", &by(Recurrence { month_weekdays: vec![(6, 1)], ..rule }));
    let word = Some(Word { starts: 1 << 48, ..Word::default() });
    let occurrence = Some(Occurrence { original: 1, word });
    let moved = edit(EventFields { occurrence, ..EventFields::default() });
    limit(out, Kind::EventEdit, "moved to a time of 49 bits", &moved);
    let pause = GuildEdit { invites_paused_until: Some(1 << 48), ..GuildEdit::default() };
    limit(out, Kind::GuildEdit, "a pause to a time of 49 bits", &pause);
}

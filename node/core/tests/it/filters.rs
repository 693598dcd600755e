//! Filters: who makes them, whom they stop, and that nobody gets past them by another program.

use crate::node::{Home, Node, channel_draft, send};
use nexus_core::{Caught, Change, ChannelDraft, Command, MessageEdit, Refusal, Secret, Store, Thing};
use nexus_crdt::body::content::{Alert, Delete, Edit, Message};
use nexus_crdt::body::governance::{Acts, FilterFields, OverwriteEntry, OverwriteTarget, RateClass, Trigger};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::Verified;
use std::sync::Arc;

fn no_cats() -> FilterFields {
    let (stopped, allowed) = (vec![String::from("cat*")], Vec::new());
    let patterns = Some(vec![String::from(r"\bkitten\b")]);
    FilterFields {
        name: Some(String::from("no cats")),
        trigger: Some(Trigger::Words { stopped, allowed, patterns }),
        words: Some(String::from("dogs only")),
        ..FilterFields::default()
    }
}

fn made(home: &mut Home) -> OpId {
    let make = Command::MakeFilter { guild: home.guild, fields: no_cats() };
    home.node.created(home.owner, make)
}

fn stopped() -> Refusal {
    Refusal::Filtered { words: String::from("dogs only") }
}

#[test]
fn what_a_filter_stops_is_not_sent_and_its_words_say_why() {
    let mut home = Home::new(1);
    let (bot, channel, guild) = (home.bot("Echo"), home.channel, home.guild);
    let make = Command::MakeFilter { guild, fields: no_cats() };
    assert_eq!(home.node.command(bot, make), Err(Refusal::MissingPermissions));
    let filter = made(&mut home);
    assert!(home.node.changes.contains(&Change::FilterCreated { space: guild, filter }));
    assert_eq!(home.node.command(bot, send(channel, "a Cat!")), Err(stopped()));
    let fine = home.node.say(bot, channel, "a dog").id;
    let edit = MessageEdit { text: Some(RichText::plain("a catfish")), ..MessageEdit::default() };
    let edit = Command::EditMessage { channel, message: fine, edit };
    assert_eq!(home.node.command(bot, edit), Err(stopped()), "nor by an edit");
    home.node.command(home.owner, send(channel, "cat")).expect("who manages the guild is stopped by none");

    let role = home.role("trusted", Permissions::NONE, RateClass::Person);
    let fields = FilterFields { exempt_roles: Some(vec![role]), ..FilterFields::default() };
    home.node.command(home.owner, Command::EditFilter { guild, filter, fields }).unwrap();
    home.give(bot, role);
    home.node.command(bot, send(channel, "cat")).expect("whom it leaves alone");
    let fields = FilterFields {
        exempt_roles: Some(Vec::new()),
        exempt_channels: Some(vec![channel]),
        ..FilterFields::default()
    };
    home.node.command(home.owner, Command::EditFilter { guild, filter, fields }).unwrap();
    home.node.command(bot, send(channel, "cat")).expect("where it leaves everybody alone");
    let fields = FilterFields { exempt_channels: Some(Vec::new()), ..FilterFields::default() };
    home.node.command(home.owner, Command::EditFilter { guild, filter, fields }).unwrap();
    home.node.restart();
    assert_eq!(home.node.command(bot, send(channel, "cat")), Err(stopped()));
    home.node.command(home.owner, Command::DeleteFilter { guild, filter }).unwrap();
    home.node.command(bot, send(channel, "cat")).expect("it is gone");
}

#[test]
fn what_somebody_signs_past_their_own_program_is_void_everywhere() {
    let mut home = Home::new(1);
    made(&mut home);
    let (guest, eve) = home.guest(2, "Eve");
    let forged = signed_past(&guest, eve, &home);
    let heads = vec![heads(&home)];
    home.node.deliver(vec![op::encode(&forged)], heads);
    let row = home.node.store.message(&home.channel.stream(), &forged.id).unwrap().unwrap();
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::Filtered));
    assert!(home.node.texts(&home.channel).is_empty());
}

/// "cat", signed by somebody's device without asking their program.
fn signed_past(guest: &Node, eve: UserId, home: &Home) -> Verified<Op> {
    let key = guest.store.secrets().unwrap().into_iter().find_map(|secret| match secret {
        Secret::Device(user, key) if user == eve => Some(key),
        _ => None,
    });
    let draft = Draft {
        space: home.guild,
        stream: home.channel.stream(),
        tenure: home.node.guild(&home.guild).members[&eve].tenure,
        seq: 0,
        prev: None,
        // After what it cites: what is dated before it is void for that alone.
        hlc: Hlc::from_ms(home.node.now_ms + 1_000),
        kind: Kind::Message,
        deps: vec![OpId(home.node.core.view().governance[&home.guild].frontier().0)],
        target: None,
        body: op::open_body(&Message { text: RichText::plain("cat"), ..Message::default() }),
    };
    draft.seal(&key.unwrap(), [0; 16])
}

fn heads(home: &Home) -> Vec<OpId> {
    home.node.core.view().governance[&home.guild].heads()
}

/// A channel that members do not see.
fn hidden(home: &mut Home) -> ChannelId {
    let everyone = OverwriteTarget::Role(home.node.guild(&home.guild).everyone());
    let entry =
        OverwriteEntry { target: everyone, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
    let draft = ChannelDraft { overwrites: vec![entry], ..channel_draft("officers") };
    home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft }).into()
}

fn acting(home: &mut Home, acts: Acts) -> OpId {
    let fields = FilterFields { acts: Some(acts), ..no_cats() };
    home.node.created(home.owner, Command::MakeFilter { guild: home.guild, fields })
}

fn caught(node: &Node) -> Vec<Arc<Caught>> {
    let caught = node.changes.iter().filter_map(|change| match change {
        Change::Caught { caught } => Some(Arc::clone(caught)),
        _ => None,
    });
    caught.collect()
}

fn is_paused(node: &Node, guild: &SpaceId, user: UserId) -> bool {
    node.guild(guild).paused_until(&user, Hlc::from_ms(node.now_ms + 1_000)).is_some()
}

#[test]
fn who_is_caught_tells_of_it_where_they_see_nothing_and_writes_no_more_for_a_while() {
    let mut home = Home::new(1);
    let officers = hidden(&mut home);
    acting(&mut home, Acts { alert: Some(officers), timeout_s: Some(60), ..Acts::default() });
    let (mut guest, eve) = home.guest(2, "Eve");
    guest.now_ms += 1_000;
    assert_eq!(guest.command(eve, send(home.channel, "a Cat!")), Err(stopped()));
    assert_eq!(caught(&guest).len(), 1);
    assert!(is_paused(&guest, &home.guild, eve), "by their own program's word");
    assert_eq!(guest.command(eve, send(home.channel, "a dog")), Err(Refusal::MissingPermissions));
    guest.restart();
    home.node.now_ms += 5_000;
    for _ in 0..2 {
        home.node.take_all_of(&guest);
    }
    assert_eq!(home.node.texts(&officers), ["a Cat!"], "once, however often it comes");
    let alert = home.node.messages(&officers).remove(0);
    assert_eq!((alert.author, alert.body.alert.as_ref().unwrap().keyword.as_str()), (eve, "cat*"));
    let told = caught(&home.node);
    assert_eq!(
        (told.len(), told[0].user, told[0].alert, told[0].matched.as_str()),
        (1, eve, Some(alert.api_id), "cat")
    );
    assert!(is_paused(&home.node, &home.guild, eve));
    assert!(home.node.texts(&home.channel).is_empty());
    guest.now_ms += 62_000;
    guest.say(eve, home.channel, "a dog");
}

#[test]
fn what_a_filter_lets_through_is_said_and_told() {
    let mut home = Home::new(1);
    let (officers, bot) = (hidden(&mut home), home.bot("Echo"));
    let filter = acting(&mut home, Acts { lets_through: true, alert: Some(officers), timeout_s: None });
    let said = home.node.say(bot, home.channel, "a kitten");
    let told = caught(&home.node);
    assert_eq!(
        (told[0].filter, told[0].message, told[0].matched.as_str()),
        (filter, Some(said.api_id), "kitten")
    );
    let alert = home.node.messages(&officers).remove(0).body.alert.unwrap();
    assert_eq!((alert.message, alert.said_by), (Some(said.id), None));
    assert_eq!(home.node.texts(&home.channel), ["a kitten"]);
}

#[test]
fn on_what_is_signed_past_ones_own_program_acts_the_program_of_who_had_the_filter_do_so_once() {
    let mut home = Home::new(1);
    let officers = hidden(&mut home);
    acting(&mut home, Acts { alert: Some(officers), timeout_s: Some(60), ..Acts::default() });
    let (guest, eve) = home.guest(2, "Eve");
    let (mut other, _) = home.guest(3, "Cat");
    let forged = signed_past(&guest, eve, &home);
    other.take_all_of(&home.node);
    other.now_ms += 5_000;
    let heads = heads(&home);
    other.deliver(vec![op::encode(&forged)], vec![heads.clone()]);
    assert!(!is_paused(&other, &home.guild, eve), "others leave it to who has the word");
    for _ in 0..2 {
        home.node.deliver(vec![op::encode(&forged)], vec![heads.clone()]);
    }
    let alerts = home.node.messages(&officers);
    assert_eq!(alerts.len(), 1);
    let alert = alerts[0].body.alert.as_ref().unwrap();
    assert_eq!((alerts[0].author, alert.said_by, alert.message), (home.owner, Some(eve), Some(forged.id)));
    home.node.now_ms += 5_000;
    assert!(is_paused(&home.node, &home.guild, eve));
    other.take_all_of(&home.node);
    assert!(is_paused(&other, &home.guild, eve));
    assert_eq!(other.texts(&officers), ["cat"]);
}

#[test]
fn nobody_tells_of_what_no_filter_catches_nor_of_others_who_may_not() {
    let mut home = Home::new(1);
    let officers = hidden(&mut home);
    let filter = acting(&mut home, Acts { alert: Some(officers), ..Acts::default() });
    let (guest, eve) = home.guest(2, "Eve");
    let alert = |said_by| Alert {
        filter,
        channel: home.channel,
        keyword: String::from("cat*"),
        matched: String::from("cat"),
        message: None,
        said_by,
    };
    let (template, heads) = (signed_past(&guest, eve, &home), heads(&home));
    let key = guest.store.secrets().unwrap().into_iter().find_map(|secret| match secret {
        Secret::Device(user, key) if user == eve => Some(key),
        _ => None,
    });
    let key = key.unwrap();
    let forge = |kind, stream, text: &str, alert| {
        let header = &template.header;
        let body = op::open_body(&Message { text: RichText::plain(text), alert, ..Message::default() });
        let (space, tenure, hlc, deps) = (home.guild, header.tenure, header.hlc, header.deps.clone());
        let draft = Draft { space, stream, tenure, seq: 0, prev: None, hlc, kind, deps, target: None, body };
        draft.seal(&key, [1; 16])
    };
    let verdict = |node: &mut Node, op: &Verified<Op>| {
        node.deliver(vec![op::encode(op)], vec![heads.clone()]);
        let row = node.store.message(&op.header.stream, &op.id).unwrap().unwrap();
        Verdict::from_byte(row.verdict)
    };
    let (there, elsewhere) = (officers.stream(), home.channel.stream());
    let mut nodes = (0..5).map(|_| {
        let mut node = Node::new(9);
        node.now_ms = home.node.now_ms;
        node.take_all_of(&home.node);
        node
    });
    let mut judge = |op: Verified<Op>| verdict(&mut nodes.next().unwrap(), &op);
    assert_eq!(
        judge(forge(Kind::Alert, there, "a dog", Some(alert(None)))),
        Verdict::Void(VoidReason::Target)
    );
    let of_others = forge(Kind::Alert, there, "a cat", Some(alert(Some(home.owner))));
    assert_eq!(judge(of_others), Verdict::Void(VoidReason::Target));
    let elsewhere_told = forge(Kind::Alert, elsewhere, "a cat", Some(alert(None)));
    assert_eq!(judge(elsewhere_told), Verdict::Void(VoidReason::NoPermission));
    let dressed = forge(Kind::Message, elsewhere, "a dog", Some(alert(None)));
    assert_eq!(judge(dressed), Verdict::Void(VoidReason::Target), "what is no alert tells of nothing");
    assert_eq!(judge(forge(Kind::Alert, there, "a cat", Some(alert(None)))), Verdict::Valid);
}

#[test]
fn who_is_caught_does_not_take_back_what_tells_of_it() {
    let mut home = Home::new(1);
    let (bot, channel) = (home.bot("Echo"), home.channel);
    acting(&mut home, Acts { alert: Some(channel), ..Acts::default() });
    assert_eq!(home.node.command(bot, send(channel, "a cat")), Err(stopped()));
    let alert = home.node.messages(&channel).remove(0);
    assert_eq!(alert.author, bot);
    let taking_back = Command::DeleteMessages { channel, messages: vec![alert.id] };
    assert_eq!(home.node.command(bot, taking_back.clone()), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.edit(bot, channel, alert.id, "a dog"), Err(Refusal::NotTheAuthor));
    for (kind, body) in [
        (Kind::Delete, op::open_body(&Delete {})),
        (Kind::Edit, op::open_body(&Edit { text: RichText::plain("a dog"), ..Edit::default() })),
    ] {
        let mut other = Node::new(9);
        other.now_ms = home.node.now_ms + 1_000;
        other.take_all_of(&home.node);
        let forged = past_ones_own_program(&home, bot, alert.id, kind, body);
        other.deliver(vec![op::encode(&forged)], vec![heads(&home)]);
        assert_eq!(other.texts(&channel), ["a cat"], "{kind:?} by who was caught is void");
    }
    home.node.command(home.owner, taking_back).unwrap();
    assert!(home.node.texts(&channel).is_empty(), "who looks after the guild takes it away");
}

/// An act on a message, signed by a program that asks nobody.
fn past_ones_own_program(home: &Home, user: UserId, target: OpId, kind: Kind, body: Vec<u8>) -> Verified<Op> {
    let log = home.node.store.op(&target).unwrap().unwrap().op;
    let draft = Draft {
        space: home.guild,
        stream: log.header.stream,
        tenure: log.header.tenure,
        seq: log.header.seq + 1,
        prev: Some(target),
        hlc: Hlc::from_ms(log.header.hlc.ms() + 1),
        kind,
        deps: log.header.deps,
        target: Some(target),
        body,
    };
    draft.seal(&home.node.device_of(user), [2; 16])
}

#[test]
fn a_filter_of_no_readable_pattern_or_of_more_than_its_maker_may_is_not_made() {
    let mut home = Home::new(1);
    let (guild, bot) = (home.guild, home.bot("Echo"));
    let role = home.role("officer", Permissions::MANAGE_GUILD, RateClass::Person);
    home.give(bot, role);
    let looks_for = |pattern: &str| {
        let patterns = Some(vec![pattern.to_owned()]);
        let trigger = Some(Trigger::Words { stopped: Vec::new(), allowed: Vec::new(), patterns });
        Command::MakeFilter { guild, fields: FilterFields { trigger, ..no_cats() } }
    };
    for wrong in ["(", "a*", r"\p{L}"] {
        let refused = home.node.command(bot, looks_for(wrong));
        assert!(matches!(refused, Err(Refusal::Invalid { .. })), "{wrong}: {refused:?}");
    }
    let acts = Some(Acts { timeout_s: Some(60), ..Acts::default() });
    let pausing = || Command::MakeFilter { guild, fields: FilterFields { acts, ..no_cats() } };
    assert_eq!(home.node.command(bot, pausing()), Err(Refusal::MissingPermissions));
    let nowhere = Some(Acts { alert: Some(ChannelId([7; 32])), ..Acts::default() });
    let fields = FilterFields { acts: nowhere, ..no_cats() };
    let nowhere = home.node.command(bot, Command::MakeFilter { guild, fields });
    assert_eq!(nowhere, Err(Refusal::Unknown(Thing::Channel)));
    home.node.created(home.owner, pausing());
}

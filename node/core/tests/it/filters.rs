//! Filters: who makes them, whom they stop, and that nobody gets past them by another program.

use crate::node::{Home, send};
use nexus_core::{Change, Command, MessageEdit, Refusal, Secret, Store};
use nexus_crdt::body::content::Message;
use nexus_crdt::body::governance::{FilterFields, RateClass, Trigger};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};

fn no_cats() -> FilterFields {
    let (stopped, allowed) = (vec![String::from("cat*")], Vec::new());
    FilterFields {
        name: Some(String::from("no cats")),
        trigger: Some(Trigger::Words { stopped, allowed }),
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
    let key = guest.store.secrets().unwrap().into_iter().find_map(|secret| match secret {
        Secret::Device(user, key) if user == eve => Some(key),
        _ => None,
    });
    let frontiers = home.node.store.frontiers().unwrap();
    let forged = Draft {
        space: home.guild,
        stream: home.channel.stream(),
        tenure: home.node.guild(&home.guild).members[&eve].tenure,
        seq: 0,
        prev: None,
        // After what it cites: what is dated before it is void for that alone.
        hlc: Hlc::from_ms(home.node.now_ms + 1_000),
        kind: Kind::Message,
        deps: vec![OpId(FrontierId::of(frontiers.last().unwrap()).0)],
        target: None,
        body: op::open_body(&Message { text: RichText::plain("cat"), ..Message::default() }),
    };
    let forged = forged.seal(&key.unwrap(), [0; 16]);
    home.node.deliver(vec![op::encode(&forged)], Vec::new());
    let row = home.node.store.message(&home.channel.stream(), &forged.id).unwrap().unwrap();
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::Filtered));
    assert!(home.node.texts(&home.channel).is_empty());
}

//! Webhooks: who may speak under another name.

use crate::node::{Home, Node, draft};
use nexus_core::{Command, Extras, MessageDraft, Refusal, Reply, Secret, Store, Thing};
use nexus_crdt::body::content::{Carried, Edit, Message, ShownAs};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{FrontierId, OpId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op};
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::Verified;

fn as_webhook(home: &Home, webhook: OpId) -> MessageDraft {
    let shown_as = Some(ShownAs { webhook, name: String::from("CI"), avatar: None });
    MessageDraft {
        extras: Extras { shown_as, ..Extras::default() },
        ..draft(home.channel, "the build is green")
    }
}

#[test]
fn a_webhook_is_its_maker_s_and_its_link_is_the_same_after_a_restart() {
    let mut home = Home::new(1);
    let made = home
        .node
        .command(Some(home.owner), Command::MakeWebhook { channel: home.channel, name: String::from("CI") });
    let Ok(Reply::Created(webhook)) = made else { panic!("{made:?}") };
    let token = |home: &mut Home| home.node.command(Some(home.owner), Command::WebhookToken { webhook });
    let Ok(Reply::Token(before)) = token(&mut home) else { panic!("a token") };
    home.node.restart();
    assert_eq!(token(&mut home), Ok(Reply::Token(before.clone())));
    assert_eq!(home.node.core.view().webhooks[&home.owner][&webhook].channel, home.channel);
    let open = |token: &str| Command::OpenWebhook { webhook, token: token.to_owned() };
    assert_eq!(home.node.command(Some(home.owner), open(&before)), Ok(Reply::Done));
    assert_eq!(home.node.command(Some(home.owner), open("no")), Err(Refusal::Unknown(Thing::Webhook)));

    let sent = home.node.command(Some(home.owner), Command::SendMessage(as_webhook(&home, webhook)));
    let Ok(Reply::Message(message)) = sent else { panic!("{sent:?}") };
    assert_eq!(message.body.shown_as.as_ref().map(|shown| shown.name.as_str()), Some("CI"));
    let bot = home.bot("Echo");
    let stolen = home.node.command(Some(bot), Command::SendMessage(as_webhook(&home, webhook)));
    assert_eq!(stolen, Err(Refusal::Unknown(Thing::Webhook)));

    let gone = Command::EditWebhook { webhook, channel: None, name: None };
    assert_eq!(home.node.command(Some(home.owner), gone), Ok(Reply::Done));
    let after = home.node.command(Some(home.owner), Command::SendMessage(as_webhook(&home, webhook)));
    assert_eq!(after, Err(Refusal::Unknown(Thing::Webhook)));
}

#[test]
fn who_may_not_manage_webhooks_makes_none() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let make = Command::MakeWebhook { channel: home.channel, name: String::from("CI") };
    assert_eq!(home.node.command(Some(bot), make), Err(Refusal::MissingPermissions));
}

/// An op of a member's own, signed without asking their node.
fn signed(home: &Home, of: (&Node, UserId), kind: Kind, target: Option<OpId>, body: Vec<u8>) -> Verified<Op> {
    let (guest, eve) = of;
    let key = guest.store.secrets().unwrap().into_iter().find_map(|secret| match secret {
        Secret::Device(user, key) if user == eve => Some(key),
        _ => None,
    });
    let frontiers = home.node.store.frontiers().unwrap();
    let head =
        guest.store.ops().map(|stored| &stored.op).filter(|op| op.header.stream == home.channel.stream());
    let head = head.filter(|op| guest.core.view().local_devices.contains(&op.header.author));
    let prev = head.max_by_key(|op| op.header.seq);
    let forged = Draft {
        space: home.guild,
        stream: home.channel.stream(),
        tenure: home.node.guild(&home.guild).members[&eve].tenure,
        seq: prev.map_or(0, |prev| prev.header.seq + 1),
        prev: prev.map(|prev| prev.id),
        // After what it cites: what is dated before it is void for that alone.
        hlc: Hlc::from_ms(home.node.now_ms + 1_000),
        kind,
        deps: vec![OpId(FrontierId::of(frontiers.last().unwrap()).0)],
        target,
        body,
    };
    forged.seal(&key.unwrap(), [0; 16])
}

fn under_another_name() -> Option<ShownAs> {
    Some(ShownAs { webhook: OpId([7; 32]), name: String::from("Ann"), avatar: None })
}

#[test]
fn what_somebody_signs_under_another_name_without_the_right_to_it_is_void_everywhere() {
    let mut home = Home::new(1);
    let (guest, eve) = home.guest(2, "Eve");
    let shown_as = under_another_name();
    let body = Message { text: RichText::plain("trust me"), shown_as, ..Message::default() };
    let forged = signed(&home, (&guest, eve), Kind::Message, None, op::open_body(&body));
    home.node.deliver(vec![op::encode(&forged)], Vec::new());
    let row = home.node.store.message(&home.channel.stream(), &forged.id).unwrap().unwrap();
    assert_eq!(Verdict::from_byte(row.verdict), Verdict::Void(VoidReason::Target));
    assert!(home.node.texts(&home.channel).is_empty());
}

#[test]
fn what_somebody_says_by_an_edit_under_another_name_without_the_right_to_it_is_void_everywhere() {
    let mut home = Home::new(1);
    let (mut guest, eve) = home.guest(2, "Eve");
    let said = guest.say(eve, home.channel, "hello").id;
    home.node.take_all_of(&guest);
    let carried = Some(Carried { shown_as: under_another_name(), ..Carried::default() });
    let body = Edit { text: RichText::plain("trust me"), carried, ..Edit::default() };
    let forged = signed(&home, (&guest, eve), Kind::Edit, Some(said), op::open_body(&body));
    home.node.deliver(vec![op::encode(&forged)], Vec::new());
    assert!(home.node.store.has_op(&forged.id).unwrap());
    let message = home.node.messages(&home.channel).remove(0);
    assert_eq!((message.body.shown_as, message.edited), (None, None));
    assert_eq!(home.node.texts(&home.channel), ["hello"]);
}

//! Who is pinged: what the author may, wherever the message was written.

use crate::node::{Home, Node, draft};
use nexus_core::{Command, MessageDraft, Reply, RolePatch};
use nexus_crdt::body::content::Pings;
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;

/// A message that would ping everyone and each of these.
fn calls(channel: ChannelId, ids: &[OpId]) -> MessageDraft {
    let mut refs = Refs::default();
    let places: Vec<u32> = ids.iter().map(|id| refs.index_of(*id)).collect();
    let text = RichText(places.iter().map(|place| Part::Role(*place)).collect());
    let pings = Pings { everyone: true, replied: false, refs: places };
    MessageDraft { text, refs, pings, ..draft(channel, "") }
}

fn pinged(node: &mut Node, actor: UserId, draft: MessageDraft) -> Pings {
    match node.command(actor, Command::SendMessage(draft)) {
        Ok(Reply::Message(message)) => message.body.pings.clone(),
        other => panic!("answered {other:?}"),
    }
}

struct Square {
    home: Home,
    /// Anyone may ping it.
    open: RoleId,
    closed: RoleId,
    foreign: RoleId,
}

fn square() -> Square {
    let mut home = Home::new(1);
    let open = home.role("open", Permissions::NONE, RateClass::Person);
    let closed = home.role("closed", Permissions::NONE, RateClass::Person);
    let patch = RolePatch { mentionable: Some(true), ..RolePatch::default() };
    home.node.command(home.owner, Command::EditRole { guild: home.guild, role: open, patch }).unwrap();
    let create = Command::CreateGuild { name: String::from("Elsewhere") };
    let foreign = RoleId(SpaceId::from(home.node.created(home.owner, create)).0);
    Square { home, open, closed, foreign }
}

impl Square {
    fn everyone_may(&mut self, permissions: Permissions) {
        let (guild, role) = (self.home.guild, RoleId(self.home.guild.0));
        let patch = RolePatch { permissions: Some(permissions), ..RolePatch::default() };
        self.home.node.command(self.home.owner, Command::EditRole { guild, role, patch }).unwrap();
    }

    fn calls_all(&self) -> MessageDraft {
        let everyone = OpId(self.home.guild.0);
        let ids =
            [OpId(self.open.0), OpId(self.closed.0), everyone, OpId(self.foreign.0), self.home.owner.into()];
        calls(self.home.channel, &ids)
    }
}

#[test]
fn a_role_that_not_anyone_may_ping_is_pinged_by_who_may_ping_everyone() {
    let mut square = square();
    let all = square.calls_all();
    let owner = square.home.owner;
    let pings = pinged(&mut square.home.node, owner, all.clone());
    assert!(pings.everyone);
    assert_eq!(
        pings.refs,
        [0, 1, 4],
        "the mark of @everyone goes around no permission, and another guild's role pings nobody"
    );
    let bot = square.home.bot("Echo");
    let pings = pinged(&mut square.home.node, bot, all);
    assert!(!pings.everyone);
    assert_eq!(pings.refs, [0, 4]);
}

#[test]
fn a_ping_from_elsewhere_counts_only_as_far_as_its_author_may() {
    let mut square = square();
    square.everyone_may(Permissions::DEFAULT_EVERYONE.with(Permissions::MENTION_EVERYONE));
    let (mut node, guest) = square.home.guest(2, "Bea");
    // Bea's node believes that she may: it has not heard of the edit.
    square.everyone_may(Permissions::DEFAULT_EVERYONE);
    let all = square.calls_all();
    assert!(pinged(&mut node, guest, all).everyone, "or this test proves nothing");
    square.home.node.take_all_of(&node);
    let messages = square.home.node.messages(&square.home.channel);
    let pings = &messages.last().unwrap().body.pings;
    assert!(!pings.everyone);
    assert_eq!(pings.refs, [0, 4]);
}

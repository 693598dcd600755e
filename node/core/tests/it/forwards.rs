//! What one passes on of what was said elsewhere.

use crate::node::{Home, channel_draft, draft, text_of};
use nexus_core::{ChannelDraft, Command, Extras, MessageDraft, MessageEdit, Refusal};
use nexus_crdt::body::content::Forward;
use nexus_crdt::body::governance::{ChannelKind, FilterFields, Trigger};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::id::{ChannelId, OpId};

fn channel(home: &mut Home, kind: ChannelKind, name: &str) -> ChannelId {
    let draft = ChannelDraft { kind, ..channel_draft(name) };
    home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft }).into()
}

/// What passes on a message of the home's channel.
fn passed_on(home: &Home, to: ChannelId, message: OpId, text: &str) -> MessageDraft {
    let forward = Forward { space: home.guild, channel: home.channel, message, written: 1_000, edited: None };
    let extras = Extras { forward: Some(Box::new(forward)), ..Extras::default() };
    MessageDraft { extras, ..draft(to, text) }
}

#[test]
fn what_is_passed_on_stands_as_it_was_and_its_author_edits_nothing_of_it() {
    let mut home = Home::new(1);
    let there = channel(&mut home, ChannelKind::Text, "there");
    let said = home.node.say(home.owner, home.channel, "we sail at dawn").id;
    let draft = passed_on(&home, there, said, "we sail at dawn");
    home.node.command(home.owner, Command::SendMessage(draft)).unwrap();
    home.node.edit(home.owner, home.channel, said, "we stay").unwrap();
    home.node.restart();
    let shown = home.node.messages(&there).remove(0);
    assert_eq!((text_of(&shown).as_str(), shown.body.forward.unwrap().message), ("we sail at dawn", said));
    let edit = MessageEdit { text: Some(RichText::plain("we sink")), ..MessageEdit::default() };
    let edit = Command::EditMessage { channel: there, message: shown.id, edit };
    assert_eq!(home.node.command(home.owner, edit), Err(Refusal::ForwardStands));
    let delete = Command::DeleteMessages { channel: there, messages: vec![shown.id] };
    home.node.command(home.owner, delete).unwrap();
    assert!(home.node.texts(&there).is_empty());
}

#[test]
fn a_filter_stops_what_is_passed_on_as_it_stops_what_is_said() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let there = channel(&mut home, ChannelKind::Text, "there");
    let said = home.node.say(bot, home.channel, "a cat").id;
    let (stopped, allowed) = (vec![String::from("cat")], Vec::new());
    let trigger = Some(Trigger::Words { stopped, allowed, patterns: None });
    let fields = FilterFields { name: Some(String::from("cats")), trigger, ..FilterFields::default() };
    home.node.created(home.owner, Command::MakeFilter { guild: home.guild, fields });
    let draft = passed_on(&home, there, said, "a cat");
    let refused = home.node.command(bot, Command::SendMessage(draft));
    assert!(matches!(refused, Err(Refusal::Filtered { .. })), "{refused:?}");
}

#[test]
fn what_an_announcement_passes_on_its_copy_passes_on_too() {
    let mut home = Home::new(1);
    let news = channel(&mut home, ChannelKind::Announcement, "news");
    let follower = channel(&mut home, ChannelKind::Text, "follower");
    home.node.created(home.owner, Command::FollowChannel { source: news, channel: follower });
    home.node.now_ms += 1_000;
    let said = home.node.say(home.owner, home.channel, "we sail at dawn").id;
    let draft = passed_on(&home, news, said, "we sail at dawn");
    home.node.command(home.owner, Command::SendMessage(draft)).unwrap();
    let message = home.node.messages(&news).remove(0).id;
    home.node.command(home.owner, Command::Publish { channel: news, message }).unwrap();
    let copy = home.node.messages(&follower).remove(0);
    assert_eq!(copy.body.copy_of.unwrap().message, message);
    assert_eq!(copy.body.forward.unwrap().message, said);
    // An edit of the copy says so, too.
    home.node.now_ms += 1_000;
    let delete = Command::DeleteMessages { channel: news, messages: vec![message] };
    home.node.command(home.owner, delete).unwrap();
    let copy = home.node.messages(&follower).remove(0);
    assert!(copy.edited.is_some() && copy.body.forward.is_some(), "{copy:?}");
}

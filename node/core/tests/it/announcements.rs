//! Announcement channels: what is published comes once to whoever follows, whichever program holds them.

use crate::node::{Home, Node, channel_draft};
use nexus_core::{ChannelDraft, Command, Refusal, Reply};
use nexus_crdt::body::content::CopyOf;
use nexus_crdt::body::governance::{Acts, ChannelKind, FilterFields, RateClass, Trigger};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;

fn announcing(home: &mut Home) -> ChannelId {
    let draft = ChannelDraft { kind: ChannelKind::Announcement, ..channel_draft("news") };
    home.node.created(home.owner, Command::CreateChannel { guild: home.guild, draft }).into()
}

fn publish(node: &mut Node, actor: UserId, channel: ChannelId, message: OpId) -> Result<Reply, Refusal> {
    node.command(actor, Command::Publish { channel, message })
}

#[test]
fn what_is_published_comes_once_to_the_channel_that_follows() {
    let mut home = Home::new(1);
    let (news, channel) = (announcing(&mut home), home.channel);
    let early = home.node.say(home.owner, news, "before anybody followed").id;
    publish(&mut home.node, home.owner, news, early).unwrap();
    home.node.created(home.owner, Command::FollowChannel { source: news, channel });
    let said = home.node.say(home.owner, news, "we are open").id;
    assert!(home.node.texts(&channel).is_empty(), "not before it is published");
    for _ in 0..2 {
        let Ok(Reply::Message(shown)) = publish(&mut home.node, home.owner, news, said) else { panic!() };
        assert!(shown.published);
    }
    assert_eq!(home.node.texts(&channel), ["we are open"]);
    home.node.restart();
    let copy = home.node.messages(&channel).remove(0);
    let source = CopyOf { space: home.guild, channel: news, message: said };
    assert_eq!(copy.body.copy_of, Some(source));
    assert_eq!(copy.body.shown_as.map(|shown| shown.name), Some(String::from("Home #news")));
    assert!(home.node.messages(&news).iter().all(|message| message.published));
}

#[test]
fn a_guild_on_another_program_follows_and_gets_its_copy_there() {
    let mut home = Home::new(1);
    let news = announcing(&mut home);
    let (mut guest, ben) = home.guest(2, "Ben");
    let theirs = SpaceId::from(guest.created(ben, Command::CreateGuild { name: String::from("Theirs") }));
    let general = guest.guild(&theirs).channels.values().find(|channel| channel.name == "general");
    let channel = general.unwrap().id;
    let early = home.node.say(home.owner, news, "before anybody followed").id;
    publish(&mut home.node, home.owner, news, early).unwrap();
    guest.now_ms += 1_000;
    guest.created(ben, Command::FollowChannel { source: news, channel });
    guest.now_ms += 2_000;
    home.node.now_ms += 3_000;
    let said = home.node.say(home.owner, news, "we are open").id;
    publish(&mut home.node, home.owner, news, said).unwrap();
    for _ in 0..2 {
        guest.take_all_of(&home.node);
    }
    assert_eq!(guest.texts(&channel), ["we are open"], "once, however often it arrives");
    assert!(home.node.core.view().guilds.get(&theirs).is_none(), "nobody else is told of Ben's guild");
}

#[test]
fn who_may_not_write_or_follow_publishes_and_follows_nothing() {
    let mut home = Home::new(1);
    let (news, channel, bot) = (announcing(&mut home), home.channel, home.bot("Echo"));
    let follow = Command::FollowChannel { source: news, channel };
    assert_eq!(home.node.command(bot, follow), Err(Refusal::MissingPermissions));
    let own = home.node.say(bot, news, "mine").id;
    let theirs = home.node.say(home.owner, news, "Ann's").id;
    assert!(publish(&mut home.node, bot, news, own).is_ok());
    assert_eq!(publish(&mut home.node, bot, news, theirs), Err(Refusal::MissingPermissions));
    let role = home.role("editor", Permissions::MANAGE_MESSAGES, RateClass::Person);
    home.give(bot, role);
    assert!(publish(&mut home.node, bot, news, theirs).is_ok());
    let plain = home.node.say(home.owner, channel, "no news").id;
    let owner = home.owner;
    let refused = publish(&mut home.node, owner, channel, plain);
    assert!(matches!(refused, Err(Refusal::Invalid { field: "channel_id", .. })), "{refused:?}");
    let backwards = Command::FollowChannel { source: channel, channel: news };
    assert!(matches!(home.node.command(owner, backwards), Err(Refusal::Invalid { .. })));
}

#[test]
fn a_copy_says_what_its_message_says_now_and_that_it_is_gone() {
    let mut home = Home::new(1);
    let news = announcing(&mut home);
    let (mut guest, ben) = home.guest(2, "Ben");
    let theirs = SpaceId::from(guest.created(ben, Command::CreateGuild { name: String::from("Theirs") }));
    let general = guest.guild(&theirs).channels.values().find(|channel| channel.name == "general");
    let channel = general.unwrap().id;
    guest.created(ben, Command::FollowChannel { source: news, channel });
    guest.now_ms += 1_000;
    home.node.now_ms += 2_000;
    let said = home.node.say(home.owner, news, "we are open").id;
    publish(&mut home.node, home.owner, news, said).unwrap();
    guest.take_all_of(&home.node);
    guest.say(ben, channel, "look");
    home.node.now_ms += 1_000;
    home.node.edit(home.owner, news, said, "we are open until six").unwrap();
    for _ in 0..2 {
        guest.take_all_of(&home.node);
    }
    assert_eq!(guest.texts(&channel), ["we are open until six", "look"]);
    guest.restart();
    let copy = guest.messages(&channel).remove(0);
    assert_eq!(copy.body.copy_of.map(|copy| copy.message), Some(said), "and of what it is a copy");
    home.node.now_ms += 1_000;
    let delete = Command::DeleteMessages { channel: news, messages: vec![said] };
    home.node.command(home.owner, delete).unwrap();
    guest.take_all_of(&home.node);
    let copy = guest.messages(&channel).remove(0);
    assert_eq!(guest.texts(&channel)[0], "[Original Message Deleted]");
    assert_eq!(copy.body.flags & 8, 8);
}

#[test]
fn an_announcement_that_a_filter_stops_is_not_brought_and_nobody_is_kept_from_writing_for_it() {
    let mut home = Home::new(1);
    let (news, channel, guild, bot) = (announcing(&mut home), home.channel, home.guild, home.bot("Echo"));
    let role = home.role("editor", Permissions::MANAGE_WEBHOOKS, RateClass::Person);
    home.give(bot, role);
    home.node.created(bot, Command::FollowChannel { source: news, channel });
    let (stopped, allowed) = (vec![String::from("cat")], Vec::new());
    let trigger = Some(Trigger::Words { stopped, allowed, patterns: None });
    let acts = Some(Acts { alert: Some(channel), timeout_s: Some(60), ..Acts::default() });
    let fields =
        FilterFields { name: Some(String::from("no cats")), trigger, acts, ..FilterFields::default() };
    home.node.created(home.owner, Command::MakeFilter { guild, fields });
    home.node.now_ms += 1_000;
    for text in ["a cat is here", "a dog is here"] {
        let said = home.node.say(home.owner, news, text).id;
        publish(&mut home.node, home.owner, news, said).unwrap();
    }
    assert_eq!(home.node.texts(&channel), ["a dog is here"]);
    home.node.say(bot, channel, "mine");
}

//! What a command answers, what it leaves in the store and the view, and what it tells.

use crate::node::{Home, Node, channel_draft, draft, send, text_of};
use nexus_core::{
    BotInstall, Change, Command, MemberPatch, MessageEdit, Refusal, Reply, Store, Thing, TokenHash,
};
use nexus_crdt::body::content::{Embed, Pings};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::permissions::Permissions;

#[test]
fn a_first_run_leads_to_a_first_message_and_a_restart_finds_it() {
    let mut home = Home::new(1);
    let message = home.node.say(home.owner, home.channel, "hello");
    assert_eq!(message.author, home.owner);
    assert_eq!(home.node.texts(&home.channel), ["hello"]);
    assert!(
        matches!(home.node.changes.last(), Some(Change::MessageCreated { message: told }) if *told == message)
    );
    let (hash, view) = (home.node.core.state_hash(&home.guild), home.node.core.view().clone());
    home.node.restart();
    let again = home.node.core.view();
    assert_eq!(home.node.core.state_hash(&home.guild), hash);
    assert_eq!(again.guilds, view.guilds);
    assert_eq!((&again.users, &again.channels, &again.tokens), (&view.users, &view.channels, &view.tokens));
    assert_eq!((&again.guilds_of, &again.local, &again.owner), (&view.guilds_of, &view.local, &view.owner));
    assert_eq!(again.own_spaces, view.own_spaces);
    assert_eq!(again.ids.of(home.guild), view.ids.of(home.guild));
    let next = home.node.say(home.owner, home.channel, "back again");
    assert!(next.api_id > message.api_id);
    assert_eq!(home.node.texts(&home.channel), ["hello", "back again"]);
}

// The clock was put right again, and everything that was said until the next start was dated ten years ahead: relays refused it.
#[test]
fn what_is_refused_while_the_clock_is_years_ahead_dates_nothing() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let now_ms = home.node.now_ms;
    home.node.now_ms += 10 * 365 * 86_400_000;
    let create = Command::CreateChannel { guild: home.guild, draft: channel_draft("mine") };
    assert_eq!(home.node.command(Some(bot), create), Err(Refusal::MissingPermissions));
    home.node.now_ms = now_ms;
    let said = home.node.say(home.owner, home.channel, "hello");
    assert!(said.hlc.ms() < now_ms + 86_400_000);
}

#[test]
fn a_node_is_set_up_once() {
    let mut node = Node::new(1);
    let user = node.setup("Ann");
    assert_eq!(node.core.view().owner, Some(user));
    assert_eq!(node.core.view().users[&user].name, "Ann");
    let again = node.command(None, Command::Setup { name: String::from("Eve") });
    assert_eq!(again, Err(Refusal::AlreadySetUp));
}

#[test]
fn a_new_guild_has_a_text_and_a_voice_channel_and_is_told_of_once() {
    let home = Home::new(1);
    let guild = home.node.guild(&home.guild);
    let mut names: Vec<&str> = guild.channels.values().map(|channel| channel.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["General", "general"]);
    assert!(guild.is_owner(&home.owner));
    assert_eq!(home.node.changes, [Change::GuildCreated { space: home.guild }]);
    assert!(home.node.core.view().guilds_of[&home.owner].contains(&home.guild));
}

#[test]
fn tokens_are_kept_as_hashes_and_a_bot_s_token_names_its_number() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let issued = home.node.command(home.owner, Command::IssueToken { user: bot, replace: false });
    let Ok(Reply::Token(token)) = issued else { panic!("{issued:?}") };
    assert_eq!(home.node.core.view().tokens[&TokenHash::of(&token)], bot);
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.iter().map(|part| part.len()).skip(1).collect::<Vec<_>>(), [6, 38]);
    let replaced = home.node.command(home.owner, Command::IssueToken { user: bot, replace: true });
    let Ok(Reply::Token(second)) = replaced else { panic!("{replaced:?}") };
    assert!(!home.node.core.view().tokens.contains_key(&TokenHash::of(&token)));
    assert_eq!(home.node.core.view().tokens[&TokenHash::of(&second)], bot);
    let by_bot = home.node.command(bot, Command::IssueToken { user: home.owner, replace: false });
    assert_eq!(by_bot, Err(Refusal::MissingPermissions));
    home.node.restart();
    assert_eq!(home.node.core.view().tokens[&TokenHash::of(&second)], bot);
}

#[test]
fn a_bot_comes_in_with_its_managed_role_and_installing_again_updates_it() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let install =
        |permissions| Command::InstallBot(BotInstall { guild: home.guild, application: bot, permissions });
    let (first, second) = (install(Some(Permissions::KICK_MEMBERS)), install(Some(Permissions::BAN_MEMBERS)));
    home.node.changes.clear();
    home.node.command(home.owner, first).unwrap();
    let guild = home.node.guild(&home.guild);
    let role = guild.roles.values().find(|role| role.managed_by == Some(bot)).unwrap().clone();
    assert!(guild.permissions(&bot).has(Permissions::KICK_MEMBERS));
    home.node.command(home.owner, second).unwrap();
    let guild = home.node.guild(&home.guild);
    assert_eq!(guild.roles_of(&bot).map(|role| role.id).collect::<Vec<_>>(), [role.id]);
    assert!(guild.permissions(&bot).has(Permissions::BAN_MEMBERS));
    assert!(!guild.permissions(&bot).has(Permissions::KICK_MEMBERS));
    home.node.command(home.owner, install(None)).unwrap();
    let guild = home.node.guild(&home.guild);
    assert!(guild.permissions(&bot).has(Permissions::BAN_MEMBERS), "asking for nothing takes nothing away");
    home.node.command(home.owner, install(Some(Permissions::NONE))).unwrap();
    let guild = home.node.guild(&home.guild);
    assert!(!guild.permissions(&bot).has(Permissions::BAN_MEMBERS), "who says nothing at all means it");
    let invites = home.node.changes.iter().filter(|change| matches!(change, Change::InviteCreated { .. }));
    assert_eq!(invites.count(), 0, "the invite made for the bot alone is no news");
}

// Only owners say that a role is a bot's in what it may write: whoever else managed the guild could let none in with permissions.
#[test]
fn who_manages_a_guild_lets_a_bot_in_with_what_they_have_themselves_and_with_nothing_more() {
    let mut home = Home::new(1);
    let rights = Permissions::MANAGE_GUILD.with(Permissions::MANAGE_ROLES).with(Permissions::KICK_MEMBERS);
    let role = home.role("officers", rights, RateClass::Person);
    let officer = home.bot("Officer");
    home.give(officer, role);
    let create = Command::CreateApplication { name: String::from("Echo"), description: String::new() };
    let bot = home.node.created(home.owner, create).into();
    let install = |permissions| {
        Command::InstallBot(BotInstall {
            guild: home.guild,
            application: bot,
            permissions: Some(permissions),
        })
    };
    let (less, more) = (install(Permissions::KICK_MEMBERS), install(Permissions::BAN_MEMBERS));
    assert_eq!(home.node.command(officer, more), Err(Refusal::MissingPermissions));
    assert!(!home.node.guild(&home.guild).members.contains_key(&bot), "it is not let in by half");
    home.node.command(officer, less).unwrap();
    let guild = home.node.guild(&home.guild);
    assert!(guild.permissions(&bot).has(Permissions::KICK_MEMBERS));
}

#[test]
fn a_bot_that_is_deleted_is_in_no_guild_and_opens_nothing_and_what_it_said_stays() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let role = home.role("hooks", Permissions::MANAGE_WEBHOOKS, RateClass::Person);
    home.give(bot, role);
    home.node.say(bot, home.channel, "before");
    let hook = Command::MakeWebhook { channel: home.channel, name: String::from("CI") };
    home.node.created(bot, hook);
    home.node.command(home.owner, Command::IssueToken { user: bot, replace: false }).unwrap();
    let (mut guest, eve) = home.guest(2, "Eve");
    let delete = || Command::DeleteApplication { application: bot };
    assert_eq!(home.node.command(bot, delete()), Err(Refusal::MissingPermissions), "no bot ends itself");
    assert_eq!(guest.command(eve, delete()), Err(Refusal::Unknown(Thing::Application)), "it lives elsewhere");
    home.node.command(home.owner, delete()).unwrap();
    let is_gone = |node: &Node| {
        let view = node.core.view();
        assert!(!view.guilds[&home.guild].members.contains_key(&bot));
        assert!(!view.webhooks.contains_key(&bot));
        assert_eq!(view.users[&bot].name, "deleted account");
        assert_eq!(node.texts(&home.channel), ["before"]);
        assert!(!view.applications.contains_key(&bot) && !view.local.contains(&bot));
        assert!(!view.tokens.values().any(|user| *user == bot));
    };
    is_gone(&home.node);
    assert_eq!(home.node.command(home.owner, delete()), Err(Refusal::Unknown(Thing::Application)));
    guest.take_all_of(&home.node);
    is_gone(&guest);
    home.node.restart();
    is_gone(&home.node);
    assert!(home.node.command(bot, send(home.channel, "after")).is_err());
}

#[test]
fn a_bot_whose_guild_others_are_in_hands_it_over_before_it_is_deleted() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let guild = SpaceId::from(home.node.created(bot, Command::CreateGuild { name: String::from("Its own") }));
    let channel = *home.node.guild(&guild).channels.keys().next().unwrap();
    let invite = home.node.created(bot, Command::CreateInvite { channel, max_age_s: 0 });
    let code = home.node.core.view().invite_codes[&invite];
    home.node.command(home.owner, Command::Join { code }).unwrap();
    let delete = || Command::DeleteApplication { application: bot };
    assert_eq!(home.node.command(home.owner, delete()), Err(Refusal::OwnsGuilds));
    assert!(home.node.guild(&home.guild).members.contains_key(&bot), "nothing has happened");
    home.node.command(home.owner, Command::LeaveGuild { guild, erase: false }).unwrap();
    home.node.command(home.owner, delete()).unwrap();
    assert!(!home.node.guild(&home.guild).members.contains_key(&bot));
}

#[test]
fn a_refused_command_leaves_nothing() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let before = (home.node.core.view().guilds.clone(), home.node.store.count(&home.guild).unwrap());
    let make = Command::CreateChannel { guild: home.guild, draft: channel_draft("mine") };
    assert_eq!(home.node.command(bot, make), Err(Refusal::MissingPermissions));
    // The nickname alone would be allowed: neither half is written.
    let role = home.role("mods", Permissions::KICK_MEMBERS, RateClass::Person);
    let before_patch = (home.node.core.view().guilds.clone(), home.node.store.count(&home.guild).unwrap());
    let patch =
        MemberPatch { nick: Some(String::from("Boss")), roles: Some(vec![role]), ..MemberPatch::default() };
    let promote = Command::EditMember { guild: home.guild, user: bot, patch };
    assert_eq!(home.node.command(bot, promote), Err(Refusal::MissingPermissions));
    let after = (home.node.core.view().guilds.clone(), home.node.store.count(&home.guild).unwrap());
    assert_eq!(after, before_patch);
    assert_ne!(after.1, before.1, "the role was made in between");
    home.node.say(home.owner, home.channel, "and the logs still fit together");
    home.node.restart();
}

#[test]
fn nobody_promotes_themselves() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let admin = home.role("admin", Permissions::ADMINISTRATOR, RateClass::Person);
    let low = home.role("low", Permissions::MANAGE_ROLES, RateClass::Person);
    home.give(bot, low);
    let take = Command::AddMemberRole { guild: home.guild, user: bot, role: admin };
    assert_eq!(home.node.command(bot, take), Err(Refusal::MissingPermissions));
    let patch = nexus_core::RolePatch {
        permissions: Some(Permissions::ADMINISTRATOR),
        ..nexus_core::RolePatch::default()
    };
    let raise = Command::EditRole { guild: home.guild, role: low, patch };
    assert_eq!(home.node.command(bot, raise), Err(Refusal::MissingPermissions));
    assert!(!home.node.guild(&home.guild).permissions(&bot).has(Permissions::ADMINISTRATOR));
}

#[test]
fn an_edit_is_the_author_s_own_and_keeps_what_it_does_not_name() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let mut refs = Refs::default();
    let index = refs.index_of(bot.into());
    let text = RichText(vec![Part::Text(String::from("hi ")), Part::User(index)]);
    let mut first = draft(home.channel, "");
    (first.text, first.refs) = (text.clone(), refs.clone());
    let Ok(Reply::Message(sent)) = home.node.command(home.owner, Command::SendMessage(first)) else {
        panic!("not sent")
    };
    let refused = home.node.edit(bot, home.channel, sent.id, "not mine");
    assert_eq!(refused, Err(Refusal::NotTheAuthor));
    let edit = MessageEdit { flags: Some(4), ..MessageEdit::default() };
    let edited =
        home.node.command(home.owner, Command::EditMessage { channel: home.channel, message: sent.id, edit });
    let Ok(Reply::Message(edited)) = edited else { panic!("{edited:?}") };
    assert_eq!((&edited.body.text, &edited.body.refs, edited.body.flags), (&text, &refs, 4));
    assert!(edited.edited.is_some());
    assert!(
        matches!(home.node.changes.last(), Some(Change::MessageUpdated { message }) if *message == edited)
    );
}

/// An edit of the embeds alone once unpinged everybody whom the text mentions.
#[test]
fn an_edit_that_leaves_the_text_alone_takes_nobody_s_ping_away() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let mut first = draft(home.channel, "");
    first.text = RichText(vec![Part::User(first.refs.index_of(bot.into()))]);
    first.pings = Pings { everyone: true, replied: false, refs: vec![0] };
    let Ok(Reply::Message(sent)) = home.node.command(home.owner, Command::SendMessage(first)) else {
        panic!("not sent")
    };
    let mut edit = MessageEdit::default();
    let description = RichText(vec![Part::User(edit.refs.index_of(home.owner.into()))]);
    edit.embeds = Some(vec![Embed { description: Some(description), ..Embed::default() }]);
    let edited =
        home.node.command(home.owner, Command::EditMessage { channel: home.channel, message: sent.id, edit });
    let Ok(Reply::Message(edited)) = edited else { panic!("{edited:?}") };
    let pinged: Vec<_> = edited.body.pings.refs.iter().map(|index| edited.body.refs.get(*index)).collect();
    assert_eq!((pinged, edited.body.pings.everyone), (vec![Some(OpId::from(bot))], true));
}

#[test]
fn deleting_another_s_message_needs_the_permission() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let message = home.node.say(home.owner, home.channel, "stays");
    let delete = |id| Command::DeleteMessages { channel: home.channel, messages: vec![id] };
    let (by_bot, by_owner) = (delete(message.id), delete(OpId([9; 32])));
    assert_eq!(home.node.command(bot, by_bot), Err(Refusal::MissingPermissions));
    assert_eq!(home.node.command(home.owner, by_owner), Err(Refusal::Unknown(Thing::Message)));
    let role = home.role("mods", Permissions::MANAGE_MESSAGES, RateClass::Person);
    home.give(bot, role);
    let again = Command::DeleteMessages { channel: home.channel, messages: vec![message.id] };
    home.node.command(bot, again).unwrap();
    assert!(home.node.texts(&home.channel).is_empty());
    let body = home.node.store.op(&message.id).unwrap().unwrap().op.body;
    assert!(body.is_some(), "the body goes at once only when its own author asks");
}

#[test]
fn a_body_is_destroyed_when_its_own_author_takes_the_message_away() {
    let mut home = Home::new(1);
    let message = home.node.say(home.owner, home.channel, "oops");
    home.node.edit(home.owner, home.channel, message.id, "oops again").unwrap();
    let ops = home.node.store.ops().count();
    let timeline = home.node.timeline(&home.channel);
    let delete = Command::DeleteMessages { channel: home.channel, messages: vec![message.id] };
    home.node.command(home.owner, delete).unwrap();
    assert_eq!(home.node.store.ops().count(), ops + 1);
    let left = home.node.store.ops().filter(|stored| stored.op.header.stream == home.channel.stream());
    assert_eq!(left.filter(|stored| stored.op.body.is_some()).count(), 1, "the delete's own");
    assert_ne!(home.node.timeline(&home.channel), timeline);
    assert!(matches!(home.node.changes.last(), Some(Change::MessageDeleted { id, .. }) if *id == message.id));
    home.node.restart();
    assert!(home.node.texts(&home.channel).is_empty());
}

#[test]
fn reactions_and_pins_are_told_as_they_come_and_go() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let message = home.node.say(home.owner, home.channel, "vote");
    let (channel, id) = (home.channel, message.id);
    let react = Command::React { channel, message: id, emoji: String::from("👍") };
    home.node.changes.clear();
    home.node.command(bot, react.clone()).unwrap();
    home.node.command(home.owner, react.clone()).unwrap();
    home.node.command(home.owner, react).unwrap();
    let added = home.node.changes.iter().filter(|change| matches!(change, Change::ReactionAdded { .. }));
    assert_eq!(added.count(), 2, "the same reaction twice is one");
    let others =
        Command::Unreact { channel, message: id, emoji: Some(String::from("👍")), user: Some(home.owner) };
    assert_eq!(home.node.command(bot, others), Err(Refusal::MissingPermissions));
    let clear = Command::Unreact { channel, message: id, emoji: None, user: None };
    home.node.command(home.owner, clear).unwrap();
    assert!(matches!(home.node.changes.last(), Some(Change::ReactionsCleared { emoji: None, .. })));
    home.node.command(home.owner, Command::Pin { channel, message: id, pinned: true }).unwrap();
    assert!(matches!(home.node.changes.last(), Some(Change::PinsUpdated { .. })));
    assert!(home.node.messages(&channel)[0].pinned);
    let pin = Command::Pin { channel, message: id, pinned: false };
    assert_eq!(home.node.command(bot, pin), Err(Refusal::MissingPermissions));
}

#[test]
fn a_nonce_that_must_be_unique_is_sent_once() {
    let mut home = Home::new(1);
    let mut first = draft(home.channel, "once");
    (first.nonce, first.enforce_nonce) = (Some(String::from("n1")), true);
    let send = Command::SendMessage(first);
    let one = home.node.command(home.owner, send.clone()).unwrap();
    let two = home.node.command(home.owner, send).unwrap();
    assert_eq!(one, two);
    assert_eq!(home.node.texts(&home.channel), ["once"]);
}

#[test]
fn a_conversation_is_found_again_by_its_people() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let open = Command::OpenConversation { with: vec![bot] };
    let first = home.node.created(home.owner, open.clone());
    assert_eq!(home.node.created(home.owner, open), first);
    assert_eq!(home.node.created(bot, Command::OpenConversation { with: vec![home.owner] }), first);
    let channel = nexus_crdt::id::ChannelId(first.0);
    assert_eq!(home.node.core.view().channels.get(&channel), Some(&SpaceId(first.0)));
    home.node.say(bot, channel, "psst");
    home.node.say(home.owner, channel, "what?");
    assert_eq!(home.node.texts(&channel), ["psst", "what?"]);
}

#[test]
fn channels_and_members_change_as_told() {
    let mut home = Home::new(1);
    let bot = home.bot("Echo");
    let (guild, owner) = (home.guild, home.owner);
    let make = Command::CreateChannel { guild, draft: channel_draft("plans") };
    let channel = nexus_crdt::id::ChannelId(home.node.created(owner, make).0);
    assert!(home.node.changes.contains(&Change::ChannelCreated { space: guild, channel }));
    assert_ne!(home.node.core.view().ids.of(channel).0, 0);
    home.node.say(bot, channel, "first");
    home.node.command(owner, Command::DeleteChannel { channel }).unwrap();
    assert!(!home.node.core.view().channels.contains_key(&channel));
    assert_eq!(home.node.command(bot, send(channel, "late")), Err(Refusal::Unknown(Thing::Channel)));
    let patch = MemberPatch { nick: Some(String::from("Ekko")), ..MemberPatch::default() };
    home.node.command(owner, Command::EditMember { guild, user: bot, patch }).unwrap();
    assert!(home.node.changes.contains(&Change::MemberUpdated { space: guild, user: bot }));
    home.node.command(bot, Command::LeaveGuild { guild, erase: false }).unwrap();
    assert!(
        matches!(home.node.changes.last(), Some(Change::MemberLeft { member, .. }) if member.user == bot)
    );
    assert!(!home.node.core.view().guilds_of[&bot].contains(&guild));
    let leave = home.node.command(owner, Command::LeaveGuild { guild, erase: false });
    assert!(matches!(leave, Err(Refusal::Invalid { .. })));
}

#[test]
fn a_reply_names_its_message_while_that_is_to_be_seen() {
    let mut home = Home::new(1);
    let first = home.node.say(home.owner, home.channel, "question");
    let mut answer = draft(home.channel, "answer");
    answer.reply_to = Some(first.id);
    let Ok(Reply::Message(reply)) = home.node.command(home.owner, Command::SendMessage(answer)) else {
        panic!("not sent")
    };
    assert_eq!(reply.replied.map(|replied| replied.api_id), Some(first.api_id));
    let delete = Command::DeleteMessages { channel: home.channel, messages: vec![first.id] };
    home.node.command(home.owner, delete).unwrap();
    let left = home.node.messages(&home.channel);
    assert_eq!(left.iter().map(text_of).collect::<Vec<_>>(), ["answer"]);
    assert_eq!(left[0].replied, None);
}

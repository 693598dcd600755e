//! Rights that more than one permission gives, and who may ask bots.

use crate::node::Home;
use nexus_core::{Change, Command, Refusal};
use nexus_crdt::body::governance::{AccessLine, AccessTarget, OfferAccess, RateClass};
use nexus_crdt::id::{OpId, RoleId, UserId};
use nexus_crdt::permissions::Permissions;

#[test]
fn who_has_pin_messages_pins_here_and_everywhere_and_deletes_nothing() {
    let mut home = Home::new(1);
    let (channel, bot) = (home.channel, home.bot("Echo"));
    let message = home.node.say(home.owner, channel, "read me").id;
    let pin = Command::Pin { channel, message, pinned: true };
    assert_eq!(home.node.command(bot, pin.clone()), Err(Refusal::MissingPermissions));
    let role = home.role("pins", Permissions::PIN_MESSAGES, RateClass::Person);
    home.give(bot, role);
    home.node.command(bot, pin).unwrap();
    let (guest, _) = home.guest(2, "Ben");
    assert!(guest.messages(&channel).remove(0).pinned, "the rule says it, at every holder");
    let delete = Command::DeleteMessages { channel, messages: vec![message] };
    assert_eq!(home.node.command(bot, delete), Err(Refusal::MissingPermissions));
}

#[test]
fn whoever_manages_the_channel_of_an_invite_ends_it() {
    let mut home = Home::new(1);
    let (guild, channel, bot) = (home.guild, home.channel, home.bot("Echo"));
    let invite = home.node.created(home.owner, Command::CreateInvite { channel, max_age_s: 0 });
    let revoke = Command::RevokeInvite { guild, invite };
    assert_eq!(home.node.command(bot, revoke.clone()), Err(Refusal::MissingPermissions));
    let role = home.role("keeper", Permissions::MANAGE_CHANNELS, RateClass::Person);
    home.give(bot, role);
    home.node.command(bot, revoke).unwrap();
    assert!(home.node.guild(&guild).invites.get(&invite).is_none());
}

fn access(application: UserId, offer: Option<OpId>, lines: &[(AccessTarget, bool)]) -> OfferAccess {
    let line = |(target, allowed): &(AccessTarget, bool)| AccessLine { target: *target, allowed: *allowed };
    OfferAccess { application, offer, lines: lines.iter().map(line).collect() }
}

#[test]
fn who_may_ask_a_bot_is_said_by_who_manages_the_guild_and_its_roles() {
    let mut home = Home::new(1);
    let (guild, bot, other) = (home.guild, home.bot("Echo"), home.bot("Other"));
    let everyone = AccessTarget::Role(RoleId(guild.0));
    let set = Command::SetOfferAccess { guild, access: access(bot, None, &[(everyone, false)]) };
    let role = home.role("half", Permissions::MANAGE_GUILD, RateClass::Person);
    home.give(other, role);
    assert_eq!(home.node.command(other, set.clone()), Err(Refusal::MissingPermissions));
    let role = home.role("rest", Permissions::MANAGE_ROLES, RateClass::Person);
    home.give(other, role);
    home.node.command(other, set).unwrap();
    let change = Change::OfferAccessUpdated { space: guild, application: bot, offer: None };
    assert!(home.node.changes.contains(&change));
    let twice = access(bot, None, &[(everyone, false), (everyone, true)]);
    let twice = home.node.command(home.owner, Command::SetOfferAccess { guild, access: twice });
    assert!(matches!(twice, Err(Refusal::Invalid { .. })));
}

#[test]
fn a_command_s_own_lines_come_first_then_the_bot_s_and_of_people_the_nearest_word() {
    let mut home = Home::new(1);
    let (guild, channel, bot, user) = (home.guild, home.channel, home.bot("Echo"), home.bot("Asker"));
    let (offer, role) = (OpId([7; 32]), home.role("trusted", Permissions::NONE, RateClass::Person));
    home.give(user, role);
    let everyone = AccessTarget::Role(RoleId(guild.0));
    let mut says = |offer: Option<OpId>, lines: &[(AccessTarget, bool)]| {
        let set = Command::SetOfferAccess { guild, access: access(bot, offer, lines) };
        home.node.command(home.owner, set).unwrap();
        home.node.guild(&guild).offer_access((&bot, &OpId([7; 32])), &user, &channel)
    };
    assert_eq!(says(None, &[]), None, "then the command's own word holds");
    assert_eq!(says(None, &[(everyone, false)]), Some(false));
    assert_eq!(says(None, &[(everyone, false), (AccessTarget::Role(role), true)]), Some(true));
    assert_eq!(says(Some(offer), &[(everyone, false)]), Some(false), "the command's own lines come first");
    let themselves = [(AccessTarget::User(user), true), (everyone, false)];
    assert_eq!(says(Some(offer), &themselves), Some(true));
    let elsewhere = [(AccessTarget::User(user), true), (AccessTarget::AllChannels, false)];
    assert_eq!(says(Some(offer), &elsewhere), Some(false));
    let here = [(AccessTarget::Channel(channel), true), (AccessTarget::AllChannels, false)];
    assert_eq!(says(Some(offer), &here), Some(true), "in this channel alone; the bot's lines allow the role");
}

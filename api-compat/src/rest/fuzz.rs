//! Bodies of requests for `testnet/fuzz`, each read as its route reads it: the first byte chooses the route.

use super::{
    applications, auth, authority, channels, claim, erase, guilds, interactions, kept, nexus, oauth2,
};
use super::{reset, second_factor, sessions, sign_in, users, webhooks};
use crate::window::parse;
use serde::de::DeserializeOwned;

type Reader = fn(&[u8]);

fn read<T: DeserializeOwned>(json: &[u8]) {
    drop(parse::<T>(json));
}

fn choose(readers: &[Reader], data: &[u8]) {
    let Some((which, json)) = data.split_first() else { return };
    if let Some(reader) = readers.get(usize::from(*which) % readers.len()) {
        reader(json);
    }
}

/// Accounts, sessions, and who is at the window.
pub(crate) fn people(data: &[u8]) {
    let readers: [Reader; 22] = [
        read::<auth::Register>,
        read::<auth::LogIn>,
        read::<auth::Refresh>,
        read::<claim::Asked>,
        read::<sessions::Passwords>,
        read::<second_factor::Shown>,
        read::<second_factor::New>,
        read::<second_factor::Code>,
        read::<second_factor::Password>,
        read::<users::EditMe>,
        read::<users::OpenConversation>,
        read::<oauth2::Authorize>,
        read::<nexus::Setup>,
        read::<reset::Login>,
        read::<reset::Chosen>,
        read::<erase::Form>,
        read::<sign_in::Begin>,
        read::<sign_in::Finish>,
        read::<sign_in::New>,
        read::<sign_in::Password>,
        read::<kept::Draft>,
        form,
    ];
    choose(&readers, data);
}

/// As an application's server sends it.
fn form(data: &[u8]) {
    drop(oauth2::token::Form::parse(data));
}

/// What is governed.
pub(crate) fn guild(data: &[u8]) {
    let readers: [Reader; 11] = [
        read::<guilds::CreateGuild>,
        read::<guilds::bans::BulkBan>,
        read::<guilds::members::EditMyself>,
        read::<guilds::members::add::Add>,
        read::<Vec<guilds::channels::Move>>,
        read::<Vec<guilds::roles::Move>>,
        read::<guilds::relays::Named>,
        read::<channels::invites::CreateInvite>,
        read::<channels::threads::CreateThread>,
        read::<authority::Owners>,
        read::<authority::Cut>,
    ];
    choose(&readers, data);
}

/// Bots, their webhooks, and what they answer.
pub(crate) fn bots(data: &[u8]) {
    let readers: [Reader; 9] = [
        read::<webhooks::Create>,
        read::<webhooks::Edit>,
        read::<interactions::Invoke>,
        read::<interactions::callback::Callback>,
        read::<applications::CreateApplication>,
        read::<applications::EditApplication>,
        read::<applications::role_connections::Kinds>,
        read::<applications::role_connections::Known>,
        github,
    ];
    choose(&readers, data);
}

/// What GitHub calls the event, a line of its own, then the event.
fn github(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (Ok(name), Ok(event)) = (std::str::from_utf8(&data[..end]), parse(&data[end + 1..])) else { return };
    let _ = webhooks::github::card(name, &event);
}

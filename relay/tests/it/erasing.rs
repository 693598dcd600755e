//! An account ends.

use super::accounts::{PASSWORD, Place};
use super::second_factor::{SECRET, code, step};
use super::sessions::rows;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::second_factor::NewFactor;
use nexus_api::ports::{Erase, Granted, Spoken};
use nexus_core::{Command, Reply};
use nexus_crdt::id::SpaceId;

async fn erase(place: &Place, spoken: Spoken, password: &str) -> Result<(), AuthRefusal> {
    let form = Erase { password: password.to_owned(), code: None };
    place.accounts.erase_account(spoken, form).await
}

/// A guild of somebody's, which another has joined.
async fn guild_of(place: &Place, owner: &Granted, other: &Granted) -> SpaceId {
    let made = place.node.command(Some(owner.user), Command::CreateGuild { name: String::from("Ours") });
    let Ok(Reply::Created(guild)) = made.await else { panic!("no guild") };
    let guild = SpaceId::from(guild);
    let channel = *place.node.view().guilds[&guild].channels.keys().next().unwrap();
    let invite = Command::CreateInvite { channel, max_age_s: 0 };
    let Ok(Reply::Created(invite)) = place.node.command(Some(owner.user), invite).await else {
        panic!("no invite")
    };
    let code = place.node.view().invite_codes[&invite];
    place.node.command(Some(other.user), Command::Join { code }).await.unwrap();
    guild
}

#[tokio::test]
async fn who_asks_with_their_password_is_forgotten_and_leaves_the_guilds_and_the_name_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (ann, bea) = (place.register("ann").await.unwrap(), place.register("bea").await.unwrap());
    let guild = guild_of(&place, &ann, &bea).await;
    let application = Command::CreateApplication { name: String::from("helper"), description: String::new() };
    let Ok(Reply::Created(bot)) = place.node.command(Some(bea.user), application).await else {
        panic!("no application")
    };
    let me = place.speaks(&bea.token).unwrap();
    assert_eq!(erase(&place, me, "another horse").await, Err(AuthRefusal::Login));
    assert!(place.speaks(&bea.token).is_some(), "nothing has happened");
    erase(&place, me, PASSWORD).await.unwrap();
    assert_eq!(place.speaks(&bea.token), None);
    assert!(place.accounts.refresh(bea.refresh_token).await.is_err());
    assert_eq!(place.login("bea", PASSWORD).await.map(drop), Err(AuthRefusal::Login));
    let view = place.node.view();
    assert!(!view.guilds[&guild].members.contains_key(&bea.user));
    for gone in [bea.user, bot.into()] {
        let shown = &view.users[&gone];
        assert_eq!((shown.name.as_str(), shown.hosted), ("deleted account", false));
        assert!(!view.local.contains(&gone));
    }
    for sql in ["SELECT COUNT(*) FROM account", "SELECT COUNT(*) FROM session"] {
        assert_eq!(rows(folder.path(), sql).await, 1, "Ann's");
    }
    place.close().await;
    let place = Place::open(folder.path()).await;
    assert_ne!(place.register("bea").await.unwrap().user, bea.user, "whoever takes the name is another");
    place.close().await;
}

#[tokio::test]
async fn a_guild_with_others_in_it_is_handed_over_first_and_one_of_nobody_else_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (ann, bea) = (place.register("ann").await.unwrap(), place.register("bea").await.unwrap());
    let guild = guild_of(&place, &ann, &bea).await;
    let me = place.speaks(&ann.token).unwrap();
    assert_eq!(erase(&place, me, PASSWORD).await, Err(AuthRefusal::OwnsGuilds));
    assert!(place.speaks(&ann.token).is_some());
    place.node.command(Some(bea.user), Command::LeaveGuild { guild, erase: false }).await.unwrap();
    erase(&place, me, PASSWORD).await.unwrap();
    assert_eq!(place.speaks(&ann.token), None);
    place.close().await;
}

#[tokio::test]
async fn who_has_a_second_factor_shows_it_to_end_the_account_and_it_goes_too() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let ann = place.register("ann").await.unwrap();
    let me = place.speaks(&ann.token).unwrap();
    let used = step();
    let form = NewFactor { password: PASSWORD.to_owned(), secret: SECRET.to_owned(), code: code(used) };
    let codes = place.accounts.add_second_factor(me, form).await.unwrap();
    assert_eq!(erase(&place, me, PASSWORD).await, Err(AuthRefusal::Code), "a password alone");
    let with = async |password: &str, code: &str| {
        let form = Erase { password: password.to_owned(), code: Some(code.to_owned()) };
        place.accounts.erase_account(me, form).await
    };
    assert_eq!(with(PASSWORD, &code(used)).await, Err(AuthRefusal::Code), "a code that was shown before");
    assert_eq!(with("another horse", &codes[0]).await, Err(AuthRefusal::Login), "a code alone");
    assert!(place.speaks(&ann.token).is_some(), "nothing has happened");
    with(PASSWORD, &codes[0]).await.unwrap();
    assert_eq!(place.speaks(&ann.token), None);
    assert!(!place.accounts.has_second_factor(&ann.user));
    for sql in ["SELECT COUNT(*) FROM second_factor", "SELECT COUNT(*) FROM recovery_code"] {
        assert_eq!(rows(folder.path(), sql).await, 0, "{sql}");
    }
    place.register("ann").await.unwrap();
    assert!(place.login("ann", PASSWORD).await.is_ok(), "whoever takes the name has none");
    place.close().await;
}

//! A relay that takes in who has an invite to it.

use super::accounts::change;
use super::accounts::{PASSWORD, Place};
use super::database;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Granted, Registration};
use nexus_relay::{Registration as Policy, make_invite};

async fn register(place: &Place, name: &str, invite: Option<&str>) -> Result<Granted, AuthRefusal> {
    let invite = invite.map(str::to_owned);
    let (username, password) = (name.to_owned(), PASSWORD.to_owned());
    let form = Registration { username, password, email: None, invite, from: None };
    place.accounts.register(form).await
}

#[tokio::test]
async fn who_has_an_invite_makes_one_account_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    let code = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    for none in [None, Some(""), Some("nxi_none")] {
        assert_eq!(register(&place, "ann", none).await.map(drop), Err(AuthRefusal::Uninvited), "{none:?}");
    }
    assert!(register(&place, "ann", Some(&code)).await.is_ok(), "a name that was refused is free");
    assert_eq!(register(&place, "bea", Some(&code)).await.map(drop), Err(AuthRefusal::Uninvited));
    assert!(place.login("ann", PASSWORD).await.is_ok());
    place.close().await;
}

#[tokio::test]
async fn of_two_with_one_invite_one_comes_in_and_a_name_that_is_taken_uses_none_up() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    let first = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    let (ann, bea) =
        tokio::join!(register(&place, "ann", Some(&first)), register(&place, "bea", Some(&first)));
    assert_eq!(usize::from(ann.is_ok()) + usize::from(bea.is_ok()), 1);
    let taken = if ann.is_ok() { "ann" } else { "bea" };
    let second = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    assert_eq!(register(&place, taken, Some(&second)).await.map(drop), Err(AuthRefusal::Taken));
    assert!(register(&place, "cleo", Some(&second)).await.is_ok());
    place.close().await;
}

#[tokio::test]
async fn who_was_not_invited_does_not_learn_which_names_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    let code = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    register(&place, "ann", Some(&code)).await.unwrap();
    for none in [None, Some("nxi_none"), Some(code.as_str())] {
        for name in ["ann", "bea"] {
            let refusal = register(&place, name, none).await.map(drop);
            assert_eq!(refusal, Err(AuthRefusal::Uninvited), "{name} with {none:?}");
        }
    }
    place.close().await;
}

#[tokio::test]
async fn a_registration_by_invite_that_was_cut_short_is_finished_with_that_invite() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    let code = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    let first = register(&place, "ann", Some(&code)).await.unwrap();
    place.close().await;
    // As if the program had ended before the account was noted.
    change(folder.path(), "UPDATE account SET user_id = NULL").await;
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    assert_eq!(register(&place, "bea", Some(&code)).await.map(drop), Err(AuthRefusal::Uninvited));
    assert_eq!(register(&place, "ann", Some("nxi_none")).await.map(drop), Err(AuthRefusal::Uninvited));
    assert_eq!(register(&place, "ann", Some(&code)).await.unwrap().user, first.user);
    place.close().await;
}

#[tokio::test]
async fn an_invite_that_is_over_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open_to(folder.path(), Policy::Invited).await;
    let code = make_invite(folder.path(), database(folder.path()).await.as_ref()).await.unwrap();
    change(folder.path(), "UPDATE relay_invite SET expires_ms = 1").await;
    assert_eq!(register(&place, "ann", Some(&code)).await.map(drop), Err(AuthRefusal::Uninvited));
    place.close().await;
}

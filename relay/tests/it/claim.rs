//! An account goes home: what the relay asks for, and what it gives.

use super::accounts::{PASSWORD, Place};
use nexus_api::ports::Spoken;
use nexus_api::ports::claim::{Claim, Claimed, Home};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_core::{Command, Reply};
use nexus_crdt::id::DeviceKey;

/// A usable Ed25519 key: the base point's encoding.
const KEY: DeviceKey = DeviceKey([
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
]);
const HOME: Home = Home { identity_key: KEY, recovery: [7; 32] };

async fn claim(
    place: &Place,
    spoken: Spoken,
    password: &str,
    home: Option<Home>,
) -> Result<Claimed, AuthRefusal> {
    place.accounts.claim(spoken, Claim { password: password.to_owned(), home }).await
}

#[tokio::test]
async fn an_account_is_shown_and_handed_over_to_who_knows_the_password_and_again_when_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let granted = place.register("ann").await.unwrap();
    let spoken = place.speaks(&granted.token).unwrap();
    let shown = claim(&place, spoken, PASSWORD, None).await.unwrap();
    assert_eq!((shown.account, shown.log.len()), (granted.user, 3));
    let again = claim(&place, spoken, PASSWORD, None).await.unwrap();
    assert_eq!(again.log, shown.log, "to look changes nothing");
    let handed = claim(&place, spoken, PASSWORD, Some(HOME)).await.unwrap();
    assert_eq!(handed.log.len(), 4);
    place.close().await;
    let place = Place::open(folder.path()).await;
    let again = claim(&place, spoken, PASSWORD, Some(HOME)).await.unwrap();
    assert_eq!(again.log, handed.log, "an answer that was lost is given again");
    let elsewhere = Home { recovery: [8; 32], ..HOME };
    let refused = claim(&place, spoken, PASSWORD, Some(elsewhere)).await.map(drop);
    assert_eq!(refused, Err(AuthRefusal::TakenHome));
    assert!(place.login("ann", PASSWORD).await.is_ok(), "and they log in as before");
    place.close().await;
}

#[tokio::test]
async fn a_token_alone_takes_no_account_away() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let granted = place.register("ann").await.unwrap();
    let spoken = place.speaks(&granted.token).unwrap();
    let guessed = claim(&place, spoken, "another horse", Some(HOME)).await.map(drop);
    assert_eq!(guessed, Err(AuthRefusal::Login));
    let no_key = Home { identity_key: DeviceKey([0; 32]), ..HOME };
    assert_eq!(claim(&place, spoken, PASSWORD, Some(no_key)).await.map(drop), Err(AuthRefusal::Key));
    let issue = Command::IssueToken { user: granted.user, replace: false };
    let Ok(Reply::Token(token)) = place.node.command(Some(granted.user), issue).await else {
        panic!("a token")
    };
    let by_token = place.speaks(&token).unwrap();
    assert_eq!(claim(&place, by_token, PASSWORD, Some(HOME)).await.map(drop), Err(AuthRefusal::Login));
    let mut guesses = 0;
    while claim(&place, spoken, "another horse", None).await.map(drop) == Err(AuthRefusal::Login) {
        guesses += 1;
        assert!(guesses < 50, "guessing is limited");
    }
    assert_eq!(claim(&place, spoken, PASSWORD, None).await.map(|shown| shown.log.len()).ok(), None);
    place.close().await;
}

//! How often somebody may try, and what an answer tells.

use super::accounts::{PASSWORD, Place};
use nexus_api::ports::Registration;
use nexus_api::ports::refusal::AuthRefusal;
use std::net::{IpAddr, Ipv4Addr};

const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
const THERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));

/// What was answered until it was "come back later".
async fn guesses(place: &Place, name: &str, from: Option<IpAddr>) -> Vec<AuthRefusal> {
    let mut answers = Vec::new();
    while answers.len() < 50 {
        match place.enter(name, "another horse", from).await.map(drop) {
            Err(AuthRefusal::Later { .. }) => break,
            answer => answers.push(answer.unwrap_err()),
        }
    }
    answers
}

#[tokio::test]
async fn guessing_is_limited_alike_for_a_name_that_is_there_and_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    place.register("ann").await.unwrap();
    for name in ["ann", "nobody"] {
        let answers = guesses(&place, name, HERE).await;
        // A slow machine gives one back every six seconds.
        assert!((10..50).contains(&answers.len()), "{name}: {}", answers.len());
        assert!(answers.iter().all(|answer| *answer == AuthRefusal::Login), "{name}: {answers:?}");
    }
    assert!(place.enter("ann", PASSWORD, THERE).await.is_ok(), "and nobody else is kept out");
    place.close().await;
}

#[tokio::test]
async fn one_address_makes_so_many_accounts_and_another_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let register = |number: usize, from: Option<IpAddr>| {
        let (username, password) = (format!("name{number}"), PASSWORD.to_owned());
        place.accounts.register(Registration { username, password, email: None, invite: None, from })
    };
    let mut made = 0;
    let refusal = loop {
        match register(made, HERE).await {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
        assert!(made < 50, "there is an end");
    };
    assert!(made >= 10, "{made}");
    assert!(matches!(refusal, AuthRefusal::Later { .. }), "{refusal}");
    assert!(register(made, THERE).await.is_ok());
    place.close().await;
}

//! A second factor: added, shown, lost, taken away.

use super::accounts::{PASSWORD, Place};
use hmac::{Hmac, KeyInit as _, Mac as _};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::second_factor::{NewFactor, SecondFactor};
use nexus_api::ports::{Entered, Granted, Spoken};
use std::time::{SystemTime, UNIX_EPOCH};

/// Twenty bytes `A`, in base32.
pub(crate) const SECRET: &str = "IFAUCQKBIFAUCQKBIFAUCQKBIFAUCQKB";

pub(crate) fn step() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30
}

/// What an authenticator shows, written apart from the relay (RFC 4226, 5.3).
pub(crate) fn code(step: u64) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&[b'A'; 20]).unwrap();
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Ann, with an authenticator whose code of this step is used up, and her recovery codes.
async fn ann(place: &Place) -> (Granted, Spoken, u64, Vec<String>) {
    let granted = place.register("ann").await.unwrap();
    let spoken = place.speaks(&granted.token).unwrap();
    let now = step();
    let codes = add(place, spoken, &code(now)).await.unwrap();
    (granted, spoken, now, codes)
}

async fn add(place: &Place, spoken: Spoken, code: &str) -> Result<Vec<String>, AuthRefusal> {
    let (password, secret) = (PASSWORD.to_owned(), SECRET.to_owned());
    place.accounts.add_second_factor(spoken, NewFactor { password, secret, code: code.to_owned() }).await
}

async fn ticket(place: &Place) -> String {
    match place.enter("ann", PASSWORD, None).await.unwrap() {
        Entered::Ticket(ticket) => ticket,
        Entered::Granted(_) => panic!("a password alone was enough"),
    }
}

async fn show(place: &Place, ticket: &str, code: &str) -> Result<Granted, AuthRefusal> {
    place.accounts.show_second_factor(SecondFactor { ticket: ticket.to_owned(), code: code.to_owned() }).await
}

#[tokio::test]
async fn a_password_alone_is_no_longer_enough_and_a_code_is_good_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (granted, _, used, _) = ann(&place).await;
    assert!(place.accounts.has_second_factor(&granted.user));
    let pass = ticket(&place).await;
    assert_eq!(show(&place, &pass, &code(used)).await.map(drop), Err(AuthRefusal::Code), "shown before");
    let next = code(step().max(used + 1));
    let second = show(&place, &pass, &next).await.unwrap();
    assert_eq!(second.user, granted.user);
    assert_eq!(show(&place, &pass, &next).await.map(drop), Err(AuthRefusal::Code), "and never again");
    assert!(place.speaks(&second.token).is_some());
    assert_eq!(place.enter("ann", "another horse", None).await.map(drop), Err(AuthRefusal::Login));
    place.close().await;
    let place = Place::open(folder.path()).await;
    assert!(place.accounts.has_second_factor(&granted.user), "also after a restart");
    assert_eq!(show(&place, &ticket(&place).await, &next).await.map(drop), Err(AuthRefusal::Code));
    place.close().await;
}

#[tokio::test]
async fn who_has_lost_the_authenticator_comes_in_by_a_recovery_code_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (_, spoken, _, codes) = ann(&place).await;
    assert_eq!(codes.len(), 10);
    let pass = ticket(&place).await;
    assert!(show(&place, &pass, &codes[0].to_uppercase().replace('-', " ")).await.is_ok());
    assert_eq!(show(&place, &pass, &codes[0]).await.map(drop), Err(AuthRefusal::Code));
    assert_eq!(place.accounts.account(spoken).await.unwrap().recovery_codes, 9);
    let others = place.accounts.renew_recovery_codes(spoken, PASSWORD.to_owned()).await.unwrap();
    assert_eq!(show(&place, &pass, &codes[1]).await.map(drop), Err(AuthRefusal::Code));
    place.accounts.drop_second_factor(spoken, others[0].clone()).await.unwrap();
    assert!(place.login("ann", PASSWORD).await.is_ok(), "a password is enough again");
    let facts = place.accounts.account(spoken).await.unwrap();
    assert_eq!((facts.second_factor, facts.recovery_codes), (false, 0));
    place.close().await;
}

#[tokio::test]
async fn codes_are_not_guessed_at() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (_, _, used, _) = ann(&place).await;
    let pass = ticket(&place).await;
    let mut tried = 0;
    // A step long past: wrong, whatever the time.
    let refusal = loop {
        match show(&place, &pass, &code(used - 100)).await.map(drop) {
            Err(AuthRefusal::Code) => tried += 1,
            other => break other,
        }
        assert!(tried < 50, "guessing is limited");
    };
    assert!(tried >= 10, "{tried}");
    assert!(matches!(refusal, Err(AuthRefusal::Later { .. })), "{refusal:?}");
    place.close().await;
}

#[tokio::test]
async fn a_ticket_is_of_one_password_and_a_second_factor_is_added_once_by_who_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (_, spoken, used, codes) = ann(&place).await;
    assert_eq!(add(&place, spoken, &code(step().max(used))).await, Err(AuthRefusal::HasFactor));
    let pass = ticket(&place).await;
    place.accounts.change_password(spoken, PASSWORD.to_owned(), String::from("another horse")).await.unwrap();
    assert_eq!(show(&place, &pass, &codes[0]).await.map(drop), Err(AuthRefusal::Ticket));
    assert_eq!(show(&place, "made up", &codes[0]).await.map(drop), Err(AuthRefusal::Ticket));
    let bea = place.register("bea").await.unwrap();
    let bea = place.speaks(&bea.token).unwrap();
    let form = |password: &str, secret: &str, code: String| NewFactor {
        password: password.to_owned(),
        secret: secret.to_owned(),
        code,
    };
    for (form, why) in [
        (form("another horse", SECRET, code(step())), AuthRefusal::Login),
        (form(PASSWORD, "GEZDGNBV", code(step())), AuthRefusal::Secret),
        (form(PASSWORD, SECRET, code(used - 100)), AuthRefusal::Code),
    ] {
        assert_eq!(place.accounts.add_second_factor(bea, form).await, Err(why));
    }
    assert_eq!(
        place.accounts.drop_second_factor(bea, String::from("123456")).await,
        Err(AuthRefusal::NoFactor)
    );
    place.close().await;
}

//! Another password by mail.

use super::accounts::{PASSWORD, Place, change};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Forgot, Granted, Registration, Reset};
use nexus_relay::{Mail, Registration as Policy, SignIn};
use std::path::Path;
use std::time::Duration;

const NEW: &str = "another horse";

/// A relay whose mail goes into a folder of its own.
async fn with_mail(folder: &Path) -> Place {
    with_mail_and(folder, None).await
}

/// .. and with providers.
pub(crate) async fn with_mail_and(folder: &Path, sign_in: Option<SignIn>) -> Place {
    let way = format!("folder:{}", folder.join("mail").display());
    let mail = Mail::new(&way, "relay@relay.example", "Ours", "https://relay.example").unwrap();
    Place::open_as(&folder.join("data"), Policy::Open, Some(mail), sign_in).await
}

async fn register(place: &Place, name: &str, email: &str) -> Granted {
    let (username, password, email) = (name.to_owned(), PASSWORD.to_owned(), Some(email.to_owned()));
    let form = Registration { username, password, email, invite: None, from: None };
    place.accounts.register(form).await.unwrap()
}

async fn forgot(place: &Place, login: &str) -> Result<(), AuthRefusal> {
    place.accounts.forgot_password(Forgot { login: login.to_owned(), from: None }).await
}

async fn reset(place: &Place, code: &str, password: &str) -> Result<(), AuthRefusal> {
    let (code, password) = (code.to_owned(), password.to_owned());
    place.accounts.reset_password(Reset { code, password, from: None }).await
}

/// All mails, once there are so many.
pub(crate) async fn mails(folder: &Path, count: usize) -> Vec<String> {
    let read = || {
        let files = std::fs::read_dir(folder.join("mail")).into_iter().flatten().flatten();
        let mails =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|it| it == "eml"));
        mails.map(|path| std::fs::read_to_string(path).unwrap()).collect::<Vec<_>>()
    };
    let arrive = async {
        loop {
            let there = read();
            if there.len() >= count {
                return there;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrive).await.expect("the mail comes")
}

pub(crate) fn code_in(mail: &str) -> String {
    let (_, code) = mail.split_once("https://relay.example/#reset=").unwrap();
    code.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn who_reads_the_mail_chooses_another_password_once_and_every_login_ends() {
    let folder = tempfile::tempdir().unwrap();
    let place = with_mail(folder.path()).await;
    let here = register(&place, "ann", "Ann@Example.org").await;
    let there = place.login("ann@example.org", PASSWORD).await.unwrap();
    forgot(&place, "ANN@example.org ").await.unwrap();
    let mail = mails(folder.path(), 1).await.remove(0);
    assert!(
        mail.contains("To: ann@example.org") && mail.contains("another password for ann at Ours"),
        "{mail}"
    );
    let code = code_in(&mail);
    assert_eq!(reset(&place, &code, "short").await, Err(AuthRefusal::Password), "and the code is still good");
    reset(&place, &code, NEW).await.unwrap();
    for old in [here, there] {
        assert_eq!(place.speaks(&old.token), None);
        assert!(place.accounts.refresh(old.refresh_token).await.is_err());
    }
    assert_eq!(place.login("ann", PASSWORD).await.map(drop), Err(AuthRefusal::Login));
    assert!(place.login("ann", NEW).await.is_ok());
    assert_eq!(reset(&place, &code, PASSWORD).await, Err(AuthRefusal::ResetCode));
    place.close().await;
}

#[tokio::test]
async fn the_answer_is_the_same_where_nobody_has_the_name_or_no_address_and_no_mail_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let place = with_mail(folder.path()).await;
    register(&place, "ann", "ann@example.org").await;
    place.register("bea").await.unwrap();
    for login in ["nobody", "nobody@example.org", "bea", "", &"x".repeat(3_000), "ann"] {
        assert_eq!(forgot(&place, login).await, Ok(()), "{login}");
    }
    // They are looked up in turn: the last one's mail is there, so the others' would be.
    let mails = mails(folder.path(), 1).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("To: ann@example.org"));
    let mut asked = 1;
    while forgot(&place, "nobody").await.is_ok() {
        asked += 1;
        assert!(asked < 50, "and it is limited alike");
    }
    place.close().await;
}

#[tokio::test]
async fn a_code_is_over_in_time_with_the_next_mail_and_with_another_password() {
    let folder = tempfile::tempdir().unwrap();
    let place = with_mail(folder.path()).await;
    let ann = register(&place, "ann", "ann@example.org").await;
    forgot(&place, "ann").await.unwrap();
    let first = code_in(&mails(folder.path(), 1).await[0]);
    forgot(&place, "ann").await.unwrap();
    let both = mails(folder.path(), 2).await;
    let second = both.iter().map(|mail| code_in(mail)).find(|code| *code != first).unwrap();
    assert_eq!(reset(&place, &first, NEW).await, Err(AuthRefusal::ResetCode), "the next mail was sent");
    let me = place.speaks(&ann.token).unwrap();
    place.accounts.change_password(me, PASSWORD.to_owned(), NEW.to_owned()).await.unwrap();
    assert_eq!(reset(&place, &second, PASSWORD).await, Err(AuthRefusal::ResetCode), "a password was chosen");
    forgot(&place, "ann").await.unwrap();
    let all = mails(folder.path(), 3).await;
    let third = all.iter().map(|mail| code_in(mail)).find(|code| ![&first, &second].contains(&code)).unwrap();
    change(&folder.path().join("data"), "UPDATE reset_code SET expires_ms = 1").await;
    assert_eq!(reset(&place, &third, PASSWORD).await, Err(AuthRefusal::ResetCode), "half an hour is over");
    place.close().await;
}

#[tokio::test]
async fn a_relay_without_mail_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    assert_eq!(forgot(&place, "ann").await, Err(AuthRefusal::NoMail));
    assert_eq!(reset(&place, "nxw_none", NEW).await, Err(AuthRefusal::ResetCode));
    place.close().await;
}

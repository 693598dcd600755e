//! Registering, logging in, going on, logging out.

use super::{database, url};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Accounts, Credential, Entered, Granted, Login, Registration, Spoken};
use nexus_node::{Node, Options as NodeOptions};
use nexus_relay::{Mail, Options, Registration as Policy, Relay, SignIn};
use sqlx::AnyPool;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct Place {
    pub(crate) node: Node,
    relay: Relay,
    pub(crate) accounts: Arc<dyn Accounts>,
}

impl Place {
    pub(crate) async fn open(folder: &Path) -> Self {
        Self::open_to(folder, Policy::Open).await
    }

    pub(crate) async fn open_to(folder: &Path, registration: Policy) -> Self {
        Self::open_as(folder, registration, None, None).await
    }

    pub(crate) async fn open_as(
        folder: &Path,
        registration: Policy,
        mail: Option<Mail>,
        sign_in: Option<SignIn>,
    ) -> Self {
        let (data, database) = (folder.to_owned(), database(folder).await);
        let node = Node::open(NodeOptions { data: data.clone(), disk_reserve: 0 }).unwrap();
        let options = Options { data, database, registration, mail, sign_in };
        let relay = Relay::open(options, node.clone()).await.unwrap();
        Self { node, accounts: relay.accounts(), relay }
    }

    pub(crate) async fn close(self) {
        self.relay.close().await;
        self.node.stop().await;
    }

    pub(crate) async fn register(&self, name: &str) -> Result<Granted, AuthRefusal> {
        let form = Registration {
            username: name.to_owned(),
            password: PASSWORD.to_owned(),
            email: None,
            invite: None,
            from: None,
        };
        self.accounts.register(form).await
    }

    pub(crate) async fn login(&self, login: &str, password: &str) -> Result<Granted, AuthRefusal> {
        match self.enter(login, password, None).await? {
            Entered::Granted(granted) => Ok(granted),
            Entered::Ticket(_) => panic!("a second factor is asked for"),
        }
    }

    pub(crate) async fn enter(
        &self,
        login: &str,
        password: &str,
        from: Option<IpAddr>,
    ) -> Result<Entered, AuthRefusal> {
        let (login, password) = (login.to_owned(), password.to_owned());
        self.accounts.login(Login { login, password, from }).await
    }

    pub(crate) fn speaks(&self, token: &str) -> Option<Spoken> {
        self.accounts.authenticate(&self.node.view(), token)
    }
}

/// Changes what the relay of a folder has noted, as time or a program that ended would have.
pub(crate) async fn change(folder: &Path, sql: &'static str) {
    let pool = AnyPool::connect(&url(folder).await).await.unwrap();
    sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

fn refused(outcome: Result<Granted, AuthRefusal>) -> AuthRefusal {
    match outcome {
        Ok(_) => panic!("it was granted"),
        Err(refusal) => refusal,
    }
}

#[tokio::test]
async fn who_registers_has_an_account_whose_keys_live_here_and_logs_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let first = place.register("Ann").await.unwrap();
    let shown = place.node.view().users[&first.user].clone();
    assert_eq!((shown.name.as_str(), shown.hosted), ("ann", true));
    assert_eq!(place.speaks(&first.token).unwrap().user, first.user);
    let second = place.login(" ANN ", PASSWORD).await.unwrap();
    assert_eq!(second.user, first.user);
    assert_ne!((&second.token, &second.refresh_token), (&first.token, &first.refresh_token));
    assert_eq!(refused(place.register("ann").await), AuthRefusal::Taken);
    place.close().await;
}

#[tokio::test]
async fn a_wrong_password_and_a_name_nobody_has_are_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    place.register("ann").await.unwrap();
    assert_eq!(refused(place.login("ann", "another horse").await), AuthRefusal::Login);
    assert_eq!(refused(place.login("nobody", PASSWORD).await), AuthRefusal::Login);
    for (name, password, why) in [
        ("a", PASSWORD, AuthRefusal::Name),
        ("ann b", PASSWORD, AuthRefusal::Name),
        ("bea", "short", AuthRefusal::Password),
        ("bea", &"long".repeat(40), AuthRefusal::Password),
    ] {
        let form = Registration {
            username: name.to_owned(),
            password: password.to_owned(),
            email: None,
            invite: None,
            from: None,
        };
        assert_eq!(refused(place.accounts.register(form).await), why);
    }
    place.close().await;
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_after_the_next_was_used_ends_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let first = place.register("ann").await.unwrap();
    let elsewhere = place.login("ann", PASSWORD).await.unwrap();
    let second = place.accounts.refresh(first.refresh_token.clone()).await.unwrap();
    assert_eq!(second.user, first.user);
    let third = refresh(&place, &second.refresh_token).await;
    let session = place.speaks(&third.token).unwrap().by;
    assert!(place.accounts.stands(&place.node.view(), &session));
    // Somebody copied the first one.
    assert_eq!(refused(place.accounts.refresh(first.refresh_token).await), AuthRefusal::Session);
    assert_eq!(refused(place.accounts.refresh(third.refresh_token).await), AuthRefusal::Session);
    assert_eq!((place.speaks(&first.token), place.speaks(&third.token)), (None, None));
    assert!(!place.accounts.stands(&place.node.view(), &session), "its gateway sessions end too");
    assert!(place.speaks(&elsewhere.token).is_some(), "another login is another session");
    assert_eq!(refused(place.accounts.refresh(String::from("nxr_none")).await), AuthRefusal::Session);
    place.close().await;
}

#[tokio::test]
async fn whose_window_closed_before_the_next_pair_was_there_goes_on_with_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let first = place.register("ann").await.unwrap();
    // What it gave was lost on its way, twice.
    let lost = place.accounts.refresh(first.refresh_token.clone()).await.unwrap();
    refresh(&place, &first.refresh_token).await;
    let kept = refresh(&place, &first.refresh_token).await;
    let next = refresh(&place, &kept.refresh_token).await;
    assert_eq!(place.speaks(&next.token).map(|spoken| spoken.user), Some(first.user));
    // It was not lost: it went to somebody else.
    assert_eq!(refused(place.accounts.refresh(lost.refresh_token).await), AuthRefusal::Session);
    assert_eq!(place.speaks(&next.token), None, "the session is over for both");
    place.close().await;
}

#[tokio::test]
async fn of_two_who_use_a_refresh_token_at_once_the_next_step_of_one_ends_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let first = place.register("ann").await.unwrap();
    let token = &first.refresh_token;
    let (one, two) =
        tokio::join!(place.accounts.refresh(token.clone()), place.accounts.refresh(token.clone()));
    let (one, two) = (one.unwrap(), two.unwrap());
    let (one, two) =
        (place.accounts.refresh(one.refresh_token).await, place.accounts.refresh(two.refresh_token).await);
    assert!(one.is_err() || two.is_err(), "only one of them goes on");
    if let Ok(lucky) = one.or(two) {
        assert_eq!(place.speaks(&lucky.token), None, "and the session is over for both");
    }
    place.close().await;
}

async fn refresh(place: &Place, token: &str) -> Granted {
    place.accounts.refresh(token.to_owned()).await.unwrap()
}

#[tokio::test]
async fn a_restart_keeps_sessions_and_forgets_none_that_ended() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (kept, ended) = (place.register("ann").await.unwrap(), place.login("ann", PASSWORD).await.unwrap());
    let spoken = place.speaks(&ended.token).unwrap();
    assert!(matches!(spoken.by, Credential::Session(_)));
    place.accounts.logout(spoken).await.unwrap();
    assert_eq!(place.speaks(&ended.token), None);
    place.close().await;
    let place = Place::open(folder.path()).await;
    assert_eq!(place.speaks(&kept.token).map(|spoken| spoken.user), Some(kept.user));
    assert_eq!(place.speaks(&ended.token), None);
    assert_eq!(refused(place.accounts.refresh(ended.refresh_token).await), AuthRefusal::Session);
    assert!(place.accounts.refresh(kept.refresh_token).await.is_ok());
    place.close().await;
}

#[tokio::test]
async fn a_registration_that_was_cut_short_is_finished_by_who_knows_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let first = place.register("ann").await.unwrap();
    place.close().await;
    // As if the program had ended before the account was noted.
    change(folder.path(), "UPDATE account SET user_id = NULL").await;
    let place = Place::open(folder.path()).await;
    let thief = Registration {
        username: String::from("ann"),
        password: String::from("not hers"),
        email: None,
        invite: None,
        from: None,
    };
    assert_eq!(refused(place.accounts.register(thief).await), AuthRefusal::Taken);
    let again = place.register("ann").await.unwrap();
    assert_eq!(again.user, first.user, "the account that was made is the one that is finished");
    assert_eq!(place.login("ann", PASSWORD).await.unwrap().user, again.user);
    let hosted = place.node.view().users.values().filter(|user| user.hosted).count();
    assert_eq!(hosted, 1, "and nothing is left over");
    place.close().await;
}

#[tokio::test]
async fn a_closed_relay_takes_nobody_new_and_keeps_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    place.register("ann").await.unwrap();
    place.close().await;
    let place = Place::open_to(folder.path(), Policy::Closed).await;
    assert_eq!(refused(place.register("bea").await), AuthRefusal::Closed);
    assert!(place.login("ann", PASSWORD).await.is_ok());
    place.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_logins_is_turned_away_and_bots_are_asked_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let place = Arc::new(Place::open(folder.path()).await);
    let ann = place.register("ann").await.unwrap();
    let mut flood = tokio::task::JoinSet::new();
    for number in 0..200 {
        let place = place.clone();
        flood.spawn(async move { place.login(&format!("guess{number}"), PASSWORD).await.map(drop) });
    }
    let mut asked = 0;
    while flood.len() > 150 {
        assert!(place.speaks(&ann.token).is_some());
        asked += 1;
        flood.join_next().await;
    }
    assert!(asked > 0);
    let outcomes = flood.join_all().await;
    let later = outcomes.iter().filter(|outcome| matches!(outcome, Err(AuthRefusal::Later { .. }))).count();
    assert!(later > 100, "{later} were told to come back");
    assert!(place.login("ann", PASSWORD).await.is_ok(), "and then everything goes on");
}

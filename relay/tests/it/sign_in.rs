//! Signing in elsewhere: at a provider that keeps the rules, and at one that lies.

use super::accounts::{PASSWORD, Place};
use super::second_factor::{SECRET as AUTHENTICATOR, code, step};
use super::sessions::rows;
use crate::provider::{BASE, Back, Lie, Provider};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::second_factor::{NewFactor, SecondFactor};
use nexus_api::ports::sign_in::{BeginSignIn, FinishSignIn, Newcomer, SignInFor, SignedIn, Unlink};
use nexus_api::ports::{Erase, Granted, Registration, Spoken};
use nexus_relay::Registration as Policy;
use std::path::Path;

const SECRET: &str = "a secret of the window's own";

/// A relay beside a provider.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) provider: Provider,
}

impl Scene {
    pub(crate) async fn set(folder: &Path) -> Self {
        Self::open_to(folder, Policy::Open).await
    }

    async fn open_to(folder: &Path, policy: Policy) -> Self {
        let provider = Provider::start().await;
        let place = Place::open_as(folder, policy, None, Some(provider.told(folder))).await;
        Self { place, provider }
    }

    async fn begin(&self, provider: &str, purpose: SignInFor) -> Result<String, AuthRefusal> {
        let (provider, secret) = (provider.to_owned(), SECRET.to_owned());
        self.place.accounts.begin_sign_in(BeginSignIn { provider, secret, purpose, from: None }).await
    }

    async fn finish(
        &self,
        provider: &str,
        back: Back,
        spoken: Option<Spoken>,
    ) -> Result<SignedIn, AuthRefusal> {
        self.place.accounts.finish_sign_in(coming(provider, back, spoken)).await
    }

    /// To the provider and back.
    async fn go(
        &self,
        provider: &str,
        subject: &str,
        purpose: SignInFor,
        spoken: Option<Spoken>,
    ) -> Result<SignedIn, AuthRefusal> {
        let url = self.begin(provider, purpose).await?;
        let back = self.provider.agree(&url, subject);
        self.finish(provider, back, spoken).await
    }

    async fn enter(&self, provider: &str, subject: &str) -> Result<SignedIn, AuthRefusal> {
        self.go(provider, subject, SignInFor::Entering, None).await
    }

    async fn register(&self, ticket: &str, name: &str, invite: Option<&str>) -> Result<Granted, AuthRefusal> {
        let (ticket, username, invite) = (ticket.to_owned(), name.to_owned(), invite.map(str::to_owned));
        let email = Some(String::from("ada@example.org"));
        self.place.accounts.register_newcomer(Newcomer { ticket, username, email, invite, from: None }).await
    }

    /// Who comes from the mock for the first time, and takes a name.
    async fn newcomer(&self, subject: &str, name: &str) -> (Granted, Spoken) {
        let ticket = ticket_of(self.enter("mock", subject).await);
        let granted = self.register(&ticket, name, None).await.unwrap();
        let spoken = self.place.speaks(&granted.token).unwrap();
        (granted, spoken)
    }

    async fn link(
        &self,
        provider: &str,
        subject: &str,
        spoken: Spoken,
        password: &str,
    ) -> Result<SignedIn, AuthRefusal> {
        let purpose = SignInFor::Linking { spoken, password: password.to_owned() };
        self.go(provider, subject, purpose, Some(spoken)).await
    }

    async fn unlink(&self, provider: &str, spoken: Spoken, password: &str) -> Result<(), AuthRefusal> {
        let (provider, password) = (provider.to_owned(), password.to_owned());
        self.place.accounts.unlink(Unlink { spoken, provider, password }).await
    }

    async fn proof(&self, subject: &str, spoken: Spoken) -> Result<String, AuthRefusal> {
        match self.go("mock", subject, SignInFor::Confirming(spoken), Some(spoken)).await? {
            SignedIn::Proof(proof) => Ok(proof),
            _ => panic!("no proof"),
        }
    }
}

fn coming(provider: &str, back: Back, spoken: Option<Spoken>) -> FinishSignIn {
    let Back { state, code } = back;
    let (provider, secret) = (provider.to_owned(), SECRET.to_owned());
    FinishSignIn { provider, state, code, secret, issuer: None, spoken, from: None }
}

fn ticket_of(outcome: Result<SignedIn, AuthRefusal>) -> String {
    match outcome {
        Ok(SignedIn::Newcomer { ticket, .. }) => ticket,
        Ok(_) => panic!("somebody is known so"),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

fn granted(outcome: Result<SignedIn, AuthRefusal>) -> Granted {
    match outcome {
        Ok(SignedIn::Granted(granted)) => granted,
        Ok(_) => panic!("no session"),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

fn refused(outcome: Result<SignedIn, AuthRefusal>) -> AuthRefusal {
    outcome.map(drop).expect_err("it was granted")
}

#[tokio::test]
async fn who_comes_from_a_provider_takes_a_name_and_comes_in_again_as_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let Ok(SignedIn::Newcomer { ticket, username, email }) = scene.enter("mock", "248289761001").await else {
        panic!("nobody is known so")
    };
    assert_eq!(username.as_deref(), Some("adalovelace"));
    assert_eq!(email.as_deref(), Some("ada@example.org"));
    scene.place.register("taken").await.unwrap();
    assert_eq!(scene.register(&ticket, "taken", None).await.map(drop), Err(AuthRefusal::Taken));
    let first = scene.register(&ticket, "ada", None).await.unwrap();
    assert_eq!(scene.register(&ticket, "ada2", None).await.map(drop), Err(AuthRefusal::SignIn), "good once");
    assert!(scene.place.node.view().users[&first.user].hosted);
    let again = granted(scene.enter("mock", "248289761001").await);
    assert_eq!(again.user, first.user);
    let spoken = scene.place.speaks(&again.token).unwrap();
    let facts = scene.place.accounts.account(spoken).await.unwrap();
    assert_eq!((facts.password, facts.sign_ins), (false, vec![String::from("mock")]));
    for guess in [PASSWORD, "", "nxp_"] {
        assert_eq!(scene.place.login("ada", guess).await.map(drop), Err(AuthRefusal::Login));
    }
    scene.place.close().await;
}

#[tokio::test]
async fn github_is_known_by_its_number_and_an_address_it_has_not_verified_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let url = scene.begin("github", SignInFor::Entering).await.unwrap();
    let asked = reqwest::Url::parse(&url).unwrap();
    let redirect = asked.query_pairs().find(|(name, _)| name == "redirect_uri");
    assert_eq!(redirect.unwrap().1, format!("{BASE}/sign-in/github"));
    let told = scene.finish("github", scene.provider.agree(&url, "583231"), None).await;
    let Ok(SignedIn::Newcomer { ticket, username, email }) = told else { panic!("nobody is known so") };
    assert_eq!((username.as_deref(), email.as_deref()), (Some("graceh"), Some("grace@example.org")));
    let first = scene.register(&ticket, "grace", None).await.unwrap();
    assert_eq!(granted(scene.enter("github", "583231").await).user, first.user);
    for provider in ["github", "mock"] {
        scene.provider.lies(Lie::Unverified);
        let told = scene.enter(provider, "9").await;
        assert!(matches!(told, Ok(SignedIn::Newcomer { email: None, .. })), "{provider}");
    }
    scene.place.close().await;
}

#[tokio::test]
async fn what_a_provider_says_that_is_not_so_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    scene.newcomer("ada there", "ada").await;
    for lie in [
        Lie::Nonce,
        Lie::NoNonce,
        Lie::Issuer,
        Lie::Audience,
        Lie::AnotherParty,
        Lie::Expired,
        Lie::NotYet,
        Lie::AnotherKey,
        Lie::Unsigned,
        Lie::SharedSecret,
    ] {
        scene.provider.lies(lie);
        assert_eq!(refused(scene.enter("mock", "ada there").await), AuthRefusal::SignIn, "{lie:?}");
    }
    scene.provider.lies(Lie::None);
    assert!(matches!(scene.enter("mock", "ada there").await, Ok(SignedIn::Granted(_))));
    scene.place.close().await;
}

#[tokio::test]
async fn who_answers_for_another_issuer_is_not_believed_and_nobody_is_sent_there() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    scene.provider.lies(Lie::Discovery);
    assert_eq!(scene.begin("mock", SignInFor::Entering).await, Err(AuthRefusal::SignIn));
    assert_eq!(scene.begin("nobody", SignInFor::Entering).await, Err(AuthRefusal::NoProvider));
    scene.place.close().await;
}

#[tokio::test]
async fn only_the_window_that_began_finishes_once_with_its_state_its_secret_and_its_provider() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    scene.newcomer("ada there", "ada").await;
    let began = async || {
        let url = scene.begin("mock", SignInFor::Entering).await.unwrap();
        scene.provider.agree(&url, "ada there")
    };
    let finish = async |form: FinishSignIn| refused(scene.place.accounts.finish_sign_in(form).await);
    let another =
        FinishSignIn { secret: "another window's secret".into(), ..coming("mock", began().await, None) };
    assert_eq!(finish(another).await, AuthRefusal::SignIn, "a code that was sent to somebody");
    let made_up = Back { state: "nxs_none".into(), ..began().await };
    assert_eq!(finish(coming("mock", made_up, None)).await, AuthRefusal::SignIn);
    assert_eq!(finish(coming("github", began().await, None)).await, AuthRefusal::SignIn, "mixed up");
    let named = FinishSignIn {
        issuer: Some("https://another.example".into()),
        ..coming("mock", began().await, None)
    };
    assert_eq!(finish(named).await, AuthRefusal::SignIn);
    // The code of one sign-in in another: its verifier is not the one that the code was given for.
    let (one, other) = (began().await, began().await);
    let mixed = Back { state: one.state, code: other.code };
    assert_eq!(finish(coming("mock", mixed, None)).await, AuthRefusal::SignIn);
    let back = began().await;
    let again = Back { state: back.state.clone(), code: back.code.clone() };
    granted(scene.finish("mock", back, None).await);
    assert_eq!(finish(coming("mock", again, None)).await, AuthRefusal::SignIn, "good once");
    scene.place.close().await;
}

#[tokio::test]
async fn an_address_that_is_the_same_finds_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let form = Registration {
        username: "ada".into(),
        password: PASSWORD.into(),
        email: Some("ada@example.org".into()),
        invite: None,
        from: None,
    };
    let ada = scene.place.accounts.register(form).await.unwrap();
    let ticket = ticket_of(scene.enter("mock", "whoever has her address there").await);
    let other = scene.register(&ticket, "other", None).await.unwrap();
    assert_ne!(other.user, ada.user);
    scene.place.close().await;
}

#[tokio::test]
async fn a_new_account_is_the_relays_to_allow_however_somebody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::open_to(folder.path(), Policy::Closed).await;
    assert_eq!(refused(scene.enter("mock", "ada there").await), AuthRefusal::Closed);
    scene.place.close().await;
    let scene = Scene::open_to(folder.path(), Policy::Invited).await;
    let ticket = ticket_of(scene.enter("mock", "ada there").await);
    for none in [None, Some("nxi_none")] {
        assert_eq!(scene.register(&ticket, "ada", none).await.map(drop), Err(AuthRefusal::Uninvited));
    }
    let database = super::database(folder.path()).await;
    let invite = nexus_relay::make_invite(folder.path(), database.as_ref()).await.unwrap();
    let ada = scene.register(&ticket, "ada", Some(&invite)).await.unwrap();
    assert_eq!(granted(scene.enter("mock", "ada there").await).user, ada.user);
    scene.place.close().await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_however_somebody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let ada = scene.place.register("ada").await.unwrap();
    let spoken = scene.place.speaks(&ada.token).unwrap();
    assert!(matches!(scene.link("mock", "ada there", spoken, PASSWORD).await, Ok(SignedIn::Linked)));
    let now = step();
    let form = NewFactor { password: PASSWORD.into(), secret: AUTHENTICATOR.into(), code: code(now) };
    let codes = scene.place.accounts.add_second_factor(spoken, form).await.unwrap();
    let Ok(SignedIn::Ticket(ticket)) = scene.enter("mock", "ada there").await else {
        panic!("the provider alone was enough")
    };
    let shown = SecondFactor { ticket, code: codes[0].clone() };
    assert_eq!(scene.place.accounts.show_second_factor(shown).await.unwrap().user, ada.user);
    scene.place.close().await;
}

#[tokio::test]
async fn a_way_in_is_added_by_who_knows_the_password_and_is_one_accounts_alone() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let (ada, bea) = (scene.place.register("ada").await.unwrap(), scene.place.register("bea").await.unwrap());
    let (ada_here, bea_here) =
        (scene.place.speaks(&ada.token).unwrap(), scene.place.speaks(&bea.token).unwrap());
    assert_eq!(refused(scene.link("mock", "ada there", ada_here, "a guess").await), AuthRefusal::Login);
    assert!(matches!(scene.link("mock", "ada there", ada_here, PASSWORD).await, Ok(SignedIn::Linked)));
    assert_eq!(granted(scene.enter("mock", "ada there").await).user, ada.user);
    let taken = scene.link("mock", "ada there", bea_here, PASSWORD).await;
    assert_eq!(refused(taken), AuthRefusal::Elsewhere);
    let second = scene.link("mock", "ada's other one there", ada_here, PASSWORD).await;
    assert_eq!(refused(second), AuthRefusal::Elsewhere);
    // Bea is led back with what Ada began.
    let purpose = SignInFor::Linking { spoken: ada_here, password: PASSWORD.into() };
    let hers = scene.go("github", "1", purpose, Some(bea_here)).await;
    assert_eq!(refused(hers), AuthRefusal::SignIn);
    scene.unlink("mock", ada_here, PASSWORD).await.unwrap();
    assert_eq!(scene.unlink("mock", ada_here, PASSWORD).await, Err(AuthRefusal::NoProvider));
    ticket_of(scene.enter("mock", "ada there").await);
    scene.place.close().await;
}

#[tokio::test]
async fn an_access_token_that_became_old_on_the_way_does_not_end_what_was_begun() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let ada = scene.place.register("ada").await.unwrap();
    let spoken = scene.place.speaks(&ada.token).unwrap();
    let purpose = SignInFor::Linking { spoken, password: PASSWORD.into() };
    let url = scene.begin("mock", purpose).await.unwrap();
    let back = scene.provider.agree(&url, "ada there");
    let again = Back { state: back.state.clone(), code: back.code.clone() };
    assert_eq!(refused(scene.finish("mock", back, None).await), AuthRefusal::Session);
    assert!(matches!(scene.finish("mock", again, Some(spoken)).await, Ok(SignedIn::Linked)));
    scene.place.close().await;
}

#[tokio::test]
async fn who_has_no_password_shows_who_they_are_by_the_provider_and_the_last_way_in_stays() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let (_, ada) = scene.newcomer("ada there", "ada").await;
    let (_, bea) = scene.newcomer("bea there", "bea").await;
    assert_eq!(
        refused(scene.go("mock", "bea there", SignInFor::Confirming(ada), Some(ada)).await),
        AuthRefusal::NotTheirs
    );
    let beas = scene.proof("bea there", bea).await.unwrap();
    assert_eq!(scene.unlink("mock", ada, &beas).await, Err(AuthRefusal::Login), "another's proof");
    let proof = scene.proof("ada there", ada).await.unwrap();
    assert_eq!(scene.unlink("mock", ada, &proof).await, Err(AuthRefusal::LastWay));
    let change = async |shown: &str, next: &str| {
        scene.place.accounts.change_password(ada, shown.to_owned(), next.to_owned()).await
    };
    assert_eq!(change(&proof, PASSWORD).await, Err(AuthRefusal::Login), "a proof is good once");
    change(&scene.proof("ada there", ada).await.unwrap(), PASSWORD).await.unwrap();
    assert!(scene.place.login("ada", PASSWORD).await.is_ok());
    scene.unlink("mock", ada, PASSWORD).await.unwrap();
    let facts = scene.place.accounts.account(ada).await.unwrap();
    assert_eq!((facts.password, facts.sign_ins), (true, Vec::new()));
    scene.place.close().await;
}

#[tokio::test]
async fn an_account_that_ends_leaves_the_sign_in_free() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let (granted, ada) = scene.newcomer("ada there", "ada").await;
    let password = scene.proof("ada there", ada).await.unwrap();
    scene.place.accounts.erase_account(ada, Erase { password, code: None }).await.unwrap();
    assert_eq!(scene.place.speaks(&granted.token), None);
    assert_eq!(rows(folder.path(), "SELECT COUNT(*) FROM sign_in").await, 0);
    let (next, _) = scene.newcomer("ada there", "ada").await;
    assert_ne!(next.user, granted.user);
    scene.place.close().await;
}

#[tokio::test]
async fn an_account_that_was_cut_short_is_finished_by_who_comes_from_the_provider_again() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    let (first, _) = scene.newcomer("ada there", "ada").await;
    super::accounts::change(folder.path(), "UPDATE account SET user_id = NULL").await;
    assert_eq!(granted(scene.enter("mock", "ada there").await).user, first.user);
    scene.place.close().await;
}

#[tokio::test]
async fn a_provider_that_turns_its_keys_is_asked_for_the_next_ones() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path()).await;
    scene.newcomer("ada there", "ada").await;
    scene.provider.turns_its_keys();
    assert!(matches!(scene.enter("mock", "ada there").await, Ok(SignedIn::Granted(_))));
    scene.provider.lies(Lie::AnotherKey);
    assert_eq!(refused(scene.enter("mock", "ada there").await), AuthRefusal::SignIn);
    scene.place.close().await;
}

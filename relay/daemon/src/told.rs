//! What a relay is told: the settings both programs have, whom it serves and what it is called.

use crate::cli::{Cli, Order, ServeArgs};
use nexus_core::sync::Whose;
use nexus_crdt::id::SpaceId;
use nexus_node::mesh::Roots;
use nexus_program::settings::{self, Layer, Program, Settings, SettingsError};
use nexus_relay::{DatabaseUrl, Mail, MailError, NoDatabase, SignIn, SignInError};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// What holds for this run of `nexus-relay`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// As on every program.
    pub(crate) settings: Settings,
    /// Whose guilds are kept.
    pub(crate) hosting: Hosting,
    /// Whether strangers may make an account here.
    pub(crate) registration: Registration,
    /// Links between nodes that it carries at a time.
    pub(crate) circuits: usize,
    /// Where the accounts are kept; none: in the data folder.
    pub(crate) database: Option<DatabaseUrl>,
    /// As people are shown it.
    name: Option<String>,
    post: Option<Post>,
    /// The file that names at whom else people sign in.
    sign_in: Option<PathBuf>,
}

/// How mail leaves, and from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Post {
    way: MailWay,
    from: String,
}

/// How mail leaves, as it was written. A password may be in it: never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct MailWay(String);

/// Where nobody says how many.
const CIRCUITS: usize = 256;

/// Whose guilds a relay keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum Hosting {
    /// Any guild that names it.
    #[default]
    Open,
    /// Guilds of its own accounts.
    Own,
    /// These, by their ids.
    List(BTreeSet<SpaceId>),
}

/// The database in the file.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Url(DatabaseUrl);

/// A policy in the file: a word, or a list of guilds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    List(Vec<String>),
}

/// A text that is no policy for guilds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `open`, `own`, or ids of guilds (64 hexadecimal digits each, separated by commas)")]
pub(crate) struct NoHosting;

/// Whether strangers may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Registration {
    /// Anybody may.
    #[default]
    Open,
    /// Who has an invite of `nexus-relay invite`.
    Invite,
    /// Nobody may; who has an account keeps it.
    Closed,
}

/// The keys of `nexus-relay.toml` that are a relay's alone.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Own {
    hosting: Option<Hosting>,
    registration: Option<Registration>,
    circuits: Option<usize>,
    name: Option<String>,
    database: Option<Url>,
    mail: Option<MailWay>,
    mail_from: Option<String>,
    sign_in: Option<PathBuf>,
}

impl Told {
    /// What people are shown: where nobody gave it a name, it is called by where it is.
    pub(crate) fn name(&self, address: SocketAddr) -> String {
        let place = || {
            let base = self.settings.base(address).to_string();
            base.split_once("://").map_or(base.clone(), |(_, place)| place.to_owned())
        };
        self.name.clone().unwrap_or_else(place)
    }

    /// How mail is sent, where it is.
    ///
    /// # Errors
    /// [`MailError`].
    pub(crate) fn mail(&self, address: SocketAddr) -> Result<Option<Mail>, MailError> {
        let base = self.settings.base(address).to_string();
        let mail = |post: &Post| Mail::new(&post.way.0, &post.from, &self.name(address), &base);
        self.post.as_ref().map(mail).transpose()
    }

    /// At whom else people sign in, where they do. They are sent back to the base URL, whatever name they came by.
    ///
    /// # Errors
    /// [`SignInError`].
    pub(crate) fn sign_in(&self, address: SocketAddr, roots: &Roots) -> Result<Option<SignIn>, SignInError> {
        let base = self.settings.base(address).to_string();
        self.sign_in.as_deref().map(|file| SignIn::read(file, &base, roots)).transpose()
    }

    /// Gathers flags (with their variables), file and defaults.
    ///
    /// # Errors
    /// [`SettingsError`] in words a person can act on.
    pub(crate) fn gather(cli: &Cli) -> Result<Self, SettingsError> {
        let (file, own): (Layer, Own) = settings::read_file(
            &Program::RELAY,
            cli.config.as_deref(),
            cli.data.as_deref(),
            &["hosting", "registration", "circuits", "name", "database", "mail", "mail_from", "sign_in"],
        )?;
        let none = ServeArgs::default();
        let serve = if let Order::Serve(serve) = &cli.order { &**serve } else { &none };
        let settings = layer(cli, serve).over(file).settle(&Program::RELAY)?;
        if settings.listen.ip().is_unspecified() && settings.public_url.is_none() {
            return Err(SettingsError::Nameless(settings.listen));
        }
        Ok(Self {
            hosting: serve.hosting.clone().or(own.hosting).unwrap_or_default(),
            registration: serve.registration.or(own.registration).unwrap_or_default(),
            circuits: serve.circuits.or(own.circuits).unwrap_or(CIRCUITS),
            database: cli.database.clone().or(own.database.map(|Url(url)| url)),
            name: serve.name.clone().or(own.name),
            post: post(serve.mail.clone().or(own.mail), serve.mail_from.clone().or(own.mail_from)),
            sign_in: serve.sign_in.clone().or(own.sign_in),
            settings,
        })
    }
}

/// Without a sender it is refused in words, where it is opened.
fn post(way: Option<MailWay>, from: Option<String>) -> Option<Post> {
    Some(Post { way: way?, from: from.unwrap_or_default() })
}

impl TryFrom<String> for Url {
    type Error = NoDatabase;

    fn try_from(text: String) -> Result<Self, NoDatabase> {
        text.parse().map(Self)
    }
}

impl From<String> for MailWay {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for MailWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailWay(..)")
    }
}

fn layer(cli: &Cli, serve: &ServeArgs) -> Layer {
    Layer {
        data: cli.data.clone(),
        sealing_key: cli.sealing_key.clone(),
        listen: serve.listen,
        allow_remote: serve.allow_remote,
        public_url: serve.public_url.clone(),
        disk_reserve: serve.disk_reserve,
        log: cli.log.clone(),
        mesh_listen: serve.mesh_listen,
        tls_cert: serve.tls_cert.clone(),
        tls_key: serve.tls_key.clone(),
        tls_root: serve.tls_root.clone(),
        acme_domain: serve.acme_domain.clone(),
        acme_email: serve.acme_email.clone(),
        acme_directory: serve.acme_directory.clone(),
        private_endpoints: serve.private_endpoints,
        trusted_proxy: (!serve.trusted_proxy.is_empty()).then(|| serve.trusted_proxy.clone()),
    }
}

impl Registration {
    /// As the services ask for it.
    pub(crate) const fn of_services(self) -> nexus_relay::Registration {
        match self {
            Self::Open => nexus_relay::Registration::Open,
            Self::Invite => nexus_relay::Registration::Invited,
            Self::Closed => nexus_relay::Registration::Closed,
        }
    }

    /// As people are told.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

impl Hosting {
    /// As the mesh asks for it.
    pub(crate) fn whose(&self) -> Whose {
        match self {
            Self::Open => Whose::Anybodys,
            Self::Own => Whose::Own,
            Self::List(these) => Whose::These(Arc::new(these.clone())),
        }
    }

    /// As people are told.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Own => "own",
            Self::List(_) => "list",
        }
    }
}

impl FromStr for Hosting {
    type Err = NoHosting;

    fn from_str(text: &str) -> Result<Self, NoHosting> {
        match text {
            "open" => Ok(Self::Open),
            "own" => Ok(Self::Own),
            list => list.split(',').map(guild).collect::<Result<_, _>>().map(Self::List),
        }
    }
}

impl TryFrom<Written> for Hosting {
    type Error = NoHosting;

    fn try_from(written: Written) -> Result<Self, NoHosting> {
        match written {
            Written::Word(word) => word.parse(),
            Written::List(ids) => ids.iter().map(|id| guild(id)).collect::<Result<_, _>>().map(Self::List),
        }
    }
}

fn guild(text: &str) -> Result<SpaceId, NoHosting> {
    let mut id = [0; 32];
    hex::decode_to_slice(text.trim(), &mut id).map_err(|_| NoHosting)?;
    Ok(SpaceId(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn gather(args: &[&str]) -> Result<Told, SettingsError> {
        Told::gather(&Cli::parse_from([&["nexus-relay"], args].concat()))
    }

    #[test]
    fn a_relay_that_is_told_nothing_is_open_on_this_machine() {
        let told = gather(&["--data", "d", "serve"]).unwrap();
        assert_eq!(told.settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!((told.hosting, told.registration), (Hosting::Open, Registration::Open));
    }

    #[test]
    fn a_certificate_has_one_source_and_names_the_relay() {
        let by =
            |flags: &[&str]| gather(&[&["--data", "d", "serve", "--listen", "0.0.0.0:443"], flags].concat());
        let told = by(&["--acme-domain", "relay.example"]).unwrap();
        assert!(told.settings.allow_remote, "what is encrypted is for others");
        assert_eq!(told.settings.base(told.settings.listen).to_string(), "https://relay.example");
        let files = ["--tls-cert", "c", "--tls-key", "k"];
        assert_eq!(
            by(&[&files[..], &["--acme-domain", "a.example"]].concat()),
            Err(SettingsError::TwoCertificates)
        );
        assert_eq!(by(&files[..2]), Err(SettingsError::HalfTls));
        assert!(matches!(by(&["--acme-domain", "not a domain"]), Err(SettingsError::NoDomain(_))));
        assert_eq!(by(&["--acme-email", "ada@a.example"]), Err(SettingsError::NothingToAsk));
    }

    #[test]
    fn mail_is_told_by_flags_and_file_together_and_its_password_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("nexus-relay.toml"), "mail_from = 'relay@relay.example'\n")
            .unwrap();
        let flags = ["--data", data, "serve", "--mail", "smtps://ann:horse@mail.example"];
        let told = gather(&flags).unwrap();
        assert!(told.mail(told.settings.listen).unwrap().is_some());
        let cli = Cli::parse_from([&["nexus-relay"][..], &flags].concat());
        assert!(!format!("{cli:?} {told:?}").contains("horse"));
        let told = gather(&["--data", "d", "serve", "--mail", "folder:mail"]).unwrap();
        assert_eq!(told.mail(told.settings.listen).map(drop), Err(MailError::From), "nobody to be from");
        assert!(gather(&["--data", "d", "serve"]).unwrap().post.is_none());
    }

    #[test]
    fn who_else_people_sign_in_at_stands_in_a_file_that_is_named_by_flag_or_file() {
        let folder = tempfile::tempdir().unwrap();
        let (data, roots) = (folder.path().to_str().unwrap(), Roots::default());
        let list = folder.path().join("sign-in.toml");
        let text =
            "[[provider]]\nid = 'github'\nkind = 'github'\nclient_id = 'us'\nclient_secret_file = 'secret'\n";
        std::fs::write(&list, text).unwrap();
        let told = gather(&["--data", data, "serve", "--sign-in", list.to_str().unwrap()]).unwrap();
        let refused = told.sign_in(told.settings.listen, &roots).unwrap_err();
        assert!(refused.to_string().contains("secret"), "{refused}");
        std::fs::write(folder.path().join("secret"), "hush").unwrap();
        let file = format!("sign_in = '{}'\n", list.display());
        std::fs::write(folder.path().join("nexus-relay.toml"), file).unwrap();
        let told = gather(&["--data", data, "serve"]).unwrap();
        let read = told.sign_in(told.settings.listen, &roots).unwrap().unwrap();
        assert_eq!(read.names(), [(String::from("github"), String::from("github"))]);
        assert!(gather(&["--data", "d", "serve"]).unwrap().sign_in.is_none());
    }

    #[test]
    fn the_database_is_named_by_flag_or_file_and_its_password_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        assert_eq!(gather(&["--data", data, "invite"]).unwrap().database, None);
        let file = "database = 'postgres://nexus:horse@db.example/nexus'\n";
        std::fs::write(folder.path().join("nexus-relay.toml"), file).unwrap();
        let told = gather(&["--data", data, "invite"]).unwrap();
        assert!(told.database.is_some() && !format!("{told:?}").contains("horse"));
        let other = gather(&["--data", data, "serve", "--database", "postgres:///other"]).unwrap();
        assert!(other.database.is_some() && other.database != told.database);
        std::fs::write(folder.path().join("nexus-relay.toml"), "database = 'accounts.sqlite'\n").unwrap();
        assert!(gather(&["--data", data, "serve"]).is_err());
    }

    #[test]
    fn proxies_are_named_one_by_one() {
        let named = |flags: &[&str]| gather(&[&["--data", "d", "serve"], flags].concat()).unwrap().settings;
        assert!(named(&[]).trusted_proxies.is_empty());
        let two = named(&["--trusted-proxy", "127.0.0.1,2001:db8::1"]).trusted_proxies;
        assert_eq!(two.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1", "2001:db8::1"]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nexus-relay.toml"), "trusted_proxy = ['10.0.0.1']\n").unwrap();
        let told = gather(&["--data", folder.path().to_str().unwrap(), "serve"]).unwrap();
        assert_eq!(told.settings.trusted_proxies.len(), 1);
    }

    #[test]
    fn a_relay_that_listens_everywhere_must_know_its_name() {
        let open = ["--data", "d", "serve", "--listen", "0.0.0.0:80", "--allow-remote"];
        assert!(matches!(gather(&open), Err(SettingsError::Nameless(_))));
        assert!(gather(&[&open[..], &["--public-url", "https://relay.example"]].concat()).is_ok());
    }

    #[test]
    fn guilds_may_be_named_one_by_one() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let list = Hosting::List(BTreeSet::from([SpaceId([0x11; 32]), SpaceId([0x22; 32])]));
        let flag = format!("{one},{two}");
        assert_eq!(gather(&["--data", "d", "serve", "--hosting", &flag]).unwrap().hosting, list);
        let folder = tempfile::tempdir().unwrap();
        let text = format!("hosting = ['{one}', '{two}']\nregistration = 'closed'\nname = 'Ours'\n");
        std::fs::write(folder.path().join("nexus-relay.toml"), text).unwrap();
        let told = gather(&["--data", folder.path().to_str().unwrap(), "serve"]).unwrap();
        assert_eq!(
            (told.hosting.clone(), told.registration, told.name(told.settings.listen)),
            (list, Registration::Closed, String::from("Ours"))
        );
    }

    #[test]
    fn a_policy_that_is_none_is_refused_with_what_there_is() {
        for text in ["", "opened", "own,open", "1234", &"g".repeat(64)] {
            assert_eq!(text.parse::<Hosting>(), Err(NoHosting), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nexus-relay.toml"), "relay = ['http://127.0.0.1:1']\n").unwrap();
        let refused = gather(&["--data", folder.path().to_str().unwrap(), "serve"]).unwrap_err();
        assert!(
            refused.to_string().contains("relay"),
            "a node's key in a relay's file is a mistake: {refused}"
        );
    }
}

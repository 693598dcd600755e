//! A node with its owner and a guild, and its gateway on a port of its own.

use super::client::Client;
use nexus_api::gateway::{Gateway, Settings};
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hold, Hosting, Whose};
use nexus_core::{BotInstall, ChannelDraft, Command, Message, MessageDraft, Reply, RoleDraft, Snowflake};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, OverwriteEntry, OverwriteTarget, RateClass};
use nexus_crdt::id::{ChannelId, OpId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_node::mesh::{Mesh, MeshOptions, Network, RELAY_GRACE, Roots};
use nexus_node::{Node, Options};
use std::net::SocketAddr;
use std::sync::Arc;

/// Flags of an application that has every privileged intent.
pub(super) const PRIVILEGED: u64 = 1 << 13 | 1 << 15 | 1 << 19;

/// What a test plays on.
pub(super) struct Stage {
    pub(super) node: Node,
    pub(super) gateway: Gateway,
    pub(super) address: SocketAddr,
    /// The whole window, REST and gateway.
    pub(super) router: axum::Router,
    pub(super) owner: Account,
    pub(super) guild: SpaceId,
    pub(super) general: ChannelId,
    _folder: tempfile::TempDir,
}

/// Somebody who can log in.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) token: String,
}

impl Stage {
    pub(super) async fn set() -> Self {
        // Who waits for another program says nothing meanwhile: on a busy machine that may take longer than a heartbeat.
        Self::with(Settings { heartbeat_ms: 600_000, ..Settings::default() }).await
    }

    pub(super) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { data: folder.path().join("data"), disk_reserve: 0 };
        let node = Node::open(options).expect("opens");
        let setup = node.command(None, Command::Setup { name: String::from("Ada") }).await;
        let Ok(Reply::Setup { user, token }) = setup else { panic!("{setup:?}") };
        let owner = Account { id: user, token };
        let guild = created(&node, user, Command::CreateGuild { name: String::from("Guild") }).await.into();
        let view = node.view();
        let channels = &view.guilds.get(&guild).expect("the guild").channels;
        let general = channels.values().find(|channel| channel.name == "general").expect("general").id;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let options = MeshOptions {
            data: folder.path().to_owned(),
            listen: None,
            role: Role::Node,
            hosting: Hosting { whose: Whose::Own, spaces_max: 1, ops_max: 1 },
            network: Network::RelayOnly,
            hold: Hold::Everything,
            roots: Roots::default(),
            addresses: Vec::new(),
            circuits: 0,
            relay_grace: RELAY_GRACE,
        };
        let mesh = Mesh::start(node.clone(), options).await.expect("a mesh");
        let gateway = Gateway::start(node.clone(), nexus_api::owner_of(&node), Some(mesh), settings);
        let window = nexus_api::Options { private_endpoints: true, ..nexus_api::Options::default() };
        let router = nexus_api::router(node.clone(), window, &gateway);
        let served = router.clone();
        tokio::spawn(async move { axum::serve(listener, served).await });
        Self { node, gateway, address, router, owner, guild, general, _folder: folder }
    }

    /// The owner asks for something.
    pub(super) async fn does(&self, command: Command) -> Reply {
        self.node.command(Some(self.owner.id), command).await.expect("granted")
    }

    /// The owner makes something.
    pub(super) async fn makes(&self, command: Command) -> OpId {
        created(&self.node, self.owner.id, command).await
    }

    /// A bot that is in no guild.
    pub(super) async fn application(&self, name: &str, flags: u64) -> Account {
        let command = Command::CreateApplication { name: name.to_owned(), description: String::new() };
        let id = UserId::from(self.makes(command).await);
        let flags = Some(flags);
        self.does(Command::EditApplication { application: id, name: None, description: None, flags }).await;
        let Reply::Token(token) = self.does(Command::IssueToken { user: id, replace: true }).await else {
            panic!("a token");
        };
        Account { id, token }
    }

    /// A bot in the guild, with no permissions of its own.
    pub(super) async fn bot(&self, name: &str) -> Account {
        let bot = self.application(name, PRIVILEGED).await;
        self.install(&bot, Permissions::NONE).await;
        bot
    }

    /// Somebody else who is in the guild, and may what `@everyone` may.
    pub(super) async fn member(&self, name: &str) -> Account {
        let made = self.node.command(None, Command::Host { name: name.to_owned() }).await;
        let Ok(Reply::Created(id)) = made else { panic!("{made:?}") };
        let id = UserId::from(id);
        let invite = self.makes(Command::CreateInvite { channel: self.general, max_age_s: 0 }).await;
        let code = self.node.view().invite_codes[&invite];
        created(&self.node, id, Command::Join { code }).await;
        let given = self.node.command(Some(id), Command::IssueToken { user: id, replace: false }).await;
        let Ok(Reply::Token(token)) = given else { panic!("{given:?}") };
        Account { id, token }
    }

    pub(super) async fn install(&self, bot: &Account, permissions: Permissions) {
        let install = BotInstall { guild: self.guild, application: bot.id, permissions: Some(permissions) };
        self.does(Command::InstallBot(install)).await;
    }

    /// Somebody says something in `general`.
    pub(super) async fn says(&self, author: &Account, text: &str) -> Arc<Message> {
        self.sends(author, draft(self.general, text)).await
    }

    pub(super) async fn sends(&self, author: &Account, draft: MessageDraft) -> Arc<Message> {
        let sent = self.node.command(Some(author.id), Command::SendMessage(draft)).await;
        let Ok(Reply::Message(message)) = sent else { panic!("{sent:?}") };
        message
    }

    /// A text channel that `@everyone` may not see.
    pub(super) async fn hidden_channel(&self) -> ChannelId {
        let everyone = OverwriteTarget::Role(RoleId(self.guild.0));
        let hide =
            OverwriteEntry { target: everyone, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
        let fields = ChannelFields { name: Some(String::from("hidden")), ..ChannelFields::default() };
        let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: vec![hide] };
        self.makes(Command::CreateChannel { guild: self.guild, draft }).await.into()
    }

    /// Takes the owner out of every quota.
    pub(super) async fn unleash_owner(&self) {
        let draft = RoleDraft { rate_class: RateClass::Bulk, ..role("bulk") };
        let role = self.makes(Command::CreateRole { guild: self.guild, draft }).await.into();
        self.does(Command::AddMemberRole { guild: self.guild, user: self.owner.id, role }).await;
    }

    /// The number of a thing, as the API writes it.
    pub(super) fn number(&self, of: impl Into<OpId>) -> String {
        let Snowflake(number) = self.node.view().ids.of(of);
        number.to_string()
    }

    /// A client that has logged in with every intent and seen its guilds.
    pub(super) async fn logs_in(&self, account: &Account) -> Client {
        let mut client = Client::connect(self.address, "v=10&encoding=json").await;
        client.identify(&account.token, ALL_INTENTS).await;
        client.until_ready().await;
        client
    }
}

/// Every intent there is.
pub(super) const ALL_INTENTS: u64 = 53_608_447;

/// A role like any other.
pub(super) fn role(name: &str) -> RoleDraft {
    RoleDraft {
        name: name.to_owned(),
        permissions: None,
        color: 0,
        hoist: false,
        mentionable: false,
        rate_class: RateClass::Person,
    }
}

/// A message like any other.
pub(super) fn draft(channel: ChannelId, text: &str) -> MessageDraft {
    MessageDraft::plain(channel, text)
}

async fn created(node: &Node, actor: UserId, command: Command) -> OpId {
    match node.command(Some(actor), command).await {
        Ok(Reply::Created(id)) => id,
        other => panic!("{other:?}"),
    }
}

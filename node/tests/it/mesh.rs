//! Links over real sockets: nodes and a relay on this machine.

mod caught;

use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hold, Hosting, Whose};
use nexus_core::{BaseUrl, Command, InviteCode, InviteUrl, MessageDraft, Reply};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::mesh::{Mesh, MeshOptions, Network, RELAY_GRACE, Roots, VisitFailure};
use nexus_node::{Node, Options, Page};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const HOSTING: Hosting = Hosting { whose: Whose::Anybodys, spaces_max: 100, ops_max: 1_000_000 };

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A program of the mesh.
struct Program {
    node: Node,
    mesh: Mesh,
    folder: PathBuf,
    _keep: tempfile::TempDir,
}

impl Program {
    async fn start(role: Role) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let folder = keep.path().to_owned();
        let (node, mesh) = start(&folder, role, 0).await;
        Self { node, mesh, folder, _keep: keep }
    }

    async fn setup(&self, name: &str) -> UserId {
        match self.node.command(None, Command::Setup { name: name.to_owned() }).await.unwrap() {
            Reply::Setup { user, .. } => user,
            other => panic!("{other:?}"),
        }
    }

    async fn make(&self, actor: UserId, command: Command) -> nexus_crdt::id::OpId {
        match self.node.command(Some(actor), command).await.unwrap() {
            Reply::Created(id) => id,
            other => panic!("{other:?}"),
        }
    }

    async fn say(&self, actor: UserId, channel: ChannelId, text: &str) {
        self.node.command(Some(actor), send(channel, text)).await.unwrap();
    }

    fn texts(&self, channel: ChannelId) -> Vec<String> {
        let messages =
            self.node.read().unwrap().messages(&self.node.view(), channel, Page::Latest, 100).unwrap();
        messages.iter().rev().map(|message| plain(&message.body.text)).collect()
    }

    fn queued(&self) -> nexus_node::Queued {
        self.node.read().unwrap().queued(&self.node.view()).unwrap()
    }

    async fn hears(&self, channel: ChannelId, count: usize) {
        let heard = async {
            while self.texts(channel).len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let patience = tokio::time::timeout(PATIENCE, heard).await;
        assert!(patience.is_ok(), "{count} messages never came; here are {:?}", self.texts(channel));
    }

    /// What was handed over is noted a moment later.
    async fn hands_everything_over(&self) {
        let handed_over = async {
            while self.queued().waiting > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let patience = tokio::time::timeout(PATIENCE, handed_over).await;
        assert!(patience.is_ok(), "still waiting: {:?}", self.queued());
    }

    async fn end(self) {
        self.mesh.stop().await;
        self.node.stop().await;
    }
}

fn send(channel: ChannelId, text: &str) -> Command {
    Command::SendMessage(MessageDraft::plain(channel, text))
}

fn plain(text: &RichText) -> String {
    text.0
        .iter()
        .map(|part| match part {
            nexus_crdt::body::rich_text::Part::Text(text) => text.as_str(),
            _ => "",
        })
        .collect()
}

async fn start(folder: &Path, role: Role, port: u16) -> (Node, Mesh) {
    let node = Node::open(Options { data: folder.to_owned(), disk_reserve: 0 }).unwrap();
    let listen = (role == Role::Relay).then(|| SocketAddr::from(([127, 0, 0, 1], port)));
    let options = MeshOptions {
        data: folder.to_owned(),
        listen,
        role,
        hosting: HOSTING,
        network: Network::RelayOnly,
        hold: Hold::Everything,
        roots: Roots::default(),
        addresses: Vec::new(),
        circuits: 0,
        relay_grace: RELAY_GRACE,
    };
    let mesh = Mesh::start(node.clone(), options).await.unwrap();
    (node, mesh)
}

/// The one page of a relay's window that its mesh needs.
async fn window(key: [u8; 32], mesh_port: u16) -> BaseUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = BaseUrl::of(listener.local_addr().unwrap());
    let body = format!("{{\"peer_key\":\"{}\",\"mesh_port\":{mesh_port}}}", hex(&key));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ann's guild on her node, a relay, and Bea's node.
struct Town {
    ann: Program,
    relay: Program,
    bea: Program,
    url: BaseUrl,
    people: [UserId; 2],
    channel: ChannelId,
    guild: SpaceId,
    code: InviteCode,
}

impl Town {
    async fn new() -> Self {
        let (ann, relay, bea) = (
            Program::start(Role::Node).await,
            Program::start(Role::Relay).await,
            Program::start(Role::Node).await,
        );
        let port = relay.mesh.listening().unwrap().port();
        let url = window(relay.mesh.peer_key().0, port).await;
        relay.node.command(None, Command::UseRelay { url: url.to_string() }).await.unwrap();
        let people = [ann.setup("Ann").await, bea.setup("Bea").await];
        ann.node.command(None, Command::UseRelay { url: url.to_string() }).await.unwrap();
        let guild =
            SpaceId::from(ann.make(people[0], Command::CreateGuild { name: String::from("Home") }).await);
        let channels = ann.node.view().guilds[&guild].channels.clone();
        let channel = channels.values().find(|channel| channel.name == "general").unwrap().id;
        let invite = ann.make(people[0], Command::CreateInvite { channel, max_age_s: 0 }).await;
        let code = ann.node.view().invite_codes[&invite];
        Self { ann, relay, bea, url, people, channel, guild, code }
    }

    /// Bea follows the invite.
    async fn bea_joins(&self) {
        self.bea_shows_the_invite().await;
        self.bea.make(self.people[1], Command::Join { code: self.code }).await;
    }

    /// The relay may not have heard of it yet.
    async fn bea_shows_the_invite(&self) {
        let visit = async {
            while let Err(failure) = self.bea.mesh.visit(&invite(&self.url, self.code)).await {
                assert_eq!(failure, VisitFailure::UnknownInvite);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, visit).await.expect("the relay hears of the invite");
    }

    /// Who has heard every message may still lack something else.
    async fn become_the_same(&self) {
        loop {
            let mut states = Vec::new();
            for program in [&self.ann, &self.relay, &self.bea] {
                let status = program.node.status().await.unwrap();
                let guild = status.guilds.into_iter().find(|guild| guild.id == self.guild.to_hex()).unwrap();
                states.push((guild.state_hash, guild.timelines, guild.ops));
            }
            if states[0] == states[1] && states[1] == states[2] {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_talk_through_a_relay_and_go_on_after_it_was_away() {
    let town = Town::new().await;
    let [ann, bea] = town.people;
    town.ann.say(ann, town.channel, "before").await;
    town.bea_joins().await;
    town.bea.hears(town.channel, 1).await;
    town.bea.say(bea, town.channel, "hello").await;
    town.ann.hears(town.channel, 2).await;
    assert_eq!(town.ann.texts(town.channel), ["before", "hello"]);

    // The relay goes away; both write on; it comes back at the same place, with what it held.
    let port = town.relay.mesh.listening().unwrap().port();
    town.ann.hands_everything_over().await;
    town.relay.mesh.stop().await;
    town.relay.node.stop().await;
    town.ann.say(ann, town.channel, "alone").await;
    town.bea.say(bea, town.channel, "alone too").await;
    let queued = town.ann.queued();
    assert_eq!((queued.waiting, queued.messages.len()), (1, 1), "it is only here so far: {queued:?}");
    let (node, mesh) = start(&town.relay.folder, Role::Relay, port).await;
    let town = Town { relay: Program { node, mesh, ..town.relay }, ..town };
    town.ann.hears(town.channel, 4).await;
    town.bea.hears(town.channel, 4).await;
    town.relay.hears(town.channel, 4).await;
    let the_same = tokio::time::timeout(PATIENCE, town.become_the_same()).await;
    assert!(the_same.is_ok(), "they never hold the same");
    town.ann.hands_everything_over().await;
    assert_eq!(town.ann.queued(), nexus_node::Queued::default());
    for program in [town.ann, town.relay, town.bea] {
        program.end().await;
    }
}

/// The story of a bot that was the only one of its program in a guild: it was deleted while the relay was away, and stayed a member there
/// for ever, for nobody at home had a reason to dial that relay again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_from_a_program_in_a_guild_is_heard_to_go_whenever_its_relay_is_back() {
    let town = Town::new().await;
    let [_, bea] = town.people;
    let create = Command::CreateApplication { name: String::from("Echo"), description: String::new() };
    let bot = UserId::from(town.bea.make(bea, create).await);
    town.bea_shows_the_invite().await;
    town.bea.make(bot, Command::Join { code: town.code }).await;
    let is_in = |program: &Program| program.node.view().guilds[&town.guild].members.contains_key(&bot);
    until("the bot is in", || is_in(&town.ann)).await;
    town.bea.hands_everything_over().await;

    let port = town.relay.mesh.listening().unwrap().port();
    town.relay.mesh.stop().await;
    town.relay.node.stop().await;
    let delete = Command::DeleteApplication { application: bot };
    town.bea.node.command(Some(bea), delete).await.unwrap();
    assert!(town.bea.queued().waiting > 0, "what is only queued is shown as queued");
    // Nothing but the store remembers now that somebody of this program was there.
    town.bea.mesh.stop().await;
    town.bea.node.stop().await;
    let (node, mesh) = start(&town.bea.folder, Role::Node, 0).await;
    let at_bea = Program { node, mesh, ..town.bea };
    let (node, mesh) = start(&town.relay.folder, Role::Relay, port).await;
    let relay = Program { node, mesh, ..town.relay };
    until("the bot has gone", || !town.ann.node.view().guilds[&town.guild].members.contains_key(&bot)).await;
    at_bea.hands_everything_over().await;
    let name = || town.ann.node.view().users[&bot].name == "deleted account";
    until("its name is gone, too", name).await;
    for program in [town.ann, relay, at_bea] {
        program.end().await;
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let held = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, held).await.is_ok(), "never: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invite_that_opens_nothing_and_a_relay_that_is_none_are_told_apart() {
    let town = Town::new().await;
    let unknown = InviteCode::new([9; 16]);
    assert_eq!(town.bea.mesh.visit(&invite(&town.url, unknown)).await, Err(VisitFailure::UnknownInvite));
    let nobody: BaseUrl = "http://127.0.0.1:9".parse().unwrap();
    assert!(matches!(town.bea.mesh.visit(&invite(&nobody, unknown)).await, Err(VisitFailure::NotReached(_))));
}

fn invite(relay: &BaseUrl, code: InviteCode) -> InviteUrl {
    InviteUrl { relay: Some(relay.clone()), code, holder: None }
}

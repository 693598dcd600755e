//! A client that is cut off again and again, in mid-frame, misses nothing and hears nothing twice.

use super::client::{Client, Incoming};
use super::stage::{ALL_INTENTS, Account, Stage};
use nexus_load::cut::{Plan, Proxy};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

const CUTS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_in_mid_frame_100_times_each_event_is_heard_exactly_once() {
    // READY and GUILD_CREATE must fit between two cuts, packed or not.
    for (seed, parameters, bytes) in [
        (1, "v=10", 400..12_000),
        (2, "v=10&compress=zlib-stream", 400..4_000),
        (3, "v=10&compress=zstd-stream", 400..4_000),
    ] {
        let stage = Arc::new(Stage::set().await);
        stage.unleash_owner().await;
        let bot = stage.bot("Hal").await;
        let plan = Plan { seed, cuts: CUTS, bytes };
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let proxy = Proxy::start(listen, stage.address, plan).await.expect("starts");
        let enough = Arc::new(AtomicBool::new(false));
        let (begun, may_begin) = oneshot::channel();
        let talk = tokio::spawn(talk(stage.clone(), may_begin, enough.clone()));
        let mut listener = Listener { account: bot, parameters, at: proxy.address(), begun: Some(begun) };
        let heard = listener.listen(&proxy, &enough).await;
        let said = talk.await.expect("talks");
        assert_eq!(proxy.cuts(), CUTS);
        assert_eq!(heard.len(), said.len());
        assert!(heard == said, "each once and in order");
    }
}

/// Says something until it was enough; gives what was said.
async fn talk(stage: Arc<Stage>, may_begin: oneshot::Receiver<()>, enough: Arc<AtomicBool>) -> Vec<String> {
    may_begin.await.expect("somebody listens");
    let mut said = Vec::new();
    while !enough.load(Ordering::SeqCst) {
        let text = format!("message {}", said.len());
        stage.says(&stage.owner, &text).await;
        said.push(text);
    }
    stage.says(&stage.owner, "the end").await;
    said
}

struct Listener {
    account: Account,
    parameters: &'static str,
    at: SocketAddr,
    /// Told when there is a session that hears.
    begun: Option<oneshot::Sender<()>>,
}

impl Listener {
    /// Hears messages until the end, through all cuts; gives what they say.
    async fn listen(&mut self, proxy: &Proxy, enough: &AtomicBool) -> Vec<String> {
        let (mut session, mut heard) = (None, Vec::new());
        loop {
            let Ok(mut client) = Client::knock(self.at, self.parameters).await else { continue };
            if self.go_on(&mut client, session.as_ref()).await.is_none() {
                continue;
            }
            let ended = self.hear(&mut client, &mut heard, proxy, enough).await;
            if ended {
                return heard;
            }
            if !client.session_id.is_empty() {
                session = Some((client.session_id, client.seq));
            }
        }
    }

    /// HELLO, then RESUME or IDENTIFY.
    async fn go_on(&self, client: &mut Client, session: Option<&(String, u64)>) -> Option<()> {
        let Incoming::Op(10, _) = client.next().await else { return None };
        match session {
            Some((id, seq)) => {
                client.seq = *seq;
                client.resume(&self.account.token, id, *seq).await;
            }
            None => client.identify(&self.account.token, ALL_INTENTS).await,
        }
        Some(())
    }

    /// Hears until the cut, or the end of the talk.
    async fn hear(
        &mut self,
        client: &mut Client,
        heard: &mut Vec<String>,
        proxy: &Proxy,
        enough: &AtomicBool,
    ) -> bool {
        loop {
            match client.next().await {
                Incoming::Event(event) if event.name == "MESSAGE_CREATE" => {
                    let content = event.data["content"].as_str().expect("text").to_owned();
                    if content == "the end" {
                        return true;
                    }
                    heard.push(content);
                    enough.fetch_or(proxy.cuts() >= CUTS, Ordering::SeqCst);
                }
                Incoming::Event(event) if event.name == "READY" => {
                    let _ = self.begun.take().map(|begun| begun.send(()));
                }
                Incoming::Op(9, _) => panic!("the session was lost"),
                Incoming::Closed(_) => return false,
                _ => {}
            }
        }
    }
}

//! Load on a real relay: people who do not read, who all come back at once, who ask without end, who send too much. What is
//! asserted is counted, never timed. `cargo xtask prove load` runs the long form.

mod flooding_bot;
mod oversized;
mod reconnects;
mod slow_readers;

use anyhow::{Result, ensure};
use nexus_load::api::Api;
use nexus_load::gateway::{GUILD_MESSAGES, MESSAGE_CONTENT, Session};
use nexus_load::stage::{self, Stage};
use nexus_net::{Person, Program, Usage, eventually, text};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Only a test that fails waits so long for the next thing.
const PATIENCE: Duration = Duration::from_secs(90);
/// Files that may be open when it is over beyond those before: what is about to be noticed as gone.
const FILES_LEFT: usize = 32;
const INTENTS: u64 = GUILD_MESSAGES | MESSAGE_CONTENT;
/// Discord's application flag for reading what people write, in a bot of few guilds.
const GATEWAY_MESSAGE_CONTENT_LIMITED: u64 = 1 << 19;

/// As many as in a change run, or as the long form has.
fn size(short: usize, long: usize) -> usize {
    if std::env::var_os("NEXUS_LOAD_LONG").is_some() { long } else { short }
}

/// A relay, a guild of Rita's on it, and bots of hers that may write as fast as they can.
struct Scene {
    relay: Program,
    rita: Person,
    stage: Stage,
    _folder: TempDir,
}

impl Scene {
    async fn set(bots: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut relay = Program::relay(&folder.path().join("relay")).unwrap();
        relay.start().await.unwrap();
        let account = json!({ "username": "rita", "password": "correct horse battery staple" });
        let made = Person::new(&relay.base(), "").api.post("/auth/register", &account).await.unwrap();
        let rita = Person::new(&relay.base(), &text(&made["token"]).unwrap());
        let names: Vec<String> = bots.iter().copied().map(String::from).collect();
        let stage = stage::set(&rita.api, "Load", &[String::from("talk")], &names).await.unwrap();
        for bot in &stage.bots {
            let may_read = json!({ "flags": GATEWAY_MESSAGE_CONTENT_LIMITED });
            rita.api.patch(&format!("/applications/{}", bot.user), &may_read).await.unwrap();
        }
        Self { relay, rita, stage, _folder: folder }
    }

    fn bot(&self, number: usize) -> &Api {
        &self.stage.bots[number].api
    }

    /// Where everybody writes.
    fn path(&self) -> String {
        format!("/channels/{}/messages", self.stage.channels[0])
    }

    async fn says(&self, who: &Api, content: &str) {
        who.post(&self.path(), &json!({ "content": content })).await.unwrap();
    }

    fn usage(&self) -> Usage {
        Usage::of(self.relay.pid().unwrap()).unwrap()
    }

    /// The most that was ever resident.
    fn peak_kib(&self) -> u64 {
        Usage::peak_kib(self.relay.pid().unwrap()).unwrap()
    }

    /// Somebody listens until they have heard so many messages; what these say, in order.
    async fn listens(&self, who: &Api, messages: usize) -> JoinHandle<Result<Vec<String>>> {
        let session = Session::open(who, INTENTS).await.unwrap();
        tokio::spawn(async move { Ok(hears(session, messages).await?.1) })
    }

    /// What was opened by those who are gone is closed.
    async fn is_left_as_before(&self, before: Usage) {
        eventually("nothing of it stays open", async || {
            let files = self.usage().files;
            ensure!(files <= before.files + FILES_LEFT, "{files} files, {} before", before.files);
            Ok(Some(()))
        })
        .await
        .unwrap();
    }

    async fn verify(mut self) {
        self.relay.stop().await.unwrap();
        self.relay.ask(&["verify"]).unwrap();
    }
}

/// The next so many messages of a session, and the session.
async fn hears(mut session: Session, messages: usize) -> Result<(Session, Vec<String>)> {
    let mut heard = Vec::new();
    while heard.len() < messages {
        let next = tokio::time::timeout(PATIENCE, session.next()).await;
        let (event, frame) =
            next.map_err(|_| anyhow::anyhow!("{} of {messages} were heard", heard.len()))??;
        if event == "MESSAGE_CREATE" {
            heard.push(text(&serde_json::from_str::<Value>(frame.as_str())?["d"]["content"])?);
        }
    }
    Ok((session, heard))
}

//! A crowd of real nodes in one guild, each in a house of its own, and a listener at each.

use super::{PACE, SILENCE, Spread};
use anyhow::{Context, Result, bail};
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use nexus_net::{Person, Place, Program, Street, eventually, settled, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub(super) struct Crowd {
    nodes: Vec<Program>,
    people: Vec<(Person, Place)>,
    /// What is heard anywhere, and when.
    heard: mpsc::UnboundedReceiver<(String, Instant)>,
    _listeners: JoinSet<Result<()>>,
}

const GUILD: &str = "Crowd";

impl Crowd {
    pub(super) async fn gather(street: &Street, folder: &Path) -> Result<Self> {
        let (mut nodes, mut people) = (Vec::new(), Vec::new());
        for (number, house) in street.houses().iter().enumerate() {
            let name = format!("P{number}");
            let mut node = Program::in_a_house(&folder.join(&name), house.clone());
            let token = node.ask(&["setup", &name])?;
            node.start().await?;
            people.push(Person::new(&node.base(), &token));
            nodes.push(node);
        }
        meet(&nodes, &people).await?;
        settled(&nodes.iter().collect::<Vec<_>>()).await?;
        let mut placed = Vec::new();
        let (tell, heard) = mpsc::unbounded_channel();
        let mut listeners = JoinSet::new();
        for person in people {
            let place = person.find(GUILD).await?.context("in the guild")?;
            let mut session = Session::open(&person.api, GUILD_MESSAGES).await?;
            let tell = tell.clone();
            listeners.spawn(async move {
                loop {
                    let (event, frame) = session.next().await?;
                    if event == "MESSAGE_CREATE" {
                        let now = Instant::now();
                        let frame: Value = serde_json::from_str(frame.as_str())?;
                        let _ = tell.send((text(&frame["d"]["content"])?, now));
                    }
                }
            });
            placed.push((person, place));
        }
        Ok(Self { nodes, people: placed, heard, _listeners: listeners })
    }

    /// Everybody says something in turn, one message a while, and all is heard everywhere.
    pub(super) async fn spread(&mut self, street: &Street, name: &str, messages: usize) -> Result<Spread> {
        let quiet = street.bytes_between();
        tokio::time::sleep(SILENCE).await;
        let idle = (street.bytes_between() - quiet) as f64 / SILENCE.as_secs_f64();
        let (before, bytes, begun) = (self.traffic()?, street.bytes_between(), Instant::now());
        let mut said = BTreeMap::new();
        for number in 0..messages {
            let (person, place) = &self.people[number % self.people.len()];
            let content = format!("{name} {number}");
            said.insert(content.clone(), Instant::now());
            person.say(place, &content).await?;
            tokio::time::sleep(PACE).await;
        }
        let mut heard: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut lacking = messages * self.people.len();
        while lacking > 0 {
            let next = tokio::time::timeout(Duration::from_secs(60), self.heard.recv()).await;
            let Ok(Some((content, at))) = next else { bail!("{lacking} were never heard") };
            if let Some(begun) = said.get(&content) {
                heard.entry(content).or_default().push((at - *begun).as_secs_f64() * 1e3);
                lacking -= 1;
            }
        }
        // What is named is named within half a second, and answered.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let took = begun.elapsed().as_secs_f64();
        let bytes = (street.bytes_between() - bytes).saturating_sub((idle * took) as u64);
        let after = self.traffic()?;
        let mut spread = Spread {
            delays_ms: vec![],
            last_ms: vec![],
            repeats: after.0 - before.0,
            named: Some(after.1 - before.1),
            bytes,
            messages,
        };
        for delays in heard.into_values() {
            // The quickest is the window it was said at.
            let mut delays = delays;
            delays.sort_by(f64::total_cmp);
            spread.last_ms.extend(delays.last());
            spread.delays_ms.extend(delays.into_iter().skip(1));
        }
        Ok(spread)
    }

    /// Repeats and names so far.
    fn traffic(&self) -> Result<(u64, u64)> {
        let mut sum = (0, 0);
        for node in &self.nodes {
            let traffic = &node.status()?["mesh"]["traffic"];
            sum.0 += traffic["repeats"].as_u64().context("repeats")?;
            sum.1 += traffic["named"].as_u64().context("names")?;
        }
        Ok(sum)
    }
}

/// The first makes the guild, and lets everybody write as fast as they can.
async fn meet(nodes: &[Program], people: &[Person]) -> Result<()> {
    let owner = &people[0].api;
    owner.post("/guilds", &json!({ "name": GUILD })).await?;
    let place = people[0].find(GUILD).await?.context("a guild")?;
    let invite = owner.post(&format!("/channels/{}/invites", place.channel), &json!({})).await?;
    let url = text(&invite["nexus_url"])?;
    for node in &nodes[1..] {
        eventually("somebody is found", async || Ok(node.ask(&["join", &url]).ok())).await?;
    }
    let guild = &place.guild;
    let role = json!({ "name": "fast", "nexus": { "rate_class": "bulk" } });
    let role = text(&owner.post(&format!("/guilds/{guild}/roles"), &role).await?["id"])?;
    let members = eventually("all are in", async || {
        let members = owner.get(&format!("/guilds/{guild}/members?limit=100")).await?;
        Ok(members.as_array().filter(|members| members.len() == people.len()).cloned())
    });
    for member in members.await? {
        owner.put(&format!("/guilds/{guild}/members/{}/roles/{role}", text(&member["user"]["id"])?)).await?;
    }
    Ok(())
}

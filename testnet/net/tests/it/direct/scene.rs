//! A few people in houses of their own, each with a node that links with members wherever they are.

use nexus_net::{House, Nat, Person, Place, Program, Street, Weather, eventually, text};
use serde_json::{Value, json};

const GUILD: &str = "Apart";

/// Ada first; the relay, where there is one, in the last house.
pub(super) struct Scene {
    pub(super) street: Street,
    pub(super) nodes: Vec<Program>,
    people: Vec<Person>,
    relay: Option<Program>,
    folder: tempfile::TempDir,
}

impl Scene {
    /// People behind these routers, or in the open, who know of nobody; Ada has a guild.
    pub(super) async fn without_a_relay(nats: &[Option<Nat>]) -> Self {
        let houses = u8::try_from(nats.len() + 1).unwrap();
        let street = Street::through_air(houses, Weather::CALM)
            .expect("network namespaces and TAP devices: run as root");
        for (house, nat) in street.houses().iter().zip(nats) {
            nat.map(|nat| house.put_behind(nat).unwrap());
        }
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self { street, nodes: Vec::new(), people: Vec::new(), relay: None, folder };
        for number in 0..nats.len() {
            let house = scene.houses()[number].clone();
            let data = scene.folder.path().join(number.to_string());
            scene.settle_in(Program::direct_in_a_house(&data, house)).await;
        }
        scene.found_a_guild().await;
        scene
    }

    /// .. who all use a relay that takes in nobody's guilds, and were all invited by Ada.
    pub(super) async fn at_a_relay(nats: &[Nat]) -> Self {
        let nats: Vec<Option<Nat>> = nats.iter().copied().map(Some).collect();
        let mut scene = Self::without_a_relay(&nats).await;
        scene.open_a_relay(&["--hosting", "own"]).await;
        let url = scene.invite().await;
        for node in 1..nats.len() {
            scene.join(node, &url).await;
        }
        scene
    }

    /// Everybody uses it from their next start, which is now.
    async fn open_a_relay(&mut self, arguments: &[&str]) {
        let house = self.houses()[self.nodes.len()].clone();
        let mut relay = Program::relay_in_a_house(&self.folder.path().join("relay"), house).told(arguments);
        relay.start().await.unwrap();
        for number in 0..self.nodes.len() {
            self.nodes[number].stop().await.unwrap();
            let house = self.houses()[number].clone();
            let data = self.folder.path().join(number.to_string());
            let mut node = Program::direct_in_a_house(&data, house).with_relay(&relay.base());
            node.start().await.unwrap();
            self.nodes[number] = node;
        }
        for node in &self.nodes {
            let is_linked = |status: &Value| status["mesh"]["relays"][0]["state"] == "connected";
            eventually("the relay is reached", async || Ok(is_linked(&node.status()?).then_some(())))
                .await
                .unwrap();
        }
        self.relay = Some(relay);
    }

    async fn settle_in(&mut self, mut node: Program) {
        let token = node.ask(&["setup", "Somebody"]).unwrap();
        node.start().await.unwrap();
        self.people.push(Person::new(&node.base(), &token));
        self.nodes.push(node);
    }

    async fn found_a_guild(&self) {
        self.people[0].api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
        self.place(0).await;
    }

    pub(super) fn houses(&self) -> &[House] {
        self.street.houses()
    }

    pub(super) fn relay(&self) -> &Program {
        self.relay.as_ref().unwrap()
    }

    async fn place(&self, person: usize) -> Place {
        eventually("they are in the guild", async || self.people[person].find(GUILD).await).await.unwrap()
    }

    /// An invite of Ada's, as it is handed over.
    pub(super) async fn invite(&self) -> String {
        let channel = self.place(0).await.channel;
        let made =
            self.people[0].api.post(&format!("/channels/{channel}/invites"), &json!({})).await.unwrap();
        let url = text(&made["nexus_url"]).unwrap();
        for address in made["nexus_addresses"].as_array().unwrap() {
            assert!(url.contains(&format!("at={}", text(address).unwrap())), "what it tells is said: {made}");
        }
        url
    }

    pub(super) async fn join(&self, person: usize, url: &str) {
        eventually("they are let in", async || self.nodes[person].ask(&["join", url]).map(Some))
            .await
            .unwrap();
        self.place(person).await;
    }

    /// One says something, and the other hears it.
    pub(super) async fn hears(&self, from: usize, to: usize, words: &str) {
        self.people[from].say(&self.place(from).await, words).await.unwrap();
        let channel = self.place(to).await.channel;
        eventually(words, async || {
            Ok(self.people[to].texts(&channel).await?.contains(&String::from(words)).then_some(()))
        })
        .await
        .unwrap();
    }

    /// By what the one's link with the other goes.
    fn road(&self, one: usize, other: usize) -> Option<String> {
        let (one, other) = (self.nodes[one].status().ok()?, self.nodes[other].status().ok()?);
        let links = one["mesh"]["links"].as_array()?;
        let link = links.iter().find(|link| link["peer_key"] == other["mesh"]["peer_key"])?;
        text(&link["road"]).ok()
    }

    pub(super) async fn comes_to_be(&self, one: usize, other: usize, road: &str) {
        let what = format!("number {one} and number {other} are linked by {road}");
        eventually(&what, async || {
            let now = self.road(one, other);
            anyhow::ensure!(now.as_deref() == Some(road), "by {now:?}");
            Ok(Some(()))
        })
        .await
        .unwrap();
    }
}

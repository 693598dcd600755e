//! Three people on one network with no relay, a bot on one of their nodes, and cuts.

use nexus_net::{Person, Place, Program, Street, eventually, settled, sum, text};
use serde_json::json;
use std::time::Instant;

const GUILD: &str = "Street";

struct Neighbours {
    street: Street,
    nodes: Vec<Program>,
    people: Vec<Person>,
    tokens: Vec<String>,
    channels: Vec<String>,
    folder: tempfile::TempDir,
}

impl Neighbours {
    /// Three nodes that nobody but they know of, and three people in one guild.
    async fn gather() -> Self {
        let street = Street::of(3).expect("network namespaces: this test is run as root");
        let folder = tempfile::tempdir().unwrap();
        let (mut nodes, mut people, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
        for (house, name) in street.houses().iter().zip(["Ada", "Bob", "Cy"]) {
            let mut node = Program::in_a_house(&folder.path().join(name), house.clone());
            let token = node.ask(&["setup", name]).unwrap();
            node.start().await.unwrap();
            people.push(Person::new(&node.base(), &token));
            tokens.push(token);
            nodes.push(node);
        }
        let mut gathered = Self { street, nodes, people, tokens, channels: Vec::new(), folder };
        gathered.meet().await;
        for person in 0..3 {
            let place = gathered.place(person).await;
            gathered.channels.push(place.channel);
        }
        gathered
    }

    async fn meet(&self) {
        let ada = &self.people[0];
        ada.api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
        let place = self.place(0).await;
        let invite = ada.api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
        let url = text(&invite["nexus_url"]).unwrap();
        let (bare, holder) = url.split_once('#').unwrap();
        assert_eq!(bare, format!("nexus:{}", text(&invite["code"]).unwrap()));
        let here = self.street.houses()[0].address();
        assert!(holder.contains(&format!("at={here}:")), "it says where it was made: {url}");
        for node in &self.nodes[1..] {
            eventually("the neighbours are found", async || Ok(node.ask(&["join", bare]).ok()))
                .await
                .unwrap();
        }
        self.settled().await;
    }

    async fn place(&self, person: usize) -> Place {
        eventually("everybody is in the guild", async || self.people[person].find(GUILD).await).await.unwrap()
    }

    async fn say(&self, person: usize, words: &str) {
        let place = self.place(person).await;
        self.people[person].say(&place, words).await.unwrap();
    }

    async fn settled(&self) {
        settled(&self.nodes.iter().collect::<Vec<_>>()).await.unwrap();
    }

    /// What holds the same may have come through a third: links are made, and break, on their own time.
    async fn says(&self, node: usize, wanted: &str) {
        eventually(wanted, async || {
            let line = text(&self.nodes[node].status()?["mesh"]["line"])?;
            anyhow::ensure!(line == wanted, "{line}");
            Ok(Some(()))
        })
        .await
        .unwrap();
    }

    async fn texts(&self, person: usize) -> Vec<String> {
        let place = self.place(person).await;
        self.people[person].texts(&place.channel).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_people_with_no_relay_and_a_bot_hold_the_same_after_cuts_and_kills() {
    let mut all = Neighbours::gather().await;
    let bot = bot_of(&all).await;
    let ada = all.place(0).await;
    for (person, words) in [(0, "Ada"), (1, "Bob"), (2, "Cy")] {
        all.say(person, &format!("{words} is here")).await;
    }
    all.settled().await;
    all.says(0, "LAN only: direct to 2 peers").await;

    let mut said = 3;
    for round in 0..3 {
        // One is cut off, and both sides write; one of those who are left is killed in the middle of it.
        let away = round % 3;
        all.street.houses()[away].cut_off().unwrap();
        all.say_in_house(away, &format!("alone in round {round}"));
        let near = (round + 1) % 3;
        all.say(near, &format!("together in round {round}")).await;
        all.nodes[near].kill().unwrap();
        all.nodes[near].start().await.unwrap();
        said += 2;
        all.street.houses()[away].join().unwrap();
        let noted = format!("noted, round {round}");
        eventually("the bot's words", async || Ok(bot.say(&ada, &noted).await.ok())).await.unwrap();
        all.settled().await;
    }
    let timelines = [all.texts(0).await, all.texts(1).await, all.texts(2).await];
    assert!(timelines.windows(2).all(|pair| pair[0] == pair[1]), "{timelines:#?}");
    let words = timelines[0].iter().filter(|words| !words.starts_with("noted")).count();
    assert_eq!(words, said, "each once: {timelines:#?}");
    for node in &mut all.nodes {
        node.stop().await.unwrap();
        node.ask(&["verify"]).unwrap();
    }
    all.folder.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_alone_says_so_counts_what_waits_and_hands_it_over_when_somebody_comes() {
    let all = Neighbours::gather().await;
    for house in &all.street.houses()[1..] {
        house.cut_off().unwrap();
    }
    all.say(0, "is anybody there?").await;
    all.says(0, "offline: 1 waiting").await;
    all.street.houses()[2].join().unwrap();
    eventually("it is handed over", async || Ok((sum(&all.nodes[0].status()?, "outbox") == 0).then_some(())))
        .await
        .unwrap();
    eventually("Cy reads it", async || Ok((all.texts(2).await == ["is anybody there?"]).then_some(())))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_relay_dies_neighbours_go_on_by_themselves() {
    let street = Street::of(3).expect("network namespaces: this test is run as root");
    let folder = tempfile::tempdir().unwrap();
    let [there, ada, bob] = street.houses() else { panic!("three houses") };
    let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
    relay.start().await.unwrap();
    let (mut nodes, mut people) = (Vec::new(), Vec::new());
    for (house, name) in [(ada, "Ada"), (bob, "Bob")] {
        let mut node =
            Program::in_a_house(&folder.path().join(name), house.clone()).with_relay(&relay.base());
        let token = node.ask(&["setup", name]).unwrap();
        node.start().await.unwrap();
        people.push(Person::new(&node.base(), &token));
        nodes.push(node);
    }
    people[0].api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
    let place = eventually("the guild", async || people[0].find(GUILD).await).await.unwrap();
    let invite =
        people[0].api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
    let url = text(&invite["nexus_url"]).unwrap();
    eventually("Bob is let in", async || Ok(nodes[1].ask(&["join", &url]).ok())).await.unwrap();
    let at_bob = eventually("Bob is in", async || people[1].find(GUILD).await).await.unwrap();
    settled(&[&relay, &nodes[0], &nodes[1]]).await.unwrap();

    relay.kill().unwrap();
    let died = Instant::now();
    people[0].say(&place, "who is still here?").await.unwrap();
    eventually("Bob hears it", async || {
        Ok(people[1]
            .texts(&at_bob.channel)
            .await?
            .contains(&String::from("who is still here?"))
            .then_some(()))
    })
    .await
    .unwrap();
    eprintln!("they went on {} ms after the relay's death", died.elapsed().as_millis());
    let line = || text(&nodes[0].status().unwrap()["mesh"]["line"]).unwrap();
    eventually("it is said", async || Ok(line().starts_with("LAN only: direct to 1 peer").then_some(())))
        .await
        .unwrap();
}

/// A bot of Ada's, in the guild.
async fn bot_of(all: &Neighbours) -> Person {
    let ada = &all.people[0];
    let made = ada.api.post("/applications", &json!({ "name": "Clerk" })).await.unwrap();
    let id = text(&made["id"]).unwrap();
    let token = ada.api.post(&format!("/applications/{id}/bot/reset"), &json!({})).await.unwrap();
    let guild = all.place(0).await.guild;
    let grant = json!({ "guild_id": guild, "permissions": "2048", "authorize": true });
    let path = format!("/oauth2/authorize?client_id={id}&scope=bot+applications.commands");
    ada.api.post(&path, &grant).await.unwrap();
    all.settled().await;
    Person::new(&all.nodes[0].base(), &format!("Bot {}", text(&token["token"]).unwrap()))
}

impl Neighbours {
    /// Whoever is cut off still sits before their own node.
    fn say_in_house(&self, person: usize, words: &str) {
        let (node, house) = (&self.nodes[person], &self.street.houses()[person]);
        let mut ask = std::process::Command::new("curl");
        let place = format!("{}/api/v10/channels/{}/messages", node.base(), self.channels[person]);
        ask.args(["--silent", "--fail", "--header", "content-type: application/json", "--data"]);
        ask.arg(json!({ "content": words }).to_string());
        ask.args(["--header", &format!("authorization: {}", self.tokens[person]), &place]);
        house.run(&ask).unwrap();
    }
}

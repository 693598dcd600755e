//! A relay and three nodes, each in a house of its own, with a share of the accounts at each.

use super::play::{Play, Spoken, Stage};
use futures_util::StreamExt as _;
use nexus_load::api::Api;
use nexus_load::talk::Talk;
use nexus_net::{Person, Place, Program, Street, Weather, eventually, settled, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;

pub(super) const PROGRAMS: usize = 4;
const GUILD: &str = "Corpus";
const NAMES: [&str; PROGRAMS] = ["relay", "Ada", "Bob", "Cy"];

/// The programs, and who writes at each.
pub(super) struct Cast {
    pub(super) programs: Vec<Program>,
    pub(super) names: [&'static str; PROGRAMS],
    pub(super) accounts: usize,
    pub(super) street: Street,
    people: Vec<Person>,
    rooms: Vec<String>,
    stages: Vec<Stage>,
    _folder: TempDir,
}

/// A network somewhat worse than a good one.
const WEATHER: Weather = Weather {
    seed: 20_000,
    delay: Duration::from_millis(2),
    jitter: Duration::from_millis(2),
    loss: 0.002,
    reorder: 0.0,
};

impl Cast {
    pub(super) async fn gather(talk: &Talk, homes: &[usize]) -> Self {
        let street = Street::through_air(4, WEATHER).expect("namespaces and TAP devices: run as root");
        let folder = tempfile::tempdir().unwrap();
        let (programs, people) = start(&street, folder.path()).await;
        let rooms: Vec<String> = talk.rooms.iter().map(|room| room.name.clone()).collect();
        let accounts = talk.authors.len();
        let stages = Vec::new();
        let mut cast =
            Self { programs, names: NAMES, accounts, street, people, rooms, stages, _folder: folder };
        cast.meet().await;
        cast.settled().await;
        for program in 0..PROGRAMS {
            let stage = cast.furnish(program, homes, &talk.authors).await;
            cast.stages.push(stage);
        }
        cast.settled().await;
        cast.let_bots_write_fast().await;
        cast.settled().await;
        cast
    }

    /// Ada makes the guild; everybody is let in, and may let their bots in.
    async fn meet(&self) {
        let ada = &self.people[1].api;
        ada.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
        let place = self.place(1).await;
        let guild = &place.guild;
        for room in &self.rooms {
            let draft = json!({ "name": room, "type": 0 });
            ada.post(&format!("/guilds/{guild}/channels"), &draft).await.unwrap();
        }
        // Of class bulk: who owns no guild lets in sixty an hour otherwise.
        let staff = json!({ "name": "staff", "permissions": "8", "nexus": { "rate_class": "bulk" } });
        let staff = ada.post(&format!("/guilds/{guild}/roles"), &staff).await.unwrap();
        let invite = ada.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
        let code = text(&invite["code"]).unwrap();
        let at_relay = &self.people[0].api;
        let path = format!("/invites/{code}");
        eventually("the relay knows the invite", async || Ok(at_relay.get(&path).await.ok())).await.unwrap();
        at_relay.post(&path, &json!({})).await.unwrap();
        for node in &self.programs[2..] {
            let url = format!("{}/invite/{code}", self.programs[0].base());
            eventually("they are let in", async || node.ask(&["join", &url]).map(Some)).await.unwrap();
        }
        let members = eventually("all four are in", async || {
            let members = ada.get(&format!("/guilds/{guild}/members?limit=100")).await?;
            Ok(members.as_array().filter(|members| members.len() == PROGRAMS).cloned())
        });
        for member in members.await.unwrap() {
            let (user, staff) = (text(&member["user"]["id"]).unwrap(), text(&staff["id"]).unwrap());
            ada.put(&format!("/guilds/{guild}/members/{user}/roles/{staff}")).await.unwrap();
        }
    }

    /// Only an owner gives a role of rate class bulk.
    async fn let_bots_write_fast(&self) {
        let (ada, guild) = (&self.people[1].api, self.place(1).await.guild);
        let bulk = json!({ "name": "bulk", "nexus": { "rate_class": "bulk" } });
        let bulk = ada.post(&format!("/guilds/{guild}/roles"), &bulk).await.unwrap();
        let bulk = text(&bulk["id"]).unwrap();
        let give = async |bots: &BTreeSet<String>| {
            for bot in bots {
                ada.put(&format!("/guilds/{guild}/members/{bot}/roles/{bulk}")).await.unwrap();
            }
        };
        let first = bots_in(ada, &guild).await;
        give(&first).await;
        // Who was let in beside a checkpoint is in with the next one, and each 256 of these acts bring one.
        let all = eventually("all of them are in", async || {
            let all = bots_in(ada, &guild).await;
            Ok((all.len() == self.accounts).then_some(all))
        });
        give(&all.await.unwrap().difference(&first).cloned().collect()).await;
    }

    async fn place(&self, program: usize) -> Place {
        eventually("the guild", async || self.people[program].find(GUILD).await).await.unwrap()
    }

    /// The bots of a program's share of the authors.
    async fn furnish(&self, program: usize, homes: &[usize], authors: &[String]) -> Stage {
        let (owner, guild) = (&self.people[program], self.place(program).await.guild);
        let mut channels = Vec::new();
        for room in &self.rooms {
            channels.push(owner.channel(&guild, room).await.unwrap().unwrap());
        }
        let own = authors.iter().enumerate().filter(|(author, _)| homes[*author] == program);
        let bots = futures_util::stream::iter(own.collect::<Vec<_>>())
            .map(async |(author, name)| (author, bot(&owner.api, &guild, name).await));
        let bots: BTreeMap<usize, Api> = bots.buffered(8).collect().await;
        Stage { program, channels, bots }
    }

    pub(super) fn workers(&mut self, play: &Arc<Play>) -> Vec<JoinHandle<()>> {
        let stages = std::mem::take(&mut self.stages);
        stages.into_iter().map(|stage| tokio::spawn(play.clone().run(stage))).collect()
    }

    /// A program hears nothing of the others, and both sides write.
    pub(super) async fn cut_off(&self, program: usize, play: &Play, silence: Duration) {
        let messages = play.go_on();
        let house = &self.street.houses()[program];
        house.part_from_the_others().unwrap();
        let (written, silent) = (play.both_sides_write(program, messages, messages), sleep(silence));
        tokio::join!(written, silent);
        house.join().unwrap();
    }

    /// `kill -9`, while the others write.
    pub(super) async fn kill(&mut self, program: usize, play: &Play) {
        let messages = play.go_on();
        self.programs[program].kill().unwrap();
        play.both_sides_write(program, 0, messages).await;
        self.programs[program].start().await.unwrap();
        play.both_sides_write(program, 1, 0).await;
    }

    /// What was acknowledged is there, where it was written and thereby everywhere; and nothing that nobody wrote.
    pub(super) async fn hold(&mut self, spoken: &Spoken) {
        // What a relay lets somebody in with at first is over by now.
        self.people[0] = person_at(&self.programs[0], "login").await;
        let mut held = 0;
        for (room, name) in self.rooms.iter().enumerate() {
            let mut timelines = Vec::new();
            for (program, person) in self.people.iter().enumerate() {
                let guild = self.place(program).await.guild;
                let channel = person.channel(&guild, name).await.unwrap().unwrap();
                let all = person.everything(&channel).await.unwrap();
                let ids: BTreeSet<String> = all.iter().map(|message| text(&message["id"]).unwrap()).collect();
                let own = spoken.acknowledged.iter().filter(|(_, at)| **at == (program, room));
                for (id, _) in own {
                    assert!(ids.contains(id), "{id} was acknowledged at {} and is gone", self.names[program]);
                }
                let seen =
                    |message: &Value| [message["content"].clone(), message["author"]["username"].clone()];
                timelines.push(all.iter().map(seen).collect::<Vec<_>>());
            }
            assert!(timelines.windows(2).all(|pair| pair[0] == pair[1]), "#{name} differs");
            held += timelines[0].len();
        }
        let acknowledged = spoken.acknowledged.len();
        assert!((acknowledged..=acknowledged + spoken.unsure).contains(&held), "{held} of {acknowledged}");
    }

    async fn settled(&self) {
        settled(&self.programs.iter().collect::<Vec<_>>()).await.unwrap();
    }

    pub(super) async fn verify(&mut self) {
        for program in &mut self.programs {
            program.stop().await.unwrap();
            program.ask(&["verify"]).unwrap();
        }
    }
}

async fn start(street: &Street, folder: &Path) -> (Vec<Program>, Vec<Person>) {
    let houses = street.houses();
    let mut relay = Program::relay_in_a_house(&folder.join("relay"), houses[0].clone());
    relay.start().await.unwrap();
    let mut people = vec![person_at(&relay, "register").await];
    let url = relay.base();
    let mut programs = vec![relay];
    for (house, name) in houses[1..].iter().zip(&NAMES[1..]) {
        let mut node = Program::in_a_house(&folder.join(name), house.clone()).with_relay(&url);
        let token = node.ask(&["setup", name]).unwrap();
        node.start().await.unwrap();
        people.push(Person::new(&node.base(), &token));
        programs.push(node);
    }
    (programs, people)
}

/// Who lives on the relay, as they come in.
async fn person_at(relay: &Program, door: &str) -> Person {
    let (name, password) = ("rita", "correct horse battery staple");
    let account = json!({ "username": name, "login": name, "password": password });
    let made = Person::new(&relay.base(), "").api.post(&format!("/auth/{door}"), &account).await.unwrap();
    Person::new(&relay.base(), &text(&made["token"]).unwrap())
}

async fn bots_in(api: &Api, guild: &str) -> BTreeSet<String> {
    let (mut bots, mut last) = (BTreeSet::new(), String::from("0"));
    while let Some(page) = members_after(api, guild, &last).await {
        last = text(&page[page.len() - 1]["user"]["id"]).unwrap();
        let some = page.iter().filter(|member| member["user"]["bot"] == true);
        bots.extend(some.map(|bot| text(&bot["user"]["id"]).unwrap()));
    }
    bots
}

/// Up to a thousand; none where there are no more.
async fn members_after(api: &Api, guild: &str, last: &str) -> Option<Vec<Value>> {
    let page = api.get(&format!("/guilds/{guild}/members?limit=1000&after={last}")).await.unwrap();
    page.as_array().filter(|page| !page.is_empty()).cloned()
}

async fn bot(owner: &Api, guild: &str, name: &str) -> Api {
    let made = owner.post("/applications", &json!({ "name": name })).await.unwrap();
    let id = text(&made["id"]).unwrap();
    let reset = owner.post(&format!("/applications/{id}/bot/reset"), &json!({})).await.unwrap();
    let path = format!("/oauth2/authorize?client_id={id}&scope=bot+applications.commands");
    let install = json!({ "guild_id": guild, "permissions": "0", "authorize": true });
    owner.post(&path, &install).await.unwrap();
    owner.speaking_for(&format!("Bot {}", text(&reset["token"]).unwrap()))
}

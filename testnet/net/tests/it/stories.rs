//! Stories of authority, each of which must end well on every program: people contradict each other while nobody hears them, a
//! relay tells what it likes, a thief holds a device. The simulator tells the same of cores (`testnet/sim/src/world/scenes.rs`).

use anyhow::Result;
use nexus_net::{Person, Place, Program, eventually, settled, sum, text};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const GUILD: &str = "Town";
const MODERATES: u64 = 1 << 2 | 1 << 28;

/// Ann founded the guild and Ben is in it, on nodes of their own; Cat has an account on the relay between them.
struct Town {
    relay: Program,
    at_ann: Program,
    at_ben: Program,
    ann: Person,
    ben: Person,
    cat: Person,
    folder: TempDir,
}

impl Town {
    async fn gather() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut relay = Program::relay(&folder.path().join("relay")).unwrap();
        relay.start().await.unwrap();
        let (at_ann, ann) = node(&folder, "Ann", &relay).await;
        let (at_ben, ben) = node(&folder, "Ben", &relay).await;
        let account = json!({ "username": "cat", "password": "correct horse battery staple" });
        let made = Person::new(&relay.base(), "").api.post("/auth/register", &account).await.unwrap();
        let cat = Person::new(&relay.base(), &text(&made["token"]).unwrap());
        let town = Self { relay, at_ann, at_ben, ann, ben, cat, folder };
        town.meet().await;
        town
    }

    async fn meet(&self) {
        self.ann.api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
        let channel = place(&self.ann).await.channel;
        let made = self.ann.api.post(&format!("/channels/{channel}/invites"), &json!({})).await.unwrap();
        let code = text(&made["code"]).unwrap();
        eventually("Cat is let in", async || {
            Ok(self.cat.api.post(&format!("/invites/{code}"), &json!({})).await.ok())
        })
        .await
        .unwrap();
        let url = format!("{}/invite/{code}", self.relay.base());
        eventually("Ben is let in", async || self.at_ben.ask(&["join", &url]).map(Some)).await.unwrap();
        place(&self.ben).await;
        self.all_agree().await;
    }

    async fn all_agree(&self) {
        settled(&[&self.relay, &self.at_ann, &self.at_ben]).await.unwrap();
    }

    /// Ann makes a role, and gives it to somebody.
    async fn role(&self, name: &str, permissions: u64, to: Option<&str>) {
        let guild = place(&self.ann).await.guild;
        let role = json!({ "name": name, "permissions": permissions.to_string() });
        let made = self.ann.api.post(&format!("/guilds/{guild}/roles"), &role).await.unwrap();
        if let Some(to) = to {
            give(&self.ann, to, &text(&made["id"]).unwrap()).await;
        }
    }
}

async fn node(folder: &TempDir, name: &str, relay: &Program) -> (Program, Person) {
    let mut node = Program::node(&folder.path().join(name), &[relay.base()]).unwrap();
    let token = node.ask(&["setup", name]).unwrap();
    node.start().await.unwrap();
    let person = Person::new(&node.base(), &token);
    (node, person)
}

async fn place(person: &Person) -> Place {
    eventually("they are in the guild", async || person.find(GUILD).await).await.unwrap()
}

/// A member, as somebody's program shows them.
async fn member(by: &Person, name: &str) -> Result<Option<Value>> {
    let guild = place(by).await.guild;
    let members = by.api.get(&format!("/guilds/{guild}/members?limit=100")).await?;
    let is_it = |member: &&Value| {
        member["user"]["username"].as_str().is_some_and(|there| there.eq_ignore_ascii_case(name))
    };
    Ok(members.as_array().into_iter().flatten().find(is_it).cloned())
}

async fn id_of(by: &Person, name: &str) -> String {
    let member = eventually("they are known", async || member(by, name).await).await.unwrap();
    text(&member["user"]["id"]).unwrap()
}

async fn ban(by: &Person, name: &str) {
    let (guild, user) = (place(by).await.guild, id_of(by, name).await);
    by.api.put(&format!("/guilds/{guild}/bans/{user}")).await.unwrap();
}

async fn give(by: &Person, name: &str, role: &str) {
    let (guild, user) = (place(by).await.guild, id_of(by, name).await);
    by.api.put(&format!("/guilds/{guild}/members/{user}/roles/{role}")).await.unwrap();
}

async fn role_called(by: &Person, name: &str) -> String {
    let guild = place(by).await.guild;
    let roles = by.api.get(&format!("/guilds/{guild}/roles")).await.unwrap();
    let role = roles.as_array().unwrap().iter().find(|role| role["name"] == name);
    text(&role.expect("there is such a role")["id"]).unwrap()
}

async fn make_owners(by: &Person, names: &[&str]) {
    let mut owners = Vec::new();
    for name in names {
        owners.push(id_of(by, name).await);
    }
    let guild = place(by).await.guild;
    let body = json!({ "owners": owners, "threshold": 1 });
    by.api.put_json(&format!("/nexus/guilds/{guild}/owners"), &body).await.unwrap();
}

async fn owners(by: &Person) -> Vec<Value> {
    let guild = place(by).await.guild;
    let shown = by.api.get(&format!("/nexus/guilds/{guild}/owners")).await.unwrap();
    shown["owners"].as_array().unwrap().clone()
}

async fn has_handed_over(program: &Program) {
    eventually("nothing waits there", async || Ok((sum(&program.status()?, "outbox") == 0).then_some(())))
        .await
        .unwrap();
}

async fn is_out(person: &Person) {
    eventually("they hear that they are out", async || Ok(person.find(GUILD).await?.is_none().then_some(())))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_founders_who_ban_each_other_offline_leave_one_of_them_everywhere() {
    let mut town = Town::gather().await;
    make_owners(&town.ann, &["Ann", "Ben"]).await;
    town.all_agree().await;
    town.relay.kill().unwrap();
    make_owners(&town.ann, &["Ann"]).await;
    make_owners(&town.ben, &["Ben"]).await;
    ban(&town.ann, "Ben").await;
    ban(&town.ben, "Ann").await;

    town.relay.start().await.unwrap();
    for program in [&town.at_ann, &town.at_ben] {
        has_handed_over(program).await;
    }
    let wins = eventually("one of them hears that they are out", async || {
        let out = [town.ann.find(GUILD).await?.is_none(), town.ben.find(GUILD).await?.is_none()];
        Ok((out[0] != out[1]).then_some(out[1]))
    });
    let (winner, program, loser) = match wins.await.unwrap() {
        true => (&town.ann, &town.at_ann, "Ben"),
        false => (&town.ben, &town.at_ben, "Ann"),
    };
    settled(&[&town.relay, program]).await.unwrap();
    for person in [winner, &town.cat] {
        assert_eq!(owners(person).await.len(), 1);
        assert!(member(person, loser).await.unwrap().is_none(), "one of them is out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_moderator_promotes_after_their_ban_is_no_promotion() {
    let mut town = Town::gather().await;
    town.role("mods", MODERATES, Some("Ben")).await;
    town.role("low", 0, None).await;
    town.all_agree().await;
    town.relay.kill().unwrap();
    ban(&town.ann, "Ben").await;
    let low = role_called(&town.ben, "low").await;
    give(&town.ben, "Cat", &low).await;

    town.relay.start().await.unwrap();
    for program in [&town.at_ann, &town.at_ben] {
        has_handed_over(program).await;
    }
    settled(&[&town.relay, &town.at_ann]).await.unwrap();
    for by in [&town.ann, &town.cat] {
        let cat = member(by, "Cat").await.unwrap().expect("Cat is in");
        assert_eq!(cat["roles"], json!([]), "Ben's word came after his ban");
        assert!(member(by, "Ben").await.unwrap().is_none());
    }
    is_out(&town.ben).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_keeps_a_ban_to_itself_keeps_nobody_in() {
    let mut town = Town::gather().await;
    let (data, copy) = (town.folder.path().join("relay"), town.folder.path().join("before"));
    town.relay.stop().await.unwrap();
    copy_folder(&data, &copy);
    town.relay.start().await.unwrap();
    town.all_agree().await;
    town.at_ben.kill().unwrap();
    ban(&town.ann, "Cat").await;
    settled(&[&town.relay, &town.at_ann]).await.unwrap();
    // It shows Ben what there was before, as if nothing had happened.
    town.at_ann.kill().unwrap();
    town.relay.stop().await.unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&copy, &data).unwrap();
    town.relay.start().await.unwrap();
    town.at_ben.start().await.unwrap();
    town.ben.say(&place(&town.ben).await, "anybody here?").await.unwrap();
    has_handed_over(&town.at_ben).await;
    assert!(member(&town.ben, "Cat").await.unwrap().is_some(), "Ben cannot know yet");

    town.at_ann.start().await.unwrap();
    eventually("Ben hears of the ban", async || Ok(member(&town.ben, "Cat").await?.is_none().then_some(())))
        .await
        .unwrap();
    town.all_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_with_a_moderators_device_does_nothing_that_lasts() {
    let mut town = Town::gather().await;
    town.role("mods", MODERATES, Some("Cat")).await;
    town.all_agree().await;
    town.relay.kill().unwrap();
    // What Cat writes with lies on the relay. She tells Ann that it is not hers any more.
    let (guild, cat) = (place(&town.ann).await.guild, id_of(&town.ann, "Cat").await);
    let devices = format!("/nexus/guilds/{guild}/members/{cat}/devices");
    let shown = town.ann.api.get(&devices).await.unwrap();
    let device = text(&shown[0]["device"]).unwrap();
    town.ann.api.delete(&format!("{devices}/{device}")).await.unwrap();
    town.at_ann.kill().unwrap();
    // Where nobody knows it yet the thief bans Ben, and Ben believes it.
    town.relay.start().await.unwrap();
    ban(&town.cat, "Ben").await;
    is_out(&town.ben).await;

    town.at_ann.start().await.unwrap();
    town.all_agree().await;
    for by in [&town.ann, &town.ben] {
        assert!(member(by, "Ben").await.unwrap().is_some(), "the ban came to nothing, and Ben hears so");
        assert!(member(by, "Cat").await.unwrap().is_some(), "Cat stays");
    }
    let told = town.cat.say(&place(&town.cat).await, "I am Cat").await;
    assert!(told.is_err(), "the thief says nothing more");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

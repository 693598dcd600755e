//! Stories of authority, each of which must end well on every program: people contradict each other while nobody hears them, a
//! relay tells what it likes, a thief holds a device. The simulator tells the same of cores (`testnet/sim/src/world/scenes.rs`).

use anyhow::{Result, ensure};
use nexus_load::api::ApiError;
use nexus_net::{Left, Person, Place, PowerCut, Program, eventually, settled, sum, text};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const GUILD: &str = "Town";
/// A guild of Ann's in which nobody else is.
const ALONE: &str = "Hermitage";
/// How what she says there begins.
const BEFORE: &str = "before cut";
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
        self.at_ben.ask(&["join", &format!("{}/invite/{code}", self.relay.base())]).unwrap();
        place(&self.ben).await;
        self.all_agree().await;
    }

    async fn all_agree(&self) {
        settled(&[&self.relay, &self.at_ann, &self.at_ben]).await.unwrap();
    }

    /// .. whatever other guilds some of them hold.
    async fn all_hold_the_same_town(&self) {
        let held = |program: &Program| -> Result<Value> {
            let status = program.status()?;
            let guild =
                status["guilds"].as_array().into_iter().flatten().find(|guild| guild["name"] == GUILD);
            let waits = sum(&status, "outbox") > 0;
            Ok(guild.map(|guild| json!([guild["state_hash"], guild["timelines"], waits])).unwrap_or_default())
        };
        let programs = [&self.relay, &self.at_ann, &self.at_ben];
        eventually("all hold the same town, and nothing waits", async || {
            let first = held(programs[0])?;
            ensure!(first[0].is_string() && first[2] == false, "{first:#}");
            for other in &programs[1..] {
                let other = held(other)?;
                ensure!(other == first, "{other:#} {first:#}");
            }
            Ok(Some(()))
        })
        .await
        .unwrap();
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
    assert_eq!(owners(&town.cat).await.len(), 1);
    let (ann, ben) = (member(&town.cat, "Ann").await.unwrap(), member(&town.cat, "Ben").await.unwrap());
    assert_ne!(ann.is_some(), ben.is_some(), "one of them is out");
    let (winner, program, loser) = match ann {
        Some(_) => (&town.ann, &town.at_ann, &town.ben),
        None => (&town.ben, &town.at_ben, &town.ann),
    };
    settled(&[&town.relay, program]).await.unwrap();
    assert_eq!(owners(winner).await.len(), 1);
    is_out(loser).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_in_the_middle_of_a_checkpoint_leaves_one_checkpoint_or_none() {
    let mut town = Town::gather().await;
    town.role("mods", MODERATES, Some("Ben")).await;
    town.role("low", 0, None).await;
    town.all_agree().await;
    town.relay.kill().unwrap();
    // A word of Ben's that no checkpoint of Ann's will have seen, as none of them has seen hers.
    let low = role_called(&town.ben, "low").await;
    give(&town.ben, "Cat", &low).await;
    town.at_ann.stop().await.unwrap();
    let disk = PowerCut::in_folder(town.folder.path()).unwrap();
    town.at_ann = disk.under(town.at_ann);
    town.at_ann.start().await.unwrap();
    town.ann.api.post("/guilds", &json!({ "name": ALONE })).await.unwrap();
    seal_in_spite_of(&disk, (Left::EveryOtherWrite, 4), &mut town, ALONE).await;
    let said = seal_in_spite_of(&disk, (Left::Nothing, 1), &mut town, GUILD).await;

    town.relay.start().await.unwrap();
    eventually("what Ben said is said again on top of it", async || {
        let cat = member(&town.cat, "Cat").await?.unwrap_or_default();
        Ok((cat["roles"] == json!([role_called(&town.cat, "low").await])).then_some(()))
    })
    .await
    .unwrap();
    town.all_hold_the_same_town().await;
    for by in [&town.ann, &town.ben, &town.cat] {
        let place = place(by).await;
        assert_eq!(rules(by, &place).await, 2, "there is one checkpoint");
        let there = by.texts(&place.channel).await.unwrap();
        assert!(
            said.iter().all(|text| there.iter().filter(|other| *other == text).count() == 1),
            "{there:?}"
        );
    }
    for program in [&mut town.at_ann, &mut town.at_ben, &mut town.relay] {
        program.stop().await.unwrap();
        program.ask(&["verify"]).unwrap();
    }
}

/// Ann seals a guild (other rules begin to hold at a checkpoint that she asks for), and each time the power goes some steps later, until
/// her node comes back with the checkpoint. What she was told is kept, meanwhile.
async fn seal_in_spite_of(
    disk: &PowerCut,
    (left, stride): (Left, usize),
    town: &mut Town,
    guild: &str,
) -> Vec<String> {
    let place = town.ann.find(guild).await.unwrap().expect("it is there");
    let mut said = Vec::new();
    for step in (1..).step_by(stride) {
        let text = format!("{BEFORE} {step}");
        town.ann.say(&place, &text).await.unwrap();
        said.push(text);
        disk.after(step, left).unwrap();
        let sealed = town.ann.api.put_json(&rules_of(&place), &json!({ "rules_version": 2 })).await;
        let was_cut = disk.no_more().unwrap() == 0;
        match sealed {
            Ok(_) => assert!(!was_cut, "who answers has not been cut off"),
            Err(ApiError::Transport { .. }) => assert!(was_cut, "it ended before its time"),
            Err(refused) => panic!("{refused}"),
        }
        if was_cut {
            town.at_ann.kill().unwrap();
            town.at_ann.start().await.unwrap();
        }
        if rules(&town.ann, &place).await == 2 {
            break;
        }
        assert!(was_cut, "what was acknowledged is not there");
    }
    assert!(said.len() > 2, "it was never cut off in the middle");
    let there = town.ann.texts(&place.channel).await.unwrap();
    let there: Vec<String> = there.into_iter().rev().filter(|text| text.starts_with(BEFORE)).collect();
    assert_eq!(there, said, "what was acknowledged, once");
    said
}

fn rules_of(place: &Place) -> String {
    format!("/nexus/guilds/{}/rules", place.guild)
}

async fn rules(by: &Person, place: &Place) -> u64 {
    by.api.get(&rules_of(place)).await.unwrap()["rules_version"].as_u64().unwrap()
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

//! Relays are replaceable: a guild outlives any of them, and its members fill the next one.

use anyhow::{Result, ensure};
use nexus_net::{Person, Place, Program, eventually, settled, text};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const GUILD: &str = "Workshop";

async fn node(folder: &TempDir, name: &str, relays: &[String]) -> (Program, Person) {
    let mut node = Program::node(&folder.path().join(name), relays).unwrap();
    let token = node.ask(&["setup", name]).unwrap();
    node.start().await.unwrap();
    let person = Person::new(&node.base(), &token);
    (node, person)
}

async fn relay(folder: &TempDir, name: &str) -> Program {
    let mut relay = Program::relay(&folder.path().join(name)).unwrap();
    relay.start().await.unwrap();
    relay
}

async fn register(relay: &Program, name: &str) -> Person {
    let account = json!({ "username": name, "password": "correct horse battery staple" });
    let made = Person::new(&relay.base(), "").api.post("/auth/register", &account).await.unwrap();
    Person::new(&relay.base(), &text(&made["token"]).unwrap())
}

async fn found(person: &Person) -> Place {
    person.api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
    person.find(GUILD).await.unwrap().unwrap()
}

async fn invite(person: &Person, place: &Place) -> String {
    let made = person.api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
    text(&made["code"]).unwrap()
}

/// Joins at the window of a relay that holds the guild.
async fn join_at(person: &Person, code: &str) -> Place {
    eventually("the relay knows the invite", async || {
        Ok(person.api.post(&format!("/invites/{code}"), &json!({})).await.ok())
    })
    .await
    .unwrap();
    place(person).await
}

async fn place(person: &Person) -> Place {
    eventually("they are in the guild", async || person.find(GUILD).await).await.unwrap()
}

async fn relays(person: &Person, place: &Place) -> Result<Vec<(String, String)>> {
    let shown = person.api.get(&format!("/nexus/guilds/{}/relays", place.guild)).await?;
    let each = |relay: &Value| Ok((text(&relay["url"])?, text(&relay["state"])?));
    shown["relays"].as_array().into_iter().flatten().map(each).collect()
}

async fn stands(person: &Person, place: &Place, wanted: &[(&Program, &str)]) {
    let wanted: Vec<(String, String)> =
        wanted.iter().map(|(relay, state)| (relay.base(), (*state).to_owned())).collect();
    eventually("each relay has the guild as far as it should", async || {
        let now = relays(person, place).await?;
        ensure!(now == wanted, "{now:?}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}

async fn name(person: &Person, place: &Place, relays: &[&Program]) {
    let urls: Vec<String> = relays.iter().map(|relay| relay.base()).collect();
    let path = format!("/nexus/guilds/{}/relays", place.guild);
    person.api.put_json(&path, &json!({ "relays": urls })).await.unwrap();
}

async fn hears(person: &Person, channel: &str, wanted: &str) {
    eventually(wanted, async || {
        let texts = person.texts(channel).await?;
        Ok(texts.iter().any(|text| text == wanted).then_some(()))
    })
    .await
    .unwrap();
}

async fn verify(programs: Vec<Program>) {
    for mut program in programs {
        program.stop().await.unwrap();
        program.ask(&["verify"]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_relay_takes_the_place_of_one_that_is_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = relay(&folder, "old").await;
    let (ann_node, ann) = node(&folder, "ann", &[old.base()]).await;
    let (bea_node, bea) = node(&folder, "bea", &[old.base()]).await;
    let at_ann = found(&ann).await;
    let hidden = json!({ "name": "hidden", "type": 0, "permission_overwrites": [
        { "id": at_ann.guild, "type": 0, "deny": "1024", "allow": "0" } ] });
    let hidden = ann.api.post(&format!("/guilds/{}/channels", at_ann.guild), &hidden).await.unwrap();
    let hidden = text(&hidden["id"]).unwrap();
    ann.say(&Place { channel: hidden, ..at_ann.clone() }, "for few").await.unwrap();
    let code = invite(&ann, &at_ann).await;
    let join = |base: String, code: &str| ["join".to_owned(), format!("{base}/invite/{code}")];
    eventually("Bea joins", async || {
        let [join, url] = join(old.base(), &code);
        Ok(bea_node.ask(&[&join, &url]).ok())
    })
    .await
    .unwrap();
    let at_bea = place(&bea).await;
    bea.say(&at_bea, "before").await.unwrap();
    settled(&[&old, &ann_node]).await.unwrap();
    stands(&bea, &at_bea, &[(&old, "filled")]).await;

    old.kill().unwrap();
    std::fs::remove_dir_all(folder.path().join("old")).unwrap();
    bea.say(&at_bea, "while there was none").await.unwrap();
    let mut new = Program::relay(&folder.path().join("new")).unwrap();
    let said = ann_node.ask(&["guild", "relays", GUILD, &new.base()]).unwrap();
    assert!(said.contains("not filled yet") || said.contains("not reached"), "nothing is there: {said}");
    stands(&ann, &at_ann, &[(&new, "not_reached")]).await;
    new.start().await.unwrap();
    stands(&ann, &at_ann, &[(&new, "filled")]).await;
    let code = invite(&ann, &at_ann).await;
    // With no relay left that both know, an invite is how a member hears of the new one.
    let (dan_node, dan) = node(&folder, "dan", &[]).await;
    for node in [&bea_node, &dan_node] {
        eventually("they follow the invite", async || {
            let [join, url] = join(new.base(), &code);
            node.ask(&[&join, &url]).map(Some)
        })
        .await
        .unwrap();
    }
    let at_dan = place(&dan).await;
    ann.say(&at_ann, "after").await.unwrap();
    settled_but_for_what_is_hidden(&[&ann, &bea, &dan]).await;
    settled(&[&new, &ann_node]).await.unwrap();
    for heard in ["before", "while there was none", "after"] {
        hears(&dan, &at_dan.channel, heard).await;
    }
    verify(vec![new, ann_node, bea_node, dan_node]).await;
}

async fn settled_but_for_what_is_hidden(people: &[&Person]) {
    eventually("all read the same", async || {
        let mut all = Vec::new();
        for person in people {
            all.push(person.texts(&place(person).await.channel).await?);
        }
        ensure!(all.iter().all(|texts| *texts == all[0] && texts.len() == 3), "{all:?}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_live_on_relays_stay_together_when_their_guild_moves_and_no_node_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (relay(&folder, "one").await, relay(&folder, "other").await);
    let (cat, dora) = (register(&one, "cat").await, register(&other, "dora").await);
    let at_cat = found(&cat).await;
    stands(&cat, &at_cat, &[(&one, "here")]).await;
    cat.say(&at_cat, "before").await.unwrap();
    name(&cat, &at_cat, &[&one, &other]).await;
    stands(&cat, &at_cat, &[(&one, "here"), (&other, "filled")]).await;
    let at_dora = join_at(&dora, &invite(&cat, &at_cat).await).await;
    hears(&dora, &at_dora.channel, "before").await;
    dora.say(&at_dora, "from the other").await.unwrap();
    hears(&cat, &at_cat.channel, "from the other").await;
    name(&cat, &at_cat, &[&other]).await;
    stands(&dora, &at_dora, &[(&other, "here")]).await;
    cat.say(&at_cat, "from one that is named no more").await.unwrap();
    hears(&dora, &at_dora.channel, "from one that is named no more").await;
    settled(&[&one, &other]).await.unwrap();
    verify(vec![one, other]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_use_the_next_relay_when_one_dies_and_move_when_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (mut first, second, third) =
        (relay(&folder, "first").await, relay(&folder, "second").await, relay(&folder, "third").await);
    let (ann_node, ann) = node(&folder, "ann", &[first.base()]).await;
    let (bea_node, bea) = node(&folder, "bea", &[first.base()]).await;
    let at_ann = found(&ann).await;
    name(&ann, &at_ann, &[&first, &second]).await;
    let code = invite(&ann, &at_ann).await;
    stands(&ann, &at_ann, &[(&first, "filled"), (&second, "filled")]).await;
    let url = format!("{}/invite/{code}", first.base());
    eventually("Bea joins", async || bea_node.ask(&["join", &url]).map(Some)).await.unwrap();
    let at_bea = place(&bea).await;
    stands(&bea, &at_bea, &[(&first, "filled"), (&second, "filled")]).await;

    first.kill().unwrap();
    ann.say(&at_ann, "through the next").await.unwrap();
    hears(&bea, &at_bea.channel, "through the next").await;
    name(&ann, &at_ann, &[&third]).await;
    stands(&bea, &at_bea, &[(&third, "filled")]).await;
    bea.say(&at_bea, "through a third").await.unwrap();
    hears(&ann, &at_ann.channel, "through a third").await;
    settled(&[&third, &ann_node, &bea_node]).await.unwrap();
    let other =
        bea.api.put_json(&format!("/nexus/guilds/{}/relays", at_bea.guild), &json!({ "relays": [] })).await;
    assert!(other.unwrap_err().to_string().contains("403"), "only an owner names relays");
    verify(vec![second, third, ann_node, bea_node]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_restored_from_an_old_copy_forks_nothing_and_has_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("relay"), folder.path().join("copy"));
    let mut relay = relay(&folder, "relay").await;
    let (node, ann) = node(&folder, "ann", &[relay.base()]).await;
    let cat = register(&relay, "cat").await;
    let at_ann = found(&ann).await;
    let at_cat = join_at(&cat, &invite(&ann, &at_ann).await).await;
    cat.say(&at_cat, "in the copy").await.unwrap();
    settled(&[&relay, &node]).await.unwrap();
    relay.stop().await.unwrap();
    copy_folder(&data, &copy);
    relay.start().await.unwrap();
    for number in 0..3 {
        cat.say(&at_cat, &format!("after the copy {number}")).await.unwrap();
    }
    ann.say(&at_ann, "Ann, after the copy").await.unwrap();
    settled(&[&relay, &node]).await.unwrap();

    relay.kill().unwrap();
    ann.say(&at_ann, "while it was away").await.unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&copy, &data).unwrap();
    relay.start().await.unwrap();
    let cat = log_in(&relay, "cat").await;
    eventually("she may write once the relay has learned what she wrote", async || {
        Ok(Some(cat.say(&place(&cat).await, "from a new device").await?))
    })
    .await
    .unwrap();
    settled(&[&relay, &node]).await.unwrap();
    let texts = ann.texts(&at_ann.channel).await.unwrap();
    let wanted = [
        "in the copy",
        "after the copy 0",
        "after the copy 1",
        "after the copy 2",
        "Ann, after the copy",
        "while it was away",
        "from a new device",
    ];
    assert!(wanted.iter().all(|text| texts.iter().any(|there| there == text)), "{texts:?}");
    assert_eq!(texts.len(), wanted.len(), "each is there once: {texts:?}");
    eventually("the relay says no more that it was restored", async || {
        let line = text(&relay.status()?["mesh"]["line"])?;
        ensure!(!line.contains("restored from a copy"), "{line}");
        Ok(Some(()))
    })
    .await
    .unwrap();
    verify(vec![relay, node]).await;
}

async fn log_in(relay: &Program, name: &str) -> Person {
    let account = json!({ "login": name, "password": "correct horse battery staple" });
    let made = Person::new(&relay.base(), "").api.post("/auth/login", &account).await.unwrap();
    Person::new(&relay.base(), &text(&made["token"]).unwrap())
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

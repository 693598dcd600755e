//! Two relays of one guild, one of which was changed: what it withholds comes by the other, and it is found and named.

use anyhow::{Context as _, Result, ensure};
use nexus_net::{Person, Place, Program, Withholder, eventually, text};
use serde_json::{Value, json};
use tempfile::TempDir;

const GUILD: &str = "Workshop";

async fn node(folder: &TempDir, name: &str, relays: &[String]) -> (Program, Person) {
    let node = Program::node(&folder.path().join(name), relays).unwrap();
    let mut node = node.with(&["--relay-grace", "1"]);
    let token = node.ask(&["setup", name]).unwrap();
    node.start().await.unwrap();
    let person = Person::new(&node.base(), &token);
    (node, person)
}

async fn place(person: &Person) -> Place {
    eventually("they are in the guild", async || person.find(GUILD).await).await.unwrap()
}

/// How a person's program says that a relay has the guild.
async fn shown(person: &Person, relay: &str) -> Result<Value> {
    let place = person.find(GUILD).await?.context("not in the guild")?;
    let shown = person.api.get(&format!("/nexus/guilds/{}/relays", place.guild)).await?;
    let mut relays = shown["relays"].as_array().into_iter().flatten();
    relays.find(|each| each["url"] == relay).cloned().context("the guild does not name it")
}

async fn becomes(person: &Person, relay: &str, state: &str) {
    eventually(&format!("{relay} becomes {state}"), async || {
        let shown = shown(person, relay).await?;
        ensure!(shown["state"] == state, "{shown}");
        Ok(Some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_says_it_has_what_it_withholds_is_found_beside_one_that_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut honest = Program::relay(&folder.path().join("honest")).unwrap();
    honest.start().await.unwrap();
    let changed = Withholder::of("Ann").await.unwrap();
    let relays = [honest.base(), changed.base()];
    let (ann_node, ann) = node(&folder, "Ann", &relays).await;
    let (bea_node, bea) = node(&folder, "Bea", &relays).await;
    ann.api.post("/guilds", &json!({ "name": GUILD })).await.unwrap();
    let at_ann = place(&ann).await;
    let invite = ann.api.post(&format!("/channels/{}/invites", at_ann.channel), &json!({})).await.unwrap();
    let url = format!("{}/invite/{}", honest.base(), text(&invite["code"]).unwrap());
    eventually("Bea joins", async || Ok(bea_node.ask(&["join", &url]).ok())).await.unwrap();
    let at_bea = place(&bea).await;
    for person in [&ann, &bea] {
        for relay in &relays {
            becomes(person, relay, "filled").await;
        }
    }

    ann.say(&at_ann, "to everybody").await.unwrap();
    bea.say(&at_bea, "heard").await.unwrap();
    for (person, place) in [(&ann, &at_ann), (&bea, &at_bea)] {
        eventually("nobody misses anything by it", async || {
            let texts = person.texts(&place.channel).await?;
            Ok((texts.len() == 2).then_some(()))
        })
        .await
        .unwrap();
    }
    for person in [&ann, &bea] {
        eventually("one op of one channel is found to be withheld", async || {
            let lacking = shown(person, &changed.base()).await?;
            let shortfall = &lacking["shortfall"];
            let found = (&lacking["state"], &shortfall["what"], &shortfall["ops"], &shortfall["channels"]);
            let wanted = (&json!("lacking"), &json!("shown"), &json!(1), &json!(["general"]));
            ensure!(found == wanted, "{lacking}");
            Ok(Some(()))
        })
        .await
        .unwrap();
        // And only of that one, once it had the time to say what it has.
        becomes(person, &honest.base(), "filled").await;
    }
    eventually("it is told in words", async || {
        let told = ann_node.ask(&["status"])?;
        let line = told.lines().find(|line| line.contains(&changed.base()) && line.contains("#general"));
        let is_told = |line: &str| line.contains("1 op") && line.contains("members' own links");
        ensure!(line.is_some_and(is_told), "{told}");
        Ok(Some(()))
    })
    .await
    .unwrap();

    changed.repents();
    for person in [&ann, &bea] {
        becomes(person, &changed.base(), "filled").await;
    }
    for mut program in [ann_node, bea_node, honest] {
        program.stop().await.unwrap();
        program.ask(&["verify"]).unwrap();
    }
}

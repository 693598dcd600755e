//! What somebody keeps for themself, with their devices here and there: every device reads it, and a relay that holds it for them does not.

use super::{Home, reads};
use anyhow::Result;
use nexus_net::{Company, Person, Program, eventually};
use nexus_node::store::Folder;
use serde_json::{Value, json};

/// Found in no other file.
const SECRET: &str = "quarterdeck-marmalade";
const SAID: &str = "halyards-and-gingerbread";

async fn drafts(person: &Person, channel: &str, text: &str) -> Result<()> {
    person.api.put_json(&format!("/nexus/drafts/{channel}"), &json!({ "text": text })).await?;
    Ok(())
}

async fn sets(person: &Person, name: &str, value: &str) -> Result<()> {
    person.api.patch("/users/@me/settings", &json!({ name: value })).await?;
    Ok(())
}

async fn shows_draft(person: &Person, channel: &str, text: &str) {
    let wanted = json!({ "channel_id": channel, "text": text });
    eventually(&format!("the draft {text:?} is there"), async || {
        let all = person.api.get("/nexus/drafts").await?;
        Ok(all.as_array().is_some_and(|all| all.contains(&wanted)).then_some(()))
    })
    .await
    .unwrap();
}

async fn shows_setting(person: &Person, name: &str, value: &str) {
    eventually(&format!("{name} is set"), async || {
        let all = person.api.get("/users/@me/settings").await?;
        Ok((all[name] == value).then_some(()))
    })
    .await
    .unwrap();
}

/// The relay holds as much as a node does of each space of it.
async fn holds_all_of(relay: &Program, program: &Program) {
    let ops = |status: &Value, id: &Value| {
        let mut spaces = status["guilds"].as_array().into_iter().flatten();
        spaces.find(|space| space["id"] == *id).and_then(|space| space["ops"].as_u64())
    };
    eventually("the relay holds what was written", async || {
        let (here, there) = (program.status()?, relay.status()?);
        let mut spaces = here["guilds"].as_array().into_iter().flatten();
        let all = spaces.all(|space| ops(&there, &space["id"]) >= ops(&here, &space["id"]));
        Ok(all.then_some(()))
    })
    .await
    .unwrap();
}

/// Whether the store of the company's relay, which has stopped, has a text anywhere.
fn has(company: &Company, text: &str) -> bool {
    let bytes = std::fs::read(Folder::store_path(&company.folder_of("relay"))).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_at_home_lies_on_the_relay_and_cannot_be_read_there() {
    let mut company = Company::gather().await.unwrap();
    let rita = &company.at_relay;
    let room = company.place(rita).await.unwrap();
    sets(rita, "before", "the claim").await.unwrap();
    let mut home = Home::empty();
    let (token, _) = home.claim(&company.relay, &[]).unwrap();
    home.program.start().await.unwrap();
    let at_home = Person::new(&home.program.base(), &token);
    shows_setting(&at_home, "before", "the claim").await;

    // The relay signs for her no more. Ada has always been at home.
    sets(&at_home, "plan", SECRET).await.unwrap();
    drafts(&company.at_ada, &company.place(&company.at_ada).await.unwrap().channel, SECRET).await.unwrap();
    let place = reads(&at_home, "Workshop", &said_by_ada(&company).await).await;
    drafts(&at_home, &place.channel, SECRET).await.unwrap();
    for program in [&home.program, &company.ada] {
        holds_all_of(&company.relay, program).await;
    }
    assert_ne!(rita.api.get("/users/@me/settings").await.unwrap()["plan"], SECRET);
    assert_eq!(rita.api.get("/nexus/drafts").await.unwrap(), json!([]), "{}", room.channel);
    company.relay.stop().await.unwrap();
    assert!(has(&company, SAID), "what was said in the guild would be found");
    assert!(!has(&company, SECRET));
    company.relay.start().await.unwrap();

    home.program.stop().await.unwrap();
    home.program.start().await.unwrap();
    shows_setting(&at_home, "plan", SECRET).await;
    shows_draft(&at_home, &place.channel, SECRET).await;
    home.close().await;
}

async fn said_by_ada(company: &Company) -> String {
    let place = company.place(&company.at_ada).await.unwrap();
    company.at_ada.say(&place, SAID).await.unwrap();
    SAID.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_from_device_to_device_by_the_relay_between_them() {
    let company = Company::gather().await.unwrap();
    let rita = &company.at_relay;
    let room = company.place(rita).await.unwrap();
    drafts(rita, &room.channel, "begun in the browser").await.unwrap();
    let mut home = Home::empty();
    home.program.start().await.unwrap();
    let (token, _) = home.claim(&company.relay, &["--keep-hosted"]).unwrap();
    let at_home = Person::new(&home.program.base(), &token);
    let place = eventually("the guild is at home", async || at_home.find("Workshop").await).await.unwrap();
    shows_draft(&at_home, &place.channel, "begun in the browser").await;
    drafts(&at_home, &place.channel, "gone on with at home").await.unwrap();
    shows_draft(rita, &room.channel, "gone on with at home").await;
    drafts(rita, &room.channel, "and in the browser again").await.unwrap();
    shows_draft(&at_home, &place.channel, "and in the browser again").await;
    home.close().await;
    company.verify().await.unwrap();
}

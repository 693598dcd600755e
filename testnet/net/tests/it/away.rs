//! Somebody was away for long, their line is thin, and they hold everything: what was said last is there before the rest is.

use anyhow::{Result, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use nexus_load::stage;
use nexus_net::{Person, Program, Street, Weather, eventually, sum, text};
use serde_json::{Value, json};

const GUILD: &str = "Archive";
const MISSED: usize = 1_000;
const BOTS: usize = 10;
/// What was missed takes most of a minute on such a line, and the newest of it two seconds.
const BITS_PER_S: u64 = 100_000;

fn talk(status: &Value) -> Option<&Value> {
    let timelines = status["guilds"][0]["timelines"].as_object()?;
    timelines.values().max_by_key(|timeline| timeline["messages"].as_u64())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_for_long_reads_the_newest_first_and_holds_all_of_it_after() {
    let folder = tempfile::tempdir().unwrap();
    let street =
        Street::through_air(3, Weather::CALM).expect("network namespaces and TAP devices: run as root");
    let [there, here, far] = street.houses() else { panic!("three houses") };
    let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
    relay.start().await.unwrap();
    let mut writer = Program::behind_a_relay(&folder.path().join("ann"), here.clone(), &relay.base());
    let token = writer.ask(&["setup", "Ann"]).unwrap();
    writer.start().await.unwrap();
    let ann = Person::new(&writer.base(), &token);
    let names: Vec<String> = (0..BOTS).map(|number| format!("bot-{number}")).collect();
    let stage = stage::set(&ann.api, GUILD, &[String::from("talk")], &names).await.unwrap();
    let invite = format!("/channels/{}/invites", stage.channels[0]);
    let invite = ann.api.post(&invite, &json!({})).await.unwrap();
    let url = format!("{}/invite/{}", relay.base(), text(&invite["code"]).unwrap());

    let mut reader = Program::behind_a_relay(&folder.path().join("bea"), far.clone(), &relay.base());
    let token = reader.ask(&["setup", "Bea"]).unwrap();
    reader.start().await.unwrap();
    eventually("Bea joins", async || Ok(reader.ask(&["join", &url]).ok())).await.unwrap();
    let channel = eventually("Bea sees the channel", async || {
        let bea = Person::new(&reader.base(), &token);
        let Some(place) = bea.find(GUILD).await? else { return Ok(None) };
        bea.channel(&place.guild, "talk").await
    })
    .await
    .unwrap();
    reader.stop().await.unwrap();

    let posts = (0..MISSED).map(|number| {
        let (bot, channel) = (&stage.bots[number % BOTS].api, &stage.channels[0]);
        let body = json!({ "content": format!("line {number}") });
        async move { bot.post(&format!("/channels/{channel}/messages"), &body).await.map(drop) }
    });
    stream::iter(posts).buffer_unordered(BOTS).try_collect::<()>().await.unwrap();
    ann.api
        .post(&format!("/channels/{}/messages", stage.channels[0]), &json!({ "content": "the last" }))
        .await
        .unwrap();
    eventually("the relay has all of it", async || Ok((sum(&writer.status()?, "outbox") == 0).then_some(())))
        .await
        .unwrap();

    far.pace(Some(BITS_PER_S)).unwrap();
    reader.start().await.unwrap();
    let bea = Person::new(&reader.base(), &token);
    eventually("Bea reads what was said last", async || {
        let page = bea.api.get(&format!("/channels/{channel}/messages?limit=10")).await?;
        Ok((page[0]["content"] == "the last").then_some(()))
    })
    .await
    .unwrap();
    let status = reader.status().unwrap();
    let held = talk(&status).unwrap();
    assert!(held["messages"].as_u64().unwrap() <= MISSED as u64 / 2, "the rest comes behind it: {held}");
    assert_eq!(held["hash"], Value::Null, "of what it does not hold it claims nothing");

    // In the midst of it the program dies; what it lacks stands in its folder.
    reader.kill().unwrap();
    far.pace(None).unwrap();
    reader.start().await.unwrap();
    eventually("she holds all of it, with nobody looking at it", async || all_is_held(&reader))
        .await
        .unwrap();
    let bea = Person::new(&reader.base(), &token);
    let (read, all) = (bea.texts(&channel).await.unwrap(), ann.texts(&stage.channels[0]).await.unwrap());
    assert_eq!(read.len(), MISSED + 1);
    assert_eq!(read, all);
    reader.stop().await.unwrap();
    reader.ask(&["verify"]).unwrap();
}

fn all_is_held(reader: &Program) -> Result<Option<()>> {
    let status = reader.status()?;
    let held = talk(&status);
    ensure!(held.is_some_and(|talk| talk["messages"] == json!(MISSED + 1)), "{held:?}");
    Ok(held.is_some_and(|talk| talk["hash"].is_string()).then_some(()))
}

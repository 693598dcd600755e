//! A peer the size of a phone: it holds what somebody looks at, and what it holds it reads with nobody in reach.

use anyhow::{Result, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use nexus_load::api::ApiError;
use nexus_load::stage::{self, Stage};
use nexus_net::{Person, Program, eventually, text};
use serde_json::{Value, json};
use std::path::Path;

const GUILD: &str = "Archive";
const MESSAGES: usize = 1_000;
const BOTS: usize = 10;

/// A guild in which much has been said, and the relay it names.
async fn archive(folder: &Path) -> (Program, Program, Person, Stage) {
    let mut relay = Program::relay(&folder.join("relay")).unwrap();
    relay.start().await.unwrap();
    let mut node = Program::node(&folder.join("ann"), &[relay.base()]).unwrap();
    let token = node.ask(&["setup", "Ann"]).unwrap();
    node.start().await.unwrap();
    let ann = Person::new(&node.base(), &token);
    let names: Vec<String> = (0..BOTS).map(|number| format!("bot-{number}")).collect();
    let stage = stage::set(&ann.api, GUILD, &[String::from("talk")], &names).await.unwrap();
    let posts = (0..MESSAGES).map(|number| {
        let (bot, channel) = (&stage.bots[number % BOTS].api, &stage.channels[0]);
        let body = json!({ "content": format!("line {number}") });
        async move { bot.post(&format!("/channels/{channel}/messages"), &body).await.map(drop) }
    });
    stream::iter(posts).buffer_unordered(BOTS).try_collect::<()>().await.unwrap();
    eventually("the relay has all of it", async || {
        let status = node.status()?;
        Ok((nexus_net::sum(&status, "outbox") == 0).then_some(()))
    })
    .await
    .unwrap();
    (relay, node, ann, stage)
}

async fn page(person: &Person, channel: &str, before: Option<&str>) -> Result<Vec<Value>, ApiError> {
    let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
    let page = person.api.get(&format!("/channels/{channel}/messages?limit=100{before}")).await?;
    Ok(page.as_array().cloned().unwrap_or_default())
}

fn texts(page: &[Value]) -> Vec<String> {
    page.iter().map(|message| text(&message["content"]).unwrap()).collect()
}

fn talk(status: &Value) -> Option<&Value> {
    let timelines = status["guilds"][0]["timelines"].as_object()?;
    timelines.values().max_by_key(|timeline| timeline["messages"].as_u64())
}

/// Three that were said long ago, and stand where the phone holds nothing of the channel.
async fn a_thread_has_what_was_moved_into_it(
    ann: &Person,
    bea: &Person,
    of_ann: &str,
    of_bea: &str,
) -> Result<()> {
    let said = ann.everything(of_ann).await?[500..503].to_vec();
    let aside = json!({ "name": "aside", "type": 11 });
    let aside = text(&ann.api.post(&format!("/channels/{of_ann}/threads"), &aside).await?["id"])?;
    let ids = said.iter().map(|message| text(&message["id"])).collect::<Result<Vec<_>>>()?;
    let moves = format!("/nexus/channels/{of_ann}/moves");
    ann.api.post(&moves, &json!({ "message_ids": ids, "thread_id": aside })).await?;
    let thread = eventually("Bea sees the thread", async || {
        let threads = bea.api.get(&format!("/channels/{of_bea}/threads/search")).await?;
        Ok(threads["threads"][0]["id"].as_str().map(str::to_owned))
    })
    .await?;
    eventually("Bea reads what was moved into it", async || {
        let read = page(bea, &thread, None).await?;
        ensure!(texts(&read)[1..] == texts(&said), "{:?} are here", texts(&read));
        Ok(Some(()))
    })
    .await?;
    // All of them came, and go where they were.
    ann.api.post(&moves, &json!({ "message_ids": ids, "thread_id": null })).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_reads_the_newest_at_once_scrolls_back_and_reads_what_it_holds_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut relay, _ann_node, ann, stage) = archive(folder.path()).await;
    let all = ann.texts(&stage.channels[0]).await.unwrap();
    assert_eq!(all.len(), MESSAGES);
    let invite = format!("/channels/{}/invites", stage.channels[0]);
    let invite = ann.api.post(&invite, &json!({})).await.unwrap();
    let url = format!("{}/invite/{}", relay.base(), text(&invite["code"]).unwrap());

    let mut phone =
        Program::node(&folder.path().join("bea"), &[relay.base()]).unwrap().told(&["--hold", "viewed"]);
    let token = phone.ask(&["setup", "Bea"]).unwrap();
    phone.start().await.unwrap();
    let bea = Person::new(&phone.base(), &token);
    eventually("Bea joins", async || Ok(phone.ask(&["join", &url]).ok())).await.unwrap();
    let channel = eventually("Bea sees the channel", async || {
        let Some(place) = bea.find(GUILD).await? else { return Ok(None) };
        bea.channel(&place.guild, "talk").await
    })
    .await
    .unwrap();

    // The newest, and no more than was looked at.
    let newest = eventually("Bea reads the newest", async || {
        let newest = page(&bea, &channel, None).await?;
        ensure!(texts(&newest) == all[..100], "{} are here", newest.len());
        Ok(Some(newest))
    })
    .await
    .unwrap();
    let status = phone.status().unwrap();
    let held = talk(&status).unwrap();
    assert!(held["messages"].as_u64().unwrap() < 300, "{held}");
    assert_eq!(held["hash"], Value::Null, "of what it does not hold it claims nothing");

    a_thread_has_what_was_moved_into_it(&ann, &bea, &stage.channels[0], &channel).await.unwrap();

    // Back, page by page.
    let last = |page: &[Value]| text(&page.last().unwrap()["id"]).unwrap();
    let older = eventually("Bea reads what was said before", async || {
        let older = page(&bea, &channel, Some(&last(&newest))).await?;
        ensure!(texts(&older) == all[100..200], "{} are here", older.len());
        Ok(Some(older))
    })
    .await
    .unwrap();

    // What is done to a message that is not here is done to it all the same; of all that is pinned it cannot speak.
    let oldest = ann.everything(&stage.channels[0]).await.unwrap().pop().unwrap();
    let oldest = text(&oldest["id"]).unwrap();
    let reaction = format!("/channels/{channel}/messages/{oldest}/reactions/%F0%9F%91%8D/@me");
    eventually("Bea reacts", async || Ok(bea.api.put(&reaction).await.ok())).await.unwrap();
    let pins = bea.api.get(&format!("/channels/{channel}/messages/pins")).await;
    assert!(matches!(&pins, Err(ApiError::Refused { status, .. }) if *status == 503), "{pins:?}");

    // With nobody in reach, and started anew: what it holds it reads, and of the rest it says that it is not there now.
    relay.kill().unwrap();
    phone.kill().unwrap();
    phone.start().await.unwrap();
    let bea = Person::new(&phone.base(), &token);
    let again = page(&bea, &channel, None).await.unwrap();
    assert_eq!(texts(&again), all[..100]);
    assert_eq!(texts(&page(&bea, &channel, Some(&last(&again))).await.unwrap()), all[100..200]);
    let beyond = page(&bea, &channel, Some(&last(&older))).await;
    assert!(matches!(&beyond, Err(ApiError::Refused { status, .. }) if *status == 503), "{beyond:?}");

    // And when somebody is, it goes on: to the beginning, after which nothing is missing.
    relay.start().await.unwrap();
    eventually("Bea reads all of it", async || {
        let read = bea.texts(&channel).await?;
        ensure!(read == all, "{} of {} are here", read.len(), all.len());
        Ok(Some(()))
    })
    .await
    .unwrap();
    eventually("it says that it holds all of it", async || {
        let status = phone.status()?;
        Ok(talk(&status).is_some_and(|talk| talk["hash"].is_string()).then_some(()))
    })
    .await
    .unwrap();
    phone.stop().await.unwrap();
    phone.ask(&["verify"]).unwrap();
}

//! What a voice channel is about is seen at other programs, by who asks later too, and goes with the last who leaves.

use anyhow::Result;
use nexus_load::gateway::Session;
use nexus_net::{Company, Person};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_voice_channel_is_about_is_seen_elsewhere_until_the_last_has_gone() {
    let company = Company::gather().await.unwrap();
    let (guild, channel, mut ada) = listens(&company, &company.at_ada).await.unwrap();
    let (bobs_guild, bobs_channel, mut bob) = listens(&company, &company.at_bob).await.unwrap();
    let (_, _, mut rita) = listens(&company, &company.at_relay).await.unwrap();
    let goes = |channel: Value| json!({ "guild_id": guild, "channel_id": channel });
    ada.say(4, &goes(json!(channel))).await.unwrap();
    let is_hers = |it: &Value| it["channel_id"] == channel;
    until(&mut ada, "VOICE_STATE_UPDATE", is_hers).await.unwrap();
    let at = format!("/channels/{channel}/voice-status");
    company.at_ada.api.put_json(&at, &json!({ "status": "chess until ten" })).await.unwrap();
    for other in [&mut bob, &mut rita] {
        let told = until(other, "VOICE_CHANNEL_STATUS_UPDATE", |_| true).await.unwrap();
        assert_eq!(told["status"], "chess until ten");
    }
    bob.say(43, &json!({ "guild_id": bobs_guild, "fields": ["status"] })).await.unwrap();
    let info = until(&mut bob, "CHANNEL_INFO", |_| true).await.unwrap();
    assert_eq!(info["channels"], json!([{ "id": bobs_channel, "status": "chess until ten" }]));
    ada.say(4, &goes(Value::Null)).await.unwrap();
    for other in [&mut bob, &mut rita] {
        let told = until(other, "VOICE_CHANNEL_STATUS_UPDATE", |_| true).await.unwrap();
        assert_eq!(told["status"], Value::Null);
    }
}

/// Their guild and its voice channel by the numbers of their program, and a session that listens there.
async fn listens(company: &Company, person: &Person) -> Result<(String, String, Session)> {
    let place = company.place(person).await?;
    let channel = person.channel(&place.guild, "General").await?.expect("a voice channel");
    let session = Session::open(&person.api, 1).await?;
    Ok((place.guild, channel, session))
}

/// The next event of that name that is meant, its data.
async fn until(session: &mut Session, name: &str, is_meant: impl Fn(&Value) -> bool) -> Result<Value> {
    loop {
        let (heard, whole) = session.next().await?;
        if heard == name {
            let data = serde_json::from_str::<Value>(&whole)?["d"].take();
            if is_meant(&data) {
                return Ok(data);
            }
        }
    }
}

//! A node whose relay is gone goes on; when the relay is back everybody has everything, once.

use anyhow::Result;
use nexus_net::{Company, Person, eventually, settled, sum, text};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_does_all_it_can_and_hands_it_over_on_return() {
    let mut company = Company::gather().await.unwrap();
    let (ada, place) = (company.at_ada.clone(), company.place(&company.at_ada).await.unwrap());
    let kept = ada.say(&place, "said before, to be edited").await.unwrap();
    let lost = ada.say(&place, "said before, to be deleted").await.unwrap();
    settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();

    company.relay.kill().unwrap();
    let bobs = company.place(&company.at_bob).await.unwrap();
    company.at_bob.say(&bobs, "Bob, alone too").await.unwrap();
    assert_eq!(ada.texts(&place.channel).await.unwrap().len(), 2, "what is here can be read");
    let messages = format!("/channels/{}/messages", place.channel);
    ada.say(&place, "said with nobody there").await.unwrap();
    ada.api.patch(&format!("{messages}/{kept}"), &json!({ "content": "edited alone" })).await.unwrap();
    ada.api.delete(&format!("{messages}/{lost}")).await.unwrap();
    ada.api.put(&format!("{messages}/{kept}/reactions/%F0%9F%8E%89/@me")).await.unwrap();
    let channels = format!("/guilds/{}/channels", place.guild);
    let made = ada.api.post(&channels, &json!({ "name": "made-alone", "type": 0 })).await.unwrap();
    let elsewhere = format!("/channels/{}/messages", text(&made["id"]).unwrap());
    ada.api.post(&elsewhere, &json!({ "content": "first here" })).await.unwrap();
    let waiting = sum(&company.ada.status().unwrap(), "outbox");
    assert!(waiting >= 6, "what waits is counted: {waiting}");

    company.relay.start().await.unwrap();
    settled(&[&company.relay, &company.ada, &company.bob]).await.unwrap();
    for person in company.people() {
        assert_eq!(
            seen_by(&company, person).await.unwrap(),
            ["Bob, alone too 0", "edited alone 1", "said with nobody there 0", "first here 0"]
        );
    }
    company.verify().await.unwrap();
}

/// Texts (those of `general` sorted, for two wrote them at once) with their numbers of reactions.
async fn seen_by(company: &Company, person: &Person) -> Result<Vec<String>> {
    let place = company.place(person).await?;
    let made =
        eventually("the new channel", async || person.channel(&place.guild, "made-alone").await).await?;
    let line = |message: &Value| {
        let reactions = message["reactions"].as_array().map_or(0, Vec::len);
        Ok(format!("{} {reactions}", text(&message["content"])?))
    };
    let lines = |messages: Vec<Value>| messages.iter().map(line).collect::<Result<Vec<String>>>();
    let mut seen = lines(person.everything(&place.channel).await?)?;
    seen.sort();
    seen.extend(lines(person.everything(&made).await?)?);
    Ok(seen)
}

//! What people and bots do with messages.

use super::guilds::Guild;
use crate::api::{Account, Api, text};
use serde_json::{Value, json};

pub(super) async fn play(api: &Api, owner: &Account, bot: &Account, guild: &Guild) {
    let channel = format!("/channels/{}", guild.general);
    let typing = format!("{channel}/typing");
    api.call(bot, "trigger_typing_indicator", &typing, None).await;
    writing(api, owner, bot, guild, &channel).await;
    imported(api, owner, guild, &channel).await;
    history(api, bot, &channel).await;
    reactions(api, owner, bot, &channel).await;
    pins(api, bot, &channel).await;
    deleting(api, owner, bot, &channel).await;
}

async fn says(api: &Api, who: &Account, channel: &str, text: &str) -> Value {
    let body = json!({"content": text});
    api.call(who, "create_message", &format!("{channel}/messages"), Some(body)).await
}

async fn writing(api: &Api, owner: &Account, bot: &Account, guild: &Guild, channel: &str) {
    let words = format!("<@{}> in <#{}>, <@&{}>!", bot.id, guild.general, guild.role);
    let asked = says(api, owner, channel, &words).await;
    assert_eq!((&asked["content"], &asked["mentions"][0]["id"]), (&json!(words), &json!(bot.id)));

    let reply = json!({
        "content": "I am here", "nonce": "one", "enforce_nonce": true,
        "message_reference": {"message_id": asked["id"]}, "allowed_mentions": {"parse": [], "replied_user": true},
        "embeds": [{
            "title": "Doors", "description": "all closed", "url": "https://example.org/", "color": 255,
            "timestamp": "2021-02-03T04:05:06+00:00", "footer": {"text": "end"},
            "author": {"name": "Hal"}, "image": {"url": "https://example.org/a.png"},
            "fields": [{"name": "pod bay", "value": "closed", "inline": true}],
        }],
    });
    let path = format!("{channel}/messages");
    let replied = api.call(bot, "create_message", &path, Some(reply.clone())).await;
    assert_eq!((&replied["type"], &replied["nonce"]), (&json!(19), &json!("one")));
    assert_eq!(replied["referenced_message"]["id"], asked["id"]);
    assert_eq!(replied["embeds"][0]["fields"][0]["value"], "closed");
    let again = api.call(bot, "create_message", &path, Some(reply)).await;
    assert_eq!(again["id"], replied["id"], "the same nonce is the same message");

    let one = format!("{path}/{}", text(&replied, "id"));
    let edit = json!({"content": "I am sorry", "embeds": []});
    let edited = api.call(bot, "update_message", &one, Some(edit)).await;
    assert!(edited["edited_timestamp"].is_string() && edited["embeds"] == json!([]));
    let got = api.call(owner, "get_message", &one, None).await;
    assert_eq!((&got["content"], &got["author"]["bot"]), (&json!("I am sorry"), &json!(true)));
    assert_eq!(got["referenced_message"]["id"], asked["id"]);
    let meddling = api.ask(owner, "update_message", &one, Some(json!({"content": "no"}))).await;
    assert_eq!((meddling.status.as_u16(), &meddling.body["code"]), (403, &json!(50_005)));
}

/// Old talk keeps its time, from who is allowed to bring it.
async fn imported(api: &Api, owner: &Account, guild: &Guild, channel: &str) {
    let shown_at = 946_684_800_000_u64;
    let path = format!("{channel}/messages");
    let old = json!({"content": "happy new year", "nexus": {"shown_at": shown_at}});
    let early = api.ask(owner, "create_message", &path, Some(old.clone())).await;
    assert!(early.status.is_client_error(), "only who is in a bulk role");
    let grant = guild.path(&format!("/members/{}/roles/{}", owner.id, guild.role));
    api.call(owner, "add_guild_member_role", &grant, None).await;
    let sent = api.call(owner, "create_message", &path, Some(old)).await;
    assert_eq!(sent["timestamp"], "2000-01-01T00:00:00.000000+00:00");
    assert_eq!(sent["nexus"]["shown_at"], json!(shown_at));
}

async fn history(api: &Api, bot: &Account, channel: &str) {
    let mut sent = Vec::new();
    for number in 0..5 {
        sent.push(text(&says(api, bot, channel, &format!("line {number}")).await, "id"));
    }
    let page = async |query: &str| {
        let path = format!("{channel}/messages?{query}");
        let page = api.call(bot, "list_messages", &path, None).await;
        page.as_array().expect("a list").iter().map(|message| text(message, "id")).collect::<Vec<_>>()
    };
    let newest_first = |range: &[String]| range.iter().rev().cloned().collect::<Vec<_>>();
    assert_eq!(page("limit=2").await, newest_first(&sent[3..]));
    assert_eq!(page(&format!("before={}&limit=2", sent[3])).await, newest_first(&sent[1..3]));
    assert_eq!(page(&format!("after={}&limit=2", sent[1])).await, newest_first(&sent[2..4]));
    assert_eq!(page(&format!("around={}&limit=3", sent[2])).await, newest_first(&sent[1..4]));
    assert!(page(&format!("after={}", sent[4])).await.is_empty(), "hikari pages until an empty page");
}

async fn reactions(api: &Api, owner: &Account, bot: &Account, channel: &str) {
    let message = text(&says(api, owner, channel, "like this").await, "id");
    let all = format!("{channel}/messages/{message}/reactions");
    let (heart, wave) = (format!("{all}/%E2%9D%A4%EF%B8%8F"), format!("{all}/%F0%9F%91%8B"));
    let react = "add_my_message_reaction";
    api.call(owner, react, &format!("{heart}/@me"), None).await;
    api.call(bot, react, &format!("{heart}/@me"), None).await;
    api.call(bot, react, &format!("{wave}/@me"), None).await;
    let who = api.call(owner, "list_message_reactions_by_emoji", &heart, None).await;
    assert_eq!(who.as_array().map(Vec::len), Some(2));
    let last = format!("{heart}?after={}", text(&who[1], "id"));
    let rest = api.call(owner, "list_message_reactions_by_emoji", &last, None).await;
    assert_eq!(rest, json!([]), "hikari pages until an empty page");
    let shown = api.call(owner, "get_message", &format!("{channel}/messages/{message}"), None).await;
    let hearts = &shown["reactions"][0];
    assert_eq!((&hearts["count"], &hearts["me"]), (&json!(2), &json!(true)));

    api.call(bot, "delete_my_message_reaction", &format!("{heart}/@me"), None).await;
    api.call(bot, "delete_user_message_reaction", &format!("{heart}/{}", owner.id), None).await;
    api.call(owner, "delete_all_message_reactions_by_emoji", &wave, None).await;
    api.call(owner, "delete_all_message_reactions", &all, None).await;
    let shown = api.call(owner, "get_message", &format!("{channel}/messages/{message}"), None).await;
    assert!(shown.get("reactions").is_none(), "{shown}");
}

async fn pins(api: &Api, bot: &Account, channel: &str) {
    let first = text(&says(api, bot, channel, "read this").await, "id");
    let second = text(&says(api, bot, channel, "and this").await, "id");
    let (new, old) = (format!("{channel}/messages/pins"), format!("{channel}/pins"));
    api.call(bot, "create_pin", &format!("{new}/{first}"), None).await;
    api.call(bot, "deprecated_create_pin", &format!("{old}/{second}"), None).await;
    let page = api.call(bot, "list_pins", &new, None).await;
    assert_eq!((&page["items"][0]["message"]["id"], &page["has_more"]), (&json!(second), &json!(false)));
    let plain = api.call(bot, "deprecated_list_pins", &old, None).await;
    assert_eq!((&plain[1]["id"], &plain[1]["pinned"]), (&json!(first), &json!(true)));
    api.call(bot, "delete_pin", &format!("{new}/{first}"), None).await;
    api.call(bot, "deprecated_delete_pin", &format!("{old}/{second}"), None).await;
    assert_eq!(api.call(bot, "deprecated_list_pins", &old, None).await, json!([]));
}

async fn deleting(api: &Api, owner: &Account, bot: &Account, channel: &str) {
    let mut sent = Vec::new();
    for number in 0..3 {
        sent.push(text(&says(api, owner, channel, &format!("soon gone {number}")).await, "id"));
    }
    let one = format!("{channel}/messages/{}", sent[0]);
    api.call(bot, "delete_message", &one, None).await;
    let gone = api.ask(bot, "get_message", &one, None).await;
    assert_eq!((gone.status.as_u16(), &gone.body["code"]), (404, &json!(10_008)));
    let both = json!({"messages": sent[1..]});
    api.call(bot, "bulk_delete_messages", &format!("{channel}/messages/bulk-delete"), Some(both)).await;
    assert_eq!(
        api.ask(bot, "get_message", &format!("{channel}/messages/{}", sent[2]), None).await.status,
        404
    );
}

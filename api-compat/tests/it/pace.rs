//! Who asks too fast is told how long to wait, in the words that libraries wait by.

use crate::api::{Account, Answer, Api, SETUP_KEY, text};
use serde_json::json;

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().expect("text")
}

async fn owner(api: &Api) -> Account {
    let newcomer = Account { authorization: format!("Setup {SETUP_KEY}"), ..Account::nobody() };
    let made = api.call(&newcomer, "nexus_setup", "/nexus/setup", Some(json!({"display_name": "Ada"}))).await;
    Account { authorization: text(&made, "token"), id: text(&made, "user_id") }
}

async fn general(api: &Api, owner: &Account) -> String {
    let made = api.call(owner, "nexus_create_guild", "/guilds", Some(json!({"name": "G"}))).await;
    let path = format!("/guilds/{}/channels", text(&made, "id"));
    let channels = api.call(owner, "list_guild_channels", &path, None).await;
    let general = channels.as_array().and_then(|all| all.iter().find(|each| each["name"] == "general"));
    text(general.expect("general"), "id")
}

#[tokio::test]
async fn a_burst_is_told_before_what_is_left_and_then_how_long_to_wait() {
    let api = Api::open();
    let owner = owner(&api).await;
    let (here, there) = (general(&api, &owner).await, general(&api, &owner).await);
    let say = async |channel: &str| {
        let path = format!("/channels/{channel}/messages");
        api.ask(&owner, "create_message", &path, Some(json!({"content": "again"}))).await
    };
    let first = say(&here).await;
    assert_eq!((header(&first, "x-ratelimit-limit"), header(&first, "x-ratelimit-remaining")), ("30", "29"));
    let bucket = header(&first, "x-ratelimit-bucket").to_owned();
    let mut limited = say(&here).await;
    for _ in 0..100 {
        if limited.status == 429 {
            break;
        }
        limited = say(&here).await;
    }
    assert_eq!(limited.status, 429, "a burst comes to its end");
    assert!(limited.body["retry_after"].is_number() && limited.body["global"] == json!(false));
    assert!(limited.headers.contains_key("via"), "discord.py gives up where it is missing");
    assert!(limited.headers.contains_key("retry-after"));
    assert_eq!(header(&limited, "x-ratelimit-scope"), "user");
    assert_eq!(header(&limited, "x-ratelimit-remaining"), "0");
    let elsewhere = say(&there).await;
    assert_eq!((elsewhere.status.as_u16(), header(&elsewhere, "x-ratelimit-remaining")), (200, "29"));
    assert_eq!(header(&elsewhere, "x-ratelimit-bucket"), bucket, "one bucket, one count for each channel");
    api.all_was_as_documented();
}

#[tokio::test]
async fn every_answer_of_a_route_says_how_one_stands() {
    let api = Api::open();
    let owner = owner(&api).await;
    let me = api.ask(&owner, "get_my_user", "/users/@me", None).await;
    for name in ["limit", "remaining", "reset", "reset-after", "bucket"] {
        assert!(me.headers.contains_key(format!("x-ratelimit-{name}")), "{name}");
    }
    let unknown = api.ask(&owner, "get_channel", "/channels/1", None).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.headers.contains_key("x-ratelimit-bucket"), "a refusal counts as well");
}

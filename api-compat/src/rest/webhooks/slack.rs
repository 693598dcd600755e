//! Slack's format: its attachments become cards. Shapes: Slack's documentation, "Reference: secondary message attachments".

use super::by_token::opened;
use super::message::says;
use crate::error::Answer;
use crate::window::{Body, Json, Path, Window, read};
use axum::extract::State;
use nexus_crdt::body::content::is_link;
use serde_json::{Map, Value, json};

/// `POST /webhooks/{webhook_id}/{webhook_token}/slack`
pub(crate) async fn execute_slack(
    State(window): State<Window>,
    Path((id, token)): Path<(u64, String)>,
    Body(body): Body<Value>,
) -> Answer<Json<&'static str>> {
    opened(&window, &window.node.view(), id, &token).await?;
    says(&window, id, &token, read(message(&body))?).await?;
    Ok(Json("ok"))
}

/// Cards of one message.
const CARDS_MAX: usize = 10;
/// Fields of one card.
const FIELDS_MAX: usize = 25;

fn message(body: &Value) -> Value {
    let attachments = body["attachments"].as_array().map_or(&[][..], Vec::as_slice);
    let cards: Vec<Value> = attachments.iter().take(CARDS_MAX).map(card).collect();
    let mut message = Map::from_iter([(String::from("embeds"), Value::Array(cards))]);
    for (from, to) in [("text", "content"), ("username", "username"), ("icon_url", "avatar_url")] {
        let said = body[from].as_str().filter(|text| !text.is_empty());
        message.extend(said.map(|text| (to.to_owned(), json!(text))));
    }
    Value::Object(message)
}

fn card(attachment: &Value) -> Value {
    let text = |name: &str| attachment[name].as_str().filter(|text| !text.is_empty());
    let link = |name: &str| text(name).filter(|url| is_link(url));
    let mut card = Map::new();
    let mut set = |name: &str, value: Option<Value>| card.extend(value.map(|value| (name.to_owned(), value)));
    set("title", text("title").map(|title| json!(title)));
    let words = [text("pretext"), text("text").or(text("fallback"))].into_iter().flatten();
    let words: Vec<&str> = words.collect();
    set("description", (!words.is_empty()).then(|| json!(words.join("\n"))));
    set("url", link("title_link").map(|url| json!(url)));
    set("color", text("color").and_then(color).map(|color| json!(color)));
    set("image", link("image_url").map(|url| json!({ "url": url })));
    set("thumbnail", link("thumb_url").map(|url| json!({ "url": url })));
    let named = |name, url, icon| json!({ "name": name, "url": link(url), "icon_url": link(icon) });
    set("author", text("author_name").map(|name| named(name, "author_link", "author_icon")));
    let footer = text("footer").map(|text| json!({ "text": text, "icon_url": link("footer_icon") }));
    set("footer", footer);
    let fields = attachment["fields"].as_array().filter(|fields| !fields.is_empty());
    set("fields", fields.map(|fields| fields.iter().take(FIELDS_MAX).map(field).collect()));
    Value::Object(card)
}

fn field(field: &Value) -> Value {
    let text = |name: &str| field[name].as_str().unwrap_or_default();
    json!({ "name": text("title"), "value": text("value"), "inline": field["short"] == true })
}

/// `#rrggbb`, or one of Slack's three words.
fn color(text: &str) -> Option<u32> {
    match text {
        "good" => Some(0x2e_b8_86),
        "warning" => Some(0xda_a0_38),
        "danger" => Some(0xa3_00_00),
        hex => u32::from_str_radix(hex.trim_start_matches('#'), 16).ok().filter(|color| *color <= 0xff_ff_ff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slack_sends_becomes_words_and_cards() {
        let sent = json!({
            "text": "the build", "username": "CI", "icon_url": "https://example.org/i.png",
            "attachments": [{
                "title": "failed", "title_link": "javascript:alert(1)", "color": "danger", "text": "at step 3",
                "pretext": "again", "fields": [{ "title": "branch", "value": "main", "short": true }],
            }],
        });
        let said = message(&sent);
        assert_eq!((&said["content"], &said["username"]), (&json!("the build"), &json!("CI")));
        let card = &said["embeds"][0];
        assert_eq!((&card["title"], &card["color"]), (&json!("failed"), &json!(0xa3_00_00)));
        assert_eq!(card["description"], "again\nat step 3");
        assert!(card.get("url").is_none(), "no link that is a script");
        assert_eq!(card["fields"][0], json!({ "name": "branch", "value": "main", "inline": true }));
        assert_eq!(message(&json!([1, 2]))["embeds"], json!([]), "what is none of it says nothing");
    }
}

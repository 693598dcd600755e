//! A guild to write in, made by its owner over the API.

use crate::api::Api;
use serde_json::{Value, json};

/// Where messages go.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) token: String,
    pub(crate) channel: String,
}

impl Place {
    /// A guild whose owner may write as fast as they can.
    pub(crate) fn make(api: &mut Api, token: &str) -> Self {
        let guild = text(&api.must("POST", "/guilds", &json!({"name": "Load"}))["id"]);
        let role = json!({"name": "load", "nexus": {"rate_class": "bulk"}});
        let role = text(&api.must("POST", &format!("/guilds/{guild}/roles"), &role)["id"]);
        let me = text(&api.must("GET", "/users/@me", &Value::Null)["id"]);
        api.must("PUT", &format!("/guilds/{guild}/members/{me}/roles/{role}"), &Value::Null);
        let channels = api.must("GET", &format!("/guilds/{guild}/channels"), &Value::Null);
        let texts = |channel: &&Value| channel["type"] == 0;
        let channel = text(&channels.as_array().unwrap().iter().find(texts).unwrap()["id"]);
        Self { token: token.to_owned(), channel }
    }

    /// Ids and texts of every message, newest first.
    pub(crate) fn everything(&self, api: &mut Api) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        loop {
            let before = all.last().map_or_else(String::new, |(id, _)| format!("&before={id}"));
            let page = format!("/channels/{}/messages?limit=100{before}", self.channel);
            let page = api.must("GET", &page, &Value::Null);
            let page = page.as_array().unwrap();
            all.extend(page.iter().map(|message| (text(&message["id"]), text(&message["content"]))));
            if page.len() < 100 {
                return all;
            }
        }
    }

    /// Says something; the id where it was acknowledged.
    pub(crate) fn say(&self, api: &mut Api, content: &str) -> std::io::Result<Result<String, (u16, Value)>> {
        let path = format!("/channels/{}/messages", self.channel);
        let (status, answer) = api.call("POST", &path, &json!({"content": content}))?;
        Ok(if status == 200 { Ok(text(&answer["id"])) } else { Err((status, answer)) })
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

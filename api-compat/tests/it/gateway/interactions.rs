//! People ask a bot, the bot answers: over REST and the gateway, every body and event validated.

use super::client::Client;
use super::stage::{Account, Stage};
use crate::api::{self, Answer};
use crate::conformance::documents::Documents;
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A person and a bot, both connected, and what their requests came to.
pub(crate) struct Desk {
    pub(super) stage: Stage,
    pub(crate) documents: Documents,
    pub(crate) validated: BTreeSet<&'static str>,
    pub(super) person: Client,
    pub(super) bot_client: Client,
    pub(super) bot: Account,
}

/// Everything there is to ask and to answer.
#[tokio::test]
async fn a_bot_is_asked_and_answers_in_every_way_there_is() {
    let desk = Desk::play().await;
    assert!(desk.documents.wrong.is_empty(), "{}", desk.documents.wrong.join("\n\n"));
}

impl Desk {
    pub(crate) async fn play() -> Self {
        let stage = Stage::set().await;
        let bot = stage.bot("Hal").await;
        let person = stage.logs_in(&stage.owner).await;
        let bot_client = stage.logs_in(&bot).await;
        let documents = Documents::load();
        let mut desk = Self { stage, documents, validated: BTreeSet::new(), person, bot_client, bot };
        commands(&mut desk).await;
        commands_of_a_guild(&mut desk).await;
        let message = answers(&mut desk).await;
        components(&mut desk, &message).await;
        whispers(&mut desk).await;
        typing(&mut desk).await;
        form(&mut desk).await;
        menus(&mut desk).await;
        permissions(&mut desk).await;
        silence(&mut desk).await;
        super::voice::states(&mut desk).await;
        super::voice::moves(&mut desk).await;
        super::caption::captions(&mut desk).await;
        desk
    }

    /// Asks with a token, or with none; what comes back is held against its document.
    pub(super) async fn ask(
        &mut self,
        token: &str,
        operation: &'static str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let route = api::route(operation, path);
        let mut request = api::request(route.method, path).header(header::CONTENT_TYPE, "application/json");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, token);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = api::send(&self.stage.router, request.body(body).expect("a request")).await;
        let given = Some(&answer.body).filter(|body| !body.is_null());
        self.documents.check(&route, answer.status.as_u16(), given);
        if answer.status.is_success() {
            self.validated.insert(operation);
        }
        answer
    }

    pub(super) fn stage_bot_token(&self) -> String {
        self.bot.token.clone()
    }

    pub(super) async fn as_bot(&mut self, operation: &'static str, path: &str, body: Option<Value>) -> Value {
        let token = format!("Bot {}", self.bot.token);
        let answer = self.ask(&token, operation, path, body).await;
        assert!(answer.status.is_success(), "{operation}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// By an interaction's token, without an account.
    async fn follow(
        &mut self,
        operation: &'static str,
        token: &str,
        rest: &str,
        body: Option<Value>,
    ) -> Answer {
        let path = format!("/webhooks/{}/{token}{rest}", self.stage.number(self.bot.id));
        self.ask("", operation, &path, body).await
    }

    /// The person asks; what the bot hears.
    async fn asks(&mut self, kind: u64, data: Value, message: Option<&str>) -> Value {
        let token = self.stage.owner.token.clone();
        let body = json!({
            "type": kind, "application_id": self.stage.number(self.bot.id),
            "guild_id": self.stage.number(self.stage.guild), "channel_id": self.stage.number(self.stage.general),
            "session_id": "x", "nonce": format!("n-{kind}"), "data": data, "message_id": message,
        });
        let answer = self.ask(&token, "nexus_interact", "/interactions", Some(body)).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let told = self.person.until("INTERACTION_CREATE").await;
        assert_eq!(told["nonce"], format!("n-{kind}"));
        let heard = self.bot_client.until("INTERACTION_CREATE").await;
        assert_eq!((&heard["id"], &heard["type"]), (&told["id"], &json!(kind)));
        heard
    }

    async fn calls_back(&mut self, heard: &Value, body: Value) -> Answer {
        let (id, token) = (api::text(heard, "id"), api::text(heard, "token"));
        let path = format!("/interactions/{id}/{token}/callback?with_response=true");
        let answer = self.ask("", "create_interaction_response", &path, Some(body)).await;
        assert!(!answer.headers.contains_key("x-ratelimit-bucket"), "hikari complains of one");
        answer
    }

    async fn command(&mut self, name: &str) -> Value {
        let path = format!("/applications/{}/commands", self.stage.number(self.bot.id));
        let all = self.as_bot("list_application_commands", &path, None).await;
        let found = all.as_array().and_then(|all| all.iter().find(|command| command["name"] == name));
        found.unwrap_or_else(|| panic!("no {name} in {all}")).clone()
    }

    async fn invokes(&mut self, name: &str, more: Value) -> Value {
        let command = self.command(name).await;
        let mut data = json!({ "id": command["id"], "name": name, "type": command["type"], "version": command["version"] });
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        self.asks(2, data, None).await
    }
}

async fn commands(desk: &mut Desk) {
    let path = format!("/applications/{}/commands", desk.stage.number(desk.bot.id));
    let all = json!([
        { "name": "echo", "description": "says it again", "name_localizations": { "de": "echo" }, "options": [
            { "type": 3, "name": "text", "description": "what", "required": true, "autocomplete": true },
            { "type": 6, "name": "who", "description": "for whom" },
        ] },
        { "name": "Inspect", "type": 2 },
        { "name": "Quote", "type": 3 },
        { "name": "old", "description": "soon gone" },
    ]);
    let set = desk.as_bot("bulk_set_application_commands", &path, Some(all.clone())).await;
    assert_eq!(set.as_array().map(Vec::len), Some(4));
    let again = desk.as_bot("bulk_set_application_commands", &path, Some(all)).await;
    assert_eq!(set, again, "what is said at every start changes nothing");
    let made = json!({ "name": "roll", "description": "dice" });
    let made = desk.as_bot("create_application_command", &path, Some(made)).await;
    let one = format!("{path}/{}", api::text(&made, "id"));
    let edited = json!({ "description": "many dice", "default_member_permissions": "0" });
    let edited = desk.as_bot("update_application_command", &one, Some(edited)).await;
    assert_eq!((&edited["id"], &edited["description"]), (&made["id"], &json!("many dice")));
    assert_eq!(desk.as_bot("get_application_command", &one, None).await, edited);
    let old = desk.command("old").await;
    desk.as_bot("delete_application_command", &format!("{path}/{}", api::text(&old, "id")), None).await;
    let wrong = json!({ "name": "Not One Word", "description": "x" });
    let token = format!("Bot {}", desk.bot.token);
    let refused = desk.ask(&token, "create_application_command", &path, Some(wrong)).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (400, &json!(50_035)));
}

async fn commands_of_a_guild(desk: &mut Desk) {
    let guild = desk.stage.number(desk.stage.guild);
    let path = format!("/applications/{}/guilds/{guild}/commands", desk.stage.number(desk.bot.id));
    let made = json!({ "name": "here", "description": "of this guild" });
    let made = desk.as_bot("create_guild_application_command", &path, Some(made)).await;
    assert_eq!(made["guild_id"], json!(guild));
    let one = format!("{path}/{}", api::text(&made, "id"));
    desk.as_bot("get_guild_application_command", &one, None).await;
    desk.as_bot("update_guild_application_command", &one, Some(json!({ "description": "still" }))).await;
    desk.as_bot("delete_guild_application_command", &one, None).await;
    let set = json!([{ "name": "there", "description": "of this guild" }]);
    desk.as_bot("bulk_set_guild_application_commands", &path, Some(set)).await;
    let all = desk.as_bot("list_guild_application_commands", &path, None).await;
    assert_eq!((all.as_array().map(Vec::len), &all[0]["name"]), (Some(1), &json!("there")));
    let general = desk.stage.number(desk.stage.general);
    let token = desk.stage.owner.token.clone();
    let path = format!("/channels/{general}/application-command-index");
    let index = desk.ask(&token, "nexus_list_commands", &path, None).await.body;
    let names = index["application_commands"]
        .as_array()
        .map(|all| all.iter().filter_map(|each| each["name"].as_str()));
    let names: BTreeSet<&str> = names.into_iter().flatten().collect();
    assert_eq!(names, BTreeSet::from(["Inspect", "Quote", "echo", "roll", "there"]));
}

/// Gives the number of a message with a button.
async fn answers(desk: &mut Desk) -> String {
    let who = desk.stage.number(desk.bot.id);
    let options =
        json!([{ "type": 3, "name": "text", "value": "hello" }, { "type": 6, "name": "who", "value": who }]);
    let heard = desk.invokes("echo", json!({ "options": options })).await;
    assert_eq!(heard["data"]["options"][0]["value"], "hello");
    assert!(heard["data"]["resolved"]["users"][&who].is_object());
    assert!(heard["member"]["permissions"].is_string());
    let row = json!({ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "Again", "custom_id": "again" },
        { "type": 2, "style": 2, "label": "Form", "custom_id": "form" },
    ] });
    let answer = json!({ "type": 4, "data": { "content": "hello", "components": [row], "attachments": [] } });
    let given = desk.calls_back(&heard, answer.clone()).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let message = given.body["resource"]["message"].clone();
    assert_eq!(message["interaction_metadata"]["user"]["id"], json!(desk.stage.number(desk.stage.owner.id)));
    let seen = desk.person.until_matching("MESSAGE_CREATE", |seen| seen["content"] == "hello").await;
    assert_eq!(
        (&seen["type"], &seen["components"][0]["components"][0]["custom_id"]),
        (&json!(20), &json!("again"))
    );
    if desk.person.all("INTERACTION_SUCCESS").is_empty() {
        desk.person.until("INTERACTION_SUCCESS").await;
    }
    let twice = desk.calls_back(&heard, answer).await;
    assert_eq!((twice.status.as_u16(), &twice.body["code"]), (400, &json!(40_060)));

    let token = api::text(&heard, "token");
    let more =
        desk.follow("execute_webhook", &token, "?wait=true", Some(json!({ "content": "and more" }))).await;
    let more = format!("/messages/{}", api::text(&more.body, "id"));
    desk.follow("get_webhook_message", &token, &more, None).await;
    let edit = Some(json!({ "content": "and less" }));
    assert_eq!(desk.follow("update_webhook_message", &token, &more, edit).await.body["content"], "and less");
    assert_eq!(desk.follow("delete_webhook_message", &token, &more, None).await.status, 204);
    let original = desk.follow("get_original_webhook_message", &token, "/messages/@original", None).await;
    assert_eq!(original.body["id"], message["id"]);
    let wrong = desk.follow("execute_webhook", "1.wrong", "", Some(json!({ "content": "x" }))).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["code"]), (404, &json!(10_015)));
    api::text(&message, "id")
}

async fn components(desk: &mut Desk, message: &str) {
    let press = json!({ "component_type": 2, "custom_id": "again" });
    let heard = desk.asks(3, press.clone(), Some(message)).await;
    assert_eq!((&heard["message"]["id"], &heard["data"]["custom_id"]), (&json!(message), &json!("again")));
    let row = json!({ "type": 1, "components": [{ "type": 3, "custom_id": "pick", "options": [
        { "label": "One", "value": "1" }, { "label": "Two", "value": "2" },
    ] }] });
    let update = json!({ "type": 7, "data": { "content": "changed", "components": [row] } });
    assert_eq!(desk.calls_back(&heard, update).await.status, 200);
    let seen = desk.person.until_matching("MESSAGE_UPDATE", |seen| seen["id"] == message).await;
    assert_eq!(seen["content"], "changed");
    let heard = desk
        .asks(3, json!({ "component_type": 3, "custom_id": "pick", "values": ["2"] }), Some(message))
        .await;
    assert_eq!(heard["data"]["values"], json!(["2"]));
    assert_eq!(desk.calls_back(&heard, json!({ "type": 6 })).await.status, 200);
    let token = api::text(&heard, "token");
    let back = json!({ "content": "as it was", "components": [{ "type": 1, "components": [
        { "type": 2, "style": 2, "label": "Form", "custom_id": "form" },
    ] }] });
    let edited =
        desk.follow("update_original_webhook_message", &token, "/messages/@original", Some(back)).await;
    assert_eq!(edited.body["id"], json!(message));
    desk.person.until_matching("MESSAGE_UPDATE", |seen| seen["content"] == "as it was").await;
    let body = json!({
        "type": 3, "application_id": desk.stage.number(desk.bot.id), "message_id": message,
        "channel_id": desk.stage.number(desk.stage.general), "data": press,
    });
    let owner = desk.stage.owner.token.clone();
    let gone = desk.ask(&owner, "nexus_interact", "/interactions", Some(body)).await;
    assert_eq!(gone.status, 400, "the button is not there any more");
}

/// What is whispered is told to who asked and kept nowhere else.
async fn whispers(desk: &mut Desk) {
    let text = |text: &str| json!({ "options": [{ "type": 3, "name": "text", "value": text }] });
    let heard = desk.invokes("echo", text("psst")).await;
    let given = desk.calls_back(&heard, json!({ "type": 5, "data": { "flags": 64 } })).await;
    assert_eq!(given.body["interaction"]["response_message_loading"], json!(true));
    let token = api::text(&heard, "token");
    let at = "/messages/@original";
    let loading = desk.follow("get_original_webhook_message", &token, at, None).await;
    assert_eq!(loading.body["flags"], json!(128 | 64));
    let said =
        desk.follow("update_original_webhook_message", &token, at, Some(json!({ "content": "psst" }))).await;
    assert_eq!(said.body["flags"], json!(64));
    let seen = desk.person.until_matching("MESSAGE_CREATE", |seen| seen["content"] == "psst").await;
    assert_eq!(seen["id"], said.body["id"]);
    let louder = Some(json!({ "content": "psst!" }));
    let written = format!("/webhooks/{}/{token}/messages/%40original", desk.stage.number(desk.bot.id));
    let looked = desk.ask("", "get_webhook_message", &written, None).await;
    assert_eq!(looked.body["id"], said.body["id"], "as discord.js writes it");
    desk.follow("update_original_webhook_message", &token, at, louder).await;
    desk.person.until_matching("MESSAGE_UPDATE", |seen| seen["content"] == "psst!").await;
    let general = desk.stage.number(desk.stage.general);
    let stored = desk.as_bot("list_messages", &format!("/channels/{general}/messages"), None).await;
    assert!(!stored.to_string().contains("psst"), "a whisper is in no channel");
    assert!(desk.bot_client.all("MESSAGE_CREATE").iter().all(|seen| seen["content"] != "psst"));
    assert_eq!(desk.follow("delete_original_webhook_message", &token, at, None).await.status, 204);
    desk.person.until("MESSAGE_DELETE").await;
}

async fn typing(desk: &mut Desk) {
    let command = desk.command("echo").await;
    let options = json!([{ "type": 3, "name": "text", "value": "he", "focused": true }]);
    let heard = desk
        .asks(4, json!({ "id": command["id"], "name": "echo", "type": 1, "options": options }), None)
        .await;
    assert_eq!(heard["data"]["options"][0]["focused"], json!(true));
    let proposed = json!({ "type": 8, "data": { "choices": [{ "name": "hello", "value": "hello" }] } });
    assert_eq!(desk.calls_back(&heard, proposed).await.status, 200);
    let told = desk.person.until("APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE").await;
    assert_eq!((&told["nonce"], &told["choices"][0]["value"]), (&json!("n-4"), &json!("hello")));
}

async fn form(desk: &mut Desk) {
    let heard =
        desk.invokes("echo", json!({ "options": [{ "type": 3, "name": "text", "value": "form" }] })).await;
    let field = json!({ "type": 4, "custom_id": "name", "style": 1, "label": "Your name" });
    let shown = json!({ "type": 9, "data": { "custom_id": "who", "title": "Who are you?", "components": [
        { "type": 1, "components": [field] },
    ] } });
    assert_eq!(desk.calls_back(&heard, shown).await.status, 200);
    let form = desk.person.until("INTERACTION_MODAL_CREATE").await;
    assert_eq!(form["title"], "Who are you?");
    let filled = json!({ "id": form["id"], "custom_id": "who", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "name", "value": "Ada" }] },
    ] });
    let heard = desk.asks(5, filled, None).await;
    let row = &heard["data"]["components"][0];
    assert_eq!(row["components"][0]["value"], "Ada");
    // Without them hikari never tells its bot of the form.
    assert_eq!((&row["id"], &row["components"][0]["id"]), (&json!(1), &json!(2)));
    let thanks = json!({ "type": 4, "data": { "content": "thanks, Ada", "flags": 64 } });
    assert_eq!(
        desk.calls_back(&heard, thanks).await.body["interaction"]["response_message_ephemeral"],
        json!(true)
    );
}

/// Commands on a person and on a message.
async fn menus(desk: &mut Desk) {
    let owner = desk.stage.owner.clone();
    let number = desk.stage.number(owner.id);
    let heard = desk.invokes("Inspect", json!({ "target_id": number })).await;
    assert!(heard["data"]["resolved"]["members"][&number].is_object());
    assert_eq!(
        desk.calls_back(&heard, json!({ "type": 4, "data": { "content": "a person" } })).await.status,
        200
    );
    let said = desk.stage.says(&owner, "wise words").await.api_id.0.to_string();
    let heard = desk.invokes("Quote", json!({ "target_id": said })).await;
    assert_eq!(heard["data"]["resolved"]["messages"][&said]["content"], "wise words");
    assert_eq!(
        desk.calls_back(&heard, json!({ "type": 4, "data": { "content": "quoted" } })).await.status,
        200
    );
}

/// Who may use what, by the word of who manages the guild.
async fn permissions(desk: &mut Desk) {
    let (guild, bot) = (desk.stage.number(desk.stage.guild), desk.stage.number(desk.bot.id));
    let ben = desk.stage.member("Ben").await;
    let owner = desk.stage.owner.token.clone();
    let commands = format!("/applications/{bot}/guilds/{guild}/commands");
    let roll = api::text(&desk.command("roll").await, "id");
    let echo = api::text(&desk.command("echo").await, "id");
    assert_eq!(
        offered(desk, &ben).await,
        BTreeSet::from(["Inspect", "Quote", "echo", "there"].map(String::from))
    );
    let none = desk
        .as_bot("list_guild_application_command_permissions", &format!("{commands}/permissions"), None)
        .await;
    assert_eq!(none, json!([]));

    let set = "set_guild_application_command_permissions";
    let lines =
        json!({ "permissions": [{ "id": desk.stage.number(ben.id), "type": 2, "permission": true }] });
    let at = format!("{commands}/{roll}/permissions");
    let given = desk.ask(&owner, set, &at, Some(lines.clone())).await;
    assert_eq!((given.status.as_u16(), &given.body["permissions"]), (200, &lines["permissions"]));
    let told = desk.bot_client.until("APPLICATION_COMMAND_PERMISSIONS_UPDATE").await;
    assert_eq!(told, given.body);
    assert_eq!(desk.as_bot("get_guild_application_command_permissions", &at, None).await, given.body);
    let everybody = json!({ "permissions": [{ "id": guild, "type": 1, "permission": false }] });
    desk.ask(&owner, set, &format!("{commands}/{echo}/permissions"), Some(everybody)).await;
    let now = offered(desk, &ben).await;
    assert!(now.contains("roll") && !now.contains("echo"), "{now:?}");
    let asks = json!({
        "type": 2, "application_id": bot, "channel_id": desk.stage.number(desk.stage.general),
        "data": { "id": echo, "name": "echo", "type": 1, "options": [{ "type": 3, "name": "text", "value": "x" }] },
    });
    let refused = desk.ask(&ben.token, "nexus_interact", "/interactions", Some(asks)).await;
    assert_eq!(refused.status, 403);
    let forbidden = desk.ask(&ben.token, set, &at, Some(json!({ "permissions": [] }))).await;
    assert_eq!(forbidden.status, 403, "Ben does not manage the guild");
    let token = format!("Bot {}", desk.bot.token);
    assert_eq!(desk.ask(&token, set, &at, Some(lines)).await.status, 403, "a person's act");

    let whole: u64 = guild.parse().expect("a number");
    let nowhere =
        json!({ "permissions": [{ "id": (whole - 1).to_string(), "type": 3, "permission": false }] });
    desk.ask(&owner, set, &format!("{commands}/{bot}/permissions"), Some(nowhere)).await;
    assert!(offered(desk, &ben).await.is_empty(), "in no channel");
    for id in [&bot, &echo] {
        let free = Some(json!({ "permissions": [] }));
        desk.ask(&owner, set, &format!("{commands}/{id}/permissions"), free).await;
    }
    assert!(offered(desk, &ben).await.contains("echo"));
    let (get, at) = ("get_guild_application_command_permissions", format!("{commands}/{echo}/permissions"));
    let gone = desk.ask(&owner, get, &at, None).await;
    assert_eq!((gone.status.as_u16(), &gone.body["code"]), (404, &json!(10_066)));
}

/// The names of what somebody is offered in the channel.
async fn offered(desk: &mut Desk, who: &Account) -> BTreeSet<String> {
    let path = format!("/channels/{}/application-command-index", desk.stage.number(desk.stage.general));
    let index = desk.ask(&who.token, "nexus_list_commands", &path, None).await.body;
    let all = index["application_commands"].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|each| each["name"].as_str().map(str::to_owned)).collect()
}

/// A bot that does not answer in time, and one that is not there.
async fn silence(desk: &mut Desk) {
    let heard =
        desk.invokes("echo", json!({ "options": [{ "type": 3, "name": "text", "value": "?" }] })).await;
    let failed = desk.person.until("INTERACTION_FAILURE").await;
    assert_eq!(failed["id"], heard["id"]);
    let late = desk.calls_back(&heard, json!({ "type": 4, "data": { "content": "late" } })).await;
    assert_eq!((late.status.as_u16(), &late.body["code"]), (404, &json!(10_062)));
    let absent = desk.stage.bot("Absent").await;
    let path = format!("/applications/{}/commands", desk.stage.number(absent.id));
    let made = json!({ "name": "hello", "description": "anybody there" });
    let token = format!("Bot {}", absent.token);
    let made = desk.ask(&token, "create_application_command", &path, Some(made)).await.body;
    let body = json!({
        "type": 2, "application_id": desk.stage.number(absent.id),
        "channel_id": desk.stage.number(desk.stage.general), "data": { "id": made["id"], "name": "hello", "type": 1 },
    });
    let owner = desk.stage.owner.token.clone();
    let refused = desk.ask(&owner, "nexus_interact", "/interactions", Some(body)).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (404, &json!(10_062)));
}

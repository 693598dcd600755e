//! Moderation: timeouts, the audit log with reasons, pruning.

use crate::api::{Account, Api, Begun, begun, request, text};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

struct Scene {
    api: Api,
    owner: Account,
    bot: Account,
    guild: String,
    general: String,
}

impl Scene {
    async fn set() -> Self {
        let Begun { api, owner, bot, guild, general } = begun().await;
        Self { api, owner, bot, guild, general }
    }

    fn path(&self, rest: &str) -> String {
        format!("/guilds/{}{rest}", self.guild)
    }

    /// As libraries send a reason: percent-encoded.
    async fn because(&self, operation: &str, method: &str, path: &str, reason: &str, body: &Value) {
        let asked = request(method, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, &self.owner.authorization)
            .header("X-Audit-Log-Reason", reason)
            .body(Body::from(body.to_string()))
            .expect("a request");
        let answer = self.api.send_for(operation, asked).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    }

    async fn log(&self, query: &str) -> Vec<Value> {
        let path = self.path(&format!("/audit-logs{query}"));
        let log = self.api.call(&self.owner, "list_guild_audit_log_entries", &path, None).await;
        log["audit_log_entries"].as_array().expect("a list").clone()
    }

    async fn says(&self, who: &Account, words: &str) -> (u16, Value) {
        let path = format!("/channels/{}/messages", self.general);
        let answer = self.api.ask(who, "create_message", &path, Some(json!({"content": words}))).await;
        (answer.status.as_u16(), answer.body)
    }
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_and_why_and_what_it_was_before() {
    let scene = Scene::set().await;
    let channel = format!("/channels/{}", scene.general);
    scene.because("update_channel", "PATCH", &channel, "quieter%20please", &json!({"topic": "one"})).await;
    scene.because("update_channel", "PATCH", &channel, "", &json!({"topic": "two"})).await;
    let log = scene.log("?action_type=11").await;
    assert_eq!(log.len(), 2);
    let change = json!([{"key": "topic", "old_value": "one", "new_value": "two"}]);
    assert_eq!((&log[0]["changes"], log[0].get("reason")), (&change, None), "the newest first");
    assert_eq!((&log[1]["reason"], &log[1]["user_id"]), (&json!("quieter please"), &json!(scene.owner.id)));
    assert_eq!(log[1]["target_id"], json!(scene.general));

    let ban = scene.path(&format!("/bans/{}", scene.bot.id));
    scene.because("ban_user_from_guild", "PUT", &ban, "spam", &json!({})).await;
    let about = format!("?target_id={}&action_type=22", scene.bot.id);
    assert_eq!(scene.log(&about).await[0]["reason"], "spam");
    let all = scene.log("?limit=100").await;
    let number = |entry: &Value| text(entry, "id").parse::<u64>().expect("a number");
    assert!(all.windows(2).all(|pair| number(&pair[0]) > number(&pair[1])));
    let older = scene.log(&format!("?before={}&limit=1", text(&all[1], "id"))).await;
    assert_eq!(older[0], all[2]);
    let newer = scene.log(&format!("?after={}&limit=1", text(&all[2], "id"))).await;
    assert_eq!(newer[0], all[1], "with `after`, the oldest first");
    scene.api.all_was_as_documented();
}

/// discord.js looks for the field of this name in each such line, and threw where there was none.
#[tokio::test]
async fn an_invites_line_has_the_field_of_its_code_and_keeps_the_code_to_itself() {
    let scene = Scene::set().await;
    let invites = format!("/channels/{}/invites", scene.general);
    let made = scene.api.call(&scene.owner, "create_channel_invite", &invites, Some(json!({}))).await;
    let gone = format!("/invites/{}", text(&made, "code"));
    scene.api.call(&scene.owner, "invite_revoke", &gone, None).await;
    for kind in [40, 42] {
        let log = scene.log(&format!("?action_type={kind}")).await;
        let changes = log[0]["changes"].as_array().expect("what changed");
        assert!(changes.contains(&json!({"key": "code"})), "{changes:?}");
    }
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn the_audit_log_tells_of_events_and_of_who_may_use_commands_and_why() {
    let scene = Scene::set().await;
    let fields = json!({
        "name": "A walk", "privacy_level": 2, "entity_type": 3, "entity_metadata": { "location": "the lake" },
        "scheduled_start_time": "2100-01-02T10:00:00Z", "scheduled_end_time": "2100-01-02T12:00:00Z",
    });
    let at = scene.path("/scheduled-events");
    scene.because("create_guild_scheduled_event", "POST", &at, "summer", &fields).await;
    let made = scene.log("?action_type=100").await.remove(0);
    assert_eq!(made["reason"], "summer");
    let one = format!("{at}/{}", text(&made, "target_id"));
    scene
        .because("update_guild_scheduled_event", "PATCH", &one, "longer", &json!({ "name": "A hike" }))
        .await;
    let edited = scene.log("?action_type=101").await.remove(0);
    let change = json!([{ "key": "name", "old_value": "A walk", "new_value": "A hike" }]);
    assert_eq!((&edited["changes"], &edited["reason"]), (&change, &json!("longer")));
    scene.because("delete_guild_scheduled_event", "DELETE", &one, "rain", &json!({})).await;
    assert_eq!(scene.log("?action_type=102").await[0]["reason"], "rain");

    let (bot, guild) = (&scene.bot.id, &scene.guild);
    let at = format!("/applications/{bot}/guilds/{guild}/commands/{bot}/permissions");
    let line = json!({ "id": guild, "type": 1, "permission": false });
    let lines = json!({ "permissions": [line] });
    scene.because("set_guild_application_command_permissions", "PUT", &at, "spam", &lines).await;
    let said = scene.log("?action_type=121").await.remove(0);
    assert_eq!((&said["target_id"], &said["reason"]), (&json!(bot), &json!("spam")));
    assert_eq!(said["changes"], json!([{ "key": guild, "new_value": line }]));
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn the_audit_log_tells_who_let_a_bot_in_and_shows_nobody_an_invite_for_it() {
    let scene = Scene::set().await;
    let log = scene.log("?action_type=28").await;
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["target_id"], &log[0]["user_id"]), (&json!(scene.bot.id), &json!(scene.owner.id)));
    let put_out = scene.path(&format!("/integrations/{}", scene.bot.id));
    scene.because("delete_guild_integration", "DELETE", &put_out, "noise", &json!({})).await;
    assert_eq!(scene.log("?action_type=20").await[0]["target_id"], scene.bot.id.as_str());
    let again = format!("/oauth2/authorize?client_id={}&scope=bot", scene.bot.id);
    let install = json!({ "guild_id": scene.guild, "authorize": true });
    scene.api.call(&scene.owner, "nexus_authorize_bot", &again, Some(install)).await;
    assert_eq!(scene.log("?action_type=28").await.len(), 2, "the first time stands there, too");
    assert!(scene.log("?action_type=40").await.is_empty(), "that invite was shown to nobody");
    let of_a_person = format!("/channels/{}/invites", scene.general);
    let brief = json!({ "max_age": 1, "unique": true });
    scene.api.call(&scene.owner, "create_channel_invite", &of_a_person, Some(brief)).await;
    assert_eq!(scene.log("?action_type=40").await.len(), 1, "a person's is, however soon it is over");
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn the_audit_log_tells_when_an_event_is_otherwise_once_and_by_what_rule_it_comes_again() {
    let scene = Scene::set().await;
    let rule = |interval: u32| json!({ "start": "2100-01-04T10:00:00Z", "frequency": 2, "interval": interval, "by_weekday": [0] });
    let fields = json!({
        "name": "A walk", "privacy_level": 2, "entity_type": 3, "entity_metadata": { "location": "the lake" },
        "scheduled_start_time": "2100-01-04T10:00:00Z", "scheduled_end_time": "2100-01-04T12:00:00Z",
        "recurrence_rule": rule(1),
    });
    let events = scene.path("/scheduled-events");
    let event = scene.api.call(&scene.owner, "create_guild_scheduled_event", &events, Some(fields)).await;
    let one = format!("{events}/{}", text(&event, "id"));
    let (owner, at) = (&scene.owner, format!("{one}/exceptions"));
    let next = json!({ "original_scheduled_start_time": "2100-01-11T10:00:00Z", "is_canceled": true });
    let made = scene.api.call(owner, "create_guild_scheduled_event_exception", &at, Some(next)).await;
    let id = text(&made, "event_exception_id");
    let at = format!("{at}/{id}");
    let held = json!({ "is_canceled": false });
    scene.api.call(owner, "update_guild_scheduled_event_exception", &at, Some(held)).await;
    scene.api.call(owner, "delete_guild_scheduled_event_exception", &at, None).await;
    for (action, change) in [
        (200, json!({ "key": "is_canceled", "new_value": true })),
        (201, json!({ "key": "is_canceled", "old_value": true, "new_value": false })),
        (202, json!({ "key": "is_canceled", "old_value": false })),
    ] {
        let line = scene.log(&format!("?action_type={action}")).await.remove(0);
        assert_eq!((&line["target_id"], &line["options"]["event_exception_id"]), (&event["id"], &json!(id)));
        assert!(line["changes"].as_array().is_some_and(|all| all.contains(&change)), "{line}");
    }
    let body = json!({ "recurrence_rule": rule(2) });
    let edited = scene.api.call(owner, "update_guild_scheduled_event", &one, Some(body)).await;
    let line = scene.log("?action_type=101").await.remove(0);
    assert_eq!(line["changes"][0]["new_value"], edited["recurrence_rule"]);
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn the_audit_log_is_for_who_may_read_it() {
    let scene = Scene::set().await;
    let path = scene.path("/audit-logs");
    let refused = scene.api.ask(&scene.bot, "list_guild_audit_log_entries", &path, None).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!(50_013)));
    let path = scene.path("/prune");
    let refused = scene.api.ask(&scene.bot, "preview_prune_guild", &path, None).await;
    assert_eq!(refused.body["code"], 50_013);
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn a_timeout_is_shown_and_holds_and_ends() {
    let scene = Scene::set().await;
    let member = scene.path(&format!("/members/{}", scene.bot.id));
    let until = "2999-01-02T03:04:05.000000+00:00";
    let far = json!({"communication_disabled_until": until});
    let refused = scene.api.ask(&scene.owner, "update_guild_member", &member, Some(far)).await;
    assert_eq!(refused.body["code"], 50_035, "28 days at most");
    let soon = time::OffsetDateTime::now_utc() + time::Duration::hours(1);
    let soon = soon.format(&time::format_description::well_known::Rfc3339).expect("a time");
    let body = json!({"communication_disabled_until": soon});
    let shown = scene.api.call(&scene.owner, "update_guild_member", &member, Some(body)).await;
    assert!(shown["communication_disabled_until"].is_string());
    assert_eq!(scene.says(&scene.bot, "hello?").await.0, 403);
    let logged = &scene.log("?action_type=24").await[0]["changes"][0];
    assert_eq!(
        (&logged["key"], logged["new_value"].is_string()),
        (&json!("communication_disabled_until"), true)
    );
    let over = json!({"communication_disabled_until": null});
    let shown = scene.api.call(&scene.owner, "update_guild_member", &member, Some(over)).await;
    assert_eq!(shown["communication_disabled_until"], Value::Null);
    assert_eq!(scene.says(&scene.bot, "hello!").await.0, 200);
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn who_came_today_is_not_pruned() {
    let scene = Scene::set().await;
    let (path, owner) = (scene.path("/prune"), &scene.owner);
    let counted = scene.api.call(owner, "preview_prune_guild", &format!("{path}?days=1"), None).await;
    assert_eq!(counted["pruned"], 0);
    let pruned = scene.api.call(owner, "prune_guild", &path, Some(json!({"days": 1}))).await;
    assert_eq!(pruned["pruned"], 0);
    let uncounted = json!({"days": 30, "compute_prune_count": false});
    assert_eq!(scene.api.call(owner, "prune_guild", &path, Some(uncounted)).await["pruned"], Value::Null);
    let refused = scene.api.ask(owner, "preview_prune_guild", &format!("{path}?days=31"), None).await;
    assert_eq!(refused.body["code"], 50_035);
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn how_long_messages_are_kept_is_said_by_who_may_and_stands_in_the_audit_log() {
    let scene = Scene::set().await;
    let here = format!("/nexus/channels/{}/retention", scene.general);
    let operation = "nexus_set_channel_retention";
    let refused = scene.api.ask(&scene.bot, operation, &here, Some(json!({"days": 7}))).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!(50_013)));
    for days in [json!(3_651), json!(-1), json!("soon")] {
        let refused = scene.api.ask(&scene.owner, operation, &here, Some(json!({"days": days}))).await;
        assert_eq!(refused.status.as_u16(), 400, "{days}");
    }
    for days in [7, 30] {
        scene.because(operation, "PUT", &here, "the%20law", &json!({"days": days})).await;
    }
    let log = scene.log("?action_type=11").await;
    let change = json!([{"key": "nexus_retention_days", "old_value": 7, "new_value": 30}]);
    assert_eq!((&log[0]["changes"], &log[0]["reason"]), (&change, &json!("the law")));
    assert_eq!(log[0]["target_id"], scene.general);
    let everywhere = format!("/nexus{}", scene.path("/retention"));
    let refused =
        scene.api.ask(&scene.bot, "nexus_set_guild_retention", &everywhere, Some(json!({"days": 1}))).await;
    assert_eq!(refused.status.as_u16(), 403);
    scene.api.call(&scene.owner, "nexus_set_guild_retention", &everywhere, Some(json!({"days": 365}))).await;
    let log = scene.log("?action_type=1").await;
    assert_eq!(log[0]["changes"], json!([{"key": "nexus_retention_days", "new_value": 365}]));
}

#[tokio::test]
async fn all_that_somebody_said_goes_at_their_word_or_that_of_who_may_ban_them_and_take_messages_away() {
    let scene = Scene::set().await;
    let operation = "nexus_erase_said";
    assert_eq!(scene.says(&scene.owner, "mine").await.0, 200);
    assert_eq!(scene.says(&scene.bot, "the bot's").await.0, 200);
    let path = |who: &str| format!("/nexus{}", scene.path(&format!("/members/{who}/erase")));
    let refused = scene.api.ask(&scene.bot, operation, &path(&scene.owner.id), None).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!(50_013)));
    let texts = async || {
        let path = format!("/channels/{}/messages", scene.general);
        let all = scene.api.call(&scene.owner, "list_messages", &path, None).await;
        let all = all.as_array().expect("a list").iter();
        all.map(|message| message["content"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts().await, ["the bot's", "mine"]);
    scene.api.call(&scene.owner, operation, &path(&scene.bot.id), None).await;
    assert_eq!(texts().await, ["mine"]);
    let log = scene.log("?action_type=24").await;
    assert_eq!(log[0]["changes"][0]["key"], "nexus_erased_upto_ms");
    assert_eq!(log[0]["target_id"], scene.bot.id.as_str());

    assert_eq!(scene.says(&scene.bot, "again").await.0, 200);
    assert_eq!(texts().await, ["again", "mine"], "what is said later stays");
    scene.api.call(&scene.bot, operation, &path("@me"), None).await;
    assert_eq!(texts().await, ["mine"]);
    assert_eq!(scene.says(&scene.bot, "bye").await.0, 200);
    let leave = format!("/users/@me/guilds/{}?erase=true", scene.guild);
    scene.api.call(&scene.bot, "leave_guild", &leave, None).await;
    assert_eq!(texts().await, ["mine"]);
    scene.api.all_was_as_documented();
}

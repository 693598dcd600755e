//! Every served route is called, and every body held against its document: Discord's own OpenAPI for what Discord
//! documents, our schemas for the rest. A route that is served and not called here fails the run.

pub(crate) mod documents;
mod expressions;
mod groups;
mod kept;
mod permissions;
mod refusals;
pub(crate) mod walk;

use crate::gateway::interactions::Desk;
use documents::Documents;
use serde_json::json;
use std::collections::BTreeSet;
use walk::Walk;

#[tokio::test]
async fn every_served_operation_answers_as_its_document_says() {
    let mut walk = Walk::begin(Documents::load()).await;
    people_and_guilds(&mut walk).await;
    channels_and_roles(&mut walk).await;
    messages(&mut walk).await;
    threads(&mut walk).await;
    expressions::emojis(&mut walk).await;
    expressions::events(&mut walk).await;
    expressions::recurring_events(&mut walk).await;
    expressions::polls(&mut walk).await;
    groups::conversations_of_several(&mut walk).await;
    groups::search(&mut walk).await;
    groups::search_in_conversations(&mut walk).await;
    groups::a_search_sees_what_the_caller_reads(&mut walk).await;
    groups::pauses(&mut walk).await;
    expressions::announcements(&mut walk).await;
    expressions::own_emojis(&mut walk).await;
    expressions::filters(&mut walk).await;
    kept::read_states_and_settings(&mut walk).await;
    kept::relationships(&mut walk).await;
    members_and_bans(&mut walk).await;
    webhooks(&mut walk).await;
    the_rest(&mut walk).await;
    let desk = Desk::play().await;
    walk.documents.wrong.extend(desk.documents.wrong);
    walk.validated.extend(desk.validated);
    // It needs a header of GitHub's: `webhooks::github_is_understood` calls it.
    walk.validated.insert("execute_github_compatible_webhook");
    // Its answer is an archive: `export::everything_somebody_said_is_in_one_archive` opens it.
    walk.validated.insert("nexus_export");
    assert!(walk.documents.wrong.is_empty(), "{}", walk.documents.wrong.join("\n\n"));
    let served: BTreeSet<&str> = nexus_api::SERVED.iter().map(|route| route.operation).collect();
    let missing: Vec<&&str> = served.difference(&walk.validated).collect();
    assert!(missing.is_empty(), "served, and never validated: {missing:?}");
}

async fn people_and_guilds(walk: &mut Walk) {
    walk.call("GET", "/users/@me", None).await;
    walk.call("PATCH", "/users/@me", Some(json!({ "username": "Ada L." }))).await;
    let (owner, bot) = (walk.owner.clone(), walk.bot.clone());
    walk.call("GET", &format!("/users/{owner}"), None).await;
    walk.call("GET", &format!("/users/{bot}"), None).await;
    walk.call("POST", "/users/@me/channels", Some(json!({ "recipient_id": bot }))).await;
    walk.call("GET", "/users/@me/channels", None).await;
    walk.call("POST", "/guilds", Some(json!({ "name": "A second one" }))).await;
    walk.call("GET", "/users/@me/guilds", None).await;
    let guild = walk.guild.clone();
    walk.call("GET", &format!("/guilds/{guild}"), None).await;
    walk.call("GET", &format!("/guilds/{guild}?with_counts=true"), None).await;
    let preview = walk.call("GET", &format!("/guilds/{guild}/preview"), None).await;
    assert_eq!(preview["approximate_member_count"], 2);
    let listed = walk.call("GET", &format!("/guilds/{guild}/integrations"), None).await;
    assert_eq!((&listed[0]["application"]["id"], &listed[0]["type"]), (&json!(bot), &json!("discord")));
    walk.call("DELETE", &format!("/guilds/{guild}/integrations/{bot}"), None).await;
    assert_eq!(walk.call("GET", &format!("/guilds/{guild}/integrations"), None).await, json!([]));
    walk.install().await;
    let edit = json!({ "name": "Renamed", "description": "about", "system_channel_id": walk.channel });
    walk.call("PATCH", &format!("/guilds/{guild}"), Some(edit)).await;
}

async fn channels_and_roles(walk: &mut Walk) {
    let guild = walk.guild.clone();
    walk.call("GET", &format!("/guilds/{guild}/channels"), None).await;
    let category =
        walk.made("POST", &format!("/guilds/{guild}/channels"), json!({ "name": "C", "type": 4 })).await;
    let body = json!({ "name": "made", "type": 0, "topic": "t", "parent_id": category, "nsfw": false });
    let made = walk.made("POST", &format!("/guilds/{guild}/channels"), body).await;
    walk.call("POST", &format!("/guilds/{guild}/channels"), Some(json!({ "name": "V", "type": 2 }))).await;
    let moves = json!([{ "id": made, "position": 3 }, { "id": category, "position": 1 }]);
    walk.call("PATCH", &format!("/guilds/{guild}/channels"), Some(moves)).await;
    walk.call("GET", &format!("/channels/{made}"), None).await;
    walk.call("GET", &format!("/nexus/channels/{made}/readers"), None).await;
    walk.call(
        "PATCH",
        &format!("/channels/{made}"),
        Some(json!({ "topic": null, "rate_limit_per_user": 5 })),
    )
    .await;
    let role =
        walk.made("POST", &format!("/guilds/{guild}/roles"), json!({ "name": "R", "color": 255 })).await;
    walk.call("GET", &format!("/guilds/{guild}/roles"), None).await;
    let moves = json!([{ "id": role, "position": 1 }]);
    walk.call("PATCH", &format!("/guilds/{guild}/roles"), Some(moves)).await;
    walk.call("PUT", &format!("/nexus/channels/{made}/lock"), None).await;
    walk.call("GET", &format!("/channels/{made}"), None).await;
    walk.call("DELETE", &format!("/nexus/channels/{made}/lock"), None).await;
    let kept = Some(json!({ "days": 90 }));
    walk.call("PUT", &format!("/nexus/channels/{made}/retention"), kept.clone()).await;
    walk.call("GET", &format!("/channels/{made}"), None).await;
    walk.call("PUT", &format!("/nexus/guilds/{guild}/retention"), kept).await;
    let bot = walk.bot.clone();
    walk.call("POST", &format!("/nexus/guilds/{guild}/members/{bot}/erase"), None).await;
    walk.call("GET", &format!("/guilds/{guild}/roles/{role}"), None).await;
    let edit = json!({ "name": "R2", "permissions": "2048", "hoist": true });
    walk.call("PATCH", &format!("/guilds/{guild}/roles/{role}"), Some(edit)).await;
    let bot = walk.bot.clone();
    walk.call("PUT", &format!("/guilds/{guild}/members/{bot}/roles/{role}"), None).await;
    walk.call("DELETE", &format!("/guilds/{guild}/members/{bot}/roles/{role}"), None).await;
    let line = json!({ "type": 0, "allow": "1024", "deny": "2048" });
    walk.call("PUT", &format!("/channels/{made}/permissions/{role}"), Some(line)).await;
    walk.call("GET", &format!("/channels/{made}"), None).await;
    walk.call("DELETE", &format!("/channels/{made}/permissions/{role}"), None).await;
    walk.call("DELETE", &format!("/guilds/{guild}/roles/{role}"), None).await;
    walk.call("DELETE", &format!("/channels/{made}"), None).await;
}

async fn messages(walk: &mut Walk) {
    let at = format!("/channels/{}", walk.channel);
    let (bot, channel) = (walk.bot.clone(), walk.channel.clone());
    let embed = json!({
        "title": "T", "description": format!("to <@{bot}>"), "url": "https://example.org", "color": 255,
        "timestamp": "2026-01-02T03:04:05.000Z", "footer": { "text": "f" }, "author": { "name": "a" },
        "image": { "url": "https://example.org/i.png" }, "fields": [{ "name": "n", "value": "v", "inline": true }],
    });
    let text = format!("hi <@{bot}> in <#{channel}>");
    let body = json!({ "content": text, "embeds": [embed], "nonce": "77" });
    let first = walk.made("POST", &format!("{at}/messages"), body).await;
    let reply = json!({ "content": "yes", "message_reference": { "message_id": first } });
    let second = walk.made("POST", &format!("{at}/messages"), reply).await;
    walk.call("PATCH", &format!("{at}/messages/{second}"), Some(json!({ "content": "yes, edited" }))).await;
    let reactions = format!("{at}/messages/{first}/reactions");
    let thumb = "%F0%9F%91%8D";
    walk.call("PUT", &format!("{reactions}/{thumb}/@me"), None).await;
    walk.call("GET", &format!("{reactions}/{thumb}"), None).await;
    walk.call("GET", &format!("{at}/messages/{first}"), None).await;
    walk.call("GET", &format!("{at}/messages?limit=10"), None).await;
    walk.call("GET", &format!("{at}/messages?around={first}"), None).await;
    walk.call("DELETE", &format!("{reactions}/{thumb}/@me"), None).await;
    for rest in [format!("/{thumb}/{bot}"), format!("/{thumb}"), String::new()] {
        walk.as_bot("PUT", &format!("{reactions}/{thumb}/@me"), None).await;
        walk.call("DELETE", &format!("{reactions}{rest}"), None).await;
    }
    walk.call("PUT", &format!("{at}/messages/pins/{first}"), None).await;
    walk.call("GET", &format!("{at}/messages/pins"), None).await;
    walk.call("GET", &format!("{at}/pins"), None).await;
    walk.call("DELETE", &format!("{at}/messages/pins/{first}"), None).await;
    walk.call("PUT", &format!("{at}/pins/{first}"), None).await;
    walk.call("DELETE", &format!("{at}/pins/{first}"), None).await;
    walk.call("POST", &format!("{at}/typing"), None).await;
    walk.call("DELETE", &format!("{at}/messages/{second}"), None).await;
    let third = walk.made("POST", &format!("{at}/messages"), json!({ "content": "three" })).await;
    walk.call("POST", &format!("{at}/messages/bulk-delete"), Some(json!({ "messages": [first, third] })))
        .await;
}

async fn threads(walk: &mut Walk) {
    let (guild, bot) = (format!("/guilds/{}", walk.guild), walk.bot.clone());
    let at = format!("/channels/{}", walk.channel);
    let message = walk.made("POST", &format!("{at}/messages"), json!({ "content": "the roof?" })).await;
    let body = json!({ "name": "the roof", "auto_archive_duration": 60 });
    let thread = walk.made("POST", &format!("{at}/messages/{message}/threads"), body).await;
    assert_eq!(thread, message, "a thread is called like the message it was made from");
    let there = format!("/channels/{thread}");
    walk.call("POST", &format!("{there}/messages"), Some(json!({ "content": "it leaks" }))).await;
    let shown = walk.call("GET", &format!("{at}/messages/{message}"), None).await;
    assert_eq!((&shown["thread"]["id"], &shown["thread"]["message_count"]), (&json!(thread), &json!(1)));
    let members = format!("{there}/thread-members");
    walk.as_bot("PUT", &format!("{members}/@me"), None).await;
    walk.as_bot("DELETE", &format!("{members}/@me"), None).await;
    walk.call("PUT", &format!("{members}/{bot}"), None).await;
    let listed = walk.call("GET", &format!("{members}?with_member=true"), None).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "who made it, and who was brought in: {listed}");
    walk.call("GET", &format!("{members}/{bot}"), None).await;
    walk.call("DELETE", &format!("{members}/{bot}"), None).await;
    let open = walk.made("POST", &format!("{at}/threads"), json!({ "name": "plans", "type": 11 })).await;
    let aside = walk.made("POST", &format!("{at}/messages"), json!({ "content": "off topic" })).await;
    let moves = json!({ "message_ids": [aside], "thread_id": open });
    walk.call("POST", &format!("/nexus{at}/moves"), Some(moves)).await;
    walk.call("GET", &format!("/channels/{open}/messages"), None).await;
    let active = walk.call("GET", &format!("{guild}/threads/active"), None).await;
    let ids: Vec<_> = active["threads"].as_array().into_iter().flatten().map(|each| &each["id"]).collect();
    assert_eq!(ids, [&json!(open), &json!(thread)], "the newest first");
    let away = json!({ "archived": true, "locked": true, "name": "the old roof" });
    let edited = walk.call("PATCH", &there, Some(away)).await;
    assert_eq!(edited["thread_metadata"]["locked"], true);
    let archived = walk.call("GET", &format!("{at}/threads/archived/public?limit=2"), None).await;
    assert_eq!((&archived["threads"][0]["id"], &archived["has_more"]), (&json!(thread), &json!(false)));
    let earlier = "?before=2020-01-02T03:04:05.000Z";
    let archived = walk.call("GET", &format!("{at}/threads/archived/public{earlier}"), None).await;
    assert_eq!(archived["threads"], json!([]));
    let ticket = json!({ "name": "ticket", "type": 12, "invitable": false });
    let ticket = walk.call("POST", &format!("{at}/threads"), Some(ticket)).await;
    assert_eq!((&ticket["type"], &ticket["thread_metadata"]["invitable"]), (&json!(12), &json!(false)));
    let there = format!("/channels/{}", ticket["id"].as_str().expect("an id"));
    walk.call("PUT", &format!("{there}/thread-members/{bot}"), None).await;
    walk.call("PATCH", &there, Some(json!({ "archived": true, "invitable": true }))).await;
    let private = walk.call("GET", &format!("{at}/threads/archived/private"), None).await;
    assert_eq!(private["threads"][0]["id"], ticket["id"]);
    let mine = walk.as_bot("GET", &format!("{at}/users/@me/threads/archived/private"), None).await;
    assert_eq!((&mine["threads"][0]["id"], &mine["members"][0]["user_id"]), (&ticket["id"], &json!(bot)));
    let public = walk.call("GET", &format!("{at}/threads/archived/public"), None).await;
    assert!(
        public["threads"].as_array().is_some_and(|all| all.iter().all(|each| each["id"] != ticket["id"]))
    );
    forum(walk, &guild).await;
    walk.call("DELETE", &format!("/channels/{open}"), None).await;
}

async fn forum(walk: &mut Walk, guild: &str) {
    let tags = json!([{ "name": "question", "emoji_name": "❓" }, { "name": "solved", "moderated": true }]);
    let body = json!({ "name": "help", "type": 15, "available_tags": tags, "default_forum_layout": 1 });
    let made = walk.call("POST", &format!("{guild}/channels"), Some(body)).await;
    let help = format!("/channels/{}", made["id"].as_str().expect("an id"));
    let (question, solved) = (made["available_tags"][0].clone(), made["available_tags"][1].clone());
    let fewer = json!({ "available_tags": [question, solved, { "name": "odd" }], "default_sort_order": 1 });
    let edited = walk.call("PATCH", &help, Some(fewer)).await;
    assert_eq!(edited["available_tags"][0], question, "a tag keeps its number");
    let post = json!({
        "name": "It does not start", "applied_tags": [question["id"]], "message": { "content": "why?" },
    });
    let post = walk.call("POST", &format!("{help}/threads"), Some(post)).await;
    assert_eq!((&post["message"]["content"], &post["message"]["id"]), (&json!("why?"), &post["id"]));
    assert_eq!((&post["message_count"], &post["applied_tags"][0]), (&json!(0), &question["id"]));
    let search = format!("{help}/threads/search");
    let tag = |tag: &serde_json::Value| tag["id"].as_str().unwrap_or_default().to_owned();
    let found = walk.call("GET", &format!("{search}?tag={}&name=START", tag(&question)), None).await;
    assert_eq!((&found["total_results"], &found["threads"][0]["id"]), (&json!(1), &post["id"]));
    assert_eq!(found["first_messages"][0]["content"], "why?");
    let found = walk.call("GET", &format!("{search}?tag={}", tag(&solved)), None).await;
    assert_eq!(found["total_results"], 0);
    let both = format!("{search}?tag={}&tag={}&tag_setting=match_all", tag(&question), tag(&solved));
    assert_eq!(walk.call("GET", &both, None).await["total_results"], 0);
    walk.call("DELETE", &help, None).await;
}

async fn members_and_bans(walk: &mut Walk) {
    let guild = format!("/guilds/{}", walk.guild);
    let bot = walk.bot.clone();
    walk.call("GET", &format!("{guild}/members?limit=5"), None).await;
    walk.call("GET", &format!("{guild}/members/search?query=he"), None).await;
    walk.call("GET", &format!("{guild}/members/{bot}"), None).await;
    walk.call("PATCH", &format!("{guild}/members/@me"), Some(json!({ "nick": "me" }))).await;
    walk.call("PATCH", &format!("{guild}/members/{bot}"), Some(json!({ "nick": "Botty" }))).await;
    let pause = json!({ "communication_disabled_until": null });
    walk.call("PATCH", &format!("{guild}/members/{bot}"), Some(pause)).await;
    walk.call("GET", &format!("{guild}/prune?days=7"), None).await;
    walk.call("POST", &format!("{guild}/prune"), Some(json!({ "days": 7 }))).await;
    let log = walk.call("GET", &format!("{guild}/audit-logs?limit=100"), None).await;
    let kinds: BTreeSet<u64> = log["audit_log_entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["action_type"].as_u64())
        .collect();
    let wanted = [1, 10, 11, 12, 13, 15, 25, 28, 30, 31, 32, 110, 111, 112, 200, 201, 202];
    assert!(wanted.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    walk.call("PUT", &format!("{guild}/bans/{bot}"), Some(json!({ "delete_message_seconds": 60 }))).await;
    walk.call("GET", &format!("{guild}/bans"), None).await;
    walk.call("GET", &format!("{guild}/bans/{bot}"), None).await;
    let cut = json!({ "keep_until_ms": 0 });
    walk.call("PUT", &format!("/nexus{guild}/bans/{bot}/cut"), Some(cut)).await;
    walk.call("DELETE", &format!("{guild}/bans/{bot}"), None).await;
    walk.install().await;
    let several = json!({ "user_ids": [bot, "1"], "delete_message_seconds": 60 });
    let banned = walk.call("POST", &format!("{guild}/bulk-ban"), Some(several)).await;
    assert_eq!((&banned["banned_users"], &banned["failed_users"]), (&json!([bot]), &json!(["1"])));
    walk.call("DELETE", &format!("{guild}/bans/{bot}"), None).await;
    walk.install().await;
    walk.call("GET", &format!("/users/@me{guild}/member"), None).await;
    let counts = walk.call("GET", &format!("{guild}/roles/member-counts"), None).await;
    assert!(counts.as_object().is_some_and(|counts| counts.values().any(|count| *count == 1)), "{counts}");
    walk.call("DELETE", &format!("{guild}/members/{bot}"), None).await;
    walk.install().await;
    let code =
        walk.code("POST", &format!("/channels/{}/invites", walk.channel), json!({ "max_age": 0 })).await;
    walk.call("GET", &format!("/channels/{}/invites", walk.channel), None).await;
    walk.call("GET", &format!("{guild}/invites"), None).await;
    walk.call("GET", &format!("/invites/{code}"), None).await;
    walk.call("POST", &format!("/invites/{code}"), None).await;
    let url = format!("http://127.0.0.1:8080/invite/{code}");
    walk.call("POST", "/nexus/join", Some(json!({ "url": url }))).await;
    let relays = format!("/nexus{guild}/relays");
    walk.call("GET", &relays, None).await;
    walk.call("PUT", &relays, Some(json!({ "relays": ["https://relay.example"] }))).await;
    walk.call("DELETE", &format!("/invites/{code}"), None).await;
    walk.as_bot("DELETE", &format!("/users/@me{guild}"), None).await;
    walk.install().await;
}

async fn webhooks(walk: &mut Walk) {
    let of_channel = format!("/channels/{}/webhooks", walk.channel);
    let made = walk.call("POST", &of_channel, Some(json!({ "name": "CI" }))).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let link = format!("/webhooks/{id}/{}", made["token"].as_str().expect("a token"));
    let slack = json!({ "text": "the build", "attachments": [{ "title": "failed", "color": "danger" }] });
    assert_eq!(walk.call("POST", &format!("{link}/slack"), Some(slack)).await, "ok");
    let listed = walk.call("GET", &of_channel, None).await;
    assert_eq!(listed, json!([made]));
    walk.call("GET", &format!("/guilds/{}/webhooks", walk.guild), None).await;
    walk.call("GET", &format!("/webhooks/{id}"), None).await;
    let named = walk.call("PATCH", &format!("/webhooks/{id}"), Some(json!({ "name": "Builds" }))).await;
    assert_eq!((&named["name"], &named["token"]), (&json!("Builds"), &made["token"]));
    walk.call("GET", &link, None).await;
    walk.call("PATCH", &link, Some(json!({ "name": "Builder" }))).await;
    let words = json!({ "content": "green", "username": "Main", "avatar_url": "https://example.org/a.png" });
    let said = walk.call("POST", &format!("{link}?wait=true"), Some(words)).await;
    assert_eq!((&said["author"]["username"], &said["webhook_id"]), (&json!("Main"), &json!(id)));
    assert_eq!((&said["author"]["id"], &said["nexus"]["webhook_of"]), (&json!(id), &json!(walk.owner)));
    walk.call("POST", &link, Some(json!({ "content": "and nobody waits" }))).await;
    let at = format!("{link}/messages/{}", said["id"].as_str().expect("an id"));
    walk.call("GET", &at, None).await;
    let edited = walk.call("PATCH", &at, Some(json!({ "content": "red" }))).await;
    assert_eq!((&edited["content"], &edited["author"]["username"]), (&json!("red"), &json!("Main")));
    walk.call("DELETE", &at, None).await;
    let again = walk.call("POST", &of_channel, Some(json!({ "name": "Another" }))).await;
    let other = format!("/webhooks/{}", again["id"].as_str().expect("an id"));
    walk.call("DELETE", &format!("{other}/{}", again["token"].as_str().expect("a token")), None).await;
    walk.call("DELETE", &format!("/webhooks/{id}"), None).await;
}

async fn the_rest(walk: &mut Walk) {
    let bot = walk.bot.clone();
    walk.call("GET", "/gateway", None).await;
    walk.as_bot("GET", "/gateway/bot", None).await;
    walk.as_bot("GET", "/applications/@me", None).await;
    walk.as_bot("PATCH", "/applications/@me", Some(json!({ "description": "helps" }))).await;
    walk.as_bot("GET", "/oauth2/applications/@me", None).await;
    walk.call("GET", "/applications", None).await;
    walk.call("GET", &format!("/applications/{bot}"), None).await;
    walk.call("PATCH", &format!("/applications/{bot}"), Some(json!({ "flags": 524_288 }))).await;
    let mistake = walk.made("POST", "/applications", json!({ "name": "mistake" })).await;
    walk.call("POST", &format!("/applications/{mistake}/delete"), None).await;
    walk.call("GET", "/nexus/status", None).await;
    let guild = format!("/nexus/guilds/{}", walk.guild);
    walk.call("GET", &format!("{guild}/owners"), None).await;
    let vote = json!({ "owners": [walk.owner, bot], "threshold": 2 });
    walk.call("PUT", &format!("{guild}/owners"), Some(vote)).await;
    let vote = json!({ "owners": [walk.owner], "threshold": 1 });
    walk.call("PUT", &format!("{guild}/owners"), Some(vote)).await;
    walk.as_bot("PUT", &format!("{guild}/owners"), Some(json!({ "owners": [walk.owner], "threshold": 1 })))
        .await;
    walk.call("GET", &format!("{guild}/rules"), None).await;
    walk.call("PUT", &format!("{guild}/rules"), Some(json!({ "rules_version": 2 }))).await;
    let devices = walk.call("GET", &format!("{guild}/members/{bot}/devices"), None).await;
    let device = devices[0]["device"].as_str().unwrap_or_default().to_owned();
    walk.call("DELETE", &format!("{guild}/members/{bot}/devices/{device}"), None).await;
    walk.call("GET", &format!("{guild}/members/{bot}/devices"), None).await;
    walk.call("POST", "/nexus/session", None).await;
    walk.call("DELETE", "/nexus/session", None).await;
    walk.call("GET", "/nexus/relay", None).await;
    walk.call("GET", "/nexus/compatibility", None).await;
    walk.call("POST", "/auth/register", Some(json!({ "username": "x", "password": "y" }))).await;
    walk.call("POST", "/auth/login", Some(json!({ "login": "x", "password": "y" }))).await;
    walk.call("POST", "/auth/refresh", Some(json!({ "refresh_token": "x" }))).await;
    walk.call("POST", "/nexus/claim", Some(json!({ "password": "correct horse" }))).await;
    walk.call("GET", "/auth/sessions", None).await;
    walk.call("DELETE", "/auth/sessions/0123456789abcdef0123456789abcdef", None).await;
    let passwords = json!({ "password": "correct horse", "new_password": "another horse" });
    walk.call("POST", "/auth/password", Some(passwords)).await;
    walk.call("POST", "/users/@me/delete", Some(json!({ "password": "correct horse" }))).await;
    let secret = "a secret of the window's own";
    walk.call("POST", "/auth/sign-in/google", Some(json!({ "secret": secret }))).await;
    let back = json!({ "state": "x", "code": "x", "secret": secret });
    walk.call("POST", "/auth/sign-in/google/finish", Some(back)).await;
    let newcomer = json!({ "ticket": "x", "username": "ada" });
    walk.call("POST", "/auth/sign-in/google/register", Some(newcomer)).await;
    walk.call("POST", "/auth/sign-in/google/unlink", Some(json!({ "password": "x" }))).await;
    walk.call("POST", "/auth/forgot", Some(json!({ "login": "x" }))).await;
    walk.call("POST", "/auth/reset", Some(json!({ "token": "x", "password": "another horse" }))).await;
    walk.call("GET", "/auth/account", None).await;
    walk.call("POST", "/auth/mfa/totp", Some(json!({ "ticket": "x", "code": "123456" }))).await;
    let factor = json!({ "password": "correct horse", "secret": "x", "code": "123456" });
    walk.call("POST", "/users/@me/mfa/totp/enable", Some(factor)).await;
    walk.call("POST", "/users/@me/mfa/totp/disable", Some(json!({ "code": "123456" }))).await;
    walk.call("POST", "/users/@me/mfa/codes", Some(json!({ "password": "correct horse" }))).await;
    applications_of_people(walk).await;
    walk.call("POST", "/auth/logout", None).await;
}

/// A node says so where only a relay has it; `oauth` in the relay's tests grants the rest.
async fn applications_of_people(walk: &mut Walk) {
    let bot = walk.bot.clone();
    let asked = format!("/oauth2/authorize?client_id={bot}&scope=bot&permissions=8");
    assert_eq!(walk.call("GET", &asked, None).await["permissions"], "8");
    walk.call("GET", "/oauth2/userinfo", None).await;
    walk.call("GET", "/oauth2/keys", None).await;
    walk.call("GET", "/oauth2/@me", None).await;
    walk.call("GET", "/oauth2/tokens", None).await;
    walk.call("DELETE", &format!("/oauth2/tokens/{bot}"), None).await;
    let (guild, owner) = (walk.guild.clone(), walk.owner.clone());
    let token = json!({ "access_token": "nxo_none" });
    walk.as_bot("PUT", &format!("/guilds/{guild}/members/{owner}"), Some(token)).await;
    walk.call("POST", "/oauth2/token", None).await;
    walk.call("POST", "/oauth2/token/revoke", None).await;
    walk.call("POST", &format!("/applications/{bot}/reset"), None).await;
    assert_eq!(walk.call("GET", "/users/@me/connections", None).await, json!([]));
    let shown = json!({ "visibility": 1 });
    walk.call("PATCH", "/users/@me/connections/github/1", Some(shown)).await;
    let kinds = format!("/applications/{bot}/role-connections/metadata");
    walk.as_bot("GET", &kinds, None).await;
    walk.as_bot("PUT", &kinds, Some(json!([]))).await;
    let known = format!("/users/@me/applications/{bot}/role-connection");
    walk.call("GET", &known, None).await;
    walk.call("PUT", &known, Some(json!({ "platform_name": "Site" }))).await;
    walk.call("DELETE", &known, None).await;
}

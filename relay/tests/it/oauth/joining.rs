//! A site brings somebody into a guild where its bot is.

use super::stage::{SignedIn, Site, Stage};
use serde_json::{Value, json};

struct Guild {
    path: String,
    /// Of the site's bot.
    bot: String,
    /// Of the guild's owner, who made the site too.
    owner: String,
}

/// A guild with the site's bot, which has these permissions beside those of everybody; who is nobody may invite where `everybody` is
/// false.
async fn guild(stage: &mut Stage, site: &Site, permissions: &str, everybody: bool) -> Guild {
    let owner = site.maker.clone();
    let made = stage.call(&owner, "nexus_create_guild", "/guilds", json!({ "name": "Harbour" })).await;
    let id = made["id"].as_str().unwrap();
    let path = format!("/guilds/{id}");
    if !everybody {
        // VIEW_CHANNEL alone.
        let role = format!("{path}/roles/{id}");
        stage.call(&owner, "update_guild_role", &role, json!({ "permissions": "1024" })).await;
    }
    let install = json!({ "guild_id": id, "permissions": permissions, "authorize": true });
    let asked = format!("/oauth2/authorize?client_id={}&scope=bot", site.id);
    stage.call(&owner, "nexus_authorize_bot", &asked, install).await;
    let reset = format!("/applications/{}/bot/reset", site.id);
    let reset = stage.call(&owner, "nexus_reset_bot_token", &reset, json!({})).await;
    Guild { path, bot: format!("Bot {}", reset["token"].as_str().unwrap()), owner }
}

async fn id_of(stage: &mut Stage, person: &str) -> String {
    let me = stage.get(person, "get_my_user", "/users/@me").await;
    me["id"].as_str().unwrap().to_owned()
}

async fn adds(stage: &Stage, guild: &Guild, person: &str, body: Value) -> (u16, Value) {
    let path = format!("{}/members/{person}", guild.path);
    stage.ask("PUT", &path, &guild.bot, Some(body)).await
}

fn shows(signed_in: &SignedIn) -> Value {
    json!({ "access_token": signed_in.access })
}

#[tokio::test]
async fn a_bot_brings_in_who_lets_it_with_the_name_and_roles_that_it_may_give() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    // CREATE_INSTANT_INVITE, MANAGE_NICKNAMES, MANAGE_ROLES, MUTE_MEMBERS, VIEW_CHANNEL.
    let guild = guild(&mut stage, &site, "406848513", false).await;
    let role = json!({ "name": "visitor", "permissions": "0" });
    let role = stage.call(&guild.owner, "create_guild_role", &format!("{}/roles", guild.path), role).await;
    let id = id_of(&mut stage, &ann).await;
    let signed_in = stage.signed_in(&site, &ann, "identify guilds.join").await;
    let body = json!({ "access_token": signed_in.access, "nick": "Ann at sea", "roles": [role["id"]], "mute": true });
    let deafened = json!({ "access_token": signed_in.access, "deaf": true });
    assert_eq!(adds(&stage, &guild, &id, deafened).await.0, 403, "it may not deafen");
    let path = format!("{}/members/{id}", guild.path);
    let member = stage.call(&guild.bot, "add_guild_member", &path, body.clone()).await;
    assert_eq!((&member["nick"], &member["roles"]), (&json!("Ann at sea"), &json!([role["id"]])));
    assert_eq!((&member["mute"], &member["deaf"]), (&json!(true), &json!(false)));
    assert_eq!(adds(&stage, &guild, &id, body).await, (204, Value::Null), "she is there");
    let guilds = stage.get(&ann, "list_my_guilds", "/users/@me/guilds").await;
    assert_eq!(guilds[0]["name"], "Harbour");
    let log = stage.get(&guild.owner, "list_guild_invites", &format!("{}/invites", guild.path)).await;
    assert_eq!(log.as_array().unwrap().len(), 1);

    // The next one comes by the same invite.
    let bea = stage.person("bea").await;
    let id = id_of(&mut stage, &bea).await;
    let signed_in = stage.signed_in(&site, &bea, "guilds.join").await;
    assert_eq!(adds(&stage, &guild, &id, shows(&signed_in)).await.0, 201);
    let log = stage.get(&guild.owner, "list_guild_invites", &format!("{}/invites", guild.path)).await;
    assert_eq!(log.as_array().unwrap().len(), 1);
    stage.close().await;
}

#[tokio::test]
async fn nobody_is_brought_in_who_does_not_let_this_very_bot_or_whom_it_may_not_invite() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let id = id_of(&mut stage, &ann).await;
    let harbour = guild(&mut stage, &site, "1025", false).await;
    let code = |answer: (u16, Value)| (answer.0, answer.1["code"].as_u64().unwrap_or(0));

    let out_of_scope = stage.signed_in(&site, &ann, "identify guilds").await;
    assert_eq!(code(adds(&stage, &harbour, &id, shows(&out_of_scope)).await), (403, 50_026));
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    let of_another = stage.signed_in(&other, &ann, "guilds.join").await;
    assert_eq!(code(adds(&stage, &harbour, &id, shows(&of_another)).await), (403, 50_025));
    let bea = stage.person("bea").await;
    let of_bea = stage.signed_in(&site, &bea, "guilds.join").await;
    assert_eq!(code(adds(&stage, &harbour, &id, shows(&of_bea)).await), (403, 50_025));
    for none in [ann.as_str(), "nxo_none", ""] {
        assert_eq!(code(adds(&stage, &harbour, &id, json!({ "access_token": none })).await), (403, 50_025));
    }
    let signed_in = stage.signed_in(&site, &ann, "guilds.join").await;
    let path = format!("{}/members/{id}", harbour.path);
    let by_a_person = stage.ask("PUT", &path, &harbour.owner, Some(shows(&signed_in))).await;
    assert_eq!(code(by_a_person), (403, 50_013), "a person invites by an invite");
    for (field, value) in [("nick", json!("Ann")), ("mute", json!(true))] {
        let mut body = shows(&signed_in);
        body[field] = value;
        assert!([403, 400].contains(&adds(&stage, &harbour, &id, body).await.0), "{field}");
    }
    let guilds = stage.get(&ann, "list_my_guilds", "/users/@me/guilds").await;
    assert_eq!(guilds, json!([]), "and nothing of it was done");

    let ban = format!("{}/bans/{id}", harbour.path);
    stage.call(&harbour.owner, "ban_user_from_guild", &ban, json!({})).await;
    assert_eq!(code(adds(&stage, &harbour, &id, shows(&signed_in)).await), (403, 40_007));

    let closed = guild(&mut stage, &site, "1024", false).await;
    assert_eq!(code(adds(&stage, &closed, &id, shows(&signed_in)).await), (403, 50_013));
    stage.close().await;
}

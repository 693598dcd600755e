//! A guild with roles, and a bot in it.

use crate::api::{Account, Api, text};
use serde_json::{Value, json};

/// Where the other plays are set.
pub(super) struct Guild {
    pub(super) id: String,
    /// The text channel that comes with it.
    pub(super) general: String,
    /// A role that anyone may be given.
    pub(super) role: String,
}

impl Guild {
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/guilds/{}{rest}", self.id)
    }
}

/// Makes the guild, lets the bot in.
pub(super) async fn play(api: &Api, owner: &Account, bot: &Account) -> Guild {
    let made = api.call(owner, "nexus_create_guild", "/guilds", Some(json!({"name": "Space"}))).await;
    let id = text(&made, "id");
    let path = format!("/guilds/{id}");
    let channels = api.call(owner, "list_guild_channels", &format!("{path}/channels"), None).await;
    let names = ["general", "General"].map(|name| named(&channels, name).clone());
    assert_eq!(names.each_ref().map(|channel| &channel["type"]), [&json!(0), &json!(2)]);

    let edit = json!({"name": "Outer space", "description": "cold", "system_channel_id": null});
    let edited = api.call(owner, "update_guild", &path, Some(edit)).await;
    assert_eq!((&edited["name"], &edited["description"]), (&json!("Outer space"), &json!("cold")));
    let got = api.call(owner, "get_guild", &format!("{path}?with_counts=true"), None).await;
    assert_eq!((&got["approximate_member_count"], &got["owner_id"]), (&json!(1), &json!(owner.id)));

    install(api, owner, bot, &id).await;
    let mine = api.call(bot, "list_my_guilds", "/users/@me/guilds", None).await;
    assert_eq!(mine[0]["id"], json!(id));
    let role = roles(api, owner, &path).await;
    Guild { id, general: text(&names[0], "id"), role }
}

/// The bot is a member, with its managed role.
pub(super) async fn install(api: &Api, owner: &Account, bot: &Account, guild: &str) {
    let path = format!("/oauth2/authorize?client_id={}&scope=bot+applications.commands", bot.id);
    let body = json!({"guild_id": guild, "permissions": "8", "authorize": true});
    api.call(owner, "nexus_authorize_bot", &path, Some(body)).await;
}

async fn roles(api: &Api, owner: &Account, path: &str) -> String {
    let path = format!("{path}/roles");
    let crew = json!({"name": "crew", "permissions": "1024", "color": 255, "hoist": true});
    let crew = api.call(owner, "create_guild_role", &path, Some(crew)).await;
    assert_eq!((&crew["permissions"], &crew["colors"]["primary_color"]), (&json!("1024"), &json!(255)));
    let spare = api.call(owner, "create_guild_role", &path, Some(json!({}))).await;
    assert_eq!(spare["name"], "new role");

    let one = format!("{path}/{}", text(&crew, "id"));
    let edit = json!({"mentionable": true, "nexus": {"rate_class": "bulk"}});
    assert_eq!(api.call(owner, "update_guild_role", &one, Some(edit)).await["mentionable"], true);
    assert_eq!(api.call(owner, "get_guild_role", &one, None).await["hoist"], true);
    let spare = format!("{path}/{}", text(&spare, "id"));
    api.call(owner, "delete_guild_role", &spare, None).await;

    let down = json!([{"id": text(&crew, "id"), "position": 1}]);
    let moved = api.call(owner, "bulk_update_guild_roles", &path, Some(down)).await;
    assert_eq!(roles_with(&moved, |role| role["position"] == 1), [named(&moved, "crew")], "above @everyone");
    let up = json!([{"id": text(&crew, "id"), "position": 2}]);
    let moved = api.call(owner, "bulk_update_guild_roles", &path, Some(up)).await;
    assert_eq!(roles_with(&moved, |role| role["position"] == 2), [named(&moved, "crew")]);

    let all = api.call(owner, "list_guild_roles", &path, None).await;
    let managed: Vec<_> = roles_with(&all, |role| role["managed"] == true);
    assert_eq!(managed.len(), 1, "the bot's own role");
    assert_eq!(roles_with(&all, |role| role["position"] == 0).len(), 1, "@everyone alone is the lowest");
    text(&crew, "id")
}

fn roles_with(all: &Value, test: impl Fn(&Value) -> bool) -> Vec<&Value> {
    all.as_array().expect("a list").iter().filter(|role| test(role)).collect()
}

/// The one of that name in a list.
pub(super) fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let found = list.as_array().expect("a list").iter().find(|each| each["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}"))
}

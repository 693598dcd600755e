//! What people can ask bots for in one place: what a client's picker shows.

use super::may_use;
use crate::error::Answer;
use crate::offers;
use crate::render;
use crate::window::{Caller, Json, Path, Person};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::ChannelId;
use serde_json::{Value, json};

/// `GET /channels/{channel_id}/application-command-index`: every command that the caller may use there.
pub(crate) async fn of_channel(Person(caller): Person, Path(channel): Path<String>) -> Answer<Json<Value>> {
    let (channel, guild) = caller.channel(&channel)?;
    Ok(Json(drawn(&caller, guild, channel)))
}

fn drawn(caller: &Caller, guild: &GuildView, channel: ChannelId) -> Value {
    let view = &caller.view;
    let here = view.applications.values().filter(|application| guild.members.contains_key(&application.id));
    let (mut applications, mut commands) = (Vec::new(), Vec::new());
    for application in here {
        let before = commands.len();
        for (id, offered) in application.offers.iter() {
            let elsewhere = offered.guild.is_some_and(|space| space != guild.facts.id);
            let drawn = offers::drawn(view, &application.id, id, offered).filter(|_| !elsewhere);
            let offer = (&application.id, id);
            commands.extend(drawn.filter(|command| may_use(guild, &channel, &caller.user, offer, command)));
        }
        if commands.len() > before {
            applications.push(json!({
                "id": view.ids.of(application.id).0.to_string(),
                "name": view.users.get(&application.id).map_or("?", |user| user.name.as_str()),
                "description": application.description,
                "icon": null,
                "bot": render::user(view, &application.id),
            }));
        }
    }
    json!({ "applications": applications, "application_commands": commands })
}

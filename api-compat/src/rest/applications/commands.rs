//! `/applications/{application_id}/commands`, and the same in one guild.

use super::found;
use crate::error::{Answer, ApiError};
use crate::offers;
use crate::window::{Body, Caller, Created, Done, Json, Path, Window};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use nexus_core::{Command, OfferDraft, Snowflake, Thing, View};
use nexus_crdt::id::{OpId, SpaceId, UserId};
use nexus_crdt::identity::Offered;
use serde_json::Value;

/// Most commands of each kind in one place: slash commands, those on people, those on messages; as on Discord.
const OF_A_KIND_MAX: [usize; 3] = [100, 5, 5];

/// Whose commands, and where they are offered.
struct Place {
    application: UserId,
    guild: Option<SpaceId>,
}

/// The words of a path: the application, and the guild where there is one.
type Everywhere = Path<String>;
type InGuild = Path<(String, String)>;

/// `GET /applications/{application_id}/commands`
pub(crate) async fn list(caller: Caller, Path(application): Everywhere) -> Answer<Json<Vec<Value>>> {
    let place = Place::everywhere(&caller, &application)?;
    Ok(Json(place.drawn(&caller.view)))
}

/// `GET /applications/{application_id}/guilds/{guild_id}/commands`
pub(crate) async fn list_in(caller: Caller, Path((application, guild)): InGuild) -> Answer<Json<Vec<Value>>> {
    let place = Place::in_guild(&caller, &application, &guild)?;
    Ok(Json(place.drawn(&caller.view)))
}

/// `POST /applications/{application_id}/commands`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(application): Everywhere,
    Body(body): Body<Value>,
) -> Answer<Response> {
    Place::everywhere(&caller, &application)?.create(&window, &caller, &body).await
}

/// `POST /applications/{application_id}/guilds/{guild_id}/commands`
pub(crate) async fn create_in(
    State(window): State<Window>,
    caller: Caller,
    Path((application, guild)): InGuild,
    Body(body): Body<Value>,
) -> Answer<Response> {
    Place::in_guild(&caller, &application, &guild)?.create(&window, &caller, &body).await
}

/// `PUT /applications/{application_id}/commands`: these, and no others.
pub(crate) async fn replace(
    State(window): State<Window>,
    caller: Caller,
    Path(application): Everywhere,
    Body(body): Body<Vec<Value>>,
) -> Answer<Json<Vec<Value>>> {
    Place::everywhere(&caller, &application)?.replace(&window, &caller, &body).await
}

/// `PUT /applications/{application_id}/guilds/{guild_id}/commands`
pub(crate) async fn replace_in(
    State(window): State<Window>,
    caller: Caller,
    Path((application, guild)): InGuild,
    Body(body): Body<Vec<Value>>,
) -> Answer<Json<Vec<Value>>> {
    Place::in_guild(&caller, &application, &guild)?.replace(&window, &caller, &body).await
}

/// `GET /applications/{application_id}/commands/{command_id}`
pub(crate) async fn get(
    caller: Caller,
    Path((application, command)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let place = Place::everywhere(&caller, &application)?;
    place.one(&caller.view, &command).map(|(_, drawn)| Json(drawn))
}

/// `GET /applications/{application_id}/guilds/{guild_id}/commands/{command_id}`
pub(crate) async fn get_in(
    caller: Caller,
    Path((application, guild, command)): Path<(String, String, String)>,
) -> Answer<Json<Value>> {
    let place = Place::in_guild(&caller, &application, &guild)?;
    place.one(&caller.view, &command).map(|(_, drawn)| Json(drawn))
}

/// `PATCH /applications/{application_id}/commands/{command_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((application, command)): Path<(String, String)>,
    Body(body): Body<Value>,
) -> Answer<Json<Value>> {
    Place::everywhere(&caller, &application)?.edit(&window, &caller, &command, &body).await
}

/// `PATCH /applications/{application_id}/guilds/{guild_id}/commands/{command_id}`
pub(crate) async fn edit_in(
    State(window): State<Window>,
    caller: Caller,
    Path((application, guild, command)): Path<(String, String, String)>,
    Body(body): Body<Value>,
) -> Answer<Json<Value>> {
    Place::in_guild(&caller, &application, &guild)?.edit(&window, &caller, &command, &body).await
}

/// `DELETE /applications/{application_id}/commands/{command_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((application, command)): Path<(String, String)>,
) -> Answer<Done> {
    Place::everywhere(&caller, &application)?.delete(&window, &caller, &command).await
}

/// `DELETE /applications/{application_id}/guilds/{guild_id}/commands/{command_id}`
pub(crate) async fn delete_in(
    State(window): State<Window>,
    caller: Caller,
    Path((application, guild, command)): Path<(String, String, String)>,
) -> Answer<Done> {
    Place::in_guild(&caller, &application, &guild)?.delete(&window, &caller, &command).await
}

impl Place {
    fn everywhere(caller: &Caller, application: &str) -> Answer<Self> {
        Ok(Self { application: found(caller, application)?, guild: None })
    }

    fn in_guild(caller: &Caller, application: &str, guild: &str) -> Answer<Self> {
        let application = found(caller, application)?;
        let (guild, _) = caller.guild(guild)?;
        Ok(Self { application, guild: Some(guild) })
    }

    fn offers<'a>(&'a self, view: &'a View) -> impl Iterator<Item = (&'a OpId, &'a Offered)> + 'a {
        let application = view.applications.get(&self.application);
        let all = application.into_iter().flat_map(|application| application.offers.iter());
        all.filter(|(_, offered)| offered.guild == self.guild)
    }

    fn drawn(&self, view: &View) -> Vec<Value> {
        let each = |(id, offered)| offers::drawn(view, &self.application, id, offered);
        self.offers(view).filter_map(each).collect()
    }

    fn one(&self, view: &View, number: &str) -> Answer<(OpId, Value)> {
        let unknown = || ApiError::unknown(Thing::Offer);
        let id = number.parse().ok().and_then(|number| view.ids.op(Snowflake(number))).ok_or_else(unknown)?;
        let offered = self.offers(view).find(|(known, _)| **known == id).ok_or_else(unknown)?.1;
        offers::drawn(view, &self.application, &id, offered).map(|drawn| (id, drawn)).ok_or_else(unknown)
    }

    /// The offer of the same kind and name: saying it again changes it.
    fn same(&self, view: &View, definition: &Value) -> Option<OpId> {
        let same = |offered: &Offered| {
            offers::stored(offered).is_some_and(|there| {
                (&there["type"], &there["name"]) == (&definition["type"], &definition["name"])
            })
        };
        self.offers(view).find(|(_, offered)| same(offered)).map(|(id, _)| *id)
    }

    async fn offer(&self, window: &Window, caller: &Caller, offers: Vec<OfferDraft>) -> Answer<()> {
        let command = Command::Offer { application: self.application, guild: self.guild, offers };
        window.node.command(Some(caller.user), command).await?;
        Ok(())
    }

    async fn create(&self, window: &Window, caller: &Caller, body: &Value) -> Answer<Response> {
        let definition = offers::definition(body)?;
        let before = self.same(&caller.view, &definition);
        let of_a_kind =
            self.drawn(&caller.view).iter().filter(|there| there["type"] == definition["type"]).count();
        if before.is_none() && of_a_kind >= most_of(&definition) {
            return Err(too_many(&definition));
        }
        let draft = OfferDraft { offer: before, definition: Some(definition.to_string()) };
        self.offer(window, caller, vec![draft]).await?;
        let view = window.node.view();
        let id = self.same(&view, &definition).ok_or_else(|| ApiError::unknown(Thing::Offer))?;
        let (_, drawn) = self.one(&view, &view.ids.of(id).0.to_string())?;
        Ok(if before.is_some() { Json(drawn).into_response() } else { Created(drawn).into_response() })
    }

    async fn replace(&self, window: &Window, caller: &Caller, bodies: &[Value]) -> Answer<Json<Vec<Value>>> {
        if bodies.len() > OF_A_KIND_MAX.iter().sum() {
            return Err(ApiError::invalid("", "BASE_TYPE_MAX_LENGTH", "Must be 110 or fewer in length."));
        }
        let definitions = bodies.iter().map(offers::definition).collect::<Answer<Vec<_>>>()?;
        for (n, definition) in definitions.iter().enumerate() {
            let same = |other: &&Value| {
                (&other["type"], &other["name"]) == (&definition["type"], &definition["name"])
            };
            if definitions[..n].iter().any(|other| same(&other)) {
                let words = "Application command names must be unique";
                return Err(ApiError::invalid(&n.to_string(), "APPLICATION_COMMANDS_DUPLICATE_NAME", words));
            }
            if definitions.iter().filter(|other| other["type"] == definition["type"]).count()
                > most_of(definition)
            {
                return Err(too_many(definition));
            }
        }
        let kept: Vec<Option<OpId>> =
            definitions.iter().map(|definition| self.same(&caller.view, definition)).collect();
        let gone = self.offers(&caller.view).filter(|(id, _)| !kept.contains(&Some(**id)));
        // What goes makes room for what comes.
        let mut drafts: Vec<OfferDraft> =
            gone.map(|(id, _)| OfferDraft { offer: Some(*id), definition: None }).collect();
        drafts.extend(
            kept.into_iter()
                .zip(&definitions)
                .map(|(offer, definition)| OfferDraft { offer, definition: Some(definition.to_string()) }),
        );
        self.offer(window, caller, drafts).await?;
        Ok(Json(self.drawn(&window.node.view())))
    }

    async fn edit(
        &self,
        window: &Window,
        caller: &Caller,
        number: &str,
        body: &Value,
    ) -> Answer<Json<Value>> {
        let (id, before) = self.one(&caller.view, number)?;
        let definition = offers::edited(&before, body)?;
        if self.same(&caller.view, &definition).is_some_and(|other| other != id) {
            let words = "Application command names must be unique";
            return Err(ApiError::invalid("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", words));
        }
        let draft = OfferDraft { offer: Some(id), definition: Some(definition.to_string()) };
        self.offer(window, caller, vec![draft]).await?;
        self.one(&window.node.view(), number).map(|(_, drawn)| Json(drawn))
    }

    async fn delete(&self, window: &Window, caller: &Caller, number: &str) -> Answer<Done> {
        let (id, _) = self.one(&caller.view, number)?;
        self.offer(window, caller, vec![OfferDraft { offer: Some(id), definition: None }]).await?;
        Ok(Done)
    }
}

fn most_of(definition: &Value) -> usize {
    let kind = definition["type"].as_u64().and_then(|kind| usize::try_from(kind).ok()).unwrap_or(1);
    OF_A_KIND_MAX.get(kind.saturating_sub(1)).copied().unwrap_or(0)
}

fn too_many(definition: &Value) -> ApiError {
    let max = u32::try_from(most_of(definition)).unwrap_or(u32::MAX);
    nexus_core::Refusal::TooMany { what: "application commands", max }.into()
}

//! `/oauth2`: people let applications in, into their guilds and to what they may know of them.

pub(crate) mod asked;
pub(crate) mod granted;
pub(crate) mod openid;
pub(crate) mod pages;
pub(crate) mod token;

use super::find;
use super::sessions::spoken;
use crate::bearer::oauth;
use crate::error::{Answer, ApiError};
use crate::ports::oauth::OAuthRefusal;
use crate::render;
use crate::window::{Body, Json, Person, Query, Window};
use asked::{Fault, Request};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use nexus_api_model::Number;
use nexus_core::{BotInstall, Command, Thing, View};
use nexus_crdt::id::UserId;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Authorize {
    guild_id: Option<Number>,
    permissions: Option<Number>,
    #[serde(default)]
    authorize: bool,
}

/// `GET /oauth2/authorize`: what an application asks for, to who is asked. A browser that was sent here is sent on to the page
/// that shows it.
pub(crate) async fn show(
    State(window): State<Window>,
    uri: Uri,
    headers: HeaderMap,
    person: Result<Person, ApiError>,
    query: Answer<Query<Request>>,
) -> Answer<Response> {
    if is_navigation(&headers) {
        return Ok(to_the_page(&uri));
    }
    let (Person(caller), Query(request)) = (person?, query?);
    let base = window.base(&headers);
    let application = application(&caller.view, &request)?;
    let found = caller.view.applications.get(&application).ok_or_else(unknown)?;
    let mut shown = json!({
        "application": render::asking_application(&caller.view, found),
        "user": render::user(&caller.view, &caller.user),
        "scopes": request.words(),
        "bot": request.wants_bot(),
        "permissions": request.permissions.as_ref().map_or(0, |bits| bits.0).to_string(),
        "redirect_uri": request.redirect_uri,
        "authorized": false,
        "error": null,
    });
    if request.wants_code() {
        let asked = match request.asked(application) {
            Ok(asked) => asked,
            Err(fault) => {
                // Where the redirect is not its own, that is what is told, and nobody is sent there.
                let redirect = request.checked_redirect(oauth(&window)?, application).await?;
                shown["error"] = fault.shown(&redirect, &request, &base);
                return Ok(Json(shown).into_response());
            }
        };
        let (redirect, scopes) = (asked.redirect.clone(), asked.scopes);
        match oauth(&window)?.look(asked).await.map_err(Fault::try_from) {
            Ok(()) => {
                // Whoever has the program of a public one may be anybody: it is asked again each time (RFC 6749, 10.2).
                let public = oauth(&window)?.client(application).await?.public;
                let known = oauth(&window)?.authorized(spoken(&caller)?).await?;
                let before = known.iter().find(|one| one.application == application);
                let before = before.is_some_and(|one| one.scopes.with(scopes) == one.scopes);
                shown["authorized"] = json!(before && !public);
            }
            Err(Ok(fault)) => shown["error"] = fault.shown(&redirect, &request, &base),
            Err(Err(refusal)) => return Err(refusal.into()),
        }
    }
    Ok(Json(shown).into_response())
}

/// `POST /oauth2/authorize`: a person says yes or no. With `bot` among the scopes the application's bot comes into a guild of
/// theirs; with others it is given a code. The answer is where their window goes next.
pub(crate) async fn authorize(
    State(window): State<Window>,
    headers: HeaderMap,
    Person(caller): Person,
    Query(request): Query<Request>,
    Body(body): Body<Authorize>,
) -> Answer<Json<Value>> {
    let application = application(&caller.view, &request)?;
    let base = window.base(&headers);
    if !body.authorize {
        if !request.wants_code() {
            let words = "Value must be one of (true).";
            return Err(ApiError::invalid("authorize", "BASE_TYPE_CHOICES", words));
        }
        let redirect = request.checked_redirect(oauth(&window)?, application).await?;
        return Ok(Json(json!({ "location": Fault::DENIED.location(&redirect, &request, &base) })));
    }
    let code = if request.wants_code() {
        let asked = request.asked(application).map_err(|fault| fault.refused())?;
        // Nothing is done by half: what would be refused is refused before the bot is let in.
        oauth(&window)?.look(asked.clone()).await?;
        Some((asked, spoken(&caller)?))
    } else {
        None
    };
    if request.wants_bot() {
        let words = "This field is required";
        let guild =
            body.guild_id.ok_or_else(|| ApiError::invalid("guild_id", "BASE_TYPE_REQUIRED", words))?;
        let (guild, _) = caller.guild(&guild.0.to_string())?;
        // What the person says counts, nothing at all too; a link that asks for nothing says nothing.
        let asked = request.permissions.filter(|bits| bits.0 != 0);
        let permissions = body.permissions.or(asked).map(|bits| Permissions(bits.0));
        let install = BotInstall { guild, application, permissions };
        window.node.command(Some(caller.user), Command::InstallBot(install)).await?;
    }
    let Some((asked, spoken)) = code else { return Ok(Json(json!({ "location": "/" }))) };
    let redirect = asked.redirect.clone();
    let code = oauth(&window)?.consent(spoken, asked).await?;
    Ok(Json(json!({ "location": asked::granted(&redirect, &code, &request, &base) })))
}

fn application(view: &View, request: &Request) -> Answer<UserId> {
    by_number(view, &request.client_id)?.ok_or_else(unknown)
}

/// An application by its number.
fn by_number(view: &View, text: &str) -> Answer<Option<UserId>> {
    let user = view.ids.op(find::number(text)?).map(UserId::from);
    Ok(user.filter(|id| view.applications.contains_key(id)))
}

fn unknown() -> ApiError {
    ApiError::unknown(Thing::Application)
}

/// Whether a browser goes here, and no script asks. `Sec-Fetch-Mode` is a browser's own word (Fetch, 2.2.5).
fn is_navigation(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    text("sec-fetch-mode") == "navigate" || text("accept").contains("text/html")
}

fn to_the_page(uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = [(header::LOCATION, format!("/oauth2/authorize{query}"))];
    (StatusCode::FOUND, location, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

impl TryFrom<OAuthRefusal> for Fault {
    type Error = OAuthRefusal;

    /// What an application is told of; the rest is between the person and the program.
    fn try_from(refusal: OAuthRefusal) -> Result<Self, OAuthRefusal> {
        match refusal {
            OAuthRefusal::NoChallenge | OAuthRefusal::Challenge | OAuthRefusal::Nonce => {
                Ok(Self { error: "invalid_request", words: refusal.to_string() })
            }
            other => Err(other),
        }
    }
}

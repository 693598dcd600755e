//! The one place where a refusal becomes an HTTP answer in Discord's shape.

use crate::joining::JoinError;
use crate::limit::Wait;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nexus_core::{Refusal, StoreFault, Thing};
use serde_json::{Map, Value, json};

/// An answer that is not what was asked for: `{code, message}`, with `errors` for 50035.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: u32,
    message: String,
    errors: Option<Value>,
    retry_ms: Option<u64>,
    /// A 429 for every route, not for this one.
    global: bool,
}

/// What an `Err` of every handler is.
pub(crate) type Answer<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: None, retry_ms: None, global: false }
    }

    /// 401: no token, or none that is known.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized")
    }

    /// 403: no access token of this application's and this person's.
    pub(crate) fn bad_access_token() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50_025, "Invalid OAuth2 access token provided")
    }

    /// 403: a person has not let the application do this.
    pub(crate) fn out_of_scope() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50_026, "Missing required OAuth2 scope")
    }

    /// 404 for a path that nobody documents.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, 0, "404: Not Found")
    }

    /// 404: a file that another program holds.
    pub(crate) fn not_here_yet() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            0,
            "this file is not here yet: it is on the program where it was sent",
        )
    }

    /// 405 for a path that is served by other methods.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
    }

    /// 501 for what Discord documents and this program does not serve.
    pub(crate) fn not_implemented(operation: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, 0, format!("not implemented: {operation}"))
    }

    /// 403: a request that comes from a page or name which is not this node's own.
    pub(crate) fn foreign(what: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, 0, what)
    }

    /// 403: not this person's to do.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50_013, "Missing Permissions")
    }

    /// 403: not this person's to see.
    pub(crate) fn missing_access() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50_001, "Missing Access")
    }

    /// 403: a person's own matter.
    pub(crate) fn bots_cannot() -> Self {
        Self::new(StatusCode::FORBIDDEN, 20_001, "Bots cannot use this endpoint")
    }

    /// 400: not JSON.
    pub(crate) fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50_109, "The request body contains invalid JSON.")
    }

    /// 408: a body that did not come to its end in time.
    pub(crate) fn timed_out() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, 0, "408: Request Timeout")
    }

    /// 413: longer than any body may be.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, 40_005, "Request entity too large")
    }

    /// 400: a field (dots between levels; empty for the body itself) with a code and words of Discord's kind.
    pub(crate) fn invalid(field: &str, code: &str, message: &str) -> Self {
        let leaf = json!({ "_errors": [{ "code": code, "message": message }] });
        let errors = field.split('.').filter(|part| !part.is_empty()).rev().fold(leaf, |inner, part| {
            let mut level = Map::new();
            level.insert(part.to_owned(), inner);
            Value::Object(level)
        });
        let errors = Some(errors);
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, 50_035, "Invalid Form Body") }
    }

    /// 400: a second factor, with Discord's code for it.
    pub(crate) fn two_factor(code: u32, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400: an account that others' guilds hang on.
    pub(crate) fn owns_guilds(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 40_011, message)
    }

    /// 503: what was asked for lies behind another program, and it does not answer.
    pub(crate) fn not_reached(message: String) -> Self {
        Self { retry_ms: Some(5_000), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, 0, message) }
    }

    /// 503: it is history that this program does not hold, and nobody who holds it answers now.
    pub(crate) fn not_held() -> Self {
        let message =
            "this part of the channel's history is not held here, and nobody who holds it answers now";
        Self { retry_ms: Some(5_000), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, 130_000, message) }
    }

    /// 404 for a thing of Discord's.
    pub(crate) fn unknown(thing: Thing) -> Self {
        let (code, name) = match thing {
            Thing::User => (10_013, "User"),
            Thing::Guild => (10_004, "Guild"),
            Thing::Channel => (10_003, "Channel"),
            Thing::Message => (10_008, "Message"),
            Thing::Role => (10_011, "Role"),
            Thing::Member => (10_007, "Member"),
            Thing::Invite => (10_006, "Invite"),
            Thing::Ban => (10_026, "Ban"),
            Thing::Application => (10_002, "Application"),
            Thing::Emoji => (10_014, "Emoji"),
            Thing::Overwrite => (10_009, "Overwrite"),
            Thing::Webhook => (10_015, "Webhook"),
            Thing::Offer => (10_063, "application command"),
            Thing::Event => (10_070, "Guild Scheduled Event"),
            Thing::Filter => (0, "Auto Moderation Rule"),
            // Discord has no word, and so no number, for it.
            Thing::Device => (0, "Device"),
        };
        let status = if thing == Thing::Emoji { StatusCode::BAD_REQUEST } else { StatusCode::NOT_FOUND };
        Self::new(status, code, format!("Unknown {name}"))
    }

    /// 404: they are in no voice channel that one sees.
    pub(crate) fn unknown_voice_state() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_065, "Unknown Voice State")
    }

    /// 400: they are in no voice channel that one sees, so nobody moves them.
    pub(crate) fn not_in_voice() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 40_032, "Target user is not connected to voice.")
    }

    /// 404: an interaction that is not here, or too late to answer; why, in words.
    pub(crate) fn unknown_interaction(why: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_062, why)
    }

    /// 400: an interaction that has its answer.
    pub(crate) fn acknowledged() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 40_060, "Interaction has already been acknowledged.")
    }

    /// 404: no webhook of this number and token.
    pub(crate) fn unknown_webhook() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_015, "Unknown Webhook")
    }

    /// 404: no emoji of that number in the guild.
    pub(crate) fn unknown_emoji() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_014, "Unknown Emoji")
    }

    /// 404: the message asks nothing, or not that.
    pub(crate) fn unknown_poll_answer() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_102, "Unknown Poll Answer")
    }

    /// 400: what asks, or tells what somebody did, is not passed on.
    pub(crate) fn not_passed_on() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50_068, "Invalid message type")
    }

    /// 404: nothing is said of who may use the command.
    pub(crate) fn unknown_command_permissions() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_066, "Unknown application command permissions")
    }

    /// 404: no bot of that number in the guild.
    pub(crate) fn unknown_integration() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10_005, "Unknown Integration")
    }

    /// 400: nobody, or more than one, of that name.
    pub(crate) fn no_such_person() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 80_004, "No users with that username exist")
    }

    /// 400: of all that were to be banned, nobody could be.
    pub(crate) fn nobody_banned() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 500_000, "Failed to ban users")
    }

    /// 400: a thread where there is none, or a channel where a thread is asked for.
    pub(crate) fn wrong_channel_type() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50_024, "Cannot execute action on this channel type")
    }

    /// 429: faster than one may ask.
    pub(crate) fn limited(wait: Wait) -> Self {
        Self { global: wait.global, ..Self::later(wait.retry_ms, "You are being rate limited.") }
    }

    fn later(retry_ms: u64, message: &str) -> Self {
        Self { retry_ms: Some(retry_ms), ..Self::new(StatusCode::TOO_MANY_REQUESTS, 0, message) }
    }

    fn unavailable(message: &str) -> Self {
        Self { retry_ms: Some(1_000), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, 130_000, message) }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let forbidden = |code, message: &str| Self::new(StatusCode::FORBIDDEN, code, message);
        let bad = |code, message: &str| Self::new(StatusCode::BAD_REQUEST, code, message);
        match refusal {
            Refusal::Later { retry_ms } => Self::later(retry_ms, "You are being rate limited."),
            Refusal::SlowMode { retry_ms } => {
                let message = "This action cannot be performed due to slowmode rate limit.";
                Self { code: 20_016, ..Self::later(retry_ms, message) }
            }
            Refusal::MissingPermissions => Self::forbidden(),
            Refusal::MissingAccess => Self::missing_access(),
            Refusal::Unknown(thing) => Self::unknown(thing),
            Refusal::NotTheAuthor => forbidden(50_005, "Cannot edit a message authored by another user"),
            Refusal::Banned => forbidden(40_007, "The user is banned from this guild."),
            Refusal::InvitesPaused => forbidden(0, "Invites are paused for this server. Try again later."),
            Refusal::TalksPaused => {
                forbidden(50_007, "Direct messages are paused between members of this server")
            }
            Refusal::Invalid { field, reason } => Self::invalid(field, "INVALID_VALUE", reason),
            Refusal::TooMany { what, max } => {
                bad(30_000, &format!("Maximum number of {what} reached ({max})"))
            }
            Refusal::NotBeside => Self::wrong_channel_type(),
            Refusal::HasThread => bad(160_004, "A thread has already been created for this message"),
            Refusal::Filtered { words } if !words.is_empty() => bad(200_000, &words),
            Refusal::Filtered { .. } => bad(200_000, "Message was blocked by automatic moderation"),
            Refusal::NoPoll => bad(520_006, "Cannot expire a non-poll message"),
            Refusal::PollStands => bad(520_004, "Cannot edit a poll message"),
            Refusal::ForwardStands => bad(50_068, "Invalid message type: what is passed on is not edited"),
            Refusal::PollOver => bad(520_001, "Poll expired"),
            Refusal::EmptyMessage => bad(50_006, "Cannot send an empty message"),
            Refusal::TakenHome => forbidden(0, "the account was taken home before"),
            Refusal::OwnsGuilds => bad(40_011, "You must transfer ownership of any guilds it owns first"),
            Refusal::AlreadySetUp => forbidden(0, "this node has its owner"),
            Refusal::ReadOnly => {
                forbidden(0, "this guild holds actions of a newer version: update the program")
            }
            Refusal::NotYet(what) => Self::not_implemented(what),
            Refusal::Relearning { retry_ms } => Self {
                retry_ms: Some(retry_ms),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, 130_000, refusal.to_string())
            },
            // The enum grows with the core; what this window does not know yet is the program's fault, not the caller's.
            Refusal::Unavailable | _ => Self::unavailable(
                "nothing can be written now (disk full, or the store is being reopened); try again",
            ),
        }
    }
}

impl From<JoinError> for ApiError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::UnknownInvite => Self::unknown(Thing::Invite),
            JoinError::Banned => Refusal::Banned.into(),
            JoinError::Refused(refusal) => refusal.into(),
            JoinError::NoWay | JoinError::NotReached(..) => Self::not_reached(error.to_string()),
        }
    }
}

impl From<StoreFault> for ApiError {
    fn from(fault: StoreFault) -> Self {
        tracing::warn!(%fault, "a read failed");
        let message =
            "this cannot be read now (the store is being reopened, or the disk has changed it); try again";
        Self::unavailable(message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let (Some(errors), Some(body)) = (self.errors, body.as_object_mut()) {
            body.insert("errors".to_owned(), errors);
        }
        let limited = self.status == StatusCode::TOO_MANY_REQUESTS;
        if let (Some(ms), Some(body)) = (self.retry_ms.filter(|_| limited), body.as_object_mut()) {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of waiting fit a float's 53 bits")]
            body.insert("retry_after".to_owned(), json!(ms as f64 / 1_000.0));
            body.insert("global".to_owned(), json!(self.global));
        }
        let mut response = json_response(self.status, &body);
        if let Some(ms) = self.retry_ms {
            let headers = response.headers_mut();
            let seconds = HeaderValue::from(ms.div_ceil(1_000).max(1));
            headers.insert(header::RETRY_AFTER, seconds.clone());
            // Without Via discord.py takes a 429 for a ban of its address and gives up.
            headers.insert(header::VIA, HeaderValue::from_static("1.1 nexus"));
            if limited {
                headers.insert("x-ratelimit-limit", HeaderValue::from_static("1"));
                headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
                headers.insert("x-ratelimit-reset-after", seconds);
                let scope = if self.global { "global" } else { "user" };
                headers.insert("x-ratelimit-scope", HeaderValue::from_static(scope));
                if self.global {
                    headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
                }
            }
        }
        response
    }
}

/// A JSON body with exactly `application/json`: libraries compare the header for equality.
pub(crate) fn json_response(status: StatusCode, body: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer does not serialise");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_429_has_what_libraries_need_to_wait_and_go_on() {
        let response = ApiError::from(Refusal::Later { retry_ms: 1_500 }).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert!(response.headers().contains_key(header::VIA));
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    }

    #[test]
    fn what_could_not_be_read_is_said_so_and_not_called_a_matter_of_writing() {
        let [read, write] =
            [ApiError::from(StoreFault(String::from("a page"))), ApiError::from(Refusal::Unavailable)];
        assert_eq!((read.status, write.status), (StatusCode::SERVICE_UNAVAILABLE, read.status));
        assert!(read.message.starts_with("this cannot be read now"), "{}", read.message);
        assert!(write.message.starts_with("nothing can be written now"), "{}", write.message);
    }

    #[test]
    fn a_field_deep_down_is_named_level_by_level() {
        let error = ApiError::invalid("embeds.0.title", "BASE_TYPE_MAX_LENGTH", "too long");
        let at = &error.errors.unwrap()["embeds"]["0"]["title"]["_errors"][0]["code"];
        assert_eq!(at, "BASE_TYPE_MAX_LENGTH");
    }
}

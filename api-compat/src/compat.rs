//! What of Discord's documented API is served, said by the router itself.

use crate::error::ApiError;
use crate::rest::SERVED;
use crate::window::Json;
use axum::extract::{OriginalUri, Request};
use axum::http::Method;
use serde::Serialize;
use std::collections::BTreeSet;

/// One served route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Served {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below `/api/v10`, parameters in braces.
    pub path: &'static str,
    /// Discord's operationId; `nexus_*` for what Discord does not document.
    pub operation: &'static str,
}

/// `GET /nexus/compatibility`: what is served, and what of the documented is not: not yet, or by decision.
#[derive(Debug, Serialize)]
pub(crate) struct Compatibility {
    served: &'static [Served],
    not_implemented: Vec<&'static str>,
    by_decision: Vec<&'static str>,
}

/// Below these paths nothing is served, by decision: Discord's own business (lobbies, its partners' SDK, its shop; activities, which are
/// pages of others in Discord's frame, and the files they show there), and what has no place here yet (soundboards, stickers, onboarding,
/// welcome screens, widgets, templates, vanity addresses, stages). Nor are requests to join: who is shown an invite signs their own join
/// by it, with no relay there, and it counts at once; a stranger's request would have to lie with a relay that may withhold it, and wait
/// for an officer who is online. Nor is it said whom an invite is for: it is a key, and who has its code is let in by every member's
/// program without asking anybody. A list of people beside it would be a rule of authority, which every program would have to judge
/// alike; a list that one relay alone kept would keep nobody out.
const DECIDED: &[&str] = &[
    "/lobbies",
    "/partner-sdk",
    "/skus",
    "/applications/{application_id}/entitlements",
    "/users/@me/applications/{application_id}/entitlements",
    "/soundboard-default-sounds",
    "/guilds/{guild_id}/soundboard-sounds",
    "/channels/{channel_id}/send-soundboard-sound",
    "/stickers",
    "/sticker-packs",
    "/guilds/{guild_id}/stickers",
    "/guilds/{guild_id}/onboarding",
    "/guilds/{guild_id}/welcome-screen",
    "/guilds/{guild_id}/new-member-welcome",
    "/guilds/{guild_id}/widget",
    "/guilds/{guild_id}/templates",
    "/guilds/templates",
    "/guilds/{guild_id}/vanity-url",
    "/stage-instances",
    "/guilds/{guild_id}/requests",
    "/applications/{application_id}/activity-instances",
    "/applications/{application_id}/attachment",
    "/invites/{code}/target-users",
];

/// Operations that are about stages, of which there are none, below a path that is about more.
const DECIDED_OPERATIONS: &[&str] = &["update_self_voice_state", "update_voice_state"];

/// Method, path and operationId of everything Discord documents.
const DOCUMENTED: &str = include_str!("../data/discord_routes.tsv");

/// The list, from the router's own registrations.
pub(crate) async fn compatibility() -> Json<Compatibility> {
    let served: BTreeSet<&str> = SERVED.iter().map(|route| route.operation).collect();
    let missing = documented().filter(|route| !served.contains(route.operation));
    let (decided, open): (Vec<Served>, Vec<Served>) = missing.partition(is_decided);
    let names = |routes: Vec<Served>| routes.into_iter().map(|route| route.operation).collect();
    Json(Compatibility { served: SERVED, not_implemented: names(open), by_decision: names(decided) })
}

fn is_decided(route: &Served) -> bool {
    DECIDED_OPERATIONS.contains(&route.operation)
        || DECIDED.iter().any(|path| {
            route
                .path
                .strip_prefix(*path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '-']))
        })
}

/// What is answered where no handler is: 501 for the documented, else 404 or 405.
pub(crate) async fn elsewhere(OriginalUri(uri): OriginalUri, request: Request) -> ApiError {
    let path = below_api(uri.path());
    let fits = |route: &Served| fits(route.path, path);
    let asked = |route: &Served| request.method() == route.method;
    if let Some(route) = documented().find(|route| asked(route) && fits(route)) {
        return ApiError::not_implemented(route.operation);
    }
    let others = SERVED.iter().copied().chain(documented()).any(|route| fits(&route));
    if others && request.method() != Method::HEAD {
        ApiError::method_not_allowed()
    } else {
        ApiError::not_found()
    }
}

fn documented() -> impl Iterator<Item = Served> {
    DOCUMENTED.lines().skip(1).filter_map(|line| {
        let mut columns = line.split('\t');
        Some(Served { method: columns.next()?, path: columns.next()?, operation: columns.next()? })
    })
}

/// `/api/v10/users/@me` → `/users/@me`.
pub(crate) fn below_api(path: &str) -> &str {
    let below = path.strip_prefix("/api").unwrap_or(path);
    ["/v10", "/v9"].iter().find_map(|version| below.strip_prefix(version)).unwrap_or(below)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(got)) if want == got || (want.starts_with('{') && !got.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_operation_has_its_place_in_the_table() {
        assert_eq!(documented().count(), 242);
    }

    #[test]
    fn a_served_operation_is_spelled_as_discord_spells_it() {
        let known: BTreeSet<_> =
            documented().map(|route| (route.method, route.path, route.operation)).collect();
        for route in SERVED.iter().filter(|route| !route.operation.starts_with("nexus_")) {
            assert!(known.contains(&(route.method, route.path, route.operation)), "{route:?}");
        }
    }

    #[test]
    fn what_is_left_out_by_decision_is_documented_and_not_served() {
        for path in DECIDED {
            let below = |route: &Served| route.path.starts_with(path) && is_decided(route);
            assert!(documented().any(|route| below(&route)), "nothing documented is below {path}");
            assert!(!SERVED.iter().any(below), "{path} is served");
        }
    }

    #[test]
    fn an_operation_that_is_left_out_by_decision_is_documented_and_not_served() {
        for operation in DECIDED_OPERATIONS {
            assert!(documented().any(|route| route.operation == *operation), "{operation} is not documented");
            assert!(!SERVED.iter().any(|route| route.operation == *operation), "{operation} is served");
        }
    }

    #[test]
    fn a_path_fits_its_template_part_by_part() {
        assert!(fits("/channels/{channel_id}", below_api("/api/v9/channels/1")));
        assert!(!fits("/channels/{channel_id}", "/channels/1/messages"));
    }
}

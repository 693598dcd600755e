//! `/gateway`: where gateway sessions begin.

use crate::window::{Caller, Json, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// `GET /gateway`
pub(crate) async fn url(State(window): State<Window>, headers: HeaderMap) -> Json<Value> {
    Json(json!({ "url": socket_base(&window, &headers) }))
}

/// `GET /gateway/bot`
pub(crate) async fn bot(State(window): State<Window>, headers: HeaderMap, _caller: Caller) -> Json<Value> {
    Json(json!({
        "url": socket_base(&window, &headers),
        "shards": 1,
        "session_start_limit": { "total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1 },
    }))
}

fn socket_base(window: &Window, headers: &HeaderMap) -> String {
    // http → ws, https → wss.
    window.base(headers).replacen("http", "ws", 1)
}

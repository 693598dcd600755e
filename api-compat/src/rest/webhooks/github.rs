//! GitHub's format: what GitHub sends becomes a card. Shapes: GitHub's documentation, "Webhook events and payloads".

use super::by_token::opened;
use super::message::says;
use crate::error::{Answer, ApiError};
use crate::window::{Body, Done, Path, Window, read};
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// `POST /webhooks/{webhook_id}/{webhook_token}/github`: events that have no card are taken, and say nothing.
pub(crate) async fn execute_github(
    State(window): State<Window>,
    Path((id, token)): Path<(u64, String)>,
    headers: HeaderMap,
    Body(event): Body<Value>,
) -> Answer<Done> {
    let name = headers.get("x-github-event").and_then(|name| name.to_str().ok());
    let name =
        name.ok_or_else(|| ApiError::invalid("", "GITHUB_EVENT_MISSING", "X-GitHub-Event is missing"))?;
    opened(&window, &window.node.view(), id, &token).await?;
    if let Some(card) = card(name, &event) {
        says(&window, id, &token, read(json!({ "embeds": [card] }))?).await?;
    }
    Ok(Done)
}

pub(in crate::rest) fn card(name: &str, event: &Value) -> Option<Value> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let repository = text(&event["repository"]["full_name"]);
    let action = event["action"].as_str().unwrap_or("");
    let issue = |what: &str, thing: &Value| {
        let title = format!("[{repository}] {what} {action}: #{} {}", thing["number"], text(&thing["title"]));
        (title, text(&thing["html_url"]), text(&thing["body"]))
    };
    let (title, url, words) = match (name, action) {
        ("push", _) => pushed(&repository, event)?,
        ("issues", "opened" | "closed" | "reopened") => issue("Issue", &event["issue"]),
        ("pull_request", "opened" | "closed" | "reopened") => issue("Pull request", &event["pull_request"]),
        ("issue_comment", "created") => {
            let title = format!("[{repository}] New comment on #{}", event["issue"]["number"]);
            (title, text(&event["comment"]["html_url"]), text(&event["comment"]["body"]))
        }
        ("release", "published") => {
            let title = format!("[{repository}] New release: {}", text(&event["release"]["tag_name"]));
            (title, text(&event["release"]["html_url"]), text(&event["release"]["body"]))
        }
        ("star" | "watch", "created" | "started") => {
            (format!("[{repository}] New star"), text(&event["repository"]["html_url"]), String::new())
        }
        ("ping", _) => (format!("[{repository}] The webhook is here"), String::new(), text(&event["zen"])),
        _ => return None,
    };
    let mut card = json!({
        "title": cut(&title, 256),
        "description": cut(&words, 1_024),
        "author": { "name": cut(event["sender"]["login"].as_str().unwrap_or("?"), 256) },
    });
    if nexus_crdt::body::content::is_link(&url) {
        card["url"] = json!(url);
    }
    Some(card)
}

/// A branch with its new commits; a branch that goes says nothing.
fn pushed(repository: &str, event: &Value) -> Option<(String, String, String)> {
    let commits = event["commits"].as_array().filter(|commits| !commits.is_empty())?;
    let branch = event["ref"].as_str()?.trim_start_matches("refs/heads/");
    let lines = commits.iter().take(10).map(|commit| {
        let id: String = commit["id"].as_str().unwrap_or("").chars().take(7).collect();
        let first = commit["message"].as_str().unwrap_or("").lines().next().unwrap_or("");
        format!("`{id}` {} - {}", cut(first, 80), commit["author"]["name"].as_str().unwrap_or("?"))
    });
    let title = format!("[{repository}:{branch}] {} new commit(s)", commits.len());
    Some((title, event["compare"].as_str().unwrap_or("").to_owned(), lines.collect::<Vec<_>>().join("\n")))
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_sends_becomes_a_card_or_nothing() {
        let push = json!({
            "ref": "refs/heads/main", "compare": "https://github.com/a/b/compare/1...2",
            "repository": { "full_name": "a/b" }, "sender": { "login": "ada" },
            "commits": [{ "id": "0123456789", "message": "first line\nmore", "author": { "name": "Ada" } }],
        });
        let drawn = card("push", &push).unwrap();
        assert_eq!(drawn["title"], "[a/b:main] 1 new commit(s)");
        assert_eq!(drawn["description"], "`0123456` first line - Ada");
        assert!(card("push", &json!({ "ref": "refs/heads/main", "commits": [] })).is_none());
        assert!(card("workflow_job", &push).is_none());
        let issue = json!({ "action": "opened", "issue": { "number": 7, "title": "x".repeat(300), "html_url": "javascript:x" } });
        let drawn = card("issues", &issue).unwrap();
        assert_eq!(drawn["title"].as_str().unwrap().chars().count(), 256);
        assert!(drawn.get("url").is_none());
    }
}

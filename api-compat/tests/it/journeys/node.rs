//! A node's first day, and what it says of itself.

use crate::api::{Account, Api, SETUP_KEY, text};
use serde_json::json;

/// Sets the node up; gives its owner.
pub(super) async fn play(api: &Api) -> Account {
    let newcomer = Account { authorization: format!("Setup {SETUP_KEY}"), ..Account::nobody() };
    let made = api.call(&newcomer, "nexus_setup", "/nexus/setup", Some(json!({"display_name": "Ada"}))).await;
    let owner = Account { authorization: text(&made, "token"), id: text(&made, "user_id") };

    let again = json!({"display_name": "Eve"});
    let again = api.ask(&newcomer, "nexus_setup", "/nexus/setup", Some(again)).await;
    assert!(again.status.is_client_error(), "a node has one owner: {again:?}");

    let strangers = json!({"username": "eve", "password": "a long one"});
    let register = api.ask(&Account::nobody(), "nexus_register", "/auth/register", Some(strangers)).await;
    assert_eq!(register.status, 501);

    let nobody = Account::nobody();
    let served = api.call(&nobody, "nexus_compatibility", "/nexus/compatibility", None).await;
    assert_eq!(served["served"].as_array().map(Vec::len), Some(nexus_api::SERVED.len()));
    assert_eq!(served["not_implemented"], json!([]), "what is documented is served, or left out by decision");
    let left_out = served["by_decision"].as_array().expect("a list");
    assert!(left_out.contains(&json!("create_lobby")) && !left_out.contains(&json!("get_my_user")));

    let relay = api.call(&nobody, "nexus_relay", "/nexus/relay", None).await;
    assert_eq!((&relay["peer_key"], &relay["mesh_port"]), (&json!("07".repeat(32)), &json!(8080)));

    let url = api.call(&nobody, "get_gateway", "/gateway", None).await;
    assert_eq!(url["url"], "ws://127.0.0.1:8081");
    owner
}

//! An application is deleted, and with it whatever people let it do.

use super::super::sessions::rows;
use super::stage::Stage;
use serde_json::{Value, json};

#[tokio::test]
async fn nobody_is_signed_in_to_an_application_that_was_deleted() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let other = stage.site_of(site.maker.clone(), "other").await;
    let signed_in = stage.signed_in(&site, &ann, "identify").await;
    let there = stage.signed_in(&other, &ann, "identify").await;
    let path = format!("/applications/{}/delete", site.id);
    let (status, refused) = stage.ask("POST", &path, &ann, Some(json!({}))).await;
    assert_eq!((status, &refused["code"]), (404, &json!(10_002)), "it is not hers");
    stage.get(&signed_in.bearer(), "get_my_user", "/users/@me").await;

    let done = stage.call(&site.maker, "nexus_delete_application", &path, json!({})).await;
    assert_eq!(done, Value::Null);
    let (status, refused) = stage.ask("POST", &path, &site.maker, Some(json!({}))).await;
    assert_eq!((status, &refused["code"]), (404, &json!(10_002)));
    assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 401);
    assert_eq!(stage.refresh(&site, &signed_in.refresh).await.0, 401, "its secret is none");
    let asked = format!("/oauth2/authorize{}", site.asks("identify"));
    assert_eq!(stage.ask("GET", &asked, &ann, None).await.0, 404);
    for sql in ["SELECT COUNT(*) FROM oauth_client", "SELECT COUNT(*) FROM oauth_grant"] {
        assert_eq!(rows(stage.folder(), sql).await, 1, "{sql}: the other's");
    }
    stage.get(&there.bearer(), "get_my_user", "/users/@me").await;
    let left = stage.get(&site.maker, "nexus_list_applications", "/applications").await;
    assert_eq!((&left[0]["id"], left.as_array().unwrap().len()), (&json!(other.id), 1));
    stage.close().await;
}

//! OpenID Connect: what is signed, by which key, and where it says everything is.

use super::stage::{Stage, query_of};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

#[tokio::test]
async fn an_id_token_says_who_somebody_is_to_whom_it_was_given_and_is_checked_by_the_relays_key() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let query = format!("{}&nonce=of%20the%20site", site.asks("openid identify"));
    let location = stage.says_yes(&ann, &query).await;
    assert_eq!(query_of(&location, "iss").as_deref(), Some("https://relay.example"));
    let tokens = stage.exchange(&site, &location).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let keys = stage.get("", "get_public_keys", "/oauth2/keys").await;
    let key = &keys["keys"][0];
    assert_eq!(decode_header(id_token).unwrap().kid.as_deref(), key["kid"].as_str());
    let text = |name: &str| key[name].as_str().unwrap();
    let decoding = DecodingKey::from_rsa_components(text("n"), text("e")).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[&site.id]);
    validation.set_issuer(&["https://relay.example"]);
    let claims = decode::<Value>(id_token, &decoding, &validation).unwrap().claims;
    let me = stage.get(&ann, "get_my_user", "/users/@me").await;
    assert_eq!((&claims["sub"], &claims["nonce"]), (&me["id"], &json!("of the site")));

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let info = stage.get(&bearer, "get_openid_connect_userinfo", "/oauth2/userinfo").await;
    assert_eq!((&info["sub"], &info["preferred_username"]), (&me["id"], &json!("ann")));
    assert!(info.get("email").is_none(), "nobody let it: {info}");
    let without = stage.signed_in(&site, &ann, "openid email").await.bearer();
    let info = stage.get(&without, "get_openid_connect_userinfo", "/oauth2/userinfo").await;
    assert_eq!((&info["email"], &info["email_verified"]), (&json!("ann@example.org"), &json!(false)));
    assert!(info.get("preferred_username").is_none(), "{info}");
    let location = stage.says_yes(&ann, &site.asks("identify")).await;
    assert!(stage.exchange(&site, &location).await.get("id_token").is_none());
    stage.close().await;
}

#[tokio::test]
async fn a_library_finds_everything_from_the_relays_address() {
    let stage = Stage::set().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let (status, found) = stage.ask("GET", path, "", None).await;
        assert_eq!((status, &found["issuer"]), (200, &json!("https://relay.example")));
        assert_eq!(found["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(found["response_types_supported"], json!(["code"]), "no implicit grant");
        assert_eq!(found["authorization_endpoint"], "https://relay.example/oauth2/authorize");
        assert_eq!(found["token_endpoint"], "https://relay.example/api/oauth2/token");
    }
    stage.close().await;
}

//! How often somebody may consent, and an application may exchange: past it they are told how long to wait.

use super::stage::Stage;
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn who_consents_without_end_is_told_to_wait_and_others_are_not() {
    let mut stage = Stage::set().await;
    let (ann, bea) = (stage.person("ann").await, stage.person("bea").await);
    let site = stage.site().await;
    let path = format!("/oauth2/authorize{}", site.asks("identify"));
    let yes = || Some(json!({ "authorize": true }));
    let mut told = None;
    // 30 at once and one each 2 s: however slow this machine is, less than 120 come in four minutes.
    for _ in 0..120 {
        let (status, answer) = stage.ask("POST", &path, &ann, yes()).await;
        if status == 429 {
            told = Some(answer);
            break;
        }
        assert_eq!(status, 200, "{answer}");
    }
    let told = told.expect("there is an end to it");
    assert!(told["retry_after"].as_f64().is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{told}");
    assert_eq!(stage.ask("POST", &path, &bea, yes()).await.0, 200, "another person is another matter");
    stage.close().await;
}

#[tokio::test]
async fn an_application_that_exchanges_without_end_is_told_to_wait_and_others_are_not() {
    let mut stage = Stage::set().await;
    let site = stage.site().await;
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    let basic = site.basic();
    let guess = [("grant_type", "refresh_token"), ("refresh_token", "nxg_guess")];
    // All of them at once, so that what fills up meanwhile is no matter.
    let all = (0..400).map(|_| stage.form("/oauth2/token", &basic, &guess));
    let answers = join_all(all).await;
    let refused = answers
        .iter()
        .filter(|(status, answer)| (*status, &answer["error"]) == (400, &json!("invalid_grant")));
    let told: Vec<_> = answers.iter().filter(|(status, _)| *status == 429).collect();
    assert!(refused.count() >= 200 && !told.is_empty());
    for (_, told) in told {
        assert!(told["retry_after"].as_f64().is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{told}");
    }
    let answer = stage.form("/oauth2/token", &other.basic(), &guess).await;
    assert_eq!(answer.0, 400, "another application is another matter: {answer:?}");
    stage.close().await;
}

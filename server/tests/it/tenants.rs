//! What belongs to another customer does not exist.

use crate::browser::Browser;
use crate::harness::TestApp;
use axum::http::{Method, StatusCode};
use domain::permission::Role;

/// Contoso's people and ids of Fabrikam's.
async fn setup() -> (TestApp, Vec<Browser>, Vec<String>, Vec<String>) {
    let app = TestApp::new().await;
    let contoso = vec![app.signed_in_as(Role::CustomerAdmin).await, app.signed_in_as(Role::CustomerViewer).await];
    let fabrikam = app.customer("fabrikam.example").await;
    let environments = store::environment::estate(app.db.reader(), fabrikam).await.unwrap();
    assert!(!environments.is_empty(), "the demo has a second customer");
    let environments = environments.iter().map(|environment| environment.id.to_string()).collect();
    let notifications = vec![app.notification_for(fabrikam).await.to_string()];
    (app, contoso, environments, notifications)
}

#[tokio::test]
async fn pages_of_foreign_things_are_not_found_and_look_like_pages_of_nothing() {
    let (_app, contoso, environments, notifications) = setup().await;
    for mut browser in contoso {
        for (page, ids, nothing) in [
            ("/environments", &environments, "env_00000000000000000000000001"),
            ("/notifications", &notifications, "ntf_00000000000000000000000001"),
        ] {
            let unknown = browser.get(&format!("{page}/{nothing}")).await;
            for id in ids {
                let foreign = browser.get(&format!("{page}/{id}")).await;
                assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{page}/{id}");
                let bare = |body: &str, id: &str| without_nonce(body).replace(id, "ID");
                assert_eq!(bare(&foreign.body, id), bare(&unknown.body, nothing), "nothing tells them apart");
            }
        }
    }
}

/// Everything that differs between any two answers.
fn without_nonce(body: &str) -> String {
    let nonce = body.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned();
    body.replace(&nonce, "NONCE")
}

#[tokio::test]
async fn calls_about_foreign_things_are_not_found_and_change_nothing() {
    let (app, contoso, environments, notifications) = setup().await;
    let fabrikam = app.customer("fabrikam.example").await;
    let before = store::environment::estate(app.db.reader(), fabrikam).await.unwrap();
    for (mut browser, admin) in contoso.into_iter().zip([true, false]) {
        for id in &environments {
            let show = browser.call(Method::GET, "/api/environments/show", &[("input[environment]", id)]).await;
            assert_eq!(show.status, StatusCode::NOT_FOUND, "{show:?}");
            let form =
                [("input[environment]", id.as_str()), ("input[designation]", "early"), ("input[generation]", "1")];
            let designate = browser.call(Method::POST, "/api/environments/designate", &form).await;
            let refused = if admin { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            assert_eq!(designate.status, refused, "{designate:?}");
            let form = [("input[environment]", id.as_str()), ("input[start]", "now"), ("input[days][]", "Tue")];
            for path in ["environments/pull-ahead", "environments/undo-pull", "environments/plan", "exemptions/request"]
            {
                let answer = browser.call(Method::POST, &format!("/api/{path}"), &form).await;
                assert_eq!(answer.status, refused, "{path}: {answer:?}");
            }
        }
        for id in &notifications {
            let input = [("input[notification]", id.as_str())];
            for (method, path) in [(Method::GET, "/api/notifications/show"), (Method::POST, "/api/notifications/read")]
            {
                let answer = browser.call(method, path, &input).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {answer:?}");
            }
        }
        let all = browser.call(Method::POST, "/api/notifications/read-all", &[]).await;
        assert_eq!(all.status, StatusCode::OK, "{all:?}");
    }
    let after = store::environment::estate(app.db.reader(), fabrikam).await.unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    let reader = app.user("admin@fabrikam.example").await;
    assert_eq!(store::notification::unread_count(app.db.reader(), fabrikam, reader).await.unwrap(), 1);
}

#[tokio::test]
async fn lists_hold_only_what_is_ones_own() {
    let (_app, contoso, environments, notifications) = setup().await;
    for mut browser in contoso {
        for path in ["/environments", "/notifications", "/calendar", "/environments?q=PROD", "/calendar?view=list"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            for id in environments.iter().chain(&notifications) {
                assert!(!page.body.contains(id), "{path} shows {id}");
            }
            assert!(!page.body.contains("Fabrikam"), "{path}");
        }
        // A key of somebody else's to page from leads to one's own rows, or nowhere.
        for path in ["/api/environments/list", "/api/notifications/list"] {
            for id in environments.iter().chain(&notifications) {
                let answer = browser.call(Method::GET, path, &[("params[after]", id)]).await;
                assert!(answer.status.as_u16() < 500 && !answer.body.contains("Fabrikam"), "{path} {id} {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn staff_sees_both() {
    let (app, _, environments, _) = setup().await;
    let mut support = app.signed_in_as(Role::Support).await;
    for id in &environments {
        assert_eq!(support.get(&format!("/support/environments/{id}")).await.status, StatusCode::OK, "{id}");
    }
}

//! The permission table against the routes that exist, and every route against every role.

use crate::browser::Answer;
use crate::harness::TestApp;
use axum::http::{Method, StatusCode};
use domain::permission::Role;
use server::permissions::{Access, OTHERS, PAGES, PROGRAMS, SERVER_FUNCTIONS};
use std::collections::BTreeSet;

/// Every page with an id in its address gets this well-formed one, which nothing has.
fn filled(pattern: &str) -> String {
    let kind = match pattern {
        p if p.starts_with("/notifications") => "ntf_",
        p if p.contains("/environments/") => "env_",
        p if p.starts_with("/rollouts") => "rol_",
        p if p.starts_with("/exemptions") => "exm_",
        _ => "",
    };
    pattern.replace("{id}", &format!("{kind}00000000000000000000000001"))
}

fn methods() -> Vec<(&'static str, Method)> {
    server_fn::axum::server_fn_paths().collect()
}

#[tokio::test]
async fn every_page_and_server_function_is_in_the_table_and_nothing_else() {
    let _app = TestApp::new().await;
    let declared = |table: &[(&str, Access)]| table.iter().map(|(path, _)| (*path).to_owned()).collect::<BTreeSet<_>>();
    let pages = server::router::pages().iter().map(|page| page.path().to_owned()).filter(|path| path != "/").collect();
    assert_eq!(declared(PAGES), pages);
    let functions = methods().into_iter().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(declared(SERVER_FUNCTIONS), functions);
    for (path, access) in [PAGES, SERVER_FUNCTIONS, PROGRAMS, OTHERS].concat() {
        assert_eq!(server::permissions::access(path), Some(access), "{path} is declared twice");
    }
}

/// Or a browser would load it with every other page.
#[test]
fn every_page_but_sign_in_is_in_an_area() {
    for (path, _) in PAGES {
        assert_eq!(app::areas::Area::of(path).is_some(), *path != app::routes::LOGIN, "{path}");
    }
}

#[tokio::test]
async fn what_changes_something_is_a_post() {
    let _app = TestApp::new().await;
    for (path, method) in methods() {
        let verb = path.rsplit('/').next().unwrap();
        let reads = ["show", "list", "search", "environments", "accounts"].contains(&verb);
        assert_eq!(method == Method::GET, reads, "{path}");
    }
}

fn may(access: Access, role: Role) -> bool {
    match access {
        Access::Public | Access::SignIn | Access::SignedIn => true,
        Access::Needs(what) => role.may(what),
        Access::NeedsOneOf(any) => any.iter().any(|what| role.may(*what)),
        Access::Program(_) => false,
    }
}

#[tokio::test]
async fn every_page_for_every_role() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let mut browser = app.signed_in_as(role).await;
        for (pattern, access) in PAGES.iter().filter(|(_, access)| *access != Access::SignIn) {
            let answer = browser.get(&filled(pattern)).await;
            let expected = match (may(*access, role), pattern.contains("{id}")) {
                (false, _) => StatusCode::FORBIDDEN,
                (true, true) => StatusCode::NOT_FOUND,
                (true, false) => StatusCode::OK,
            };
            assert_eq!(answer.status, expected, "{role:?} {pattern}");
            assert!(answer.body.contains("<html"), "{role:?} {pattern}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn every_server_function_for_every_role() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let mut browser = app.signed_in_as(role).await;
        for (path, method) in methods() {
            let access = server::permissions::access(path).unwrap();
            let answer = browser.call(method, path, &[]).await;
            if may(access, role) {
                // Without its arguments it may be refused for that, but not for the role, and never breaks.
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
                assert!(answer.status.as_u16() < 500, "{role:?} {path} {answer:?}");
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
                assert_eq!(answer.body, "\"forbidden\"");
            }
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_an_empty_redirect_from_pages() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for (pattern, access) in PAGES.iter().filter(|(_, access)| *access != Access::SignIn) {
        let path = filled(pattern);
        let answer = browser.get(&format!("{path}?station=4&q=a")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{pattern} {access:?}");
        assert_eq!(answer.body, "", "{pattern}");
        let next = format!("{path}?station=4&q=a")
            .replace('/', "%2F")
            .replace('?', "%3F")
            .replace('&', "%26")
            .replace('=', "%3D");
        assert_eq!(answer.location(), format!("/login?next={next}"));
    }
    let answer = browser.get("/").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/login?next=%2F"));
    let answer = browser.get("/no/such/page").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::SEE_OTHER, ""), "strangers learn no routes");
}

#[tokio::test]
async fn a_stranger_gets_401_from_server_functions_and_streams() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for (path, method) in methods() {
        let answer = browser.call(method, path, &[]).await;
        if server::permissions::access(path) == Some(Access::Public) {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.body, "\"not_signed_in\"", "{path}");
        }
    }
    assert_eq!(browser.get("/events").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/api/no/such").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_form_of_a_stranger_leads_to_the_sign_in_page_and_back_to_its_page() {
    let app = TestApp::new().await;
    let mut browser = app.browser().with("referer", "http://127.0.0.1:3000/rollouts/rol_1?tab=all");
    let answer = browser.post("/api/rollouts/halt", &[("input[reason]", "x")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=%2Frollouts%2Frol_1%3Ftab%3Dall");
}

#[tokio::test]
async fn each_role_is_sent_to_its_first_page() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let mut browser = app.signed_in_as(role).await;
        for path in ["/", "/login"] {
            let answer = browser.get(path).await;
            assert_eq!(
                (answer.status, answer.location()),
                (StatusCode::SEE_OTHER, app::routes::home(role)),
                "{role:?}"
            );
        }
        let home = browser.get(app::routes::home(role)).await;
        assert_eq!(home.status, StatusCode::OK, "{role:?} {home:?}");
    }
}

#[tokio::test]
async fn unknown_addresses_and_wrong_methods_are_told_apart() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    let unknown = browser.get("/no/such/page").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.body.contains("Nothing here"), "the page that says so");
    let statuses = |answer: Answer| answer.status;
    assert_eq!(statuses(browser.get("/api/no/such").await), StatusCode::NOT_FOUND);
    assert_eq!(statuses(browser.post("/rollouts", &[]).await), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(statuses(browser.post("/events", &[]).await), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(statuses(browser.get("/logout").await), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(statuses(browser.get("/api/rollouts/halt").await), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(statuses(browser.call(Method::DELETE, "/settings", &[]).await), StatusCode::METHOD_NOT_ALLOWED);
}

/// Told apart by address, not by the permission table, so that a slip in the table is seen.
fn is_of_staff(path: &str) -> bool {
    [
        "/support/",
        "/rollouts",
        "/halts",
        "/incidents",
        "/freezes",
        "/api/deployments/",
        "/api/rollouts/",
        "/api/halts/",
        "/api/incidents/",
        "/api/freezes/",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
}

#[tokio::test]
async fn customers_reach_no_staff_route() {
    let app = TestApp::new().await;
    for role in Role::ALL.into_iter().filter(|role| role.of_customer()) {
        let mut browser = app.signed_in_as(role).await;
        let pages = PAGES.iter().map(|(pattern, _)| (*pattern, Method::GET));
        let of_staff: Vec<_> = pages.chain(methods()).filter(|(path, _)| is_of_staff(path)).collect();
        assert!(of_staff.len() > 8, "{of_staff:?}");
        for (path, method) in of_staff {
            let answer = browser.call(method, &filled(path), &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
    }
}

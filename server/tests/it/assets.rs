//! Files that a browser loads: how long they hold, and that a page names none that is missing.

use crate::harness::{Setup, TestApp};
use axum::http::StatusCode;
use std::collections::BTreeSet;
use std::path::Path;

fn site() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("pkg-dir", "pkg/abc\n");
    write("pkg/abc/signalbox.css", "body{}");
    write("pkg/abc/signalbox.js", "js");
    write("pkg/abc/signalbox.js.br", "brotli");
    write("pkg/abc/signalbox.js.gz", "gzip");
    write("favicon.svg", "<svg/>");
    write("icons/a.svg", "<svg/>");
    write(".hidden", "secret");
    root
}

#[tokio::test]
async fn hashed_files_hold_for_ever_and_others_for_an_hour() {
    let site = site();
    let app = TestApp::with(Setup { site_root: Some(site.path().to_owned()), ..Setup::default() }).await;
    let mut browser = app.browser();
    for (path, kind, holds) in [
        ("/pkg/abc/signalbox.css", "text/css", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "public, max-age=3600"),
        ("/icons/a.svg", "image/svg+xml", "public, max-age=3600"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (kind, holds), "{path}");
    }
    for path in ["/pkg/abc/no.css", "/pkg/", "/pkg/abc/", "/icons/", "/icons/no.svg", "/pkg/..%2fpkg-dir", "/pkg/%00"] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::NOT_FOUND, "no-store"), "{path}");
    }
    for path in ["/pkg-dir", "/.hidden", "/favicon.svg.br"] {
        assert_eq!(browser.get(path).await.status, StatusCode::SEE_OTHER, "{path} is no file of ours to give");
    }
}

#[tokio::test]
async fn compressed_twins_are_sent_as_they_are() {
    let site = site();
    let app = TestApp::with(Setup { site_root: Some(site.path().to_owned()), ..Setup::default() }).await;
    for (accepts, encoding, body) in [("br, gzip", "br", "brotli"), ("gzip", "gzip", "gzip"), ("identity", "", "js")] {
        let answer = app.browser().with("accept-encoding", accepts).get("/pkg/abc/signalbox.js").await;
        assert_eq!((answer.header("content-encoding"), answer.body.as_str()), (encoding, body), "{accepts}");
        assert_eq!(answer.header("content-type"), "text/javascript", "{accepts}");
    }
}

/// Every own file that a document names.
fn named(html: &str) -> Vec<String> {
    let kinds = ["css", "ico", "js", "svg", "wasm", "woff2"];
    let is_file = |text: &str| Path::new(text).extension().is_some_and(|kind| kinds.iter().any(|known| kind == *known));
    let texts = html.split(['"', '\'']).filter(|text| text.starts_with('/') && is_file(text));
    texts.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

#[tokio::test]
async fn a_page_names_the_folder_that_the_build_named() {
    let site = site();
    let app = TestApp::with(Setup { site_root: Some(site.path().to_owned()), ..Setup::default() }).await;
    let page = app.browser().get("/login").await;
    let files = named(&page.body);
    for file in ["/pkg/abc/signalbox.css", "/pkg/abc/signalbox.js", "/favicon.svg"] {
        assert!(files.iter().any(|named| named == file), "{file} in {files:?}");
    }
}

/// A published image of another project never came to life because its page named a Wasm file that was not there.
#[tokio::test]
async fn every_file_that_a_page_names_exists_in_the_built_site() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    if !root.join("pkg-dir").is_file() {
        eprintln!("no built site; `cargo xtask test` builds one and runs this in the browser too");
        return;
    }
    let app = TestApp::with(Setup { site_root: Some(root), ..Setup::default() }).await;
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    let files = named(&page.body);
    assert!(files.iter().any(|file| file.contains(".wasm")), "{files:?}");
    for file in files {
        let answer = browser.get(&file).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert!(answer.header("cache-control").contains("max-age"), "{file}");
    }
}

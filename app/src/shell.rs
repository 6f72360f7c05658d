//! The HTML document around the application. Written by the server only; the browser takes over its body.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{App, areas::Area, platform};

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let LeptosOptions { site_pkg_dir, output_name, .. } = options;
    let folder = format!("/{site_pkg_dir}");
    // `xtask dev` asks for its reload script; nobody else sets this.
    let reload = std::env::var_os("SIGNALBOX_DEV").is_some();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=format!("{folder}/{output_name}.css") />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <Hydration folder name=output_name.to_string() />
                {reload.then(|| view! { <script src="/dev-reload.js" nonce=use_nonce() defer=true></script> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Loads the Wasm and hands the page over to it. Leptos has a component for this, but it writes the nonce into
/// `crossorigin` instead of `nonce`, so the policy refuses the script that is loaded ahead.
///
/// The Wasm of the page's area is named too: it comes beside the main one and not after it.
#[component]
fn Hydration(
    /// The folder of the assets. From the build, never from a request: the text of a script is not escaped.
    folder: String,
    /// Name without an ending.
    name: String,
) -> impl IntoView {
    let nonce = use_nonce();
    let files = format!("{folder}/{name}");
    let start = format!(
        r#"import("{files}.js").then((module) => module.default({{ module_or_path: "{files}.wasm" }}).then(() => module.hydrate()));"#
    );
    let area = platform::path().as_deref().and_then(Area::of).map(|area| format!("{folder}/area_{}", area.name()));
    let wasm = std::iter::once(files.clone()).chain(area);
    view! {
        <link rel="modulepreload" href=format!("{files}.js") nonce=nonce.clone() />
        <link rel="modulepreload" href=format!("{files}-areas.js") nonce=nonce.clone() />
        {wasm
            .map(|file| {
                let href = format!("{file}.wasm");
                view! { <link rel="preload" r#as="fetch" href=href type="application/wasm" crossorigin="anonymous" /> }
            })
            .collect_view()}
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
}

//! The HTML document around the application. Written by the server only; the browser takes over its body.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::App;

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let LeptosOptions { site_pkg_dir, output_name, .. } = options;
    let files = format!("/{site_pkg_dir}/{output_name}");
    // `xtask dev` asks for its reload script; nobody else sets this.
    let reload = std::env::var_os("SIGNALBOX_DEV").is_some();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=format!("{files}.css") />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <Hydration files />
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
#[component]
fn Hydration(
    /// Path and name without an ending. From the build, never from a request: the text of a script is not escaped.
    files: String,
) -> impl IntoView {
    let nonce = use_nonce();
    let start = format!(
        r#"import("{files}.js").then((module) => module.default({{ module_or_path: "{files}.wasm" }}).then(() => module.hydrate()));"#
    );
    view! {
        <link rel="modulepreload" href=format!("{files}.js") nonce=nonce.clone() />
        <link rel="preload" r#as="fetch" href=format!("{files}.wasm") type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
}

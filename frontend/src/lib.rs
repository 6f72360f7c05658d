//! Wasm entry: hands the page over to the application. Nothing else belongs here.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the server writes into every page.
#[wasm_bindgen]
pub async fn hydrate() {
    app::hydrate().await;
}

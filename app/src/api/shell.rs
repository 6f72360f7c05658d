//! What stands around every page, asked again when something changed. The first one comes with the page.

use domain::wire::shell::ShellView;
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::api::ApiError;

#[server(prefix = "/api", endpoint = "shell/show", input = GetUrl)]
pub async fn show_shell() -> Result<ShellView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.shell_view(&call.ctx).await)
}

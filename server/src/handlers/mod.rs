//! Routes that are not pages: one file each. Pages and server functions are in `app`.

pub mod api;
pub mod assets;
pub mod csp_report;
pub mod dev_reload;
pub mod events;
pub mod health;
pub mod home;
pub mod sign_in;
pub mod sign_out;
pub mod sign_out_elsewhere;

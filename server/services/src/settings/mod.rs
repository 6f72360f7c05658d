//! What people set for themselves: the zone of their times, and the browsers they are signed in with.

mod browser;
mod sessions;
mod show;
mod time_zone;

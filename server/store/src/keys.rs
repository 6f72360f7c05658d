//! The words of closed sets as columns hold them. Sets that the domain already writes as text keep the domain's form.

use chrono::Weekday;
use domain::fleet::{Audience, Cloud, EnvironmentKind};
use domain::release::TrainStatus;

pub const fn kind(kind: EnvironmentKind) -> &'static str {
    match kind {
        EnvironmentKind::Production => "production",
        EnvironmentKind::Sandbox => "sandbox",
        EnvironmentKind::Trial => "trial",
    }
}

pub fn kind_from(key: &str) -> Option<EnvironmentKind> {
    EnvironmentKind::ALL.into_iter().find(|k| kind(*k) == key)
}

pub const fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Sandbox => "sandbox",
        Audience::Production => "production",
    }
}

pub fn audience_from(key: &str) -> Option<Audience> {
    [Audience::Sandbox, Audience::Production].into_iter().find(|a| audience(*a) == key)
}

pub const fn cloud(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Public => "public",
        Cloud::Gcc => "gcc",
        Cloud::Dod => "dod",
        Cloud::China => "china",
    }
}

pub fn cloud_from(key: &str) -> Option<Cloud> {
    [Cloud::Public, Cloud::Gcc, Cloud::Dod, Cloud::China].into_iter().find(|c| cloud(*c) == key)
}

pub const fn train_status(status: TrainStatus) -> &'static str {
    match status {
        TrainStatus::NotStarted => "not_started",
        TrainStatus::InProgress => "in_progress",
        TrainStatus::Completed => "completed",
        TrainStatus::Canceled => "canceled",
        TrainStatus::PartiallyCanceled => "partially_canceled",
    }
}

pub fn train_status_from(key: &str) -> Option<TrainStatus> {
    use TrainStatus as S;
    [S::NotStarted, S::InProgress, S::Completed, S::Canceled, S::PartiallyCanceled]
        .into_iter()
        .find(|status| train_status(*status) == key)
}

/// Weekend nights start on Friday or Saturday (UTC); the domain refuses every other day.
pub fn weekday(day: Weekday) -> String {
    day.to_string().to_lowercase()
}

pub fn weekday_from(key: &str) -> Option<Weekday> {
    key.parse().ok()
}

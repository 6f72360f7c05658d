//! The forms of the product by name. The name travels in the address when a form was answered without Wasm, so it is a
//! closed set, and the sentences shown for it are ours.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKey {
    Designation,
    Start,
    /// By station: a rollout's page has one form for each.
    Approve(u8),
    Halt,
    Resume,
    MarkRead,
    MarkAllRead,
    TimeZone,
    SignOutElsewhere,
    DemoSpeed,
}

impl FormKey {
    const PLAIN: [Self; 9] = [
        Self::Designation,
        Self::Start,
        Self::Halt,
        Self::Resume,
        Self::MarkRead,
        Self::MarkAllRead,
        Self::TimeZone,
        Self::SignOutElsewhere,
        Self::DemoSpeed,
    ];

    pub fn code(self) -> String {
        match self {
            Self::Designation => "designation".into(),
            Self::Start => "start".into(),
            Self::Approve(station) => format!("approve_{station}"),
            Self::Halt => "halt".into(),
            Self::Resume => "resume".into(),
            Self::MarkRead => "mark_read".into(),
            Self::MarkAllRead => "mark_all_read".into(),
            Self::TimeZone => "time_zone".into(),
            Self::SignOutElsewhere => "sign_out_elsewhere".into(),
            Self::DemoSpeed => "demo_speed".into(),
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        if let Some(station) = code.strip_prefix("approve_") {
            return station.parse().ok().map(Self::Approve);
        }
        Self::PLAIN.into_iter().find(|key| key.code() == code)
    }

    /// What was done, for a page that only knows which form it was.
    pub fn done(self) -> String {
        match self {
            Self::Designation => "The designation is saved.".into(),
            Self::Start => "The rollout is started.".into(),
            Self::Approve(station) => format!("Station {station} is approved."),
            Self::Halt => "The rollout is halted.".into(),
            Self::Resume => "The rollout goes on.".into(),
            Self::MarkRead => "Marked as read.".into(),
            Self::MarkAllRead => "All are marked as read.".into(),
            Self::TimeZone => "Times are shown in the zone you chose.".into(),
            Self::SignOutElsewhere => "You are signed out everywhere else.".into(),
            Self::DemoSpeed => "The demo clock runs at the speed you chose.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_and_nothing_else_does() {
        for key in FormKey::PLAIN.into_iter().chain([FormKey::Approve(1), FormKey::Approve(6)]) {
            assert_eq!(FormKey::from_code(&key.code()), Some(key));
            assert!(!key.done().is_empty());
        }
        for foreign in ["", "approve_", "approve_x", "approve_999", "<b>"] {
            assert_eq!(FormKey::from_code(foreign), None, "{foreign}");
        }
    }
}

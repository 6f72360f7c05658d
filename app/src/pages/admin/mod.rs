//! Pages of a customer's own estate.

pub mod calendar;
pub mod environment;
pub mod environments;
pub mod notification;
pub mod notifications;

pub use calendar::CalendarPage;
pub use environment::EnvironmentPage;
pub use environments::EnvironmentsPage;
pub use notification::NotificationPage;
pub use notifications::NotificationsPage;

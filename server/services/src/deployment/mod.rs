//! The version finder of support: what runs where, since when. Over all customers, for staff.

mod question;
mod search;

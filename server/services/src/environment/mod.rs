//! A customer's environments: the list, one whole, and the choice with whom a sandbox is updated.

mod designate;
mod designation;
mod facts;
mod history;
mod list;
mod next;
mod show;

pub use designate::DesignateForm;

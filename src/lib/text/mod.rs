//! Values that people type: what is accepted, what is stored, and what they are compared by.
//!
//! A name, an email, a phone, a colour or a day reaches secboard as text from a command line, a file, a directory or a
//! form. Each has one type here, made only from text that follows its rule, so that no feature checks it again. Two
//! texts are the same to a person when [`fold::fold`] says so: that key, never the text itself, is what the store
//! compares and searches.
//!
//! Everything here is pure: no file, no clock, no settings. A rule that needs today's date, a time zone or a region is
//! given it.

pub(crate) mod character;
pub(crate) mod collate;
pub(crate) mod color;
pub(crate) mod count;
pub(crate) mod date;
pub(crate) mod date_order;
pub(crate) mod dot;
pub(crate) mod email;
pub(crate) mod fold;
pub(crate) mod guid;
pub(crate) mod host;
pub(crate) mod initial;
pub(crate) mod instant;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod network;
pub(crate) mod note;
pub(crate) mod person_selector;
pub(crate) mod phone;
pub(crate) mod script;
pub(crate) mod secret;
pub(crate) mod shell;
pub(crate) mod slug;
pub(crate) mod suggest;
pub(crate) mod ticks;
pub(crate) mod width;

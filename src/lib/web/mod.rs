//! The web: requests, answers, forms, and what every page has around it.
//!
//! A feature has pages by a list of [`Route`]s, which the registry collects. A handler is given a [`Call`], asks the
//! operations of its feature by `call.site.serve(call.visit(actor), …)`, and makes an [`Answer`] of what they say. What
//! browsers can do wrong or be made to do is seen to here, so that no feature can forget it: hosts and origins, the
//! headers of every answer, the token of every form ([`Form`]), forms that are sent twice, bounds of what is read. [`Pages`] is all of it as one
//! function of the request and the store, but for forms that are sent twice; [`front`] is what listens.
//!
//! A page is a template of its feature that extends `web/pages/layout.html` and has a field `frame`.

mod answer;
mod asset;
mod call;
mod cookie;
mod csrf;
mod fields;
mod form;
pub(crate) mod front;
mod host;
mod language;
mod later;
mod layout;
pub(crate) mod multipart;
mod repeat;
mod request;
mod route;
mod serve;
mod trouble;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use answer::Answer;
pub(crate) use call::{Binding, Call, Greeter};
pub(crate) use cookie::Cookie;
pub(crate) use fields::{FieldFault, Fields, unescaped};
pub(crate) use form::Form;
pub(crate) use later::Pace;
pub(crate) use layout::{Facts, Frame, HeaderButton, Purpose, Texts};
pub(crate) use request::Request;
pub(crate) use route::{FileRoute, GET, GET_AND_POST, LocalPath, Route, Routes};
pub(crate) use serve::{Pages, Served};

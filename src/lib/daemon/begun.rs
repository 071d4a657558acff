//! What is looked at and told when a daemon begins.

use super::Parts;
use super::log::{Level, Log};
use crate::audit;
use crate::config::Config;
use crate::context::{Actor, Clock as _, Site, SystemClock, Via, Visit};
use crate::error::Result;
use crate::store::Store;

/// Has the log tell times by the clocks of the site, from its first line.
pub(super) fn go_by_its_clocks(site: &Site, log: &Log) -> Result<()> {
    site.serve(Visit::of(Actor::nobody(None), Via::System), |cx| {
        log.go_by_clocks_of(cx.time_zone());
        Ok(())
    })
}

/// Whether the audit can go on, without which nothing is changed.
pub(super) fn check_audit(site: &Site) -> Result<()> {
    site.serve(Visit::of(Actor::nobody(None), Via::System), |cx| cx.read(|tx| audit::check_key(cx, tx)))
}

pub(super) fn warn_of_readers(config: &Config, log: &Log) {
    if Store::is_too_open(&config.store) {
        let store = config.store.display();
        log.say(Level::Warning, &format!("other users of this machine can read `{store}`"));
    }
}

/// Tells of templates that are passed over: the built-in text is sent, and nobody would see why.
pub(super) fn warn_of_templates(config: &Config, parts: Parts, log: &Log) {
    for fault in (parts.template_faults)(config.templates.as_deref(), SystemClock.now()) {
        let what = "a template of mails is passed over, and the built-in text is sent";
        log.say_with(Level::Warning, what, &[("because", fault.into())]);
    }
}

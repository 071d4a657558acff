//! Saying that it was somebody else.

use super::{expired, texts, texts_for_all, token};
use crate::context::{Actor, settings};
use crate::error::Result;
use crate::i18n::{Values, moment};
use crate::link::disown::{Deed, Told, disown, look};
use crate::web::{Answer, Binding, Call, Form, Frame, Texts};

#[derive(askama::Template)]
#[template(path = "link/pages/disown.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    title: String,
    lead: String,
    is_done: bool,
    /// What stands on the button that ends a link, and what stays then.
    ends: String,
    stays: String,
}

#[derive(askama::Template)]
#[template(path = "link/pages/disowned.html")]
struct Disowned {
    frame: Frame,
    t: Texts,
    title: String,
    is_protected: bool,
}

/// `/not-me/<token>/`.
pub(super) fn not_me(call: &Call<'_>) -> Result<Answer> {
    let token = token(call);
    let Some(told) = call.site.serve(call.visit(Actor::nobody(None)), |cx| look(cx, token))? else {
        return expired(call);
    };
    call.know_language(told.language.as_deref());
    let t = texts(call);
    let mut form = Form::open(call, Binding::FormCookie)?;
    if form.submitted().is_some() {
        let visit = call.visit(Actor::oneself(told.id, &told.email));
        match call.site.serve(visit, |cx| disown(cx, token)) {
            Ok(true) if told.deed.is_done() => return Ok(call.lead_on("/not-me/done/")),
            Ok(true) => return Ok(call.lead_on("/not-me/ended/")),
            Ok(false) => return expired(call),
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    let is_done = told.deed.is_done();
    let (title, ends) = match told.deed {
        Deed::Invited => ("disown-invitation-title", "disown-invitation-button"),
        Deed::Asked => ("disown-link-title", "disown-link-button"),
        _ => ("disown-title", "disown-button"),
    };
    let stays = t.say(if told.has_password { "disown-link-stays" } else { "disown-link-first" });
    let (title, ends, lead) = (t.say(title), t.say(ends), lead(call, t, &told));
    form.answer(&Page { frame: call.frame(), form: &form, t, title, lead, is_done, ends, stays })
}

/// `/not-me/done/`.
pub(super) fn done(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    let frame = call.frame();
    Answer::page(&Disowned { frame, t, title: t.say("disowned-title"), is_protected: true })
}

/// `/not-me/ended/`.
pub(super) fn ended(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    let frame = call.frame();
    Answer::page(&Disowned { frame, t, title: t.say("disowned-link-title"), is_protected: false })
}

/// What was done, when, and from which address, as far as that is known.
fn lead(call: &Call<'_>, t: Texts, told: &Told) -> String {
    let Some((at, client)) = told.when else {
        return t.say(if told.deed.is_done() { "disown-done-once" } else { "disown-asked-once" });
    };
    let said = match told.deed {
        Deed::Asked => "disown-asked",
        Deed::Invited => "disown-invited",
        Deed::PasswordSet => "disown-set",
        Deed::PasswordChosen => "disown-chosen",
        Deed::PasswordChanged => "disown-changed",
        Deed::FactorAdded => "disown-factor",
        Deed::FactorRemoved => "disown-unfactored",
        Deed::BackupCodes => "disown-codes",
        Deed::LoggedIn => "disown-login",
    };
    let zone = call.settings.get(&settings::TIME_ZONE);
    let when = moment(call.language(), at, zone);
    match client {
        Some(client) => {
            let client = t.say_with("disown-from", "client", client.to_string());
            t.say_values(said, &Values::default().with("when", when).with("client", client))
        }
        None => t.say_values(said, &Values::default().with("when", when).with("client", "")),
    }
}

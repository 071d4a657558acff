//! The page of the own profile.

use std::sync::LazyLock;

use askama::Template;

use super::{Profile, save};
use crate::context::Settings;
use crate::error::Result;
use crate::i18n::{Catalogue, Language};
use crate::login::web::admit;
use crate::setting::site;
use crate::text::name::check_name;
use crate::text::phone::parse_phone;
use crate::user::User;
use crate::web::{Answer, Call, Form, Frame, GET_AND_POST, Route, Texts};

/// Its route.
pub(crate) const ROUTES: &[Route] =
    &[Route { name: "update-profile", pattern: "/update_profile/", methods: GET_AND_POST, handler: update }];

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

/// The field of the phone, which is kept of whoever has names.
const PHONE: &str = "phone";

#[derive(Template)]
#[template(path = "profile/pages/update.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    has_profile: bool,
    rows: Vec<(String, String)>,
    languages: Vec<(&'static str, &'static str, bool)>,
}

/// `/update_profile/`.
fn update(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let (t, user) = (Texts::new(&TEXTS, call.language), &guest.visitor.user);
    let mut form = Form::open(call, guest.binding())?;
    for (field, value) in [
        ("first_name", &user.facts.first_name),
        ("last_name", &user.facts.last_name),
        (PHONE, &user.facts.phone),
    ] {
        form.fill(field, value.clone().unwrap_or_default());
    }
    let own = user.facts.language.as_deref().and_then(Language::of_tag);
    form.fill("language", own.unwrap_or(call.language).tag());
    if let Some(profile) = typed(&mut form, t, user, &call.settings) {
        match guest.serve(call, |cx| save(cx, user, &profile)) {
            Ok(()) => {
                let language = profile.language.unwrap_or_default();
                return Ok(Answer::redirect(&format!("/personal-cabinet/?saved=profile&lang={language}")));
            }
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    let frame = guest.frame(call)?;
    let chosen = form.value("language");
    let languages = frame.languages().map(|(tag, name, ..)| (tag, name, tag == chosen)).to_vec();
    let has_profile = user.facts.has_profile();
    form.answer(&Page { frame, form: &form, t, has_profile, rows: fixed(t, user), languages })
}

/// What only an administrator changes.
fn fixed(t: Texts, user: &User) -> Vec<(String, String)> {
    let facts = &user.facts;
    let email = Some(&facts.email);
    [
        ("profile-email", email),
        ("profile-company", facts.company.as_ref()),
        ("profile-department", facts.department.as_ref()),
        ("profile-position", facts.position.as_ref()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((t.say(label), value?.clone())))
    .collect()
}

/// The profile that was typed, or what is wrong with it, all at once.
fn typed(form: &mut Form<'_>, t: Texts, user: &User, settings: &Settings) -> Option<Profile> {
    let fields = form.submitted()?;
    let mut name = |field: &'static str, missing: &str| {
        let typed = form.text(fields, field, &t.say(missing))?;
        let name = check_name(typed).ok();
        if name.is_none() {
            form.refuse(field, t.say("profile-bad-name"));
        }
        name
    };
    let names = if user.facts.has_profile() {
        let (first, last) =
            (name("first_name", "profile-no-first-name"), name("last_name", "profile-no-last-name"));
        Some(first.zip(last))
    } else {
        None
    };
    let typed = fields.shown(PHONE).unwrap_or_default();
    let phone = match typed.trim() {
        "" => Some(None),
        typed => {
            let phone = parse_phone(typed, settings.get(&site::REGION).as_deref()).ok();
            if phone.is_none() {
                form.refuse(PHONE, t.say("profile-bad-phone"));
            }
            phone.map(|phone| Some(phone.as_str().to_owned()))
        }
    };
    let language = fields.text("language").ok().and_then(Language::tagged);
    if language.is_none() {
        form.refuse("language", t.say("profile-bad-language"));
    }
    let names = match names {
        Some(names) => Some(names?),
        None => None,
    };
    Some(Profile { names, phone: phone?, language: Some(language?.tag().to_owned()) })
}

//! The page of the own profile, with the photo.

use std::sync::LazyLock;

use askama::Template;
use http::{HeaderName, Method};

use super::{Profile, save, save_photo};
use crate::context::Settings;
use crate::error::{Failure, Kind, Result};
use crate::i18n::{Catalogue, Language, Values};
use crate::login::web::{Guest, SESSION, admit, is_of_session};
use crate::photo::PhotoError;
use crate::setting::site;
use crate::text::name::check_name;
use crate::text::phone::parse_phone;
use crate::user::{User, avatar};
use crate::web::{Answer, Call, FileRoute, Form, Frame, GET_AND_POST, Route, Texts};

/// Its routes.
pub(crate) const ROUTES: &[Route] = &[
    Route { name: "update-profile", pattern: PROFILE, methods: GET_AND_POST, handler: update },
    Route { name: "photo", pattern: PHOTO_PATH, methods: GET_AND_POST, handler: photo },
];

/// The routes of forms with a file.
pub(crate) const FILE_ROUTES: &[FileRoute] =
    &[FileRoute { path: PHOTO_PATH, too_large, kept: (SESSION, is_of_session) }];

const PROFILE: &str = "/update_profile/";

/// Where the photo is shown, and sent to.
const PHOTO_PATH: &str = "/personal-cabinet/photo/";

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

/// The field of the phone, which is kept of whoever has names.
const PHONE: &str = "phone";

/// The field of the photo.
const PHOTO: &str = "photo";

/// Each field, and the one with what stood in it when it was shown: what is the same still may have been changed by an
/// administrator meanwhile, and is left alone.
const SHOWN: [(&str, &str); 4] = [
    ("first_name", "shown_first_name"),
    ("last_name", "shown_last_name"),
    (PHONE, "shown_phone"),
    ("language", "shown_language"),
];

#[derive(Template)]
#[template(path = "profile/pages/update.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    has_profile: bool,
    has_photo: bool,
    initials: String,
    rows: Vec<(String, String)>,
    languages: Vec<(&'static str, &'static str, bool)>,
    /// The fields with what was shown.
    shown: Vec<&'static str>,
}

/// `/update_profile/`.
fn update(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let (t, user) = (Texts::new(&TEXTS, call.language()), &guest.visitor.user);
    let mut form = Form::open(call, guest.binding())?;
    if let Some(profile) = typed(&mut form, t, user, &call.settings) {
        match guest.serve(call, |cx| save(cx, user, &profile)) {
            Ok(()) => {
                let language = form.value("language");
                return Ok(Answer::redirect(&format!("/personal-cabinet/?saved=profile&lang={language}")));
            }
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    page(call, &guest, &mut form)
}

/// `/personal-cabinet/photo/`: the photo, which beside the person only administrators see, by the command line; sent there is another one, or that there is to be none.
fn photo(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let (t, user) = (Texts::new(&TEXTS, call.language()), &guest.visitor.user);
    if is_page_asked_for(call) {
        return Ok(Answer::redirect(PROFILE));
    }
    if call.request.method != Method::POST {
        return shown(call, &guest);
    }
    // An administrator may have given one to an account without a profile; it is shown, and changed by them.
    if !user.facts.has_profile() {
        return Ok(Answer::redirect(PROFILE));
    }
    let mut form = Form::open(call, guest.binding())?;
    if let Some(fields) = form.submitted() {
        let picture = match fields.bytes(PHOTO) {
            _ if fields.text("remove").is_ok() => Some(None),
            Ok(picture) => Some(Some(picture)),
            Err(_) => None,
        };
        match picture.map(|picture| guest.serve(call, |cx| save_photo(cx, user, picture))) {
            None => form.refuse(PHOTO, t.say("photo-none")),
            Some(Ok(())) => return Ok(Answer::redirect("/personal-cabinet/?saved=profile")),
            Some(Err(failure)) => match refused(t, &failure) {
                Some(why) => form.refuse(PHOTO, why),
                None => form.keep_if_busy(failure)?,
            },
        }
    }
    page(call, &guest, &mut form)
}

/// Whether it was a page with a problem, of which another language was chosen.
fn is_page_asked_for(call: &Call<'_>) -> bool {
    call.request.method != Method::POST && call.request.query.text("lang").is_ok()
}

/// The page for a file that is so large that nobody reads it.
#[derive(Template)]
#[template(path = "profile/pages/too_large.html")]
struct TooLarge {
    frame: Frame,
    t: Texts,
}

fn too_large(frame: Frame) -> Result<Answer> {
    let t = Texts::new(&TEXTS, frame.language);
    Answer::page(&TooLarge { frame, t })
}

/// The photo, which no other site shows.
fn shown(call: &Call<'_>, guest: &Guest) -> Result<Answer> {
    let id = guest.visitor.user.id;
    match guest.serve(call, |cx| avatar::get(cx, &id.to_string())) {
        Ok((_, photo)) => {
            let media_type = if photo.media_type == "image/png" { "image/png" } else { "image/jpeg" };
            let name = HeaderName::from_static("cross-origin-resource-policy");
            Ok(Answer::of(media_type, photo.image).with_header(name, "same-origin"))
        }
        Err(failure) if failure.kind() == Kind::NotFound => Ok(call.not_found()),
        Err(failure) => Err(failure),
    }
}

/// Why a picture is refused.
fn refused(t: Texts, failure: &Failure) -> Option<String> {
    Some(match failure.get::<PhotoError>()? {
        PhotoError::Format { .. } => t.say("photo-format"),
        PhotoError::TooLarge { .. } | PhotoError::TooDetailed { .. } => t.say("photo-large"),
        PhotoError::TooSmall { width, height } => {
            let size = Values::default().with("width", width.to_string()).with("height", height.to_string());
            t.say_values("photo-small", &size)
        }
        PhotoError::TooManyPixels { .. } | PhotoError::TooMuchMemory => t.say("photo-pixels"),
        PhotoError::Damaged { .. } => t.say("photo-damaged"),
        PhotoError::Busy => return None,
    })
}

/// The page of the profile, with what was typed into its form.
fn page(call: &Call<'_>, guest: &Guest, form: &mut Form<'_>) -> Result<Answer> {
    let (t, user) = (Texts::new(&TEXTS, call.language()), &guest.visitor.user);
    for ((field, shown), value) in SHOWN.into_iter().zip([
        &user.facts.first_name,
        &user.facts.last_name,
        &user.facts.phone,
        &user.facts.language,
    ]) {
        form.fill(field, value.clone().unwrap_or_default());
        form.fill(shown, value.clone().unwrap_or_default());
    }
    let own = user.facts.language.as_deref().and_then(Language::of_tag);
    form.fill("language", own.unwrap_or(call.language()).tag());
    let frame = guest.frame(call)?;
    let chosen = form.value("language");
    let languages = frame.languages().map(|(tag, name, ..)| (tag, name, tag == chosen)).to_vec();
    let has_profile = user.facts.has_profile();
    let has_photo = has_profile && guest.serve(call, |cx| avatar::is_there(cx, user.id))?;
    let (initials, rows) = (user.facts.initials(), fixed(t, user));
    let asked = SHOWN.into_iter().filter(|(field, _)| has_profile || *field == "language");
    let shown = asked.map(|(_, shown)| shown).collect();
    form.answer(&Page { frame, form, t, has_profile, has_photo, initials, rows, languages, shown })
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
    let phone = phone?;
    let (first, last) = match names {
        Some(names) => names.map(|(first, last)| (Some(first), Some(last)))?,
        None => (None, None),
    };
    let is_other = |field: &str| {
        let shown = SHOWN.iter().find(|(name, _)| *name == field).and_then(|(_, shown)| fields.shown(shown));
        shown.is_none_or(|shown| fields.shown(field).unwrap_or_default() != shown)
    };
    Some(Profile {
        has_names: first.is_some(),
        first_name: first.filter(|_| is_other("first_name")),
        last_name: last.filter(|_| is_other("last_name")),
        phone: Some(phone).filter(|_| is_other(PHONE)),
        language: Some(language?.tag().to_owned()).filter(|_| is_other("language")),
    })
}

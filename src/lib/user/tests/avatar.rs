use image::{ImageFormat, RgbImage};

use super::{acme, add, person};
use crate::audit;
use crate::photo::{Photo, check_photo};
use crate::user::avatar::PhotoChange;
use crate::user::{Facts, avatar, create, edit, get};

fn photo(side: u32) -> Photo {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::new(side, side).write_to(&mut bytes, ImageFormat::Png).unwrap();
    check_photo(&bytes.into_inner()).unwrap()
}

#[test]
fn a8_a_photo_is_set_once_shown_and_removed_once() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    assert_eq!(avatar::get(&cx, "ann@acme.example").err().unwrap().code(), "user.no_photo");
    assert!(avatar::set(&cx, "ann@acme.example", &photo(200)).unwrap().1);
    assert!(!avatar::set(&cx, "ann@acme.example", &photo(200)).unwrap().1, "it is the same");
    let (_, stored) = avatar::get(&cx, "ann@acme.example").unwrap();
    assert_eq!((stored.media_type.as_str(), stored.width), ("image/png", 200));
    assert!(avatar::remove(&cx, "ann@acme.example").unwrap().1);
    assert!(!avatar::remove(&cx, "ann@acme.example").unwrap().1);
    assert!(get(&cx, "ann@acme.example").unwrap().revision > user.revision);
}

#[test]
fn a8_the_audit_keeps_kind_and_size_but_no_picture() {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    avatar::set(&cx, "ann@acme.example", &photo(200)).unwrap();
    let row = audit::show(&cx, get(&cx, "ann@acme.example").unwrap().revision).unwrap();
    assert_eq!((row.action.as_str(), row.before.as_deref()), ("user.avatar", Some(r#"{"photo":null}"#)));
    assert!(row.after.unwrap().contains(r#""media_type":"image/png""#));
}

#[test]
fn a8_a_photo_comes_and_goes_with_other_changes_or_not_at_all() {
    let cx = acme();
    let facts = Facts { language: Some("xx".into()), ..person("ann@acme.example", "Ann", "O'Neil") };
    assert!(create::create(&cx, facts, Some(&photo(200)), false).is_err(), "neither person nor photo");
    create::create(&cx, person("ann@acme.example", "Ann", "O'Neil"), Some(&photo(200)), false).unwrap();
    let change = PhotoChange::Set(photo(201));
    let edited = edit::edit(&cx, "ann@acme.example", &change, |facts| {
        facts.staff = true;
        Ok(())
    });
    assert_eq!(edited.unwrap().fields, ["staff", "photo"]);
    assert_eq!(avatar::get(&cx, "ann@acme.example").unwrap().1.width, 201);
    let edited = edit::edit(&cx, "ann@acme.example", &PhotoChange::Remove, |_| Ok(())).unwrap();
    assert_eq!(edited.fields, ["photo"]);
}

use std::fs;
use std::io::Cursor;

use insta::assert_snapshot;

use super::people;

/// A grey picture of that size.
fn png(side: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::GrayImage::new(side, side).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn a_photo_is_set_shown_written_to_a_file_and_removed() {
    let board = people();
    board.write("olena.png", png(240));
    assert_snapshot!(board.run("user avatar set olena@acme.example olena.png --dry-run"), @"
    ------- stderr -------
    set the photo of `olena@acme.example` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user avatar set olena@acme.example olena.png"), @"
    ------- stderr -------
    set the photo of `olena@acme.example`
    ");
    assert_snapshot!(board.run("user avatar set olena@acme.example olena.png"), @"
    ------- stderr -------
    no change: `olena@acme.example` has this photo already
    ");
    assert_snapshot!(board.run("user avatar show olena@acme.example"), @"
    EMAIL       olena@acme.example
    MEDIA TYPE  image/png
    WIDTH       240
    HEIGHT      240
    BYTES       897
    UPDATED AT  [time]
    ");
    assert_snapshot!(board.run("user avatar show olena@acme.example -o json --columns email,media_type,width"), @r#"{"email":"olena@acme.example","media_type":"image/png","width":240}"#);
    assert_snapshot!(board.run("user avatar show olena@acme.example --output out.png"), @"
    ------- stderr -------
    wrote `out.png`
    ");
    assert!(fs::read(board.path("out.png")).unwrap().starts_with(b"\x89PNG"));
    assert_snapshot!(board.run("user avatar remove olena@acme.example"), @"
    ------- stderr -------
    removed the photo of `olena@acme.example`
    ");
    assert_snapshot!(board.run("user avatar remove olena@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` has no photo
    ");
    assert_snapshot!(board.run("user avatar show olena@acme.example"), @"
    ------- stderr -------
    error: `olena@acme.example` has no photo
    hint: set one with `secboard user avatar set 'olena@acme.example' FILE`
    [exit status: 67]
    ");
}

#[test]
fn a_photo_may_come_with_a_new_person_or_with_an_edit() {
    let board = people();
    board.write("zoe.png", png(200));
    let zoe = "user create --email zoe@acme.example --first-name Zoë --last-name B --company acme-bank";
    board.run(&format!("{zoe} --photo zoe.png")).ok();
    assert_snapshot!(board.run("user avatar show zoe@acme.example --columns email,width,height"), @"
    EMAIL   zoe@acme.example
    WIDTH   200
    HEIGHT  200
    ");
    assert_snapshot!(board.run("user edit zoe@acme.example --remove-photo"), @"
    ------- stderr -------
    changed user `zoe@acme.example`: photo
    ");
    assert_snapshot!(board.run("user edit zoe@acme.example --remove-photo"), @"
    ------- stderr -------
    no change
    ");
}

#[test]
fn a8_pictures_that_are_none_are_refused() {
    let board = people();
    board.write("gif.png", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;");
    board.write("small.png", png(100));
    board.write("large.png", [png(200), vec![0; 3 << 20]].concat());
    board.write("cut.png", &png(240)[..60]);
    let set = |file: &str| board.run(&format!("user avatar set olena@acme.example {file}"));
    assert_snapshot!(set("gif.png"), @"
    ------- stderr -------
    error: the photo is a GIF; only JPEG and PNG are accepted, whatever the name of the file
    hint: save it as JPEG or PNG; renaming the file changes nothing
    [exit status: 65]
    ");
    assert_snapshot!(set("small.png"), @"
    ------- stderr -------
    error: the photo has 100 × 100 pixels, fewer than 200 × 200
    hint: take one of at least 200 × 200 pixels; enlarging adds no detail
    [exit status: 65]
    ");
    assert_snapshot!(set("large.png"), @"
    ------- stderr -------
    error: the photo has 3146495 bytes, more than 2097152 (2 MiB)
    hint: make it smaller, such as 800 × 800 pixels, or save it as JPEG
    [exit status: 65]
    ");
    assert_snapshot!(set("cut.png"), @"
    ------- stderr -------
    error: the photo is cut off or damaged
    hint: open it in a picture viewer, save it again, or copy it again
    [exit status: 65]
    ");
    assert_snapshot!(set("nothing.png"), @"
    ------- stderr -------
    error: there is no file `nothing.png`
    hint: check the name; `-` reads standard input
    [exit status: 66]
    ");
    assert_snapshot!(board.run("user avatar show olena@acme.example"), @"
    ------- stderr -------
    error: `olena@acme.example` has no photo
    hint: set one with `secboard user avatar set 'olena@acme.example' FILE`
    [exit status: 67]
    ");
}

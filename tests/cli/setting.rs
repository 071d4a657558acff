//! `secboard setting`.

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn a_setting_is_set_read_and_taken_back_to_its_default() {
    let board = Board::new();
    assert_snapshot!(board.run("setting get user.bin_days"), @"30");
    assert_snapshot!(board.run("setting set user.bin_days 90"), @"
    ------- stderr -------
    set `user.bin_days`: `90`
    ");
    assert_snapshot!(board.run("setting set user.bin_days 90"), @"
    ------- stderr -------
    no change: `user.bin_days` is `90` already
    ");
    assert_snapshot!(board.run("setting get user.bin_days"), @"90");
    assert_snapshot!(board.run("setting get user.bin_days -o json"), @r#"{"name":"user.bin_days","value":"90","default":"30","is_default":false,"changed_by":"superusers","values":"1 to 3650","meaning":"days a deleted person can be restored"}"#);
    assert_snapshot!(board.run("setting unset user.bin_days"), @"
    ------- stderr -------
    unset `user.bin_days`: `30`
    ");
    assert_snapshot!(board.run("setting unset user.bin_days"), @"
    ------- stderr -------
    no change: `user.bin_days` is `30` already
    ");
    assert_snapshot!(board.run("setting set site.name 'Acme People' -o json --columns name,value"), @r#"
    {"name":"site.name","value":"Acme People"}
    ------- stderr -------
    set `site.name`: `Acme People`
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a line for each setting")]
fn settings_are_listed_with_what_they_mean() {
    let board = Board::new();
    assert_snapshot!(board.run("setting list"), @"
    NAME                        VALUE        DEFAULT     CHANGED BY     MEANING
    site.name                   secboard     secboard    superusers     name of the site in pages, mails and the password rules
    site.domain                 localhost    localhost   superusers     host name in links; never taken from a request
    site.protocol               https        https       superusers     scheme of links
    site.kind                   production   production  superusers     what this installation is for
    site.time_zone              Europe/Kyiv  UTC         superusers     where days begin and end: start and end dates count in it
    site.region                                          settings.edit  region whose national phone numbers are accepted; none: international ones only
    site.language               en           en          settings.edit  language for people who chose none
    user.bin_days               30           30          superusers     days a deleted person can be restored
    brake.people                20           20          superusers     a run is held when more people than this, and than brake.percent, would lose access; or would leave a group and are half of it
    brake.percent               5            5           superusers     share of the people in scope, for brake.people
    password.profile            normal       normal      superusers     strict asks for 15 characters, or 10 where a second factor is required, instead of 8
    password.memory_kib         19456        19456       superusers     memory one Argon2id hash takes; weaker hashes are renewed at login
    password.passes             2            2           superusers     passes of one Argon2id hash
    throttle.login_failures     10           10          superusers     failed logins an hour after which an account is held for the address they came from
    throttle.account_failures   100          100         superusers     failed logins an hour, from anywhere, after which an account is held for everybody but browsers it logged in with
    throttle.address_failures   30           30          superusers     failed logins in 10 minutes, of any accounts, after which an address is held for 10 minutes
    throttle.hold_minutes       15           15          superusers     minutes for which an account is held after failed logins
    throttle.link_people        100          100         superusers     different emails in 10 minutes for which somebody at one address may ask for a link
    session.idle_minutes        60           60          superusers     minutes after which a session ends that nobody uses
    session.hours               12           12          superusers     hours after which a session ends, however it is used
    session.keep_days           90           90          superusers     days for which it is known that somebody had a session, from where, and how it ended
    link.reset_minutes          60           60          superusers     minutes for which a link to choose another password works, from the first attempt to send it
    link.first_login_minutes    60           60          superusers     minutes for which a link to log in for the first time works, from the first attempt to send it
    link.invite_hours           72           72          superusers     hours for which an invitation works, from the first attempt to send it; the default outlives a weekend
    notice.new_browser          yes          yes         superusers     whether people are told by mail of a login with a browser that was not used for their account before
    mail.keep_days              180          180         superusers     days for which it is known of a mail that has ended to whom it went, when, with which answer
    mail.burst                  500          500         superusers     a command that would queue more mails than this asks first
    alerts.to                                            superusers     who is told what administrators have to know, such as a run that is held; none: the active superusers
    contact.address                                      superusers     postal address on the contact page
    contact.hours                                        superusers     hours in which somebody answers, on the contact page
    contact.phone                                        superusers     phone on the contact page
    contact.email                                        superusers     email address on the contact page
    contact.links                                        superusers     other pages that the contact page leads to
    contact.to_general                                   superusers     who is told of messages by the contact form, where their topic has no recipients of its own
    contact.to_support                                   superusers     who is told of messages about support; none: as for general
    contact.to_sales                                     superusers     who is told of messages about sales; none: as for general
    contact.to_partnership                               superusers     who is told of messages about partnership; none: as for general
    contact.to_security                                  superusers     who is told of messages about security; none: as for general
    contact.to_feedback                                  superusers     who is told of messages with feedback; none: as for general
    contact.to_other                                     superusers     who is told of messages about something else; none: as for general
    contact.support_email                                superusers     who is told of every message by the contact form, beside the recipients of its topic
    contact.auto_reply          off          off         superusers     whether whoever writes by the contact form is sent an answer at once, the same for everybody
    contact.auto_reply_subject                           superusers     subject of that answer
    contact.auto_reply_body                              superusers     what that answer says
    contact.auto_reply_address                           superusers     where people's replies to that answer go
    contact.keep_days           365          365         superusers     days for which messages by the contact form are kept
    ");
    assert_snapshot!(board.run("settings list --columns name,values"), @"
    NAME                        VALUES
    site.name                   text
    site.domain                 host name, with a port if needed
    site.protocol               https, http
    site.kind                   production, test, demo
    site.time_zone              IANA name, such as Europe/Kyiv
    site.region                 ISO 3166-1 letters, such as UA or GB
    site.language               en, uk
    user.bin_days               1 to 3650
    brake.people                0 to 1000000
    brake.percent               0 to 100
    password.profile            normal, strict
    password.memory_kib         19456 to 1048576
    password.passes             2 to 16
    throttle.login_failures     1 to 1000
    throttle.account_failures   1 to 1000
    throttle.address_failures   1 to 1000
    throttle.hold_minutes       1 to 1440
    throttle.link_people        1 to 1000
    session.idle_minutes        5 to 60
    session.hours               1 to 12
    session.keep_days           1 to 3650
    link.reset_minutes          5 to 1440
    link.first_login_minutes    5 to 1440
    link.invite_hours           1 to 720
    notice.new_browser          yes or no
    mail.keep_days              1 to 3650
    mail.burst                  0 to 1000000
    alerts.to                   email addresses, separated by commas
    contact.address             text of one line
    contact.hours               text of one line
    contact.phone               digits, spaces and + - ( ) . /
    contact.email               an email address
    contact.links               addresses that begin with https://, separated by commas
    contact.to_general          email addresses, separated by commas
    contact.to_support          email addresses, separated by commas
    contact.to_sales            email addresses, separated by commas
    contact.to_partnership      email addresses, separated by commas
    contact.to_security         email addresses, separated by commas
    contact.to_feedback         email addresses, separated by commas
    contact.to_other            email addresses, separated by commas
    contact.support_email       an email address
    contact.auto_reply          on, off
    contact.auto_reply_subject  text of one line; {name} and {subject} stand for those of the message
    contact.auto_reply_body     text of any number of lines; {name} and {subject} stand for those of the message
    contact.auto_reply_address  an email address
    contact.keep_days           1 to 3650
    ");
    assert_snapshot!(board.run("setting list -o csv --columns name,value,is_default"), @"
    name,value,is_default
    site.name,secboard,yes
    site.domain,localhost,yes
    site.protocol,https,yes
    site.kind,production,yes
    site.time_zone,Europe/Kyiv,no
    site.region,,yes
    site.language,en,yes
    user.bin_days,30,yes
    brake.people,20,yes
    brake.percent,5,yes
    password.profile,normal,yes
    password.memory_kib,19456,yes
    password.passes,2,yes
    throttle.login_failures,10,yes
    throttle.account_failures,100,yes
    throttle.address_failures,30,yes
    throttle.hold_minutes,15,yes
    throttle.link_people,100,yes
    session.idle_minutes,60,yes
    session.hours,12,yes
    session.keep_days,90,yes
    link.reset_minutes,60,yes
    link.first_login_minutes,60,yes
    link.invite_hours,72,yes
    notice.new_browser,yes,yes
    mail.keep_days,180,yes
    mail.burst,500,yes
    alerts.to,,yes
    contact.address,,yes
    contact.hours,,yes
    contact.phone,,yes
    contact.email,,yes
    contact.links,,yes
    contact.to_general,,yes
    contact.to_support,,yes
    contact.to_sales,,yes
    contact.to_partnership,,yes
    contact.to_security,,yes
    contact.to_feedback,,yes
    contact.to_other,,yes
    contact.support_email,,yes
    contact.auto_reply,off,yes
    contact.auto_reply_subject,,yes
    contact.auto_reply_body,,yes
    contact.auto_reply_address,,yes
    contact.keep_days,365,yes
    ");
}

#[test]
fn a_region_without_phone_numbers_is_refused() {
    let board = Board::new();
    assert_snapshot!(board.run("setting set site.region XX"), @"
    ------- stderr -------
    error: `XX` is no value for `site.region`: no phone numbers of such a region are known
    hint: it takes: ISO 3166-1 letters, such as UA or GB
    [exit status: 65]
    ");
    board.run("setting set site.region gb").ok();
}

#[test]
fn a_setting_shows_at_once() {
    let board = Board::new();
    let ann = "user create --email ann@acme.example --first-name Ann --last-name Lee --company acme-bank";
    assert_eq!(board.run(&format!("{ann} --phone 0676555564")).code, Some(65));
    board.run("setting set site.region UA").ok();
    assert_snapshot!(board.run(&format!("{ann} --phone 0676555564 -q --columns email,phone")), @"
    EMAIL  ann@acme.example
    PHONE  +380676555564
    ");
}

#[test]
fn names_and_values_that_there_are_not_are_answered_with_those_there_are() {
    let board = Board::new();
    assert_snapshot!(board.run("setting get site.timezone"), @"
    ------- stderr -------
    error: there is no setting `site.timezone`
    hint: did you mean `site.time_zone`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("setting get colour"), @"
    ------- stderr -------
    error: there is no setting `colour`
    hint: see them with `secboard setting list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("setting set site.time_zone Europe/Kyivv"), @"
    ------- stderr -------
    error: `Europe/Kyivv` is no value for `site.time_zone`: it is no IANA time zone
    hint: it takes: IANA name, such as Europe/Kyiv
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set user.bin_days soon"), @"
    ------- stderr -------
    error: `soon` is no value for `user.bin_days`: it is not a whole number
    hint: it takes: 1 to 3650
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set user.bin_days -3"), @"
    ------- stderr -------
    error: `-3` is no value for `user.bin_days`: it is not between 1 and 3650
    hint: it takes: 1 to 3650
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set password.profile harsh"), @"
    ------- stderr -------
    error: `harsh` is no value for `password.profile`: it is none of normal, strict
    hint: it takes: normal, strict
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set password.profile"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <VALUE>

    Usage: secboard setting set <NAME> <VALUE>

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = Board::new();
    assert_snapshot!(board.run("setting set user.bin_days 90 --dry-run"), @"
    ------- stderr -------
    set `user.bin_days`: `90` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("setting get user.bin_days"), @"30");
}

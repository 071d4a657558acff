use super::{Error, Report, Rest, Task, run};
use crate::audit::{self, Event, Fields};
use crate::context::{Context, Reopen, Service};
use crate::error::{Kind, Result};

const fn task(name: &'static str, run: fn(&Context, &Reopen<'_>) -> Result<Report>) -> Task {
    Task { name, about: "", service: Service::CleanUp, run }
}

/// Writes a row of the audit, so that it is known who did it.
fn recorded(cx: &Context, _: &Reopen<'_>) -> Result<Report> {
    cx.write(|tx| audit::note(cx, tx, Event::without_id("user.test", "thing", "it"), &Fields::new()))?;
    Ok(Report::of(1, "one".to_owned()))
}

fn denied(cx: &Context, _: &Reopen<'_>) -> Result<Report> {
    cx.actor.require("settings.edit", None)?;
    Ok(Report::of(0, String::new()))
}

fn unavailable(_: &Context, _: &Reopen<'_>) -> Result<Report> {
    Err(Error::Waits { tasks: vec!["elsewhere".to_owned()] }.into())
}

fn left(rest: Rest) -> Report {
    Report { count: 2, said: "2 sent, 1 left".to_owned(), rest: Some(rest) }
}

static GOOD: Task = task("good", recorded);
static DENIED: Task = task("denied", denied);
static UNAVAILABLE: Task = task("unavailable", unavailable);
static FAILS: Task = task("fails", |_, _| Ok(left(Rest::Failed)));
static WAITS: Task = task("waits", |_, _| Ok(left(Rest::Waits)));
static REOPENS: Task = task("reopens", |cx, reopen| {
    let again = reopen()?;
    assert_eq!((&again.actor, again.via), (&cx.actor, cx.via));
    recorded(&again, reopen)
});
static CANCELS: Task = task("cancels", |cx, reopen| {
    cx.cancel.cancel();
    recorded(cx, reopen)
});

/// Which tasks were done, and how all of it ended.
fn done(tasks: &[&'static Task]) -> (Vec<&'static str>, Result<(), (Kind, String)>) {
    let mut cx = Context::for_tests();
    let mut names = Vec::new();
    let mut each = |task: &Task, done: &Result<Report>| {
        if done.is_ok() {
            names.push(task.name);
        }
    };
    let ended = run((&mut cx, &|| Ok(Context::for_tests())), tasks, &mut each)
        .map_err(|failure| (failure.kind(), failure.to_string()));
    assert!(cx.actor.is_system(), "whoever asked is who acts again");
    (names, ended)
}

#[test]
fn one_that_fails_keeps_no_other_from_its_work() {
    let (names, ended) = done(&[&DENIED, &GOOD, &UNAVAILABLE, &GOOD]);
    assert_eq!(names, ["good", "good"]);
    let (kind, told) = ended.unwrap_err();
    assert_eq!(kind, Kind::No);
    assert!(told.starts_with("not everything was done: denied: `clean-up` may not do this"), "{told}");
}

#[test]
fn what_waits_for_a_server_is_told_apart_from_what_failed() {
    assert_eq!(done(&[&GOOD]).1, Ok(()));
    let waits = |task| (Kind::Unavailable, format!("not everything could be done yet: {task}"));
    assert_eq!(done(&[&GOOD, &WAITS]).1, Err(waits("waits: 2 sent, 1 left")));
    assert_eq!(
        done(&[&UNAVAILABLE]).1,
        Err(waits("unavailable: not everything could be done yet: elsewhere"))
    );
    assert_eq!(
        done(&[&WAITS, &FAILS]).1,
        Err((Kind::No, "not everything was done: fails: 2 sent, 1 left".to_owned()))
    );
}

#[test]
fn what_is_opened_again_is_the_services_too() {
    assert_eq!(done(&[&REOPENS]), (vec!["reopens"], Ok(())));
}

#[test]
fn what_is_no_longer_wanted_ends_all_of_it() {
    let (names, ended) = done(&[&GOOD, &CANCELS, &GOOD]);
    assert_eq!((names.as_slice(), ended.unwrap_err().0), (&["good"][..], Kind::Interrupted));
}

#[test]
fn a_task_acts_as_its_service_for_the_shell_user_who_asked() {
    let mut cx = Context::for_tests();
    run((&mut cx, &|| Ok(Context::for_tests())), &[&GOOD], |_, _| ()).unwrap();
    let mut rows = Vec::new();
    audit::list(&cx, &audit::Filter::default(), |row| {
        rows.push((row.actor, row.shell_user, row.via));
        Ok(())
    })
    .unwrap();
    assert_eq!(rows, [("clean-up".to_owned(), Some("root".to_owned()), "system".to_owned())]);
}

#[test]
fn the_guide_tells_of_every_task_in_the_order_in_which_they_are_done() {
    let guide = include_str!("../../../docs/mail.md");
    let (_, table) = guide.split_once("| task | what it does |\n|---|---|\n").unwrap();
    let told: Vec<&str> =
        table.lines().map_while(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0)).collect();
    let tasks: Vec<&str> =
        <crate::registry::Upkeep as super::cli::Tasks>::ALL.iter().map(|task| task.name).collect();
    assert_eq!(told, tasks);
}

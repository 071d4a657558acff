//! Leases: a mail is one worker's, and of one that is no more it is taken over.

use super::*;
use crate::mail::outbox::{Rest, suspects};

/// Has it look as if a worker had taken a mail and ended.
fn abandoned(cx: &Context, id: &str, until: Instant) {
    let seq = got(cx, id).seq;
    cx.write(|tx| work::begin(tx, (seq, "<first@acme.example>"), "noreply", ("gone", until), cx.now()))
        .unwrap();
}

#[test]
fn m1_what_a_worker_took_that_is_no_more_goes_again_as_the_same_mail() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let until = after(cx.now(), LEASE);
    abandoned(&cx, &id, until);
    assert_eq!(flush(&cx), Report { others: 1, ..Report::default() }, "it may still be at work");
    pass(&mut cx, LEASE);
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
    assert_eq!(message_ids(&server.received()), ["<first@acme.example>"]);
    let outcomes: Vec<_> = tries(&cx, &id).iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Unknown, AttemptOutcome::Sent]);
}

#[test]
fn m1_what_a_clock_that_was_ahead_has_put_off_for_years_goes_now() {
    const YEARS: Duration = Duration::from_secs(5 * 365 * 24 * 3600);
    let server = Server::start(Script::default());
    let cx = site(&server);
    let taken = queued(&cx, &notice(), "olena@acme.example");
    let ahead = after(cx.now(), YEARS);
    abandoned(&cx, &taken, after(ahead, LEASE));
    let waiting = queued(&cx, &notice(), "petro@acme.example");
    let rest = Rest {
        account_id: accounts::get(&cx, "noreply").unwrap().id,
        account: "noreply".into(),
        since: ahead,
        until: after(ahead, MINUTE),
        times: 1,
        first_at: ahead,
        step: "greeting".into(),
        answer: "cut".into(),
    };
    cx.write(|tx| {
        let seq = get(tx, &waiting)?.seq;
        work::begin(tx, (seq, "<second@acme.example>"), "noreply", ("gone", ahead), cx.now())?;
        work::later(tx, (seq, "gone"), "put off", ahead)?;
        work::put_rest(tx, &rest)
    })
    .unwrap();
    assert_eq!(flush(&cx), Report { sent: 2, ..Report::default() });
}

/// A worker takes a mail and ends, and its lease runs out.
fn end_a_worker_with(cx: &mut Context, id: &str) {
    let until = after(cx.now(), LEASE);
    abandoned(cx, id, until);
    pass(cx, LEASE);
    let latest = after(cx.now(), LEASE);
    cx.write(|tx| leases::expire(cx, tx, latest)).unwrap();
}

#[test]
fn m1_a_mail_with_which_workers_end_has_not_failed_and_waits_longer_each_time() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let mut waits = Vec::new();
    for _ in 0..20 {
        end_a_worker_with(&mut cx, &id);
        let mail = got(&cx, &id);
        assert_eq!((mail.state, mail.attempts), (MailState::Queued, 0));
        let wait = Duration::from_micros(u64::try_from(mail.due_at.micros() - cx.now().micros()).unwrap());
        waits.push(wait.as_secs() / 60);
        pass(&mut cx, wait);
    }
    assert_eq!(waits[..7], [0, 0, 5, 15, 60, 240, 240]);
    let why = got(&cx, &id).why.unwrap();
    assert_eq!(why, "20 workers in a row ended before there was an answer");
    let told = cx.read(suspects).unwrap();
    assert_eq!(told.iter().map(|suspect| (&suspect.id, suspect.workers)).collect::<Vec<_>>(), [(&id, 20)]);
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
    assert_eq!(server.received().len(), 1);
}

#[test]
fn an_answer_ends_the_row_of_workers_that_ended_with_a_mail() {
    let server = sometimes(At::Rcpt, Fault::Say("450 4.2.0 later\r\n"), &[0]);
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    for _ in 0..3 {
        end_a_worker_with(&mut cx, &id);
    }
    pass(&mut cx, 5 * MINUTE);
    assert_eq!(flush(&cx), Report { later: 1, ..Report::default() });
    assert!(cx.read(suspects).unwrap().is_empty());
    let before = got(&cx, &id).due_at;
    pass(&mut cx, MINUTE);
    end_a_worker_with(&mut cx, &id);
    assert!(got(&cx, &id).due_at > before && got(&cx, &id).due_at <= cx.now(), "it need not wait");
}

/// Looks, whenever a mail is about to be made, how many are in hand.
struct InHand(RefCell<Vec<(String, u64)>>);

impl Readers for InHand {
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<Due> {
        self.0.borrow_mut().push((mail.id.clone(), work::sending(tx)?));
        Addressed.reader(cx, tx, mail, said)
    }
}

#[test]
fn a_mail_with_which_workers_end_goes_alone() {
    let server = always(At::Data, Fault::Late(Duration::from_millis(20)));
    let mut cx = site(&server);
    let edit = ServerEdit { connections: Some(3), ..ServerEdit::default() };
    servers::edit(&cx, "relay", &edit).unwrap();
    let suspect = queued(&cx, &notice(), "suspect@acme.example");
    for _ in 0..3 {
        end_a_worker_with(&mut cx, &suspect);
    }
    // Those that were queued first are due first, and some are in hand when it is its turn.
    for number in 0..12 {
        queued(&cx, &notice(), &format!("p{number}@acme.example"));
        pass(&mut cx, MINUTE);
    }
    let looked = InHand(RefCell::default());
    assert_eq!(flush_for(&cx, &looked).sent, 13);
    let looked = looked.0.into_inner();
    let at = looked.iter().position(|(id, _)| *id == suspect).unwrap();
    assert!(at > 0 && at + 1 < looked.len(), "it is among the others: {looked:?}");
    assert_eq!((looked[at].1, looked[at + 1].1), (0, 0), "nothing else is in hand: {looked:?}");
    assert!(looked.iter().any(|(_, others)| *others > 0), "others go beside each other: {looked:?}");
}

/// Lets a worker work, and no longer than it may take at all.
fn flush_in_time(cx: &Context) -> Report {
    const LONGEST: Duration = Duration::from_secs(30);
    let templates = Templates::built_in();
    let worked =
        block_on(async { tokio::time::timeout(LONGEST, work(cx, &Addressed, &templates, &cx.cancel)).await });
    let (report, ended) = worked.unwrap().expect("it comes to an end");
    ended.unwrap();
    report
}

const DENIED: Fault = Fault::Say("554 5.7.1 relay access denied\r\n");

#[test]
fn m1_what_is_kept_back_keeps_no_mail_waiting_that_goes_alone() {
    let server = sometimes(At::Rcpt, DENIED, &[0]);
    let mut cx = site(&server);
    let kept = queued(&cx, &notice(), "olena@acme.example");
    let suspect = queued(&cx, &notice(), "suspect@acme.example");
    for _ in 0..3 {
        end_a_worker_with(&mut cx, &suspect);
    }
    pass(&mut cx, 5 * MINUTE);
    assert_eq!(flush_in_time(&cx), Report { sent: 1, later: 1, ..Report::default() });
    assert_eq!((got(&cx, &kept).state, got(&cx, &suspect).state), (MailState::Queued, MailState::Sent));
}

#[test]
fn m1_of_two_mails_that_go_alone_the_first_may_be_kept_back() {
    let server = sometimes(At::Rcpt, DENIED, &[0]);
    let mut cx = site(&server);
    let ids = ["olena", "petro"].map(|name| queued(&cx, &notice(), &format!("{name}@acme.example")));
    for id in ids.iter().cycle().take(6) {
        end_a_worker_with(&mut cx, id);
    }
    pass(&mut cx, 5 * MINUTE);
    assert_eq!(flush_in_time(&cx), Report { sent: 1, later: 1, ..Report::default() });
}

#[test]
fn what_is_kept_back_is_decided_of_by_what_is_still_under_way() {
    let trouble = |at, fault, of| Trouble { at, fault, connection: of, mail: of };
    let late = Fault::Late(3 * LOOK);
    let troubles = vec![trouble(At::Rcpt, DENIED, Some(0)), trouble(At::Data, late, None)];
    let server = Server::start(Script { troubles, ..Script::default() });
    let mut cx = site(&server);
    let edit = ServerEdit { connections: Some(2), ..ServerEdit::default() };
    servers::edit(&cx, "relay", &edit).unwrap();
    for name in ["olena", "petro"] {
        queued(&cx, &notice(), &format!("{name}@acme.example"));
    }
    let suspect = queued(&cx, &notice(), "suspect@acme.example");
    for _ in 0..3 {
        end_a_worker_with(&mut cx, &suspect);
    }
    pass(&mut cx, 5 * MINUTE);
    let report = flush_in_time(&cx);
    assert_eq!(
        report,
        Report { sent: 2, failed: 1, ..Report::default() },
        "another left, so it was the mail"
    );
}

#[test]
fn m1_a_worker_that_is_ended_itself_uses_no_mail_up() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    for _ in 0..20 {
        let (now, lease) = (cx.now(), after(cx.now(), LEASE));
        cx.write(|tx| {
            let seq = get(tx, &id)?.seq;
            work::begin(tx, (seq, "<first@acme.example>"), "noreply", ("gone", lease), now)?;
            work::stopped(tx, (seq, "gone"), "the worker was ended", after(now, MINUTE))
        })
        .unwrap();
        assert_eq!(flush(&cx).sent, 0, "it waits");
        pass(&mut cx, MINUTE);
    }
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
}

#[test]
fn two_workers_share_the_work_and_send_nothing_twice() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    for number in 0..40 {
        queued(&cx, &notice(), &format!("p{number}@acme.example"));
    }
    let templates = Templates::built_in();
    let reports = block_on(async {
        let reports = RefCell::new(Vec::new());
        let mut lanes: Vec<Lane<'_>> = Vec::new();
        for number in 0..2 {
            let (cx, templates, reports) = (&cx, &templates, &reports);
            lanes.push((
                number,
                Box::pin(async move {
                    let (report, ended) = work(cx, &Addressed, templates, &cx.cancel).await;
                    reports.borrow_mut().push(report);
                    ended
                }),
            ));
        }
        next_ended(&mut lanes).await.unwrap();
        next_ended(&mut lanes).await.unwrap();
        drop(lanes);
        reports.into_inner()
    })
    .unwrap();
    assert_eq!(reports.iter().map(|report| report.sent).sum::<u64>(), 40);
    assert!(reports.iter().all(|report| report.sent > 0), "{reports:?}");
    let mut ids = message_ids(&server.received());
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.received().len()), (40, 40));
}

/// Ends the work at the third mail.
struct EndAfter<'a>(&'a Context, Cell<u32>);

impl Readers for EndAfter<'_> {
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<Due> {
        self.1.set(self.1.get() + 1);
        if self.1.get() == 3 {
            self.0.cancel.cancel();
        }
        Addressed.reader(cx, tx, mail, said)
    }
}

#[test]
fn whoever_ends_the_work_gets_what_was_handed_over_recorded_and_the_rest_waits() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    let ids: Vec<String> =
        (0..20).map(|number| queued(&cx, &notice(), &format!("p{number}@acme.example"))).collect();
    let report = flush_for(&cx, &EndAfter(&cx, Cell::new(0)));
    assert!(report.is_cut_short && report.sent >= 2 && report.sent < 4, "{report:?}");
    cx.cancel.reset();
    let sent = ids.iter().filter(|id| got(&cx, id).state == MailState::Sent).count() as u64;
    let waits = ids.iter().filter(|id| got(&cx, id).state == MailState::Queued).count() as u64;
    assert_eq!((sent, sent + waits), (report.sent, 20));
    assert_eq!(server.received().len() as u64, sent);
}

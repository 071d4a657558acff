//! Asking a directory step by step, and telling what it found: `ad test`.

use std::time::{Duration, Instant as Moment};

use super::error::Error;
use super::lockout::{self, Lockout};
use super::mapping::Candidate;
use super::reach::{NO_SERVER, Reach};
use super::search::{Groups, People};
use super::transport::{
    Answer, Cause, Entry, Failure, PAGED_RESULTS, Protection, Server, Session, Step, Walk, block_on,
    instant as instant_of,
};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::text::count::{counted, people};
use crate::text::instant::Instant;
use crate::text::shell::secboard;
use crate::tls::Fault;

/// How many people are shown as they would be here.
const SAMPLES: usize = 3;

/// How far clocks may be apart, in seconds: as far as Kerberos lets them be.
const MOST_SKEW: i64 = 300;

/// How soon a certificate may end, in days.
const LEAST_DAYS: i64 = 30;

/// What is asked of the root DSE.
const ROOT: [&str; 5] =
    ["defaultNamingContext", "namingContexts", "supportedControl", "dnsHostName", "currentTime"];

/// What was found at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The server that was asked.
    pub(crate) server: String,
    /// Which step.
    pub(crate) step: String,
    /// Whether it is as it should be.
    pub(crate) is_good: bool,
    /// What was found or said.
    pub(crate) words: String,
    /// How long it took.
    pub(crate) took: Option<Duration>,
    /// What to do, where it is not as it should be.
    pub(crate) advice: Option<String>,
}

/// How a directory was found.
pub(crate) struct Tried {
    /// The connection.
    pub(crate) connection: String,
    /// Whether it is asked at all.
    pub(crate) is_active: bool,
    /// Everything that was found, in order.
    pub(crate) found: Vec<Found>,
}

impl Tried {
    /// Whether everything is as it should be.
    pub(crate) fn is_good(&self) -> bool {
        self.found.iter().all(|found| found.is_good)
    }
}

/// Asks every server of a connection, and the first that answers for what a sync and logins need. Nothing is changed.
pub(crate) fn run(cx: &Context, name: &str) -> Result<Tried> {
    let reach = Reach::named(cx, name)?;
    let mut trial = Trial {
        reach: &reach,
        now: cx.now(),
        region: cx.settings.get(&site::REGION).as_deref(),
        is_looked_into: false,
        refused_at: None,
        found: Vec::new(),
    };
    block_on(trial.walk()).map_err(|source| Error::NoRuntime { source })?;
    Ok(Tried {
        connection: reach.name().to_owned(),
        is_active: reach.connection.facts.active,
        found: trial.found,
    })
}

struct Trial<'a> {
    reach: &'a Reach,
    now: Instant,
    region: Option<&'a str>,
    /// Whether a server has told what is in the directory.
    is_looked_into: bool,
    /// The server that refused the password of who reads.
    refused_at: Option<String>,
    found: Vec<Found>,
}

impl Trial<'_> {
    async fn walk(&mut self) {
        let reach = self.reach;
        if reach.places.is_empty() {
            let advice = format!("name one with `{}`", self.edit("--server …"));
            self.bad("", &Step::Setup.to_string(), NO_SERVER.to_owned(), advice);
        }
        for place in &reach.places {
            let mut walk = Walk::default();
            let found = reach.servers_at(place, &mut walk).await;
            self.gone(&place.0, &walk);
            match found {
                Ok(servers) => {
                    for (written, server) in servers {
                        self.server(&written, &server).await;
                    }
                }
                Err(failure) => self.failed(&place.0, &failure),
            }
        }
    }

    async fn server(&mut self, written: &str, server: &Server) {
        if let Some(first) = &self.refused_at {
            let words = format!("not asked: `{first}` refuses the password, and each refusal counts");
            let advice = format!("set the password with `{}`", self.edit("--password-stdin"));
            return self.bad(written, &Step::Bind.to_string(), words, advice);
        }
        let mut walk = Walk::default();
        let entered = self.reach.enter(server, &mut walk).await;
        self.gone(written, &walk);
        match entered {
            Ok(mut session) => {
                self.protection(written, server);
                self.certificate(written, session.certified_until);
                let looked = self.look(written, &mut session).await;
                session.close().await;
                match looked {
                    Ok(()) => self.is_looked_into = true,
                    Err(failure) => self.failed(written, &failure),
                }
            }
            Err(failure) => {
                self.failed(written, &failure);
                self.refused_at = failure.refused().map(|_| written.to_owned());
            }
        }
    }

    /// What a server says of itself; and, once, what is in the directory.
    async fn look(&mut self, server: &str, session: &mut Session) -> Result<(), Failure> {
        let begun = Moment::now();
        let root = session.read(Step::RootDse, "", &ROOT).await?.unwrap_or_default();
        self.root(server, &root, begun.elapsed());
        self.clock(server, &root);
        if self.is_looked_into {
            return Ok(());
        }
        let facts = &self.reach.connection.facts;
        let begun = Moment::now();
        let domain = session.read(Step::Base, &facts.base_dn, &lockout::ATTRIBUTES).await?;
        if !self.base(server, &facts.base_dn, domain.is_some(), begun.elapsed()) {
            return Ok(());
        }
        if let Some(base) = &facts.search_base {
            let begun = Moment::now();
            let is_there = session.read(Step::Base, base, &["objectClass"]).await?.is_some();
            if !self.base(server, base, is_there, begun.elapsed()) {
                return Ok(());
            }
        }
        self.people(server, session).await?;
        self.note(server, "groups", self.groups(session).await?);
        self.note(server, "lockout", (Lockout::of(domain.as_ref()).to_string(), None));
        Ok(())
    }

    async fn people(&mut self, server: &str, session: &mut Session) -> Result<(), Failure> {
        let facts = &self.reach.connection.facts;
        let (map, region) = (&facts.map, self.region);
        let begun = Moment::now();
        let asked = People::of(facts);
        let (mut all, mut without_email, mut disabled) = (0_u64, 0, 0);
        let mut samples = Vec::new();
        let elsewhere = session
            .search(Step::People, asked.query(), |entry| {
                let candidate = Candidate::of(&entry, map, region);
                all += 1;
                without_email += u64::from(candidate.email.is_none());
                disabled += u64::from(candidate.is_disabled == Some(true));
                if samples.len() < SAMPLES {
                    samples.push(candidate);
                }
            })
            .await?;
        let of_these = counted(&[
            (disabled, "disabled", "disabled"),
            (without_email, "without an email", "without an email"),
        ]);
        let words = if of_these.is_empty() { people(all) } else { format!("{}; {of_these}", people(all)) };
        let advice = (all == 0).then(|| {
            let edit = self.edit("--search-base … --filter …");
            format!("nobody is found, and a sync would hold; look at base and filter, and change them with `{edit}`")
        });
        let took = Some(begun.elapsed());
        let (server, step) = (server.to_owned(), Step::People.to_string());
        self.found.push(Found { server: server.clone(), step, is_good: all > 0, words, took, advice });
        for sample in samples {
            self.note(&server, "sample", (sample.told(), None));
        }
        for address in elsewhere {
            let edit = self.edit("--search-base …");
            let advice = format!(
                "who is there is not found: make another connection for them, or name with `{edit}` an entry below which \
                 nobody else is"
            );
            self.bad(&server, "elsewhere", format!("more may be at `{address}`, which is not asked"), advice);
        }
        Ok(())
    }

    /// How many groups there are, and which has the most members.
    async fn groups(&self, session: &mut Session) -> Result<(String, Option<Duration>), Failure> {
        let begun = Moment::now();
        let (mut count, mut largest) = (0_u64, (0, String::new()));
        let asked = Groups::with_members(&self.reach.connection.facts);
        session
            .search(Step::Groups, asked.query(), |entry| {
                count += 1;
                let members = entry.values(Groups::MEMBER).len();
                if members > largest.0 {
                    largest = (members, entry.text(Groups::NAME).unwrap_or(&entry.dn).to_owned());
                }
            })
            .await?;
        let groups = if count == 1 { "1 group".to_owned() } else { format!("{count} groups") };
        let words = match (count, largest) {
            (0, _) => groups,
            (_, (0, _)) => format!("{groups}, none of which shows a member"),
            (_, (1, name)) => format!("{groups}; the largest is `{name}`, of 1 member"),
            (_, (members, name)) => format!("{groups}; the largest is `{name}`, of {members} members"),
        };
        Ok((words, Some(begun.elapsed())))
    }

    fn gone(&mut self, server: &str, walk: &Walk) {
        for gone in walk.steps() {
            self.note(server, &gone.step.to_string(), (gone.words.clone(), Some(gone.took)));
        }
    }

    fn note(&mut self, server: &str, step: &str, (words, took): (String, Option<Duration>)) {
        let (server, step) = (server.to_owned(), step.to_owned());
        self.found.push(Found { server, step, is_good: true, words, took, advice: None });
    }

    fn failed(&mut self, server: &str, failure: &Failure) {
        let advice = advice(failure, self.reach);
        self.bad(server, &failure.step.to_string(), failure.cause.to_string(), advice);
    }

    fn bad(&mut self, server: &str, step: &str, words: String, advice: String) {
        let (server, step, advice) = (server.to_owned(), step.to_owned(), Some(advice));
        self.found.push(Found { server, step, is_good: false, words, took: None, advice });
    }

    fn edit(&self, flags: &str) -> String {
        secboard("ad edit").operand(self.reach.name()).flags(flags).to_string()
    }

    fn root(&mut self, server: &str, root: &Entry, took: Duration) {
        let pages = root.values("supportedControl").iter().any(|oid| oid == PAGED_RESULTS.as_bytes());
        let domain = root.text("defaultNamingContext").or_else(|| root.text("namingContexts"));
        let told = [root.text("dnsHostName"), domain].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let step = Step::RootDse.to_string();
        if pages {
            self.note(server, &step, (told, Some(took)));
        } else {
            let advice = "secboard reads people page by page, which this server does not say that it can: let it, or \
                name another server";
            self.bad(server, &step, format!("{told}: no paged results"), advice.to_owned());
        }
    }

    fn clock(&mut self, server: &str, root: &Entry) {
        let Some(theirs) = root.text("currentTime").and_then(instant_of) else { return };
        let seconds = (theirs.micros() - self.now.micros()) / 1_000_000;
        let words = match seconds {
            0 => "as ours".to_owned(),
            ahead @ 1.. => format!("{ahead} s ahead of ours"),
            behind => format!("{} s behind ours", behind.unsigned_abs()),
        };
        if seconds.abs() <= MOST_SKEW {
            self.note(server, "clock", (words, None));
        } else {
            self.bad(
                server,
                "clock",
                words,
                "see which of the two clocks is wrong, and set it right".to_owned(),
            );
        }
    }

    fn protection(&mut self, written: &str, server: &Server) {
        if server.protection == Protection::None {
            let words = "asked in plain: everybody on the way reads every password".to_owned();
            let advice =
                format!("have it asked by TLS, with `{}`", self.edit("--server ldaps://… --no-insecure"));
            self.bad(written, "protection", words, advice);
        }
    }

    fn certificate(&mut self, server: &str, until: Option<Instant>) {
        let Some(until) = until else { return };
        let days = (until.micros() - self.now.micros()) / (24 * 3600 * 1_000_000);
        if days < LEAST_DAYS {
            let words = format!("ends in {days} days");
            let advice = "have the certificate of the server made again before that, or nobody of it logs in"
                .to_owned();
            self.bad(server, "certificate", words, advice);
        }
    }

    /// Tells whether a base is there, and returns that.
    fn base(&mut self, server: &str, base: &str, is_there: bool, took: Duration) -> bool {
        let step = Step::Base.to_string();
        if is_there {
            self.note(server, &step, (base.to_owned(), Some(took)));
            return true;
        }
        let edit = self.edit("--base-dn … --search-base …");
        let advice =
            format!("see how it is called, and whether the account may read it; correct it with `{edit}`");
        self.bad(server, &step, format!("there is no entry `{base}`"), advice);
        false
    }
}

/// What to do about a failure.
pub(super) fn advice(failure: &Failure, reach: &Reach) -> String {
    let edit = |flags: &str| secboard("ad edit").operand(reach.name()).flags(flags).to_string();
    match &failure.cause {
        Cause::Answer(answer) => of_answer(answer, edit),
        Cause::NoStartTls(_) => format!(
            "nothing was sent in plain; let the server do StartTLS, or have TLS from the first byte, with `{}`",
            edit("--server ldaps://…")
        ),
        Cause::Unresolved { .. } => {
            format!("correct the server with `{}`, or see whether this machine has DNS", edit("--server …"))
        }
        Cause::NoServers { .. } => format!(
            "see whether this machine asks the DNS of the domain (`resolver` in secboard.toml), name its servers with `{}`, or \
            the name that the certificates of all have with `{}`",
            edit("--server …"),
            edit("--certificate-name …")
        ),
        Cause::Unreachable { .. } => format!(
            "see whether the server listens there and no firewall is between, or correct it with `{}`",
            edit("--server …")
        ),
        Cause::TimedOut { .. } if matches!(failure.step, Step::Srv | Step::Dns | Step::Tcp) => {
            "see whether a firewall is between".to_owned()
        }
        Cause::TimedOut { .. } | Cause::Closed | Cause::Nonsense if failure.step <= Step::Tls => format!(
            "port and protection may not fit: `ldaps://` is TLS from the first byte (port 636), `ldap://` begins in plain \
            (port 389); correct it with `{}`",
            edit("--server …")
        ),
        Cause::Tls(fault) => of_tls(fault, edit),
        Cause::Injected => {
            "do not ask from this network, and tell the administrator of the server".to_owned()
        }
        Cause::TooLong { .. } => format!(
            "ask for less, with `{}`, or see why the server is slow; what was read is not used",
            edit("--search-base … --filter …")
        ),
        Cause::LostPage
        | Cause::LostValues { .. }
        | Cause::SamePage
        | Cause::Endless
        | Cause::TooMany
        | Cause::TooLarge
        | Cause::Nonsense => "tell the administrator of the server; what was read is not used".to_owned(),
        Cause::TimedOut { .. } => {
            format!(
                "wait longer or ask for less at once, with `{}`",
                edit("--answer-timeout … --page-size …")
            )
        }
        Cause::Configuration { .. } => format!("correct it with `{}`", edit("--ca-file … --filter …")),
        Cause::Closed | Cause::Broken { .. } => {
            "try again in some minutes; if it stays so, ask the administrator of the server".to_owned()
        }
    }
}

fn of_answer(answer: &Answer, edit: impl Fn(&str) -> String) -> String {
    match (answer.refusal(), answer.code) {
        (Some(refusal), _) => format!(
            "{}; or give name and password again, with `{}`",
            refusal.advice(),
            edit("--bind-dn … --password-stdin")
        ),
        (None, 49 | 48) => {
            format!("give name and password again, with `{}`", edit("--bind-dn … --password-stdin"))
        }
        (None, 8 | 13) => format!(
            "the server refuses passwords in plain: have it asked by TLS, with `{}`",
            edit("--server ldaps://… --no-insecure")
        ),
        (None, 3 | 4 | 11) => format!(
            "ask for less at once, with `{}`, or have the limits of the account raised",
            edit("--page-size …")
        ),
        (None, 32 | 34) => format!("correct the base, with `{}`", edit("--base-dn … --search-base …")),
        (None, 10) => {
            "another server knows that, which is never asked unless it is named: name it, or a base that this one has"
                .to_owned()
        }
        (None, 50) => "let the account read people, groups and the domain".to_owned(),
        (None, 12) => format!(
            "people are read page by page, which this server does not do: let it, or name another one with `{}`",
            edit("--server …")
        ),
        (None, 51 | 52) => "try again in some minutes".to_owned(),
        (None, _) => "ask the administrator of the server what that means".to_owned(),
    }
}

fn of_tls(fault: &Fault, edit: impl Fn(&str) -> String) -> String {
    match fault {
        Fault::UnknownAuthority => format!(
            "if the server is yours, trust its authority with `{}`; if not, somebody may be in between",
            edit("--ca-file …")
        ),
        Fault::WrongName { .. } => format!(
            "use the name that the certificate is for, with `{}`",
            edit("--server … --certificate-name …")
        ),
        Fault::NotTls => format!("the port may speak plain first: `{}`", edit("--server ldap://…")),
        Fault::Expired | Fault::NotYetValid | Fault::AuthorityAsServer => {
            "have the certificate of the server made again, and see whether the clocks are right".to_owned()
        }
        Fault::OldVersion => "have the server speak TLS 1.2 or newer".to_owned(),
        Fault::Other { .. } => "ask the administrator of the server".to_owned(),
    }
}

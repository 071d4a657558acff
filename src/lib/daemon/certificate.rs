//! The certificate of the site, where the daemon speaks TLS: read, read again, told of before it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::log::{Level, Log, cause};
use super::{Error, Parts};
use crate::config::Config;
use crate::context::{Actor, Clock as _, Service, Site, SystemClock, Via, Visit};
use crate::web::front::Certificates;

/// How often it is looked whether administrators have to be told.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Tells administrators by mail before the certificate ends.
pub(super) struct Ending {
    parts: Parts,
    /// When it was looked last.
    looked: Option<Instant>,
}

impl Ending {
    pub(super) const fn of(parts: Parts) -> Self {
        Self { parts, looked: None }
    }

    /// Looks, unless it did within the hour; where nobody can be told now, it is tried again in an hour.
    pub(super) fn look(&mut self, site: &Site, certificates: &Certificates, log: &Log) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return;
        }
        self.looked = Some(Instant::now());
        let Some(until) = certificates.good_until() else { return };
        let file = certificates.file().display().to_string();
        let visit = Visit::of(Actor::service(Service::Reminders), Via::System);
        let told = site.serve(visit, |cx| (self.parts.tell_of_certificate)(cx, &file, until));
        if let Err(failure) = told {
            let mut facts = vec![("code", failure.code().into())];
            facts.extend(cause(&failure).map(|cause| ("because", cause.into())));
            log.say_with(Level::Error, "nobody could be told of the certificate of the site", &facts);
        }
    }
}

/// Reads it, where there is to be one.
///
/// # Errors
/// When it cannot be used.
pub(super) fn read(config: &Config) -> Result<Option<Arc<Certificates>>, Error> {
    let read = config.daemon.tls.clone().map(Certificates::read).transpose();
    read.map(|read| read.map(Arc::new)).map_err(|source| Error::Certificate { source })
}

/// Tells which certificate the site has, and until when it is good.
pub(super) fn tell_of(certificates: &Certificates, log: &Log) {
    let file = certificates.file().display().to_string();
    let Some(until) = certificates.good_until() else {
        return log.say_with(Level::Info, "the site has a certificate", &[("certificate", file.into())]);
    };
    let (level, what) = if until < SystemClock.now() {
        (Level::Warning, "the certificate of the site is no longer good")
    } else {
        (Level::Info, "the certificate of the site is good")
    };
    log.say_with(level, what, &[("certificate", file.into()), ("until", until.to_string().into())]);
}

/// Reads it again where its files have changed, or that is asked for.
pub(super) fn read_again(certificates: Option<&Arc<Certificates>>, is_asked: bool, log: &Log) {
    match certificates.map(|certificates| certificates.read_again(is_asked)) {
        Some(Ok(true)) => log.say(Level::Info, "the certificate of the site was read again"),
        Some(Err(error)) => {
            let facts = [("because", error.to_string().into())];
            log.say_with(Level::Error, "the certificate of the site stays as it was", &facts);
        }
        Some(Ok(false)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::super::tests::store_and_key;
    use super::{Actor, Certificates, Ending, Log, Site, Via, Visit};
    use crate::config::{LogFormat, TlsFiles};
    use crate::context::FixedClock;
    use crate::registry::{DAEMON, SETTINGS};
    use crate::setting;
    use crate::text::instant::Instant;

    fn instant(text: &str) -> Instant {
        Instant::parse(text, &jiff::tz::TimeZone::UTC).unwrap()
    }

    fn mails(site: &Site) -> i64 {
        let sql = "SELECT count(*) FROM mails WHERE message = 'site-certificate-ends' AND to_address = 'watch@acme.example'";
        let count =
            |cx: &crate::context::Context| cx.read(|tx| Ok(tx.sql().query_row(sql, [], |row| row.get(0))?));
        site.serve(Visit::of(Actor::system(None), Via::Cli), count).unwrap()
    }

    #[test]
    fn that_the_certificate_of_the_site_ends_is_told_at_thirty_days_and_at_seven_once_each() {
        let (folder, config) = store_and_key();
        let files =
            TlsFiles { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
        let made = |year| {
            let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            parameters.not_after = rcgen::date_time_ymd(year, 5, 1);
            let key = rcgen::KeyPair::generate().unwrap();
            fs::write(&files.certificate, parameters.self_signed(&key).unwrap().pem()).unwrap();
            fs::write(&files.key, key.serialize_pem()).unwrap();
        };
        made(2031);
        let certificates = Certificates::read(files.clone()).unwrap();
        let mut site = Site::open(&config.store, &config.key, &SETTINGS).unwrap();
        let log = Log::new(LogFormat::Text, None);
        let visit = Visit::of(Actor::system(None), Via::Cli);
        site.serve(visit, |cx| setting::set(cx, "alerts.to", "watch@acme.example")).unwrap();
        for (now, told) in [
            ("2031-03-01T08:00:00Z", 0),
            ("2031-03-31T08:00:00Z", 0),
            ("2031-04-01T08:00:00Z", 1),
            ("2031-04-02T08:00:00Z", 1),
            ("2031-04-24T08:00:00Z", 2),
            ("2031-04-30T08:00:00Z", 2),
        ] {
            site.go_by(Arc::new(FixedClock::new(instant(now))));
            Ending::of(DAEMON).look(&site, &certificates, &log);
            assert_eq!(mails(&site), told, "{now}");
        }
        // Within an hour it looks once, and the next one is good for a year.
        let mut ending = Ending::of(DAEMON);
        ending.look(&site, &certificates, &log);
        made(2032);
        assert!(certificates.read_again(false).unwrap());
        ending.look(&site, &certificates, &log);
        Ending::of(DAEMON).look(&site, &certificates, &log);
        assert_eq!(mails(&site), 2);
    }
}

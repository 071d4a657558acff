//! Man pages: `secboard(1)`, one for each noun, `secboardd(8)`, `secboard.toml(5)`.
//!
//! The pieces come from `clap_mangen`; they are put together here, because its own recursion makes a page a verb and
//! leaves spaces at line ends, which `mandoc -Tlint` complains about.

use std::fmt::Write as _;
use std::io;

use clap::Command;
use clap_mangen::Man;

use super::{Document, visible};
use crate::error::Kind;

/// Which versions there were, and when; the newest day is the date of the pages, which man(7) asks for.
const CHANGES: &str = include_str!("../../../CHANGELOG.md");

/// Bytes of a line of text, as the style of man(7) asks.
const WIDEST: usize = 80;

/// Every page: its file name and its text.
pub(super) fn all(tree: &Command, daemon: &Command) -> Vec<Document> {
    let mut pages = vec![("secboard.1".to_owned(), secboard(tree))];
    for noun in visible(tree) {
        pages.push((format!("secboard-{}.1", noun.get_name()), noun_page(noun)));
    }
    pages.push(("secboardd.8".to_owned(), daemon_page(daemon)));
    pages.push(("secboard.toml.5".to_owned(), format!("{}{CONFIGURATION}", title("secboard.toml", "5"))));
    pages.into_iter().map(|(name, page)| (name, tidy(&page))).collect()
}

fn secboard(tree: &Command) -> String {
    let mut page = title("secboard", "1");
    let man = Man::new(tree.clone());
    push(&mut page, |out| man.render_name_section(out));
    page.push_str(&synopsis(tree));
    page.push_str(".SH COMMANDS\n");
    for noun in visible(tree) {
        term(&mut page, noun.get_name(), &about(noun));
    }
    push(&mut page, |out| man.render_options_section(out));
    page.push_str(".SH EXIT STATUS\n");
    term(&mut page, "0", "done, or nothing to do");
    for kind in Kind::ALL {
        term(&mut page, &kind.exit_code().to_string(), kind.meaning());
    }
    page.push_str(".SH SEE ALSO\n");
    let others = visible(tree).map(|noun| format!("secboard-{}", noun.get_name())).map(|name| (name, "1"));
    let own = [("secboardd".to_owned(), "8"), ("secboard.toml".to_owned(), "5")];
    let references: Vec<String> =
        others.chain(own).map(|(name, section)| format!(".BR {} ({section})", escape(&name))).collect();
    page.push_str(&references.join(" ,\n"));
    page.push('\n');
    page
}

fn noun_page(noun: &Command) -> String {
    let name = format!("secboard-{}", noun.get_name());
    let mut page = title(&name, "1");
    writeln!(page, ".SH NAME\n{} \\- {}", escape(&name), escape(&about(noun))).ok();
    command(&mut page, noun, false);
    verbs(&mut page, noun, "");
    page.push_str(".SH SEE ALSO\n.BR secboard (1)\n");
    page
}

/// A section for each verb, and for those below it.
fn verbs(page: &mut String, above: &Command, path: &str) {
    for verb in visible(above) {
        let path = format!("{path} {}", verb.get_name());
        writeln!(page, ".SH {}", escape(path.trim_start()).to_uppercase()).ok();
        command(page, verb, true);
        verbs(page, verb, &path);
    }
}

/// The synopsis of a command, in which each flag has the name of its value, as its options have.
fn synopsis(command: &Command) -> String {
    let mut text = String::new();
    push(&mut text, |out| Man::new(command.clone()).render_synopsis_section(out));
    for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
        let (Some(long), Some([value, ..])) = (argument.get_long(), argument.get_value_names()) else {
            continue;
        };
        let flag = format!("\\fB\\-\\-{}\\fR", escape(long));
        for end in [' ', ']'] {
            text = text.replace(&format!("{flag}{end}"), &format!("{flag} \\fI<{}>\\fR{end}", escape(value)));
        }
    }
    text
}

/// Synopsis, description, options and examples of a command; as subsections below a section of its own.
fn command(page: &mut String, command: &Command, is_below: bool) {
    let man = Man::new(command.clone());
    let after = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let after = After::of(after.as_deref().unwrap_or_default());
    let mut text = String::new();
    text.push_str(&synopsis(command));
    push(&mut text, |out| man.render_description_section(out));
    for line in after.remarks {
        writeln!(text, ".PP\n{}", escape(line)).ok();
    }
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        push(&mut text, |out| man.render_options_section(out));
    }
    if let Some(needs) = after.needs {
        writeln!(text, ".SH NEEDS\n{}", escape(needs)).ok();
    }
    if !after.examples.is_empty() {
        text.push_str(".SH EXAMPLES\n.nf\n");
        for line in after.examples {
            text.push_str(&escape(line));
            text.push('\n');
        }
        text.push_str(".fi\n");
    }
    page.push_str(&if is_below { text.replace(".SH ", ".SS ") } else { text });
}

/// What stands below the arguments in a command's help.
#[derive(Debug, Default, PartialEq, Eq)]
struct After<'a> {
    /// What the command needs.
    needs: Option<&'a str>,
    /// Sentences before the examples.
    remarks: Vec<&'a str>,
    /// Commands.
    examples: Vec<&'a str>,
}

impl<'a> After<'a> {
    fn of(help: &'a str) -> Self {
        let mut after = Self::default();
        let mut is_example = false;
        for line in help.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line == "Examples:" {
                is_example = true;
            } else if is_example {
                after.examples.push(line);
            } else if let Some(needs) = line.strip_prefix("Needs: ") {
                after.needs = Some(needs);
            } else {
                after.remarks.push(line);
            }
        }
        after
    }
}

fn daemon_page(command_line: &Command) -> String {
    let mut page = title("secboardd", "8");
    writeln!(page, ".SH NAME\nsecboardd \\- {}", escape(&about(command_line))).ok();
    command(&mut page, command_line, false);
    page.push_str(DAEMON);
    page
}

fn title(name: &str, section: &str) -> String {
    let source = concat!("secboard ", env!("CARGO_PKG_VERSION"));
    let date = newest_day(CHANGES);
    format!(".TH {} {section} {date} \"{source}\" secboard\n", escape(&name.to_uppercase()))
}

/// The day in the first heading of a version that has one.
fn newest_day(changes: &str) -> &str {
    let headings = changes.lines().filter(|line| line.starts_with("## ["));
    headings.filter_map(|line| line.split_once("] - ")).map(|(_, day)| day.trim()).next().unwrap_or_default()
}

fn term(page: &mut String, name: &str, meaning: &str) {
    writeln!(page, ".TP\n\\fB{}\\fR\n{}", escape(name), escape(meaning)).ok();
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Appends what `clap_mangen` writes; writing to memory cannot fail.
fn push(page: &mut String, render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
    let mut bytes = Vec::new();
    render(&mut bytes).ok();
    // The preamble of each piece defines what only a whole page needs once.
    let text = String::from_utf8_lossy(&bytes);
    for line in text.lines().filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el ")) {
        page.push_str(line);
        page.push('\n');
    }
}

/// Text as roff prints it letter by letter.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    if text.starts_with(['.', '\'']) {
        escaped.push_str("\\&");
    }
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// No spaces at line ends, no blank lines, no break right behind a break, no string that the dropped preamble would have
/// defined, and no long lines.
fn tidy(page: &str) -> String {
    let page = page.replace("\\*(Aq", "\\(aq");
    let mut lines: Vec<&str> = page.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines.dedup_by(|line, before| *line == ".br" && *before == ".br");
    let mut tidy = String::with_capacity(page.len());
    let (mut before, mut is_verbatim) = ("", false);
    for line in lines {
        is_verbatim = (is_verbatim || line == ".nf") && line != ".fi";
        // What follows `.TP` is the term, which is one line.
        if is_verbatim || line.starts_with('.') || before == ".TP" {
            tidy.push_str(line);
        } else {
            tidy.push_str(&broken(line));
        }
        tidy.push('\n');
        before = line;
    }
    tidy
}

/// Text in lines of at most [`WIDEST`] bytes, as far as its words allow; roff joins them again.
fn broken(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut width = 0;
    for word in text.split(' ') {
        let length = length(word);
        if width > 0 && width + 1 + length > WIDEST {
            lines.push('\n');
            width = 0;
            // At the beginning of a line these two make a request of it.
            if word.starts_with(['.', '\'']) {
                lines.push_str("\\&");
                width = 2;
            }
        } else if !lines.is_empty() {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

/// Bytes of a word for roff, to which mandoc gives other letters than those of ASCII as `\[u00D7]`.
fn length(word: &str) -> usize {
    word.chars().map(|letter| if letter.is_ascii() { 1 } else { r"\[u00D7]".len() }).sum()
}

const DAEMON: &str = r#".SH DESCRIPTION
The daemon opens the store and its key as
.BR secboard (1)
does, checks both, and serves the pages that people come to by a link in a mail.
It listens where
.BR secboard.toml (5)
says, behind a proxy such as nginx or Caddy, or with TLS of its own.
It also does, time after time, what
.B secboard upkeep
does once; each service can be switched off.
.PP
.I /healthz
answers 200 while the daemon lives;
.I /readyz
while the store answers and can be written, else 503, and says when each service worked last.
.SH SIGNALS
.TP
.B SIGHUP
reads the configuration again: trusted proxies, hosts, services, templates, log format and certificate.
.TP
.BR SIGTERM ", " SIGINT
end it when the requests at hand are answered, after 10 seconds at most.
.SH SYSTEMD
It tells when it is ready, that it lives where
.B WatchdogSec
is set, and that it stops
.RB ( Type=notify ),
and takes the sockets of a socket unit by
.BR "listen = \(dqsystemd\(dq" .
.SH FILES
A private folder below
.I /tmp
(or
.BR TMPDIR )
holds the socket between its two halves while it runs.
.SH EXIT STATUS
As
.BR secboard (1) ;
78 also when a newer program has upgraded the store.
.SH SEE ALSO
.BR secboard (1) ,
.BR secboard.toml (5)
"#;

const CONFIGURATION: &str = r#".SH NAME
secboard.toml \- where secboard finds its store, how its daemon listens, and with what mails are made
.SH DESCRIPTION
What the machine decides rather than the site.
A flag comes before an environment variable, and that before this file.
An unknown key is refused, so that a typing error never passes unnoticed.
.PP
For root and the user
.I secboard
the file is
.IR /etc/secboard/secboard.toml ,
for others
.IR $XDG_CONFIG_HOME/secboard/secboard.toml .
Another is named by
.B \-\-config
or
.BR SECBOARD_CONFIG .
.TP
.B store
The path of the store.
By default
.I /var/lib/secboard/secboard.db
for root and the user
.IR secboard ,
for others
.IR $XDG_DATA_HOME/secboard/secboard.db .
Folders of the environment that are relative are passed over; without
.B HOME
the home of the account counts.
.TP
.B key
The path of the master key.
By default
.I secboard.key
beside the store.
.TP
.B listen
Where
.BR secboardd (8)
listens: an address with its port,
.BI unix: PATH
or
.BR systemd ,
or a list of them.
An address other than those of the loopback interface needs a certificate.
By default 127.0.0.1:8470.
.TP
.BR tls_certificate ", " tls_key
The certificate of the site, with those that vouch for it, and its key, each a file in PEM.
With them the daemon speaks TLS on all addresses.
They are read again when they change.
By default none.
.TP
.B metrics_listen
The address, of this machine alone, with its port, at which
.I /metrics
tells figures of the daemon to Prometheus. No other is taken: there is no password, and nothing is encrypted.
By default none.
.TP
.B trusted_proxies
Networks, such as 10.0.0.0/8, and
.B unix
for whoever comes through a Unix socket, that are believed about the address of a visitor (X-Forwarded-For).
By default none.
.TP
.B allowed_hosts
Hosts by which the site is asked beside that of the setting
.BR site.domain .
By default none.
.TP
.B sites
Hosts of other programs, with a port if needed. Their proxies ask
.I /.secboard/verify
there who visits, and each has a cookie of its own; see docs/web.md.
By default none.
.TP
.B services
What the daemon does by itself: a table of
.BR outbox ,
.BR sync ,
.B reminders
and
.BR cleaning ,
each true or false.
By default all.
.TP
.B log_format
.B text
or
.BR json .
By default text.
.TP
.B templates
A folder with templates of mails of your own, under the names of those built in.
One that fails is passed over, and
.B secboard mail doctor
says why.
By default none.
.TP
.B resolver
The address of the DNS server that
.B secboard mail doctor
asks, and that commands, services and logins ask which servers of directories a domain has, with a port if that is not 53.
By default those of the machine.
.SH EXAMPLES
.nf
store = "/srv/secboard/secboard.db"
key = "/etc/secboard/secboard.key"
listen = ["127.0.0.1:8470", "unix:/run/secboard/web.sock"]
trusted_proxies = ["unix"]
services = { reminders = false }
templates = "/etc/secboard/templates"
resolver = "10.0.0.53"
.fi
.SH SEE ALSO
.BR secboard (1) ,
.BR secboardd (8)
"#;

#[cfg(test)]
mod tests {
    use super::{After, CHANGES, WIDEST, newest_day, tidy};
    use crate::text::date::Day;

    #[test]
    fn what_is_said_before_the_examples_is_none() {
        let after =
            After::of("Needs: users.view\n\nEnds with 0 or 1.\n\nExamples:\n  secboard a\n  secboard b");
        assert_eq!(
            after,
            After {
                needs: Some("users.view"),
                remarks: vec!["Ends with 0 or 1."],
                examples: vec!["secboard a", "secboard b"],
            }
        );
        assert_eq!(After::of(""), After::default());
    }

    #[test]
    fn long_text_is_broken_where_roff_joins_it_again() {
        let words = "a word .dot and ".repeat(12);
        let page = tidy(&format!(".TP\n\\fB{words}\\fR\n{words}\n.nf\n{words}\n.fi\n"));
        let lines: Vec<&str> = page.lines().collect();
        let (term, text, example) = (lines[1], &lines[2..lines.len() - 3], lines[lines.len() - 2]);
        assert!(term.len() > WIDEST && example == words.trim_end(), "a term and an example stay as they are");
        assert!(text.iter().all(|line| line.len() <= WIDEST && !line.starts_with('.')), "{text:?}");
        assert_eq!(text.join(" ").replace("\\&", ""), words.trim_end());
    }

    #[test]
    fn the_pages_are_of_the_day_of_the_newest_version_that_has_one() {
        assert_eq!(
            newest_day("# Changes\n## [Unreleased]\n## [0.2.0] - 2027-01-31\n## [0.1.0] - 2026-11-21"),
            "2027-01-31"
        );
        assert!(Day::parse(newest_day(CHANGES)).is_ok(), "without a day the pages could not be made");
    }
}

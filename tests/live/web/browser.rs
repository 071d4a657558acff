//! People in front of a real browser: what they do, and what is looked at on each page that they come to.

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use thirtyfour::{By, CapabilitiesHelper as _, DesiredCapabilities, WebDriver, WebElement};
use tokio::runtime::Runtime;

use super::site::HOST;
use crate::program::program;

/// All that a page loads, in bytes, but for a photo.
const LIGHT: u64 = 30 * 1024;

/// How long a page may take to come, also while other tests keep the machine busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What axe is asked for: all that it knows, or only what it says of colours.
const AXE: &str = "
    const [colors, done] = arguments;
    const rules = colors ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {};
    axe.run({ resultTypes: ['violations'], ...rules }).then(
        found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' | '))),
        error => done(['axe: ' + error]),
    );";

/// Notes what the policy of a page forbids it, from before it is read.
const WATCH: &str = "
    window.forbidden = [];
    document.addEventListener('securitypolicyviolation', event =>
        window.forbidden.push(event.violatedDirective + ' ' + event.blockedURI));";

/// What is to be known of a page.
const LOOK: &str = "
    const loaded = performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
        .filter(one => !one.name.endsWith('/photo/'));
    return {
        language: document.documentElement.lang,
        heading: document.querySelector('h1').textContent.trim(),
        bytes: loaded.reduce((sum, one) => sum + one.decodedBodySize, 0),
        wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        forbidden: window.forbidden,
    };";

/// In what a person reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// A word for the folder of its pictures.
    pub(super) name: &'static str,
    /// Which language the browser asks for.
    pub(super) language: &'static str,
    /// Width and height of the page, in pixels of CSS.
    pub(super) size: (u32, u32),
    /// Whether scripts run.
    pub(super) scripts: bool,
}

/// In English at a desk.
pub(super) const DESK: Look = Look { name: "desk-en", language: "en", size: (1280, 900), scripts: true };

/// In Ukrainian on a phone.
pub(super) const PHONE: Look = Look { name: "phone-uk", language: "uk", size: (390, 844), scripts: true };

/// In English on a phone, without scripts.
pub(super) const PLAIN_PHONE: Look =
    Look { name: "phone-en-plain", language: "en", size: (390, 844), scripts: false };

/// In Ukrainian at a desk, without scripts.
pub(super) const PLAIN_DESK: Look =
    Look { name: "desk-uk-plain", language: "uk", size: (1280, 900), scripts: false };

/// Chromium, as chromedriver drives it; both end when this is dropped.
pub(super) struct Chromium {
    driver: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Chromium {
    pub(super) fn start() -> Self {
        program("chromium");
        let folder = tempfile::tempdir().unwrap();
        let mut command = program("chromedriver");
        command.arg("--port=0").env("HOME", folder.path()).env("TMPDIR", folder.path());
        let mut driver = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut told = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = told.find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // What it says further is nobody's, and must not block it.
        std::thread::spawn(move || told.for_each(drop));
        Self { driver, address: format!("http://127.0.0.1:{}", port.unwrap()), folder }
    }

    /// Somebody with a browser of their own, for a site at an address such as `http://localhost:8470`.
    pub(super) fn person(&self, site: &str, look: Look) -> Person<'_> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (width, height) = look.size;
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--hide-scrollbars",
                format!("--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP wiki.acme.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
                format!("--accept-lang={}", look.language),
            ],
            "mobileEmulation": { "deviceMetrics":
                { "width": width, "height": height, "pixelRatio": 1.0, "touch": false, "mobile": width < 500 } },
        });
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set("goog:chromeOptions", options).unwrap();
        wanted.set("acceptInsecureCerts", true).unwrap();
        let driver = runtime.block_on(WebDriver::new(&self.address, wanted)).unwrap();
        let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures").join(look.name);
        fs::create_dir_all(&pictures).unwrap();
        let texts = texts(look.language);
        let person = Person {
            runtime,
            driver: Some(driver),
            site: site.to_owned(),
            look,
            texts,
            pictures,
            _of: self.folder.path(),
        };
        person.ask_browser("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH }));
        person.ask_browser("Emulation.setScriptExecutionDisabled", json!({ "value": !look.scripts }));
        person
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// Somebody in front of a browser.
pub(super) struct Person<'a> {
    runtime: Runtime,
    driver: Option<WebDriver>,
    site: String,
    look: Look,
    /// What pages say in their language.
    texts: HashMap<&'static str, &'static str>,
    pictures: PathBuf,
    /// While it is there, so is their browser.
    _of: &'a Path,
}

impl Drop for Person<'_> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            self.runtime.block_on(driver.quit()).ok();
        }
    }
}

impl Person<'_> {
    /// Opens a page by its path, or a link by its address.
    pub(super) fn opens(&self, place: &str) {
        let address = if place.starts_with('/') { format!("{}{place}", self.site) } else { place.to_owned() };
        self.wait_for(self.driver().goto(address));
    }

    /// Types into the field of that name, in the place of what is there.
    pub(super) fn types(&self, field: &str, text: &str) {
        let field = self.find(By::Id(field));
        self.wait_for(field.clear());
        self.wait_for(field.send_keys(text));
    }

    /// Sends the form of the page.
    pub(super) fn sends(&self) {
        self.presses("main form button:not([type=button])");
    }

    /// Presses the first button or link that a selector of CSS finds, and waits for the page that it leads to.
    #[track_caller]
    pub(super) fn presses(&self, selector: &str) {
        self.presses_what(By::Css(selector));
    }

    /// Follows the link with a text of the pages.
    #[track_caller]
    pub(super) fn follows(&self, text: &str) {
        self.presses_what(By::LinkText(self.text(text)));
    }

    /// Clicks on what leads to no other page.
    pub(super) fn clicks(&self, selector: &str) {
        self.wait_for(self.find(By::Css(selector)).click());
    }

    /// Chooses a language at the foot of the page.
    pub(super) fn chooses_language(&mut self, language: &'static str) {
        self.presses(&format!("footer a[lang={language}]"));
        self.has_language(language);
    }

    /// Reads pages in this language from now on.
    pub(super) fn has_language(&mut self, language: &'static str) {
        self.look.language = language;
        self.texts = texts(language);
    }

    /// Clicks twice, as fast as people do, and waits for the page that it leads to.
    #[track_caller]
    pub(super) fn presses_twice(&self, selector: &str) {
        self.leaves(|| {
            let button = self.find(By::Css(selector));
            self.wait_for(self.driver().action_chain().double_click_element(&button).perform());
        });
    }

    #[track_caller]
    fn presses_what(&self, by: By) {
        self.leaves(|| self.wait_for(self.find(by).click()));
    }

    /// Does something, and waits for the page that it leads to.
    #[track_caller]
    fn leaves(&self, work: impl FnOnce()) {
        let page = self.find(By::Tag("html"));
        work();
        let begun = Instant::now();
        while self.runtime.block_on(page.tag_name()).is_ok() {
            assert!(begun.elapsed() < PATIENCE, "no page came after {}", self.place());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether they are on the page with this path.
    pub(super) fn is_on(&self, path: &str) -> bool {
        self.place() == path
    }

    /// Is on the page with that heading, and nothing is wrong with it; a picture of it is kept under this name.
    #[track_caller]
    pub(super) fn comes_to(&self, heading: &str, picture: &str) {
        let page = self.asks(LOOK);
        if page["heading"] != self.text(heading) {
            let read = self.wait_for(self.find(By::Tag("main")).text());
            panic!("{heading} is not the heading of {}:\n{read}", self.place());
        }
        assert_eq!(page["language"], self.look.language, "{picture}");
        assert_eq!(page["wide"], false, "{picture} is wider than the screen");
        // Without scripts nobody can watch.
        if self.look.scripts {
            assert_eq!(page["forbidden"], json!([]), "{picture}");
        }
        assert!(page["bytes"].as_u64().unwrap() < LIGHT, "{picture}: {} bytes", page["bytes"]);
        for scheme in ["light", "dark"] {
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
            self.ask_browser("Emulation.setEmulatedMedia", json!({ "features": features }));
            if self.look.scripts {
                self.asks_axe(&format!("{picture}, {scheme}"), scheme == "dark");
            }
            self.takes_picture(&format!("{picture}-{scheme}"));
        }
    }

    /// Where they are: the path.
    fn place(&self) -> String {
        self.wait_for(self.driver().current_url()).path().to_owned()
    }

    /// Reads a text of the pages.
    #[track_caller]
    pub(super) fn reads(&self, text: &str) {
        self.reads_words(self.text(text));
    }

    /// Reads these words.
    #[track_caller]
    pub(super) fn reads_words(&self, words: &str) {
        let page = self.wait_for(self.find(By::Tag("main")).text());
        assert!(page.contains(words), "{words:?} is not on {}:\n{page}", self.place());
    }

    /// The text of each thing that a selector of CSS finds.
    pub(super) fn reads_all(&self, selector: &str) -> Vec<String> {
        let found = self.wait_for(self.driver().find_all(By::Css(selector)));
        found.iter().map(|one| self.wait_for(one.text())).collect()
    }

    /// What is in the file behind a link that has it with it.
    pub(super) fn downloads(&self, selector: &str) -> String {
        let address = self.wait_for(self.find(By::Css(selector)).attr("href")).unwrap_or_default();
        let (_, file) = address.split_once(";base64,").unwrap_or_default();
        String::from_utf8(BASE64_STANDARD.decode(file).unwrap()).unwrap()
    }

    /// Where the picture of a page is kept.
    pub(super) fn picture(&self, name: &str) -> PathBuf {
        self.pictures.join(format!("{name}.png"))
    }

    /// Chooses a file for the field of that name.
    pub(super) fn takes_file(&self, field: &str, file: &Path) {
        self.wait_for(self.find(By::Id(field)).send_keys(file.display().to_string()));
    }

    /// What stands in a field.
    pub(super) fn finds_in(&self, field: &str) -> String {
        self.wait_for(self.find(By::Id(field)).prop("value")).unwrap_or_default()
    }

    /// Of which kind a field is.
    pub(super) fn kind_of(&self, field: &str) -> String {
        self.wait_for(self.find(By::Id(field)).attr("type")).unwrap_or_default()
    }

    /// Whether there is something that a selector of CSS finds.
    pub(super) fn has(&self, selector: &str) -> bool {
        !self.reads_all(selector).is_empty()
    }

    /// Whether something can be seen.
    pub(super) fn sees(&self, selector: &str) -> bool {
        self.wait_for(self.find(By::Css(selector)).is_displayed())
    }

    /// The id of what has the focus, or the name of its element.
    pub(super) fn is_at(&self) -> String {
        let at = self.asks("const at = document.activeElement; return at.id || at.className || at.tagName;");
        at.as_str().unwrap_or_default().to_owned()
    }

    /// The cookies of the site.
    pub(super) fn cookies(&self) -> Vec<Value> {
        let told = self.ask_browser("Network.getCookies", json!({ "urls": [self.site] }));
        told["cookies"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn text(&self, key: &str) -> &'static str {
        self.texts.get(key).unwrap_or_else(|| panic!("no page says `{key}`"))
    }

    #[track_caller]
    fn asks_axe(&self, page: &str, only_colors: bool) {
        if self.asks("return typeof axe") == "undefined" {
            let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/axe/axe.min.js");
            let axe =
                fs::read_to_string(axe).unwrap_or_else(|_| panic!("axe is missing; `tests/run` installs it"));
            self.asks(&axe);
        }
        let found = self.wait_for(self.driver().execute_async(AXE, vec![json!(only_colors)]));
        assert_eq!(found.json(), &json!([]), "{page}");
    }

    fn takes_picture(&self, name: &str) {
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let taken = self.ask_browser("Page.captureScreenshot", whole);
        let png = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        fs::write(self.picture(name), png).unwrap();
    }

    fn asks(&self, script: &str) -> Value {
        self.wait_for(self.driver().execute(script, Vec::new())).json().clone()
    }

    fn ask_browser(&self, command: &str, parameters: Value) -> Value {
        self.wait_for(self.driver().cdp().send_raw(command, parameters))
    }

    #[track_caller]
    fn find(&self, by: By) -> WebElement {
        self.runtime.block_on(self.driver().find(by.clone())).unwrap_or_else(|_| {
            let page = self.runtime.block_on(self.driver().source()).unwrap_or_default();
            panic!("{by} is not on {}:\n{page}", self.place())
        })
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().unwrap()
    }

    #[track_caller]
    fn wait_for<T, E: std::fmt::Debug>(&self, work: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await }).unwrap().unwrap()
    }
}

/// What all pages say in a language, by name.
fn texts(language: &str) -> HashMap<&'static str, &'static str> {
    let files = match language {
        "uk" => [
            include_str!("../../../src/lib/login/text/uk.ftl"),
            include_str!("../../../src/lib/link/text/uk.ftl"),
            include_str!("../../../src/lib/web/text/uk.ftl"),
            include_str!("../../../src/lib/profile/text/uk.ftl"),
            include_str!("../../../src/lib/contact/text/uk.ftl"),
        ],
        _ => [
            include_str!("../../../src/lib/login/text/en.ftl"),
            include_str!("../../../src/lib/link/text/en.ftl"),
            include_str!("../../../src/lib/web/text/en.ftl"),
            include_str!("../../../src/lib/profile/text/en.ftl"),
            include_str!("../../../src/lib/contact/text/en.ftl"),
        ],
    };
    files.into_iter().flat_map(str::lines).filter_map(|line| line.split_once(" = ")).collect()
}

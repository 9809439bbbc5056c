//! A person at a browser.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::browser_protocol::network::{
    BlockPattern, EventRequestWillBeSent, SetBlockedUrLsParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{EventConsoleApiCalled, EventExceptionThrown};
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::StreamExt;
use partner_center_emulator::{Emulator, Switches};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::found;
use crate::home::{CUSTOMER, Home};

/// How long a page is waited for: far beyond what it takes, so that a slow machine is no failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command, and the browser that it serves.
pub(crate) struct Person {
    pub(crate) page: Page,
    pub(crate) home: Arc<Home>,
    web: Web,
    browser: Browser,
    events: Vec<JoinHandle<()>>,
    /// What the page complained of, and what it asked other hosts for.
    complaints: Arc<Mutex<Vec<String>>>,
    _profile: TempDir,
}

/// The running command.
struct Web {
    child: Child,
    base: String,
}

impl Web {
    /// Starts it: the address to open.
    fn start(home: &Home) -> (Self, String) {
        let mut child = home.command(&["web", "--no-browser"]).spawn().expect("a process");
        let mut entry = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut entry).expect("an address");
        let (base, _) = entry.split_once("/enter").expect("an address");
        (Self { child, base: base.to_owned() }, entry.trim().to_owned())
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A service, and a person at it; `None` where there is no browser.
pub(crate) async fn at_work() -> Option<(Arc<Emulator>, Person)> {
    at_work_with(Switches::default()).await
}

/// The same, of a service with these switches.
pub(crate) async fn at_work_with(switches: Switches) -> Option<(Arc<Emulator>, Person)> {
    let emulator = Emulator::builder().customers(120).switches(switches);
    let emulator = emulator.start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    Some((Arc::new(emulator), Person::start(home).await?))
}

impl Person {
    pub(crate) async fn start(home: Home) -> Option<Self> {
        let executable = found::browser()?;
        let home = Arc::new(home);
        let (web, entry) = Web::start(&home);
        let profile = tempfile::tempdir().expect("a folder");
        let config = BrowserConfig::builder()
            .chrome_executable(executable)
            .user_data_dir(profile.path())
            .new_headless_mode()
            .no_sandbox()
            .viewport(None)
            .window_size(1200, 900)
            .request_timeout(PATIENCE)
            .launch_timeout(PATIENCE)
            .args(["disable-gpu", "disable-dev-shm-usage", "disable-background-networking"])
            .build()
            .expect("a configuration");
        let (browser, mut handler) = Browser::launch(config).await.expect("a browser");
        let mut events = vec![tokio::spawn(async move { while handler.next().await.is_some() {} })];
        let page = browser.new_page("about:blank").await.expect("a page");
        let complaints = Arc::new(Mutex::new(Vec::new()));
        events.extend(listen(&page, &web.base, &complaints).await);
        let person = Self { page, home, web, browser, events, complaints, _profile: profile };
        person.open(&entry).await;
        person.wait("document.querySelector('#results')").await;
        Some(person)
    }

    /// The path of the account of the sample customer.
    pub(crate) fn account() -> String {
        format!("/customers/{CUSTOMER}")
    }

    /// Ends the command at once, as `kill -9` does, and starts it again.
    pub(crate) async fn begin_anew(&mut self) {
        let (web, entry) = Web::start(&self.home);
        self.web = web;
        self.open(&entry).await;
        self.wait("document.querySelector('#results')").await;
    }

    /// Keeps the scripts of the pages from being loaded.
    pub(crate) async fn without_script(&self) {
        let scripts = BlockPattern::new("*://*:*/*.js", true);
        let blocked = SetBlockedUrLsParams { url_patterns: Some(vec![scripts]) };
        self.page.execute(blocked).await.expect("a setting");
    }

    pub(crate) async fn go(&self, path: &str) {
        self.open(&format!("{}{path}", self.web.base)).await;
    }

    async fn open(&self, url: &str) {
        self.page.goto(url).await.expect("a page");
    }

    /// What the page says of an expression.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        let result = self.page.evaluate_expression(expression).await;
        result.ok().and_then(|it| it.value().cloned()).unwrap_or_default()
    }

    /// Waits until an expression is true; a page that is left on the way says nothing.
    pub(crate) async fn wait(&self, expression: &str) {
        let whole = format!("document.readyState == 'complete' && !!({expression})");
        let waited = tokio::time::timeout(PATIENCE, async {
            while self.evaluate(&whole).await != true {
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        });
        let is_true = waited.await.is_ok();
        assert!(is_true, "{expression} is not true of this page:\n{}", self.text("body").await);
    }

    /// Waits for the page of this name, such as `review`, of a profile.
    pub(crate) async fn arrive(&self, page: &str) {
        self.wait(&format!("location.pathname.endsWith('/{page}')")).await;
    }

    /// Waits for the account.
    pub(crate) async fn arrive_at_account(&self) {
        self.wait(&format!("location.pathname == '{}'", Self::account())).await;
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?})?.innerText")).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn value(&self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?})?.value")).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The rows of a table, each with its cells.
    pub(crate) async fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let rows = format!(
            "[...document.querySelectorAll({:?})].map(row => [...row.cells].map(cell => cell.innerText.trim()))",
            format!("{table} tbody tr")
        );
        serde_json::from_value(self.evaluate(&rows).await).expect("rows")
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.page.find_element(selector).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.scroll_into_view().await.expect("a place");
        element.click().await.expect("a click");
    }

    /// Types into a field in place of what is there.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        self.wait(&format!("document.querySelector({selector:?})")).await;
        let element = self.page.find_element(selector).await.expect("a field");
        element.focus().await.expect("a focus");
        self.evaluate("document.activeElement.select()").await;
        element.press_key("Backspace").await.expect("a key");
        element.type_str(text).await.expect("keys");
        assert_eq!(self.value(selector).await, text);
    }

    /// Waits until what was typed is kept.
    pub(crate) async fn kept(&self) {
        self.wait("document.querySelector('#kept').innerText == 'What you typed is kept.' && !document.querySelector('.htmx-request')").await;
    }

    pub(crate) async fn press(&self, key: &str) {
        let focused = self.page.find_element(":focus").await;
        let element = match focused {
            Ok(element) => element,
            Err(_) => self.page.find_element("body").await.expect("a body"),
        };
        element.press_key(key).await.expect("a key");
    }

    /// Opens the form of the sample customer.
    pub(crate) async fn begin(&self) {
        self.go(&Self::account()).await;
        self.click("a.button").await;
        self.arrive("update").await;
        self.wait("document.querySelector('#email')").await;
    }

    /// From the form to what changes.
    pub(crate) async fn review(&self) {
        self.review_or("review").await;
        self.wait("document.querySelector('table.changes')").await;
    }

    /// From the form to this page instead.
    pub(crate) async fn review_or(&self, page: &str) {
        self.click("form.profile button[type=submit]").await;
        self.arrive(page).await;
    }

    pub(crate) async fn submit(&self) {
        self.click("form[action$='/submit'] button").await;
    }

    /// Waits until it is saved.
    pub(crate) async fn saved(&self) {
        self.arrive_at_account().await;
        self.wait("document.querySelector('.mark.compatible')").await;
    }

    /// Ends the command at once.
    pub(crate) fn end_the_command(&self) {
        let id = self.web.child.id().to_string();
        let killed = std::process::Command::new("kill").args(["-KILL", &id]).status();
        assert!(killed.expect("a process").success());
    }

    /// Ends, whatever the page complained of.
    pub(crate) async fn ended(self) {
        self.complaints.lock().expect("a list").clear();
        self.done(&[]).await;
    }

    /// Ends, and holds the browser to it that nothing was wrong with a page, but for answers with these statuses.
    pub(crate) async fn done(mut self, statuses: &[u16]) {
        let mut complaints = self.complaints.lock().expect("a list").clone();
        let expected =
            |it: &String| statuses.iter().any(|status| it.contains(&format!("status of {status}")));
        complaints.retain(|it| !expected(it));
        assert_eq!(complaints, Vec::<String>::new());
        self.browser.close().await.expect("an end");
        // What is left of it goes with the process.
        let _ = self.browser.wait().await;
        self.events.iter().for_each(JoinHandle::abort);
    }
}

/// Notes what the page complains of, and every request to another host.
async fn listen(page: &Page, base: &str, to: &Arc<Mutex<Vec<String>>>) -> Vec<JoinHandle<()>> {
    page.enable_log().await.expect("a log");
    let mut logged = page.event_listener::<EventEntryAdded>().await.expect("events");
    let mut printed = page.event_listener::<EventConsoleApiCalled>().await.expect("events");
    let mut thrown = page.event_listener::<EventExceptionThrown>().await.expect("events");
    let mut sent = page.event_listener::<EventRequestWillBeSent>().await.expect("events");
    let note = |to: &Arc<Mutex<Vec<String>>>| {
        let to = to.clone();
        move |text: String| to.lock().expect("a list").push(text)
    };
    let notes = [note(to), note(to), note(to), note(to)];
    let [log, console, error, request] = notes;
    let base = base.rsplit_once(':').map(|(host, _)| host.to_owned()).unwrap_or_default();
    vec![
        tokio::spawn(async move {
            while let Some(event) = logged.next().await {
                log(event.entry.text.clone());
            }
        }),
        tokio::spawn(async move {
            while let Some(event) = printed.next().await {
                let mut text = String::from("console:");
                for argument in &event.args {
                    let _ = write!(text, " {:?} {:?}", argument.value, argument.description);
                }
                console(text);
            }
        }),
        tokio::spawn(async move {
            while let Some(event) = thrown.next().await {
                error(event.exception_details.text.clone());
            }
        }),
        tokio::spawn(async move {
            while let Some(event) = sent.next().await {
                let url = &event.request.url;
                if !url.starts_with(&base) && url != "about:blank" {
                    request(format!("it asked for {url}"));
                }
            }
        }),
    ]
}

/// Names the browser of a machine without one.
#[macro_export]
macro_rules! someone {
    ($start:expr) => {
        match $start.await {
            Some(started) => started,
            None => return,
        }
    };
}

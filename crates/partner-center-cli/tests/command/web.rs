//! The page over HTTP, as other programs and other pages would try it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};

use partner_center_emulator::{APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator};
use reqwest::header::{HOST, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};

use crate::home::{CUSTOMER, Home};

/// A running `web`, and the one browser that it serves.
struct Web {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The address that was printed.
    entry: String,
    base: String,
    cookie: String,
    http: Client,
}

impl Web {
    /// Starts it, and comes in with the key.
    async fn start(home: &Home) -> Self {
        let mut web = Self::without_key(home);
        let entered = web.get(&web.entry).send().await.expect("an answer");
        assert_eq!(entered.status(), 200);
        let cookie = entered.headers()[SET_COOKIE].to_str().expect("a text");
        assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
        cookie.split(';').next().expect("a pair").clone_into(&mut web.cookie);
        web
    }

    fn without_key(home: &Home) -> Self {
        let mut child = home.command(&["web", "--no-browser"]).spawn().expect("a process");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut entry = String::new();
        stdout.read_line(&mut entry).expect("an address");
        let entry = entry.trim().to_owned();
        let (base, _) = entry.split_once("/enter?key=").expect("a key");
        // Another test may have done so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { child, stdout, base: base.to_owned(), entry, cookie: String::new(), http }
    }

    fn get(&self, url: &str) -> reqwest::RequestBuilder {
        self.http.get(url).header("sec-fetch-site", "none")
    }

    /// What the browser gets that is served.
    async fn page(&self, path: &str) -> Response {
        let request = self.get(&format!("{}{path}", self.base)).header("cookie", &self.cookie);
        request.send().await.expect("an answer")
    }

    /// A form that it sends.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        request.header(ORIGIN, &self.base).header("sec-fetch-site", "same-origin").form(fields)
    }

    /// Begins an update: the path of the profile, the token of the forms, the draft, and the form.
    async fn begin(&self) -> (String, String, String, String) {
        let path = format!("/customers/{CUSTOMER}");
        let begun = self.page(&format!("{path}/update")).await;
        assert_eq!(begun.status(), 303);
        let place = begun.headers()["location"].to_str().expect("a text").to_owned();
        let html = self.page(&place).await.text().await.expect("a page");
        (path, hidden(&html, "csrf"), hidden(&html, "draft"), hidden(&html, "form"))
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of the first hidden field of this name.
fn hidden(html: &str, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    html.split(&before).nth(1).and_then(|rest| rest.split('"').next()).expect(name).to_owned()
}

async fn started() -> (Emulator, Home, Web) {
    let emulator =
        Emulator::builder().strict(true).customers(20).start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    let web = Web::start(&home).await;
    (emulator, home, web)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_for_this_browser_alone_and_nothing_of_it_is_kept() {
    let (_emulator, _home, web) = started().await;
    for path in ["/customers", "/web.css", "/htmx.js", "/profile", "/nothing", "/customers/none"] {
        let answer = web.page(path).await;
        let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{policy}"
        );
        for directive in ["frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{path}: {directive}");
        }
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let html = answer.text().await.expect("a page");
        for secret in [APP_USER_TOKEN, APP_ONLY_TOKEN, "Bearer", web.cookie.as_str()] {
            assert!(!html.contains(secret), "{path}");
        }
        for inline in ["style=", "onclick", "javascript:"] {
            assert!(path == "/htmx.js" || !html.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_without_the_key_and_the_key_is_good_once() {
    let (_emulator, home, web) = started().await;
    let other = Web::without_key(&home);
    let with =
        |cookie: &str| web.get(&format!("{}/customers", web.base)).header("cookie", cookie).send();
    let (_, value) = web.cookie.split_once('=').expect("a pair");
    let name = web.cookie.split('=').next().expect("a name");
    let guesses = [
        "",
        "x=y",
        name,
        &format!("{name}="),
        &format!("{name}={value}0"),
        &format!("other={value}"),
    ];
    for cookie in guesses {
        let refused = with(cookie).await.expect("an answer");
        assert_eq!(refused.status(), 403, "{cookie}");
        let html = refused.text().await.expect("a page");
        assert!(html.contains("This page is served to another browser"), "{html}");
    }
    // The browser that is in comes in again by the same address; a second one does not.
    let again = web.get(&web.entry).header("cookie", &web.cookie).send().await.expect("an answer");
    assert_eq!(
        (again.status().as_u16(), &again.headers()["location"]),
        (303, &"/customers".parse().expect("a value"))
    );
    let second = web.get(&web.entry).send().await.expect("an answer");
    assert_eq!(second.status(), 403);
    assert!(second.headers().get(SET_COOKIE).is_none());
    assert!(second.text().await.expect("a page").contains("This address was used before"));
    // The key of another run, an old one, a wrong one, none.
    let (_, key) = web.entry.split_once("?key=").expect("a key");
    for query in [format!("?key={key}"), "?key=".to_owned(), "?key=0".to_owned(), String::new()] {
        let refused =
            other.get(&format!("{}/enter{query}", other.base)).send().await.expect("an answer");
        assert_eq!(refused.status(), 403, "{query}");
        assert!(refused.headers().get(SET_COOKIE).is_none());
    }
    // A wrong key does not use up the right one, nor does a browser that looks ahead.
    let ahead = other
        .get(&other.entry)
        .header("sec-purpose", "prefetch;prerender")
        .send()
        .await
        .expect("an answer");
    assert_eq!(ahead.status(), 503);
    let entered = other.get(&other.entry).send().await.expect("an answer");
    assert_eq!(entered.status(), 200);
    let cookie = entered.headers()[SET_COOKIE].to_str().expect("a text");
    assert!(!cookie.starts_with(name), "two runs have one name: {cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_name_and_another_origin_are_refused() {
    let (emulator, _home, web) = started().await;
    let customers = format!("{}/customers", web.base);
    let port = web.base.rsplit(':').next().expect("a port");
    let read = |name: &'static str, value: String| {
        let request = web.get(&customers).header("cookie", &web.cookie);
        async move { request.header(name, value).send().await.expect("an answer").status().as_u16() }
    };
    // A name that was made to lead here, by which a foreign page would be of the same origin.
    for host in [
        "rebound.example",
        &format!("rebound.example:{port}"),
        &format!("localhost:{port}"),
        "127.0.0.1",
        "",
    ] {
        assert_eq!(read(HOST.as_str(), host.to_owned()).await, 421, "{host}");
    }
    for origin in [
        "null",
        "http://rebound.example",
        "https://127.0.0.1",
        &format!("http://127.0.0.1:{port}0"),
        &format!("https://127.0.0.1:{port}"),
    ] {
        assert_eq!(read(ORIGIN.as_str(), origin.to_owned()).await, 403, "{origin}");
    }
    for site in ["cross-site", "same-site"] {
        let request =
            web.http.get(&customers).header("cookie", &web.cookie).header("sec-fetch-site", site);
        assert_eq!(request.send().await.expect("an answer").status(), 403, "{site}");
    }
    let (path, token, draft, form) = web.begin().await;
    let fields = [
        ("csrf", token.as_str()),
        ("draft", &draft),
        ("form", &form),
        ("/email", "ann@example.com"),
    ];
    let submit = format!("{path}/draft");
    let request = || {
        web.http
            .request(Method::POST, format!("{}{submit}", web.base))
            .header("cookie", &web.cookie)
            .form(&fields)
    };
    for (origin, site) in [
        (None, None),
        (None, Some("same-origin")),
        (Some("null"), Some("same-origin")),
        (Some("http://rebound.example"), None),
        (Some(web.base.as_str()), Some("cross-site")),
        (Some(web.base.as_str()), Some("same-site")),
    ] {
        let mut request = request();
        for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        assert_eq!(request.send().await.expect("an answer").status(), 403, "{origin:?} {site:?}");
    }
    // With all that a browser sends of a page of this command, it is taken.
    assert_eq!(web.form(&submit, &fields).send().await.expect("an answer").status(), 200);
    let written = emulator.journal().iter().filter(|it| it.method == "PUT").count();
    assert_eq!(written, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_token_does_nothing() {
    let (_emulator, home, web) = started().await;
    let other = Web::start(&home).await;
    let (path, token, draft, form) = web.begin().await;
    let (_, foreign, ..) = other.begin().await;
    let drafts = || {
        std::fs::read_to_string(home.state().join(format!("drafts/web/{draft}.json")))
            .expect("a draft")
    };
    let before = drafts();
    for page in ["update", "draft", "take", "discard", "submit", "conflict"] {
        for wrong in ["", "0", &token[1..], &foreign] {
            let fields = [
                ("csrf", wrong),
                ("draft", &draft),
                ("form", &form),
                ("/email", "eve@example.com"),
            ];
            let refused =
                web.form(&format!("{path}/{page}"), &fields).send().await.expect("an answer");
            assert_eq!(refused.status(), 403, "{page}");
        }
        let without = [("draft", draft.as_str()), ("/email", "eve@example.com")];
        let refused =
            web.form(&format!("{path}/{page}"), &without).send().await.expect("an answer");
        assert_eq!(refused.status(), 403, "{page}");
    }
    assert_eq!(drafts(), before);
    let long = "x".repeat(2 << 20);
    let fields = [("csrf", token.as_str()), ("draft", &draft), ("form", &form), ("/email", &long)];
    let refused = web.form(&format!("{path}/draft"), &fields).send().await.expect("an answer");
    assert_eq!(refused.status(), 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_for_their_owner_alone_and_of_their_profile_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_emulator, home, web) = started().await;
    let (path, token, draft, form) = web.begin().await;
    let fields = [
        ("csrf", token.as_str()),
        ("draft", &draft),
        ("form", &form),
        ("/email", "ann@example.com"),
    ];
    web.form(&format!("{path}/draft"), &fields).send().await.expect("an answer");
    let folder = home.state().join("drafts/web");
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    };
    assert_eq!((mode(&folder), mode(&folder.join(format!("{draft}.json")))), (0o700, 0o600));
    // Of another profile there is no such draft, nor one by a made up name.
    let foreign = web.form("/profile/draft", &fields).send().await.expect("an answer");
    assert_eq!(foreign.status(), 410);
    for id in ["../../../sign-in", "", "00000000-0000-0000-0000-000000000000"] {
        let fields = [("csrf", token.as_str()), ("draft", id)];
        let gone = web.form(&format!("{path}/update"), &fields).send().await.expect("an answer");
        assert_eq!(gone.status(), 410, "{id}");
        assert!(
            gone.text()
                .await
                .expect("a page")
                .contains("These changes are not kept here any more.")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_it_is_interrupted_and_says_what_is_kept() {
    let (_emulator, _home, mut web) = started().await;
    web.page("/customers").await;
    let id = i32::try_from(web.child.id()).expect("an id");
    let killed = std::process::Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(killed.expect("a process").success());
    let ended = web.child.wait().expect("an end");
    let mut said = String::new();
    std::io::Read::read_to_string(web.child.stderr.as_mut().expect("a pipe"), &mut said)
        .expect("a text");
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("what was typed and not submitted is kept for the next time"), "{said}");
    let mut rest = String::new();
    web.stdout.read_line(&mut rest).expect("a text");
    assert_eq!(rest, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_said() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ran = home.run(&["--emulator", "web", "--no-browser", "--port", &port]);
    assert_eq!((ran.code, &*ran.stdout), (Some(1), ""));
    assert!(
        ran.stderr.contains(&format!("port {port} of 127.0.0.1 cannot be had")),
        "{}",
        ran.stderr
    );
    assert_eq!(home.run(&["web", "--idle", "0"]).code, Some(2));
    assert_eq!(home.run(&["web", "--no-browser"]).code, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_alone_has_no_own_profile() {
    let emulator = Emulator::start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    let home = home.with("PARTNER_CENTER_ACCESS_TOKEN", APP_ONLY_TOKEN);
    let web = Web::start(&home).await;
    // A token that is given is taken for a user's: it is the service that refuses.
    let refused = web.page("/profile").await;
    assert_eq!(refused.status(), 403);
    assert_eq!(web.page(&format!("/customers/{CUSTOMER}")).await.status(), 200);
}

#[test]
fn its_colours_are_those_of_the_page_of_the_contract() {
    let root = env!("CARGO_MANIFEST_DIR");
    let colours = |path: &str| {
        let css = std::fs::read_to_string(format!("{root}/{path}")).expect("a style");
        let found: Vec<_> = css
            .lines()
            .filter(|line| line.contains(": #"))
            .map(|it| it.trim().to_owned())
            .collect();
        found
    };
    let ours = colours("src/web/web.css");
    assert!(ours.len() >= 15, "{ours:?}");
    assert_eq!(ours, colours("../openapi-docs/src/page.css"));
}

#[test]
fn the_script_is_the_one_that_was_published() {
    use sha2::{Digest, Sha256};
    let script = include_bytes!("../../src/web/htmx.js");
    // Of dist/htmx.min.js in htmx.org 4.0.1.
    let hash =
        Sha256::digest(script).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
    assert_eq!(hash, "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130");
}

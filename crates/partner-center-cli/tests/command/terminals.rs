//! What is asked on a terminal, and what is shown there.

use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use partner_center_emulator::Emulator;
use partner_center_tests::Recorder;
use rexpect::session::{PtySession, spawn_command};

use crate::home::{CUSTOMER, Home};

const FIRST: &[u8] = br#"{"firstName":"A","email":"a@b","attributes":{"etag":"1"}}"#;
const THEIRS: &[u8] = br#"{"firstName":"B","email":"c@d","attributes":{"etag":"2"}}"#;
const WRITTEN: &[u8] = br#"{"firstName":"B","email":"m@m","attributes":{"etag":"3"}}"#;
const SET: [&str; 4] = ["customer", "billing-profile", "set", CUSTOMER];

/// The command on a terminal of its own.
fn terminal(home: &Home, more: &[&str]) -> PtySession {
    on_terminal(home, &[&SET[..], more].concat())
}

pub(crate) fn on_terminal(home: &Home, arguments: &[&str]) -> PtySession {
    let mut command = home.command(arguments);
    let mut clean = Command::new(command.get_program());
    clean.args(command.get_args()).env_clear().env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        clean.env(name, value.unwrap_or(std::ffi::OsStr::from_bytes(b"")));
    }
    // Its streams are to be those of the terminal.
    command = clean;
    spawn_command(command, Some(20_000)).expect("a terminal")
}

async fn service() -> (Recorder, Home) {
    let answers = [(200, "", FIRST), (409, "", &b""[..]), (200, "", THEIRS), (200, "", WRITTEN)];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = Home::calling(service.url());
    (service, home)
}

/// The exit code, of which the crate names no type.
pub(crate) fn code(session: &PtySession) -> i32 {
    let status = format!("{:?}", session.process().wait().expect("a process"));
    let code = status.strip_prefix("Exited(").and_then(|rest| rest.rsplit_once(", "));
    code.and_then(|(_, code)| code.strip_suffix(')')?.parse().ok()).expect(&status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_picks_for_each_member_that_conflicts() {
    let (service, home) = service().await;
    let mut session = terminal(&home, &["--email", "m@m", "--first-name", "M"]);
    for (member, base, yours, theirs, answer) in
        [("first-name", "A", "M", "B", "theirs"), ("email", "a@b", "m@m", "c@d", "y")]
    {
        session.exp_string(&format!("both sides changed {member}:")).expect("a question");
        for (whose, value) in [("base", base), ("yours", yours), ("theirs", theirs)] {
            session.exp_string(&format!("{whose:<6}  \"{value}\"")).expect("a value");
        }
        session.exp_string("[y]ours, [t]heirs, or [q]uit?").expect("a question");
        if answer == "y" {
            session.send_line("what?").expect("an answer");
            session.exp_string("[q]uit?").expect("the question again");
        }
        session.send_line(answer).expect("an answer");
    }
    session.exp_string("merged:").expect("what will be written");
    session.exp_string("written; the ETag is \"3\" now").expect("the end");
    session.exp_eof().expect("the end");
    assert_eq!(code(&session), 0);
    let requests = service.requests();
    assert!(
        requests[3].ends_with(r#"{"firstName":"B","email":"m@m","attributes":{"etag":"2"}}"#),
        "{}",
        requests[3]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_quits_writes_nothing() {
    let (service, home) = service().await;
    let mut session = terminal(&home, &["--email", "m@m"]);
    session.exp_string("[q]uit?").expect("a question");
    session.send_line("q").expect("an answer");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("the conflict is left, and nothing was written"), "{rest}");
    assert_eq!((code(&session), service.requests().len()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_merged_is_written_when_the_person_agrees() {
    for (answer, expected) in [("y", (0, 4)), ("", (3, 3))] {
        let (service, home) = service().await;
        let mut session = terminal(&home, &["--last-name", "M"]);
        session.exp_string("write yours onto theirs? [y/N]").expect("a question");
        session.send_line(answer).expect("an answer");
        session.exp_eof().expect("the end");
        assert_eq!((code(&session), service.requests().len()), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_what_is_waited_for() {
    // A second is what the service asks for, and the least that it can.
    let answers = [(429, "retry-after: 1\r\n", &b""[..]), (200, "", FIRST)];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = Home::calling(service.url());
    let mut session = terminal(&home, &["--email", "m@m", "--dry-run"]);
    session.exp_string("waiting: calls are throttled (").expect("a wait");
    // Nothing of it is left when it is over: the line was cleared before the next thing was printed.
    let before = session.exp_string("~ email").expect("the difference");
    assert!(before.ends_with("\u{1b}[2K\u{1b}[33m"), "{before:?}");
    session.exp_eof().expect("the end");
    assert_eq!(code(&session), 0);
    let service = Recorder::start(200, FIRST).await.expect("a service");
    let home = Home::calling(service.url());
    let home_without = Home::calling(service.url()).with("NO_COLOR", "1");
    for (home, more, colours) in
        [(&home, &[][..], true), (&home, &["--no-color"], false), (&home_without, &[], false)]
    {
        let arguments = [&["--email", "m@m", "--dry-run"], more].concat();
        let mut session = terminal(home, &arguments);
        let shown = session.exp_eof().expect("the end");
        assert_eq!(shown.contains("\u{1b}[33m"), colours, "{shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_how_far_an_export_is_and_that_it_is_throttled() {
    let emulator = Emulator::builder().customers(8).start().await.expect("an emulator");
    let throttle = "fault=throttle,retryAfter=1,nth=3,operation=getCustomerBillingProfile";
    emulator.add_fault(throttle.parse().expect("a fault"));
    let home = Home::calling(&emulator.url());
    let file = home.path().join("a.csv").display().to_string();
    let mut session = on_terminal(&home, &["export", "--file", &file, "--concurrency", "1"]);
    session
        .exp_string("reading billing profiles: 2 done  waiting: calls are throttled (")
        .expect("a wait");
    session.exp_string("10 customers written").expect("the end");
    session.exp_eof().expect("the end");
    assert_eq!(code(&session), 0);

    let slow = "fault=latency,ms=60000,nth=3,operation=getCustomerBillingProfile";
    emulator.add_fault(slow.parse().expect("a fault"));
    std::fs::remove_file(&file).expect("a file");
    let mut session = on_terminal(&home, &["export", "--file", &file, "--concurrency", "1"]);
    session.exp_string(": 2 done").expect("two");
    session.send_control('c').expect("an interrupt");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("are whole: go on with --resume"), "{rest}");
    assert_eq!(code(&session), 130);
    let rows = std::fs::read_to_string(&file).expect("a file");
    assert_eq!(rows.lines().count(), 3, "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_interrupts_is_told_what_became_of_it() {
    let (service, home) = service().await;
    let mut session = terminal(&home, &["--email", "m@m"]);
    session.exp_string("[q]uit?").expect("a question");
    session.send_control('c').expect("an interrupt");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("interrupted"), "{rest}");
    assert_eq!((code(&session), service.requests().len()), (130, 3));

    // In the middle of an update, nobody knows.
    let emulator = Emulator::start().await.expect("an emulator");
    let fault = "fault=latency,ms=60000,operation=updateCustomerBillingProfile".parse();
    emulator.add_fault(fault.expect("a fault"));
    let home = Home::calling(&emulator.url());
    let mut session = terminal(&home, &["--email", "m@m"]);
    session.exp_string("writing the billing profile").expect("an update");
    session.send_control('c').expect("an interrupt");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("the update may have been written"), "{rest}");
    assert_eq!(code(&session), 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_a_suggestion_writes_it_as_it_is_or_quits() {
    for (answer, line, code_of_it) in
        [("1", Some("1 Microsoft Way"), 0), ("w", Some("Microsoft Way"), 0), ("q", None, 7)]
    {
        let emulator = Emulator::builder().strict(true).start().await.expect("an emulator");
        let home = Home::calling(&emulator.url());
        let more = ["--address-line-1", "Microsoft Way", "--address-state", "WA"];
        let mut session = terminal(&home, &more);
        session.exp_string("its status is StreetPartial").expect("what was found");
        session.exp_string("suggestion 1:").expect("a suggestion");
        session.exp_string("\"98052\" -> \"98052-6399\"").expect("what it changes");
        session
            .exp_string("take suggestion [1], [w]rite it as it is, or [q]uit?")
            .expect("a question");
        session.send_line("2").expect("an answer");
        session.exp_string("[q]uit?").expect("the question again");
        session.send_line(answer).expect("an answer");
        session.exp_eof().expect("the end");
        assert_eq!(code(&session), code_of_it, "{answer}");
        let written = emulator.journal().into_iter().find(|it| it.committed);
        let written = written.map(|it| String::from_utf8_lossy(&it.request_body).into_owned());
        let expected = line.map(|line| format!("\"addressLine1\":\"{line}\""));
        match (written, expected) {
            (Some(body), Some(line)) => assert!(body.contains(&line), "{body}"),
            (None, None) => {}
            other => panic!("{answer}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_what_breaks_the_rules_and_may_go_without_a_check() {
    let emulator = Emulator::builder().strict(true).start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    let mut session = terminal(&home, &["--language", "de"]);
    session.exp_string("the language is unknown").expect("a violation");
    session.exp_string("write one of en, es").expect("how to fix it");
    session.exp_string("[w]rite it as it is, or [q]uit?").expect("a question");
    session.send_line("q").expect("an answer");
    session.exp_eof().expect("the end");
    assert_eq!(code(&session), 7);
    // What cannot be checked is written.
    emulator
        .add_fault("fault=refuse,operation=getCountryValidationRules".parse().expect("a fault"));
    let mut session = terminal(&home, &["--language", "de"]);
    session.exp_string("it is written without a check").expect("a note");
    session.exp_eof().expect("the end");
    assert_eq!(code(&session), 0);
    let asked = emulator.journal().len();
    let mut session = terminal(&home, &["--language", "fr", "--no-validate"]);
    session.exp_eof().expect("the end");
    assert_eq!((code(&session), emulator.journal().len()), (0, asked + 2));
}

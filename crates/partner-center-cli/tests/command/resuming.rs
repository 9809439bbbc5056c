//! Runs of `apply` that are ended, and go on: killed, interrupted, on a full disk, without a service.

use std::collections::BTreeMap;
use std::process::Child;
use std::time::{Duration, Instant};

use partner_center_emulator::Emulator;

use crate::applying::{PUT, committed, emulator, overwrite};
use crate::home::{CUSTOMER, Home};

/// How many runs are killed; more if this variable says so.
const KILLS: &str = "APPLY_KILLS";

/// Exports all customers, and gives each another last name.
fn renamed(home: &Home, name: &str) -> String {
    let exported = home.run(&["export", "--columns", "last-name"]).stdout;
    let mut rows = exported.lines();
    let mut text = format!("{}\r\n", rows.next().expect("names"));
    for (number, row) in rows.enumerate() {
        let (rest, _) = row.rsplit_once(',').expect("a cell");
        text.extend([rest, ",", name, &number.to_string(), "\r\n"]);
    }
    home.rows("rows.csv", &text)
}

/// How often the profile of each customer was given such a name.
fn changes(emulator: &Emulator, name: &str) -> BTreeMap<String, usize> {
    let mut changes = BTreeMap::new();
    for exchange in emulator.journal().into_iter().filter(|one| one.committed) {
        if String::from_utf8_lossy(&exchange.request_body).contains(&format!("\"{name}")) {
            *changes.entry(exchange.path).or_default() += 1;
        }
    }
    changes
}

fn is_there(home: &Home) -> bool {
    home.path().join("rows.csv.journal").exists()
}

fn begin(home: &Home, file: &str, more: &[&str]) -> Child {
    let arguments = [&["apply", file, "--yes", "--concurrency", "4"], more].concat();
    home.command(&arguments).spawn().expect("a process")
}

/// Waits until so many profiles are changed.
fn wait_for(emulator: &Emulator, many: usize) {
    let begun = Instant::now();
    while committed(emulator) < many {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} changed", committed(emulator));
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_goes_on_and_writes_nothing_twice() {
    let kills = std::env::var(KILLS).ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let (emulator, home) =
        emulator(40, &["fault=latency,ms=4,operation=updateCustomerBillingProfile"]).await;
    let mut random = fastrand::Rng::with_seed(7);
    let (mut killed, mut round) = (0, 0);
    while killed < kills {
        round += 1;
        let name = format!("R{round}x");
        let file = renamed(&home, &name);
        assert_eq!(home.run(&["apply", &file]).code, Some(0));
        while is_there(&home) && killed < kills {
            let mut child = begin(&home, &file, &["--resume"]);
            std::thread::sleep(Duration::from_millis(random.u64(20..160)));
            child.kill().expect("a signal");
            child.wait().expect("an end");
            killed += usize::from(is_there(&home));
        }
        if is_there(&home) {
            // What was on its way when it was killed has come.
            std::thread::sleep(Duration::from_millis(20));
            let ran = home.run(&["apply", &file, "--resume", "--yes"]);
            assert_eq!(ran.code, Some(0), "{}", ran.transcript);
        }
        assert!(!is_there(&home));
        let changes = changes(&emulator, &name);
        assert_eq!(changes.len(), 42, "round {round}: none is lost");
        assert!(changes.values().all(|times| *times == 1), "round {round}: {changes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_interrupts_it_has_what_is_in_flight_finished() {
    let (emulator, home) = emulator(40, &["fault=latency,ms=30"]).await;
    let file = renamed(&home, "I");
    let child = begin(&home, &file, &[]);
    wait_for(&emulator, 4);
    let id = i32::try_from(child.id()).expect("an id");
    let sent = std::process::Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(sent.expect("kill").success());
    let output = child.wait_with_output().expect("an end");
    let ran = home.ran(&["apply"], &output);
    assert_eq!(ran.code, Some(130), "{}", ran.transcript);
    for said in ["what is in flight is finished", "interrupted", "--resume` goes on", "left"] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let so_far = committed(&emulator);
    assert!((4..42).contains(&so_far), "{so_far}");
    // What was in flight has its outcome: nothing is read again.
    let reads = emulator.journal().len();
    let ran = home.run(&["apply", &file, "--resume"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 42), "{}", ran.transcript);
    assert_eq!(emulator.journal().len() - reads, 42 - so_far);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_has_a_journal_and_the_file_is_the_one_that_was_planned() {
    let (emulator, home) = emulator(20, &["fault=latency,ms=800,operation=update"]).await;
    let file = renamed(&home, "O");
    let mut first = begin(&home, &file, &[]);
    wait_for(&emulator, 2);
    // Nor is it taken away from it.
    for more in ["--yes", "--resume", "--discard"] {
        let ran = home.run(&["apply", &file, more]);
        assert_eq!(ran.code, Some(6), "{}", ran.transcript);
        assert!(ran.stderr.contains("open in another process"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("forgets it"), "{}", ran.stderr);
    }
    let trial = home.run(&["apply", &file, "--dry-run"]);
    assert!(trial.code == Some(0) && is_there(&home), "{}", trial.transcript);
    first.kill().expect("a signal");
    first.wait().expect("an end");
    let ran = home.run(&["apply", &file, "--yes"]);
    assert_eq!(ran.code, Some(2), "{}", ran.transcript);
    assert!(ran.stderr.contains("an earlier run of this file was not finished"), "{}", ran.stderr);
    let before = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, before.replace("O1\r", "changed\r")).expect("a file");
    let ran = home.run(&["apply", &file, "--resume"]);
    assert_eq!(ran.code, Some(2), "{}", ran.transcript);
    assert!(ran.stderr.contains("was changed since it was planned"), "{}", ran.stderr);
    emulator.clear_faults();
    let ran = home.run(&["apply", &file, "--discard", "--yes"]);
    // Those that were written have another version now.
    assert!(matches!(ran.code, Some(0 | 3)), "{}", ran.transcript);
    assert!(!is_there(&home));
    // What is no journal is nobody's to remove; what is a broken one may be.
    let journal = home.path().join("rows.csv.journal");
    std::fs::write(&journal, "something else").expect("a file");
    for more in ["--yes", "--resume", "--discard"] {
        let ran = home.run(&["apply", &file, more]);
        assert_eq!(ran.code, Some(2), "{}", ran.transcript);
        assert!(ran.stderr.contains("is no journal"), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(&journal).expect("a file"), b"something else");
    std::fs::write(&journal, "redb and then nothing").expect("a file");
    for more in ["--yes", "--resume"] {
        let ran = home.run(&["apply", &file, more]);
        assert_eq!(ran.code, Some(1), "{}", ran.transcript);
        assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--discard forgets it"), "{}", ran.stderr);
    }
    let ran = home.run(&["apply", &file, "--discard", "--yes"]);
    assert!(matches!(ran.code, Some(0 | 3)) && !is_there(&home), "{}", ran.transcript);
    // Whoever made it was ended before it was begun.
    std::fs::write(&journal, "").expect("a file");
    let ran = home.run(&["apply", &file, "--yes"]);
    assert!(matches!(ran.code, Some(0 | 3)) && !is_there(&home), "{}", ran.transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_all_ends_the_run_and_it_goes_on_when_that_is_over() {
    for (fault, code) in [
        (format!("fault=refuse,status=401,operation={PUT}"), 4),
        (format!("fault=close-before-commit,operation={PUT}"), 6),
        (format!("fault=error,status=503,operation={PUT}"), 6),
    ] {
        let (emulator, home) = emulator(10, &[]).await;
        let file = renamed(&home, "E");
        emulator.add_fault(fault.parse().expect("a fault"));
        let ran = home.run(&["apply", &file, "--yes", "--concurrency", "2"]);
        assert_eq!(ran.code, Some(code), "{fault}: {}", ran.transcript);
        assert!(ran.stderr.contains("--resume` goes on"), "{}", ran.stderr);
        assert_eq!(committed(&emulator), 0, "{fault}");
        emulator.clear_faults();
        let ran = home.run(&["apply", &file, "--resume"]);
        assert_eq!((ran.code, committed(&emulator)), (Some(0), 12), "{fault}: {}", ran.transcript);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_throttling_are_got_over() {
    let faults = [
        format!("fault=close-after-commit,operation={PUT},nth=2"),
        format!("fault=throttle,operation={PUT},nth=5"),
        format!("fault=close-before-commit,operation={PUT},nth=8"),
    ];
    let faults: Vec<_> = faults.iter().map(String::as_str).collect();
    let (emulator, home) = emulator(10, &faults).await;
    let file = renamed(&home, "L");
    let ran = home.run(&[
        "apply",
        &file,
        "--yes",
        "--report",
        &home.path().join("r.csv").display().to_string(),
    ]);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 12), "{}", ran.transcript);
    // Three answers that were none.
    assert!(changes(&emulator, "L").values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_that_finds_no_room_in_the_journal() {
    let (emulator, home) = emulator(300, &[]).await;
    let file = renamed(&home, "D");
    // More than the plan takes, and less than the outcomes do; or less than the plan.
    for blocks in [300, 600, 1200, 2400] {
        let program = env!("CARGO_BIN_EXE_partner-center");
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {program} apply '{file}' --yes >/dev/null"
        );
        let command = home.command(&[]);
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .env_clear()
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .output()
            .expect("a shell");
        let ran = home.ran(&["apply"], &output);
        let written = committed(&emulator);
        if ran.code == Some(0) {
            assert_eq!(written, 302);
            break;
        }
        assert!(ran.stderr.contains("the journal cannot be written"), "{}", ran.transcript);
        let done = if is_there(&home) {
            let ran = home.run(&["apply", &file, "--resume", "--yes", "-o", "json"]);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            true
        } else {
            assert_eq!(written, 0, "the plan was not whole");
            false
        };
        let changes = changes(&emulator, "D");
        assert!(changes.values().all(|times| *times == 1), "{blocks}: {changes:?}");
        assert_eq!(changes.len(), if done { 302 } else { 0 }, "{blocks}");
        if done {
            break;
        }
    }
    assert_eq!(changes(&emulator, "D").len(), 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_emulator_goes_on_at_another_address() {
    let home = Home::new();
    let exported = home.run(&["--emulator", "export", "--columns", "email"]).stdout;
    let file = home.rows("rows.csv", &exported.replace("email@sample.com", "new@example.com"));
    let ran = home.run(&["--emulator", "apply", &file]);
    assert_eq!(ran.code, Some(0), "{}", ran.transcript);
    let ran = home.run(&["--emulator", "apply", &file, "--resume", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.transcript);
    let shown = home.run(&["--emulator", "customer", "billing-profile", "show", CUSTOMER]);
    assert!(shown.stdout.contains("new@example.com"), "{}", shown.transcript);
    // A plan is for the service that it was made for.
    let (service, other) = emulator(0, &[]).await;
    overwrite(&service, CUSTOMER, &serde_json::json!({"email": "email@sample.com"}));
    let exported = other.run(&["export", "--columns", "email"]).stdout;
    let file = home.rows("rows.csv", &exported.replace("email@sample.com", "2@example.com"));
    assert_eq!(other.run(&["apply", &file]).code, Some(0));
    let ran = home.run(&["--emulator", "apply", &file, "--resume", "--yes"]);
    assert_eq!((ran.code, committed(&service)), (Some(2), 0), "{}", ran.transcript);
    assert!(ran.stderr.contains("the plan is for another service"), "{}", ran.stderr);
}

//! Writing the rows of a file: the plan, what is left out of it, what is agreed to, and what is reported.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use partner_center_emulator::{Emulator, NO_ROLE_TOKEN, OTHER_CUSTOMER, STRANGER_CUSTOMER};
use serde_json::{Value, json};

use crate::customers::named;
use crate::home::{CUSTOMER, Home, Ran};
use crate::snapshot;
use crate::terminals::{code, on_terminal};

pub(crate) const PUT: &str = "updateCustomerBillingProfile";

pub(crate) async fn emulator(customers: usize, faults: &[&str]) -> (Emulator, Home) {
    let builder = Emulator::builder().strict(true).customers(customers).journal(100_000);
    let emulator = builder.start().await.expect("an emulator");
    for fault in faults {
        emulator.add_fault(fault.parse().expect("a fault"));
    }
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

/// How many requests changed a profile.
pub(crate) fn committed(emulator: &Emulator) -> usize {
    emulator.journal().iter().filter(|one| one.committed).count()
}

/// What the service has of a customer.
pub(crate) fn kept(emulator: &Emulator, customer: &str, pointer: &str) -> Value {
    emulator.state()["customers"][customer].pointer(pointer).cloned().unwrap_or_default()
}

pub(crate) fn overwrite(emulator: &Emulator, customer: &str, change: &Value) {
    let change = change.as_object().expect("an object");
    assert!(emulator.overwrite(Some(customer), change), "{customer}");
}

impl Home {
    pub(crate) fn apply(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["apply"], arguments].concat())
    }

    /// Writes a file, and gives its name.
    pub(crate) fn rows(&self, name: &str, contents: &str) -> String {
        self.write(name, contents).display().to_string()
    }
}

pub(crate) fn parsed(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.stdout).expect(&ran.transcript)
}

/// The outcomes by their lines.
pub(crate) fn outcomes(ran: &Ran) -> Vec<(u64, String)> {
    let rows = parsed(ran).into_iter();
    rows.map(|row| {
        (row["line"].as_u64().expect("a line"), row["outcome"].as_str().expect("a text").to_owned())
    })
    .collect()
}

fn two(home: &Home) -> String {
    let rows =
        format!("customer,email\n{CUSTOMER},a@example.com\n{OTHER_CUSTOMER},b@example.com\n");
    home.rows("two.csv", &rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_shown_and_nothing_is_written_before_it_is_agreed_to() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = two(&home);
    let journal = home.path().join("two.csv.journal");
    for more in [&["--dry-run"][..], &["--dry-run", "-o", "json"], &["--dry-run", "-o", "yaml"]] {
        let ran = home.apply(&[&[&*file], more].concat());
        assert_eq!((ran.code, committed(&emulator)), (Some(0), 0), "{}", ran.transcript);
        assert!(!journal.exists(), "nothing is kept of a trial");
        match more {
            [_] => snapshot!("apply-dry-run", ran),
            [.., "json"] => snapshot!("apply-dry-run-json", ran),
            _ => snapshot!("apply-dry-run-yaml", ran),
        }
    }
    // Nobody is there to ask.
    let kept = home.apply(&[&file]);
    snapshot!("apply-kept", kept);
    assert_eq!(committed(&emulator), 0);
    let mode = std::fs::metadata(&journal).expect("a journal").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let read = emulator.journal().len();
    let ran = home.apply(&[&file, "--resume", "--yes"]);
    snapshot!("apply-resume-yes", ran);
    assert_eq!((committed(&emulator), emulator.journal().len() - read), (2, 2), "no GET");
    assert!(!journal.exists());
    // There is nothing left to do, and nothing to go on with.
    let ran = home.apply(&[&file, "--yes"]);
    snapshot!("apply-unchanged", ran);
    assert_eq!(committed(&emulator), 2);
    let ran = home.apply(&[&file, "--resume"]);
    assert_eq!(ran.code, Some(2), "{}", ran.transcript);
    assert!(ran.stderr.contains("leave out --resume to begin"), "{}", ran.stderr);
    let ran = home.apply(&[&file, "--dry-run", "--yes"]);
    assert_eq!(ran.code, Some(2), "{}", ran.transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_agrees_or_not() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = two(&home);
    for answer in ["n", "", "maybe"] {
        let mut session = on_terminal(&home, &["apply", &file]);
        session.exp_string("a@example.com").expect("the plan");
        session.exp_string("write to 2 customers? [y/N]").expect("a question");
        session.send_line(answer).expect("an answer");
        let rest = session.exp_eof().expect("the end");
        assert!(rest.contains("nothing was written; the plan is kept"), "{rest}");
        assert_eq!((code(&session), committed(&emulator)), (0, 0), "{answer}");
    }
    let mut session = on_terminal(&home, &["apply", &file, "--resume"]);
    session.exp_string("a@example.com").expect("the plan");
    session.exp_string("[y/N]").expect("a question");
    session.send_control('c').expect("an interrupt");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("nothing was written"), "{rest}");
    assert_eq!((code(&session), committed(&emulator)), (130, 0));
    let mut session = on_terminal(&home, &["apply", &file]);
    session.exp_string("[y/N]").expect("a question");
    session.send_line("y").expect("an answer");
    let rest = session.exp_eof().expect("the end");
    assert!(rest.contains("customers: 2 written"), "{rest}");
    assert_eq!((code(&session), committed(&emulator)), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_written_is_refused_with_the_reason() {
    // It cannot save what was changed, and says so when it has changed it.
    let (emulator, home) = named(&[("Twice", "one.example"), ("twice", "two.example")]).await;
    let rows = format!(
        "customer,domain,company,email,address-country,address-postal-code,address-city,culture\n\
         {CUSTOMER},,,new@example.com,,,,\n\
         {OTHER_CUSTOMER},,,,,1234,,\n\
         00000000-0000-0000-0000-000000000000,,,a@example.com,,,,\n\
         {STRANGER_CUSTOMER},,,a@example.com,,,,\n\
         ,,Twice,a@example.com,,,,\n\
         ,nowhere.example,,a@example.com,,,,\n"
    );
    let file = home.rows("rows.csv", &rows);
    let report = home.path().join("report.csv");
    let ran = home.apply(&[&file, "--yes", "--report", &report.display().to_string()]);
    assert_eq!(committed(&emulator), 1);
    snapshot!("apply-refused", ran);
    let text = std::fs::read_to_string(&report).expect("a report");
    assert!(text.starts_with("\u{feff}line,customer,company,outcome,member,before,after,why,"));
    assert_eq!(text.matches(",refused,").count(), 5, "{text}");
    assert_eq!(text.matches(",written,email,").count(), 1, "{text}");
    let mode = std::fs::metadata(&report).expect("a report").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // All are refused, or as they are to be: the report is there as well.
    let ran =
        home.apply(&[&file, "--yes", "-o", "json", "--report", &report.display().to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.transcript);
    let by_line = outcomes(&ran);
    assert_eq!(by_line[0], (2, "unchanged".to_owned()));
    assert_eq!(by_line.iter().filter(|(_, outcome)| outcome == "refused").count(), 5);
    let text = std::fs::read_to_string(&report).expect("a report");
    assert!(text.contains(",unchanged,"), "{text}");
    // What the rules refuse is the service's to decide if they are left to it.
    let file =
        home.rows("one.csv", &format!("customer,address-postal-code\n{OTHER_CUSTOMER},1234\n"));
    let ran = home.apply(&[&file, "--yes", "--no-validate"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 2), "{}", ran.transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_another_version_or_another_profile_is_left_out() {
    let (emulator, home) = emulator(1, &[]).await;
    let exported = home.run(&["export"]).stdout;
    let file = home.rows("all.csv", &exported.replace(",US,", ",GB,").replace("98052", "SW1A 1AA"));
    overwrite(&emulator, CUSTOMER, &json!({"email": "theirs@example.com"}));
    let ran = home.apply(&[&file, "--yes", "--no-validate", "-o", "json"]);
    assert_eq!(ran.code, Some(3), "{}", ran.transcript);
    let why = parsed(&ran);
    let row = why.iter().find(|row| row["customer"] == CUSTOMER).expect("a row");
    assert_eq!(row["outcome"], "conflict");
    assert!(row["why"][0].as_str().expect("why").contains("export it again"), "{row}");
    assert_eq!(kept(&emulator, CUSTOMER, "/email"), "theirs@example.com");
    assert_eq!(committed(&emulator), 2);
    // The same file again: what is there is as the rows have it, and their versions are of before.
    let ran = home.apply(&[&file, "--yes", "--no-validate", "-o", "json"]);
    let outcomes = outcomes(&ran);
    assert_eq!(
        outcomes.iter().filter(|(_, it)| it == "unchanged").count(),
        2,
        "{}",
        ran.transcript
    );
    assert_eq!((ran.code, committed(&emulator)), (Some(3), 2), "{}", ran.transcript);
    // A member that belongs to the service, and is another one.
    let id = kept(&emulator, CUSTOMER, "/id").as_str().expect("an id").to_owned();
    for (id, outcome) in [(&*id, "planned"), (OTHER_CUSTOMER, "refused")] {
        let rows = format!("customer,id,email\n{CUSTOMER},{id},m@example.com\n");
        let ran = home.apply(&[&home.rows("id.csv", &rows), "--dry-run", "-o", "json"]);
        assert_eq!(parsed(&ran)[0]["outcome"], outcome, "{}", ran.transcript);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_changed_is_merged_or_left_and_reported() {
    let (emulator, home) = emulator(1, &[]).await;
    let third =
        emulator.state()["customers"].as_object().expect("customers").keys().find_map(|id| {
            (![CUSTOMER, OTHER_CUSTOMER, STRANGER_CUSTOMER].contains(&&**id)).then(|| id.clone())
        });
    let third = third.expect("a customer");
    let rows = format!(
        "customer,email\n{CUSTOMER},a@example.com\n{OTHER_CUSTOMER},b@example.com\n{third},c@example.com\n"
    );
    let file = home.rows("rows.csv", &rows);
    assert_eq!(home.apply(&[&file]).code, Some(0));
    overwrite(&emulator, CUSTOMER, &json!({"email": "theirs@example.com"}));
    overwrite(&emulator, OTHER_CUSTOMER, &json!({"lastName": "Theirs"}));
    overwrite(&emulator, &third, &json!({"email": "c@example.com"}));
    let report = home.path().join("report.csv");
    let resume = [&*file, "--resume", "--yes", "--report", &report.display().to_string()];
    let ran = home.apply(&resume);
    snapshot!("apply-conflict", ran);
    assert_eq!(kept(&emulator, CUSTOMER, "/email"), "theirs@example.com");
    assert_eq!(kept(&emulator, OTHER_CUSTOMER, "/lastName"), "Theirs");
    assert_eq!(kept(&emulator, OTHER_CUSTOMER, "/email"), "b@example.com");
    let text = std::fs::read_to_string(&report).expect("a report");
    for (outcome, why) in [("conflict", "others changed email too"), ("merged", "")] {
        let row = text.lines().find(|row| row.contains(&format!(",{outcome},"))).expect(outcome);
        assert!(row.contains(why), "{row}");
    }
    assert!(!home.path().join("rows.csv.journal").exists(), "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_found_wanting_before_anyone_is_asked() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = home.rows(
        "bad.csv",
        &format!("customer,emial,email,etag\n{CUSTOMER},,x,\n{CUSTOMER},,=1+1,1E+10\nx,,,\n"),
    );
    snapshot!("apply-mistakes", home.apply(&[&file, "--yes"]));
    for contents in ["", "customer,email\n", "\n\n", "customer\n"] {
        let ran = home.apply(&[&home.rows("empty.csv", contents), "--yes"]);
        assert_eq!(ran.code, Some(2), "{contents:?}: {}", ran.transcript);
    }
    let missing = home.path().join("none.csv").display().to_string();
    for (arguments, why) in [
        (&[&*missing][..], "cannot be read"),
        (&[&home.path().display().to_string()], "is no file"),
        (&["/dev/null"], "is no file"),
        (&[&missing, "--resume", "--discard"], "cannot be used with"),
        (&[&missing, "--resume", "--no-validate"], "cannot be used with"),
        (&[&missing, "--concurrency", "0"], "0 is not in"),
    ] {
        let ran = home.apply(arguments);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{}", ran.transcript);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
    assert_eq!(emulator.journal().len(), 0, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_json_lines_set_what_has_no_name_and_one_customer_is_written_once() {
    let (emulator, home) = emulator(0, &[]).await;
    let rows = format!(
        "{{\"customer\":\"{CUSTOMER}\",\"profile\":{{\"email\":\"j@example.com\",\"price\":1.50}}}}\n"
    );
    let ran = home.apply(&[&home.rows("rows.jsonl", &rows), "--yes", "--no-validate"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 1), "{}", ran.transcript);
    let sent = emulator.journal().into_iter().find(|one| one.committed).expect("a PUT");
    let sent = String::from_utf8_lossy(&sent.request_body).into_owned();
    assert!(sent.contains("\"price\":1.50") && sent.contains("j@example.com"), "{sent}");
    // By its id and by its domain: the first counts, whichever is read first.
    let domain = emulator.state()["companies"][CUSTOMER]["domain"].clone();
    let domain = domain.as_str().expect("a domain");
    for _ in 0..5 {
        let rows =
            format!("customer,domain,email\n,{domain},1@example.com\n{CUSTOMER},,2@example.com\n");
        let ran = home.apply(&[&home.rows("twice.csv", &rows), "--dry-run", "-o", "json"]);
        assert_eq!(
            outcomes(&ran),
            [(2, "planned".to_owned()), (3, "refused".to_owned())],
            "{}",
            ran.transcript
        );
    }
}

/// Where a folder has no name.
fn run_in(home: &Home, folder: &Path, arguments: &[&str]) -> Ran {
    let output = home.command(arguments).current_dir(folder).output().expect("a process");
    home.ran(arguments, &output)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_where_it_can_be_written_or_nothing_is() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = two(&home);
    let folder = home.path().join("a folder");
    std::fs::create_dir(&folder).expect("a folder");
    let before = std::fs::read(&file).expect("a file");
    let folder_name = folder.display().to_string();
    for report in [&*file, &folder_name, "/proc/none/report.csv"] {
        let ran = home.apply(&[&file, "--yes", "--report", report]);
        assert_eq!((ran.code, committed(&emulator)), (Some(2), 0), "{}", ran.transcript);
    }
    assert_eq!(std::fs::read(&file).expect("a file"), before);
    // By names without a folder, and into one that is not there yet.
    std::fs::copy(&file, folder.join("rows.csv")).expect("a copy");
    let ran = run_in(&home, &folder, &["apply", "rows.csv", "--report", "out.csv"]);
    assert!(ran.stderr.contains("`partner-center apply rows.csv "), "{}", ran.stderr);
    assert!(folder.join("rows.csv.journal").is_file());
    let arguments = ["apply", "rows.csv", "--resume", "--yes", "--report", "new/out.csv"];
    let ran = run_in(&home, &folder, &arguments);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 2), "{}", ran.transcript);
    assert!(folder.join("new/out.csv").is_file() && !folder.join("rows.csv.journal").exists());
    // A journal elsewhere is named in what is to be typed.
    overwrite(&emulator, CUSTOMER, &json!({"email": "other@example.com"}));
    let ran = run_in(&home, &folder, &["apply", "rows.csv", "--journal", "the plan"]);
    assert!(ran.stderr.contains("rows.csv --journal 'the plan' --resume --yes`"), "{}", ran.stderr);
    let arguments = ["apply", "rows.csv", "--journal", "the plan", "--resume", "--yes"];
    let ran = run_in(&home, &folder, &arguments);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 3), "{}", ran.transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_no_further_stops_nothing() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = two(&home);
    let mut child =
        home.command(&["apply", &file, "--yes", "-o", "json"]).spawn().expect("a process");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("a process");
    assert_eq!((output.status.code(), committed(&emulator)), (Some(0), 2), "{output:?}");
    if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
        overwrite(&emulator, CUSTOMER, &json!({"email": "other@example.com"}));
        let mut command = home.command(&["apply", &file, "--yes"]);
        let output = command.stdout(full).output().expect("a process");
        let ran = home.ran(&["apply"], &output);
        assert_eq!((ran.code, committed(&emulator)), (Some(1), 3), "{}", ran.transcript);
        assert!(ran.stderr.contains("what was to be done is done"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_leaves_a_plan_that_is_kept() {
    let (emulator, home) = emulator(0, &[]).await;
    let file = two(&home);
    assert_eq!(home.apply(&[&file]).code, Some(0));
    let ran = home.apply(&[&file, "--dry-run"]);
    assert_eq!(ran.code, Some(0), "{}", ran.transcript);
    let names = std::fs::read_dir(home.path()).expect("a folder").count();
    assert_eq!(home.apply(&[&file, "--dry-run", "--discard"]).code, Some(2));
    assert_eq!(std::fs::read_dir(home.path()).expect("a folder").count(), names, "it left nothing");
    let ran = home.apply(&[&file, "--resume", "--yes"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(0), 2), "{}", ran.transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_no_customer_is_told_once() {
    let (emulator, home) = emulator(40, &[]).await;
    let exported = home.run(&["export", "--columns", "email"]).stdout;
    let file = home.rows("all.csv", &exported.replace("example.com", "contoso.example"));
    let home = home.with("PARTNER_CENTER_ACCESS_TOKEN", NO_ROLE_TOKEN);
    let ran = home.apply(&[&file, "--yes"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(4), 0), "{}", ran.transcript);
    for said in ["20 customers in a row", "agent", "PARTNER_CENTER_ACCESS_TOKEN"] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    assert!(!home.path().join("all.csv.journal").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_has_a_value_of_the_file() {
    let (emulator, home) =
        emulator(0, &["fault=refuse,status=400,operation=updateCustomerBillingProfile"]).await;
    let rows = format!("customer,email,first-name\n{CUSTOMER},private@example.com,Private\n");
    let file = home.rows("rows.csv", &rows);
    let ran = home.apply(&[&file, "--yes"]);
    assert_eq!((ran.code, committed(&emulator)), (Some(1), 0), "{}", ran.transcript);
    assert!(!ran.stderr.to_lowercase().contains("private"), "{}", ran.stderr);
    assert!(ran.stdout.contains("private@example.com"), "{}", ran.stdout);
    snapshot!("apply-failed", ran);
}

//! Exporting the profiles of many customers.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use partner_center_emulator::{Emulator, OTHER_CUSTOMER};
use partner_center_tests::Recorder;
use serde_json::Value;

use crate::customers::named;
use crate::home::{CUSTOMER, Home};
use crate::snapshot;

async fn emulator(customers: usize, faults: &[&str]) -> (Emulator, Home) {
    let builder = Emulator::builder().strict(true).customers(customers);
    let emulator = builder.start().await.expect("an emulator");
    for fault in faults {
        emulator.add_fault(fault.parse().expect("a fault"));
    }
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}

/// The customers of the rows of CSV, none of which has a line end in a cell.
fn ids(csv: &str) -> Vec<String> {
    csv.lines().skip(1).map(|row| row.split(',').next().expect("a cell").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_exported_for_spreadsheets_and_for_programs() {
    let (_emulator, home) = emulator(0, &[]).await;
    snapshot!("export-csv", home.run(&["export"]));
    snapshot!(
        "export-columns",
        home.run(&["export", "--columns", "Email,/defaultAddress/City,id"])
    );
    let json = home.run(&["export", "--format", "jsonl"]);
    snapshot!("export-jsonl", json);
    for line in json.stdout.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let id = row["customer"].as_str().expect("an id");
        let shown = home.run(&["customer", "billing-profile", "show", id, "-o", "json"]);
        assert!(line.ends_with(&format!(",\"profile\":{}}}", shown.stdout.trim_end())), "{line}");
    }
    for (arguments, why) in [
        (&["--columns", "nope"][..], "there is no such member"),
        (&["--columns", "email,email"], "email is given twice"),
        (&["--columns", "email", "--format", "jsonl"], "no columns"),
        (&["--resume"], "--file"),
        (&["--concurrency", "0"], "0 is not in"),
        (&["--rate", "0"], "0 is not in"),
    ] {
        let ran = home.run(&[&["export"], arguments].concat());
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{}", ran.transcript);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_exported_digit_for_digit() {
    let body = b"{\n  \"email\" : \"a@b\",\r\n  \"price\": 12345678901234567890.50,\n  \"company\\nName\": \"x\\n\"}";
    let service = Recorder::start(200, body).await.expect("a service");
    let home = Home::calling(service.url());
    home.write("ids.csv", &format!("customer\n{CUSTOMER}\n"));
    let file = home.path().join("ids.csv").display().to_string();
    let ran = home.run(&["export", "--customers", &file, "--format", "jsonl"]);
    let document = "{  \"email\" : \"a@b\",  \"price\": 12345678901234567890.50,  \"company\\nName\": \"x\\n\"}";
    assert_eq!(
        ran.stdout,
        format!(
            "{{\"customer\":\"{CUSTOMER}\",\"company\":null,\"domain\":null,\"profile\":{document}}}\n"
        )
    );
    assert_eq!(service.requests().len(), 1, "nothing else is asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_customers_are_read_at_a_time_in_the_order_of_the_list() {
    let slow = "fault=latency,ms=20,operation=getCustomerBillingProfile";
    let (emulator, home) = emulator(498, &[slow]).await;
    let begun = Instant::now();
    let ran = home.run(&["export", "--concurrency", "32", "--columns", "email"]);
    assert!(begun.elapsed() < Duration::from_secs(500 * 20 / 1000), "{:?}", begun.elapsed());
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let listed = home.run(&["customer", "list", "--all", "-o", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout).expect("JSON");
    let listed: Vec<_> = listed.iter().map(|it| it["id"].as_str().expect("an id")).collect();
    assert_eq!(
        (listed.len(), ids(&ran.stdout)),
        (500, listed.iter().map(|&it| it.to_owned()).collect())
    );

    // Three requests, each half a second after the one before.
    let sent = emulator.journal().len();
    let file =
        home.write("two.csv", &format!("customer\n{}\n{}\n{}\n", listed[0], listed[1], listed[2]));
    let begun = Instant::now();
    let file = file.display().to_string();
    let ran = home.run(&["export", "--rate", "120", "--customers", &file]);
    assert_eq!((ran.code, emulator.journal().len() - sent), (Some(0), 3));
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_killed_goes_on_where_it_was() {
    let slow = "fault=latency,ms=40,operation=getCustomerBillingProfile";
    for format in ["csv", "jsonl"] {
        let (emulator, home) = emulator(300, &[]).await;
        let whole = home.run(&["export", "--format", format]).stdout;
        emulator.add_fault(slow.parse().expect("a fault"));
        let path = home.path().join("profiles");
        let file = path.display().to_string();
        let arguments = ["export", "--format", format, "--file", &file];
        let mut child = home.command(&arguments).spawn().expect("a process");
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::fs::metadata(&path).map_or(0, |it| it.len()) < 10_000 {
            assert!(Instant::now() < deadline, "nothing is written");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("a process");
        emulator.clear_faults();
        let begun = text(&path);
        assert!(whole.starts_with(&begun) && begun.len() < whole.len(), "{format}");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // Wherever it is torn, in the first row too.
        let rows = begun.lines().count() - usize::from(format == "csv");
        for length in [begun.len(), begun.len() - 1, begun.len() - 2, begun.len() - 40, 40, 3, 0] {
            std::fs::write(&path, &begun[..length]).expect("a file");
            let sent = emulator.journal().len();
            let ran = home.run(&[&arguments[..], &["--resume"]].concat());
            assert_eq!(ran.code, Some(0), "{}", ran.transcript);
            assert_eq!(text(&path), whole, "{format} {length}");
            if length >= begun.len() - 2 {
                let again = emulator.journal().len() - sent;
                assert!(again <= 303 - rows + 1 + 1, "{again} requests, {rows} rows were there");
            }
        }
        // Nothing is left to do.
        let ran = home.run(&[&arguments[..], &["--resume"]].concat());
        assert!(
            ran.stderr.ends_with("profiles: 0 customers written, 302 were there\n"),
            "{}",
            ran.stderr
        );
        let ran = home.run(&arguments);
        assert_eq!((ran.code, text(&path)), (Some(2), whole), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_something_else_is_left_as_it_is() {
    let (emulator, home) = emulator(0, &[]).await;
    let path = home.path().join("profiles");
    let file = path.display().to_string();
    let csv = home.run(&["export"]).stdout;
    let json = home.run(&["export", "--format", "jsonl"]).stdout;
    let sent = emulator.journal().len();
    for (contents, arguments, why) in [
        (&*csv, &["--columns", "email"][..], "CSV with other columns"),
        (&csv, &["--format", "jsonl"], "give --format csv"),
        (&json, &[], "give --format jsonl"),
        (&csv.replace("\r\n", "\n"), &[], "another program has saved it since"),
        (&csv.replace(",US,", ",US,,"), &[], "row 2 is not what was exported here"),
        (&csv.replace("aaaa0000", "x"), &[], "row 2 is not what was exported here"),
        (&json.replace("{\"id\"", "{id"), &["--format", "jsonl"], "--format csv"),
        ("a diary", &[], "not what was exported here"),
    ] {
        std::fs::write(&path, contents).expect("a file");
        let ran = home.run(&[&["export", "--file", &file, "--resume"], arguments].concat());
        assert_eq!((ran.code, text(&path)), (Some(2), contents.to_owned()), "{}", ran.transcript);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
    assert_eq!(emulator.journal().len(), sent, "nothing was sent");
    let other = std::fs::File::open(&path).expect("a file");
    std::fs::write(&path, &csv).expect("a file");
    other.lock().expect("a lock");
    let ran = home.run(&["export", "--file", &file, "--resume"]);
    assert!(ran.stderr.contains("another export writes to"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_cannot_be_read_is_left_out() {
    let (emulator, home) = emulator(8, &[]).await;
    let fail = |fault: &str| {
        emulator.clear_faults();
        let rule = format!("fault={fault},operation=getCustomerBillingProfile");
        emulator.add_fault(rule.parse().expect("a fault"));
    };
    let path = home.path().join("profiles.csv");
    let file = path.display().to_string();
    for fault in ["refuse,status=403,nth=1", "refuse,status=404,nth=1"] {
        fail(fault);
        let _ = std::fs::remove_file(&path);
        let ran = home.run(&["export", "--file", &file]);
        assert_eq!(ran.code, Some(1), "{}", ran.transcript);
        assert!(ran.stderr.contains("left out: customer "), "{}", ran.stderr);
        assert_eq!(ids(&text(&path)).len(), 9, "{}", ran.stderr);
        emulator.clear_faults();
        let ran = home.run(&["export", "--file", &file, "--resume"]);
        assert_eq!((ran.code, ids(&text(&path)).len()), (Some(0), 10), "{}", ran.stderr);
        assert!(ran.stderr.ends_with("1 customers written, 9 were there\n"), "{}", ran.stderr);
    }
    let two = home.write("two.csv", &format!("customer\n{CUSTOMER}\n{OTHER_CUSTOMER}\n"));
    let two = two.display().to_string();
    let two = ["export", "--customers", &two, "--columns", "email", "--concurrency", "1"];
    fail("refuse,status=404,nth=2");
    snapshot!("export-left-out", home.run(&two));
    // One customer may break the service.
    fail("error,status=500");
    let ran = home.run(&two);
    assert!(ran.stderr.contains("the profiles of 2 of 2 customers"), "{}", ran.stderr);
    // Nobody else could be read either.
    for (fault, code) in [("refuse,status=401", 4), ("error,status=503", 6)] {
        fail(fault);
        let _ = std::fs::remove_file(&path);
        let ran = home.run(&["export", "--file", &file]);
        assert_eq!((ran.code, ids(&text(&path)).len()), (Some(code), 0), "{}", ran.transcript);
        assert!(ran.stderr.contains("run it again with --resume"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_none_is_not_told_of_each() {
    let forbidden = "fault=refuse,status=403,operation=getCustomerBillingProfile";
    let (emulator, home) = emulator(498, &[forbidden]).await;
    let ran = home.run(&["export"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("left out:").count(), 19, "{}", ran.stderr);
    assert!(emulator.journal().len() < 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_taken_from_a_file() {
    let customers =
        [("Twice", "one.example"), ("twice", "two.example"), ("Contoso", "contoso.example")];
    let (emulator, home) = named(&customers).await;
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let file = home.path().join("Customers.csv");
    let name = file.display().to_string();
    let arguments = ["export", "--columns", "email", "--customers", &name];
    for contents in [
        format!("Microsoft ID,Company name,Primary domain name,Relationship,Tags\r\n{CUSTOMER},CompanyName,companyname.onmicrosoft.com,,\r\n").into_bytes(),
        utf16(&format!("Microsoft ID;Company name;Primary domain name;Relationship;Tags\r\n{CUSTOMER};CompanyName;companyname.onmicrosoft.com;;\r\n")),
        format!("customer\tcompany\tdomain\n{CUSTOMER}\tCompanyName\tcompanyname.onmicrosoft.com\n").into_bytes(),
        b"domain\nCOMPANYNAME.onmicrosoft.com\n".to_vec(),
        b"{\"company\":\"companyname\"}\n".to_vec(),
        format!("customer,domain\n{CUSTOMER},companyname.onmicrosoft.com\n,companyname.onmicrosoft.com\n").into_bytes(),
    ] {
        std::fs::write(&file, contents).expect("a file");
        let ran = home.run(&arguments);
        let row = ran.stdout.lines().nth(1).expect("a row").to_owned();
        assert!(row.starts_with(&format!("{CUSTOMER},")) && row.contains(",companyname.onmicrosoft.com,"), "{row}");
        assert_eq!((ran.code, ran.stdout.lines().count(), &*ran.stderr), (Some(0), 2, ""));
    }
    std::fs::write(&file, "company\nTwice\nContoso\nNobody\n").expect("a file");
    let ran = home.run(&arguments);
    assert_eq!((ran.code, ids(&ran.stdout).len()), (Some(1), 1), "{}", ran.transcript);
    for line in [
        "left out: customer `Twice`:",
        "2 customers have the domain or the name `Twice`",
        "twice                             two.example",
        "left out: customer `Nobody`:",
        "error: the profiles of 2 of 3 customers could not be read",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    let sent = emulator.journal().len();
    std::fs::write(&file, format!("customer\n{CUSTOMER}\nx\n{CUSTOMER}\n")).expect("a file");
    snapshot!("export-customers-mistakes", home.run(&arguments));
    assert_eq!(emulator.journal().len(), sent, "nothing was sent");
    // What was exported names customers as well, and is read again without a mistake.
    let exported = home.write("all.csv", &home.run(&["export"]).stdout);
    let again = home.run(&["export", "--customers", &exported.display().to_string()]);
    assert_eq!((again.code, again.stdout), (Some(0), text(&exported)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_no_further_ends_it() {
    let slow = "fault=latency,ms=50,operation=getCustomerBillingProfile";
    let (emulator, home) = emulator(498, &[slow]).await;
    let mut child = home.command(&["export"]).spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    lines.next().expect("a row").expect("a header");
    lines.next().expect("a row").expect("a customer");
    assert!(emulator.journal().len() < 100, "the first row is there before the others are read");
    drop(lines);
    let output = child.wait_with_output().expect("a process");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert!(emulator.journal().len() < 100);
    if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
        let mut command = home.command(&["export"]);
        let output = command.stdout(full).output().expect("a process");
        let ran = home.ran(&["export"], &output);
        assert_eq!(ran.code, Some(1));
        assert!(
            ran.stderr.starts_with("error: the rows cannot be printed\n  why: No space left"),
            "{}",
            ran.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parquet_file_is_there_as_a_whole_or_not_at_all() {
    let (emulator, home) = emulator(30, &[]).await;
    let export = ["export", "--format", "parquet", "--file", "p.parquet"];
    let run = |arguments: &[&str]| {
        let output = home.command(arguments).current_dir(home.path()).output().expect("a process");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout)
    };
    let (code, said, _) = run(&export);
    assert_eq!((code, &*said), (Some(0), "p.parquet: 32 customers written\n"));
    let file = std::fs::read(home.path().join("p.parquet")).expect("a file");
    // Where it is a file (Parquet format specification, File format).
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    let (code, _, stdout) = run(&export[..3]);
    assert_eq!((code, &stdout), (Some(0), &file));
    // What is there stays, and what is not whole is not there.
    let (code, said, _) = run(&export);
    assert!(code == Some(2) && said.contains("p.parquet is there already"), "{said}");
    let resume = ["export", "--format", "parquet", "--file", "q.parquet", "--resume"];
    let (code, said, _) = run(&resume);
    assert!(code == Some(2) && said.contains("cannot be gone on with"), "{said}");
    emulator.add_fault("fault=refuse,status=401,operation=read,nth=20".parse().expect("a fault"));
    emulator.add_fault("fault=refuse,status=401,operation=read,nth=21".parse().expect("a fault"));
    let (code, said, _) = run(&["export", "--format", "parquet", "--file", "q.parquet"]);
    assert!(code == Some(4) && !said.contains("--resume"), "{said}");
    let left: Vec<_> = std::fs::read_dir(home.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".local")
        .collect();
    assert_eq!(left, ["p.parquet"], "nothing else is left");
}

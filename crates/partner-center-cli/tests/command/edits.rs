//! Editing, with an editor that is a script.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use partner_center_emulator::Emulator;
use partner_center_tests::Recorder;
use serde_json::Value;

use crate::home::{CUSTOMER, Home};
use crate::snapshot;

const EDIT: [&str; 4] = ["customer", "billing-profile", "edit", CUSTOMER];

async fn emulator(script: &str) -> (Emulator, Home) {
    let emulator = Emulator::builder().strict(true).start().await.expect("an emulator");
    let home = Home::calling(&emulator.url()).editing(script);
    (emulator, home)
}

fn customer(emulator: &Emulator) -> Value {
    emulator.state()["customers"][CUSTOMER].clone()
}

/// The text of the one edit that was kept, unless there is none.
fn kept(home: &Home) -> Option<PathBuf> {
    let folder = std::fs::read_dir(home.state().join("drafts")).into_iter().flatten().flatten();
    let mut files: Vec<_> = folder.map(|entry| entry.path()).collect();
    files.sort();
    assert!(files.is_empty() || files.len() == 2, "{files:?}");
    files.into_iter().find(|path| path.extension().is_some_and(|end| end == "yaml"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_edits_and_sees_what_was_written() {
    // What a YAML parser would take for a number, a truth or a date is a text all the same.
    let (emulator, home) = emulator(
        r#"cp "$1" "$HOME/seen"; ls -l "$1" | cut -c1-10 > "$HOME/mode"
        change 's/^firstName:.*/firstName: no/; s/^lastName:.*/lastName: 1e3/; /^culture/d; s/^companyName:.*/companyName:/;
            s/  postalCode:.*/  postalCode: 01067/; s/  city:.*/  city: "Köln: # 1"/;
            s/  phoneNumber:.*/  phoneNumber: +49221/; s/  state:.*/  state:/' "$1""#,
    )
    .await;
    let before = customer(&emulator);
    snapshot!("edit-written", home.run(&EDIT));
    let seen = std::fs::read_to_string(home.path().join("seen")).expect("what was seen");
    insta::with_settings!({
        snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!("edit-text", seen);
    });
    assert_eq!(std::fs::read_to_string(home.path().join("mode")).expect("a mode"), "-rw-------\n");
    let now = customer(&emulator);
    assert_eq!((&now["firstName"], &now["lastName"]), (&"no".into(), &"1e3".into()));
    let address = &now["defaultAddress"];
    assert_eq!((&address["postalCode"], &address["city"]), (&"01067".into(), &"Köln: # 1".into()));
    assert_eq!((&address["phoneNumber"], address.get("state")), (&"+49221".into(), None));
    // Without a value it is cleared, without a line it stays.
    assert_eq!((now.get("companyName"), &now["culture"]), (None, &before["culture"]));
    assert_eq!(now["email"], before["email"]);
    assert_eq!(kept(&home), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_changed_or_is_empty_cancels() {
    for (script, why) in [
        ("true", "cancelled: nothing was changed; nothing was written\n"),
        (": > \"$1\"", "cancelled: the file is empty; nothing was written\n"),
        ("echo '# nothing' > \"$1\"", "cancelled: the file is empty; nothing was written\n"),
        ("echo '# more' >> \"$1\"", "cancelled: nothing was changed; nothing was written\n"),
        (
            "printf '\\357\\273\\277' > \"$1\"",
            "cancelled: the file is empty; nothing was written\n",
        ),
        ("change '/^  /d' \"$1\"", "cancelled: nothing was changed; nothing was written\n"),
        // Quotes are no change.
        (
            "change 's/^email: \\(.*\\)/\"email\": \"\\1\"/' \"$1\"",
            "cancelled: nothing was changed; nothing was written\n",
        ),
    ] {
        let (emulator, home) = emulator(script).await;
        for command in [&EDIT[..], &["billing-profile", "edit"]] {
            let ran = home.run(command);
            assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "", why), "{script}");
        }
        assert_eq!(kept(&home), None);
        assert!(emulator.journal().iter().all(|exchange| exchange.method == "GET"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_opens_the_editor_again_with_all_that_was_typed() {
    let (emulator, home) = emulator(
        r#"n=$(cat "$HOME/n" 2>/dev/null || echo 0); echo $((n+1)) > "$HOME/n"; cp "$1" "$HOME/seen$n"
        case $n in
        0) change 's/^email:.*/emial: x@y.example/; s/^# id:.*/id: other/' "$1"; echo 'links: 1' >> "$1";;
        1) change 's/^emial:.*/email: "x/; s/^id:.*//; /^links/d' "$1";;
        2) change 's/^email:.*/email: nobody/; s/  country:.*/  country: USA/' "$1";;
        3) change 's/^email:.*/email: ann@example.com/; s/  country:.*/  country: UK/' "$1";;
        4) change 's/  country:.*/  country: GB/' "$1";;
        esac"#,
    )
    .await;
    snapshot!("edit-mistakes", home.run(&EDIT));
    let now = customer(&emulator);
    assert_eq!(
        (&now["email"], &now["defaultAddress"]["country"]),
        (&"ann@example.com".into(), &"GB".into())
    );
    // What was put on top each time, and that it names the lines as they are then.
    let mut tops = String::new();
    for n in 1..5 {
        let seen = std::fs::read_to_string(home.path().join(format!("seen{n}"))).expect("a text");
        for top in seen.lines().take_while(|line| line.starts_with("#!")) {
            tops.extend([top, "\n"]);
            if let Some((_, rest)) = top.split_once("line ") {
                let number: usize =
                    rest.split(':').next().expect("a number").parse().expect("a number");
                tops.extend(["    ", seen.lines().nth(number - 1).expect("a line"), "\n"]);
            }
        }
        tops += "\n";
        assert_eq!(seen.matches("Nothing was written yet").count(), 1);
    }
    insta::with_settings!({
        snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!("edit-mistakes-on-top", tops.replace(CUSTOMER, "[customer]"));
    });
    assert_eq!(kept(&home), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_mends_nothing_ends_it_and_loses_nothing() {
    let (_emulator, home) = emulator(r#"change 's/^email:.*/email: nobody/' "$1""#).await;
    snapshot!("edit-not-fixed", home.run(&EDIT));
    let text = std::fs::read_to_string(kept(&home).expect("an edit")).expect("a text");
    assert!(text.starts_with("#! ") && text.contains("\nemail: nobody\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_fails_is_named() {
    let (emulator, home) = emulator("exit 3").await;
    snapshot!("edit-editor-failed", home.run(&EDIT));
    assert_eq!(kept(&home), None);
    for (editor, why) in [("no-such-editor --wait", "No such file"), ("'", "missing closing quote")]
    {
        let home = Home::calling(&emulator.url()).with("EDITOR", editor);
        let ran = home.run(&EDIT);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
        assert_eq!(kept(&home), None);
    }
    // One that changed something and failed then.
    let home = Home::calling(&emulator.url()).editing("echo 'email: x' > \"$1\"; exit 1");
    let ran = home.run(&EDIT);
    assert!(ran.stderr.contains("your edit is kept"), "{}", ran.stderr);
    assert!(kept(&home).is_some());
    // VISUAL comes first, and may have arguments and blanks.
    let home = home.with("VISUAL", "sh -c ': > \"$1\"' x");
    assert!(home.run(&EDIT).stderr.starts_with("cancelled: the file is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_keeps_the_edit_until_it_is_taken_up_again() {
    let emulator = Emulator::start().await.expect("an emulator");
    let theirs = |email: &str| {
        format!(
            "partner-center customer billing-profile set {CUSTOMER} --email {email} --last-name Theirs \
             >/dev/null 2>&1"
        )
    };
    let mine = r#"change 's/^email:.*/email: mine@example.com/' "$1""#;
    let home = Home::calling(&emulator.url())
        .editing(&format!("{mine}; {}", theirs("theirs@example.com")));
    let ran = home.run(&[&EDIT[..], &["--yes"]].concat());
    snapshot!("edit-conflict-left", ran);
    let file = kept(&home).expect("an edit");
    for path in [file.clone(), file.with_extension("base.json")] {
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    assert_eq!(customer(&emulator)["email"], "theirs@example.com");
    // The others come back to what it began with, and the edit is written onto that.
    let resolved = home.editing(&theirs("email@sample.com"));
    let file = file.display().to_string();
    let elsewhere = resolved.run(&["billing-profile", "edit", "--resume", &file]);
    assert_eq!(elsewhere.code, Some(2), "{}", elsewhere.stderr);
    assert!(
        elsewhere.stderr.contains("it is the billing profile of customer"),
        "{}",
        elsewhere.stderr
    );
    let ran = resolved.run(&[&EDIT[..], &["--yes", "--resume", &file]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let now = customer(&emulator);
    assert_eq!((&now["email"], &now["lastName"]), (&"mine@example.com".into(), &"Theirs".into()));
    assert_eq!(kept(&resolved), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_did_not_acknowledge_is_kept() {
    let profile = br#"{"email":"a@b","shiny":[1.50,"x"],"attributes":{"etag":"1"}}"#;
    let mine = r#"change 's/^email:.*/email: mine@example.com/' "$1""#;
    for (status, code) in [(503, 6), (403, 4), (404, 5), (500, 6)] {
        // It is read, and once more before it is written.
        let answers = [
            (200, "", &profile[..]),
            (200, "", &profile[..]),
            (status, "retry-after: 600\r\n", b""),
        ];
        let service = Recorder::script(&answers).await.expect("a service");
        let home = Home::calling(service.url()).editing(mine);
        let ran = home.run(&EDIT);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        let file = kept(&home).expect("an edit").display().to_string();
        assert!(ran.stderr.contains(&format!("--resume {file}\n")), "{}", ran.stderr);
        let text = std::fs::read_to_string(&file).expect("a text");
        assert!(
            text.contains("email: mine@example.com\n") && text.contains("shiny: [1.50,\"x\"]\n")
        );
    }
    let service = Recorder::script(&[(200, "", profile)]).await.expect("a service");
    let home = Home::calling(service.url()).editing(mine);
    let ran = home.run(&[&EDIT[..], &["--dry-run"]].concat());
    assert_eq!((ran.code, service.requests().len()), (Some(0), 1), "{}", ran.stderr);
    assert!(kept(&home).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_can_be_edited_and_removed() {
    let profile = br#"{"email":"a@b","shiny":1,"odd name":{"a":1},"gone":1,"defaultAddress":{"geo":"x"},"attributes":{"etag":"1"}}"#;
    let service = Recorder::script(&[(200, "", profile)]).await.expect("a service");
    let home = Home::calling(service.url()).editing(
        r#"change 's/^shiny:.*/shiny: 2/; s/^odd name:.*/odd name: {"b": 3}/;
            /^gone/d; s/  geo:.*/  geo: "y: z"/' "$1""#,
    );
    let ran = home.run(&EDIT);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let requests = service.requests();
    let put = requests.last().expect("a request").rsplit("\r\n\r\n").next().expect("a body");
    assert_eq!(
        put,
        r#"{"email":"a@b","shiny":2,"odd name":{"a":null,"b":3},"gone":1,"defaultAddress":{"geo":"y: z"},"attributes":{"etag":"1"}}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_after_a_name_is_what_the_service_gets() {
    let profile = br#"{"companyName":"C","taxId":"1","code":"98052","address":{"addressLine1":"A","city":"B"},"n":1,"attributes":{"etag":"1"}}"#;
    let service = Recorder::start(200, profile).await.expect("a service");
    let home = Home::calling(service.url()).editing(
        r#"cat > "$1" <<'END'
companyName: &Sons Ltd
taxId: # 5
code: 01067
n: 2
address:
  addressLine1: 1 Microsoft Way #5
  city: !Bang Ltd
END"#,
    );
    let ran = home.run(&["billing-profile", "edit"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let requests = service.requests();
    let put = requests.last().expect("a request").rsplit("\r\n\r\n").next().expect("a body");
    assert_eq!(
        put,
        r##"{"companyName":"&Sons Ltd","taxId":"# 5","code":"01067","address":{"addressLine1":"1 Microsoft Way #5","city":"!Bang Ltd"},"n":2,"attributes":{"etag":"1"}}"##
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_are_written_as_they_were_typed_and_another_type_is_not() {
    let profile = br#"{"n":12345678901234567890123,"on":true,"attributes":{"etag":"1"}}"#;
    let service = Recorder::start(200, profile).await.expect("a service");
    let home = Home::calling(service.url())
        .editing(r#"cp "$1" "$HOME/seen"; printf 'n: 12345678901234567890124\non: NO\n' > "$1""#);
    snapshot!("edit-digits", home.run(&["billing-profile", "edit"]));
    assert!(kept(&home).is_some());
    // What was typed is still there, below what is wrong with it.
    let seen = std::fs::read_to_string(home.path().join("seen")).expect("what was seen");
    insta::with_settings!({
        snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!("edit-digits-on-top", seen);
    });
    assert!(service.requests().iter().all(|request| request.starts_with("GET")));

    let home = Home::calling(service.url())
        .editing(r#"printf 'n: 12345678901234567890124.50\non: false\n' > "$1""#);
    let ran = home.run(&["billing-profile", "edit", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("-> 12345678901234567890124.50"), "{}", ran.stdout);
    let requests = service.requests();
    let put = requests.last().expect("a request").rsplit("\r\n\r\n").next().expect("a body");
    let expected = r#"{"n":12345678901234567890124.50,"on":false,"attributes":{"etag":"1"}}"#;
    assert_eq!(put, expected);
}

#[test]
fn what_cannot_be_taken_up_is_said() {
    let home = Home::calling("http://127.0.0.1:9");
    let file = home.write("x.yaml", "email: a@b\n").display().to_string();
    for (file, base, why) in [
        ("/no/such", None, "there is no such file"),
        (&*file, None, "has what it began with"),
        (&file, Some("canary"), "is not what this command keeps"),
        (
            &file,
            Some(r#"{"profile":"p","endpoint":"e","etag":null,"document":"{}"}"#),
            "it is the p at e",
        ),
    ] {
        if let Some(base) = base {
            home.write("x.base.json", base);
        }
        let ran = home.run(&[&EDIT[..], &["--resume", file]].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_another_one_in_the_text() {
    let odd = [
        "Zed\u{3000}",
        "\n",
        " x ",
        "a\u{a0}",
        "\u{9b}31m",
        "\u{202e}x",
        "'\"\\",
        "~",
        "- a",
        "",
        "é\t",
        "😀\u{7f}",
    ];
    for value in odd {
        let profile = serde_json::json!({"lastName": value, "shiny": value, value: 1, "attributes": {"etag": "1"}});
        let service =
            Recorder::start(200, profile.to_string().as_bytes()).await.expect("a service");
        // Whatever else is changed, it is not that.
        let home = Home::calling(service.url())
            .editing(r#"cp "$1" "$HOME/seen"; change 's/^email:.*/email: new@example.com/' "$1""#);
        let ran = home.run(&EDIT);
        assert_eq!(ran.code, Some(0), "{value:?}: {}", ran.stderr);
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines, ["+ email                   (none) -> \"new@example.com\""], "{value:?}");
        let seen = std::fs::read_to_string(home.path().join("seen")).expect("a text");
        assert!(!seen.contains(['\u{9b}', '\u{202e}']), "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_text_is_kept_as_it_is() {
    let (_emulator, home) = emulator(r#"printf 'email: \377\n' > "$1""#).await;
    let ran = home.run(&EDIT);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("not UTF-8 any more") && ran.stderr.contains("your edit is kept"),
        "{}",
        ran.stderr
    );
    let file = kept(&home).expect("an edit");
    assert_eq!(std::fs::read(&file).expect("a file"), b"email: \xff\n");
    // It can be taken up again.
    let home = home.editing(r#"echo 'email: new@example.com' > "$1""#);
    let ran = home.run(&[&EDIT[..], &["--resume", &file.display().to_string()]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(kept(&home), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_writes_the_same_again_ends_it() {
    let (_emulator, home) = emulator(r#"echo 'emial: x' > "$1"; echo >> "$HOME/runs""#).await;
    let ran = home.run(&EDIT);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(home.path().join("runs")).expect("runs"), "\n\n");
    // What the service refused is reported as that.
    let (_second, home) = emulator(r#"change 's/  country:.*/  country: UK/' "$1""#).await;
    snapshot!(
        "edit-refused",
        home.run(&[&EDIT[..], &["--correlation-id", crate::home::CORRELATION]].concat())
    );
    assert!(kept(&home).is_some());
}

//! What is typed after a name is what the service gets, or it is a mistake with its line.

use partner_center::models::BillingProfile;
use partner_center::{AppUser, PartnerCenter, Resource};
use proptest::prelude::*;
use serde_json::json;

use super::*;

thread_local! {
    static RESOURCE: Resource<AppUser, BillingProfile> = {
        let _ = rustls::crypto::ring::default_provider().install_default();
        PartnerCenter::builder(AppUser::token("t")).build().expect("a client").billing_profile()
    };
}

fn profile(document: &str) -> Versioned<BillingProfile> {
    RESOURCE.with(|resource| resource.resume(document, None)).expect("a profile")
}

fn sample() -> Versioned<BillingProfile> {
    let document = json!({
        "companyName": "C", "address": {"addressLine1": "A", "geo": "G"}, "shiny": "S",
        "attributes": {"etag": "1"}
    });
    profile(&document.to_string())
}

/// The draft with this after a name, the line, and the value that is read.
fn typed_after(pointer: &str, typed: &str) -> (usize, Result<Value, Vec<Mistake>>) {
    let profile = sample();
    let draft = render(&profile, "T").expect("a draft");
    let name = pointer.rsplit('/').next().expect("a name");
    let is_it = |line: &&str| line.trim_start().starts_with(&format!("{name}:"));
    let line = draft.lines().find(is_it).expect("a line");
    let at = draft.lines().position(|other| other == line).expect("a line") + 1;
    let (begin, _) = line.split_once(':').expect("a colon");
    let text = draft.replace(&format!("{line}\n"), &format!("{begin}: {typed}\n"));
    let read = parse(&text, &profile).map(|after| {
        let (mut after, mut before) =
            (change::tree(&after).expect("a tree"), change::tree(&profile).expect("a tree"));
        let value = after.pointer_mut(pointer).map(Value::take).unwrap_or_default();
        before.pointer_mut(pointer).map(Value::take);
        // What is cleared has no name in a model.
        let object = pointer.rsplit_once('/').expect("a pointer").0;
        for tree in [&mut after, &mut before] {
            let object = tree.pointer_mut(object).and_then(Value::as_object_mut);
            object.expect("an object").remove(name);
        }
        assert_eq!(after, before, "something else was changed");
        value
    });
    (at, read)
}

const TEXTS: [&str; 4] = ["/companyName", "/address/addressLine1", "/shiny", "/address/geo"];

#[test]
fn what_yaml_takes_for_something_else_is_a_text() {
    for typed in [
        "1 Microsoft Way #5",
        "# 5",
        "#5",
        "&Sons Ltd",
        "!Bang Ltd",
        "*x",
        "a: b",
        "a:",
        "- a",
        "[a",
        "{a",
        "[a]",
        "{a: b}",
        "%a",
        "@a",
        "`a",
        "|",
        "|-",
        ">",
        "> a",
        "~",
        "null",
        "yes",
        "NO",
        "01067",
        "0x1F",
        "1e3",
        "1_000",
        "12345678901234567890123",
        "1.50",
        "---",
        "...",
        "? a",
        "?",
        "-",
        ":",
        ",",
        "a\tb",
        "<<",
        "=",
        "a \"b\" c",
        "it's",
        "a\\nb",
        "\u{3000}a\u{a0}",
        "é😀",
        "!!str a",
        "a #",
    ] {
        for pointer in TEXTS {
            assert_eq!(typed_after(pointer, typed).1, Ok(json!(typed)), "{pointer}");
        }
    }
    for (typed, text) in [
        ("  a \t", "a"),
        ("\"\"", ""),
        ("''", ""),
        ("\" a \"", " a "),
        ("'it''s # 1'", "it's # 1"),
        ("\"a\\n\\t\\\"\\\\\\/\\u00e9\\ud83d\\ude00\" ", "a\n\t\"\\/é😀"),
    ] {
        assert_eq!(typed_after("/companyName", typed).1, Ok(json!(text)));
    }
    assert_eq!(typed_after("/companyName", " ").1, Ok(json!(null)));
}

#[test]
fn what_cannot_be_read_by_the_rule_is_a_mistake_in_its_line() {
    for (typed, why) in [
        ("\"a\" b", "if the quotes are a part of it, write \"\\\"a\\\" b\""),
        ("\"a\" # b", "a comment takes a line of its own"),
        ("\"a", "no other at the end"),
        ("\"a\\\"", "no other at the end"),
        ("'a", "no other at the end"),
        ("'s-Hertogenbosch", "write \"\\u0027s-Hertogenbosch\""),
        ("'a' 'b'", "something stands after the quote"),
        ("\"C:\\Users\"", "write `\\\\` for a `\\`"),
        ("\"\\ud83d\"", "begins an escape, and this is none"),
        ("\"\\u+123\"", "begins an escape, and this is none"),
        ("a\u{85}b", "write it as \\u0085"),
        ("a\u{2028}b", "write it as \\u2028"),
        ("a\rb", "write it as \\u000d"),
        ("a\u{1b}[31m", "write it as \\u001b"),
    ] {
        for pointer in TEXTS {
            let (line, read) = typed_after(pointer, typed);
            let wrong = read.expect_err(typed);
            assert_eq!((wrong.len(), wrong[0].place()), (1, Some(line)), "{wrong:?}");
            let why = why.replace("\\u0027", "'");
            assert!(wrong[0].what.contains(&why), "{:?} has not {why}", wrong[0]);
        }
    }
}

#[test]
fn what_takes_more_than_a_line_is_a_mistake() {
    for (text, lines) in [
        ("companyName: |\n  a\n  b\n", &[2, 3][..]),
        ("companyName: >-\n  taxId: b\n", &[2]),
        ("companyName: a\n  b\n", &[2]),
        ("companyName: \"a\n  b\"\n", &[1, 2]),
        ("address:\n  city: |\n    a\n", &[3]),
        ("address:\n  city: |\n    region: a\n  state: WA\n", &[3]),
        ("address: {city: a}\n", &[1]),
        ("address: null\n  city: a\n", &[1]),
        ("taxId: a\ntaxId: b\n", &[2]),
        ("\"taxId\": a\ntaxId: b\n", &[2]),
        ("---\n", &[1]),
        ("taxId: a\n...\n", &[2]),
        ("null\n", &[1]),
        ("{}\n", &[1]),
        ("taxId:a\n", &[1]),
        ("\"taxId\":a\n", &[1]),
        ("\"taxId\" a: b\n", &[1]),
        ("- taxId: a\n", &[1]),
        ("&a taxId: a\n", &[1]),
        ("<<: *a\n", &[1]),
        ("TaxId: a\n", &[1]),
        ("# T\rtaxId: a\r", &[1]),
        ("billingDay: 07\nprofileType: x\nlinks: 1\n", &[1, 2, 3]),
        ("billingDay: \"7\"\n", &[1]),
    ] {
        let wrong = parse(text, &sample()).expect_err(text);
        let places: Vec<_> = wrong.iter().filter_map(Mistake::place).collect();
        assert_eq!(places, lines, "{text}: {wrong:?}");
        assert!(!entry::is_empty(text));
    }
    // The ends of lines of another system are no part of a value.
    let after = parse("\u{feff}# T\r\ntaxId : a\r\naddress:\r\n\tcity: b\r\n", &sample());
    let after = change::tree(&after.expect("a profile")).expect("a tree");
    assert_eq!((&after["taxId"], &after["address"]["city"]), (&json!("a"), &json!("b")));
}

#[test]
fn a_member_that_nobody_knows_keeps_its_type_and_its_digits() {
    let document = r#"{"num":12345678901234567890123, "m":1.50, "o":{ "a":1.50, "b":[ 1.50 ] },"address":{"z":1e3},"t":"01067"}"#;
    let profile = profile(document);
    let draft = render(&profile, "T").expect("a draft");
    for line in [
        "\nnum: 12345678901234567890123\n",
        "\nm: 1.50\n",
        "\no: {\"a\":1.50,\"b\":[1.50]}\n",
        "\n  z: 1e3\n",
        "\nt: \"01067\"\n",
    ] {
        assert!(draft.contains(line), "{draft}");
    }
    assert!(!parse(&draft, &profile).expect("the same").is_dirty().expect("two models"));
    let changes = |text: &str| {
        let changes = parse(text, &profile)?.changes().expect("two models").into_iter();
        let changes = changes.map(|one| format!("{} {:?}", one.pointer, one.after_text()));
        Ok::<_, Vec<Mistake>>(changes.collect::<Vec<_>>().join(" "))
    };
    for (text, change) in [
        ("m: 2", r#"/m Some("2")"#),
        ("m: 1.5", r#"/m Some("1.5")"#),
        ("m: 1.60", r#"/m Some("1.60")"#),
        ("m: -0", r#"/m Some("-0")"#),
        ("num: 12345678901234567890124", r#"/num Some("12345678901234567890124")"#),
        ("m: \"1.50\"", r#"/m Some("\"1.50\"")"#),
        ("t: 98052", r#"/t Some("\"98052\"")"#),
        ("o: {\"a\":1.50, \"b\":[2.0]}", r#"/o/b Some("[2.0]")"#),
        ("m:", "/m None"),
        ("m: 1.50", ""),
    ] {
        assert_eq!(changes(text).as_deref(), Ok(change), "{text}");
    }
    for (text, why) in [
        ("m: 1e999", "it cannot be sent"),
        ("m: NO", "it is a number, and `NO` is none"),
        ("o: {\"a\":1,\"a\":2}", "duplicate key `a`"),
        ("o: {b: 3}", "the value is no JSON"),
    ] {
        let wrong = changes(text).expect_err(text);
        assert_eq!(wrong[0].place(), Some(1));
        assert!(wrong[0].what.contains(why), "{wrong:?}");
    }
}

/// Texts that have much of what means something to YAML.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("#"),
        Just(" #"),
        Just("&"),
        Just("!"),
        Just("*"),
        Just(": "),
        Just("- "),
        Just("["),
        Just("{"),
        Just("%"),
        Just("@"),
        Just("`"),
        Just("|"),
        Just(">"),
        Just("~"),
        Just("null"),
        Just("---"),
        Just("..."),
        Just("\t"),
        Just(" "),
        Just("\""),
        Just("'"),
        Just("\\"),
        Just("\\u00e9"),
        Just("a"),
        Just("1"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\u{feff}"),
        Just("\u{a0}"),
        Just("é"),
        Just("\r"),
    ];
    prop_oneof![
        proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat()),
        "\\PC{0,20}",
        "[^\n]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_number_is_what_the_service_gets_digit_for_digit(
        number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
    ) {
        let profile = profile(r#"{"m":7,"l":[7]}"#);
        let read = parse(&format!("m: {number}\nl: [7, {number}]\n"), &profile).expect("numbers");
        let changes = read.changes().expect("two models");
        let text = |pointer: &str| {
            let mut changes = changes.iter().filter(|one| one.pointer == pointer);
            changes.next().and_then(|one| one.after_text()).map(str::to_owned)
        };
        prop_assert_eq!(text("/m"), (number != "7").then(|| number.clone()));
        prop_assert_eq!(text("/l"), Some(format!("[7,{number}]")));
    }

    #[test]
    fn what_is_typed_is_what_the_service_gets_or_a_mistake(typed in texts(), at in 0..TEXTS.len()) {
        let (line, read) = typed_after(TEXTS[at], &typed);
        let typed = typed.strip_suffix('\r').unwrap_or(&typed).trim_matches([' ', '\t']);
        let breaks = |c: char| c.is_control() && c != '\t' || c == '\u{2028}' || c == '\u{2029}';
        let text = if typed.contains(breaks) {
            None
        } else if typed.starts_with('"') {
            serde_json::from_str::<String>(&typed.replace('\t', "\\t")).ok()
        } else if typed.starts_with('\'') {
            let inner = typed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            let inner = inner.filter(|inner| !inner.replace("''", "").contains('\''));
            inner.map(|inner| inner.replace("''", "'"))
        } else {
            Some(typed.to_owned())
        };
        match (read, text) {
            (Ok(value), Some(text)) if typed.is_empty() => prop_assert_eq!((value, &*text), (Value::Null, "")),
            (Ok(value), Some(text)) => prop_assert_eq!(value, json!(text)),
            (Err(wrong), None) => {
                prop_assert_eq!(wrong.len(), 1);
                prop_assert_eq!(wrong[0].place(), Some(line));
            }
            (read, text) => prop_assert!(false, "{:?} is not {:?}", read, text),
        }
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(value in texts(), name in "[nxy #:'\"\\-]{1,5}") {
        let value = value + "\n";
        for value in [&*value, value.trim_end_matches('\n')] {
            let document = json!({
                "companyName": value, "shiny": value, "address": {"geo": value, &name: [value, {&name: 1.5}]},
            });
            let profile = profile(&document.to_string());
            let draft = render(&profile, "T").expect("a draft");
            let after = parse(&draft, &profile);
            prop_assert_eq!(after.map(|after| change::tree(&after).ok()), Ok(change::tree(&profile).ok()));
            // It is YAML too.
            let yaml = serde_saphyr::from_str::<Value>(&draft).map(|mut read| read["shiny"].take());
            prop_assert_eq!(yaml.ok(), Some(if value.is_empty() { json!("") } else { json!(value) }));
        }
    }
}

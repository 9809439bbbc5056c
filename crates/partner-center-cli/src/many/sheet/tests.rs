//! Whole files, from their bytes to their rows and their mistakes.

use std::path::PathBuf;

use partner_center::models::CustomerBillingProfile;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::change::Edit;
use crate::many::Who;
use crate::many::export::record::cells;
use crate::member::{Member, Profile};

const ID: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";
const OTHER: &str = "eebd1b55-5360-4438-a11d-5c06918c3014";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, contents).expect("a file");
        path
    }
}

fn rows(name: &str, contents: impl AsRef<[u8]>) -> Vec<Row> {
    let folder = Folder::new();
    let path = folder.write(name, contents);
    let sheet = Sheet::check(&path, Purpose::Edits).expect("no mistake");
    let rows: Result<Vec<_>, _> = sheet.rows().expect("rows").collect();
    let rows = rows.expect("rows");
    assert_eq!(rows.len() as u64, sheet.rows);
    rows
}

/// What is wrong, without the folder.
fn mistakes(name: &str, contents: impl AsRef<[u8]>, purpose: Purpose) -> Vec<String> {
    let folder = Folder::new();
    let path = folder.write(name, contents);
    let failure = Sheet::check(&path, purpose).expect_err("a mistake");
    assert_eq!(failure.exit, crate::failure::Exit::Usage);
    let at = format!("{}/", folder.0.path().display());
    failure.lines().map(|line| line.replace(&at, "")).collect()
}

#[test]
fn a_table_is_read_whoever_saved_it() {
    let expected = |line| Row {
        line,
        customer: Who { id: ID.parse().ok(), ..Who::default() },
        etag: Some("\"-123\"".parse().expect("a tag")),
        edits: vec![
            Edit::to("/email", "ä@example.com"),
            Edit::clear("/defaultAddress/city"),
            Edit::to("/defaultAddress/addressLine1", "1, \"Way\"\r\n2nd; line"),
        ],
        kept: vec![("/id", "x".to_owned())],
    };
    let table = |separator: &str, end: &str| {
        let row = [
            ID,
            "\"\"\"-123\"\"\"",
            "ä@example.com",
            " (none)",
            "\"1, \"\"Way\"\"\r\n2nd; line\"",
            "",
            "x",
            "",
        ];
        let header = [
            "CUSTOMER",
            "eTag",
            "Email",
            "/DefaultAddress/City",
            "address-line-1",
            "culture",
            "id",
            "",
        ];
        let rows = [header.join(separator), ";;;;;;;".replace(';', separator), row.join(separator)];
        format!("{end}{}{end}{end}", rows.join(end))
    };
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    for end in ["\n", "\r\n"] {
        for separator in [",", ";", "\t"] {
            let text = table(separator, end);
            for bytes in [
                text.clone().into_bytes(),
                format!("\u{feff}{text}").into_bytes(),
                text.trim_end_matches(['\r', '\n']).as_bytes().to_vec(),
                wide(&format!("\u{feff}{text}"), u16::to_le_bytes),
                wide(&format!("\u{feff}{text}"), u16::to_be_bytes),
            ] {
                assert_eq!(rows("a.csv", bytes), [expected(4)], "{separator:?} {end:?}");
            }
        }
    }
}

#[test]
fn what_partner_center_exports_names_customers() {
    for header in [
        "Microsoft ID,Company name,Primary domain name,Relationship,Tags",
        "microsoft id;Company;primary domain;relationship;tags",
    ] {
        let separator = if header.contains(';') { ";" } else { "," };
        let row = [ID, "Contoso", "contoso.example", "=x", "a b"].join(separator);
        let rows = rows_for_customers(&format!("{header}\r\n{row}\r\n"));
        let who = &rows[0].customer;
        assert_eq!(who.id.map(|id| id.to_string()).as_deref(), Some(ID));
        assert_eq!(who.company.as_deref(), Some("Contoso"));
        assert_eq!(who.domain.as_deref(), Some("contoso.example"));
        assert!(rows[0].edits.is_empty());
    }
    // Elsewhere it is the member.
    let named = rows("a.csv", format!("customer,Company name\n{ID},Contoso\n"));
    assert_eq!(named[0].edits, [Edit::to("/companyName", "Contoso")]);
    // For whose names alone are asked for, everything else may be anything.
    let rows = rows_for_customers("domain,whatever,email\ncontoso.example,#N/A,=1\n");
    assert_eq!(rows[0].customer.domain.as_deref(), Some("contoso.example"));
}

fn rows_for_customers(text: &str) -> Vec<Row> {
    let folder = Folder::new();
    let sheet = Sheet::check(&folder.write("a.csv", text), Purpose::Customers).expect("no mistake");
    sheet.rows().expect("rows").map(|row| row.expect("a row")).collect()
}

#[test]
fn lines_of_json_are_read_as_a_person_or_an_export_wrote_them() {
    let long = "12345678901234567890123";
    let text = format!(
        "\u{feff}\n{{\"customer\":\"{ID}\",\"etag\":\"-1\",\"email\":null,\"/defaultAddress/city\":\"B\",\"/price\":1.50}}\r\n\
         {{\"domain\":\"contoso.example\",\"profile\":{{\"Email\":\"a@b\",\"id\":\"x\",\"DefaultAddress\":\
         {{\"PostalCode\":01067,\"geo\":[1]}},\"n\":{long},\"links\":{{\"self\":{{}}}},\"attributes\":{{\"etag\":\"7\"}}}}}}"
    );
    assert!(mistakes("a", &text, Purpose::Edits)[1].contains("no JSON"), "a zero in front");
    let rows = rows("a", text.replace("01067", "1067"));
    let parse = |pointer: &str, text: &str| {
        Edit::parse::<CustomerBillingProfile>(pointer, text).expect("an edit")
    };
    assert_eq!(rows[0].line, 2);
    assert_eq!(rows[0].etag.as_ref().map(ToString::to_string).as_deref(), Some("\"-1\""));
    assert_eq!(
        rows[0].edits,
        [Edit::clear("/email"), Edit::to("/defaultAddress/city", "B"), parse("/price", "1.50")]
    );
    assert_eq!(rows[1].etag.as_ref().map(ToString::to_string).as_deref(), Some("\"7\""));
    assert_eq!(rows[1].kept, [("/id", "x".to_owned())]);
    assert_eq!(
        rows[1].edits,
        [
            Edit::to("/email", "a@b"),
            Edit::to("/defaultAddress/postalCode", "1067"),
            parse("/defaultAddress/geo", "[1]"),
            parse("/n", long),
        ]
    );
    let deep = format!(
        "{{\"customer\":\"{ID}\",\"profile\":{}1{}}}",
        "{\"a\":".repeat(9999),
        "}".repeat(9999)
    );
    assert!(mistakes("a.jsonl", deep, Purpose::Edits)[1].contains("no JSON"));
}

#[test]
fn every_mistake_is_named_with_its_line_and_its_column() {
    let table = format!(
        "customer,domain,email,emial,E-Mail,links,/attributes/etag,/email,address-country,etag,\r\n\
         {ID},,=1+1,,,,,,USA,,\r\n\
         {ID},,\"a@b\r\nc\",,,,,,,,x\r\n\
         not-an-id,,#REF!,,,,,,,-4.0E+18,\r\n\
         ,contoso.example,-x,,,,,,,,\r\n\
         ,CONTOSO.example,secret,,,,,,,*,\r\n\
         ,,a@b,,,,,,,,\r\n\
         {OTHER},,a@b\r\n\
         {OTHER},,a@b,,,,,,,,,x\r\n\
         {OTHER},,\"a@b,,,,,,,,\r\n"
    );
    let found = mistakes("a.csv", table, Purpose::Edits).join("\n");
    insta::with_settings!({
        snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!("sheet-mistakes", found);
    });
    for value in ["1+1", "USA", "secret", "REF", "not-an-id", "4.0E"] {
        assert!(!found.contains(value), "{value}");
    }
    let lines = format!(
        "{{\"customer\":\"{ID}\",\"email\":\"secret\",\"Email\":\"a@b\",\"nope\":1}}\n[]\n{{\n\
         {{\"email\":true,\"domain\":\"a\"}}\n{{\"customer\":\"{ID}\",\"email\":\"a@b\",\"profile\":{{\"email\":\"a@b\"}}}}\n\
         {{\"domain\":\"b\",\"/email/x\":1,\"/defaultAddress\":{{}},\"profile\":3}}\n"
    );
    let found = mistakes("a.jsonl", lines, Purpose::Edits).join("\n");
    insta::with_settings!({
        snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!("sheet-mistakes-json", found);
    });
    assert!(!found.contains("secret"));
}

#[test]
fn a_file_that_is_none_of_rows_is_refused() {
    let one = |name: &str, contents: &[u8]| mistakes(name, contents, Purpose::Edits)[1].clone();
    for name in ["a.csv", "a.jsonl"] {
        for empty in ["", "\u{feff}", "\r\n\r\n"] {
            let why = one(name, empty.as_bytes());
            assert!(why.starts_with(&format!("{name}: ")), "{why}");
        }
    }
    assert_eq!(one("a.csv", b""), "a.csv: the file is empty");
    assert_eq!(one("a.csv", b"customer,email\r\n"), "a.csv: it has no row about a customer");
    assert!(one("a.csv", b"email\na@b\n").contains("no column names the customer"));
    let why = one("a.csv", format!("customer,culture\r\n{ID},\"a\nb\"\r\n,\u{e9}\r\n").as_bytes());
    assert!(why.starts_with("a.csv:4: no customer is named"), "{why}");
    let latin = [b"customer,email\r\n".as_slice(), ID.as_bytes(), b",M\xFCller\r\n"].concat();
    assert!(
        one("a.csv", &latin).starts_with("a.csv:2: wrong encoding"),
        "{}",
        one("a.csv", &latin)
    );
    let half = b"\xFF\xFEc\0u\0\0\xD8a\0";
    assert!(one("a.csv", half).contains("wrong encoding"));
    let long = format!("customer,email\r\n{ID},\"{}", "x\r\n".repeat(source::LONGEST / 2));
    assert!(
        one("a.csv", long.as_bytes()).contains("a row is longer than"),
        "{}",
        one("a.csv", long.as_bytes())
    );
    let many = format!("customer,email\r\n{}", ",a@b\r\n".repeat(1000));
    let found = mistakes("a.csv", many, Purpose::Edits);
    assert_eq!((found.len(), &*found[51]), (52, "and 950 more"));
    // Limits are left to the service if somebody says so.
    let folder = Folder::new();
    let path = folder.write("a.csv", format!("customer,address-country\n{ID},USA\n"));
    assert!(Sheet::check(&path, Purpose::Edits).is_err());
    assert!(Sheet::check(&path, Purpose::EditsWithoutLimits).is_ok());
    assert!(Sheet::check(folder.0.path(), Purpose::Edits).is_err());
}

#[test]
fn a_file_that_changes_meanwhile_gives_no_row() {
    let folder = Folder::new();
    let path = folder.write("a.csv", format!("customer,email\n{ID},a@b\n"));
    let sheet = Sheet::check(&path, Purpose::Edits).expect("no mistake");
    std::fs::write(&path, format!("customer,email\n{ID},a@bc\n")).expect("a file");
    assert!(sheet.rows().is_err());
}

/// Texts that spreadsheets and parsers trip over.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[=+@'\t\r\n-][^\u{0}]{0,8}",
        "'{0,3}(\\(none\\)|#N/A|1E\\+5|=1|x)",
        "[0-9 +-]{1,8}",
        "[a\"',;\t\r\n ]{1,10}",
    ]
}

fn members() -> Vec<&'static Member> {
    CustomerBillingProfile::members().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_is_read_as_it_was(
        profiles in prop::collection::vec(prop::collection::vec(prop::option::of(text()), 22), 1..4),
    ) {
        let columns = members();
        let layout = crate::many::export::record::Layout::Csv(columns.clone());
        let mut text = layout.header().expect("a header");
        let mut ids = Vec::new();
        for (index, values) in profiles.iter().enumerate() {
            let mut tree = json!({"defaultAddress": {}});
            for (column, value) in columns.iter().zip(values) {
                if let Some(value) = value {
                    let at = column.pointer.rsplit_once('/').map_or("", |it| it.0);
                    let object = tree.pointer_mut(at).and_then(Value::as_object_mut);
                    object.expect("an object").insert(column.key().to_owned(), json!(value));
                }
            }
            let id = uuid::Uuid::from_u128(index as u128);
            text += &cells(&id.to_string(), ["", "", "\"-1\""], &columns, &tree);
            ids.push(id);
        }
        let folder = Folder::new();
        let path = folder.write("a.csv", text);
        let sheet = Sheet::check(&path, Purpose::EditsWithoutLimits);
        let sheet = sheet.map_err(|failure| TestCaseError::fail(failure.lines().collect::<String>()))?;
        let rows: Vec<_> = sheet.rows().expect("rows").map(|row| row.expect("a row")).collect();
        prop_assert_eq!(rows.len(), profiles.len());
        for ((row, values), id) in rows.iter().zip(&profiles).zip(ids) {
            prop_assert_eq!(row.customer.id, Some(id));
            let mut read: Map<String, Value> = row.kept.iter().map(|(at, text)| ((*at).to_owned(), json!(text))).collect();
            read.extend(row.edits.iter().map(|it| (it.pointer.clone(), it.value().expect("a value").clone())));
            // What is empty leaves a member as it is.
            let written = columns.iter().zip(values).filter_map(|(column, value)| {
                let value = value.as_ref().filter(|value| !value.is_empty())?;
                Some((column.pointer.to_owned(), json!(value)))
            });
            let mut written: Map<String, Value> = written.collect();
            written.sort_keys();
            read.sort_keys();
            prop_assert_eq!(read, written);
        }
    }

    #[test]
    fn no_file_ends_the_process(bytes in prop::collection::vec(any::<u8>(), 0..200), json in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.write(if json { "a.jsonl" } else { "a.csv" }, bytes);
        let _ = Sheet::check(&path, Purpose::Edits);
    }
}

//! What each change means, pair by pair: the tables under `tests/tables` are the specification.
//!
//! A row is a pair `base → revision`, in one line or two, and under it, indented, every change that
//! must be found: direction, verdict on the wire, verdict at run time where that is
//! another, rule, operations where they are not all that the direction has, message.
//! `@context` lines say what the fragments are fragments of, and the version of OpenAPI if it is not 3.0:
//! one, or that of the base and that of the revision. `<Name>` is a reference to a schema.
//!
//! `TABLES=accept cargo test -p openapi-diff --test tables` writes what is found into the tables;
//! read the difference before you commit it.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use openapi_diff::{Change, Direction, Document, Verdict, diff, rules};

/// Schemas that the fragments can refer to.
const SHELF: &str = "\
components:
  schemas:
    Text: {type: string}
    Copy: {type: string}
    Nullable: {type: string, nullable: true}
    Pet: {type: object, properties: {name: {type: string}}, required: [name]}
    Beast: {required: [name], properties: {name: {type: string}}, type: object}
    Cat: {type: object, properties: {kind: {type: string, enum: [cat]}, lives: {type: integer}}, required: [kind]}
    Dog: {type: object, properties: {kind: {type: string, enum: [dog]}, tail: {type: boolean}}, required: [kind]}
    Bird: {type: object, properties: {kind: {type: string, enum: [bird]}, wings: {type: integer}}, required: [kind]}
    Tree: {type: object, properties: {left: {$ref: '#/components/schemas/Tree'}}}
    Wood: {type: object, properties: {left: {$ref: '#/components/schemas/Wood'}}}
";

/// `fragment` as a document of the context and of a version of OpenAPI.
fn document(context: &str, version: &str, fragment: &str) -> Document {
    let fragment = fragment.replace('<', "{$ref: '#/components/schemas/").replace('>', "'}");
    let head = format!("openapi: {version}.0\ninfo: {{title: Table, version: '1'}}\n");
    let both = |schema: &str| {
        format!(
            "paths:
  /in: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{'204': {{description: Done}}}}}}}}
  /out: {{get: {{responses: {{'200': {{description: Read, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}
"
        )
    };
    let text = match context {
        "property" => {
            let schema = "{$ref: '#/components/schemas/T'}";
            format!(
                "{head}{}{SHELF}    T: {{type: object, properties: {{p: {fragment}}}}}\n",
                both(schema)
            )
        }
        "body" => format!("{head}{}{SHELF}", both(&fragment)),
        "parameter" => format!(
            "{head}paths:\n  /out: {{get: {{parameters: [{fragment}], responses: {{'204': {{description: Done}}}}}}}}\n{SHELF}"
        ),
        "header" => format!(
            "{head}paths:\n  /out: {{get: {{responses: {{'204': {{description: Done, headers: {{X-H: {fragment}}}}}}}}}}}\n{SHELF}"
        ),
        "operation" => format!("{head}paths:\n  /in: {{post: {fragment}}}\n{SHELF}"),
        "document" => {
            let rest = fragment.strip_prefix('{').expect("a flow mapping");
            let info =
                if rest.starts_with("info:") { "" } else { "info: {title: Table, version: '1'}, " };
            format!("{{openapi: {version}.0, {info}{rest}\n")
        }
        other => panic!("no context @{other}"),
    };
    Document::parse("table.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::PotentiallyBreaking => "potential",
        Verdict::Breaking => "BREAKING",
    }
}

/// A change as a line of a table.
fn line(context: &str, change: &Change) -> String {
    let (direction, usual) = match change.direction {
        Direction::Request => ("request", "POST /in"),
        Direction::Response => ("response", "GET /out"),
        Direction::Neither => ("neither", "POST /in, GET /out"),
    };
    let mut text = format!("    {direction} {}", verdict(change.wire));
    if change.run_time != change.wire {
        write!(text, " (run time: {})", verdict(change.run_time)).expect("memory");
    }
    write!(text, " {}", change.rule).expect("memory");
    let operations: Vec<_> = change.operations.iter().map(ToString::to_string).collect();
    let operations = operations.join(", ");
    let usual = match context {
        "property" | "body" => usual,
        "parameter" | "header" => "GET /out",
        "operation" => "POST /in",
        _ => "",
    };
    if operations != usual {
        let operations = if operations.is_empty() { "nobody" } else { &operations };
        write!(text, " [{operations}]").expect("memory");
    }
    format!("{text}: {}\n", change.message)
}

/// Whether the catalogue has a rule.
fn is_known(rule: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> =
        LazyLock::new(|| rules().map(|rule| rule.id).collect());
    KNOWN.contains(rule)
}

/// Whether a line is a note or names a context, rather than a part of a row.
fn is_aside(line: &str) -> bool {
    line.is_empty() || line.starts_with('#') || line.starts_with('@')
}

/// The table with what is found in place of what must be found.
fn actual(table: &str) -> String {
    let mut text = String::new();
    let (mut context, mut versions) = ("property", ("3.0", "3.0"));
    let mut base = None;
    for line in table.lines().filter(|line| !line.starts_with(' ')) {
        text.push_str(line);
        text.push('\n');
        if let Some(words) = line.strip_prefix('@') {
            let words: Vec<_> = words.split(' ').collect();
            context = words[0];
            let base = *words.get(1).unwrap_or(&"3.0");
            versions = (base, *words.get(2).unwrap_or(&base));
        }
        if is_aside(line) {
            continue;
        }
        let (old, new) = match (line.split_once(" → "), line.strip_prefix("→ "), base.take()) {
            (Some(pair), ..) => pair,
            (None, Some(new), Some(old)) => (old, new),
            _ => {
                base = Some(line);
                continue;
            }
        };
        for change in diff(&document(context, versions.0, old), &document(context, versions.1, new))
        {
            assert!(is_known(&change.rule), "no rule `{}` is in the catalogue", change.rule);
            text.push_str(&self::line(context, &change));
        }
    }
    text
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(name);
    let table = std::fs::read_to_string(&path).expect("the table");
    let actual = actual(&table);
    if std::env::var("TABLES").is_ok_and(|word| word == "accept") {
        std::fs::write(&path, &actual).expect("the table can be written");
        return;
    }
    let (want, got): (Vec<_>, Vec<_>) = (table.lines().collect(), actual.lines().collect());
    let missing = want.iter().filter(|line| !got.contains(line)).map(|line| format!("-{line}\n"));
    let extra = got.iter().filter(|line| !want.contains(line)).map(|line| format!("+{line}\n"));
    let difference: String = missing.chain(extra).collect();
    assert!(want == got, "{name} says otherwise:\n{difference}");
}

#[test]
fn values() {
    check("values.table");
}

#[test]
fn compositions() {
    check("compositions.table");
}

#[test]
fn objects() {
    check("objects.table");
}

#[test]
fn places() {
    check("places.table");
}

#[test]
fn equivalences() {
    check("equivalences.table");
}

#[test]
fn modern() {
    check("modern.table");
}

#[test]
fn upgrades() {
    check("upgrades.table");
}

#[test]
fn equivalences_hold_the_other_way_round() {
    for name in ["equivalences.table", "upgrades.table"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(name);
        let table = std::fs::read_to_string(&path).expect("the table");
        assert!(!table.contains("\n    "), "an equivalence is no change");
        let turn = |line: &str| match (line.split_once(" → "), line.strip_suffix(" 3.0 3.1")) {
            (Some((base, revision)), _) => format!("{revision} → {base}\n"),
            (None, Some(context)) => format!("{context} 3.1 3.0\n"),
            (None, None) => format!("{line}\n"),
        };
        let turned: String = table.lines().map(turn).collect();
        let actual = actual(&turned);
        let found: Vec<_> = actual.lines().filter(|line| !turned.contains(line)).collect();
        assert!(actual == turned, "{name} the other way round: {found:#?}");
    }
}

#[test]
fn operations() {
    check("operations.table");
}

#[test]
fn transport() {
    check("transport.table");
}

#[test]
fn every_rule_is_in_a_table() {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(entry.expect("an entry").path()).expect("a table")
    };
    let text: String = std::fs::read_dir(tables).expect("tables").map(read).collect();
    let found: HashSet<_> = text
        .lines()
        .filter(|line| line.starts_with(' '))
        .flat_map(|line| line.split([' ', ':']))
        .filter(|word| is_known(word))
        .collect();
    // A rule about schemas is the same rule wherever they stand.
    let what = |id: &str| {
        let places = [
            "parameter-property-",
            "header-property-",
            "property-",
            "body-",
            "parameter-",
            "header-",
        ];
        let rest = id.strip_prefix("request-").or(id.strip_prefix("response-")).unwrap_or(id);
        let inner = places.iter().find_map(|place| rest.strip_prefix(place));
        inner.unwrap_or(id).replace("parameter-property", "property")
    };
    let known: HashSet<_> = found.iter().map(|id| what(id)).collect();
    // No document that a person can read is that large.
    let shown = |id: &String| id == "comparison-incomplete" || known.contains(&what(id));
    let missing: Vec<_> = rules().map(|rule| rule.id).filter(|id| !shown(id)).collect();
    assert!(missing.is_empty(), "no row shows {missing:?}");
}

#[test]
fn every_rule_has_a_name_of_its_own_and_says_why() {
    let mut ids = HashSet::new();
    for rule in rules() {
        assert!(ids.insert(rule.id.clone()), "`{}` is there twice", rule.id);
        assert!(rule.explanation.contains("compatible") || rule.explanation.contains("breaking"));
        assert!(rule.explanation.ends_with('.'), "{}", rule.explanation);
        assert_ne!(rule.turned.as_ref(), Some(&rule.explanation));
    }
}

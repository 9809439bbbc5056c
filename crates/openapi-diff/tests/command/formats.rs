//! What each format shows.

use serde_json::Value;

use super::{Ran, both};

fn shown(format: &str) -> String {
    let Ran { code, out, err } = both().diff(&["--format", format]);
    assert_eq!((code, &*err), (Some(3), ""));
    out
}

#[test]
fn text() {
    insta::assert_snapshot!("text", shown("text"));
}

#[test]
fn markdown() {
    insta::assert_snapshot!("markdown", shown("markdown"));
}

#[test]
fn github() {
    insta::assert_snapshot!("github", shown("github"));
}

#[test]
fn json() {
    insta::assert_snapshot!("json", shown("json"));
}

#[test]
fn sarif() {
    insta::assert_snapshot!("sarif", shown("sarif"));
}

/// Every object of the output is described, whatever is accepted, stale or of the policy.
#[test]
fn the_json_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(&both().run(&["schema"]).out).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let config = "
[policy]
response-enum-values = 'compatible'
[[accepted]]
rule = 'request-parameter-max-decreased'
place = '/paths/~1things/get/parameters/0/schema/maximum'
reason = 'nobody asked for more'
[[accepted]]
rule = 'endpoint-added'
place = '/paths/~1others/get'
message = 'it is new'
reason = 'stale'
";
    let folder = both();
    folder.write("openapi-diff.toml", config);
    for arguments in [&["--format", "json"][..], &["--format", "json", "--config", "empty.toml"]] {
        folder.write("empty.toml", "");
        let report: Value = serde_json::from_str(&folder.diff(arguments).out).expect("JSON");
        let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(wrong, [""; 0]);
        assert_eq!(report["$schema"], schema["$id"]);
        // The schema describes what is there, and nothing else is.
        let described = |part: &Value, value: &Value| {
            for name in value.as_object().expect("an object").keys() {
                assert!(part["properties"].get(name).is_some(), "{name}");
            }
        };
        described(&schema, &report);
        for change in report["changes"].as_array().expect("changes") {
            described(&schema["$defs"]["change"], change);
            for place in ["base", "revision"].map(|side| &change[side]) {
                if !place.is_null() {
                    described(&schema["$defs"]["location"], place);
                }
            }
            for operation in change["operations"].as_array().expect("operations") {
                described(&schema["$defs"]["operation"], operation);
            }
        }
        for stale in report["staleAcceptances"].as_array().expect("records") {
            described(&schema["$defs"]["acceptance"], stale);
        }
    }
}

/// A level limits what is listed, in every format; what it comes to is said of all.
#[test]
fn only_what_is_bad_enough_is_listed() {
    let folder = both();
    let json = |arguments: &[&str]| -> Value {
        let ran = folder.diff(&[&["--format", "json"], arguments].concat());
        assert_eq!((ran.code, &*ran.err), (Some(3), ""));
        serde_json::from_str(&ran.out).expect("JSON")
    };
    let all = json(&[]);
    let changes = all["changes"].as_array().expect("changes");
    let bad = |change: &&Value| {
        ["wire", "runTime"].iter().any(|aspect| change["verdicts"][aspect] == "breaking")
    };
    let worst: Vec<_> = changes.iter().filter(bad).cloned().collect();
    assert!(!worst.is_empty() && worst.len() < changes.len());
    let listed = json(&["--level", "breaking"]);
    assert_eq!(listed["changes"], Value::from(worst.clone()));
    assert_eq!(listed["summary"], all["summary"]);
    assert_eq!(
        (&listed["unlisted"], &all["unlisted"]),
        (&(changes.len() - worst.len()).into(), &0.into())
    );
    assert_eq!(json(&["--level", "compatible"]), all);

    let shown = |format: &str| folder.diff(&["--format", format, "--level", "breaking"]).out;
    assert_eq!(shown("github").lines().count(), worst.len());
    let log: Value = serde_json::from_str(&shown("sarif")).expect("JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(worst.len()));
    for result in log["runs"][0]["results"].as_array().expect("results") {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let text = shown("text");
    assert!(!text.contains("compatible [") && !text.contains("words only"), "{text}");
    assert!(text.contains("not listed: 5 changes below breaking\n"), "{text}");
    let markdown = shown("markdown");
    assert!(!markdown.contains("| ok | ok |\n"), "{markdown}");
    assert!(markdown.contains("\nNot listed: 5 changes below breaking.\n"), "{markdown}");

    // What is accepted is no less bad, and what fails is no less for not being listed.
    let name = super::BASE.replace("        name: {type: string}\n", "");
    let maybe = super::Folder::new(super::BASE, &name);
    let ran = maybe.diff(&["--level", "breaking", "--record", "nobody used it"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), "recorded 2 in openapi-diff.toml\n"));
    assert!(ran.out.starts_with("not listed: 2 changes below breaking\n"), "{}", ran.out);
}

/// What the specification requires, and what code scanning needs beside.
#[test]
fn the_sarif_has_what_readers_ask_for() {
    let log: Value = serde_json::from_str(&shown("sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    let mut prints: Vec<_> = Vec::new();
    for result in results {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "revision.yaml");
        assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line > 0));
        prints.push(result["partialFingerprints"]["openapiDiff/v1"].as_str().expect("a text"));
    }
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), results.len());
}

#[test]
fn a_fingerprint_stays_when_lines_move() {
    let prints = |text: &str| {
        let folder = super::Folder::new(super::BASE, text);
        let out = folder.diff(&["--format", "sarif"]).out;
        let log: Value = serde_json::from_str(&out).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        results.iter().map(|it| it["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    let moved = super::REVISION.replace("paths:\n", "# one\n# two\npaths:\n");
    assert_eq!(prints(super::REVISION), prints(&moved));
}

//! The configuration: what counts as breaking, and what is on record as accepted.

use super::{BASE, Folder, REVISION, both};

/// The heads of what is reported: verdict, rule and message.
fn heads(folder: &Folder, config: &str) -> Vec<String> {
    folder.write("openapi-diff.toml", config);
    let ran = folder.diff(&["--fail-on", "none"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    let heads = ran.out.lines().filter(|line| line.contains('[') && !line.starts_with(' '));
    heads.map(|line| line.split("] ").next().unwrap_or_default().to_owned() + "]").collect()
}

#[test]
fn rules_count_as_the_configuration_says() {
    let folder = both();
    let enums = "[response-property-enum-value-added]";
    for (config, verdict) in [
        ("", Some("breaking")),
        ("[rules]\nresponse-property-enum-value-added = 'compatible'", Some("compatible")),
        ("[rules]\nresponse-property-enum-value-added = 'off'", None),
        ("[policy]\nresponse-enum-values = 'potentially-breaking'", Some("potentially breaking")),
        // A rule goes before a switch.
        (
            "[policy]\nresponse-enum-values = 'off'\n[rules]\nresponse-property-enum-value-added = 'breaking'",
            Some("breaking"),
        ),
    ] {
        let heads = heads(&folder, config);
        let found: Vec<_> = heads.iter().filter(|head| head.ends_with(enums)).collect();
        let expected: Vec<_> = verdict.iter().map(|verdict| format!("{verdict} {enums}")).collect();
        assert!(found.iter().all(|head| **head == expected[0]), "{config}: {found:?}");
        assert_eq!(found.is_empty(), expected.is_empty(), "{config}");
    }
}

/// What the service sends is in the request of a webhook and of a callback; what it is sent, in their responses.
#[test]
fn values_count_where_the_service_sends_them() {
    let document = |values: &str| {
        let body = format!("content: {{application/json: {{schema: {{enum: [{values}]}}}}}}");
        let post =
            format!("{{post: {{requestBody: {{{body}}}, responses: {{'200': {{{body}}}}}}}}}");
        let call = "{'{$request.query.url}': POST}".replace("POST", &post);
        let paths = "{/a: {put: {responses: {}, callbacks: {c: CALL}}}}".replace("CALL", &call);
        format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\nwebhooks: {{w: {post}}}\npaths: {paths}\n"
        )
    };
    let folder = Folder::new(&document("a"), &document("a, b"));
    let (sent, taken) = ("[request-body-enum-value-added]", "[response-body-enum-value-added]");
    for (config, verdict) in [
        ("", Some("breaking")),
        ("[policy]\nresponse-enum-values = 'potentially-breaking'", Some("potentially breaking")),
        ("[policy]\nresponse-enum-values = 'off'", None),
    ] {
        let mut expected: Vec<_> = verdict.iter().map(|it| format!("{it} {sent}")).collect();
        expected.extend(expected.clone());
        expected.extend([format!("compatible {taken}"), format!("compatible {taken}")]);
        assert_eq!(heads(&folder, config), expected, "{config}");
    }
    // And so it is explained.
    folder.write("openapi-diff.toml", "");
    let said = folder.diff(&["--format", "markdown"]).out;
    let why = "A request body can be one more of a list of values. Clients may be sent what they do not know: breaking.";
    assert_eq!(said.matches(why).count(), 2, "{said}");
    let why = "- **Wire: breaks.** A request may be one that nobody had to expect\n";
    assert_eq!(said.matches(why).count(), 2, "{said}");
    let log = folder.diff(&["--format", "sarif"]).out;
    let turned = "compatible. In a webhook or a callback: A request body can be one more of a list of values. Clients may be sent";
    assert!(log.contains(turned), "{log}");
}

#[test]
fn what_was_deprecated_may_go_after_its_sunset() {
    let removal = "[policy]\nremoval-after-deprecation = 'compatible'\n";
    let with = |sunset: &str| BASE.replace("      x-sunset: '2026-05-31'\n", sunset);
    for (base, config, head) in [
        (with(""), "", "breaking"),
        (with(""), removal, "compatible"),
        (with("      x-sunset: 2026-05-31\n"), removal, "compatible"),
        (with("      x-sunset: '2026-06-01'\n"), removal, "compatible"),
        (with("      x-sunset: '2026-06-02T00:00:00Z'\n"), removal, "breaking"),
        (with("      x-sunset: '31.05.2026'\n"), removal, "breaking"),
        (BASE.replace("      deprecated: true\n", ""), removal, "breaking"),
    ] {
        let folder = Folder::new(&base, REVISION);
        let heads = heads(&folder, config);
        let found = heads.iter().find(|head| head.contains("[api-path-removed-"));
        let found = found.expect("a removal").split(" [").next();
        assert_eq!(found, Some(head), "{base}{config}");
    }
}

#[test]
fn a_member_that_was_deprecated_may_go_too() {
    let config = "[policy]\nremoval-after-deprecation = 'compatible'\n";
    let name = "        name: {type: string}\n";
    let revision = BASE.replace(name, "");
    for (member, head) in [
        (name, "potentially breaking"),
        ("        name: {type: string, deprecated: true}\n", "compatible"),
        ("        name: {type: string, deprecated: true, x-sunset: '2027-01-01'}\n", "breaking"),
    ] {
        let folder = Folder::new(&BASE.replace(name, member), &revision);
        let heads = heads(&folder, config);
        assert_eq!(heads.len(), 2, "one in the request, one in the response: {heads:?}");
        assert!(heads.iter().all(|it| it.starts_with(&format!("{head} ["))), "{heads:?}");
    }
}

#[test]
fn whatever_can_be_deprecated_may_go_too() {
    let config = "[policy]\nremoval-after-deprecation = 'compatible'\n";
    let document = |version: &str, rest: &str| {
        format!("openapi: {version}\ninfo: {{title: T, version: '1'}}\n{rest}\n")
    };
    let operation = |rest: &str| {
        document("3.0.3", &format!("paths: {{/a: {{post: {{responses: {{}}, {rest}}}}}}}"))
    };
    let media = |mark: &str| {
        let types = format!("application/json: {{}}, application/xml: {{{mark}}}");
        operation(&format!("requestBody: {{content: {{{types}}}}}"))
    };
    let parameter =
        |mark: &str| operation(&format!("parameters: [{{in: query, name: q, {mark}}}]"));
    let webhook = |mark: &str| document("3.1.0", &format!("webhooks: {{a: {{post: {{{mark}}}}}}}"));
    let gone = media("").replace(", application/xml: {}", "");
    let later = "deprecated: true, x-sunset: '2027-01-01'";
    for (base, revision, usual, deprecated) in [
        (media(""), &gone, "breaking", media("deprecated: true")),
        (media(""), &gone, "breaking", media("schema: {deprecated: true}")),
        (
            parameter("schema: {}"),
            &operation("parameters: []"),
            "potentially breaking",
            parameter("schema: {allOf: [{type: string, deprecated: true}]}"),
        ),
        (
            webhook(""),
            &document("3.1.0", "webhooks: {}"),
            "potentially breaking",
            webhook("deprecated: true"),
        ),
    ] {
        let promised = deprecated.replace("deprecated: true", later);
        for (base, head) in [(base, usual), (deprecated, "compatible"), (promised, "breaking")] {
            let folder = Folder::new(&base, revision);
            let heads = heads(&folder, config);
            assert_eq!(heads.len(), 1, "{heads:?}");
            assert!(heads[0].starts_with(&format!("{head} [")), "{base}{heads:?}");
        }
    }
}

#[test]
fn a_deprecation_comes_with_a_sunset_that_is_far_enough() {
    let config = "[policy]\nsunset-days = 30\n";
    let open = BASE.replace("      deprecated: true\n      x-sunset: '2026-05-31'\n", "");
    let with = |sunset: &str| BASE.replace("      x-sunset: '2026-05-31'\n", sunset);
    for (base, revision, head) in [
        (&open, with(""), "breaking [endpoint-deprecated]"),
        (&open, with("      x-sunset: '2026-06-30'\n"), "breaking [endpoint-deprecated]"),
        (&open, with("      x-sunset: '2026-07-01'\n"), "compatible [endpoint-deprecated]"),
        (&open, with("      x-sunset: soon\n"), "breaking [endpoint-deprecated]"),
        (&with("      x-sunset: '2027-01-01'\n"), with(""), "breaking [sunset-changed]"),
        (
            &with("      x-sunset: '2027-01-01'\n"),
            with("      x-sunset: '2026-06-02'\n"),
            "breaking [sunset-changed]",
        ),
        // Put off, or far enough all the same.
        (
            &with("      x-sunset: '2026-06-02'\n"),
            with("      x-sunset: '2026-06-03'\n"),
            "compatible [sunset-changed]",
        ),
        (
            &with("      x-sunset: '2027-01-01'\n"),
            with("      x-sunset: '2026-12-01'\n"),
            "compatible [sunset-changed]",
        ),
    ] {
        let folder = Folder::new(base, &revision);
        assert_eq!(heads(&folder, config), [head], "{revision}");
        assert!(heads(&folder, "").iter().all(|head| head.starts_with("compatible [")));
    }
}

#[test]
fn a_policy_says_what_it_did() {
    let folder = both();
    folder.write("openapi-diff.toml", "[policy]\nremoval-after-deprecation = 'compatible'\n");
    let said = folder.diff(&[]).out;
    let why =
        "  policy: compatible, not breaking: it was deprecated, and its sunset was on 2026-05-31\n";
    assert!(said.contains(why), "{said}");
}

#[test]
fn what_is_wrong_with_the_configuration_is_shown_at_its_line() {
    let folder = both();
    for (config, place, part) in [
        ("[rules]\nendpoint-add = 'off'", ":2:1", "did you mean `endpoint-added`?"),
        ("[rules]\nnothing-like-it = 'off'", ":2:1", "`openapi-diff rules` lists all of them"),
        ("[rules]\nendpoint-added = 'fine'", ":2:18", "`potentially-breaking`"),
        ("[policy]\nsunset = 3", ":2:1", "unknown field `sunset`"),
        ("[[accepted]]\nrule = 'endpoint-added'\nplace = ''\nreason = ' '", ":2:8", "no reason"),
        ("[", ":1:", "error[config]"),
    ] {
        folder.write("openapi-diff.toml", config);
        let ran = folder.diff(&[]);
        assert_eq!((ran.code, &*ran.out), (Some(100), ""), "{config}");
        assert!(ran.err.contains(&format!("openapi-diff.toml{place}")), "{}", ran.err);
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    let missing = folder.diff(&["--config", "missing.toml"]);
    assert_eq!(missing.code, Some(100));
    assert!(missing.err.contains("the configuration cannot be read"), "{}", missing.err);
}

#[test]
fn a_record_covers_what_it_names_and_no_more() {
    let folder = both();
    let one = BASE.replace("[new, old]", "[new, old, lost]");
    folder.write("one.yaml", &one);
    let recorded =
        folder.run(&["base.yaml", "one.yaml", "--record", "everyone knows", "--format", "github"]);
    assert_eq!(recorded.code, Some(0), "{}", recorded.out);
    assert_eq!(recorded.err, "recorded 1 in openapi-diff.toml\n");
    assert_eq!(folder.run(&["base.yaml", "one.yaml"]).code, Some(0));
    insta::assert_snapshot!("record", folder.read("openapi-diff.toml"));

    // Another value in the same list is another change.
    folder.write("two.yaml", &one.replace("lost]", "lost, found]"));
    let two = folder.run(&["base.yaml", "two.yaml"]);
    assert_eq!(two.code, Some(3));
    assert!(
        two.out.contains("breaking, accepted [response-property-enum-value-added]"),
        "{}",
        two.out
    );
    assert!(two.out.contains("breaking [response-property-enum-value-added]"), "{}", two.out);

    // Once it is merged, nothing changes there any more.
    let merged = folder.run(&["one.yaml", "one.yaml"]);
    assert!(
        merged.out.contains("stale acceptance of response-property-enum-value-added"),
        "{}",
        merged.out
    );
}

#[test]
fn a_record_keeps_the_rest_of_the_configuration() {
    let folder = both();
    let before = "# ours\n[policy]\nremoval-after-deprecation = 'compatible'\n";
    folder.write("ours.toml", before);
    let ran = folder.diff(&["--config", "ours.toml", "--record", "known"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), "recorded 3 in ours.toml\n"));
    assert!(folder.read("ours.toml").starts_with(before));
    assert_eq!(folder.diff(&["--config", "ours.toml"]).code, Some(0));
    let again = folder.read("ours.toml");
    assert_eq!(folder.diff(&["--config", "ours.toml", "--record", "again"]).code, Some(0));
    assert_eq!(folder.read("ours.toml"), again);
}

//! Paths, the methods on them, and the parameters in them.

use openapi_document::Profile::{Generator, Openapi};
use openapi_document::{Contract, Diagnostic, Profile, escape};

use std::collections::BTreeMap;

openapi_document::rules! {
    /// A path starts with `/`: `openapiv3` drops another in silence. Two that
    /// differ by the names of their parameters alone are one path (section 4.7.8).
    ///
    /// For the generator, it is nothing but a path, without a query,
    /// a fragment or an empty segment: the generated code would send it, but for the second `/` of two. Segments `.`
    /// and `..`, percent-encoded or not, disappear when the URL is parsed, and a `\` becomes a `/` (WHATWG URL Standard,
    /// path state): the call would go to another resource. Blanks and control characters have no place in a URI,
    /// nor has a `%` without two hexadecimal digits (RFC 3986 section 2).
    ///
    /// **Fix** as the finding says; a query is described by parameters.
    /// **Waive** on the path item.
    PATH = error("path", "a path starts with `/`, is nothing but a path, and is there once") {
        bad: [
            ("/a/{id}", "a/{id}", 5),
            ("/a/{id}", "/a/{id}?b=1", 5),
            ("/a/{id}", "/a//{id}", 5),
            ("/a/{id}", "/a/../{id}", 5),
            ("/a/{id}", "/a/.%2E/{id}", 5),
            ("/a/{id}", "/{id}/.", 5),
            ("/a/{id}", "/a\\{id}", 5),
            ("/a/{id}", "/a b/{id}", 5),
            ("/a/{id}", "/a%zz/{id}", 5),
            ("paths:\n", "paths:\n  /a/{key}: {}\n", 6),
        ],
        good: [
            ("paths:\n", "paths:\n  x-a: {}\n  /a: {}\n"),
            ("paths:\n", "paths:\n  /.a/b..c/...%20: {}\n"),
        ],
    }

    /// The generator cannot send OPTIONS and TRACE: reqwest has no methods for them. The client has none, either.
    ///
    /// **Fix** by leaving the operation out.
    /// **Waive** on the operation if the client may do without it: it has no method then.
    METHOD = warning(Generator, "method", "the generator can send the method") {
        bad: [
            ("    get:", "    trace:", 9),
        ],
        good: [
            ("    get:", "    head:"),
        ],
    }

    /// Every `{name}` of a path is a parameter of the operation or of its path item, `in: path` and
    /// `required: true`, and every path parameter is in the path (section 4.7.12.1). The generated code would
    /// not compile, or the generator would panic.
    ///
    /// **Fix** by declaring it, removing it, or spelling both alike.
    /// **Waive** on the path item.
    PATH_PARAMETER = error("path-parameter", "every `{name}` of a path is a required parameter, and the other way round") {
        bad: [
            ("name: id", "name: key", 8),
            ("in: path, required: true", "in: path", 8),
            ("/a/{id}", "/a/{id}/{", 5),
            ("/a/{id}", "/a/{id}}", 5),
            ("/a/{id}", "/a/{id}/{}", 5),
        ],
        good: [
            ("      tags: [t]\n", "      tags: [t]\n      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"),
        ],
    }
}

/// `openapiv3` drops a path without a leading slash in silence, and reqwest has no OPTIONS and TRACE.
pub(super) fn paths(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut seen = BTreeMap::new();
    let paths = contract.json["paths"].as_object().into_iter().flatten();
    for path in paths.map(|(path, _)| path).filter(|path| !path.starts_with("x-")) {
        let pointer = format!("/paths/{}", escape(path));
        let mut report = |profile: Profile, message: String, help: String| {
            let found = contract.source.diagnostic(PATH, &pointer, message, help);
            findings.push(found.of(profile));
        };
        if !path.starts_with('/') {
            report(
                Openapi,
                format!("`{path}` does not start with `/`"),
                format!("expected `/{path}`"),
            );
        }
        if path.contains(['?', '#']) {
            let help =
                "describe what follows `?` as parameters `in: query`; leave out what follows `#`";
            report(Generator, format!("`{path}` is more than a path"), help.into());
        }
        if path.contains("//") {
            let help = "write one `/`; the generator would send one";
            report(Generator, format!("`{path}` has an empty segment"), help.into());
        }
        if path.split('/').any(|segment| matches!(with_dots(segment).as_str(), "." | "..")) {
            let help = "write the path that is left when it and what it stands for are gone";
            report(Generator, format!("`{path}` has a segment that disappears"), help.into());
        }
        let template = template(path);
        let fixed = || template.pieces.iter();
        let unfit = |it: char| it == '\\' || it.is_whitespace() || it.is_control();
        if fixed().any(|piece| piece.contains(unfit) || has_bare_percent(piece)) {
            let help = "percent-encode it (RFC 3986 section 2.1), or write `/` for `\\`";
            report(
                Generator,
                format!("`{}` has a character that no path has", path.escape_debug()),
                help.into(),
            );
        }
        let shape = template.pieces.join("{}");
        if let Some(other) = seen.insert(shape, path) {
            let help = "make one path item of them (OpenAPI 3.0.3 section 4.7.8)";
            report(Openapi, format!("`{path}` and `{other}` are the same path"), help.into());
        }
    }
    for operation in contract.operations() {
        if matches!(operation.method, "options" | "trace") {
            let message = format!("the generator cannot send {}", operation.method.to_uppercase());
            findings.push(contract.source.diagnostic(
                METHOD,
                &operation.pointer,
                message,
                "leave it out",
            ));
        }
    }
    findings
}

/// A segment with its encoded dots decoded, as URLs are parsed.
pub(super) fn with_dots(segment: &str) -> String {
    segment.replace("%2e", ".").replace("%2E", ".")
}

/// Whether there is a `%` that encodes nothing.
fn has_bare_percent(text: &str) -> bool {
    let encoded = |rest: &str| {
        rest.get(..2).is_some_and(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()))
    };
    text.split('%').skip(1).any(|rest| !encoded(rest))
}

/// A path in parts: what stands outside of `{…}`, and the names in it.
struct Template<'a> {
    pieces: Vec<&'a str>,
    names: Vec<&'a str>,
    /// A brace without its other half, or a name that is none.
    broken: bool,
}

fn template(path: &str) -> Template<'_> {
    let mut segments = path.split('{');
    let mut pieces = vec![segments.next().unwrap_or_default()];
    let (mut names, mut broken) = (Vec::new(), false);
    for segment in segments {
        let (name, piece) = segment.split_once('}').unwrap_or(("", segment));
        if name.is_empty() || name.contains('/') {
            broken = true;
        } else {
            names.push(name);
        }
        pieces.push(piece);
    }
    broken |= pieces.iter().any(|piece| piece.contains('}'));
    Template { pieces, names, broken }
}

/// Every `{name}` of a path is declared once, and every declared one is in the path.
pub(super) fn parameters(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let mut report = |pointer: &str, message: String, help: String| {
            findings.push(contract.source.diagnostic(PATH_PARAMETER, pointer, message, help));
        };
        let template = template(operation.path);
        if template.broken {
            let message = format!("the braces of `{}` do not enclose names", operation.path);
            report(
                &format!("/paths/{}", escape(operation.path)),
                message,
                "expected `{name}`".into(),
            );
        }
        let mut declared = contract.parameters(&operation);
        declared.retain(|parameter| parameter.is_in("path"));
        for name in &template.names {
            if !declared.iter().any(|parameter| parameter.name == *name) {
                let message =
                    format!("`{}` has `{{{name}}}`, which no parameter declares", operation.path);
                let help = format!("add a parameter `{name}` with `in: path` and `required: true`");
                report(&operation.pointer, message, help);
            }
        }
        for parameter in &declared {
            let name = parameter.name;
            if !template.names.contains(&name) {
                let help = "remove the parameter, or name it as the path does";
                let message = format!("`{}` has no `{{{name}}}`", operation.path);
                report(&parameter.at, message, help.into());
            }
            if parameter.value["required"] != true {
                let message = format!("the path parameter `{name}` is not required");
                report(&parameter.place, message, "add `required: true`".into());
            }
        }
    }
    findings
}

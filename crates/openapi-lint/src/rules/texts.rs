//! What is said of the document as a whole, and in whatever text.

use openapi_document::{Contract, Diagnostic};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// `info.version` is printable ASCII. The generated code makes a header of it, and would panic on a request.
    ///
    /// **Fix** by writing it in ASCII.
    /// **Waive** on `info` if the hooks drop the header and no request is built before.
    ASCII_VERSION = error(Generator, "ascii-version", "the version is ASCII") {
        bad: [
            ("version: '1'", "version: '1 ä'", 2),
        ],
        good: [
            ("version: '1'", "version: 1.0.0-rc.1"),
        ],
    }

    /// No text has control characters or marks of writing direction in it. Texts become doc comments, where the
    /// compiler refuses them, since they can make code look other than it is (CVE-2021-42574).
    ///
    /// **Fix** by removing it.
    /// **Waive** on the object that has the text.
    HIDDEN_CHARACTER = error(Generator, "hidden-character", "texts have no control characters") {
        bad: [
            ("title: T", "title: \"T\\u202e\"", 2),
        ],
        good: [
            ("title: T", "title: \"T\\tä\\n\""),
        ],
    }
}

/// `info.version` becomes a header value in the generated code, which panics on anything but ASCII.
pub(super) fn version(contract: &Contract) -> Vec<Diagnostic> {
    let pointer = "/info/version";
    let version = contract.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if version.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Vec::new();
    }
    let message = "the version has characters that no header can carry";
    vec![contract.source.diagnostic(ASCII_VERSION, pointer, message, "use printable ASCII")]
}

/// A text becomes a doc comment, which the compiler refuses with control characters in it.
pub(super) fn texts(contract: &Contract) -> Vec<Diagnostic> {
    let hidden = |c: char| {
        let marks_direction = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        marks_direction || c.is_control() && c != '\n' && c != '\t'
    };
    let mut findings = Vec::new();
    walk::every(&contract.json, "", &mut |pointer, value| {
        if value.as_str().is_some_and(|text| text.contains(hidden)) {
            let help = "remove it; the compiler would refuse it in a doc comment";
            let message = "the text has a control character in it";
            findings.push(contract.source.diagnostic(HIDDEN_CHARACTER, pointer, message, help));
        }
    });
    findings
}

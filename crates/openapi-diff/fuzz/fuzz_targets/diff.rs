//! Two documents, with a NUL between them: each is the same as itself, and they can be compared.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_diff::{Document, diff};

fuzz_target!(|text: &str| {
    let Some((base, revision)) = text.split_once('\0') else { return };
    let Ok(base) = Document::parse("base.yaml", base) else { return };
    assert!(diff(&base, &base).is_empty(), "the base is another one than itself");
    let Ok(revision) = Document::parse("revision.yaml", revision) else { return };
    drop(diff(&base, &revision));
});

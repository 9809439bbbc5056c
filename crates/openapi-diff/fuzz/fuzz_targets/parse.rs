//! Whatever is read as a document knows the places of what is in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_diff::Document;

fuzz_target!(|text: &str| {
    if let Ok(document) = Document::parse("a.yaml", text) {
        for (key, _) in document.json.as_object().into_iter().flatten() {
            assert!(document.source.place(&format!("/{}", openapi_diff::escape(key))).is_some());
        }
    }
});

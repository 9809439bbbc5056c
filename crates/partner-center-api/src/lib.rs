#![doc = include_str!("../README.md")]

mod context;
mod document;
#[allow(missing_docs, deprecated, unreachable_pub, clippy::pedantic, clippy::unwrap_used)]
// The texts of the contract are Markdown of a wider dialect than rustdoc's.
#[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]
// A variant for the value `+1` is `plus1`.
#[allow(non_camel_case_types)]
#[rustfmt::skip]
mod generated;
mod lenient;
pub mod pointer;
pub mod scan;
pub mod validation;
pub mod variants;

pub use context::Context;
pub use document::{Document, utf8};
pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, types};
pub use lenient::{misfit, read};

#[cfg(all(test, feature = "schemars"))]
mod tests {
    #[test]
    fn models_describe_themselves() {
        let schema = schemars::schema_for!(crate::types::CustomerBillingProfile);
        let schema = schema.as_value();
        assert_eq!(
            schema["properties"]["firstName"]["type"],
            serde_json::json!(["string", "null"])
        );
        assert_eq!(schema["properties"]["defaultAddress"]["anyOf"][0]["$ref"], "#/$defs/Address");
        assert!(schema["$defs"]["Address"]["properties"]["addressLine1"].is_object());
    }
}

//! The contract without its words and its examples, which no check reads: what the emulator is built into has no use
//! for them.

use std::path::Path;

use serde_json::Value;

const CONTRACT: &str = "../../openapi/partner-center.json";

/// What says something to people. Where the value of `description` is no text, it is a member of that name.
const WORDS: [&str; 3] = ["description", "summary", "title"];

/// What no check reads.
const UNREAD: [&str; 4] = ["examples", "example", "externalDocs", "links"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={CONTRACT}");
    println!("cargo::rerun-if-changed=build.rs");
    let mut contract: Value = serde_json::from_slice(&std::fs::read(CONTRACT)?)?;
    strip(&mut contract, false);
    let folder = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&folder).join("contract.json"), contract.to_string())?;
    Ok(())
}

/// Strips `value`; `named` says whether its members have names of their own, which must stay.
fn strip(value: &mut Value, named: bool) {
    match value {
        Value::Object(members) => {
            if !named {
                members.retain(|name, value| {
                    let word = WORDS.contains(&name.as_str()) && value.is_string();
                    !word && !UNREAD.contains(&name.as_str())
                });
            }
            for (name, value) in members {
                strip(value, !named && name == "properties");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, false)),
        _ => {}
    }
}

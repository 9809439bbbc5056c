//! What the pages are made with: what the contract says of each member of a profile, in a sentence, for the help of the
//! form; and the style and the scripts, compressed as they are sent.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

const CONTRACT: &str = "../../openapi/partner-center.json";

/// What a page fetches, in `src/web`.
const ASSETS: [&str; 3] = ["htmx.js", "web.js", "web.css"];

/// What has a form.
const SCHEMAS: [&str; 2] = ["CustomerBillingProfile", "BillingProfile"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={CONTRACT}");
    println!("cargo::rerun-if-changed=build.rs");
    let contract: Value = serde_json::from_slice(&std::fs::read(CONTRACT)?)?;
    let mut rows = String::new();
    for schema in SCHEMAS {
        let at = format!("/components/schemas/{schema}");
        let members = contract.pointer(&at).ok_or("a schema is missing")?;
        collect(&contract, members, "", &mut |pointer, text| {
            // A text of Rust is a text of Debug.
            let _ = writeln!(rows, "    ({schema:?}, {pointer:?}, {text:?}),");
        });
    }
    let code = format!(
        "/// The schema, the member as a JSON Pointer, and what the contract says of it.\n\
         const HELP: &[(&str, &str, &str)] = &[\n{rows}];\n"
    );
    let folder = std::env::var("OUT_DIR")?;
    let folder = Path::new(&folder);
    std::fs::write(folder.join("help.rs"), code)?;
    for name in ASSETS {
        let path = format!("src/web/{name}");
        println!("cargo::rerun-if-changed={path}");
        let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
        compressed.write_all(&std::fs::read(path)?)?;
        std::fs::write(folder.join(format!("{name}.gz")), compressed.finish()?)?;
    }
    Ok(())
}

/// Gives the first sentence of every member, and of the members of objects.
fn collect(contract: &Value, schema: &Value, at: &str, give: &mut impl FnMut(&str, &str)) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        if let Some(text) = member["description"].as_str() {
            give(&at, &sentence(text));
        }
        if let Some(target) = member["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
            collect(contract, contract.pointer(target).unwrap_or(&Value::Null), &at, give);
        }
    }
}

/// The first sentence, without the source in brackets at its end.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = text.split_once(". ").map_or(&*text, |(first, _)| first).trim_end_matches('.');
    let without = first.strip_suffix(')').and_then(|it| it.rsplit_once(" (")).map(|(it, _)| it);
    format!("{}.", without.unwrap_or(first))
}

//! The contract as JSON, with its examples in it.

use std::path::{Component, Path};

use openapi_document::{Document, escape};
use serde_json::Value;

/// The document in which every example that is a file of JSON beside it is the value: who reads the document alone,
/// a mock server for one, has no file to look into. What cannot be read as JSON stays the name that it is.
pub(crate) fn inlined(root: &Path, document: &Document) -> Value {
    let mut json = document.json.clone();
    walk(&mut json, &mut String::new(), &mut |pointer, name| {
        if !is_beside(name) {
            return None;
        }
        // It is seen from the file that names it (OpenAPI 3.0.3 section 4.7.19).
        let (file, _) = document.source.locate(pointer);
        let beside = Path::new(&file.path).parent()?.join(name);
        serde_json::from_str(&std::fs::read_to_string(root.join(beside)).ok()?).ok()
    });
    json
}

/// Whether an example is a file beside the one that names it, or in a folder there.
pub(crate) fn is_beside(name: &str) -> bool {
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    inside && !name.contains(':')
}

/// Members that hold data and not a part of the description.
const DATA: [&str; 4] = ["example", "default", "enum", "value"];

/// Replaces every `externalValue` in a list of examples by the `value` that it has.
fn walk(value: &mut Value, at: &mut String, read: &mut dyn FnMut(&str, &str) -> Option<Value>) {
    let children: Box<dyn Iterator<Item = (String, &mut Value)>> = match value {
        Value::Object(members) => {
            Box::new(members.iter_mut().map(|(name, value)| (escape(name), value)))
        }
        Value::Array(items) => {
            Box::new(items.iter_mut().enumerate().map(|(index, value)| (index.to_string(), value)))
        }
        _ => return,
    };
    for (name, child) in children.filter(|(name, _)| !DATA.contains(&name.as_str())) {
        let length = at.len();
        at.push('/');
        at.push_str(&name);
        if name == "examples" {
            for (name, example) in child.as_object_mut().into_iter().flatten() {
                inline(example, &format!("{at}/{}", escape(name)), read);
            }
        } else {
            walk(child, at, read);
        }
        at.truncate(length);
    }
}

/// An example with its value where its name was.
fn inline(example: &mut Value, at: &str, read: &mut dyn FnMut(&str, &str) -> Option<Value>) {
    let name = example["externalValue"].as_str().map(str::to_owned);
    let value = name.and_then(|name| read(at, &name));
    if let (Some(value), Some(members)) = (value, example.as_object_mut()) {
        let rest = std::mem::take(members).into_iter().map(|(name, old)| match name.as_str() {
            "externalValue" => ("value".to_owned(), value.clone()),
            _ => (name, old),
        });
        *members = rest.collect();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_example_in_a_file_is_the_value_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("api/x")).expect("a folder");
        std::fs::write(folder.path().join("api/x/a.json"), "{\"b\": null, \"a\": 1}")
            .expect("a file");
        std::fs::write(folder.path().join("api/x/a.txt"), "no JSON").expect("a file");
        let text = "
components:
  examples:
    A: {summary: S, externalValue: x/a.json, description: D}
    T: {externalValue: x/a.txt}
    M: {externalValue: x/missing.json}
    H: {externalValue: 'https://example.com/a.json'}
    O: {externalValue: ../api/x/a.json}
    V: {value: {examples: {A: {externalValue: x/a.json}}}}
  schemas:
    examples: {properties: {externalValue: {type: string}}}
";
        let document = Document::parse("api/a.yaml", text).expect("a document");
        let json = inlined(folder.path(), &document);
        let examples = &json["components"]["examples"];
        let inlined = r#"{"summary":"S","value":{"b":null,"a":1},"description":"D"}"#;
        assert_eq!(examples["A"].to_string(), inlined);
        for name in ["T", "M", "H", "O", "V"] {
            assert_eq!(examples[name], document.json["components"]["examples"][name], "{name}");
        }
        assert_eq!(
            json["components"]["schemas"],
            json!({"examples": {"properties": {"externalValue": {"type": "string"}}}})
        );
    }
}

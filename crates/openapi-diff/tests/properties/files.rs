//! Documents that are split into several files.

use std::collections::{BTreeMap, HashMap};

use openapi_diff::Document;
use openapi_document::Files;
use serde_json::{Value, json};

use crate::contract::Choices;
use crate::sites::{Kind, every, sites};

const ROOT: &str = "api.json";

/// Files that have parts of their own beside each other.
const SHARED: [&str; 3] = ["parts.json", "x/parts.json", "x/y/parts.json"];

/// What a reference begins with until it is known in which file it stands.
const ABSOLUTE: &str = "absolute:";

/// The files of a document, by their paths.
#[derive(Debug)]
pub(crate) struct Parts(BTreeMap<String, Value>);

impl Files for Parts {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).map(Value::to_string).ok_or_else(|| "no such file".to_owned())
    }
}

impl Parts {
    /// A document, split in some places.
    pub(crate) fn of(choices: &mut Choices, document: &Value) -> Self {
        let mut root = document.clone();
        every(&mut root, &mut |value| {
            if let Value::String(text) = value
                && text.starts_with("#/")
            {
                *text = format!("{ABSOLUTE}{ROOT}{text}");
            }
        });
        let mut files = BTreeMap::new();
        let mut moved = HashMap::new();
        // What is inside goes before what it is in.
        for (number, (kind, at)) in sites(document).into_iter().rev().enumerate() {
            let Some(place) = root.pointer_mut(&at).filter(|it| is_movable(kind, &at, it)) else {
                continue;
            };
            if !choices.one_in(5) {
                continue;
            }
            let (file, fragment) = if choices.one_in(3) {
                (format!("z/{number}.json"), String::new())
            } else {
                ((*choices.pick(&SHARED)).to_owned(), format!("#/parts/{number}~1/{kind:?}"))
            };
            let to = format!("{ABSOLUTE}{file}{fragment}");
            let value = std::mem::replace(place, json!({ "$ref": to }));
            if fragment.is_empty() {
                files.insert(file, value);
            } else {
                let shared = files.entry(file).or_insert_with(|| json!({ "parts": {} }));
                shared["parts"][format!("{number}/")] = json!({ format!("{kind:?}"): value });
            }
            moved.insert(format!("{ABSOLUTE}{ROOT}#{at}"), to);
        }
        files.insert(ROOT.to_owned(), root);
        for (path, value) in &mut files {
            every(value, &mut |value| {
                let Value::String(text) = value else { return };
                // What has moved may be referred to where it was, and where it is.
                if let Some(to) = moved.get(text.as_str()).filter(|_| choices.one_in(2)) {
                    text.clone_from(to);
                }
                if let Some(to) = text.strip_prefix(ABSOLUTE) {
                    *text = relative(path, to);
                }
            });
        }
        Self(files)
    }

    pub(crate) fn load(&self) -> Document {
        Document::load(self, ROOT).unwrap_or_else(|error| panic!("{error}\n{self:?}"))
    }
}

/// Whether something may be in another file: what is a reference already may lead to itself, and alternatives
/// are told apart by what they are called.
fn is_movable(kind: Kind, at: &str, value: &Value) -> bool {
    let above = at.rsplit_once('/').map_or("", |(above, _)| above);
    let alternative = above.ends_with("/oneOf") || above.ends_with("/anyOf");
    kind != Kind::Operation && !alternative && value.is_object() && value.get("$ref").is_none()
}

/// A reference from a file.
fn relative(from: &str, to: &str) -> String {
    let (file, fragment) = to.find('#').map_or((to, ""), |at| to.split_at(at));
    if file == from && !fragment.is_empty() {
        return fragment.to_owned();
    }
    // The folders that both are in.
    let mut ends = file.rmatch_indices('/').map(|(end, _)| end + 1);
    let shared = ends.find(|end| from.starts_with(&file[..*end])).unwrap_or_default();
    let up = "../".repeat(from[shared..].matches('/').count());
    format!("{up}{}{fragment}", &file[shared..])
}

//! A billing profile as the service keeps it: what the clients own, and what the service owns.

use bytes::Bytes;
use serde_json::{Map, Value, json};

/// Members that a PUT cannot change.
const SERVER_OWNED: [&str; 3] = ["id", "links", "attributes"];

/// One stored resource. Its entity tag is a function of its content.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    object_type: &'static str,
    uri: String,
    id: Option<String>,
    content: Map<String, Value>,
    etag: String,
    /// The body of a response in camelCase, behind a byte order mark.
    body: Bytes,
}

/// The UTF-8 byte order mark.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Profile {
    /// A resource seeded with `body`, as a client would have put it.
    pub(crate) fn new(
        object_type: &'static str,
        uri: String,
        id: Option<String>,
        body: Map<String, Value>,
    ) -> Self {
        let content = Map::new();
        let mut profile =
            Self { object_type, uri, id, content, etag: String::new(), body: Bytes::new() };
        profile.replace(body);
        profile
    }

    /// Replaces the whole resource with `body`, except for what the service owns.
    pub(crate) fn replace(&mut self, mut body: Map<String, Value>) {
        body.retain(|name, _| !SERVER_OWNED.contains(&name.as_str()));
        if let Some(Value::String(culture)) = body.get_mut("culture") {
            *culture = normal_culture(culture);
        }
        self.content = match without_nulls(Value::Object(body)) {
            Value::Object(content) => content,
            _ => Map::new(),
        };
        let text = serde_json::to_vec(&self.content).unwrap_or_default();
        self.etag = fnv1a(&text).cast_signed().to_string();
        self.body = [BOM, self.to_json().to_string().as_bytes()].concat().into();
    }

    /// Sets members, and clears those that are null in `patch`.
    pub(crate) fn patch(&mut self, patch: Value) {
        let mut content = Value::Object(self.content.clone());
        merge_patch(&mut content, patch);
        if let Value::Object(content) = content {
            self.replace(content);
        }
    }

    /// The entity tag: a signed 64-bit decimal, as the service prints it.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// The id of the profile, which the service gave.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What the clients own.
    pub(crate) fn content(&self) -> &Map<String, Value> {
        &self.content
    }

    /// The body of a response, minified in camelCase.
    pub(crate) fn body(&self, bom: bool) -> Bytes {
        if bom { self.body.clone() } else { self.body.slice(BOM.len()..) }
    }

    /// The resource in camelCase.
    pub(crate) fn to_json(&self) -> Value {
        let mut body = Map::new();
        if let Some(id) = &self.id {
            body.insert("id".into(), id.as_str().into());
        }
        body.extend(self.content.clone());
        let link = json!({"uri": self.uri, "method": "GET", "headers": []});
        body.insert("links".into(), json!({"self": link}));
        body.insert(
            "attributes".into(),
            json!({"etag": self.etag, "objectType": self.object_type}),
        );
        Value::Object(body)
    }
}

/// `EN-us` becomes `en-US`, as in the documented samples.
fn normal_culture(culture: &str) -> String {
    match culture.split_once('-') {
        Some((language, region)) => {
            format!("{}-{}", language.to_lowercase(), region.to_uppercase())
        }
        None => culture.to_lowercase(),
    }
}

/// `value` with every member renamed by `rename`.
pub(crate) fn renamed(value: Value, rename: &dyn Fn(String) -> String) -> Value {
    match value {
        Value::Object(map) => {
            let members =
                map.into_iter().map(|(name, value)| (rename(name), renamed(value, rename)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, rename)).collect(),
        other => other,
    }
}

/// `name` with its first letter in upper case.
pub(crate) fn pascal(name: String) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => name,
    }
}

/// `value` without the members that are null.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

/// JSON Merge Patch (RFC 7396), but that `null` stays: a profile keeps none.
fn merge_patch(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                merge_patch(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// The 64-bit hash FNV-1a: the same for the same content on every machine.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn the_entity_tag_follows_the_content() {
        let mut profile = Profile::new("T", "/t".into(), None, map(json!({"email": "a"})));
        let first = profile.etag().to_owned();
        assert!(first.parse::<i64>().is_ok(), "{first}");
        profile.replace(map(json!({"email": "b"})));
        assert_ne!(profile.etag(), first);
        profile.replace(map(json!({"email": "a"})));
        assert_eq!(profile.etag(), first);
    }

    #[test]
    fn a_put_replaces_all_but_what_the_service_owns() {
        let mut profile =
            Profile::new("T", "/t".into(), Some("1".into()), map(json!({"email": "a", "x": 1})));
        profile.replace(map(
            json!({"id": "2", "culture": "EN-us", "y": {"z": null}, "w": "", "attributes": 1}),
        ));
        let body = profile.to_json();
        assert_eq!(body["id"], "1");
        assert_eq!(body["culture"], "en-US");
        assert_eq!((&body["y"], &body["w"]), (&json!({}), &json!("")));
        assert_eq!(body["attributes"]["objectType"], "T");
        assert!(body.get("email").is_none() && body.get("x").is_none());
        assert_eq!(profile.body(true), [BOM, body.to_string().as_bytes()].concat());
        assert_eq!(profile.body(false), body.to_string());
    }
}

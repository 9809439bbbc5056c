//! A billing profile as the service keeps it: what the clients own, and what the service owns.

use serde_json::{Map, Value, json};

/// Members that a PUT cannot change.
const SERVER_OWNED: [&str; 3] = ["id", "links", "attributes"];

/// One stored resource. Its entity tag is a function of its content.
#[derive(Debug)]
pub(crate) struct Profile {
    object_type: &'static str,
    uri: String,
    id: Option<Value>,
    content: Map<String, Value>,
}

impl Profile {
    /// A resource seeded with `body`, as a client would have put it.
    pub(crate) fn new(object_type: &'static str, uri: String, body: Map<String, Value>) -> Self {
        let id = body.get("id").cloned();
        let mut profile = Self { object_type, uri, id, content: Map::new() };
        profile.replace(body);
        profile
    }

    /// Replaces the whole resource with `body`, except for what the service owns.
    pub(crate) fn replace(&mut self, mut body: Map<String, Value>) {
        body.retain(|name, _| !SERVER_OWNED.contains(&name.as_str()));
        if let Some(Value::String(culture)) = body.get_mut("culture") {
            *culture = normal_culture(culture);
        }
        self.content = without_nulls(body);
    }

    /// The entity tag: a signed 64-bit decimal, as the service prints it.
    pub(crate) fn etag(&self) -> String {
        let text = Value::Object(self.content.clone()).to_string();
        fnv1a(text.as_bytes()).cast_signed().to_string()
    }

    /// The body of a response.
    pub(crate) fn to_json(&self) -> Value {
        let mut body = Map::new();
        if let Some(id) = &self.id {
            body.insert("id".into(), id.clone());
        }
        body.extend(self.content.clone());
        let link = json!({"uri": self.uri, "method": "GET", "headers": []});
        body.insert("links".into(), json!({"self": link}));
        body.insert(
            "attributes".into(),
            json!({"etag": self.etag(), "objectType": self.object_type}),
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

/// Member names in camelCase, whichever way they came.
pub(crate) fn camel_case(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let members = map.into_iter().map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                (first.into_iter().chain(letters).collect::<String>(), camel_case(value))
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(camel_case).collect()),
        other => other,
    }
}

fn without_nulls(map: Map<String, Value>) -> Map<String, Value> {
    let kept = map.into_iter().filter(|(_, value)| !value.is_null());
    kept.map(|(name, value)| match value {
        Value::Object(inner) => (name, Value::Object(without_nulls(inner))),
        other => (name, other),
    })
    .collect()
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
        let mut profile = Profile::new("T", "/t".into(), map(json!({"id": "1", "email": "a"})));
        let first = profile.etag();
        assert!(first.parse::<i64>().is_ok(), "{first}");
        profile.replace(map(json!({"email": "b"})));
        assert_ne!(profile.etag(), first);
        profile.replace(map(json!({"email": "a"})));
        assert_eq!(profile.etag(), first);
    }

    #[test]
    fn a_put_replaces_all_but_what_the_service_owns() {
        let mut profile =
            Profile::new("T", "/t".into(), map(json!({"id": "1", "email": "a", "x": 1})));
        profile.replace(map(
            json!({"id": "2", "culture": "EN-us", "y": {"z": null}, "w": "", "attributes": 1}),
        ));
        let body = profile.to_json();
        assert_eq!(body["id"], "1");
        assert_eq!(body["culture"], "en-US");
        assert_eq!((&body["y"], &body["w"]), (&json!({}), &json!("")));
        assert_eq!(body["attributes"]["objectType"], "T");
        assert!(body.get("email").is_none() && body.get("x").is_none());
    }
}

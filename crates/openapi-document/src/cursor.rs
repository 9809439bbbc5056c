//! A value of a document together with its pointer.

use serde_json::Value;

use crate::pointer::escape;

/// A value and its JSON Pointer.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    /// The value.
    pub value: &'a Value,
    /// Where it is; empty for the whole document.
    pub pointer: String,
}

impl<'a> Cursor<'a> {
    /// A value and its JSON Pointer.
    #[must_use]
    pub fn new(value: &'a Value, pointer: impl Into<String>) -> Self {
        Self { value, pointer: pointer.into() }
    }

    /// The member `key` of this object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { value, pointer: format!("{}/{}", self.pointer, escape(key)) })
    }

    /// The member `key`, if it is a string.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Whether the member `key` is `true`.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The members of the object `key`; none if it is not one.
    pub fn entries(&self, key: &str) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        self.get(key).into_iter().flat_map(|at| at.members())
    }

    /// The members of this object; none if it is not one.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let pointer = self.pointer.clone();
        self.value.as_object().into_iter().flatten().map(move |(key, value)| {
            (key.as_str(), Cursor { value, pointer: format!("{pointer}/{}", escape(key)) })
        })
    }

    /// The members of this object, or the elements of this list, with their name or index.
    #[must_use]
    pub fn children(&self) -> Vec<(String, Self)> {
        let child =
            |name: &str, value| Self::new(value, format!("{}/{}", self.pointer, escape(name)));
        match self.value {
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), child(name, value))).collect()
            }
            Value::Array(elements) => {
                let named = elements.iter().enumerate().map(|(at, value)| (at.to_string(), value));
                named.map(|(name, value)| (name.clone(), child(&name, value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The elements of the list `key`; none if it is not one.
    pub fn elements(&self, key: &str) -> impl Iterator<Item = Self> + use<'a> {
        let pointer = format!("{}/{}", self.pointer, escape(key));
        self.value
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
            .map(move |(index, value)| Cursor { value, pointer: format!("{pointer}/{index}") })
    }

    /// The identity of the value: equal for two cursors that are at the same value of the same document.
    #[must_use]
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }
}

//! The operations of a document.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::document::Document;
use crate::pointer::{Pointer, escape};

/// The members of a path item that are operations (OpenAPI 3.0.3 section 4.7.9).
pub const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One operation of a document.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The path template.
    pub path: &'a str,
    /// The method, in lower case.
    pub method: &'static str,
    /// The path item that holds the operation.
    pub item: &'a Value,
    /// Where the path item is: at the path, unless that is a reference (OpenAPI 3.0.3 section 4.7.9).
    pub item_pointer: String,
    /// The operation object.
    pub value: &'a Value,
    /// Where the operation is.
    pub pointer: String,
}

impl<'a> Operation<'a> {
    /// The operation object.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'a> {
        Cursor::new(self.value, self.pointer.as_str())
    }

    /// The path item that holds the operation.
    #[must_use]
    pub fn item(&self) -> Cursor<'a> {
        Cursor::new(self.item, self.item_pointer.as_str())
    }
}

/// A parameter as an operation has it.
#[derive(Debug, Clone)]
pub struct Parameter<'a> {
    /// Where the operation or its path item names it.
    pub at: String,
    /// Where it is described: the same place, unless it is a reference.
    pub place: String,
    /// The parameter object.
    pub value: &'a Value,
    /// Its name.
    pub name: &'a str,
}

impl Parameter<'_> {
    /// Whether it is in `path`, `query`, `header` or `cookie`.
    #[must_use]
    pub fn is_in(&self, location: &str) -> bool {
        self.value["in"] == location
    }

    /// Whether it is the header of this name, in whatever case (RFC 9110 section 5.1).
    #[must_use]
    pub fn is_header(&self, name: &str) -> bool {
        self.is_in("header") && self.name.eq_ignore_ascii_case(name)
    }
}

impl Document {
    /// Every operation with its JSON Pointer, path and method, in the order of the file.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.json.get("paths").and_then(Value::as_object).into_iter().flatten();
        let paths = paths.filter(|(path, _)| !path.starts_with("x-"));
        let all = paths.flat_map(|(path, item)| {
            let elsewhere = item.get("$ref").map(|_| self.follow(Cursor::new(item, String::new())));
            METHODS.iter().map(move |method| (path, item, elsewhere.clone(), method))
        });
        all.filter_map(move |(path, item, elsewhere, method)| {
            let item = elsewhere.as_ref().map_or(item, |at| at.value);
            let value = item.get(method)?;
            let item_pointer =
                elsewhere.map_or_else(|| format!("/paths/{}", escape(path)), |at| at.pointer);
            let pointer = format!("{item_pointer}/{method}");
            Some(Operation { path, method, item, item_pointer, value, pointer })
        })
    }

    /// The document without some of its operations, and without the paths that have no other ones.
    #[must_use]
    pub fn without(mut self, leave: impl Fn(&Operation<'_>) -> bool) -> Self {
        let found = self.operations().filter(leave);
        let found: Vec<_> =
            found.map(|at| (at.path.to_owned(), at.item_pointer, at.method)).collect();
        for (path, item, method) in found {
            let Some(members) = self.json.pointer_mut(&item).and_then(Value::as_object_mut) else {
                continue;
            };
            self.left_out.extend(members.shift_remove(method));
            let empty = !METHODS.iter().any(|method| members.contains_key(*method));
            let within = format!("{item}/{method}");
            self.duplicate_keys.retain(|at| !Pointer(at).is_within(&within));
            if let Some(paths) = self.json["paths"].as_object_mut().filter(|_| empty) {
                paths.shift_remove(&path);
            }
        }
        self
    }

    /// The parameters of a path item and of an operation, which may replace the former by its own of the
    /// same name and location (OpenAPI 3.0.3 section 4.7.10). What is unresolved or has no name is left out.
    #[must_use]
    pub fn parameters<'a>(&'a self, operation: &Operation<'a>) -> Vec<Parameter<'a>> {
        let own = self.listed(&operation.cursor());
        let mut all = self.listed(&operation.item());
        all.retain(|shared| {
            !own.iter().any(|own| own.name == shared.name && own.value["in"] == shared.value["in"])
        });
        all.extend(own);
        all
    }

    fn listed<'a>(&'a self, owner: &Cursor<'a>) -> Vec<Parameter<'a>> {
        let listed = owner.elements("parameters").filter_map(|at| {
            let found = self.resolve(at.clone())?;
            let name = found.text("name")?;
            Some(Parameter { at: at.pointer, place: found.pointer, value: found.value, name })
        });
        listed.collect()
    }

    /// The responses of an operation: status, where the operation names it, and the response object. What is
    /// unresolved is left out.
    #[must_use]
    pub fn responses<'a>(&'a self, operation: &Operation<'a>) -> Vec<(&'a str, String, &'a Value)> {
        let found =
            operation.cursor().entries("responses").filter(|(status, _)| !status.starts_with("x-"));
        let found = found
            .filter_map(|(status, at)| Some((status, at.pointer.clone(), self.resolve(at)?.value)));
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_item_may_be_elsewhere() {
        let text = "
paths:
  /a: {$ref: '#/x-items/a'}
  /b: {$ref: '#/paths/~1a'}
  /c: {$ref: 'other.yaml#/c'}
  /d: {$ref: '#/paths/~1d'}
  x-e: {get: {}}
x-items: {a: {parameters: [{name: q, in: query}], get: {operationId: getA}}}
";
        let document = Document::parse("a.yaml", text).expect("a document");
        let found: Vec<_> = document.operations().map(|at| (at.path, at.pointer.clone())).collect();
        assert_eq!(found, [("/a", "/x-items/a/get".into()), ("/b", "/x-items/a/get".into())]);
        let operation = document.operations().next().expect("an operation");
        let parameters = document.parameters(&operation);
        assert_eq!(parameters[0].at, "/x-items/a/parameters/0");
    }

    #[test]
    fn operations_that_are_taken_out_leave_no_empty_path() {
        let text = "
paths:
  /a: {get: {operationId: getA}, put: {operationId: putA, 200: {}, '200': {}}}
  /b: {parameters: [], get: {operationId: getB}}
";
        let document = Document::parse("a.yaml", text).expect("a document");
        assert_eq!(document.duplicate_keys.len(), 1);
        let rest = document
            .without(|it| ["putA", "getB", "getC"].iter().any(|id| it.value["operationId"] == *id));
        assert_eq!(rest.json["paths"], serde_json::json!({"/a": {"get": {"operationId": "getA"}}}));
        assert_eq!(rest.duplicate_keys, [""; 0]);
        let ids: Vec<_> = rest.left_out.iter().map(|at| &at["operationId"]).collect();
        assert_eq!(ids, ["putA", "getB"]);
    }
}

//! The contract as this service reads it: what a request and a response of each operation must be.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::StatusCode;
use jsonschema::{Draft, Keyword, ValidationError, Validator};
use regress::Regex;
use serde_json::{Map, Value, json};

use crate::profile::BOM;

/// The contract, read once. It is compiled in, so that it cannot be missing, without its words (`build.rs`).
pub(crate) static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!(concat!(env!("OUT_DIR"), "/contract.json"))));

/// The checks that the contract asks for.
pub(crate) struct Contract {
    operations: Vec<Checks>,
    /// The names of all members that any schema knows, by their lower case.
    members: HashMap<String, String>,
}

struct Checks {
    id: String,
    required_headers: Vec<String>,
    request: Option<Validator>,
    /// A status such as `404` or `4XX`, and the check of its body.
    responses: Vec<(String, Option<Validator>)>,
}

/// Something that a request or a response should not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The place: a JSON Pointer into the body (RFC 6901), a header, or `status`.
    pub at: String,
    /// What is wrong there.
    pub message: String,
}

impl Contract {
    fn read(text: &str) -> Self {
        let contract: Value = serde_json::from_str(text).unwrap_or_default();
        let mut operations = Vec::new();
        for (_, item) in members(&contract["paths"]) {
            for (_, operation) in members(item).filter(|(_, it)| it.get("operationId").is_some()) {
                operations.push(Checks::read(&contract, operation));
            }
        }
        let schemas = members(&contract["components"]["schemas"]);
        let names = schemas.flat_map(|(_, schema)| members(&schema["properties"]));
        Self {
            operations,
            members: names.map(|(name, _)| (name.to_ascii_lowercase(), name.clone())).collect(),
        }
    }

    /// The name of a member as the contract has it, for one that came in another case.
    pub(crate) fn member(&self, name: String) -> String {
        self.members.get(&name.to_ascii_lowercase()).cloned().unwrap_or(name)
    }

    /// What is wrong with the body of a request, in the order of the document.
    pub(crate) fn request(&self, operation: &str, body: &Value) -> Vec<Violation> {
        let checks = self.operations.iter().find(|checks| checks.id == operation);
        checks
            .and_then(|checks| checks.request.as_ref())
            .map(|check| violations(check, body))
            .unwrap_or_default()
    }

    /// The headers that a request must have and does not.
    pub(crate) fn missing_headers(
        &self,
        operation: &str,
        headers: &http::HeaderMap,
    ) -> Vec<Violation> {
        let checks = self.operations.iter().find(|checks| checks.id == operation);
        let required = checks.iter().flat_map(|checks| &checks.required_headers);
        let missing = required.filter(|name| !headers.contains_key(name.as_str()));
        missing
            .map(|name| Violation { at: name.clone(), message: "the header is required".into() })
            .collect()
    }

    /// Whether a request must have this header.
    pub(crate) fn requires(&self, operation: &str, header: &str) -> bool {
        let checks = self.operations.iter().find(|checks| checks.id == operation);
        checks.is_some_and(|checks| {
            checks.required_headers.iter().any(|name| name.eq_ignore_ascii_case(header))
        })
    }

    /// What is wrong with a response.
    pub(crate) fn response(
        &self,
        operation: &str,
        status: StatusCode,
        body: &[u8],
    ) -> Vec<Violation> {
        let Some(checks) = self.operations.iter().find(|checks| checks.id == operation) else {
            return Vec::new();
        };
        let (code, class) = (status.as_str().to_owned(), format!("{}XX", status.as_u16() / 100));
        let find = |status: &str| checks.responses.iter().find(|(known, _)| known == status);
        let Some((_, check)) = find(&code).or_else(|| find(&class)) else {
            let message = format!("{code} is not a status of this operation");
            return vec![Violation { at: "status".into(), message }];
        };
        // The contract says of every error that its body may be empty, and of an address that is good.
        if body.is_empty() && (!status.is_success() || operation == "validateAddress") {
            return Vec::new();
        }
        match (serde_json::from_slice(body.strip_prefix(BOM).unwrap_or(body)), check) {
            (Ok(body), Some(check)) => violations(check, &body),
            (Ok(_), None) => Vec::new(),
            (Err(error), _) => {
                vec![Violation { at: String::new(), message: format!("not JSON: {error}") }]
            }
        }
    }
}

impl Checks {
    fn read(contract: &Value, operation: &Value) -> Self {
        let content = |holder: &Value| {
            let schema = &resolve(contract, holder)["content"]["application/json"]["schema"];
            (!schema.is_null()).then(|| validator(contract, schema)).flatten()
        };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters = parameters.map(|parameter| resolve(contract, parameter));
        let required = parameters.filter(|p| p["in"] == "header" && p["required"] == true);
        Self {
            id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
            required_headers: required
                .filter_map(|p| Some(p["name"].as_str()?.to_owned()))
                .collect(),
            request: operation.get("requestBody").and_then(content),
            responses: members(&operation["responses"])
                .map(|(status, response)| (status.clone(), content(response)))
                .collect(),
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn resolve<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|reference| contract.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

fn violations(check: &Validator, body: &Value) -> Vec<Violation> {
    check
        .iter_errors(body)
        .map(|error| Violation {
            at: error.instance_path().to_string(),
            message: error.to_string(),
        })
        .collect()
}

fn validator(contract: &Value, schema: &Value) -> Option<Validator> {
    let root = json!({"allOf": [json_schema(schema)], "components": {"schemas": json_schema(&contract["components"]["schemas"])}});
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        // What draft 4 has no format for, and what the contract takes more widely than RFC 5321.
        .with_format("uuid", |text| uuid::Uuid::try_parse(text).is_ok() && text.len() == 36)
        .with_format("date", is_date)
        .with_format("byte", is_base64)
        .with_format("email", is_email)
        .with_keyword(PATTERN, |_, pattern, _| {
            let regex = Regex::with_flags(pattern.as_str().unwrap_or_default(), "u");
            let regex = regex.map_err(|error| ValidationError::custom(error.to_string()))?;
            Ok(Box::new(Pattern(regex)))
        })
        .build(&root)
        .ok()
}

/// The name of `pattern` here. A pattern of OpenAPI is of ECMA-262, and the validator's is of another dialect.
const PATTERN: &str = "pattern of ECMA-262";

struct Pattern(Regex);

impl<'i> Keyword<'i> for Pattern {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom(format!("{instance} does not match the pattern")))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_str().is_none_or(|text| self.0.find(text).is_some())
    }
}

/// A date of RFC 3339, by the date-time that it begins.
fn is_date(text: &str) -> bool {
    static MIDNIGHT: LazyLock<Option<Validator>> = LazyLock::new(|| {
        let schema = json!({"format": "date-time"});
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&schema)
            .ok()
    });
    let midnight = Value::from(format!("{text}T00:00:00Z"));
    text.len() == 10 && MIDNIGHT.as_ref().is_none_or(|check| check.is_valid(&midnight))
}

/// Base64 of RFC 4648 section 4: groups of four, the last one padded.
fn is_base64(text: &str) -> bool {
    static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let group = "[A-Za-z0-9+/]";
        Regex::new(&format!("^({group}{{4}})*({group}{{2}}==|{group}{{3}}=)?$")).ok()
    });
    BASE64.as_ref().is_none_or(|regex| regex.find(text).is_some())
}

/// Something, `@`, something, without blanks: what the service takes is not documented.
fn is_email(text: &str) -> bool {
    let parts: Vec<_> = text.split('@').collect();
    parts.len() == 2
        && parts.iter().all(|part| !part.is_empty() && !part.chars().any(char::is_whitespace))
}

/// An OpenAPI schema as JSON Schema (draft 4): `nullable` is the type `null`.
fn json_schema(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let name = |key: &String, value: &Value| match value {
                Value::String(_) if key == "pattern" => PATTERN.to_owned(),
                _ => key.clone(),
            };
            let mut schema: Map<_, _> =
                map.iter().map(|(k, v)| (name(k, v), json_schema(v))).collect();
            match (map.get("nullable"), map.get("type")) {
                (Some(Value::Bool(true)), Some(class)) => {
                    schema.insert("type".into(), json!([class, "null"]));
                    schema.into()
                }
                // Beside a composition, which says the type.
                (Some(Value::Bool(true)), None) => json!({"anyOf": [schema, {"type": "null"}]}),
                _ => schema.into(),
            }
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_allowed_beside_a_type_and_beside_a_composition() {
        let text = json!({"type": "string", "maxLength": 2});
        for schema in [
            json!({"type": "string", "maxLength": 2, "nullable": true}),
            json!({"allOf": [text], "nullable": true}),
        ] {
            let check = validator(&json!({}), &schema).expect("a schema");
            assert!(check.is_valid(&Value::Null) && check.is_valid(&json!("ab")), "{schema}");
            assert!(!check.is_valid(&json!("abc")), "{schema}");
        }
    }

    #[test]
    fn every_operation_has_its_checks() {
        let ids: Vec<_> = CONTRACT.operations.iter().map(|checks| checks.id.as_str()).collect();
        let expected = [
            "listCustomers",
            "getCustomer",
            "getCustomerCompanyProfile",
            "getCustomerBillingProfile",
            "updateCustomerBillingProfile",
            "listAuditRecords",
            "getPartnerBillingProfile",
            "updatePartnerBillingProfile",
            "validateAddress",
            "getCountryValidationRules",
        ];
        assert_eq!(ids, expected);
        for checks in &CONTRACT.operations {
            let sends = checks.id.starts_with("update") || checks.id == "validateAddress";
            assert_eq!(checks.request.is_some(), sends, "{}", checks.id);
            assert!(checks.responses.len() > 6);
            assert!(checks.responses.iter().all(|(_, check)| check.is_some()));
        }
        assert_eq!(CONTRACT.operations[4].required_headers, ["If-Match"]);
    }

    /// Whether `value` has every member that `whole` has, but for the words.
    fn has_every_check(value: &Value, whole: &Value, at: &str) {
        for (name, whole) in members(whole) {
            let at = format!("{at}/{name}");
            match value.get(name) {
                Some(value) => has_every_check(value, whole, &at),
                None => assert!(name == "description" && whole.is_string(), "{at} is left out"),
            }
        }
        for (index, whole) in whole.as_array().into_iter().flatten().enumerate() {
            has_every_check(&value[index], whole, &format!("{at}/{index}"));
        }
    }

    #[test]
    fn what_is_compiled_in_lacks_words_alone() {
        let read = |text| serde_json::from_str::<Value>(text).expect("JSON");
        let contract = read(include_str!(concat!(env!("OUT_DIR"), "/contract.json")));
        let mut whole = read(include_str!("../../../openapi/partner-center.json"));
        let schemas = whole["components"]["schemas"].as_object().expect("schemas");
        assert!(schemas["ErrorBody"]["properties"]["description"].is_object());
        for (_, schema) in whole["components"]["schemas"].as_object_mut().expect("schemas") {
            for (_, member) in schema["properties"].as_object_mut().expect("properties") {
                member.as_object_mut().expect("a schema").remove("example");
            }
        }
        let of = |contract: &Value| contract["components"]["schemas"].clone();
        has_every_check(&of(&contract), &of(&whole), "/components/schemas");
        assert_eq!(Contract::read(&whole.to_string()).members, CONTRACT.members);
    }

    #[test]
    fn violations_say_where() {
        let found = CONTRACT.request(
            "updateCustomerBillingProfile",
            &json!({"defaultAddress": {"country": "USA"}}),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "/defaultAddress/country");
        let status = StatusCode::OK;
        assert_eq!(
            CONTRACT.response("getPartnerBillingProfile", status, b"\xEF\xBB\xBF{\"taxId\":null}"),
            []
        );
        assert_eq!(
            CONTRACT.response("getPartnerBillingProfile", status, b"{\"taxId\":1}")[0].at,
            "/taxId"
        );
        assert_eq!(CONTRACT.response("getPartnerBillingProfile", status, b"{")[0].at, "");
        let status = StatusCode::FOUND;
        assert_eq!(CONTRACT.response("getPartnerBillingProfile", status, b"")[0].at, "status");
        let status = StatusCode::FORBIDDEN;
        assert_eq!(CONTRACT.response("getPartnerBillingProfile", status, b""), []);
    }

    #[test]
    fn patterns_and_formats_are_those_of_the_contract() {
        let table: &[(Value, &[&str], &[&str])] = &[
            (json!({"pattern": r"^\p{L}+$"}), &["Müller"], &["p{L}", "1"]),
            (json!({"pattern": "^.$"}), &["\u{1F600}"], &["ab"]),
            (
                json!({"format": "uuid"}),
                &["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
                &["", "f81d4fae7dec11d0a76500a0c91e6bf6"],
            ),
            (json!({"format": "date"}), &["2024-02-29"], &["2023-02-29", "2024-2-1", ""]),
            (json!({"format": "byte"}), &["", "YQ==", "YWJj"], &["YQ", "YW-_", "Y==="]),
            (
                json!({"format": "email"}),
                &["a@b", ".a@b", "ä@ö"],
                &["", "a", "a@", "a@b@c", "a @b"],
            ),
        ];
        for (schema, good, bad) in table {
            let check = validator(&json!({}), schema).expect("a check");
            for (texts, valid) in [(good, true), (bad, false)] {
                for text in *texts {
                    assert_eq!(check.is_valid(&json!(text)), valid, "{schema} {text}");
                }
            }
        }
    }

    #[test]
    fn members_of_the_contract_are_known_in_either_case() {
        assert_eq!(CONTRACT.member("DefaultAddress".into()), "defaultAddress");
        assert_eq!(CONTRACT.member("DEFAULTADDRESS".into()), "defaultAddress");
        assert_eq!(CONTRACT.member("Unknown".into()), "Unknown");
        assert_eq!(CONTRACT.member(String::new()), "");
        assert_eq!(CONTRACT.member("Ä".into()), "Ä");
    }
}

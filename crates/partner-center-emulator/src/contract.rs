//! The contract as this service reads it: what a request and a response of each operation must be.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::StatusCode;
use serde_json::Value;

use crate::profile::BOM;
use crate::schema;

/// The contract, read once. It is compiled in, so that it cannot be missing, without its words (`build.rs`).
pub(crate) static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::read(include_str!(concat!(env!("OUT_DIR"), "/contract.json"))));

/// The checks that the contract asks for.
pub(crate) struct Contract {
    document: Value,
    operations: Vec<Checks>,
    /// The names of all members that any schema knows, by their lower case.
    members: HashMap<String, String>,
}

struct Checks {
    id: String,
    required_headers: Vec<String>,
    /// The schema of its body.
    request: Option<Value>,
    /// A status such as `404` or `4XX`, and the schema of its body.
    responses: Vec<(String, Option<Value>)>,
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
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let operations = members(&document["paths"]).flat_map(|(_, item)| members(item));
        let operations = operations.filter(|(_, it)| it.get("operationId").is_some());
        let schemas = members(&document["components"]["schemas"]);
        let names = schemas.flat_map(|(_, schema)| members(&schema["properties"]));
        Self {
            operations: operations.map(|(_, it)| Checks::read(&document, it)).collect(),
            members: names.map(|(name, _)| (name.to_ascii_lowercase(), name.clone())).collect(),
            document,
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
            .map(|schema| schema::violations(&self.document, schema, body))
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
        let Some((_, schema)) = find(&code).or_else(|| find(&class)) else {
            let message = format!("{code} is not a status of this operation");
            return vec![Violation { at: "status".into(), message }];
        };
        // The contract says of every error that its body may be empty, and of an address that is good.
        if body.is_empty() && (!status.is_success() || operation == "validateAddress") {
            return Vec::new();
        }
        match (serde_json::from_slice(body.strip_prefix(BOM).unwrap_or(body)), schema) {
            (Ok(body), Some(schema)) => schema::violations(&self.document, schema, &body),
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
            (!schema.is_null()).then(|| schema.clone())
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

pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What a reference leads to; anything else is itself.
pub(crate) fn resolve<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|reference| contract.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
    fn members_of_the_contract_are_known_in_either_case() {
        assert_eq!(CONTRACT.member("DefaultAddress".into()), "defaultAddress");
        assert_eq!(CONTRACT.member("DEFAULTADDRESS".into()), "defaultAddress");
        assert_eq!(CONTRACT.member("Unknown".into()), "Unknown");
        assert_eq!(CONTRACT.member(String::new()), "");
        assert_eq!(CONTRACT.member("Ä".into()), "Ä");
    }
}

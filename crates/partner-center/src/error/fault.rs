//! The bodies of errors: four shapes that the service is known to send, and what gateways put in front.

use partner_center_api::utf8;
use partner_center_api::validation::Constrained;
use serde_json::{Map, Value};

use crate::models::{BillingProfile, CustomerBillingProfile};

/// How much of a description is shown, in characters.
const SHOWN: usize = 1024;

/// What a body of an error says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fault {
    pub(super) code: Option<String>,
    pub(super) description: Option<String>,
    pub(super) data: Vec<Value>,
}

impl Fault {
    /// Reads a fault (`code`, `description`, `data`), the longer one with `message`, that of the gateway
    /// (`statusCode`, `message`), or the title of a page for people.
    ///
    /// Nothing else is shown: a body that is none of these may be a profile, whole or cut, and that is
    /// personal data.
    pub(super) fn read(body: &[u8]) -> Self {
        let body = utf8(body.to_vec().into());
        let Ok(Value::Object(members)) = serde_json::from_slice(&body) else {
            let text = String::from_utf8_lossy(&body);
            let said = text.trim_start().starts_with('<').then(|| title(&text)).flatten();
            return Self { description: said.and_then(line), ..Self::default() };
        };
        if !is_fault(&members) {
            return Self::default();
        }
        // The service does not mind the case of names in requests; here, nobody should.
        let member = |name: &str| {
            members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        // A number in every recording, a string in the documentation and from newer gateways.
        let code = match member("code") {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => line(text),
            _ => None,
        };
        let description = member("description").or_else(|| member("message"));
        let description = description.and_then(Value::as_str).and_then(|text| line(words(text)));
        let data = member("data").and_then(Value::as_array).cloned().unwrap_or_default();
        Self { code, description, data }
    }

    /// Whether it is the service that speaks: its faults have a `code`, those of the gateway have none.
    pub(super) fn is_own(&self) -> bool {
        self.code.is_some()
    }
}

/// The members that only a fault has.
const MARKS: [&str; 5] = ["code", "statusCode", "errorName", "error", "message"];

/// Whether an object is a fault, and not a profile, whatever else that has.
pub(crate) fn is_fault(members: &Map<String, Value>) -> bool {
    let has = |name: &str| members.keys().any(|key| key.eq_ignore_ascii_case(name));
    let known = CustomerBillingProfile::MEMBERS.iter().chain(BillingProfile::MEMBERS);
    // A fault may have an id too.
    let mut own = known.filter_map(|member| member.strip_prefix('/')).filter(|name| *name != "id");
    MARKS.iter().any(|mark| has(mark)) && !own.any(has)
}

/// A description up to the JSON in it, if there is any: a refused address is repeated there.
fn words(text: &str) -> &str {
    let json = ["{\"", "{\\\"", "[{", "{&quot;", "{ \""];
    let end = json.iter().filter_map(|start| text.find(start)).min();
    &text[..end.unwrap_or(text.len())]
}

/// The title of an HTML page.
fn title(page: &str) -> Option<&str> {
    // ASCII alone changes, so that places stay where they are.
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(&page[start..end])
}

/// A text as [one line](super::line), not too long; `None` if there is nothing.
fn line(text: &str) -> Option<String> {
    let mut line = super::line(text);
    if let Some((end, _)) = line.char_indices().nth(SHOWN) {
        line.truncate(end);
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let fault = Fault::read(body.as_bytes());
        (fault.code, fault.description)
    }

    fn pair(code: &str, description: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(code), some(description))
    }

    #[test]
    fn every_shape_is_understood() {
        let documented = r#"{"code":27002,"description":"A property has invalid data.","data":["a: b"],"source":"PartnerFD"}"#;
        assert_eq!(read(documented), pair("27002", "A property has invalid data."));
        assert_eq!(Fault::read(documented.as_bytes()).data, [json!("a: b")]);
        let extended =
            r#"{"code":600074,"message":"m","errorName":"AccountStatusNotFound","parameters":{}}"#;
        assert_eq!(read(extended), pair("600074", "m"));
        let gateway = r#"{ "statusCode": 429, "message": "Rate limit is exceeded." }"#;
        assert_eq!(read(gateway), pair("", "Rate limit is exceeded."));
        assert_eq!(read(r#"{"Code":2055,"Description":"d"}"#), pair("2055", "d"));
        assert_eq!(read(""), pair("", ""));
        let page =
            "<!DOCTYPE html>\n<html><head><TITLE lang=en>502\nBad Gateway</TITLE></head></html>";
        assert_eq!(read(page), pair("", "502 Bad Gateway"));
        assert_eq!(read("<Error><Code>1</Code></Error>"), pair("", ""));
        assert_eq!(read(r#"{"message":"no route"}"#), pair("", "no route"));
    }

    #[test]
    fn what_is_said_is_one_line_without_control_characters() {
        let body =
            "\u{FEFF}{\"code\":\"\\n2055\",\"description\":\"\\u001bEtag is\\nno longer valid\"}";
        assert_eq!(read(body), pair("2055", "Etag is no longer valid"));
        let long = format!(r#"{{"code":1,"description":"{}"}}"#, "ä".repeat(5000));
        let long = Fault::read(long.as_bytes()).description.expect("a text");
        assert_eq!(long.chars().count(), SHOWN + 1);
        assert_eq!(read("\u{0}\u{1}"), pair("", ""));
    }

    #[test]
    fn what_may_be_a_profile_is_not_shown() {
        let profile = r#"{"email":"canary","message":"canary","attributes":{"etag":"1"}}"#;
        for body in [
            profile,
            &profile[..30],
            "canary",
            "\"canary\"",
            "[\"canary\"]",
            r#"{"email":"canary"}"#,
        ] {
            assert_eq!(Fault::read(body.as_bytes()), Fault::default(), "{body}");
        }
        let address = r#"{"code":2007,"description":"not valid: {\"city\":\"canary\"}"}"#;
        assert_eq!(read(address), pair("2007", "not valid:"));
        // A regular expression is no JSON.
        let pattern = r#"{"code":600050,"description":"should be of the format ^\\d{7}$"}"#;
        assert_eq!(read(pattern), pair("600050", "should be of the format ^\\d{7}$"));
    }

    #[test]
    fn strange_bodies_say_nothing() {
        for body in ["[]", "1", "{\"code\":{}}", "{\"code\":null,\"data\":{}}", "<title", "<title>"]
        {
            assert_eq!(read(body).0, None, "{body}");
        }
    }
}

//! The profiles that a fake keeps. A PUT is accepted, kept and logged in one step: the log is what
//! happened, whatever anyone was told.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::stress::http::{Answer, Head};
use crate::stress::switches::{Compare, Switches, Tag, Written};

const JSON: &str = "application/json; charset=utf-8";

/// The members that the service knows.
const KNOWN: [&str; 11] = [
    "id",
    "firstName",
    "lastName",
    "email",
    "culture",
    "language",
    "companyName",
    "defaultAddress",
    "lastModified",
    "links",
    "attributes",
];

/// A PUT that was accepted.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The `MS-CorrelationId` of the operation that sent it.
    pub by: String,
    /// What was there before.
    pub before: Value,
    /// What was sent.
    pub sent: Value,
    /// What is there since.
    pub after: Value,
}

/// A request and what became of it, for people.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The `MS-CorrelationId` of the operation that sent it.
    pub by: String,
    /// What was asked, what went wrong, what was answered.
    pub what: String,
}

/// One profile.
#[derive(Debug)]
pub(crate) struct Profile {
    version: u64,
    document: Value,
    tag: String,
    /// Every version with its tag, from when it was there.
    past: Vec<(Instant, Value, String)>,
    answers: HashMap<String, Answer>,
    pub(crate) commits: Vec<Commit>,
    pub(crate) exchanges: Vec<Exchange>,
    /// How many PUTs named another version.
    pub(crate) refused: u64,
    /// How many requests are being worked on.
    pub(crate) pending: usize,
}

impl Profile {
    pub(crate) fn new(switches: &Switches, id: &str) -> Self {
        let document = json!({
            "id": id, "firstName": "First", "lastName": "Last", "email": "a@example.com",
            "culture": "de-DE", "language": "de", "companyName": "Company",
            "defaultAddress": {
                "country": "US", "city": "Redmond", "state": "WA", "addressLine1": "1 Way",
                "postalCode": "98052", "phoneNumber": "4255555555",
            },
            "program": { "tier": 1.25, "names": ["one", "two"] },
            "links": { "self": { "uri": "/self", "method": "GET", "headers": [] } },
            "attributes": { "objectType": "CustomerBillingProfile" },
        });
        let tag = tag(switches, 0, &document);
        let past = vec![(Instant::now(), document.clone(), tag.clone())];
        Self {
            version: 0,
            document,
            tag,
            past,
            answers: HashMap::new(),
            commits: Vec::new(),
            exchanges: Vec::new(),
            refused: 0,
            pending: 0,
        }
    }

    /// What is there now.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    pub(crate) fn get(&self, switches: &Switches, head: &Head) -> Answer {
        let old = |(since, ..): &&(Instant, Value, String)| since.elapsed() >= switches.lag;
        let seen = self.past.iter().rev().find(old).or(self.past.first());
        let (document, mut tag) = seen
            .map_or((&self.document, self.tag.clone()), |(_, document, tag)| {
                (document, tag.clone())
            });
        if switches.tag == Tag::Unstable {
            // The version is what comes before the dot.
            let version = tag.split('.').next().unwrap_or_default();
            tag = format!("{version}.{}", fastrand::u32(..));
        }
        said(head, full(switches, 200, document, &tag))
    }

    /// Also whether it was kept.
    pub(crate) fn put(&mut self, switches: &Switches, head: &Head, body: &[u8]) -> (Answer, bool) {
        let request_id = head.header("ms-requestid");
        if switches.replay
            && let Some(answer) = self.answers.get(request_id)
        {
            return (answer.clone(), false);
        }
        let Ok(sent @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
            let fault = r#"{"code":3000,"description":"not a profile"}"#;
            return (said(head, Answer::new(400, JSON, fault)), false);
        };
        let accepted = self.accepts(switches, head.header("if-match"), &sent);
        let answer = if accepted {
            let old = self.tag.clone();
            self.commit(switches, head.header("ms-correlationid"), sent);
            let tag = if switches.tag == Tag::OldInPut { &old } else { &self.tag };
            match switches.written {
                Written::Full200 => full(switches, 200, &self.document, tag),
                Written::Full201 => full(switches, 201, &self.document, tag),
                Written::Empty200 => Answer::new(200, JSON, ""),
                Written::Empty204 => Answer::new(204, JSON, ""),
                Written::Object200 => Answer::new(200, JSON, "{}"),
            }
        } else {
            self.refused += 1;
            let (status, kind, body) = switches.refusal.answer();
            Answer::new(status, kind, body)
        };
        let answer = said(head, answer);
        if switches.replay {
            self.answers.insert(request_id.to_owned(), answer.clone());
        }
        (answer, accepted)
    }

    fn accepts(&self, switches: &Switches, if_match: &str, sent: &Value) -> bool {
        let in_body = sent.pointer("/attributes/etag").and_then(Value::as_str).unwrap_or_default();
        match switches.compare {
            Compare::Nothing => true,
            Compare::Header => self.is_current(if_match),
            Compare::Body => self.is_current(in_body),
            Compare::Both => self.is_current(if_match) && self.is_current(in_body),
        }
    }

    /// Whether a tag, bare or quoted, is that of this version. A weak one never is.
    fn is_current(&self, text: &str) -> bool {
        let text = text.trim_matches('"');
        text == self.tag
            || (self.tag.ends_with('.') && text.split('.').next() == self.tag.split('.').next())
    }

    fn commit(&mut self, switches: &Switches, by: &str, sent: Value) {
        let mut after = sent.clone();
        if let Some(members) = after.as_object_mut() {
            members.retain(|name, value| {
                !value.is_null() && (!switches.drop_unknown || KNOWN.contains(&name.as_str()))
            });
            if let Some(attributes) = members.get_mut("attributes").and_then(Value::as_object_mut) {
                attributes.remove("etag");
            }
        }
        self.version += 1;
        if switches.normalise {
            normalise(&mut after);
        }
        if switches.stamp {
            after["lastModified"] = json!(format!("version {}", self.version));
        }
        let before = std::mem::replace(&mut self.document, after);
        self.tag = tag(switches, self.version, &self.document);
        self.past.push((Instant::now(), self.document.clone(), self.tag.clone()));
        let after = self.document.clone();
        self.commits.push(Commit { by: by.to_owned(), before, sent, after });
    }
}

/// The tag of a version. That of an unstable service ends in a dot, after which comes what differs.
fn tag(switches: &Switches, version: u64, document: &Value) -> String {
    let hash = |text: &str| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish().cast_signed()
    };
    match switches.tag {
        Tag::Content => hash(&document.to_string()).to_string(),
        Tag::Unstable => format!("{version}."),
        _ => hash(&format!("version {version}")).to_string(),
    }
}

fn normalise(document: &mut Value) {
    let own = |document: &mut Value, name: &str, form: fn(&str) -> String| {
        if let Some(text) = document[name].as_str().map(form) {
            document[name] = json!(text);
        }
    };
    own(document, "culture", |text| match text.split_once('-') {
        Some((language, country)) => {
            format!("{}-{}", language.to_lowercase(), country.to_uppercase())
        }
        None => text.to_lowercase(),
    });
    own(document, "email", |text| text.trim().to_owned());
    own(document, "companyName", |text| text.trim().to_owned());
}

/// A whole profile, with the tag where the switches have it.
fn full(switches: &Switches, status: u16, document: &Value, tag: &str) -> Answer {
    let mut document = document.clone();
    if switches.tag != Tag::Header {
        let members = document.as_object_mut();
        let attributes = members.map(|members| {
            members.entry("attributes").or_insert_with(|| Value::Object(Map::new()))
        });
        if let Some(attributes) = attributes {
            attributes["etag"] = json!(tag);
        }
    }
    let text = document.to_string();
    let header = match switches.tag {
        Tag::Header | Tag::Both => format!("ETag: \"{tag}\"\r\n"),
        Tag::WeakHeader => format!("ETag: W/\"{tag}\"\r\n"),
        Tag::Gateway => {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            format!("ETag: \"{:x}\"\r\n", hasher.finish())
        }
        Tag::Body | Tag::Unstable | Tag::Content | Tag::OldInPut => String::new(),
    };
    let bom: &[u8] = if switches.bom { b"\xEF\xBB\xBF" } else { b"" };
    Answer::new(status, JSON, [bom, text.as_bytes()].concat()).header(&header)
}

/// The service's own answers name the request, as it named itself.
pub(crate) fn said(head: &Head, answer: Answer) -> Answer {
    let [request, correlation] = ["ms-requestid", "ms-correlationid"].map(|name| head.header(name));
    answer.header(&format!("MS-RequestId: {request}\r\nMS-CorrelationId: {correlation}\r\n"))
}

//! The catalogue: what each rule means, and why its verdict is what it is.
//!
//! Rules about schemas are many because the same change is another one in a request, in a response,
//! in a parameter and in a header; they are put together from what changed and where.

mod kind;
mod named;

use crate::change::{Change, Verdict};
use kind::{
    ADDED, CONTENT, DEFAULTED, DISPATCH, HIDDEN, Kind, NARROWER, OTHER, OVERLAP, PATTERNED,
    REMOVED, REQUIRED, SAME, SHOWN, WIDER, WITH_DEFAULT,
};
use named::{NAMED, TURNED};

/// A rule, as it is named in [`Change::rule`](crate::Change::rule).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The stable name.
    pub id: String,
    /// What it found, and why that is breaking or not.
    pub explanation: String,
    /// The same in a webhook or a callback, where the service writes the request and the client the response, if
    /// that is not as good there.
    pub turned: Option<String>,
}

impl Rule {
    fn new(id: String, found: &str, why: &str, turned: Option<&str>) -> Self {
        let turned = turned.filter(|turned| *turned != why);
        let explain = |why: &str| format!("{found} {why}");
        Self { id, explanation: explain(why), turned: turned.map(explain) }
    }

    /// What it means for a change that it found.
    #[must_use]
    pub fn explains(&self, change: &Change) -> &str {
        let turned = self.turned.as_deref().filter(|_| change.turned);
        turned.unwrap_or(&self.explanation)
    }

    /// What it means everywhere.
    #[must_use]
    pub fn whole(&self) -> String {
        let Some(turned) = &self.turned else { return self.explanation.clone() };
        format!("{} In a webhook or a callback: {turned}", self.explanation)
    }

    /// What its changes mean for the messages, the worst first: the verdicts that the explanation names, but for
    /// those at run time. These are the usual ones; where a change stands in a special place, it may have another.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        let mut rest = self.explanation.clone();
        for word in ["potentially breaking", "breaking"] {
            rest = rest.replace(&format!("{word} at run time"), "");
        }
        let maybe = rest.contains("potentially breaking") || rest.contains("potentially so");
        let rest = rest.replace("potentially breaking", "");
        let found = [
            (Verdict::Breaking, rest.contains("breaking")),
            (Verdict::PotentiallyBreaking, maybe),
            (Verdict::Compatible, rest.contains("ompatible")),
        ];
        found.into_iter().filter(|(_, named)| *named).map(|(verdict, _)| verdict).collect()
    }
}

/// Every rule that a comparison may name.
///
/// # Examples
/// ```
/// let rule = openapi_diff::rules().find(|rule| rule.id == "request-body-max-length-set");
/// assert!(rule.is_some_and(|rule| rule.explanation.contains("breaking")));
/// ```
pub fn rules() -> impl Iterator<Item = Rule> {
    let named = NAMED.iter().map(|(id, text)| Rule {
        id: (*id).into(),
        explanation: (*text).into(),
        turned: TURNED.iter().find(|(turned, _)| turned == id).map(|(_, text)| (*text).into()),
    });
    let schemas = PLACES.iter().flat_map(|place| {
        let here = SCHEMAS.iter().filter(|(what, ..)| place.has(what));
        here.map(|(what, kind, text)| {
            kind.rule(
                format!("{}-{what}", place.prefix),
                &format!("{} {text}.", place.name),
                place.request,
            )
        })
    });
    let members = PLACES.iter().filter(|place| place.nested()).flat_map(|place| {
        let own = if place.request { REQUEST_MEMBERS } else { RESPONSE_MEMBERS };
        MEMBERS.iter().chain(own).map(|(id, kind, text)| {
            kind.rule(
                id.replace("{}", place.prefix),
                &format!("{text} {}.", place.owner),
                place.request,
            )
        })
    });
    let media = MEDIA.iter().flat_map(|(prefix, name, request)| {
        MEDIA_TYPES.iter().map(move |(what, kind, text)| {
            kind.rule(format!("{prefix}-{what}"), &format!("{name} {text}."), *request)
        })
    });
    named.chain(schemas).chain(members).chain(media)
}

/// Where a schema stands.
struct Place {
    prefix: &'static str,
    name: &'static str,
    /// What the members are members of; nothing for a schema that is not of a member.
    owner: &'static str,
    request: bool,
}

impl Place {
    const fn new(
        prefix: &'static str,
        name: &'static str,
        owner: &'static str,
        request: bool,
    ) -> Self {
        Self { prefix, name, owner, request }
    }

    fn nested(&self) -> bool {
        !self.owner.is_empty()
    }

    /// Whether something can change here: bodies have their schemas in media types.
    fn has(&self, what: &str) -> bool {
        let body = self.prefix.ends_with("-body");
        match what {
            "schema-added" | "schema-removed" => !self.nested() && !body,
            "media-type-schema-added" | "media-type-schema-removed" | "encoding-changed" => body,
            _ => true,
        }
    }
}

const PLACES: [Place; 8] = [
    Place::new("request-body", "A request body", "", true),
    Place::new("request-property", "Something in a request body", "a request body", true),
    Place::new("request-parameter", "A parameter", "", true),
    Place::new("request-parameter-property", "Something in a parameter", "a parameter", true),
    Place::new("response-body", "A response body", "", false),
    Place::new("response-property", "Something in a response body", "a response body", false),
    Place::new("response-header", "A response header", "", false),
    Place::new(
        "response-header-property",
        "Something in a response header",
        "a response header",
        false,
    ),
];

/// What may change of a schema.
const SCHEMAS: &[(&str, Kind, &str)] = &[
    ("type-changed", OTHER, "has another type or format, of which the old one is no part"),
    ("type-generalized", WIDER, "has a type or format that takes in the old one"),
    ("type-specialized", NARROWER, "has a type or format that the old one took in"),
    ("became-nullable", WIDER, "may be null now"),
    ("became-not-nullable", NARROWER, "may not be null any more"),
    ("became-enum", NARROWER, "is limited to a list of values"),
    ("became-not-enum", WIDER, "is not limited to a list of values any more"),
    ("enum-value-added", WIDER, "can be one more of a list of values"),
    ("enum-value-removed", NARROWER, "can be one less of a list of values"),
    (
        "x-extensible-enum-value-removed",
        Kind::Own(
            "Clients that send it may be refused, since nothing says that it is known: potentially breaking.",
            "Clients are told to expect any value: compatible.",
        ),
        "knows a value less of a list that may grow",
    ),
    ("x-extensible-enum-value-added", SAME, "knows one more value of a list that may grow"),
    ("min-set", NARROWER, "has a minimum now"),
    ("min-unset", WIDER, "has no minimum any more"),
    ("min-increased", NARROWER, "has a greater minimum"),
    ("min-decreased", WIDER, "has a smaller minimum"),
    ("min-exclusive-set", NARROWER, "may not be its minimum itself any more"),
    ("min-exclusive-unset", WIDER, "may be its minimum itself now"),
    ("max-set", NARROWER, "has a maximum now"),
    ("max-unset", WIDER, "has no maximum any more"),
    ("max-increased", WIDER, "has a greater maximum"),
    ("max-decreased", NARROWER, "has a smaller maximum"),
    ("max-exclusive-set", NARROWER, "may not be its maximum itself any more"),
    ("max-exclusive-unset", WIDER, "may be its maximum itself now"),
    ("multiple-of-set", NARROWER, "must be a multiple of a number now"),
    ("multiple-of-unset", WIDER, "need not be a multiple of a number any more"),
    (
        "multiple-of-changed",
        OTHER,
        "must be a multiple of another number; fewer or more values fit if one number is a multiple of the other",
    ),
    ("min-length-set", NARROWER, "must have some length now"),
    ("min-length-unset", WIDER, "need not have any length any more"),
    ("min-length-increased", NARROWER, "must be longer"),
    ("min-length-decreased", WIDER, "may be shorter"),
    ("max-length-set", NARROWER, "has a greatest length now"),
    ("max-length-unset", WIDER, "has no greatest length any more"),
    ("max-length-increased", WIDER, "may be longer"),
    ("max-length-decreased", NARROWER, "must be shorter"),
    ("pattern-added", NARROWER, "must match a pattern now"),
    ("pattern-removed", PATTERNED, "need not match a pattern any more"),
    (
        "pattern-changed",
        PATTERNED,
        "must match another pattern, and which of two takes in the other is not looked into",
    ),
    ("min-items-set", NARROWER, "must have some elements now"),
    ("min-items-unset", WIDER, "may have no elements now"),
    ("min-items-increased", NARROWER, "must have more elements"),
    ("min-items-decreased", WIDER, "may have fewer elements"),
    ("max-items-set", NARROWER, "has a greatest number of elements now"),
    ("max-items-unset", WIDER, "has no greatest number of elements any more"),
    ("max-items-increased", WIDER, "may have more elements"),
    ("max-items-decreased", NARROWER, "must have fewer elements"),
    ("unique-items-set", NARROWER, "may not have an element twice any more"),
    ("unique-items-unset", WIDER, "may have duplicate elements now"),
    ("min-properties-set", NARROWER, "must have some members now"),
    ("min-properties-unset", WIDER, "may have no members now"),
    ("min-properties-increased", NARROWER, "must have more members"),
    ("min-properties-decreased", WIDER, "may have fewer members"),
    ("max-properties-set", NARROWER, "has a greatest number of members now"),
    ("max-properties-unset", WIDER, "has no greatest number of members any more"),
    ("max-properties-increased", WIDER, "may have more members"),
    ("max-properties-decreased", NARROWER, "must have fewer members"),
    (
        "additional-properties-closed",
        NARROWER,
        "may not have members beside those that are named any more",
    ),
    (
        "additional-properties-opened",
        Kind::Own(
            "Whatever clients send is taken as before: compatible.",
            "Whoever reads members by their names does not see others: potentially breaking.",
        ),
        "may have members beside those that are named now",
    ),
    (
        "additional-properties-limited",
        NARROWER,
        "may have members of one kind only beside those that are named",
    ),
    (
        "additional-properties-unlimited",
        WIDER,
        "may have members of any kind beside those that are named",
    ),
    ("schema-became-false", NARROWER, "is nothing that a value can be any more (`false`)"),
    ("schema-became-not-false", WIDER, "can be something, which was `false` before"),
    ("contains-added", NARROWER, "must have elements now that `contains` describes"),
    ("contains-removed", WIDER, "need not have elements any more that `contains` describes"),
    (
        "contains-changed",
        OTHER,
        "must have other elements (`contains`); fewer or more values fit if one schema takes in the other",
    ),
    ("min-contains-increased", NARROWER, "must have more elements that `contains` describes"),
    ("min-contains-decreased", WIDER, "may have fewer elements that `contains` describes"),
    (
        "max-contains-set",
        NARROWER,
        "has a greatest number of elements now that `contains` describes",
    ),
    ("max-contains-unset", WIDER, "may have any number of elements that `contains` describes"),
    ("max-contains-increased", WIDER, "may have more elements that `contains` describes"),
    ("max-contains-decreased", NARROWER, "must have fewer elements that `contains` describes"),
    (
        "pattern-property-added",
        Kind::Own(
            "What clients send may be refused: breaking, unless such members were refused before.",
            "Clients may be sent members that were refused before: breaking; otherwise compatible.",
        ),
        "says something of members by a pattern of their names",
    ),
    (
        "pattern-property-removed",
        Kind::Own(
            "Whatever clients send is taken as before: compatible, unless such members are refused now, which \
             is breaking.",
            "Clients may be sent what they do not know: breaking, unless such members are refused now.",
        ),
        "says nothing of members by a pattern of their names any more",
    ),
    ("property-names-added", NARROWER, "limits the names of its members now"),
    ("property-names-removed", WIDER, "does not limit the names of its members any more"),
    ("dependent-required-added", NARROWER, "requires a member beside another one now"),
    ("dependent-required-removed", WIDER, "does not require a member beside another one any more"),
    ("dependent-schema-added", NARROWER, "is limited further now if it has some member"),
    ("dependent-schema-removed", WIDER, "is not limited further any more if it has some member"),
    ("if-added", NARROWER, "is limited by a condition now"),
    ("if-removed", WIDER, "is not limited by a condition any more"),
    (
        "if-changed",
        OTHER,
        "is limited under another condition; fewer or more values fit if one condition takes in the other",
    ),
    ("then-added", NARROWER, "is limited where a condition holds now"),
    ("then-removed", WIDER, "is not limited any more where a condition holds"),
    ("else-added", NARROWER, "is limited where a condition does not hold now"),
    ("else-removed", WIDER, "is not limited any more where a condition does not hold"),
    ("content-encoding-changed", CONTENT, "is encoded in another way (`contentEncoding`)"),
    ("content-media-type-changed", CONTENT, "holds another media type (`contentMediaType`)"),
    (
        "content-schema-added",
        CONTENT,
        "holds something that a schema describes now (`contentSchema`)",
    ),
    ("content-schema-removed", CONTENT, "holds something that no schema describes any more"),
    ("one-of-set", NARROWER, "must be one of several alternatives, of which each limits it"),
    ("one-of-unset", WIDER, "is not limited to alternatives any more"),
    ("one-of-added", WIDER, "may be one more alternative (of `oneOf`)"),
    ("one-of-removed", NARROWER, "may be one alternative less (of `oneOf`)"),
    ("any-of-set", NARROWER, "must be some of several alternatives, of which each limits it"),
    ("any-of-unset", WIDER, "is not limited to alternatives any more"),
    ("any-of-added", WIDER, "may be one more alternative (of `anyOf`)"),
    ("any-of-removed", NARROWER, "may be one alternative less (of `anyOf`)"),
    (
        "one-of-overlap-added",
        OVERLAP,
        "may fit two alternatives (of `oneOf`), which no value might that was right before",
    ),
    ("one-of-overlap-removed", OVERLAP, "may be what fitted two alternatives (of `oneOf`) before"),
    ("any-of-became-one-of", OVERLAP, "may fit one alternative only, and some values fit several"),
    ("one-of-became-any-of", OVERLAP, "may fit several alternatives, and some values do"),
    ("not-added", NARROWER, "may not be what a schema under `not` describes"),
    ("not-removed", WIDER, "may be what a schema under `not` described"),
    (
        "not-changed",
        OTHER,
        "excludes other values by `not`; fewer or more if one schema takes in the other",
    ),
    ("discriminator-added", DISPATCH, "has a discriminator now"),
    ("discriminator-removed", DISPATCH, "has no discriminator any more"),
    (
        "discriminator-property-name-changed",
        Kind::Own(
            "What clients send has its type where the service does not look for it any more: potentially \
             breaking.",
            "What is sent stays as it is: compatible. Whoever picks a type by the discriminator picks \
             another one, which the verdict at run time says.",
        ),
        "has another discriminator",
    ),
    ("discriminator-mapping-added", DISPATCH, "has a discriminator that knows one more value"),
    ("discriminator-mapping-deleted", DISPATCH, "has a discriminator that knows a value less"),
    (
        "discriminator-mapping-changed",
        DISPATCH,
        "has a discriminator that takes a value for another schema",
    ),
    (
        "subtype-added",
        Kind::Own(
            "Whatever clients send is taken as before: compatible.",
            "Clients may be sent a subtype that they do not know, which is a value of its parent all the \
             same: potentially breaking.",
        ),
        "may be one more subtype of a schema with a discriminator",
    ),
    ("subtype-removed", NARROWER, "may be one subtype less of a schema with a discriminator"),
    ("default-value-added", DEFAULTED, "has a default now"),
    ("default-value-removed", DEFAULTED, "has no default any more"),
    ("default-value-changed", DEFAULTED, "has another default"),
    ("deprecated", SAME, "is deprecated now"),
    ("reactivated", SAME, "is not deprecated any more"),
    ("schema-added", NARROWER, "is described by a schema now"),
    ("schema-removed", WIDER, "is described by no schema any more"),
    ("media-type-schema-added", NARROWER, "of a media type is described by a schema now"),
    ("media-type-schema-removed", WIDER, "of a media type is described by no schema any more"),
    (
        "encoding-changed",
        Kind::Own(
            "Parts that clients write may not be understood: potentially breaking.",
            "Clients may not understand the parts: potentially breaking.",
        ),
        "has a part that is encoded in another way",
    ),
];

/// What may change of the members of an object; `{}` is the place.
const MEMBERS: &[(&str, Kind, &str)] = &[
    ("{}-became-required", NARROWER, "A member is required now in"),
    ("{}-became-optional", WIDER, "A member is not required any more in"),
    (
        "{}-became-forbidden",
        NARROWER,
        "A member that nothing was said of may not be there any more in",
    ),
    ("{}-became-allowed", WIDER, "A member that might not be there may be anything now in"),
];

/// What may change of those that clients send.
const REQUEST_MEMBERS: &[(&str, Kind, &str)] = &[
    ("{}-removed", REMOVED, "A member is gone from"),
    ("new-required-{}", REQUIRED, "A member is new and required in"),
    (
        "new-required-{}-with-default",
        WITH_DEFAULT,
        "A member with a default is new and required in",
    ),
    ("new-optional-{}", ADDED, "A member is new and optional in"),
    ("{}-became-required-with-default", WITH_DEFAULT, "A member with a default is required now in"),
    ("{}-became-read-only", HIDDEN, "A member is the service's alone to send now in"),
    ("{}-became-not-read-only", SHOWN, "A member is the client's to send, too, now in"),
];

/// What may change of those that clients are sent.
const RESPONSE_MEMBERS: &[(&str, Kind, &str)] = &[
    ("{}-became-write-only", HIDDEN, "A member is the client's alone to send now in"),
    ("{}-became-not-write-only", SHOWN, "A member is the service's to send, too, now in"),
];

/// What may have media types: the prefix of the rule, its name, whether it is a request.
const MEDIA: &[(&str, &str, bool)] = &[
    ("request-body-media-type", "A request body", true),
    ("request-parameter-media-type", "A parameter", true),
    ("response-media-type", "A response body", false),
    ("response-header-media-type", "A response header", false),
];

/// What may change of media types.
const MEDIA_TYPES: &[(&str, Kind, &str)] = &[
    (
        "added",
        Kind::Own(
            "Whatever clients send is taken as before: compatible.",
            "Clients get what they ask for by `Accept`: compatible.",
        ),
        "can be of one more media type",
    ),
    (
        "removed",
        Kind::Own(
            "What clients send may be refused: breaking.",
            "Clients do not get what they ask for: breaking.",
        ),
        "cannot be of a media type any more",
    ),
    ("deprecated", SAME, "should not be of a media type any more, which is deprecated now"),
    ("reactivated", SAME, "can be of a media type that is not deprecated any more"),
    ("name-generalized", WIDER, "can be of any media type of a range, and no longer of one"),
    ("name-specialized", NARROWER, "can be of one media type, and no longer of any of a range"),
];

//! Which credentials there are, and which of them a call takes.

use maud::{Markup, html};
use openapi_document::Cursor;
use serde_json::Value;

use crate::text::{description, elsewhere, link, markdown};
use crate::view::{View, credential_anchor};

/// One alternative: the schemes that are needed together, each with the scopes that are asked for.
type Together<'a> = Vec<(&'a str, Vec<&'a str>)>;

/// The alternatives that the requirement at `security` gives.
fn alternatives<'a>(security: &Cursor<'a>) -> Vec<Together<'a>> {
    let scheme = |(name, scopes): (&'a String, &'a Value)| {
        let scopes = scopes.as_array().map(Vec::as_slice).unwrap_or_default();
        (name.as_str(), scopes.iter().filter_map(Value::as_str).collect())
    };
    let list = security.value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|one| one.as_object().into_iter().flatten().map(scheme).collect()).collect()
}

/// The requirement that holds for the operation at `operation`: its own, or that of the contract.
pub(crate) fn requirement<'a>(view: &View<'a>, operation: &Cursor<'a>) -> Option<Cursor<'a>> {
    operation.get("security").or_else(|| view.at("/security"))
}

/// What a caller has to show, in words.
pub(crate) fn required(view: &View<'_>, security: Option<&Cursor<'_>>) -> Markup {
    let Some(security) = security else {
        return html! { p { "The contract names no credentials for this." } };
    };
    let mut alternatives = alternatives(security);
    let optional = alternatives.iter().any(Vec::is_empty) || alternatives.is_empty();
    alternatives.retain(|together| !together.is_empty());
    html! {
        @match alternatives.len() {
            0 => p { "None: the contract asks for no credentials." },
            1 if optional => p { "With this, or without credentials:" },
            1 => p { "With this and nothing else:" },
            _ if optional => p { "With one of these, whichever the caller has, or without credentials:" },
            _ => p { "With one of these, whichever the caller has:" },
        }
        @if !alternatives.is_empty() {
            ul.credentials {
                @for (index, together) in alternatives.iter().enumerate() {
                    li {
                        @for (position, (name, scopes)) in together.iter().enumerate() {
                            @if position > 0 { p.together { "together with" } }
                            (scheme(view, name, scopes))
                        }
                        @if index + 1 < alternatives.len() { p.or { "or" } }
                    }
                }
            }
        }
    }
}

fn scheme(view: &View<'_>, name: &str, scopes: &[&str]) -> Markup {
    let found = view.children("/components/securitySchemes").into_iter().find(|(n, _)| n == name);
    let Some((_, at)) = found else {
        return html! { p { code { (name) } ", which the contract does not describe" } };
    };
    let (at, _) = view.resolve(at);
    html! {
        p {
            a href={ "#" (credential_anchor(name)) } { strong { (name) } } ", " (kind(at.value))
            @for (index, scope) in scopes.iter().enumerate() {
                (if index == 0 { ", scope " } else { " and " }) code { (scope) }
            }
        }
        (description(at.value))
    }
}

/// `OAuth 2.0, client credentials`, `API key in the header X-Key`.
fn kind(scheme: &Value) -> String {
    let text = |name: &str| scheme.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "oauth2" => {
            let flows = scheme.get("flows").and_then(Value::as_object);
            let names: Vec<_> = flows.into_iter().flatten().map(|(name, _)| flow(name)).collect();
            if names.is_empty() {
                "OAuth 2.0".to_owned()
            } else {
                format!("OAuth 2.0, {}", names.join(" or "))
            }
        }
        "http" => format!("HTTP {}", text("scheme")),
        "apiKey" => format!("API key in the {} {}", text("in"), text("name")),
        "openIdConnect" => "OpenID Connect".to_owned(),
        other => other.to_owned(),
    }
}

fn flow(name: &str) -> &str {
    match name {
        "clientCredentials" => "client credentials",
        "authorizationCode" => "authorization code",
        "implicit" => "implicit",
        "password" => "password of the resource owner",
        other => other,
    }
}

/// The header, query parameter or cookie that carries the first alternative, one for each scheme.
pub(crate) fn carried(
    view: &View<'_>,
    security: Option<&Cursor<'_>>,
) -> Vec<(String, String, String)> {
    let schemes = view.children("/components/securitySchemes");
    let first = security.map(alternatives).unwrap_or_default().into_iter().find(|s| !s.is_empty());
    let carrier = |(name, _): (&str, Vec<&str>)| {
        let (_, at) = schemes.iter().find(|(other, _)| other == name)?;
        let (at, _) = view.resolve(at.clone());
        let text = |name: &str| at.value.get(name).and_then(Value::as_str).unwrap_or_default();
        let authorization =
            |value: &str| Some(("header".to_owned(), "Authorization".to_owned(), value.to_owned()));
        match (text("type"), text("scheme").to_ascii_lowercase().as_str()) {
            ("oauth2" | "openIdConnect", _) | ("http", "bearer") => authorization("Bearer <token>"),
            ("http", "basic") => authorization("Basic <user and password in base64>"),
            ("http", _) => authorization(&format!("{} <credentials>", text("scheme"))),
            ("apiKey", _) => Some((text("in").into(), text("name").into(), "<key>".into())),
            _ => None,
        }
    };
    first.into_iter().flatten().filter_map(carrier).collect()
}

/// Every credential of the contract.
pub(crate) fn section(view: &View<'_>) -> Markup {
    let schemes = view.children("/components/securitySchemes");
    let general = view.places.named("credentials".to_owned(), &["/security".to_owned()]);
    html! {
        section aria-labelledby="credentials" {
            h2 id="credentials" { "Credentials" }
            (general.notes)
            @if schemes.is_empty() { p { "The contract describes none." } }
            @for (name, at) in schemes {
                @let (scheme, passed) = view.resolve(at);
                @let place = view.places.named(credential_anchor(&name), &passed);
                section.credential {
                    h3 id=[&place.id] { (name) }
                    (place.notes)
                    p { (kind(scheme.value)) }
                    (description(scheme.value))
                    (elsewhere(scheme.value))
                    (flows(scheme.value))
                }
            }
        }
    }
}

fn flows(scheme: &Value) -> Markup {
    let flows = scheme.get("flows").and_then(Value::as_object);
    let addresses =
        [("authorizationUrl", "sign-in"), ("tokenUrl", "token"), ("refreshUrl", "refresh")];
    html! {
        @if let Some(url) = scheme.get("openIdConnectUrl").and_then(Value::as_str) {
            p { "Discovery: " (link(url, url)) }
        }
        @for (name, value) in flows.into_iter().flatten() {
            dl {
                dt { "Flow" } dd { (flow(name)) }
                @for (member, word) in addresses {
                    @if let Some(url) = value.get(member).and_then(Value::as_str) {
                        dt { "Address for " (word) } dd { code { (url) } }
                    }
                }
                @for (scope, meaning) in value.get("scopes").and_then(Value::as_object).into_iter().flatten() {
                    dt { "Scope " code { (scope) } }
                    dd { (markdown(meaning.as_str().unwrap_or_default())) }
                }
            }
        }
    }
}

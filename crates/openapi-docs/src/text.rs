//! Texts of the contract as HTML. Nothing that an author writes becomes markup of the page: raw HTML
//! is shown as it was typed, links lead to the web or nowhere, and images are their descriptions.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

/// A description, which is `CommonMark` with tables (OpenAPI 3.0.3 section 4.2).
pub(crate) fn markdown(text: &str) -> Markup {
    let mut kept = Vec::new();
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).flat_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        // The headings of the page are those of its own outline.
        Event::Start(Tag::Heading { .. }) => {
            vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]
        }
        Event::End(TagEnd::Heading(_)) => {
            vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]
        }
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let keep = leads_to_the_web(dest_url);
            kept.push(keep);
            if keep { vec![event] } else { Vec::new() }
        }
        Event::End(TagEnd::Link) if kept.pop() != Some(true) => Vec::new(),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Vec::new(),
        _ => vec![event],
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    PreEscaped(html)
}

/// A sentence in which `code` may stand.
pub(crate) fn sentence(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The description that `value` has, if it has one.
pub(crate) fn description(value: &Value) -> Markup {
    value.get("description").and_then(Value::as_str).map(markdown).unwrap_or_default()
}

/// A link to an address of the contract, or only its text if it does not lead to the web.
pub(crate) fn link(url: &str, text: &str) -> Markup {
    html! { @if leads_to_the_web(url) { a href=(url) { (text) } } @else { (text) " (" (url) ")" } }
}

/// What `externalDocs` of `value` refers to.
pub(crate) fn elsewhere(value: &Value) -> Markup {
    let Some(docs) = value.get("externalDocs") else { return Markup::default() };
    let Some(url) = docs.get("url").and_then(Value::as_str) else { return Markup::default() };
    let text = docs.get("description").and_then(Value::as_str).unwrap_or(url);
    html! { p.elsewhere { "See " (link(url, text)) } }
}

fn leads_to_the_web(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// A name as a part of an `id`: different names stay different, and no part has a dot in it.
pub(crate) fn slug(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::with_capacity(name.len()), |mut slug, byte| {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            slug.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(slug, "~{byte:02x}");
        }
        slug
    })
}

/// A block of text as it is, which can be scrolled with the keyboard where it is wider than the page.
pub(crate) fn block(label: &str, text: &str) -> Markup {
    html! { pre tabindex="0" role="group" aria-label=(label) { code { (text) } } }
}

/// A value as it stands in a sentence: a text without its quotes, everything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_cannot_bring_markup_of_its_own() {
        let html = |text: &str| markdown(text).into_string();
        let script = html("a <script>alert(1)</script> b\n\n<img src=x onerror=y>\n");
        assert!(!script.contains("<script") && !script.contains("<img"), "{script}");
        assert!(script.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{script}");
        assert_eq!(html("[a](javascript:b) ![c](http://d)"), "<p>a c</p>\n");
        assert_eq!(html("<https://a.b>"), "<p><a href=\"https://a.b\">https://a.b</a></p>\n");
        assert_eq!(html("# A\n"), "<p><strong>A</strong></p>\n");
    }

    #[test]
    fn different_names_have_different_slugs() {
        assert_eq!(slug("If-Match"), "If-Match");
        assert_eq!(slug("a/{b}"), "a~2f~7bb~7d");
        assert_ne!(slug("a.b"), slug("a~2eb"));
    }
}

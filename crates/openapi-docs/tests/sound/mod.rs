//! What holds of every page.

use std::collections::BTreeSet;

/// What stands between every `before` and the next `"`.
pub(crate) fn attributes<'a>(html: &'a str, before: &str) -> Vec<&'a str> {
    html.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every link within the page leads somewhere, no `id` is there twice, and headings skip no level.
pub(crate) fn assert_sound(html: &str) {
    let mut ids = BTreeSet::new();
    for id in attributes(html, " id=\"") {
        assert!(ids.insert(id), "{id} is there twice");
        assert!(!id.is_empty() && !id.contains(char::is_whitespace), "{id:?} is no id");
    }
    for reference in
        attributes(html, "href=\"#").into_iter().chain(attributes(html, "labelledby=\""))
    {
        assert!(ids.contains(reference), "#{reference} leads nowhere");
    }
    let mut above = 0;
    for rest in html.split("<h").skip(1) {
        let level = rest.chars().next().and_then(|level| level.to_digit(10)).unwrap_or(above);
        assert!(
            level <= above + 1,
            "a heading of level {level} below one of level {above}: {rest:.60}"
        );
        above = level;
    }
    for tag in ["table", "section", "article", "tr", "p", "ul", "dl", "code", "pre", "div", "li"] {
        let opened =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_self_contained(html);
}

/// Nothing is fetched and nothing runs.
pub(crate) fn assert_self_contained(html: &str) {
    let markup = html.to_ascii_lowercase();
    for outside in
        ["<script", " src=", "<link", "@import", "url(", "<iframe", "<img", "<object", "<base"]
    {
        assert!(!markup.contains(outside), "{outside} in the page");
    }
    let handler = markup.split('<').skip(1).find(|tag| {
        tag.split('>')
            .next()
            .is_some_and(|tag| tag.contains(" onclick=") || tag.contains(" onload="))
    });
    assert_eq!(handler, None);
}

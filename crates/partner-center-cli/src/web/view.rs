//! What all pages have: the frame, the words, the values.

use std::borrow::Cow;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use partner_center::Change;
use partner_center::models::Customer;
use serde_json::Value;

use super::App;
use super::draft::Draft;
use super::guard::TOKEN;
use super::service::Subject;
use crate::member::{Member, Profile, Section};
use crate::output::{one_line, others};

include!(concat!(env!("OUT_DIR"), "/help.rs"));

/// What the build compressed of `src/web`, as it is sent: every browser takes gzip (RFC 9110 section 8.4.1.3).
macro_rules! asset {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz"))
    };
}
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a53a8"/><path d="M4 4h8M4 8h8M4 12h5" stroke="#fff" stroke-width="1.6"/></svg>"##;

/// What a browser fetches for every page, and that nobody minds.
pub(super) fn is_asset(path: &str) -> bool {
    matches!(path, "/web.css" | "/htmx.js" | "/web.js" | "/icon.svg")
}

pub(super) async fn style() -> impl IntoResponse {
    compressed("text/css; charset=utf-8", asset!("web.css"))
}

/// htmx 4.0.1, as it is published (0BSD).
pub(super) async fn htmx() -> impl IntoResponse {
    compressed("text/javascript; charset=utf-8", asset!("htmx.js"))
}

pub(super) async fn script() -> impl IntoResponse {
    compressed("text/javascript; charset=utf-8", asset!("web.js"))
}

fn compressed(media_type: &'static str, content: &'static [u8]) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type), (header::CONTENT_ENCODING, "gzip")], content)
}

pub(super) async fn icon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON)
}

/// A page of its own, for whoever is not in or has nothing else to look at; `to` is opened at once.
pub(super) fn bare(title: &str, body: &Markup, to: Option<&str>) -> Response {
    document(
        title,
        to,
        &html! {
            main.page { h1 { (title) } (body) }
        },
    )
    .into_response()
}

/// A page in its frame.
pub(super) fn page(app: &App, subject: Option<Subject>, title: &str, body: &Markup) -> Markup {
    document(
        title,
        None,
        &html! {
            a.skip href="#content" { "Skip to the content" }
            header.bar {
                nav aria-label="Main" {
                    a href="/customers" { "Customers" }
                @if app.session.user().is_ok() { a href="/profile" { "Own profile" } }
                }
                @if app.session.is_embedded() { p.practice { "Practice data: " (app.place()) } }
            @else { p.quiet { (app.place()) } }
            }
            main.page #content tabindex="-1" {
                h1 { (title) }
                @if let Some(note) = app.note(subject) { (note) }
                (body)
            }
        },
    )
}

fn document(title: &str, to: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(to) = to { meta http-equiv="refresh" content={ "0;url=" (to) }; }
                // Nothing is kept by the script, and nothing of a page is run.
                meta name="htmx-config" content=r#"{"history":"reload","includeIndicatorCSS":false}"#;
                title { (title) " - Partner Center" }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/web.css";
                script src="/htmx.js" defer {}
                script src="/web.js" defer {}
            }
            body { (body) }
        }
    }
}

/// What a member is called: its name in the contract, as words.
pub(super) fn label(member: &Member) -> String {
    words(member.key())
}

/// What a section is called.
pub(super) fn heading(section: &Section) -> String {
    match section.pointer.trim_start_matches('/') {
        "" => "Profile".to_owned(),
        name => words(name),
    }
}

/// What is called by a JSON Pointer, with the object that it is in.
pub(super) fn name(pointer: &str) -> String {
    let parts: Vec<_> = pointer.split('/').skip(1).map(words).collect();
    parts.join(": ")
}

/// `addressLine1` as people write it.
fn words(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 3);
    for (index, c) in key.chars().enumerate() {
        if index == 0 {
            out.extend(c.to_uppercase());
        } else if c.is_uppercase()
            || (c.is_ascii_digit() && !out.ends_with(|c: char| c.is_ascii_digit()))
        {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// What the contract says of a member, if that is more than its name.
pub(super) fn help<T: Profile>(member: &Member) -> Option<&'static str> {
    let (_, _, text) =
        HELP.iter().find(|(schema, at, _)| *schema == T::SCHEMA && *at == member.pointer)?;
    let says_its_name = text.strip_prefix("The ").and_then(|it| it.strip_suffix('.'));
    let is_more = says_its_name.is_none_or(|it| !it.eq_ignore_ascii_case(&label(member)));
    is_more.then_some(*text)
}

/// A text in which what stands between backticks is code.
pub(super) fn code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A value, for people.
pub(super) fn value(value: Option<&Value>) -> Markup {
    match value {
        None | Some(Value::Null) => html! { span.quiet { "none" } },
        Some(Value::String(text)) if text.is_empty() => html! { span.quiet { "empty" } },
        Some(Value::String(text)) => html! { bdi { (visible(text)) } },
        Some(other) => html! { bdi { (visible(&other.to_string())) } },
    }
}

/// A text in which nothing is hidden: blanks at its ends and what has no glyph are seen.
fn visible(text: &str) -> Cow<'_, str> {
    let seen = one_line(text);
    if seen != text || text.trim() != text {
        Cow::Owned(format!("\"{seen}\""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Changes, a row for each: what it was, and what it becomes.
pub(super) fn changes<T: Profile>(changes: &[Change], caption: &str) -> Markup {
    let mut changes: Vec<_> = changes.iter().collect();
    changes.sort_by_key(|change| T::place(&change.pointer));
    html! {
        table.changes {
            caption { (caption) }
            thead { tr { th scope="col" { "Field" } th scope="col" { "Before" } th scope="col" { "After" } } }
            tbody {
                @for change in changes {
                    tr {
                        th scope="row" { (name(&change.pointer)) }
                        td data-label="Before" { (value(change.before.as_ref())) }
                        td data-label="After" { ins { (after(change)) } }
                    }
                }
            }
        }
    }
}

fn after(change: &Change) -> Markup {
    let is_there = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
    if is_there(&change.before) && !is_there(&change.after) {
        html! { "removed" }
    } else {
        value(change.after.as_ref())
    }
}

/// What a customer is called.
pub(super) fn company(customer: &Customer) -> &str {
    let name = customer.company_profile.as_ref().and_then(|it| it.company_name.as_deref());
    name.filter(|name| !name.trim().is_empty()).unwrap_or("(no name)")
}

/// The members of a profile in their sections, as they are.
pub(super) fn sections<T: Profile>(tree: &Value) -> Markup {
    html! {
        @for section in T::SECTIONS {
            section aria-label=(heading(section)) {
                h2 { (heading(section)) }
                dl.members {
                    @for member in section.members {
                        div { dt { (label(member)) } dd { (value(tree.pointer(member.pointer))) } }
                    }
                }
            }
        }
        @let others = others::<T>(tree);
        @if !others.is_empty() {
            section aria-label="Other members" {
                h2 { "Other members" }
                p.quiet { "These pages have no field for them. They are sent back as they were read." }
                dl.members {
                    @for (pointer, other) in others {
                        div { dt { code { (pointer) } } dd { (value(Some(other))) } }
                    }
                }
            }
        }
    }
}

/// The id of the field of a member.
pub(super) fn id(member: &Member) -> String {
    member.pointer.trim_start_matches('/').replace('/', "-")
}

/// A field of a form.
pub(super) struct Field<'a> {
    pub(super) member: &'a Member,
    pub(super) text: String,
    /// What it may have, in short.
    pub(super) limits: Vec<String>,
    pub(super) help: Option<&'static str>,
    /// Where it must be there: the country.
    pub(super) required_in: Option<&'a str>,
    /// What may be chosen.
    pub(super) choices: &'a [String],
    pub(super) errors: Vec<String>,
}

impl Field<'_> {
    pub(super) fn render(&self) -> Markup {
        let (name, id) = (self.member.pointer, id(self.member));
        let (hint, error, list) =
            (format!("{id}-hint"), format!("{id}-error"), format!("{id}-list"));
        let has_hint = self.help.is_some() || !self.limits.is_empty();
        let has_errors = !self.errors.is_empty();
        let described = [(&hint, has_hint), (&error, has_errors)];
        let described: Vec<_> =
            described.into_iter().filter(|(_, is)| *is).map(|(id, _)| id.as_str()).collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let choices = !self.choices.is_empty();
        html! {
            div.field.wrong[has_errors] {
                label for=(id) {
                    (label(self.member))
                    @if let Some(country) = self.required_in { " " span.required { "required in " (country) } }
                }
                input type="text" id=(id) name=(name) value=(self.text) autocomplete="off" spellcheck="false"
                    list=[choices.then_some(&list)] aria-describedby=[described]
                    aria-invalid=[has_errors.then_some("true")]
                    aria-required=[self.required_in.map(|_| "true")];
                @if choices {
                    datalist id=(list) { @for choice in self.choices { option value=(choice) {} } }
                }
                @if has_hint {
                    p.hint id=(hint) {
                        @if let Some(help) = self.help { (code(help)) " " }
                        @for limit in &self.limits { (limit) " " }
                    }
                }
                @if has_errors {
                    div.error id=(error) { @for error in &self.errors { p { (error) } } }
                }
            }
        }
    }
}

/// A member that is shown and not changed here.
pub(super) fn kept(member: &Member, tree: &Value) -> Markup {
    html! {
        div.field.whole {
            p.label { (label(member)) " " span.quiet { "cannot be changed" } }
            p.kept { (value(tree.pointer(member.pointer))) }
        }
    }
}

/// A form about a draft.
pub(super) fn form(app: &App, draft: &Draft, action: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action={ (draft.subject.path()) "/" (action) } {
            (hidden(app, draft))
            (body)
        }
    }
}

/// The hidden fields of a form about a draft.
pub(super) fn hidden(app: &App, draft: &Draft) -> Markup {
    html! {
        input type="hidden" name=(TOKEN) value=(app.guard.token());
        input type="hidden" name="draft" value=(draft.id);
        input type="hidden" name="mark" value=(draft.mark());
    }
}

/// Where it is said that what is typed is kept, or that it is not.
pub(super) fn kept_here() -> Markup {
    html! {
        span.quiet #kept {}
        template #lost { (lost()) }
    }
}

/// It is not.
pub(super) fn lost() -> Markup {
    html! {
        strong.lost role="alert" {
            "Not kept any more: the command has ended, or the changes were submitted or thrown away in another tab. Copy what \
             you typed since, and open the profile anew."
        }
    }
}

/// The button that throws a draft away.
pub(super) fn discard(app: &App, draft: &Draft) -> Markup {
    html! {
        form.discard method="post" action={ (draft.subject.path()) "/discard" } {
            (hidden(app, draft))
            details {
                summary { "Throw my changes away" }
                button.plain type="submit" { "Yes, throw them away" }
            }
        }
    }
}

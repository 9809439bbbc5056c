//! Why a page cannot be shown: what, why, and what to do, as a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::view;
use crate::failure::{Exit, Failure};

/// Something went wrong, and nothing that was typed is lost.
#[derive(Debug)]
pub(super) struct Trouble {
    status: StatusCode,
    failure: Box<Failure>,
    /// Whether something was typed that is still there.
    is_kept: bool,
    /// Where to go on.
    back: Option<(String, &'static str)>,
}

impl Trouble {
    pub(super) fn not_found() -> Self {
        let failure = Failure::new("there is no such page").hint("begin with the customers");
        Self { status: StatusCode::NOT_FOUND, failure: failure.into(), is_kept: false, back: None }
            .back("/customers", "Customers")
    }

    /// The draft that was meant was written, or thrown away.
    pub(super) fn no_draft(path: &str) -> Self {
        let failure = Failure::new("these changes are not kept here any more")
            .why("they were submitted or thrown away, maybe in another tab")
            .hint("look at the profile as it is now");
        Self { status: StatusCode::GONE, failure: failure.into(), is_kept: false, back: None }
            .back(path, "The profile")
    }

    /// The form shows another profile than the draft is about by now.
    pub(super) fn old_form(path: &str, draft: Uuid) -> Self {
        let failure = Failure::new("this form shows the profile as it was before")
            .why("your changes were put onto a newer one, maybe in another tab")
            .hint("open the form anew: what you typed before is in it");
        Self { status: StatusCode::CONFLICT, failure: failure.into(), is_kept: false, back: None }
            .back(&format!("{path}/update?draft={draft}"), "Open the form")
    }

    /// It is about a draft.
    pub(super) fn with_draft(mut self) -> Self {
        self.is_kept = !matches!(self.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        self
    }

    /// Where to go on, unless that is known already.
    pub(super) fn back(mut self, path: &str, name: &'static str) -> Self {
        self.back.get_or_insert_with(|| (path.to_owned(), name));
        self
    }
}

impl<E: Into<Failure>> From<E> for Trouble {
    fn from(error: E) -> Self {
        let failure = error.into();
        let status = match failure.exit {
            Exit::NotFound => StatusCode::NOT_FOUND,
            Exit::NotAllowed => StatusCode::FORBIDDEN,
            Exit::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Exit::Usage => StatusCode::BAD_REQUEST,
            Exit::Conflict => StatusCode::CONFLICT,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self { status, failure: failure.into(), is_kept: false, back: None }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let body = html! {
            (alert(&self.failure))
            @if self.is_kept { p { "What you typed is kept." } }
            p {
                @if let Some((path, name)) = &self.back {
                    a href=(path) { (name) }
                } @else {
                    a href="" { "Try again" }
                }
            }
        };
        (self.status, view::bare("That did not work", &body, None)).into_response()
    }
}

/// A failure, for people.
pub(super) fn alert(failure: &Failure) -> Markup {
    html! {
        div.mark.breaking role="alert" {
            p { strong { (sentence(failure.what())) } }
            @for why in failure.whys() { p { (sentence(why)) } }
            @for hint in failure.hints() { p { "What to do: " (view::code(hint)) "." } }
            @if let Some(ids) = failure.ids() { p.quiet { "For the support of the service: " (ids) } }
        }
    }
}

/// A message as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String =
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

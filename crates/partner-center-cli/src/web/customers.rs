//! The customers: a list of them, searched as one types, and the changes that were begun.

use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use partner_center::models::Customer;
use uuid::Uuid;

use super::service::{self, Search};
use super::trouble::{Trouble, alert};
use super::{App, Shared, Wish, view};
use crate::failure::Failure;

/// How many are on a page, and on a long one: the service gives no more at once.
const SIZES: [u16; 2] = [50, 500];

/// What is searched for.
fn search(asked: &Wish) -> Search {
    let text: String = asked.get("q").unwrap_or_default();
    let size = if asked.get("size") == Some(SIZES[1]) { SIZES[1] } else { SIZES[0] };
    let by_domain = asked.get("by") == Some("domain".to_owned());
    Search { text: text.trim().to_owned(), by_domain, size }
}

pub(super) async fn list(State(app): State<Shared>, asked: Wish) -> Result<Response, Trouble> {
    let search = search(&asked);
    let began;
    let results = if let Ok(id) = search.text.parse::<Uuid>() {
        let found = service::customer(&app.session, id).await;
        began = Instant::now();
        match found {
            Ok(customer) => results(&[customer], &search, None, false),
            Err(error) if error.is_not_found() => results(&[], &search, None, false),
            Err(error) => failed(&error.into()),
        }
    } else {
        let from = asked.get("from").and_then(|number| app.cursors.customers(number, &search));
        let page = service::customers(&app.session, &search, from.as_ref()).await;
        began = Instant::now();
        match page {
            Ok(page) => {
                let next = page.next.map(|next| app.cursors.keep_customers(&search, next));
                results(&page.customers, &search, next, from.is_some())
            }
            Err(failure) => failed(&failure),
        }
    };
    let body = html! { (begun(&app)) (searched(&search)) (results) };
    let page = view::page(&app, None, "Customers", &body);
    // In milliseconds, as the tools of a browser show it (W3C Server Timing).
    let timing = format!("render;dur={:.3}", began.elapsed().as_secs_f64() * 1000.0);
    Ok(([("server-timing", timing)], page).into_response())
}

/// What is there instead of customers.
fn failed(failure: &Failure) -> Markup {
    html! { div #results { (alert(failure)) } }
}

/// The form of the search.
fn searched(search: &Search) -> Markup {
    html! {
        form.search role="search" action="/customers" hx-get="/customers" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-sync="this:replace" hx-replace-url="true" hx-trigger="input delay:200ms, submit" {
            label for="q" { "Find a customer" }
            p.hint id="q-hint" { "How its name or its domain begins, in either case; or its id." }
            div.row {
                input #q type="search" name="q" value=(search.text) autocomplete="off" spellcheck="false"
                    aria-describedby="q-hint";
                select name="by" aria-label="Search by" {
                    option value="name" selected[!search.by_domain] { "by name" }
                    option value="domain" selected[search.by_domain] { "by domain" }
                }
                @if search.size != SIZES[0] { input type="hidden" name="size" value=(search.size); }
                button type="submit" { "Search" }
            }
        }
    }
}

/// A page of customers.
pub(super) fn results(
    customers: &[Customer],
    search: &Search,
    next: Option<usize>,
    is_later: bool,
) -> Markup {
    let many = customers.len();
    let link = |size: u16, from: Option<usize>| {
        let mut query = form_urlencoded::Serializer::new(String::from("/customers?"));
        if !search.text.is_empty() {
            query.append_pair("q", &search.text);
        }
        if search.by_domain {
            query.append_pair("by", "domain");
        }
        if size != SIZES[0] {
            query.append_pair("size", &size.to_string());
        }
        if let Some(from) = from {
            query.append_pair("from", &from.to_string());
        }
        query.finish()
    };
    html! {
        div #results {
            p role="status" {
                @match (many, next.is_some() || is_later) {
                    (0, false) => {
                        @if search.text.is_empty() { "There are no customers." }
                        @else if search.text.parse::<Uuid>().is_ok() { "No customer has the id " (search.text) "." }
                        @else { "No customer's " (if search.by_domain { "domain" } else { "name" })
                            " begins with " bdi { (search.text) } "."
                            @if !search.by_domain { " " a href=(link_by_domain(search)) { "Search domains" } "." } }
                    }
                    (1, false) => "1 customer.",
                    (many, false) => { (many) " customers." }
                    (many, true) => { (many) " customers on this page." }
                }
            }
            @if many > 0 {
                table.customers {
                    caption.unseen { "Customers" }
                    thead { tr { th scope="col" { "Company" } th scope="col" { "Domain" } th scope="col" { "Id" } } }
                    tbody { @for customer in customers { (row(customer)) } }
                }
            }
            p.more {
                @if is_later { a href=(link(search.size, None)) { "First page" } " " }
                @if next.is_some() {
                    a rel="next" href=(link(search.size, next)) { "Next page" } " "
                    @if search.size == SIZES[0] { a href=(link(SIZES[1], None)) { "500 on a page" } }
                }
            }
        }
    }
}

fn link_by_domain(search: &Search) -> String {
    let mut query = form_urlencoded::Serializer::new(String::from("/customers?by=domain"));
    query.append_pair("q", &search.text).finish()
}

fn row(customer: &Customer) -> Markup {
    let id = customer.id.as_deref().unwrap_or_default();
    let domain = customer.company_profile.as_ref().and_then(|it| it.domain.as_deref());
    html! {
        tr {
            th scope="row" {
                @if id.parse::<Uuid>().is_ok() {
                    a href={ "/customers/" (id) } { bdi { (view::company(customer)) } }
                } @else { bdi { (view::company(customer)) } }
            }
            td data-label="Domain" { bdi { (domain.unwrap_or_default()) } }
            td data-label="Id" { code { (id) } }
        }
    }
}

/// Changes that were begun and not submitted.
fn begun(app: &App) -> Markup {
    let drafts = app.drafts.typed();
    html! {
        @if !drafts.is_empty() {
            section.mark.potentially aria-labelledby="begun" {
                h2 #begun { "Changes that are not submitted" }
                ul {
                    @for draft in drafts {
                        li { a href={ (draft.subject.path()) "/update?draft=" (draft.id) } { bdi { (draft.name) } } }
                    }
                }
            }
        }
    }
}

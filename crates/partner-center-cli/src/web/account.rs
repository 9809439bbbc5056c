//! The account of a customer, and the partner's own: the profile as it is, and who changed it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{ProfileChange, Versioned};
use uuid::Uuid;

use super::service::{self, Billed, Subject};
use super::trouble::Trouble;
use super::{App, At, Shared, Wish, view};
use crate::change;
use crate::history;

pub(super) async fn customer(
    State(app): State<Shared>,
    At(id): At<Uuid>,
) -> Result<Response, Trouble> {
    let name = name(&app, Subject::Customer(id)).await?;
    show::<CustomerBillingProfile>(&app, Subject::Customer(id), &name).await
}

pub(super) async fn partner(State(app): State<Shared>) -> Result<Response, Trouble> {
    let name = name(&app, Subject::Partner).await?;
    show::<BillingProfile>(&app, Subject::Partner, &name).await
}

/// What the subject is called.
pub(super) async fn name(app: &App, subject: Subject) -> Result<String, Trouble> {
    match subject {
        Subject::Partner => Ok("Own billing profile".to_owned()),
        Subject::Customer(id) => {
            let customer = service::customer(&app.session, id)
                .await
                .map_err(|error| Trouble::from(error).back("/customers", "Customers"))?;
            Ok(view::company(&customer).to_owned())
        }
    }
}

async fn show<T: Billed>(app: &App, subject: Subject, name: &str) -> Result<Response, Trouble> {
    let profile = T::of(subject, &app.session)?.get().await?;
    let path = subject.path();
    let begun = app.drafts.typed().into_iter().find(|draft| draft.subject == subject);
    let is_customer = matches!(subject, Subject::Customer(_));
    Ok(view::page(app, Some(subject), name, &html! {
        @if is_customer { p.quiet { "Customer " code { (path.trim_start_matches("/customers/")) } } }
        @if let Some(draft) = &begun {
            div.mark.potentially {
                p { "You began to change this profile and did not submit it." }
                p { a.button href={ (path) "/update?draft=" (draft.id) } { "Go on with your changes" } }
            }
        }
        p.actions {
            @if begun.is_none() && profile.etag().is_some() { a.button href={ (path) "/update" } { "Update" } " " }
            @if is_customer { a href={ (path) "/history" } { "History" } }
        }
        (body(&profile)?)
    })
    .into_response())
}

fn body<T: Billed>(profile: &Versioned<T>) -> Result<Markup, Trouble> {
    let tree = change::tree(profile)?;
    Ok(html! {
        (view::sections::<T>(&tree))
        p.quiet {
            @match profile.etag() {
                Some(etag) => { "Version " code { (etag) } }
                None => "The service names no version of this profile, so that it cannot be changed without the risk of \
                         overwriting others.",
            }
        }
    })
}

/// Who changed the profile of a customer, when, and what.
pub(super) async fn changes(
    State(app): State<Shared>,
    At(id): At<Uuid>,
    asked: Wish,
) -> Result<Markup, Trouble> {
    let subject = Subject::Customer(id);
    let path = subject.path();
    let name = name(&app, subject).await?;
    let from = asked.get("from").and_then(|number| app.cursors.history(number, id));
    let page = service::history(&app.session, id, from.as_ref()).await?;
    let next = page.next.map(|next| app.cursors.keep_history(id, next));
    Ok(view::page(
        &app,
        Some(subject),
        &format!("History of {name}"),
        &html! {
            p { a href=(path) { "Back to the profile" } }
            @if page.changes.is_empty() {
                p { "No " @if from.is_some() { "older " } "change is on record." }
            }
            ol.history {
                @for change in &page.changes { li { (one(change)) } }
            }
            @if let Some(next) = next { p { a href={ (path) "/history?from=" (next) } { "Older changes" } } }
        },
    ))
}

/// A date, which is of UTC.
fn in_utc(date: &str) -> String {
    let short = history::short(date);
    short.strip_suffix('Z').map_or_else(|| short.clone(), |it| format!("{it} UTC"))
}

fn one(change: &ProfileChange) -> Markup {
    let record = &change.record;
    let date = record.operation_date.as_deref().map_or_else(|| "No date".to_owned(), in_utc);
    let status = record.operation_status.as_deref().filter(|status| *status != "succeeded");
    html! {
        article {
            h2 {
                time { (date) } " "
                @match (record.user_principal_name.as_deref(), record.application_id.as_deref()) {
                    (Some(user), _) => bdi { (user) },
                    (None, Some(application)) => { "application " code { (application) } }
                    (None, None) => "nobody is named",
                }
                @if let Some(status) = status { " " strong { (status) } }
            }
            @match change.changes.as_deref() {
                None => p { "The record does not say what was changed." },
                Some([]) => p { "Nothing but what belongs to the service." },
                Some(changes) => (view::changes::<CustomerBillingProfile>(changes, "What was changed")),
            }
        }
    }
}

//! `partner-center web`: the profiles as pages on this machine, for one browser.
//!
//! The pages work without a script. What is typed is kept as a draft from the first letter on, and written when the
//! person has seen what changes and submits it; every form is answered with a redirect, so that a reload repeats nothing.

mod account;
mod conflict;
mod customers;
mod draft;
mod form;
mod guard;
mod places;
mod review;
mod service;
mod trouble;
mod view;

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use maud::Markup;
use partner_center::models::{BillingProfile, CustomerBillingProfile};
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio::time::Instant;
use uuid::Uuid;

use crate::args;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{Ui, say};
use crate::session::Session;
use crate::settings::Settings;

use self::draft::Drafts;
use self::form::Fields;
use self::guard::Guard;
use self::places::Places;
use self::service::{Billed, Subject};
use self::trouble::Trouble;

/// What the pages share.
struct App {
    session: Session,
    guard: Arc<Guard>,
    drafts: Drafts,
    cursors: Places,
    /// What the next page of a subject says first.
    note: Mutex<Option<(Subject, Markup)>>,
    /// Updates take turns: a button may be pressed twice.
    submitting: tokio::sync::Mutex<()>,
    used: Used,
}

type Shared = Arc<App>;

impl App {
    /// Has the next page of the subject say something.
    fn say(&self, subject: Subject, note: Markup) {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = Some((subject, note));
    }

    /// The same, unless something is to be said already.
    fn say_if_nothing_is(&self, subject: Subject, note: Markup) {
        let mut said = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        said.get_or_insert((subject, note));
    }

    fn note(&self, subject: Option<Subject>) -> Option<Markup> {
        let mut note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        note.take_if(|(of, _)| Some(*of) == subject).map(|(_, note)| note)
    }

    /// Where it calls, for people.
    fn place(&self) -> &str {
        let endpoint = self.session.endpoint();
        endpoint.split_once("://").map_or(endpoint, |(_, host)| host.trim_end_matches('/'))
    }
}

/// When somebody was here last.
struct Used(Mutex<Instant>);

impl Used {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nobody was here for so long.
    async fn idle(&self, limit: Duration) {
        loop {
            let used = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if used.elapsed() >= limit {
                return;
            }
            tokio::time::sleep_until(used + limit).await;
        }
    }
}

/// Serves the pages until the person ends it, or nobody uses them any more.
pub(crate) async fn serve(
    args: &args::Web,
    settings: &mut Settings,
    ui: &Ui,
) -> Result<(), Failure> {
    let session = Session::start(settings, ui).await?;
    let failed = |cause: std::io::Error| {
        Failure::new(format!("port {} of 127.0.0.1 cannot be had", args.port))
            .why(cause)
            .hint("leave out --port: a free one is taken")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let bar = ui.bar();
    let guard = Arc::new(Guard::new(port, move || {
        say(
            &bar,
            "warning: somebody opened the address a second time, and was not let in; if that was not you, end this \
                   command with Ctrl-C",
        );
    }));
    let app = Arc::new(App {
        drafts: Drafts::new(&settings.places.state, session.endpoint()),
        session,
        guard: guard.clone(),
        cursors: Places::default(),
        note: Mutex::default(),
        submitting: tokio::sync::Mutex::default(),
        used: Used(Mutex::new(Instant::now())),
    });
    let address = guard.address();
    ui.data(&format!("{address}\n"));
    ui.say("open that address: it is good once, for one browser, until that is closed; Ctrl-C ends the command");
    if !args.no_browser {
        // A browser may run for as long as it is open.
        std::thread::spawn(move || webbrowser::open(&address));
    }
    let stop = interrupt::stop();
    let limit = Duration::from_secs(u64::from(args.idle) * 60);
    let ended = {
        let (app, asked) = (app.clone(), stop.asked());
        async move {
            tokio::select! {
                () = asked => {}
                () = app.used.idle(limit) => {}
            }
        }
    };
    axum::serve(listener, router(app)).with_graceful_shutdown(ended).await.map_err(failed)?;
    let why = if stop.is_asked() { "ended" } else { "ended: nobody used it" };
    ui.say(&format!("{why}; what was typed and not submitted is kept for the next time"));
    Ok(())
}

fn router(app: Shared) -> Router {
    let guard = app.guard.clone();
    Router::new()
        .route("/", get(async || Redirect::to("/customers")))
        .route("/customers", get(customers::list))
        .route("/customers/{id}", get(account::customer))
        .route("/customers/{id}/history", get(account::changes))
        .route("/customers/{id}/{page}", get(customer_page).post(customer_form))
        .route("/profile", get(account::partner))
        .route("/profile/{page}", get(own_page).post(own_form))
        .fallback(async || Trouble::not_found())
        .layer(from_fn_with_state(app.clone(), used))
        .with_state(app)
        .route("/web.css", get(view::style))
        .route("/htmx.js", get(view::htmx))
        .route("/web.js", get(view::script))
        .route("/icon.svg", get(view::icon))
        .layer(from_fn_with_state(guard, guard::watch))
}

/// What a path names; what names nothing is no page.
struct At<T>(T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for At<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Trouble> {
        let path = Path::from_request_parts(parts, app).await;
        path.map(|Path(names)| Self(names)).map_err(|_| Trouble::not_found())
    }
}

/// What a query asks for, by its names.
struct Wish(Fields);

impl Wish {
    /// The value of this name; what is none is not asked for.
    fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        self.0.iter().find(|(it, _)| it == name).and_then(|(_, value)| value.parse().ok())
    }
}

impl FromRequestParts<Shared> for Wish {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        Ok(Self(guard::fields(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// Notes that somebody is here, when it begins and when it ends.
async fn used(State(app): State<Shared>, request: Request, next: Next) -> Response {
    app.used.now();
    let response = next.run(request).await;
    app.used.now();
    response
}

async fn customer_page(
    State(app): State<Shared>,
    At((id, page)): At<(Uuid, String)>,
    asked: Wish,
) -> Result<Response, Trouble> {
    page_of::<CustomerBillingProfile>(app, Subject::Customer(id), &page, asked.get("draft")).await
}

async fn customer_form(
    State(app): State<Shared>,
    At((id, page)): At<(Uuid, String)>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Trouble> {
    Box::pin(form_of::<CustomerBillingProfile>(app, Subject::Customer(id), &page, fields)).await
}

async fn own_page(
    State(app): State<Shared>,
    At(page): At<String>,
    asked: Wish,
) -> Result<Response, Trouble> {
    page_of::<BillingProfile>(app, Subject::Partner, &page, asked.get("draft")).await
}

async fn own_form(
    State(app): State<Shared>,
    At(page): At<String>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Trouble> {
    Box::pin(form_of::<BillingProfile>(app, Subject::Partner, &page, fields)).await
}

async fn page_of<T: Billed>(
    app: Shared,
    subject: Subject,
    page: &str,
    draft: Option<Uuid>,
) -> Result<Response, Trouble> {
    let shown = match page {
        "update" => form::show::<T>(&app, subject, draft).await,
        "review" => review::show::<T>(&app, subject, draft).await,
        "unsaved" => review::unsaved(&app, subject, draft),
        "conflict" => conflict::show::<T>(&app, subject, draft),
        _ => Err(Trouble::not_found()),
    };
    shown.map_err(Trouble::with_draft)
}

async fn form_of<T: Billed>(
    app: Shared,
    subject: Subject,
    page: &str,
    fields: Fields,
) -> Result<Response, Trouble> {
    let done = match page {
        "update" => form::submit::<T>(&app, subject, &fields).await,
        "draft" => form::autosave::<T>(&app, subject, &fields),
        "take" => form::take::<T>(&app, subject, &fields),
        "discard" => form::discard(&app, subject, &fields),
        "submit" => review::submit::<T>(&app, subject, &fields).await,
        "conflict" => conflict::settle::<T>(&app, subject, &fields).await,
        _ => Err(Trouble::not_found()),
    };
    // A form is not sent again by a link.
    done.map_err(|trouble| trouble.with_draft().back(&subject.path(), "The profile"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_nobody_was_here_for_an_hour() {
        let hour = Duration::from_secs(3600);
        let used = Arc::new(Used(Mutex::new(Instant::now())));
        let began = Instant::now();
        let ended = tokio::spawn({
            let used = used.clone();
            async move { used.idle(hour).await }
        });
        tokio::time::sleep(hour / 2).await;
        used.now();
        ended.await.expect("an end");
        assert_eq!(began.elapsed(), hour + hour / 2);
    }
}

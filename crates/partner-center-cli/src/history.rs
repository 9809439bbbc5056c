//! Who changed a customer's billing profile, when, and what.

use std::fmt::Write as _;

use partner_center::models::CustomerBillingProfile;
use partner_center::{Credential, History, ProfileChange};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{BOLD, DIM, Format, Items, Ui, difference, one_line};

/// Lists the changes, each as soon as it is there.
pub(crate) async fn show<A: Credential>(
    history: &History<A>,
    title: &str,
    ui: &Ui,
) -> Result<(), Failure> {
    let mut list = history.list();
    let mut printed = Items::new(ui);
    loop {
        let next = {
            let _step = ui.step("reading the history");
            list.try_next().await
        };
        match next {
            Ok(Some(change)) if ui.format == Format::Table => {
                if printed.count() == 0 {
                    ui.styled(&format!("{BOLD}{title}, the latest first{BOLD:#}\n"));
                }
                printed.table(&row(&change));
            }
            Ok(Some(change)) => printed.value(&value(&change)),
            Ok(None) => {
                printed.end("no change is on record");
                return Ok(());
            }
            Err(error) => {
                let many = printed.count();
                printed.end("");
                return Err(Failure::from(error).why(format!("{many} changes are listed")));
            }
        }
    }
}

fn row(change: &ProfileChange) -> String {
    let record = &change.record;
    let text = |text: &Option<String>| text.as_deref().map(one_line);
    let application = || text(&record.application_id).map(|id| format!("application {id}"));
    let date = text(&record.operation_date).map_or_else(|| "(no date)".to_owned(), |it| short(&it));
    let who = text(&record.user_principal_name).or_else(application);
    let mut out = format!("{date}  {}", who.as_deref().unwrap_or("(nobody is named)"));
    if let Some(status) = text(&record.operation_status).filter(|status| status != "succeeded") {
        let _ = write!(out, "  {BOLD}{status}{BOLD:#}");
    }
    out.push('\n');
    let changes = match change.changes.as_deref() {
        None => format!("{DIM}the record does not say what was changed{DIM:#}\n"),
        Some([]) => format!("{DIM}nothing that is not the service's own{DIM:#}\n"),
        Some(changes) => difference::<CustomerBillingProfile>(changes),
    };
    for line in changes.lines() {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// A date without the parts of a second, in UTC as it came; another text as it is.
pub(crate) fn short(date: &str) -> String {
    let plain = date.len() > 19 && date.is_ascii() && date.ends_with('Z');
    if plain && date.as_bytes()[10] == b'T' {
        format!("{} {}Z", &date[..10], &date[11..19])
    } else {
        date.to_owned()
    }
}

/// A change for programs.
fn value(change: &ProfileChange) -> Value {
    let record = &change.record;
    let etag = |profile: &Option<CustomerBillingProfile>| {
        profile.as_ref().and_then(|profile| profile.attributes.as_ref()?.etag.clone())
    };
    json!({
        "date": record.operation_date,
        "user": record.user_principal_name,
        "application": record.application_id,
        "status": record.operation_status,
        "correlationId": record.original_correlation_id,
        "changes": change.changes,
        "etagBefore": etag(&change.before),
        "etagAfter": etag(&change.after),
        "id": record.id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_short_and_anything_else_stays() {
        assert_eq!(short("2020-09-02T17:34:12.8069005Z"), "2020-09-02 17:34:12Z");
        for text in ["", "2020-09-02", "2020-09-02T17:34:12.8+01:00", "ääääääääääääääääääääZ"]
        {
            assert_eq!(short(text), text);
        }
    }
}

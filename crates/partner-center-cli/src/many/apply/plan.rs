//! What is to be written, found out by reading every customer. Nothing is written.

use std::collections::HashSet;
use std::path::Path;

use futures_util::StreamExt;
use partner_center::models::CustomerBillingProfile;
use partner_center::{Credential, Journal, PartnerCenter, Versioned};

use crate::change;
use crate::failure::{Exit, Failure, refused};
use crate::interrupt;
use crate::many::args;
use crate::member::Profile;
use crate::output::Ui;
use crate::validate::{self, Unruled};

use super::super::progress::Progress;
use super::super::sheet::{Row, Sheet};
use super::super::{ENOUGH, Found, ends_all};
use super::{Note, Run, Settled};

/// A row that was looked at.
struct Looked {
    line: u64,
    note: Note,
    /// What is to be written.
    profile: Option<Versioned<CustomerBillingProfile>>,
    found: Option<Found>,
    /// Why it may not be read, if it may not.
    forbidden: Option<Failure>,
}

/// Reads every customer of the file, and keeps what is to be written in a journal.
///
/// # Errors
/// The service cannot be asked, or the journal not be written.
pub(super) async fn plan<A: Credential>(
    sheet: &Sheet,
    args: &args::Apply,
    path: &Path,
    run: &Run,
    client: &PartnerCenter<A>,
    ui: &Ui,
) -> Result<Journal, Failure> {
    let note = serde_json::to_string(run)
        .map_err(|cause| Failure::new("the run cannot be noted").why(cause))?;
    let journal = Journal::create(path, &note)
        .map_err(|error| Failure::from(error).why(path.display()).hint(super::ELSEWHERE))?;
    let planned = fill(&journal, sheet, args, client, ui).await;
    // Of a plan that is not whole nothing is left. One that another command made meanwhile is not this one's.
    planned.inspect_err(|_| drop(std::fs::remove_file(path)))?;
    Ok(journal)
}

/// Plans every row.
async fn fill<A: Credential>(
    journal: &Journal,
    sheet: &Sheet,
    args: &args::Apply,
    client: &PartnerCenter<A>,
    ui: &Ui,
) -> Result<(), Failure> {
    let _note = interrupt::note("nothing was written");
    let progress = Progress::new(ui, "reading billing profiles", Some(sheet.rows));
    let unruled = Unruled::default();
    let looked = futures_util::stream::iter(sheet.rows()?)
        .map(async |row| look(client, row?, args, &unruled).await)
        // In the order of the file: of two rows about the same customer, the first counts.
        .buffered(args.pace.concurrency.into());
    let mut looked = std::pin::pin!(looked);
    // One that the file names twice, by its id and by its domain.
    let mut seen = HashSet::new();
    let (mut rows, mut refused) = (0, 0);
    while let Some(row) = looked.next().await {
        let Looked { line, mut note, mut profile, found, forbidden } = row?;
        match forbidden {
            Some(failure) if rows == refused && refused + 1 == ENOUGH => {
                return Err(failure.why(format!("{ENOUGH} customers in a row are like that")));
            }
            Some(_) => refused += 1,
            None => {}
        }
        rows += 1;
        if found.is_some_and(|found| !seen.insert(short(&found))) {
            let why = "another row is about the same customer".to_owned();
            (note.settled, profile) = (Some(Settled::Refused(vec![why])), None);
        }
        let note_text = serde_json::to_string(&note)
            .map_err(|cause| Failure::new("the row cannot be noted").why(cause))?;
        journal.plan(line, &note_text, profile.as_ref()).await?;
        match note.settled {
            None | Some(Settled::Unchanged) => progress.done(),
            Some(_) => progress.failed(),
        }
    }
    Ok(journal.seal().await?)
}

/// A half of a GUID, of which a million take eight megabytes.
fn short(found: &Found) -> u64 {
    let (first, second) = found.id.as_u64_pair();
    first ^ second.rotate_left(1)
}

/// Looks at one customer.
///
/// # Errors
/// Nobody else could be looked at either.
async fn look<A: Credential>(
    client: &PartnerCenter<A>,
    row: Row,
    args: &args::Apply,
    unruled: &Unruled,
) -> Result<Looked, Failure> {
    let Row { line, customer, etag, edits, kept } = row;
    let mut note =
        Note { customer: customer.to_string(), company: customer.company.clone(), settled: None };
    let settled = |mut note: Note, settled, found| {
        note.settled = Some(settled);
        Ok(Looked { line, note, profile: None, found, forbidden: None })
    };
    let lines = |failure: &Failure| failure.lines().collect::<Vec<_>>();
    let found = match customer.found(&client.customers()).await {
        Ok(found) => found,
        Err(failure) if failure.is_about_one() => {
            return settled(note, Settled::Refused(lines(&failure)), None);
        }
        Err(failure) => return Err(failure),
    };
    note.customer = found.id.to_string();
    note.company.clone_from(&found.who.company);
    let mut resource = client.customer(found.id).billing_profile();
    if args.without_limits {
        resource = resource.without_limits();
    }
    let mut profile = match resource.get().await {
        Ok(profile) => profile,
        Err(error) if ends_all(&error) => return Err(error.into()),
        Err(error) => {
            let failure = Failure::from(error);
            let looked = settled(note, Settled::Refused(lines(&failure)), Some(found))?;
            let forbidden = (failure.exit == Exit::NotAllowed).then_some(failure);
            return Ok(Looked { forbidden, ..looked });
        }
    };
    let is_stale = etag.is_some() && etag.as_ref() != profile.etag();
    let tree = change::tree(&profile)?;
    for (pointer, text) in kept {
        let now = tree.pointer(pointer).filter(|value| !value.is_null());
        let now = now.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if now.as_deref() != Some(&text) {
            let name = CustomerBillingProfile::name(pointer);
            let why = vec![format!("{name} belongs to the service, and is another one")];
            return settled(note, Settled::Refused(why), Some(found));
        }
    }
    if let Err(failure) = change::apply(&mut profile, &edits) {
        return settled(note, Settled::Refused(lines(&failure)), Some(found));
    }
    if let Err(error) = resource.check(&profile) {
        return settled(note, Settled::Refused(lines(&refused(error, &*profile))), Some(found));
    }
    if !profile.is_dirty()? {
        return settled(note, Settled::Unchanged, Some(found));
    }
    if is_stale {
        let why = "the profile was changed since the row was made: export it again";
        return settled(note, Settled::Conflict(vec![why.to_owned()]), Some(found));
    }
    if !args.no_validate {
        match validate::broken_rules(client, &profile, unruled).await {
            Ok(broken) if broken.is_empty() => {}
            Ok(broken) => return settled(note, Settled::Refused(broken), Some(found)),
            Err(failure) => {
                let failure = failure.why("the rules of its country could not be read");
                if failure.exit == Exit::NotAllowed || failure.exit == Exit::Unavailable {
                    return Err(failure.hint("--no-validate leaves them to the service"));
                }
                return settled(note, Settled::Refused(lines(&failure)), Some(found));
            }
        }
    }
    Ok(Looked { line, note, profile: Some(profile), found: Some(found), forbidden: None })
}

//! What is planned, and what became of it: row by row, as the journal has it, and in numbers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use partner_center::models::CustomerBillingProfile;
use partner_center::{Change, Journal, JournalRow, OutcomeKind};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::member::Profile;
use crate::output::{BOLD, DIM, Format, Items, Ui, difference, one_line, shown};
use crate::private;

use super::super::export::record;
use super::super::sheet::cell::escaped;
use super::{Note, Settled, said};

/// How many rows a person is shown; a pipe and a program get all.
const FEW: u64 = 50;

/// Which rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Nothing,
    Plan,
    Outcomes,
}

/// How many rows there are of each kind.
#[derive(Default)]
pub(super) struct Report {
    pub(super) planned: u64,
    /// Those that are to be written, or that nobody knows the outcome of.
    pub(super) left: u64,
    uncertain: u64,
    /// Those that were worked on before.
    pub(super) tried: u64,
    written: u64,
    merged: u64,
    unchanged: u64,
    conflicts: u64,
    failed: u64,
    refused: u64,
}

/// A row, as it is shown.
struct Line {
    row: JournalRow,
    note: Note,
    outcome: &'static str,
    why: Vec<String>,
}

impl Line {
    fn of(row: JournalRow) -> Result<Self, Failure> {
        let note = Note::of(&row)?;
        let (outcome, why) = match (&note.settled, &row.outcome) {
            (Some(Settled::Unchanged), _) => ("unchanged", Vec::new()),
            (Some(Settled::Conflict(why)), _) => ("conflict", why.clone()),
            (Some(Settled::Refused(why)), _) => ("refused", why.clone()),
            (None, Some(ended)) => {
                let outcome = match ended.kind {
                    OutcomeKind::Updated => "written",
                    OutcomeKind::Merged => "merged",
                    OutcomeKind::Unchanged => "unchanged",
                    OutcomeKind::Conflict => "conflict",
                    _ => "failed",
                };
                (outcome, said(ended))
            }
            (None, None) if row.is_uncertain => {
                ("uncertain", vec!["it was sent, and nobody knows what became of it".to_owned()])
            }
            (None, None) => ("left", Vec::new()),
        };
        Ok(Self { row, note, outcome, why })
    }

    /// What it changes.
    fn changes(&self) -> Result<Vec<Change>, Failure> {
        Ok(self.row.profile()?.map_or(Ok(Vec::new()), |profile| profile.changes())?)
    }

    fn print(&self, shown: Shown, ui: &Ui, items: &mut Items<'_>) -> Result<(), Failure> {
        if ui.format != Format::Table {
            items.value(&self.json(shown)?);
            return Ok(());
        }
        let company = self.note.company.as_deref().unwrap_or_default();
        let outcome = match (shown, self.outcome) {
            (Shown::Plan, "left") => "",
            (_, outcome) => outcome,
        };
        let mut text = format!(
            "{BOLD}line {:<6}{BOLD:#} {}  {:<32}  {outcome}",
            self.row.row,
            one_line(&self.note.customer),
            one_line(company)
        );
        text.truncate(text.trim_end().len());
        text.push('\n');
        for why in &self.why {
            let _ = writeln!(text, "  {DIM}{}{DIM:#}", one_line(why));
        }
        let ids =
            self.row.outcome.as_ref().map(|outcome| (outcome.request_id, outcome.correlation_id));
        if let Some((Some(request), Some(correlation))) = ids {
            let _ =
                writeln!(text, "  {DIM}ids: request {request}, correlation {correlation}{DIM:#}");
        }
        for line in difference::<CustomerBillingProfile>(&self.changes()?).lines() {
            let _ = writeln!(text, "  {line}");
        }
        items.table(&text);
        Ok(())
    }

    fn json(&self, shown: Shown) -> Result<Value, Failure> {
        let ended = self.row.outcome.as_ref();
        let outcome = match (shown, self.outcome) {
            (Shown::Plan, "left") => "planned",
            (_, outcome) => outcome,
        };
        Ok(json!({
            "line": self.row.row,
            "customer": self.note.customer,
            "company": self.note.company,
            "outcome": outcome,
            "changes": self.changes()?,
            "why": self.why,
            "conflicts": ended.map(|ended| ended.conflicts.as_slice()).unwrap_or_default(),
            "requestId": ended.and_then(|ended| ended.request_id),
            "correlationId": ended.and_then(|ended| ended.correlation_id),
        }))
    }

    /// Rows of CSV, one for each member that is changed.
    fn csv(&self) -> Result<String, Failure> {
        let changes = self.changes()?;
        let ended = self.row.outcome.as_ref();
        let id = |id: Option<partner_center::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let row = |member: &str, before: &str, after: &str| {
            let company = self.note.company.as_deref().unwrap_or_default();
            let cells = [
                &self.row.row.to_string(),
                &*self.note.customer,
                company,
                self.outcome,
                member,
                before,
                after,
                &self.why.join("; "),
                &id(ended.and_then(|ended| ended.request_id)),
                &id(ended.and_then(|ended| ended.correlation_id)),
            ];
            record::row(cells.map(|cell| escaped(cell).into_owned()))
        };
        if changes.is_empty() {
            return Ok(row("", "", ""));
        }
        let text = |value: Option<&Value>| match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            value => shown(value),
        };
        let rows = changes.iter().map(|change| {
            let name = CustomerBillingProfile::name(&change.pointer);
            row(name, &text(change.before.as_ref()), &text(change.after.as_ref()))
        });
        Ok(rows.collect())
    }
}

impl Report {
    /// Goes through the journal, and prints its rows.
    pub(super) fn of(journal: &Journal, shown: Shown, ui: &Ui) -> Result<Self, Failure> {
        let mut report = Self::default();
        let mut items = Items::new(ui);
        let some = ui.format == Format::Table && ui.is_interactive;
        let mut hidden = 0;
        for row in journal.rows() {
            let line = Line::of(row?)?;
            report.count(&line);
            // Of a plan, what is to be written or cannot be.
            let of_interest = shown == Shown::Outcomes || line.outcome != "unchanged";
            let is_shown = shown != Shown::Nothing && (ui.format != Format::Table || of_interest);
            match is_shown {
                true if some && items.count() as u64 >= FEW => hidden += 1,
                true => line.print(shown, ui, &mut items)?,
                false => {}
            }
        }
        if hidden > 0 {
            ui.styled(&format!("and {hidden} more, which are all shown where no person watches\n"));
        }
        if shown != Shown::Nothing {
            items.end("");
        }
        Ok(report)
    }

    fn count(&mut self, line: &Line) {
        match line.outcome {
            "unchanged" => self.unchanged += 1,
            "conflict" => self.conflicts += 1,
            "refused" => self.refused += 1,
            "written" => self.written += 1,
            "merged" => self.merged += 1,
            "failed" => self.failed += 1,
            "uncertain" => self.uncertain += 1,
            _ => {}
        }
        self.planned += u64::from(line.note.settled.is_none());
        self.left += u64::from(line.row.is_left());
        self.tried += u64::from(line.row.was_tried);
    }

    pub(super) fn plan_totals(&self) -> String {
        listed([
            (self.left, "to write"),
            (self.unchanged, "like that already"),
            (self.conflicts, "changed since the file was made"),
            (self.refused, "refused"),
        ])
    }

    pub(super) fn totals(&self) -> String {
        listed([
            (self.written, "written"),
            (self.merged, "merged with what others changed"),
            (self.unchanged, "like that already"),
            (self.conflicts, "in conflict with what others changed"),
            (self.failed, "failed"),
            (self.refused, "refused"),
            (self.uncertain, "uncertain"),
            (self.left - self.uncertain, "left"),
        ])
    }

    /// Why not all is done.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failed = self.failed + self.refused + self.left - self.uncertain;
        if failed > 0 {
            return Some(Failure::new(format!("{} could not be written", customers(failed))));
        }
        if self.uncertain > 0 {
            let what =
                format!("it is not known whether {} were written", customers(self.uncertain));
            return Some(Failure::new(what).hint("--resume finds it out"));
        }
        self.failure_of_plan()
    }

    /// Why not all can be done.
    pub(super) fn failure_of_plan(&self) -> Option<Failure> {
        if self.refused > 0 {
            let what = format!("{} could not be written", customers(self.refused));
            return Some(Failure::new(what));
        }
        (self.conflicts > 0).then(|| {
            let what = match self.conflicts {
                1 => "1 customer is in conflict, and as others left it".to_owned(),
                many => format!("{many} customers are in conflict, and as others left them"),
            };
            Failure::new(what)
                .exit(Exit::Conflict)
                .hint("export them again, and apply what is still to be changed")
        })
    }
}

/// So many customers, in words.
pub(super) fn customers(many: u64) -> String {
    format!("{many} customer{}", if many == 1 { "" } else { "s" })
}

/// The numbers that are not 0.
fn listed<const N: usize>(numbers: [(u64, &str); N]) -> String {
    let listed: Vec<_> = numbers
        .into_iter()
        .filter(|(many, _)| *many > 0)
        .map(|(many, what)| format!("{many} {what}"))
        .collect();
    let of = if listed.is_empty() { "none".to_owned() } else { listed.join(", ") };
    format!("customers: {of}")
}

/// Looks whether a report can be written there.
///
/// # Errors
/// It cannot, or it would replace one of these files.
pub(super) fn can_be_written(path: &Path, others: [&PathBuf; 2]) -> Result<(), Failure> {
    let what = format!("the report cannot be written to {}", path.display());
    let is = |other: &Path| match (path.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => path == other,
    };
    if others.into_iter().any(|other| is(other)) {
        return Err(Failure::usage(what).why("the run itself needs that file"));
    }
    if path.is_dir() {
        return Err(Failure::usage(what).why("it is a folder"));
    }
    private::temporary(path).map(drop).map_err(|error| Failure::usage(what).why(error))
}

/// Writes the report as CSV, as a whole or not at all.
pub(super) fn save(journal: &Journal, path: &Path) -> Result<(), Failure> {
    let names = [
        "line",
        "customer",
        "company",
        "outcome",
        "member",
        "before",
        "after",
        "why",
        "request-id",
        "correlation-id",
    ];
    let first = format!("\u{feff}{}", record::row(names));
    let rows = journal.rows().map(|row| Line::of(row?)?.csv());
    private::write_all(path, [Ok(first)].into_iter().chain(rows))
}

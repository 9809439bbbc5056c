//! One customer as it is written: a row of CSV, or a line of JSON.

use partner_center::Versioned;
use partner_center::models::CustomerBillingProfile;
use serde_json::Value;

use crate::change;
use crate::failure::Failure;
use crate::many::Found;
use crate::many::sheet::cell::escaped;
use crate::member::{Member, Profile};

/// The columns that say which customer it is, and of which version the row is.
pub(super) const FIRST: [&str; 4] = ["customer", "company", "domain", "etag"];

/// What each line of JSON begins with; the id stands after it.
pub(super) const LINE: &str = "{\"customer\":\"";

/// What is written of each customer.
pub(crate) enum Layout {
    Csv(Vec<&'static Member>),
    Jsonl,
}

/// The members that are columns: these, or all.
///
/// # Errors
/// One is chosen twice.
pub(super) fn members(columns: &[&'static Member]) -> Result<Vec<&'static Member>, Failure> {
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|other| other.pointer == column.pointer) {
            return Err(Failure::usage(format!("the column {} is given twice", column.name)));
        }
    }
    let all = || CustomerBillingProfile::members().collect();
    Ok(if columns.is_empty() { all() } else { columns.to_vec() })
}

impl Layout {
    /// CSV with these columns, or with all.
    ///
    /// # Errors
    /// As [`members`].
    pub(crate) fn csv(columns: &[&'static Member]) -> Result<Self, Failure> {
        members(columns).map(Self::Csv)
    }

    /// # Errors
    /// Columns are chosen where there are none.
    pub(crate) fn jsonl(columns: &[&'static Member]) -> Result<Self, Failure> {
        if columns.is_empty() {
            return Ok(Self::Jsonl);
        }
        Err(Failure::usage("JSON Lines have the whole document, and no columns")
            .hint("leave --columns out, or take --format csv"))
    }

    /// The first row, with the byte order mark that tells spreadsheets which encoding it is.
    pub(crate) fn header(&self) -> Option<String> {
        let Self::Csv(columns) = self else { return None };
        let names = FIRST.into_iter().chain(columns.iter().map(|column| column.name));
        Some(format!("\u{feff}{}", row(names)))
    }

    /// How many cells a row has.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Csv(columns) => FIRST.len() + columns.len(),
            Self::Jsonl => 1,
        }
    }

    /// A customer and its profile.
    ///
    /// # Errors
    /// The profile is no JSON.
    pub(crate) fn row(
        &self,
        found: &Found,
        profile: &Versioned<CustomerBillingProfile>,
    ) -> Result<String, Failure> {
        let (company, domain) = (found.who.company.as_deref(), found.who.domain.as_deref());
        match self {
            Self::Csv(columns) => {
                let etag = profile.etag().map(ToString::to_string);
                let first = [company, domain, etag.as_deref()].map(Option::unwrap_or_default);
                Ok(cells(&found.id.to_string(), first, columns, &change::tree(profile)?))
            }
            Self::Jsonl => {
                // Within a text no line ends.
                let document =
                    String::from_utf8_lossy(profile.document()).replace(['\n', '\r'], "");
                let (id, company, domain) = (found.id, Value::from(company), Value::from(domain));
                Ok(format!(
                    "{LINE}{id}\",\"company\":{company},\"domain\":{domain},\"profile\":{document}}}\n"
                ))
            }
        }
    }
}

/// A row of CSV. What is not there is an empty cell, which leaves a member as it is.
pub(crate) fn cells(
    customer: &str,
    first: [&str; 3],
    columns: &[&'static Member],
    profile: &Value,
) -> String {
    let members = columns.iter().map(|column| match profile.pointer(column.pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => escaped(text).into_owned(),
        Some(other) => escaped(&other.to_string()).into_owned(),
    });
    let first = first.into_iter().map(|text| escaped(text).into_owned());
    row([customer.to_owned()].into_iter().chain(first).chain(members))
}

/// A row of RFC 4180. A cell with a separator of any kind is in quotes.
pub(crate) fn row(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut row = String::new();
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            row.push(',');
        }
        let cell = cell.as_ref();
        if cell.contains(['"', ',', ';', '\t', '\r', '\n']) {
            row.extend(["\"", &cell.replace('"', "\"\""), "\""]);
        } else {
            row.push_str(cell);
        }
    }
    row + "\r\n"
}

//! What can be typed of work with many customers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use partner_center::models::CustomerBillingProfile;

use crate::member::{Member, Profile};
use crate::session::Bounds;

use super::sheet::{Column, column};

#[derive(Args)]
pub(crate) struct Export {
    /// What is written
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub(crate) format: Format,

    /// The members that are columns of CSV, by the names that `show` prints; all of them if it is not given
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = member)]
    pub(crate) columns: Vec<&'static Member>,

    /// Those customers alone that this file names: CSV or JSON Lines
    ///
    /// It has a column `customer` (the id), `domain` or `company`, such as the Customers.csv of Partner Center or what
    /// was exported here. A domain or a company is searched for. Beside an id, both are written as the file has them.
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Option<PathBuf>,

    /// Write to this file, which must not be there. A Parquet file is there when it is whole
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// Go on with the file: keep its rows, and read the customers that are not in it
    #[arg(long, requires = "file")]
    pub(crate) resume: bool,

    #[command(flatten)]
    pub(crate) pace: Pace,
}

#[derive(Args)]
// Each is a flag.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Apply {
    /// The file, CSV or JSON Lines
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Write what is planned without asking
    #[arg(long)]
    pub(crate) yes: bool,

    /// Show the plan, and write nothing
    #[arg(long, conflicts_with_all = ["yes", "resume"])]
    pub(crate) dry_run: bool,

    /// Go on with an earlier run of the file: write what is left of its plan
    #[arg(long)]
    pub(crate) resume: bool,

    /// Forget an earlier run of the file that was not finished, and begin anew
    #[arg(long, conflicts_with_all = ["resume", "dry_run"])]
    pub(crate) discard: bool,

    /// Leave documented limits to the service
    #[arg(long, conflicts_with = "resume")]
    pub(crate) without_limits: bool,

    /// Leave the rules of the countries to the service
    #[arg(long, conflicts_with = "resume")]
    pub(crate) no_validate: bool,

    /// Write to this file too what became of each row, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Keep the plan and the outcomes here, and not in FILE.journal
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) pace: Pace,
}

/// How fast many customers are worked on.
#[derive(Args, Clone, Copy)]
pub(crate) struct Pace {
    /// How many customers are worked on at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=128))]
    pub(crate) concurrency: u16,

    /// How many requests are sent in a minute at the most
    ///
    /// The service is documented to throttle beyond 500 a minute and tenant.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
}

impl From<Pace> for Bounds {
    fn from(pace: Pace) -> Self {
        Self { in_flight: Some(pace.concurrency.into()), a_minute: pace.rate }
    }
}

/// What is written of many customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table, for a spreadsheet
    Csv,
    /// A Parquet file, for tools of data analysis: columns of texts, with the members that CSV has
    Parquet,
    /// JSON Lines: an object on each line, with the document as it was read
    Jsonl,
}

/// A member of the billing profile of a customer, by its name or its JSON Pointer.
fn member(text: &str) -> Result<&'static Member, String> {
    if let Ok(Column::Member(member)) = column(text, false) {
        return Ok(member);
    }
    let names: Vec<_> = CustomerBillingProfile::members().map(|it| it.name).collect();
    Err(format!("there is no such member; name one of {}", names.join(", ")))
}

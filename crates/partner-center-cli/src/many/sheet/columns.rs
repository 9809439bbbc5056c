//! What the columns of a table are about: their names, as people write them.

use partner_center::models::CustomerBillingProfile;
use partner_center::pointer::Pointer;

use crate::member::{Member, Profile, SERVICE};
use crate::output::one_line;

use super::Purpose;
use super::cell::letters;
use super::findings::Findings;

/// What a column, or a key of a line, is about.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Customer,
    Domain,
    Company,
    Etag,
    /// One that the command knows.
    Member(&'static Member),
    /// One by its JSON Pointer (RFC 6901).
    Pointer(String),
    /// One without a name, in which nothing may stand.
    Unnamed,
    /// One that is passed over.
    Ignored,
}

/// A column and how it is named to a person.
pub(crate) struct Named {
    pub(crate) column: Column,
    pub(crate) title: String,
}

/// The columns that a header names.
pub(crate) fn columns<'a>(
    header: impl Iterator<Item = &'a str> + Clone,
    line: u64,
    purpose: Purpose,
    findings: &mut Findings,
) -> Vec<Named> {
    // The file that Partner Center exports: the name of the company is not that of the billing profile.
    let exported = header.clone().any(|name| plain(name) == "microsoft-id");
    let mut columns: Vec<Named> = Vec::new();
    let mut unknown = Vec::new();
    for (index, name) in header.enumerate() {
        let title = match name.trim() {
            "" => format!("column {}", letters(index)),
            name => format!("column {} ({})", letters(index), one_line(name)),
        };
        let column = column(name, exported).unwrap_or_else(|why| {
            unknown.push((title.clone(), why));
            Column::Ignored
        });
        if let Some(first) = columns.iter().find(|other| is_same(&other.column, &column)) {
            unknown.push((
                title.clone(),
                format!("it is about the same as {}; keep one", first.title),
            ));
        }
        columns.push(Named { column, title });
    }
    let has_customer = columns.iter().any(identifies);
    if !has_customer {
        // They may be no names at all, but the values of a first row.
        let what = "no column names the customer: the first row has the names of the columns, and one is `customer` \
             (the id), `domain` or `company`";
        findings.on(line, what);
    } else if purpose == Purpose::Customers {
        unknown.retain(|(title, _)| columns.iter().any(|it| identifies(it) && it.title == *title));
    }
    if has_customer {
        for (title, why) in unknown {
            findings.at(line, &title, &why);
        }
    }
    columns
}

/// Whether it says which customer it is.
pub(crate) fn identifies(it: &Named) -> bool {
    matches!(it.column, Column::Customer | Column::Domain | Column::Company)
}

/// What a name is about.
///
/// # Errors
/// Why it can be about nothing.
pub(crate) fn column(name: &str, exported: bool) -> Result<Column, String> {
    let name = name.trim();
    if name.starts_with('/') {
        return pointer(name);
    }
    let plain = plain(name);
    if let Some(column) = match &*plain {
        "" => Some(Column::Unnamed),
        "customer" | "customer-id" | "microsoft-id" => Some(Column::Customer),
        "domain" | "domain-name" | "primary-domain" | "primary-domain-name" => Some(Column::Domain),
        "company" => Some(Column::Company),
        "company-name" if exported => Some(Column::Company),
        "relationship" | "tags" if exported => Some(Column::Ignored),
        "etag" => Some(Column::Etag),
        _ => None,
    } {
        return Ok(column);
    }
    let member = CustomerBillingProfile::members().find(|member| member.name == plain);
    member.map(Column::Member).ok_or_else(|| {
        "there is no such member; name one as `customer billing-profile show` does, or by its JSON Pointer".to_owned()
    })
}

/// What a JSON Pointer leads to. A known member is found in either case.
pub(crate) fn pointer(text: &str) -> Result<Column, String> {
    let known = |known: &str| known.eq_ignore_ascii_case(text);
    if let Some(member) = CustomerBillingProfile::members().find(|it| known(it.pointer)) {
        return Ok(Column::Member(member));
    }
    let lower = text.to_ascii_lowercase();
    if SERVICE.iter().any(|service| Pointer(&lower).is_within(service)) {
        return Err(
            "it belongs to the service and cannot be changed; leave the column out".to_owned()
        );
    }
    if CustomerBillingProfile::SECTIONS.iter().any(|section| known(section.pointer)) {
        return Err("it has members of its own; name them".to_owned());
    }
    let mut members = CustomerBillingProfile::members();
    if members.any(|it| Pointer(&lower).is_within(&it.pointer.to_ascii_lowercase())) {
        return Err("there is nothing within a text".to_owned());
    }
    if text == "/" {
        return Err("a JSON Pointer has a name after the `/`".to_owned());
    }
    Ok(Column::Pointer(text.to_owned()))
}

/// Whether a file may have one of the two alone.
pub(crate) fn is_same(one: &Column, other: &Column) -> bool {
    match (one, other) {
        (Column::Unnamed | Column::Ignored, _) => false,
        (Column::Member(one), Column::Member(other)) => one.pointer == other.pointer,
        (Column::Pointer(one), Column::Pointer(other)) => {
            Pointer(one).is_within(other) || Pointer(other).is_within(one)
        }
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// A name in lower case, with `-` for what stands between its words.
fn plain(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_lowercase()
}

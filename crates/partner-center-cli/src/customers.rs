//! Customers: a list of them, one, and which one is meant.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use partner_center::models::Customer;
use partner_center::{Credential, Customers, SearchBy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::args::{ListCustomers, Named};
use crate::failure::{Exit, Failure};
use crate::listed::Listed;
use crate::output::{BOLD, DIM, Format, Items, Ui, one_line};

/// How many are listed if not all are asked for.
const FEW: u16 = 50;

/// How many are shown of those that may have been meant.
const SHOWN: usize = 10;

/// Lists customers, each as soon as it is there.
pub(crate) async fn list<A: Credential>(
    mut customers: Customers<A>,
    list: &ListCustomers,
    state: &Path,
    ui: &Ui,
) -> Result<(), Failure> {
    if let Some(text) = &list.starts_with {
        customers = customers.search(SearchBy::CompanyName, text);
    }
    if let Some(text) = &list.domain {
        customers = customers.search(SearchBy::Domain, text);
    }
    let mut printed = Printed { items: Items::new(ui), listed: Listed::default(), ui };
    let result = if list.all {
        every(&customers, &mut printed).await.map(|()| false)
    } else {
        few(&customers.page_size(FEW), &mut printed).await
    };
    let many = printed.items.count();
    let nothing = if result.is_ok() { "no customer is listed" } else { "" };
    // A document of none is printed for those alone that were read.
    if result.is_ok() || many > 0 {
        printed.items.end(nothing);
        if let Err(failure) = printed.listed.keep(state) {
            let why: Vec<_> = failure.lines().collect();
            ui.say(&format!("warning: completion does not know these: {}", why.join("; ")));
        }
    }
    match result {
        Ok(true) => ui.say("there are more: --all lists them, --starts-with and --domain search"),
        Ok(false) => {}
        Err(failure) if list.all => {
            return Err(failure.why(format!("{many} customers are listed")));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// The first page. Whether there are more.
async fn few<A: Credential>(
    customers: &Customers<A>,
    printed: &mut Printed<'_>,
) -> Result<bool, Failure> {
    let page = {
        let _step = printed.ui.step("reading customers");
        customers.page(None).await?
    };
    page.customers.iter().for_each(|customer| printed.add(customer));
    Ok(page.next.is_some())
}

async fn every<A: Credential>(
    customers: &Customers<A>,
    printed: &mut Printed<'_>,
) -> Result<(), Failure> {
    let mut list = customers.list();
    loop {
        let next = {
            let _step = printed.ui.step("reading customers");
            list.try_next().await?
        };
        let Some(customer) = next else { return Ok(()) };
        printed.add(&customer);
    }
}

/// What was printed of a list.
struct Printed<'a> {
    items: Items<'a>,
    listed: Listed,
    ui: &'a Ui,
}

impl Printed<'_> {
    fn add(&mut self, customer: &Customer) {
        self.listed.add(customer);
        if self.ui.format != Format::Table {
            return self.items.value(&json!(customer));
        }
        if self.items.count() == 0 {
            let (id, name) = ("ID", "Company");
            self.ui.styled(&format!("{BOLD}{id:<36}  {name:<32}  Domain{BOLD:#}\n"));
        }
        self.items.table(&row(customer));
    }
}

/// A customer on a line.
fn row(customer: &Customer) -> String {
    let company = customer.company_profile.as_ref();
    let text = |text: Option<&str>| one_line(text.unwrap_or("(none)"));
    let id = text(customer.id.as_deref());
    let name = text(company.and_then(|company| company.company_name.as_deref()));
    let domain = text(company.and_then(|company| company.domain.as_deref()));
    format!("{id:<36}  {name:<32}  {domain}\n")
}

/// The id of a customer that was named. By a domain or a name it must be the only one of it, whatever the case.
///
/// # Errors
/// There is none, or there are several.
pub(crate) async fn find<A: Credential>(
    customers: &Customers<A>,
    named: &Named,
    ui: &Ui,
) -> Result<Uuid, Failure> {
    let text = match named {
        Named::Id(id) => return Ok(*id),
        Named::Text(text) => text,
    };
    let step = ui.step("looking for the customer");
    // A name may have a dot in it too. The search by domain was reported to fail, so that it is not tried in vain.
    let may_be_domain = text.contains('.') && !text.contains(char::is_whitespace);
    let by = [SearchBy::CompanyName, SearchBy::Domain];
    let (id, customer) = only(customers, text, &by[..=usize::from(may_be_domain)]).await?;
    drop(step);
    ui.say(&format!("customer {}", row(&customer).trim_end()));
    Ok(id)
}

/// The only customer that has a domain or the name of a company, whatever the case.
///
/// # Errors
/// There is none, or there are several.
pub(crate) async fn only<A: Credential>(
    customers: &Customers<A>,
    text: &str,
    by: &[SearchBy],
) -> Result<(Uuid, Customer), Failure> {
    let mut found = Found::default();
    for by in by {
        let searched = found.search(customers, *by, text).await;
        searched.map_err(|failure| match by {
            SearchBy::Domain => failure.hint("give the customer's id instead of its domain"),
            _ => failure,
        })?;
    }
    found.only(text)
}

/// What a search for a name or a domain found.
#[derive(Default)]
struct Found {
    /// Those that have it.
    exact: BTreeMap<Uuid, Customer>,
    /// Some that begin like it.
    begin: BTreeMap<Uuid, Customer>,
}

impl Found {
    async fn search<A: Credential>(
        &mut self,
        customers: &Customers<A>,
        by: SearchBy,
        text: &str,
    ) -> Result<(), Failure> {
        let mut list = customers.clone().search(by, text).list();
        while let Some(customer) = list.try_next().await? {
            let company = customer.company_profile.as_ref();
            let has = |member: Option<&String>| {
                member.is_some_and(|member| member.trim().to_lowercase() == text.to_lowercase())
            };
            let exact = company.is_some_and(|company| {
                has(company.company_name.as_ref()) || has(company.domain.as_ref())
            });
            let Some(Ok(id)) = customer.id.as_deref().map(str::parse) else {
                if exact {
                    let what = format!("a customer with the domain or the name `{text}` has no id");
                    return Err(Failure::new(what));
                }
                continue;
            };
            if exact {
                self.exact.insert(id, customer);
            } else if self.begin.len() < SHOWN {
                self.begin.insert(id, customer);
            }
        }
        Ok(())
    }

    /// The one that was meant.
    fn only(mut self, text: &str) -> Result<(Uuid, Customer), Failure> {
        let shown = |mut failure: Failure, customers: &BTreeMap<Uuid, Customer>| {
            for customer in customers.values().take(SHOWN) {
                failure = failure.why(row(customer).trim_end());
            }
            failure
        };
        let many = self.exact.len();
        if many > 1 {
            let what = format!("{many} customers have the domain or the name `{text}`");
            let mut failure = shown(Failure::usage(what), &self.exact);
            if many > SHOWN {
                failure = failure.why(format!("and {} more", many - SHOWN));
            }
            return Err(failure.hint("name it by its id"));
        }
        self.exact.pop_first().ok_or_else(|| {
            let what = format!("there is no customer with the domain or the name `{text}`");
            let mut failure = Failure::new(what).exit(Exit::NotFound);
            if !self.begin.is_empty() {
                failure = shown(failure.why("these begin like it:"), &self.begin);
            }
            failure.hint("`partner-center customer list` shows ids, names and domains")
        })
    }
}

/// Shows one customer.
pub(crate) async fn show<A: Credential>(
    customers: Customers<A>,
    named: &Named,
    ui: &Ui,
) -> Result<(), Failure> {
    let id = find(&customers, named, ui).await?;
    let customer = {
        let _step = ui.step("reading the customer");
        customers.get(id).await?
    };
    let customer = json!(customer);
    if ui.format == Format::Table {
        ui.styled(&table(id, &customer));
    } else {
        ui.value(&customer);
    }
    Ok(())
}

/// What is shown of a customer; its billing profile has a command of its own.
const ROWS: &[(&str, &str)] = &[
    ("company", "/companyProfile/companyName"),
    ("domain", "/companyProfile/domain"),
    ("email", "/companyProfile/email"),
    ("country", "/companyProfile/address/country"),
    ("region", "/companyProfile/address/region"),
    ("city", "/companyProfile/address/city"),
    ("relationship", "/relationshipToPartner"),
    ("delegated-access", "/allowDelegatedAccess"),
    ("domains", "/customDomains"),
    ("billed-as", "/billingProfile/companyName"),
];

fn table(id: Uuid, customer: &Value) -> String {
    let mut out = format!("{BOLD}Customer {id}{BOLD:#}\n");
    for (name, pointer) in ROWS {
        let value = match customer.pointer(pointer) {
            None | Some(Value::Null) => format!("{DIM}(none){DIM:#}"),
            Some(Value::String(text)) => one_line(text),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().unwrap_or("?"));
                one_line(&texts.collect::<Vec<_>>().join(", "))
            }
            Some(other) => one_line(&other.to_string()),
        };
        let _ = writeln!(out, "  {name:<22}  {value}");
    }
    out
}

//! Customers: a list of them, and one.

use std::fmt::Write as _;

use partner_center::models::Customer;
use partner_center::{Credential, Customers, SearchBy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::args::{Customer as What, Global, ListCustomers};
use crate::failure::Failure;
use crate::output::{BOLD, DIM, Format, Ui, one_line, yaml};

/// How many are listed if not all are asked for.
const FEW: u16 = 50;

pub(crate) async fn run<A: Credential>(
    customers: Customers<A>,
    what: What,
    global: &Global,
    ui: &Ui,
) -> Result<(), Failure> {
    let customers = match global.correlation_id {
        Some(id) => customers.correlation_id(id),
        None => customers,
    };
    match what {
        What::List(args) => list(customers, &args, ui).await,
        What::Show(customer) => show(&customers, customer.id, ui).await,
        // It is a profile's.
        What::BillingProfile { .. } => Ok(()),
    }
}

/// Lists customers, each as soon as it is there.
async fn list<A: Credential>(
    mut customers: Customers<A>,
    list: &ListCustomers,
    ui: &Ui,
) -> Result<(), Failure> {
    if let Some(text) = &list.starts_with {
        customers = customers.search(SearchBy::CompanyName, text);
    }
    if let Some(text) = &list.domain {
        customers = customers.search(SearchBy::Domain, text);
    }
    let mut printed = Printed { ui, count: 0 };
    let more = if list.all {
        every(&customers, &mut printed).await?;
        false
    } else {
        let page = {
            let _step = ui.step("reading customers");
            customers.page_size(FEW).page(None).await?
        };
        page.customers.iter().for_each(|customer| printed.add(customer));
        page.next.is_some()
    };
    printed.end();
    if more {
        ui.say("there are more: --all lists them, --starts-with and --domain search");
    }
    Ok(())
}

async fn every<A: Credential>(
    customers: &Customers<A>,
    printed: &mut Printed<'_>,
) -> Result<(), Failure> {
    let mut list = customers.list();
    loop {
        let next = {
            let _step = printed.ui.step("reading customers");
            list.try_next().await
        };
        match next {
            Ok(Some(customer)) => printed.add(&customer),
            Ok(None) => return Ok(()),
            Err(error) => {
                let many = printed.count;
                printed.end();
                return Err(Failure::from(error).why(format!("{many} customers are listed")));
            }
        }
    }
}

/// What was printed of a list. It is one document, whose beginning is there before its end is known.
struct Printed<'a> {
    ui: &'a Ui,
    count: usize,
}

impl Printed<'_> {
    fn add(&mut self, customer: &Customer) {
        self.count += 1;
        let first = self.count == 1;
        match self.ui.format {
            Format::Table => {
                if first {
                    let (id, name) = ("ID", "Company");
                    self.ui.styled(&format!("{BOLD}{id:<36}  {name:<32}  Domain{BOLD:#}\n"));
                }
                let company = customer.company_profile.as_ref();
                let text = |text: Option<&str>| one_line(text.unwrap_or("(none)"));
                let id = text(customer.id.as_deref());
                let name = text(company.and_then(|company| company.company_name.as_deref()));
                let domain = text(company.and_then(|company| company.domain.as_deref()));
                self.ui.styled(&format!("{id:<36}  {name:<32}  {domain}\n"));
            }
            Format::Json => {
                let before = if first { "[" } else { "," };
                let text = format!("{:#}", json!(customer)).replace('\n', "\n  ");
                self.ui.data(&format!("{before}\n  {text}"));
            }
            Format::Yaml => self.ui.data(&yaml(&json!([customer]))),
        }
    }

    fn end(&self) {
        match (self.ui.format, self.count) {
            (Format::Table, 0) => self.ui.say("no customer is listed"),
            (Format::Json, 0) => self.ui.data("[]\n"),
            (Format::Yaml, 0) => self.ui.data(&yaml(&json!([]))),
            (Format::Json, _) => self.ui.data("\n]\n"),
            _ => {}
        }
    }
}

/// Shows one customer.
async fn show<A: Credential>(customers: &Customers<A>, id: Uuid, ui: &Ui) -> Result<(), Failure> {
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

//! A billing profile read, updated, refused, merged and written, on an embedded service.
//!
//! Every step is shown and held to what it should do; the exit code is 0 only if all of them held.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{AppOnly, AppUser, Model, PartnerCenter, Versioned};
use partner_center_emulator::{APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator, SAMPLE_CUSTOMER};
use uuid::Uuid;

/// Prints a line; whoever stops reading early misses the rest, and nothing else happens.
macro_rules! say {
    ($($text:tt)*) => {{ let _ = writeln!(std::io::stdout(), $($text)*); }};
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Box::pin(run()).await {
        Ok(()) => {
            say!("\nAll steps held.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut steps = 0;
    let mut step = |text: &str| {
        steps += 1;
        say!("\n{steps}. {text}");
    };

    step("The service is up, in this process, in memory");
    let emulator = Emulator::start().await?;
    row("address", &emulator.url());
    let customer = Uuid::parse_str(SAMPLE_CUSTOMER)?;
    let app =
        PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(&emulator.url()).build()?;
    let profile = app.customer(customer).billing_profile();

    step("Ann reads the billing profile of a customer, the documented sample");
    say!("   GET /v1/customers/{customer}/profiles/billing");
    let mut ann = profile.get().await?;
    show_customer(&ann);
    held(ann.email.as_deref() == Some("email@sample.com"), "the e-mail is that of the sample")?;
    let read = tag(&ann)?;

    step("Bob reads the same profile");
    let mut bob = profile.get().await?;
    row("etag", &tag(&bob)?);
    held(tag(&bob)? == read, "it is the same version")?;

    step("Ann changes the e-mail and writes the profile back");
    say!("   PUT /v1/customers/{customer}/profiles/billing");
    say!("   If-Match: {read}");
    ann.email = Some("ann@example.com".into());
    let written = profile.update(&ann).await?;
    change("email", "email@sample.com", text(written.email.as_ref()));
    change("etag", &read, &tag(&written)?);
    held(written.email.as_deref() == Some("ann@example.com"), "the service has the new e-mail")?;
    held(tag(&written)? != read, "it is a new version")?;

    step("Bob, who knows nothing of it, changes the last name and writes his version back");
    say!("   PUT /v1/customers/{customer}/profiles/billing");
    say!("   If-Match: {}", tag(&bob)?);
    bob.last_name = Some("Builder".into());
    let Err(refused) = profile.update(&bob).await else {
        return Err("a stale update was accepted".into());
    };
    row("refused", &refused.to_string());
    change("lastName, not written", "LastName", "Builder");
    change("email, not overwritten", "email@sample.com", text(written.email.as_ref()));
    held(refused.is_conflict(), "the refusal is a conflict")?;

    step("The refusal has what both of them made of the profile; Bob merges, and writes that");
    let conflict = refused.into_conflict()?;
    held(conflict.merge_conflicts().is_empty(), "they changed different members")?;
    let merged = conflict.merge()?;
    for edit in merged.changes()? {
        let shown = |value: &Option<_>| value.as_ref().map_or("(none)".into(), ToString::to_string);
        change(&edit.pointer, &shown(&edit.before), &shown(&edit.after));
    }
    say!("   PUT /v1/customers/{customer}/profiles/billing");
    say!("   If-Match: {}", tag(&merged)?);
    held(tag(&merged)? == tag(&written)?, "it is based on what Ann wrote")?;
    let both = profile.update(&merged).await?;
    show_customer(&both);
    held(both.email.as_deref() == Some("ann@example.com"), "Ann's e-mail is there")?;
    held(both.last_name.as_deref() == Some("Builder"), "Bob's last name is there")?;

    step("The partner's own profile gets a new purchase order number");
    say!("   GET, PUT /v1/profiles/billing");
    let user =
        PartnerCenter::builder(AppUser::token(APP_USER_TOKEN)).endpoint(&emulator.url()).build()?;
    let mut own = user.billing_profile().get().await?;
    say!("   If-Match: {}", tag(&own)?);
    let before = own.purchase_order_number.replace("9999".into());
    let own = user.billing_profile().update(&own).await?;
    show_partner(&own);
    change("purchaseOrderNumber", text(before.as_ref()), text(own.purchase_order_number.as_ref()));
    held(before.as_deref() == Some("9888"), "the number was that of the sample")?;
    held(own.purchase_order_number.as_deref() == Some("9999"), "the service has the new number")?;
    Ok(())
}

fn show_customer(profile: &Versioned<CustomerBillingProfile>) {
    row("companyName", text(profile.company_name.as_ref()));
    row("firstName", text(profile.first_name.as_ref()));
    row("lastName", text(profile.last_name.as_ref()));
    row("email", text(profile.email.as_ref()));
    if let Some(address) = &profile.default_address {
        let lines = [
            &address.address_line1,
            &address.postal_code,
            &address.city,
            &address.state,
            &address.country,
        ];
        let lines: Vec<_> = lines.into_iter().flatten().map(String::as_str).collect();
        row("defaultAddress", &lines.join(", "));
    }
    row("etag", &tag(profile).unwrap_or_default());
}

fn show_partner(profile: &Versioned<BillingProfile>) {
    row("companyName", text(profile.company_name.as_ref()));
    row("billingCurrency", text(profile.billing_currency.as_ref()));
    row("etag", &tag(profile).unwrap_or_default());
}

fn row(name: &str, value: &str) {
    say!("     {name:<24}{value}");
}

fn change(name: &str, before: &str, after: &str) {
    row(name, &format!("{before} -> {after}"));
}

fn text(member: Option<&String>) -> &str {
    member.map_or("(none)", String::as_str)
}

fn tag<T: Model>(profile: &Versioned<T>) -> Result<String, Box<dyn Error>> {
    Ok(profile.etag().ok_or("the service sent no entity tag")?.to_string())
}

fn held(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if !holds {
        return Err(format!("it does not hold that {what}").into());
    }
    say!("     ok: {what}");
    Ok(())
}

//! Two people change the same billing profile. The second is refused, resolves what conflicts, and writes
//! what both of them meant.
//!
//! `cargo run -p partner-center --example conflict`
//!
//! It writes: on Partner Center, run it in a sandbox.

use partner_center::{AppOnly, Choice, Cloud, PartnerCenter};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, SAMPLE_CUSTOMER};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To call Partner Center, put instead of these two lines:
    // `let (cloud, token, customer) = (Cloud::public(), "your token", "your customer's tenant");`
    let emulator = Emulator::start().await?;
    let (cloud, token, customer) = (Cloud::custom(emulator.url()), APP_ONLY_TOKEN, SAMPLE_CUSTOMER);

    let partner = PartnerCenter::builder(AppOnly::token(token)).cloud(cloud).build()?;
    let resource = partner.customer(customer.parse()?).billing_profile();

    let mut ann = resource.get().await?;
    let mut bob = resource.get().await?;

    ann.email = Some("ann@example.com".into());
    ann.company_name = Some("Ann's Toys".into());
    ann.first_name = Some("Ann".into());
    let _ = resource.update(&ann).await?;
    println!("Ann wrote her e-mail, company and first name.");

    bob.email = Some("bob@example.com".into());
    bob.company_name = Some("Bob's Toys".into());
    bob.last_name = Some("Builder".into());
    let Err(refused) = resource.update(&bob).await else {
        return Err("the service took an update of an old version".into());
    };
    println!("Bob: {refused}");

    // Any other error than a conflict goes on to the caller.
    let mut conflict = refused.into_conflict()?;
    for merge_conflict in conflict.merge_conflicts() {
        println!("{}:", merge_conflict.pointer);
        println!("  base    {}", text(merge_conflict.base.as_ref()));
        println!("  mine    {}", text(merge_conflict.mine.as_ref()));
        println!("  theirs  {}", text(merge_conflict.theirs.as_ref()));
    }

    // The names need no resolving: each of the two changed one.
    conflict.resolve("/email", Choice::Mine)?;
    conflict.resolve("/companyName", Choice::Value(json!("Ann and Bob's Toys")))?;
    let merged = conflict.merge()?;
    for change in merged.changes()? {
        let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
        println!("Bob writes {}: {before} → {after}", change.pointer);
    }
    let written = resource.update(&merged).await?;
    let name = [&written.first_name, &written.last_name].map(|name| name.as_deref().unwrap_or("-"));
    println!("Now: {}, {}", name.join(" "), written.company_name.as_deref().unwrap_or("-"));
    Ok(())
}

fn text(value: Option<&Value>) -> String {
    value.map_or("(none)".into(), ToString::to_string)
}

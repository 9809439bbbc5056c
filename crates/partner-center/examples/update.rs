//! Updates the billing profile of the partner itself, in one go and step by step.
//!
//! `cargo run -p partner-center --example update`
//!
//! It writes: on Partner Center, run it in a sandbox.

use partner_center::models::BillingProfile;
use partner_center::{AppUser, Cloud, PartnerCenter, Versioned};
use partner_center_emulator::{APP_USER_TOKEN, Emulator};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To call Partner Center, put instead of these two lines:
    // `let (cloud, token) = (Cloud::public(), "your user's token");`
    let emulator = Emulator::start().await?;
    let (cloud, token) = (Cloud::custom(emulator.url()), APP_USER_TOKEN);

    let partner = PartnerCenter::builder(AppUser::token(token)).cloud(cloud).build()?;
    let resource = partner.billing_profile();

    // In one go: reads, changes, writes, and starts over if someone else was faster.
    let order = |profile: &mut BillingProfile| profile.purchase_order_number = Some("9889".into());
    let mut profile = resource.modify(order).await?;
    println!(
        "modified: purchase order {}",
        profile.purchase_order_number.as_deref().unwrap_or("-")
    );
    println!("etag: {}", tag(&profile));

    // Step by step: what would be written can be looked at before.
    profile.tax_id = Some("98-7654321".into());
    profile.purchase_order_number = None;
    profile.address.get_or_insert_default().city = Some("Bellevue".into());
    for change in profile.changes()? {
        let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
        println!("to write: {}: {before} → {after}", change.pointer);
    }
    let written = resource.update(&profile).await?;
    println!("updated: tax id {}", written.tax_id.as_deref().unwrap_or("-"));
    println!("etag: {}", tag(&written));

    // Nothing was changed since, so nothing is sent.
    println!("to write: {}", if written.is_dirty()? { "something" } else { "nothing" });
    let _ = resource.update(&written).await?;
    Ok(())
}

fn tag(profile: &Versioned<BillingProfile>) -> String {
    profile.etag().map_or("(none)".into(), ToString::to_string)
}

fn text(value: Option<&Value>) -> String {
    value.map_or("(none)".into(), ToString::to_string)
}

//! Reads the billing profile of a customer, and shows some of it with its version.
//!
//! `cargo run -p partner-center --example read`

use partner_center::{AppOnly, Cloud, PartnerCenter};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, SAMPLE_CUSTOMER};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To call Partner Center, put instead of these two lines:
    // `let (cloud, token, customer) = (Cloud::public(), "your token", "your customer's tenant");`
    let emulator = Emulator::start().await?;
    let (cloud, token, customer) = (Cloud::custom(emulator.url()), APP_ONLY_TOKEN, SAMPLE_CUSTOMER);

    let partner = PartnerCenter::builder(AppOnly::token(token)).cloud(cloud).build()?;
    let profile = partner.customer(customer.parse()?).billing_profile().get().await?;

    show("company", profile.company_name.as_deref());
    show("first name", profile.first_name.as_deref());
    show("last name", profile.last_name.as_deref());
    show("e-mail", profile.email.as_deref());
    show("culture", profile.culture.as_deref());
    if let Some(address) = &profile.default_address {
        show("street", address.address_line1.as_deref());
        show("city", address.city.as_deref());
        show("country", address.country.as_deref());
    }
    // What an update is guarded by; without one, there is none.
    show("etag", profile.etag().map(ToString::to_string).as_deref());
    // What this version of the crate does not know is kept too.
    println!("as read: {} bytes of JSON", profile.document().len());
    Ok(())
}

fn show(name: &str, value: Option<&str>) {
    println!("{name}: {}", value.unwrap_or("(none)"));
}

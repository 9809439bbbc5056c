//! Each operation by the library: the bodies of these functions are what `cargo xtask docs` shows beside
//! the REST call of the operation that they are called like. They run against the emulator.

use std::error::Error;

use partner_center::models::{
    Address, BillingProfile, Customer, CustomerBillingProfile, CustomerCompanyProfile,
};
use partner_center::{
    AddressValidation, AppUser, PartnerCenter, ProfileChange, RuleViolation, SearchBy, Versioned,
};
use partner_center_emulator::{APP_USER_TOKEN, Emulator, SAMPLE_CUSTOMER};
use uuid::Uuid;

async fn list_customers(partner: &PartnerCenter<AppUser>) -> Result<Vec<Customer>, Box<dyn Error>> {
    // All pages, each read when the one before is used up.
    let mut found = partner.customers().search(SearchBy::CompanyName, "1kl").list();
    let mut customers = Vec::new();
    while let Some(customer) = found.try_next().await? {
        customers.push(customer);
    }
    Ok(customers)
}

async fn get_customer(
    partner: &PartnerCenter<AppUser>,
    customer: Uuid,
) -> Result<Customer, Box<dyn Error>> {
    let customer = partner.customer(customer).get().await?;
    println!("{:?}", customer.relationship_to_partner);
    Ok(customer)
}

async fn get_customer_company_profile(
    partner: &PartnerCenter<AppUser>,
    customer: Uuid,
) -> Result<CustomerCompanyProfile, Box<dyn Error>> {
    let company = partner.customer(customer).company_profile().await?;
    println!("{:?}", company.domain);
    Ok(company)
}

async fn list_audit_records(
    partner: &PartnerCenter<AppUser>,
    customer: Uuid,
) -> Result<Vec<ProfileChange>, Box<dyn Error>> {
    // The changes of the billing profile alone, the latest first, over all pages.
    let mut history = partner.customer(customer).billing_profile().history().days(30).list();
    let mut changes = Vec::new();
    while let Some(change) = history.try_next().await? {
        println!("{:?}", change.record.operation_date);
        changes.push(change);
    }
    Ok(changes)
}

async fn get_customer_billing_profile(
    partner: &PartnerCenter<AppUser>,
    customer: Uuid,
) -> Result<Versioned<CustomerBillingProfile>, Box<dyn Error>> {
    let profile = partner.customer(customer).billing_profile().get().await?;
    println!("{:?} of version {:?}", profile.email, profile.etag());
    Ok(profile)
}

async fn update_customer_billing_profile(
    partner: &PartnerCenter<AppUser>,
    customer: Uuid,
) -> Result<Versioned<CustomerBillingProfile>, Box<dyn Error>> {
    let resource = partner.customer(customer).billing_profile();
    let mut profile = resource.get().await?;
    profile.email = Some("ann@example.com".into());
    // Sends what was read with the change in it, and its entity tag.
    let conflict = match resource.update(&profile).await {
        Ok(written) => return Ok(written),
        Err(error) => error.into_conflict()?,
    };
    // Someone else wrote meanwhile: both changes, unless they are of the same member.
    Ok(resource.update(&conflict.merge()?).await?)
}

async fn get_partner_billing_profile(
    partner: &PartnerCenter<AppUser>,
) -> Result<Versioned<BillingProfile>, Box<dyn Error>> {
    let profile = partner.billing_profile().get().await?;
    println!("{:?} of version {:?}", profile.company_name, profile.etag());
    Ok(profile)
}

async fn update_partner_billing_profile(
    partner: &PartnerCenter<AppUser>,
) -> Result<Versioned<BillingProfile>, Box<dyn Error>> {
    // Reads, changes, writes; starts over if someone else wrote meanwhile.
    let written = partner
        .billing_profile()
        .modify(|profile| profile.purchase_order_number = Some("9889".into()))
        .await?;
    Ok(written)
}

async fn validate_address(
    partner: &PartnerCenter<AppUser>,
    address: &Address,
) -> Result<AddressValidation, Box<dyn Error>> {
    let found = partner.validate_address(address).await?;
    if !found.is_verified() {
        // Each is the address with another place: it goes into a profile as it is.
        println!("{} suggestions", found.suggestions.len());
    }
    Ok(found)
}

async fn get_country_validation_rules(
    partner: &PartnerCenter<AppUser>,
    profile: &CustomerBillingProfile,
) -> Result<Vec<RuleViolation>, Box<dyn Error>> {
    // The client keeps them for a day.
    let rules = partner.country_rules("US").await?;
    // Every rule that the profile breaks: where, what, why, and how to fix it.
    Ok(rules.violations(profile))
}

#[tokio::test]
async fn what_the_page_shows_works() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let credential = AppUser::token(APP_USER_TOKEN);
    let partner = PartnerCenter::builder(credential).endpoint(&emulator.url()).build()?;
    let customer = SAMPLE_CUSTOMER.parse()?;

    let found = list_customers(&partner).await?;
    let [one] = found.as_slice() else { return Err("not one customer".into()) };
    let id = one.id.as_deref().ok_or("no id")?.parse()?;
    assert_eq!(get_customer(&partner, id).await?.id, one.id);

    let _ = Box::pin(update_customer_billing_profile(&partner, customer)).await?;
    let profile = get_customer_billing_profile(&partner, customer).await?;
    assert_eq!(profile.email.as_deref(), Some("ann@example.com"));

    let [change] = &*list_audit_records(&partner, customer).await? else {
        return Err("not one change".into());
    };
    assert_eq!(change.after.as_ref().and_then(|it| it.email.as_deref()), Some("ann@example.com"));
    assert!(get_customer_company_profile(&partner, customer).await?.domain.is_some());
    let mut address = Address::default();
    address.country = Some("US".into());
    assert!(!validate_address(&partner, &address).await?.is_verified());
    let violations = get_country_validation_rules(&partner, &profile).await?;
    assert_eq!(violations, []);

    let _ = update_partner_billing_profile(&partner).await?;
    let profile = get_partner_billing_profile(&partner).await?;
    assert_eq!(profile.purchase_order_number.as_deref(), Some("9889"));
    Ok(())
}

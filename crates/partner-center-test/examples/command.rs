//! A little command: shows the e-mail of a customer's billing profile, or sets it.
//!
//! `cargo run -p partner-center-test --example command -- aaaa0000-bb11-2222-33cc-444444dddddd --email ann@example.com`

use std::process::ExitCode;

use clap::Parser;
use partner_center::{AppUser, Error, PartnerCenter};
use partner_center_test::TestService;
use uuid::Uuid;

/// Shows or sets the e-mail of a customer's billing profile.
#[derive(Parser)]
struct Arguments {
    /// The id of the customer's tenant
    customer: Uuid,
    /// The e-mail to set
    #[arg(long)]
    email: Option<String>,
}

/// What the command prints.
async fn run(partner: &PartnerCenter<AppUser>, arguments: Arguments) -> Result<String, Error> {
    let resource = partner.customer(arguments.customer).billing_profile();
    let profile = match arguments.email {
        Some(email) => resource.modify(|profile| profile.email = Some(email.clone())).await?,
        None => resource.get().await?,
    };
    Ok(profile.email.clone().unwrap_or_else(|| "(none)".to_owned()))
}

/// What tells a script what to do: 2 to look first, 3 to try again later, 1 to give up.
fn code(error: &Error) -> u8 {
    match error {
        error if error.may_have_been_applied() => 2,
        error if error.is_transient() => 3,
        _ => 1,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // To call Partner Center: `PartnerCenter::builder(AppUser::token(&token)).build()`.
    let service = TestService::start();
    match run(&service.partner(), Arguments::parse()).await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(code(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    use partner_center_test::{CUSTOMER, Trouble, errors};

    use super::*;

    /// What is typed, and what comes of it.
    async fn typed(service: &TestService, line: &str) -> Result<String, u8> {
        let words = format!("command {line}");
        let arguments = Arguments::try_parse_from(words.split(' ')).map_err(|_| 64)?;
        run(&service.partner(), arguments).await.map_err(|error| code(&error))
    }

    #[tokio::test]
    async fn it_shows_and_sets() {
        let service = TestService::start();
        assert_eq!(typed(&service, &CUSTOMER.to_string()).await.as_deref(), Ok("email@sample.com"));
        service.conflict_once();
        let set = typed(&service, &format!("{CUSTOMER} --email ann@example.com")).await;
        assert_eq!(set.as_deref(), Ok("ann@example.com"));
        assert_eq!(service.stored(CUSTOMER)["email"], "ann@example.com");
        assert_eq!(service.stored(CUSTOMER)["companyName"], "Someone Else 1");
    }

    #[tokio::test]
    async fn it_tells_a_script_what_to_do() {
        let service = TestService::start();
        assert_eq!(typed(&service, "nobody").await, Err(64));
        service.always(Trouble::LostAnswer);
        assert_eq!(typed(&service, &format!("{CUSTOMER} --email a@b.c")).await, Err(2));
        assert_eq!(code(&errors::unreachable()), 3);
        assert_eq!(code(&errors::forbidden()), 1);
    }
}

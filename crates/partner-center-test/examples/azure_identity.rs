//! A credential of `azure_identity`: whoever has signed in with `az login`. The library has the feature
//! `azure-core`.
//!
//! `cargo run -p partner-center-test --example azure_identity`

use std::ffi::OsStr;
use std::process::{ExitStatus, Output};
use std::sync::Arc;

use azure_identity::{AzureCliCredential, AzureCliCredentialOptions, Executor};
use partner_center::{AppUser, Error, PartnerCenter, TokenCredential};
use partner_center_test::TestService;

/// Any credential of the Azure SDK does. That of an application alone goes into `AppOnly::new`.
fn client(
    credential: Arc<dyn TokenCredential>,
    endpoint: &str,
) -> Result<PartnerCenter<AppUser>, Error> {
    PartnerCenter::builder(AppUser::new(credential)).endpoint(endpoint).build()
}

async fn company(partner: &PartnerCenter<AppUser>) -> Result<String, Error> {
    let profile = partner.billing_profile().get().await?;
    Ok(profile.company_name.clone().unwrap_or_default())
}

/// An `az` that has signed in on the emulated service.
#[derive(Debug)]
struct Az(&'static str);

#[async_trait::async_trait]
impl Executor for Az {
    async fn run(&self, _: &OsStr, _: &[&OsStr]) -> std::io::Result<Output> {
        let token = format!(
            r#"{{"accessToken": "{}", "expires_on": 4102444800, "tokenType": "Bearer"}}"#,
            self.0
        );
        Ok(Output { status: ExitStatus::default(), stdout: token.into(), stderr: Vec::new() })
    }
}

fn az(token: &'static str) -> azure_core::Result<Arc<AzureCliCredential>> {
    let executor: Option<Arc<dyn Executor>> = Some(Arc::new(Az(token)));
    AzureCliCredential::new(Some(AzureCliCredentialOptions { executor, ..Default::default() }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To call Partner Center: `AzureCliCredential::new(None)?`, and no `endpoint`.
    let service = TestService::start();
    let partner = client(az(service.user_token())?, service.endpoint())?;
    println!("company: {}", company(&partner).await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use partner_center::ErrorKind;

    use super::*;

    async fn signed_in(service: &TestService, token: &'static str) -> Result<String, Error> {
        company(&client(az(token).expect("a credential"), service.endpoint())?).await
    }

    #[tokio::test]
    async fn a_credential_that_fails_is_told_from_a_token_that_is_refused() {
        let service = TestService::start();
        let company = signed_in(&service, service.user_token()).await.expect("a profile");
        assert_eq!(company, "TEST_TEST_BugBash1");
        let refused = signed_in(&service, "emulator-no-mfa").await.expect_err("no second factor");
        assert!(refused.is_unauthorized());

        service.forget();
        let error = signed_in(&service, "\"} no token {").await.expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::Credential);
        service.assert_sent(&[]);
    }
}

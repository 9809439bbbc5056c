//! Whether a user passed multi-factor authentication: told by the service, refused by it, or not said.

use partner_center_emulator::{MfaCheck, NO_MFA_TOKEN};

use super::*;

async fn asked(check: MfaCheck, token: &str) -> Result<Option<bool>, Error> {
    let mut switches = Switches::default();
    switches.mfa = check;
    let builder = Emulator::builder().customers(3).switches(switches).strict(true);
    let emulator = builder.start().await.expect("a port");
    let client = super::builder(&emulator.url(), AppUser::token(token)).build().expect("a client");
    client.is_mfa_compliant().await
}

#[tokio::test]
async fn the_service_says_it_or_refuses() {
    let said = asked(MfaCheck::Enforced, APP_USER_TOKEN).await;
    assert_eq!(said.expect("an answer"), Some(true));
    let said = asked(MfaCheck::Reported, NO_MFA_TOKEN).await;
    assert_eq!(said.expect("an answer"), Some(false));
    let refused = asked(MfaCheck::Enforced, NO_MFA_TOKEN).await.expect_err("a refusal");
    assert_eq!((refused.status(), refused.code()), (Some(401), Some("900421")));
}

#[tokio::test]
async fn what_is_not_said_is_not_known() {
    for header in ["", "isMfaCompliant: \r\n", "isMfaCompliant: perhaps\r\n"] {
        let service = Recorder::script(&[(200, header, b"{}")]).await.expect("a port");
        let client = builder(service.url(), AppUser::token("t")).build().expect("a client");
        assert_eq!(client.is_mfa_compliant().await.expect("an answer"), None, "{header}");
    }
    let fault = br#"{"code":"900421","description":"no"}"#;
    let service = Recorder::script(&[(401, "", fault), (401, "", fault)]).await.expect("a port");
    let client = builder(service.url(), AppUser::token("t")).build().expect("a client");
    assert!(client.is_mfa_compliant().await.expect_err("a refusal").is_unauthorized());
}

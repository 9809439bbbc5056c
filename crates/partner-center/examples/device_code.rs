//! A person signs in with a browser once; the refresh token of that sign-in does from then on.
//!
//! `cargo run -p partner-center --features sign-in --example device_code`

use std::sync::{Arc, Mutex, PoisonError};

use partner_center::{AppUser, Cloud, DeviceCode, PartnerCenter, RefreshToken, Secret};
use partner_center_emulator::Emulator;

/// The tenant of the partner, and the application that is registered there.
const TENANT: &str = "contoso.example";
const CLIENT_ID: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

/// Where the refresh token is kept. A real one goes to a vault, not to memory or a plain file.
#[derive(Clone, Default)]
struct Vault(Arc<Mutex<Option<Secret>>>);

impl Vault {
    fn keep(&self, token: &Secret) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        println!("kept a refresh token");
    }

    fn take(&self) -> Option<Secret> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To call Partner Center, put instead of these two lines: `let cloud = Cloud::public();`
    // and your own ids above.
    let emulator = Emulator::start().await?;
    let cloud = Cloud::custom(emulator.url()).with_authority(emulator.url());

    // The first time, someone has to sign in.
    let vault = Vault::default();
    let keep = vault.clone();
    let user = DeviceCode::new(&cloud, TENANT, CLIENT_ID, |prompt| {
        println!("{}", prompt.message());
        let minutes = prompt.expires_in().as_secs() / 60;
        println!("the code is {}, for {minutes} minutes", prompt.user_code());
    })?
    .on_rotation(move |token| keep.keep(token));
    greet("signed in", &cloud, AppUser::new(Arc::new(user))).await?;

    // The next time, nobody has to: what was kept is enough, and what comes next is kept too.
    let kept = vault.take().ok_or("there was no refresh token")?;
    let user = RefreshToken::new(&cloud, TENANT, CLIENT_ID, kept)?
        .on_rotation(move |token| vault.keep(token));
    greet("came back", &cloud, AppUser::new(Arc::new(user))).await
}

/// Reads the partner's own profile, which takes a user.
async fn greet(how: &str, cloud: &Cloud, user: AppUser) -> Result<(), Box<dyn std::error::Error>> {
    let partner = PartnerCenter::builder(user).cloud(cloud.clone()).build()?;
    let profile = partner.billing_profile().get().await?;
    println!("{how}: company {}", profile.company_name.as_deref().unwrap_or("(none)"));
    Ok(())
}

//! An application without a user, by what someone else asserts of it: a token of a pipeline or a cluster.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};

use super::oauth::{Failure, OAuth};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::transport::Transport;

/// How long a token in a file may be. Real ones have some 2 KiB.
const LONGEST: u64 = 64 * 1024;

/// An application that signs in with a token of the place that it runs at (workload identity federation): that of a
/// Kubernetes cluster, of GitHub's or of Azure DevOps' pipelines (RFC 7523 section 2.2).
///
/// The token is in a file, such as the one that `AZURE_FEDERATED_TOKEN_FILE` names. It is read each time, because it
/// is replaced before it runs out.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use std::sync::Arc;
/// use partner_center::{AppOnly, Cloud, PartnerCenter, WorkloadIdentity};
///
/// # let folder = std::env::temp_dir().join(format!("partner-center-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("token");
/// # std::fs::write(&file, "a.b.c")?;
/// let cloud = Cloud::custom(endpoint).with_authority(endpoint);
/// let application = WorkloadIdentity::new(&cloud, "contoso.example", "client id", &file)?;
/// let partner =
///     PartnerCenter::builder(AppOnly::new(Arc::new(application))).endpoint(cloud.endpoint()).build()?;
/// # let customer = "aaaa0000-bb11-2222-33cc-444444dddddd".parse()?;
/// partner.customer(customer).billing_profile().get().await?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct WorkloadIdentity {
    oauth: OAuth,
    file: PathBuf,
}

impl WorkloadIdentity {
    /// The application with this client id, in this tenant, and the file with the token. Nothing is read or sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the authority of the cloud is
    /// not an address that can be called, the tenant or the client id cannot be one, or the TLS
    /// library cannot be started.
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        file: impl Into<PathBuf>,
    ) -> Result<Self, Error> {
        Ok(Self { oauth: OAuth::new(cloud, tenant, client_id)?, file: file.into() })
    }

    /// Makes its connections like this: proxy, certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the proxy or a certificate cannot be
    /// used.
    pub fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.oauth = self.oauth.transport(transport)?;
        Ok(self)
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.oauth = self.oauth.clock(Arc::new(clock));
        self
    }

    fn assertion(&self) -> Result<String, Failure> {
        let unusable = |why: &dyn fmt::Display| {
            Failure::plain(format!(
                "the federated token in {} cannot be used: {why}; it is written by the place that this runs at, and \
                 AZURE_FEDERATED_TOKEN_FILE names it there",
                self.file.display()
            ))
        };
        let about = std::fs::metadata(&self.file).map_err(|cause| unusable(&cause))?;
        if about.len() > LONGEST {
            return Err(unusable(&"it is longer than any token"));
        }
        let text = std::fs::read_to_string(&self.file).map_err(|cause| unusable(&cause))?;
        let token = text.trim_start_matches('\u{FEFF}').trim();
        // Entra ID says the rest: whether it is expired, and of whom it is.
        if token.split('.').count() != 3 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unusable(&"it is no JSON Web Token"));
        }
        Ok(token.to_owned())
    }
}

#[async_trait::async_trait]
impl TokenCredential for WorkloadIdentity {
    /// Gets a new access token for these scopes.
    ///
    /// Sends one `POST`, which is not repeated.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let assertion = self.assertion()?;
        Ok(self.oauth.client_assertion(scopes, &assertion).await?.access)
    }
}

impl fmt::Debug for WorkloadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadIdentity")
            .field("oauth", &self.oauth)
            .field("file", &self.file)
            .finish()
    }
}

//! Who calls: which of the credentials that are set is used, and why the others are not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use azure_core::http::{ClientOptions, Transport as Pipe};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId,
};
use clap::ValueEnum;
use partner_center::{
    ClientCertificate, ClientSecret, Secret, TokenCredential, Transport, WorkloadIdentity,
};

use crate::failure::Failure;
use crate::session::application;
use crate::settings::{Setting, Settings};
use crate::sign_in::SignIn;
use crate::text;

/// Names the credential to take.
pub(crate) const TOKEN_CREDENTIALS: &str = "AZURE_TOKEN_CREDENTIALS";

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity<'a> {
    /// A user of the emulator.
    Emulator,
    /// Whoever an access token is of.
    AccessToken(&'a Setting<Secret>),
    /// The user who signed in.
    User(&'a SignIn),
    /// The application alone, by its secret.
    Secret(&'a Setting<Secret>),
    /// The application alone, by its certificate.
    Certificate(&'a Setting<PathBuf>),
    /// The application alone, by a token of the pipeline or the cluster.
    Federated(&'a Setting<PathBuf>),
    /// The application that the machine stands for, and the variable that says so.
    Managed(&'static str),
    /// Whoever is signed in to `az`.
    AzureCli,
    /// Whoever is signed in to `azd`.
    AzureDeveloperCli,
}

/// The credentials of Azure's tools that may be asked, by the names of `AZURE_TOKEN_CREDENTIALS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Chain {
    /// Those of a deployed service.
    Prod,
    /// Those of a developer's machine.
    Dev,
    #[value(name = "EnvironmentCredential")]
    Environment,
    #[value(name = "WorkloadIdentityCredential")]
    WorkloadIdentity,
    #[value(name = "ManagedIdentityCredential")]
    ManagedIdentity,
    #[value(name = "AzureCliCredential")]
    AzureCli,
    #[value(name = "AzureDeveloperCliCredential")]
    AzureDeveloperCli,
}

impl Chain {
    /// Whether it has this one of Azure's credentials.
    fn has(self, one: Self) -> bool {
        match self {
            Self::Prod => {
                [Self::Environment, Self::WorkloadIdentity, Self::ManagedIdentity].contains(&one)
            }
            Self::Dev => [Self::AzureCli, Self::AzureDeveloperCli].contains(&one),
            named => named == one,
        }
    }
}

/// A way to call, and why it is not used, if it is not.
pub(crate) type Candidate<'a> = (&'static str, Result<Identity<'a>, String>);

impl<'a> Identity<'a> {
    pub(crate) fn of(settings: &'a Settings) -> Option<Self> {
        Self::candidates(settings).into_iter().find_map(|(_, identity)| identity.ok())
    }

    /// Every way to call, in the order in which the first that can be used is.
    pub(crate) fn candidates(settings: &'a Settings) -> Vec<Candidate<'a>> {
        if settings.emulator {
            return vec![("emulator", Ok(Self::Emulator))];
        }
        let chain = settings.token_credentials.as_ref();
        let unset = |name: &str| format!("{name} is not set");
        // One of Azure's, unless the variable names others; some only if it names them.
        let of_azure = |one: Chain, asked_for: bool, identity: Result<Self, String>| match chain {
            Some(chain) if !chain.value.has(one) => Err(format!("{} names others", chain.source)),
            None if asked_for => {
                let name = one.to_possible_value().map(|value| value.get_name().to_owned());
                let name = name.unwrap_or_default();
                Err(format!("it is asked if {TOKEN_CREDENTIALS} is {name}"))
            }
            _ => identity,
        };
        let user = match (&settings.sign_in, settings.matching_sign_in(), chain) {
            (Some(_), _, Some(chain)) => Err(format!("{} names others", chain.source)),
            (_, Some(sign_in), None) => Ok(Self::User(sign_in)),
            (Some(sign_in), None, _) => Err(is_of_others(sign_in)),
            (None, ..) => Err("nobody ran `partner-center login`".to_owned()),
        };
        let token = settings.access_token.as_ref().map(Self::AccessToken);
        let secret = settings.client_secret.as_ref().map(Self::Secret);
        let certificate = settings.certificate.as_ref().map(Self::Certificate);
        let federated = settings.federated_token.as_ref().map(Self::Federated);
        let managed = !settings.has_managed_identity;
        let by = if chain.is_some() { TOKEN_CREDENTIALS } else { "IDENTITY_ENDPOINT" };
        vec![
            ("access token", token.ok_or_else(|| unset("PARTNER_CENTER_ACCESS_TOKEN"))),
            ("sign-in", user),
            (
                "client secret",
                of_azure(
                    Chain::Environment,
                    false,
                    secret.ok_or_else(|| unset("AZURE_CLIENT_SECRET")),
                ),
            ),
            (
                "certificate",
                of_azure(
                    Chain::Environment,
                    false,
                    certificate.ok_or_else(|| unset("AZURE_CLIENT_CERTIFICATE_PATH")),
                ),
            ),
            (
                "workload identity",
                of_azure(
                    Chain::WorkloadIdentity,
                    false,
                    federated.ok_or_else(|| unset("AZURE_FEDERATED_TOKEN_FILE")),
                ),
            ),
            ("managed identity", of_azure(Chain::ManagedIdentity, managed, Ok(Self::Managed(by)))),
            ("az", of_azure(Chain::AzureCli, true, Ok(Self::AzureCli))),
            ("azd", of_azure(Chain::AzureDeveloperCli, true, Ok(Self::AzureDeveloperCli))),
        ]
    }

    /// Whether a user calls, as far as that can be told.
    pub(crate) fn is_user(self) -> bool {
        !matches!(
            self,
            Self::Secret(_) | Self::Certificate(_) | Self::Federated(_) | Self::Managed(_)
        )
    }

    /// Where it came from.
    pub(crate) fn source(self) -> String {
        match self {
            Self::Emulator => "--emulator".to_owned(),
            Self::AccessToken(setting) | Self::Secret(setting) => setting.source.to_string(),
            Self::Certificate(setting) | Self::Federated(setting) => setting.source.to_string(),
            Self::User(_) => "login".to_owned(),
            Self::Managed(by) => by.to_owned(),
            Self::AzureCli | Self::AzureDeveloperCli => TOKEN_CREDENTIALS.to_owned(),
        }
    }
}

impl fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emulator => "a user of the emulator",
            Self::AccessToken(_) => "whoever the access token is of",
            Self::User(sign_in) if sign_in.is_in_keyring() => {
                "a signed-in user, by a refresh token in the keyring"
            }
            Self::User(_) => "a signed-in user, by a refresh token in a file",
            Self::Secret(_) => "the application alone, by its secret",
            Self::Certificate(_) => "the application alone, by its certificate",
            Self::Federated(_) => "the application alone, by a token of the place that it runs at",
            Self::Managed(_) => "the managed identity of this machine",
            Self::AzureCli => "whoever is signed in to az",
            Self::AzureDeveloperCli => "whoever is signed in to azd",
        })
    }
}

/// Why a sign-in is not used that there is.
pub(crate) fn is_of_others(SignIn { tenant, client_id, .. }: &SignIn) -> String {
    format!("the sign-in is to {tenant} with {client_id}, and other values are set")
}

/// An application by its secret.
pub(crate) fn by_secret(
    secret: &Setting<Secret>,
    settings: &Settings,
    transport: &Transport,
) -> Result<Arc<dyn TokenCredential>, Failure> {
    let (tenant, client_id) = application(settings)?;
    let app = ClientSecret::new(&settings.cloud(), tenant, client_id, secret.value.clone())?;
    Ok(Arc::new(app.transport(transport)?))
}

/// An application by its certificate.
pub(crate) fn by_certificate(
    path: &Setting<PathBuf>,
    settings: &Settings,
    transport: &Transport,
) -> Result<Arc<dyn TokenCredential>, Failure> {
    let (tenant, client_id) = application(settings)?;
    let pem = certificate(&path.value, settings.certificate_password.as_ref())?;
    let app = ClientCertificate::new(&settings.cloud(), tenant, client_id, pem.as_bytes());
    let app = app.map_err(|error| {
        let what = format!("{} cannot be used", path.value.display());
        Failure::usage(what).why(error.message()).hint(format!("fix {}", path.source))
    })?;
    Ok(Arc::new(app.transport(transport)?))
}

/// An application by a token of the place that it runs at.
pub(crate) fn by_federated_token(
    path: &Setting<PathBuf>,
    settings: &Settings,
    transport: &Transport,
) -> Result<Arc<dyn TokenCredential>, Failure> {
    let (tenant, client_id) = application(settings)?;
    let app = WorkloadIdentity::new(&settings.cloud(), tenant, client_id, &path.value)?;
    Ok(Arc::new(app.transport(transport)?))
}

/// What Azure's library made, or why it made nothing.
fn made<C: TokenCredential + 'static>(
    credential: azure_core::Result<Arc<C>>,
) -> Result<Arc<dyn TokenCredential>, Failure> {
    match credential {
        Ok(credential) => Ok(credential),
        Err(error) => Err(Failure::usage("the credential cannot be used").why(error)),
    }
}

/// The identity of the machine.
pub(crate) fn managed(settings: &Settings) -> Result<Arc<dyn TokenCredential>, Failure> {
    // The machine itself answers, and no proxy.
    let http = reqwest::Client::builder().no_proxy().build();
    let http =
        http.map_err(|cause| Failure::new("the managed identity cannot be asked").why(cause))?;
    let id = settings.client_id.as_ref().map(|id| id.value.clone());
    let client_options =
        ClientOptions { transport: Some(Pipe::new(Arc::new(http))), ..Default::default() };
    made(ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
        user_assigned_id: id.map(UserAssignedId::ClientId),
        client_options,
    })))
}

/// Whoever is signed in to `az`.
pub(crate) fn azure_cli(settings: &Settings) -> Result<Arc<dyn TokenCredential>, Failure> {
    let tenant_id = settings.tenant.as_ref().map(|tenant| tenant.value.clone());
    made(AzureCliCredential::new(Some(AzureCliCredentialOptions {
        tenant_id,
        ..Default::default()
    })))
}

/// Whoever is signed in to `azd`.
pub(crate) fn azure_developer_cli(
    settings: &Settings,
) -> Result<Arc<dyn TokenCredential>, Failure> {
    let tenant_id = settings.tenant.as_ref().map(|tenant| tenant.value.clone());
    let options = AzureDeveloperCliCredentialOptions { tenant_id, ..Default::default() };
    made(AzureDeveloperCliCredential::new(Some(options)))
}

/// The certificate and its key in PEM, out of a file in PEM or PKCS #12 (PFX).
fn certificate(path: &Path, password: Option<&Setting<Secret>>) -> Result<String, Failure> {
    let unusable = |why: &dyn fmt::Display| {
        Failure::usage(format!("{} cannot be used as a certificate", path.display())).why(why)
    };
    let bytes = std::fs::read(path)
        .map_err(|cause| unusable(&cause).hint("fix AZURE_CLIENT_CERTIFICATE_PATH, or unset it"))?;
    // PKCS #12 is a sequence in DER.
    if bytes.first() != Some(&0x30) {
        let pem = text::decode(&bytes).map_err(|_| unusable(&"it is neither PEM nor PKCS #12"))?;
        if pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            return Err(unusable(&"its private key is encrypted").hint(
                "decrypt it into a file that only you can read, as `openssl pkey -in FILE` does, or give a PFX \
                 with AZURE_CLIENT_CERTIFICATE_PASSWORD",
            ));
        }
        return Ok(pem);
    }
    let given = password.map_or("", |password| password.value.secret());
    let archive = p12_keystore::KeyStore::from_pkcs12(
        &bytes,
        given,
        p12_keystore::Pkcs12ImportPolicy::Strict,
    );
    // Not the cause, which says little of a wrong password.
    let archive = archive.map_err(|_| {
        unusable(&"its password is another one, or it is damaged").hint(match password {
            Some(password) => format!("fix {}", password.source),
            None => "set AZURE_CLIENT_CERTIFICATE_PASSWORD".to_owned(),
        })
    })?;
    let (_, chain) = archive
        .private_key_chain()
        .ok_or_else(|| unusable(&"there is no certificate with its private key in it"))?;
    let pem = |label: &str, der: &[u8]| {
        use base64::Engine as _;
        let text = base64::prelude::BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    };
    let certificates = chain.certs().iter().map(|one| pem("CERTIFICATE", one.as_der()));
    Ok(certificates.collect::<String>() + &pem("PRIVATE KEY", chain.key().as_der()))
}

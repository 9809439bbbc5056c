//! Names the certificate authority that is not trusted: rustls says that there is one, and not which.

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError,
    SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::cryptography;

/// How much of a name is shown. It comes from whoever answered.
const LONGEST_NAME: usize = 200;

/// TLS as reqwest sets it up, with a verifier that names the authority. `None` if it cannot be set up: reqwest then
/// does it alone, and says why it cannot.
pub(super) fn config(roots: &[Vec<u8>], client_certificate: Option<&[u8]>) -> Option<ClientConfig> {
    let provider = cryptography()?;
    let mut trusted = Vec::new();
    for pem in roots {
        for root in CertificateDer::pem_slice_iter(pem) {
            trusted.push(root.ok()?);
        }
    }
    let platform = if trusted.is_empty() {
        Verifier::new(provider.clone())
    } else {
        // Where the platform takes no others, reqwest says so.
        #[cfg(not(any(all(unix, not(target_os = "android")), windows)))]
        return None;
        #[cfg(any(all(unix, not(target_os = "android")), windows))]
        Verifier::new_with_extra_roots(trusted, provider.clone())
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Naming(platform.ok()?)));
    let mut config = match client_certificate {
        Some(pem) => {
            let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pem).ok()?).ok()?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

/// The platform's verifier. It alone decides; what is added is the name in its refusal.
#[derive(Debug)]
struct Naming(Verifier);

impl ServerCertVerifier for Naming {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified =
            self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verified.map_err(|error| match error {
            TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => {
                match UnknownAuthority::of(end_entity, intermediates) {
                    Some(authority) => CertificateError::Other(OtherError(Arc::new(authority))),
                    None => CertificateError::UnknownIssuer,
                }
                .into()
            }
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The authority at the end of a chain of certificates, which is not trusted: its distinguished name (RFC 4514).
#[derive(Debug)]
pub(crate) struct UnknownAuthority(String);

impl UnknownAuthority {
    /// The issuer of the last certificate of the chain, in whatever order the certificates were sent.
    fn of(end_entity: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> Option<Self> {
        let end = Certificate::from_der(end_entity).ok()?;
        let others: Vec<Certificate> =
            intermediates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
        let mut issuer = end.tbs_certificate().issuer();
        for _ in &others {
            let above = others.iter().map(Certificate::tbs_certificate);
            match above.filter(|other| other.issuer() != issuer).find(|it| it.subject() == issuer) {
                Some(above) => issuer = above.issuer(),
                None => break,
            }
        }
        let name = issuer.to_string();
        let shown = name.chars().filter(|char| !char.is_control()).take(LONGEST_NAME).collect();
        (!name.is_empty()).then_some(Self(shown))
    }

    /// The authority that this error is about.
    pub(crate) fn in_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut inner = error.downcast_ref::<io::Error>()?.get_ref()?;
        while let Some(deeper) = inner.downcast_ref::<io::Error>() {
            inner = deeper.get_ref()?;
        }
        match inner.downcast_ref()? {
            TlsError::InvalidCertificate(CertificateError::Other(OtherError(error))) => {
                error.downcast_ref()
            }
            _ => None,
        }
    }
}

impl fmt::Display for UnknownAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for UnknownAuthority {}

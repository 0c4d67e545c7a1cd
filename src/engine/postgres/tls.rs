//! TLS as libpq's `sslmode` means it.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::files;

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    /// All modes by name, the laxest first.
    pub(super) const NAMES: [(&'static str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Allow),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, mode)| *mode)
    }
}

/// What a server's certificate is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing: encryption against listeners, not against impostors.
    Anyone,
    /// The roots of the operating system.
    System { check_name: bool },
    /// The certificates of a PEM file.
    File { path: std::path::PathBuf, check_name: bool },
}

impl Trust {
    /// What libpq does for a mode and an `sslrootcert`. `own_roots` is `~/.postgresql/root.crt`, when
    /// there is one. Without any, libpq refuses the verifying modes; here the system's roots serve.
    pub(super) fn choose(mode: SslMode, root: Option<&str>, own_roots: Option<&Path>) -> Self {
        let check_name = mode == SslMode::VerifyFull;
        let file = match root {
            Some("system") => None,
            Some(path) => Some(Path::new(path)),
            None => own_roots,
        };
        match (mode, file) {
            (SslMode::Disable | SslMode::Allow | SslMode::Prefer, _) => Self::Anyone,
            (SslMode::Require, None) if root.is_none() => Self::Anyone,
            (_, Some(path)) => Self::File { path: path.to_owned(), check_name },
            (_, None) => Self::System { check_name },
        }
    }
}

/// The client's side of TLS; an error says why there are no certificates to trust.
pub(super) fn client_config(trust: &Trust) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (anchors, check_name) = match trust {
        Trust::Anyone => (None, false),
        Trust::System { check_name } => (Some(system_roots()?), *check_name),
        Trust::File { path, check_name } => (Some(file_roots(path)?), *check_name),
    };
    let verifier =
        Verifier { anchors, check_name, algorithms: provider.signature_verification_algorithms };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // Needed by `sslnegotiation=direct`, no harm elsewhere.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(config)
}

fn file_roots(path: &Path) -> Result<Anchors, String> {
    let shown = path.display();
    let unreadable =
        |error: String| format!("cannot read the certificates of `sslrootcert` {shown}: {error}");
    let text = files::bytes(path).map_err(|error| unreadable(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(error.to_string()))?;
    Anchors::new(certificates)
        .ok_or_else(|| format!("`sslrootcert` {shown} holds no certificate in PEM form"))
}

fn system_roots() -> Result<Anchors, String> {
    let found = rustls_native_certs::load_native_certs();
    Anchors::new(found.certs).ok_or_else(|| match found.errors.first() {
        Some(error) => format!("cannot read this system's trusted certificates: {error}"),
        None => "this system has no trusted certificates (package ca-certificates)".to_owned(),
    })
}

#[derive(Debug)]
struct Anchors {
    store: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Anchors {
    fn new(certificates: Vec<CertificateDer<'static>>) -> Option<Self> {
        let mut store = RootCertStore::empty();
        let (usable, _) = store.add_parsable_certificates(certificates.iter().cloned());
        (usable > 0).then_some(Self { store, certificates })
    }
}

#[derive(Debug)]
struct Verifier {
    /// `None` trusts anyone.
    anchors: Option<Anchors>,
    check_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(anchors) = &self.anchors else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ParsedCertificate::try_from(certificate)?;
        let chain = verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &anchors.store,
            intermediates,
            now,
            self.algorithms.all,
        );
        match chain {
            // A server whose self-signed certificate is itself the trusted one: usual for Postgres
            // and right for libpq, but webpki wants no authority as a server. It says so only after
            // it has found the dates to be good.
            Err(error) if is_authority(&error) && anchors.certificates.contains(certificate) => {}
            other => other?,
        }
        if self.check_name {
            verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Whoever may be anyone has nothing to prove with the key.
        if self.anchors.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.anchors.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn is_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    // rustls has no variant for this reason of webpki's, and does not export webpki's type.
    other.to_string().contains("CaUsedAsEndEntity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_verified_follows_mode_and_root() {
        let own = Path::new("/home/ana/.postgresql/root.crt");
        let file = |path: &str, check_name| Trust::File { path: path.into(), check_name };
        for (mode, root, own_roots, expected) in [
            (SslMode::Disable, Some("r"), None, Trust::Anyone),
            (SslMode::Allow, Some("r"), None, Trust::Anyone),
            (SslMode::Prefer, Some("r"), Some(own), Trust::Anyone),
            (SslMode::Require, None, None, Trust::Anyone),
            (SslMode::Require, Some("r"), None, file("r", false)),
            (SslMode::Require, None, Some(own), file(own.to_str().unwrap(), false)),
            (SslMode::VerifyCa, None, None, Trust::System { check_name: false }),
            (SslMode::VerifyCa, Some("r"), Some(own), file("r", false)),
            (SslMode::VerifyFull, None, None, Trust::System { check_name: true }),
            (SslMode::VerifyFull, Some("system"), Some(own), Trust::System { check_name: true }),
            (SslMode::VerifyFull, Some("r"), None, file("r", true)),
        ] {
            assert_eq!(Trust::choose(mode, root, own_roots), expected, "{mode:?} {root:?}");
        }
    }
}

//! Certificates for servers that speak TLS, made anew in every run.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority that signs servers' certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A server's certificate and key, in PEM form.
#[derive(Clone)]
pub struct Certificate {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "idgraph test authority");
        Self(CertifiedIssuer::self_signed(params, key()).expect("sign itself"))
    }

    /// A certificate for a server of these names and addresses.
    pub fn sign(&self, names: &[&str]) -> Certificate {
        self.signed(server(names))
    }

    /// One that was good until the year 2000.
    pub fn sign_expired(&self, names: &[&str]) -> Certificate {
        let mut params = server(names);
        params.not_before = rcgen::date_time_ymd(1999, 1, 1);
        params.not_after = rcgen::date_time_ymd(2000, 1, 1);
        self.signed(params)
    }

    fn signed(&self, params: CertificateParams) -> Certificate {
        let key = key();
        let certificate = params.signed_by(&key, &self.0).expect("sign a server").pem();
        Certificate { certificate, key: key.serialize_pem() }
    }

    /// Writes the authority's own certificate, for `sslrootcert`.
    pub fn write(&self, folder: &Path) -> PathBuf {
        write(folder, &self.0.pem())
    }
}

impl Certificate {
    /// A server that vouches for itself, as `openssl req -x509` makes it: an authority, too.
    pub fn self_signed(names: &[&str]) -> Self {
        let mut params = server(names);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let certificate = params.self_signed(&key).expect("sign itself").pem();
        Self { certificate, key: key.serialize_pem() }
    }

    /// Writes the certificate, for `sslrootcert`.
    pub fn write(&self, folder: &Path) -> PathBuf {
        write(folder, &self.certificate)
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn server(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("host names");
    params.distinguished_name.push(DnType::CommonName, "idgraph test server");
    params
}

fn write(folder: &Path, pem: &str) -> PathBuf {
    let path = folder.join("root.crt");
    std::fs::write(&path, pem).expect("write a certificate");
    path
}

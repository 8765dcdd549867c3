//! Certificates of engines and clients, made for a run of the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// What is wrong with the certificate of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Good,
    Expired,
    NotYetValid,
    WrongName,
    WrongAuthority,
}

/// A certificate and its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

/// An authority, and one that nobody trusts.
pub(crate) struct Certificates {
    good: CertifiedIssuer<'static, KeyPair>,
    stranger: CertifiedIssuer<'static, KeyPair>,
}

impl Certificates {
    pub(crate) fn get() -> &'static Self {
        static ALL: OnceLock<Certificates> = OnceLock::new();
        ALL.get_or_init(|| Self {
            good: authority("good"),
            stranger: authority("stranger"),
        })
    }

    /// A server that demands a certificate of the client.
    pub(crate) fn server(&self, server: Server) -> Arc<ServerConfig> {
        let name = match server {
            Server::WrongName => "elsewhere.example",
            _ => "127.0.0.1",
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        match server {
            Server::Expired => params.not_after = date_time_ymd(2020, 1, 1),
            Server::NotYetValid => params.not_before = date_time_ymd(3000, 1, 1),
            _ => {}
        }
        let by = match server {
            Server::WrongAuthority => &self.stranger,
            _ => &self.good,
        };
        let pair = signed(&params, by);
        let mut roots = RootCertStore::empty();
        roots.add(self.good.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap(),
            );
        Arc::new(config.unwrap())
    }

    /// A folder as docker has it, for a client whose certificate is good or a stranger's.
    pub(crate) fn write(&self, parent: &Path, client: &str) -> PathBuf {
        let by = match client {
            "stranger" => &self.stranger,
            _ => &self.good,
        };
        let mut params = CertificateParams::new(vec![client.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let pair = signed(&params, by);
        let folder = parent.join("certificates");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("ca.pem"), self.good.pem()).unwrap();
        fs::write(folder.join("cert.pem"), pair.certificate).unwrap();
        fs::write(folder.join("key.pem"), pair.key).unwrap();
        folder
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(params: &CertificateParams, by: &CertifiedIssuer<'static, KeyPair>) -> Pair {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

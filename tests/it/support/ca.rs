//! An authority for tests, and what it vouches for.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// An authority, whose files are in a folder.
pub struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    pub file: String,
}

/// A certificate and its key, as files.
#[derive(Clone)]
pub struct Identity {
    pub cert: String,
    pub key: String,
    pub serial: u64,
}

impl Authority {
    pub fn new(dir: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        let file = dir.join(format!("{name}.pem"));
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { dir: dir.to_owned(), issuer: Issuer::new(params, key), file: text(&file) }
    }

    /// A certificate for these names: hosts, and URIs. It is valid from one year to another.
    pub fn vouch(&self, id: &str, serial: u64, names: &[&str], years: (i32, i32)) -> Identity {
        self.sign(id, serial, names, |params| {
            params.not_before = date_time_ymd(years.0, 1, 1);
            params.not_after = date_time_ymd(years.1, 1, 1);
        })
    }

    /// The same, for a certificate that is good until a certain second.
    pub fn vouch_until(&self, id: &str, serial: u64, names: &[&str], until: SystemTime) -> Identity {
        self.sign(id, serial, names, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = until.into();
        })
    }

    fn sign(&self, id: &str, serial: u64, names: &[&str], valid: impl Fn(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        for name in names {
            let text = (*name).try_into().unwrap();
            let kind = if name.contains("://") { SanType::URI } else { SanType::DnsName };
            params.subject_alt_names.push(kind(text));
        }
        params.serial_number = Some(SerialNumber::from(serial));
        valid(&mut params);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let (cert_file, key_file) = (self.dir.join(format!("{id}.crt")), self.dir.join(format!("{id}.key")));
        std::fs::write(&cert_file, cert.pem()).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        Identity { cert: text(&cert_file), key: text(&key_file), serial }
    }

    /// A list of what is revoked, written into a file of the folder.
    pub fn revoke(&self, file: &str, identities: &[&Identity]) -> String {
        let revoked = identities.iter().map(|identity| RevokedCertParams {
            serial_number: SerialNumber::from(identity.serial),
            revocation_time: date_time_ymd(2025, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2025, 1, 1),
            next_update: date_time_ymd(2099, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let path = self.dir.join(file);
        std::fs::write(&path, list.signed_by(&self.issuer).unwrap().pem().unwrap()).unwrap();
        text(&path)
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

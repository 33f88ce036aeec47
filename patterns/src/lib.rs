//! The rule packs of scrubjay: data only. Each file is a pack; a test reads the folders and fails if one is missing here.

/// A built-in pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name: the path below this crate without the ending.
    pub name: &'static str,
    /// The group configurations name: the folder.
    pub group: &'static str,
    /// The path messages show.
    pub file: &'static str,
    /// The YAML.
    pub text: &'static str,
}

macro_rules! packs {
    ($($group:literal / $name:literal),* $(,)?) => {
        &[$(Pack {
            name: concat!($group, "/", $name),
            group: $group,
            file: concat!("patterns/", $group, "/", $name, ".yaml"),
            text: include_str!(concat!("../", $group, "/", $name, ".yaml")),
        }),*]
    };
}

/// All built-in packs, `places` first: other packs use its word sets.
pub const PACKS: &[Pack] = packs![
    "places" / "sets",
    "places" / "semconv",
    "places" / "content",
    "places" / "statements",
    "hipaa" / "a_names",
    "hipaa" / "b_geography",
    "hipaa" / "c_dates",
    "hipaa" / "d_phone",
    "hipaa" / "e_fax",
    "hipaa" / "f_email",
    "hipaa" / "g_ssn",
    "hipaa" / "h_mrn",
    "hipaa" / "i_health_plan",
    "hipaa" / "j_account",
    "hipaa" / "k_license",
    "hipaa" / "l_vehicle",
    "hipaa" / "m_device",
    "hipaa" / "n_url",
    "hipaa" / "o_ip",
    "hipaa" / "p_biometric",
    "hipaa" / "q_photo",
    "hipaa" / "r_other",
    "clinical" / "clinical",
    "secrets" / "secrets",
];

/// The groups a configuration may name. `places` is not among them: it is always loaded.
pub const GROUPS: &[&str] = &["hipaa", "clinical", "secrets"];

/// The packs of a group.
pub fn group(name: &str) -> impl Iterator<Item = &'static Pack> {
    PACKS.iter().filter(move |pack| pack.group == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_file_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeSet::new();
        for group in ["places", "hipaa", "clinical", "secrets"] {
            for entry in std::fs::read_dir(root.join(group)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if let Some(name) = name.strip_suffix(".yaml") {
                    files.insert(format!("{group}/{name}"));
                }
            }
        }
        let listed: BTreeSet<String> = PACKS.iter().map(|pack| pack.name.to_owned()).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn all_eighteen_identifiers_have_a_file() {
        let letters: String =
            group("hipaa").filter_map(|pack| pack.name.strip_prefix("hipaa/")?.chars().next()).collect();
        assert_eq!(letters, "abcdefghijklmnopqr");
    }
}

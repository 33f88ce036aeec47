//! What templates may name: identifiers of people, and what stands around them.

use super::draft::What;
use crate::cli::people::Person;
use processors::Identifier;
use rand::RngExt as _;
use rand::rngs::StdRng;

/// An identifier: its name in templates and of a [`Person`], its letter in the law, its type, and more closely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) identifier: Identifier,
    kind: &'static str,
    sub: Option<&'static str>,
}

const fn field(name: &'static str, identifier: Identifier, kind: &'static str) -> Field {
    Field { name, identifier, kind, sub: None }
}

const fn closely(name: &'static str, identifier: Identifier, kind: &'static str, sub: &'static str) -> Field {
    Field { name, identifier, kind, sub: Some(sub) }
}

/// All identifiers that templates may name.
pub(super) const FIELDS: &[Field] = &[
    field("name", Identifier::A, "NAME"),
    field("first", Identifier::A, "NAME"),
    field("last", Identifier::A, "NAME"),
    field("last_first", Identifier::A, "NAME"),
    field("LAST_FIRST", Identifier::A, "NAME"),
    field("LAST", Identifier::A, "NAME"),
    field("FIRST", Identifier::A, "NAME"),
    field("name_lower", Identifier::A, "NAME"),
    field("file_name", Identifier::A, "NAME"),
    closely("street", Identifier::B, "GEO", "street"),
    closely("city", Identifier::B, "GEO", "city"),
    closely("county", Identifier::B, "GEO", "county"),
    closely("zip", Identifier::B, "GEO", "zip"),
    closely("zip9", Identifier::B, "GEO", "zip"),
    closely("dob", Identifier::C, "DATE", "dob"),
    closely("dob8", Identifier::C, "DATE", "dob"),
    closely("dob_us", Identifier::C, "DATE", "dob"),
    closely("dob_long", Identifier::C, "DATE", "dob"),
    closely("admitted", Identifier::C, "DATE", "visit"),
    closely("admitted8", Identifier::C, "DATE", "visit"),
    closely("admitted_us", Identifier::C, "DATE", "visit"),
    closely("discharged", Identifier::C, "DATE", "visit"),
    field("age", Identifier::C, "AGE"),
    field("phone", Identifier::D, "PHONE"),
    field("phone_dashed", Identifier::D, "PHONE"),
    field("phone_dotted", Identifier::D, "PHONE"),
    field("phone10", Identifier::D, "PHONE"),
    field("phone_e164", Identifier::D, "PHONE"),
    field("fax", Identifier::E, "FAX"),
    field("email", Identifier::F, "EMAIL"),
    field("ssn", Identifier::G, "SSN"),
    field("ssn9", Identifier::G, "SSN"),
    field("mrn", Identifier::H, "MRN"),
    field("plan", Identifier::I, "HEALTH_PLAN"),
    field("account", Identifier::J, "ACCOUNT"),
    closely("card", Identifier::J, "ACCOUNT", "card"),
    field("license", Identifier::K, "LICENSE"),
    field("vin", Identifier::L, "VEHICLE"),
    closely("plate", Identifier::L, "VEHICLE", "plate"),
    field("serial", Identifier::M, "DEVICE"),
    closely("mac", Identifier::M, "DEVICE", "mac"),
    field("portal", Identifier::N, "URL"),
    field("ip", Identifier::O, "IP"),
    field("voiceprint", Identifier::P, "BIOMETRIC"),
    field("photo", Identifier::Q, "PHOTO"),
    closely("user", Identifier::R, "OTHER_ID", "user"),
    closely("uuid", Identifier::R, "OTHER_ID", "uuid"),
    closely("encounter", Identifier::R, "OTHER_ID", "encounter"),
    closely("claim", Identifier::R, "OTHER_ID", "claim"),
    closely("rx", Identifier::R, "OTHER_ID", "rx"),
];

/// Who a field is of: `<<name>>` is the patient's, `<<dr:name>>` a provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Without a prefix.
    Patient,
    /// `rel:`
    Relative,
    /// `dr:`
    Provider,
}

impl Role {
    /// Who a name in a template means, and what of them.
    pub(super) fn read(name: &str) -> (Self, &str) {
        match name.split_once(':') {
            Some(("rel", rest)) => (Self::Relative, rest),
            Some(("dr", rest)) => (Self::Provider, rest),
            _ => (Self::Patient, name),
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Relative => "relative",
            Self::Provider => "provider",
        }
    }
}

/// Those whom one text is about.
#[derive(Debug)]
pub(super) struct Cast {
    patient: Person,
    relative: Person,
    provider: Person,
    /// A picture, as pages embed it.
    photo: String,
}

impl Cast {
    /// Makes them up.
    pub(super) fn new(random: &mut StdRng) -> Self {
        use base64::Engine as _;
        let mut picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
        picture.extend((0..72).map(|_| random.random::<u8>()));
        let photo = format!("data:image/jpeg;base64,{}", base64::prelude::BASE64_STANDARD.encode(picture));
        let mut person = || Person::new(random);
        Self { patient: person(), relative: person(), provider: person(), photo }
    }

    /// The value of an identifier, and what it is.
    pub(super) fn value(&self, role: Role, field: Field) -> (&str, What) {
        let person = match role {
            Role::Patient => &self.patient,
            Role::Relative => &self.relative,
            Role::Provider => &self.provider,
        };
        let value = if field.name == "photo" { Some(self.photo.as_str()) } else { person.field(field.name) };
        let sub = if field.identifier == Identifier::A { Some(role.label()) } else { field.sub };
        (value.unwrap_or_default(), What::Identifier(field.kind, sub))
    }
}

/// The identifier that templates call so.
pub(super) fn find(name: &str) -> Option<Field> {
    FIELDS.iter().find(|field| field.name == name).copied()
}

/// What stands around identifiers, by the names that templates use; all but the first are no identifiers of people.
pub(super) const AROUND: &[&str] = &[
    "ts",
    "ts6",
    "ts8",
    "ts14",
    "time",
    "epoch",
    "service",
    "host",
    "server_ip",
    "hospital",
    "level",
    "ms",
    "count",
    "id",
    "hex",
    "trace",
    "year",
];

/// Makes one of them up.
pub(super) fn around(name: &str, random: &mut StdRng) -> Option<(String, What)> {
    let two = |random: &mut StdRng, most: u32| random.random_range(0..most);
    let pick = |random: &mut StdRng, list: &[&str]| {
        list.get(random.random_range(0..list.len())).copied().unwrap_or_default().to_owned()
    };
    Some(match name {
        "ts" => {
            let (hour, minute, second, millis) = (two(random, 24), two(random, 60), two(random, 60), two(random, 1000));
            let (month, day) = (1 + two(random, 12), 1 + two(random, 28));
            let text = format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
            (text, What::Neutral("log_ts"))
        }
        "ts6" | "ts8" | "ts14" => {
            let (month, day, hour) = (1 + two(random, 12), 1 + two(random, 28), two(random, 24));
            let text = match name {
                "ts6" => format!("26{month:02}{day:02}"),
                "ts8" => format!("2026{month:02}{day:02}"),
                _ => format!("2026{month:02}{day:02}{hour:02}{:02}{:02}", two(random, 60), two(random, 60)),
            };
            (text, What::Neutral("log_ts"))
        }
        "time" => {
            let text = format!("{:02}:{:02}:{:02}", two(random, 24), two(random, 60), two(random, 60));
            (text, What::Neutral("log_ts"))
        }
        "epoch" => {
            ((1_760_000_000_000u64 + random.random_range(0..40_000_000_000)).to_string(), What::Neutral("log_ts"))
        }
        "service" => {
            let services =
                ["intake", "eligibility", "scheduler", "lab-results", "billing", "portal-api", "fhir-gateway"];
            (pick(random, &services), What::Text)
        }
        "host" => (
            format!("{}-{:02}.prod.internal", pick(random, &["web", "api", "worker", "db"]), two(random, 40)),
            What::Neutral("host"),
        ),
        "server_ip" => (
            format!("10.{}.{}.{}", two(random, 250), two(random, 250), 1 + two(random, 250)),
            What::Neutral("server_ip"),
        ),
        "hospital" => {
            let names = ["St. Elsewhere Medical Center", "Lakeview General Hospital", "Ridge Valley Clinic"];
            (pick(random, &names), What::Neutral("org"))
        }
        "level" => (pick(random, &["DEBUG", "INFO", "WARN", "ERROR"]), What::Text),
        "ms" => ((1 + two(random, 4000)).to_string(), What::Text),
        "count" => (two(random, 500).to_string(), What::Text),
        "id" => (random.random_range(1000..9_999u32).to_string(), What::Text),
        "hex" => (format!("{:08x}", random.random::<u32>()), What::Text),
        "trace" => (format!("{:032x}", random.random::<u128>()), What::Text),
        "year" => (random.random_range(2019..2027u32).to_string(), What::Neutral("year")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn every_field_has_a_value() {
        let mut random = StdRng::seed_from_u64(3);
        let cast = Cast::new(&mut random);
        for field in FIELDS {
            assert!(!cast.value(Role::Patient, *field).0.is_empty(), "{}", field.name);
            assert!(!AROUND.contains(&field.name));
        }
        for name in AROUND {
            assert!(around(name, &mut random).is_some_and(|(text, _)| !text.is_empty()), "{name}");
        }
        for identifier in Identifier::ALL.into_iter().filter(|identifier| *identifier != Identifier::Secret) {
            assert!(FIELDS.iter().any(|field| field.identifier == identifier), "{}", identifier.label());
        }
    }
}

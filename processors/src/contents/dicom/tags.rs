//! What the values of tags are, as far as their representation does not say it: from table E.1-1 of DICOM PS3.15 (2026c), which
//! lists what an application has to take out or replace. Free texts are searched like any others.

/// Tags, in order, and the key that their values are judged by.
const TAGS: [(u32, &str); 59] = [
    (0x0008_0050, "accession number"),     // AccessionNumber
    (0x0008_0081, "street address"),       // InstitutionAddress
    (0x0008_0092, "street address"),       // ReferringPhysicianAddress
    (0x0008_0094, "phone number"),         // ReferringPhysicianTelephoneNumbers
    (0x0010_0020, "mrn"),                  // PatientID
    (0x0010_0030, "date of birth"),        // PatientBirthDate
    (0x0010_0032, "birth time"),           // PatientBirthTime
    (0x0010_1000, "mrn"),                  // OtherPatientIDs
    (0x0010_1010, "patient age"),          // PatientAge
    (0x0010_1040, "street address"),       // PatientAddress
    (0x0010_1050, "policy number"),        // InsurancePlanIdentification
    (0x0010_1090, "mrn"),                  // MedicalRecordLocator
    (0x0010_2152, "city"),                 // RegionOfResidence
    (0x0010_2154, "phone number"),         // PatientTelephoneNumbers
    (0x0010_2155, "phone number"),         // PatientTelecomInformation
    (0x0010_21D0, "date of service"),      // LastMenstrualDate
    (0x0012_0040, "study subject id"),     // ClinicalTrialSubjectID
    (0x0012_0042, "study subject id"),     // ClinicalTrialSubjectReadingID
    (0x0016_004D, "patient name"),         // CameraOwnerName
    (0x0016_0051, "device serial number"), // LensSerialNumber
    (0x0016_0072, "latitude"),             // GPSLatitude
    (0x0016_0074, "longitude"),            // GPSLongitude
    (0x0016_0084, "latitude"),             // GPSDestLatitude
    (0x0016_0086, "longitude"),            // GPSDestLongitude
    (0x0018_1000, "device serial number"), // DeviceSerialNumber
    (0x0018_1004, "device serial number"), // PlateID
    (0x0018_1005, "device serial number"), // GeneratorID
    (0x0018_1007, "device serial number"), // CassetteID
    (0x0018_1008, "device serial number"), // GantryID
    (0x0018_1009, "device serial number"), // UniqueDeviceIdentifier
    (0x0018_700A, "device serial number"), // DetectorID
    (0x0020_0010, "encounter id"),         // StudyID
    (0x0038_0010, "encounter id"),         // AdmissionID
    (0x0038_001E, "street address"),       // ScheduledPatientInstitutionResidence
    (0x0038_0060, "encounter id"),         // ServiceEpisodeID
    (0x0038_0300, "street address"),       // CurrentPatientLocation
    (0x0038_0400, "street address"),       // PatientInstitutionResidence
    (0x0040_0009, "order number"),         // ScheduledProcedureStepID
    (0x0040_0253, "order number"),         // PerformedProcedureStepID
    (0x0040_050A, "accession number"),     // SpecimenAccessionNumber
    (0x0040_0512, "accession number"),     // ContainerIdentifier
    (0x0040_0551, "accession number"),     // SpecimenIdentifier
    (0x0040_06FA, "accession number"),     // SlideIdentifier
    (0x0040_1001, "order number"),         // RequestedProcedureID
    (0x0040_1102, "street address"),       // PersonAddress
    (0x0040_1103, "phone number"),         // PersonTelephoneNumbers
    (0x0040_1104, "phone number"),         // PersonTelecomInformation
    (0x0040_2010, "phone number"),         // OrderCallbackPhoneNumber
    (0x0040_2011, "phone number"),         // OrderCallbackTelecomInformation
    (0x0040_2016, "order number"),         // PlacerOrderNumberImagingServiceRequest
    (0x0040_2017, "order number"),         // FillerOrderNumberImagingServiceRequest
    (0x0040_A353, "street address"),       // AddressTrial
    (0x0040_A354, "phone number"),         // TelephoneNumberTrial
    (0x0088_0910, "patient name"),         // TopicAuthor
    (0x2200_0005, "accession number"),     // BarcodeValue
    (0x3008_0105, "device serial number"), // SourceSerialNumber
    (0x4008_0040, "order number"),         // ResultsID
    (0x4008_011A, "street address"),       // DistributionAddress
    (0x4008_0200, "order number"),         // InterpretationID
];

/// Tags of unique identifiers that say which study, image or device it is. Those of classes and of transfer syntaxes are not among
/// them: they say what a program can do.
const UNIQUE: [u32; 57] = [
    0x0000_1000,
    0x0000_1001,
    0x0002_0003,
    0x0004_1511,
    0x0008_0014,
    0x0008_0017,
    0x0008_0018,
    0x0008_0019,
    0x0008_0058,
    0x0008_1155,
    0x0008_1195,
    0x0008_3010,
    0x0018_1002,
    0x0018_100B,
    0x0018_2042,
    0x0020_000D,
    0x0020_000E,
    0x0020_0052,
    0x0020_0200,
    0x0020_9161,
    0x0020_9164,
    0x0028_1199,
    0x0028_1214,
    0x003A_0310,
    0x0040_0554,
    0x0040_4023,
    0x0040_A124,
    0x0040_A171,
    0x0040_A172,
    0x0040_A402,
    0x0040_DB0C,
    0x0040_DB0D,
    0x0062_0021,
    0x0064_0003,
    0x006A_0003,
    0x0070_031A,
    0x0070_1101,
    0x0070_1102,
    0x0088_0140,
    0x0400_0100,
    0x3006_0024,
    0x3006_00C2,
    0x300A_0013,
    0x300A_0054,
    0x300A_0083,
    0x300A_0609,
    0x300A_0650,
    0x300A_0700,
    0x300A_0785,
    0x3010_0006,
    0x3010_000B,
    0x3010_0013,
    0x3010_0015,
    0x3010_0031,
    0x3010_003B,
    0x3010_006E,
    0x3010_006F,
];

/// The key that the value of a tag is judged by.
pub(super) fn key(tag: u32) -> Option<&'static str> {
    let found = TAGS.binary_search_by_key(&tag, |(known, _)| *known).ok().and_then(|at| TAGS.get(at));
    let unique = || UNIQUE.binary_search(&tag).is_ok().then_some("study instance uid");
    found.map(|(_, key)| *key).or_else(unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_in_order() {
        assert!(TAGS.is_sorted_by(|a, b| a.0 < b.0) && UNIQUE.is_sorted_by(|a, b| a < b));
        assert_eq!(key(0x0010_0020), Some("mrn"));
        assert_eq!(key(0x0020_000D), Some("study instance uid"));
        assert_eq!(key(0x0008_0016), None, "the class of an image");
    }
}

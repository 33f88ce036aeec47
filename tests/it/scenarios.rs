//! Ways in which a scrubber itself has leaked, one row each: a test of this repository, or the reason why there is nothing to test.
//!
//! The rows lie beside the repository with what each is about; their ids are kept here.

mod surfaces;

/// What holds a row.
enum Held {
    /// These tests, as `module::name`.
    By(&'static [&'static str]),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

use Held::{By, Nothing};

const NO_DISK: &str = "nothing is written to disk: there is no disk queue and no place for dead letters yet";

const SCENARIOS: [(&str, Held); 49] = [
    (
        "S-01",
        By(&[
            "scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere",
            "bad_input::what_is_sent_over_http_and_as_json",
        ]),
    ),
    ("S-02", By(&["delivery::what_is_refused_three_times_is_dropped_loudly_and_the_next_goes_on"])),
    ("S-03", By(&["delivery::partial_success_is_counted_and_not_sent_again"])),
    ("S-04", By(&["delivery::what_is_refused_three_times_is_dropped_loudly_and_the_next_goes_on"])),
    ("S-05", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    (
        "S-06",
        By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere", "leaks::refused::refusals_echo_nothing"]),
    ),
    ("S-07", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-08", Nothing("there is no receiver for Kafka and none for files")),
    (
        "S-09",
        By(&[
            "scenarios::surfaces::a_panic_shows_nothing_of_the_record",
            "faults::a_panic_is_held_and_the_retry_goes_through",
        ]),
    ),
    ("S-10", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-11", By(&["scenarios::surfaces::mistakes_in_a_reload_quote_no_value_that_is_a_secret"])),
    (
        "S-12",
        By(&[
            "scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere",
            "leaks::nothing_planted_comes_out_anywhere",
        ]),
    ),
    ("S-13", By(&["signals::the_debug_exporter_writes_json_lines", "leaks::nothing_planted_comes_out_anywhere"])),
    ("S-14", Nothing(NO_DISK)),
    ("S-15", Nothing(NO_DISK)),
    ("S-16", Nothing(NO_DISK)),
    ("S-17", By(&["operator::a_crash_leaves_no_image_of_the_memory"])),
    (
        "S-18",
        Nothing(
            "memory is not overwritten when it is given back: other processes of the user may not look, and there are no core dumps (operator)",
        ),
    ),
    ("S-19", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-20", By(&["intake::own_traces_come_to_an_end"])),
    ("S-21", By(&["operator::secrets_are_nowhere", "configuration::values_from_outside_are_put_in_and_never_shown"])),
    (
        "S-22",
        By(&[
            "scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere",
            "operator::without_the_token_there_is_nothing_but_a_sign_of_life",
        ]),
    ),
    ("S-23", Nothing("there is no audit log yet")),
    ("S-24", Nothing(NO_DISK)),
    (
        "S-25",
        By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere", "bad_input::what_is_sent_compressed"]),
    ),
    ("S-26", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-27", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    (
        "S-28",
        By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere", "bad_input::what_is_sent_over_grpc"]),
    ),
    (
        "S-29",
        By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere", "bad_input::what_is_sent_compressed"]),
    ),
    (
        "S-30",
        By(&[
            "faults::a_panic_over_either_protocol_kills_nothing",
            "leaks::refused::an_engine_that_fails_shows_nothing",
        ]),
    ),
    ("S-31", By(&["reload::twice_a_second_under_load_nothing_is_dropped_and_no_batch_is_half_and_half"])),
    ("S-32", By(&["scenarios::surfaces::from_the_first_moment_what_leaves_is_scrubbed"])),
    ("S-33", By(&["bad_input::files::packs", "reload::what_is_wrong_or_weaker_leaves_the_old_rules_in_force"])),
    ("S-34", By(&["faults::a_panic_is_held_and_the_retry_goes_through"])),
    ("S-35", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-36", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-37", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-38", By(&["scenarios::surfaces::a_number_at_every_edge_of_a_buffer_is_found"])),
    (
        "S-39",
        Nothing(
            "there is no receiver for files of container runtimes; their cut lines are joined where they come in a batch (processors, joined)",
        ),
    ),
    ("S-40", By(&["bad_input::files::configurations"])),
    ("S-41", By(&["scenarios::surfaces::what_is_allowed_allows_nothing_beside_it"])),
    ("S-42", Nothing("plain hashes are not offered: tokens are keyed (HMAC-SHA256), by frozen vectors of the engine")),
    ("S-43", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-44", Nothing("there is no support bundle")),
    (
        "S-45",
        By(&["chaos::what_was_acknowledged_survives_terminations", "operator::a_crash_leaves_no_image_of_the_memory"]),
    ),
    ("S-46", Nothing("there is no receiver for files, and so no checkpoint")),
    ("S-47", Nothing("no exporter makes a name out of data")),
    ("S-48", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
    ("S-49", By(&["scenarios::surfaces::nothing_of_what_is_sent_is_seen_anywhere"])),
];

/// The source of a module of these tests.
fn source(module: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/");
    std::fs::read_to_string(format!("{root}{}.rs", module.replace("::", "/")))
        .unwrap_or_else(|_| panic!("no module {module}"))
}

#[test]
fn every_row_is_held_by_a_test_or_has_a_reason() {
    for (number, (id, held)) in SCENARIOS.iter().enumerate() {
        assert_eq!(*id, format!("S-{:02}", number + 1));
        match held {
            By(tests) => {
                assert!(!tests.is_empty(), "{id}");
                for test in *tests {
                    let (module, name) = test.rsplit_once("::").unwrap();
                    assert!(source(module).contains(&format!("#[test]\nfn {name}()")), "{id}: there is no test {test}");
                }
            }
            Nothing(why) => assert!(why.len() > 20, "{id}"),
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/leaks/scenarios.jsonl");
    let Ok(rows) = std::fs::read_to_string(file) else { return };
    let ids: Vec<String> = rows
        .lines()
        .map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, SCENARIOS.iter().map(|(id, _)| *id).collect::<Vec<_>>());
}

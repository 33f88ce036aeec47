//! Writes the corpus to files for `scrubjay bench`: `cargo bench --bench make_corpus -- FOLDER`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod corpus;

use std::path::PathBuf;

fn main() {
    let Some(folder) = std::env::args().nth(1).filter(|argument| !argument.starts_with("--")).map(PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for (name, repeated) in [("traces_distinct.bin", 0), ("traces_half.bin", 50)] {
        let mut out = Vec::new();
        for request in corpus::traces(1, 20_000, 200, repeated, 10) {
            prost::encoding::encode_varint(request.len() as u64, &mut out);
            out.extend_from_slice(&request);
        }
        std::fs::write(folder.join(name), out).unwrap();
    }
    let lines = corpus::log_lines(2, 60_000, 10);
    std::fs::write(folder.join("lines.log"), lines.join("\n")).unwrap();
    // As Datadog's and Sentry's senders would send them, in a file a format.
    let traces = corpus::native::traces(&corpus::traces(1, 20_000, 200, 0, 10));
    for (name, requests) in traces.into_iter().chain(corpus::native::logs(&lines)) {
        let mut out = Vec::new();
        for request in requests {
            prost::encoding::encode_varint(request.len() as u64, &mut out);
            out.extend_from_slice(&request);
        }
        std::fs::write(folder.join(format!("{name}.bin")), out).unwrap();
    }
    for count in [100, 150, 1000] {
        std::fs::write(folder.join(format!("pack{count}.yaml")), corpus::rules::pack(count)).unwrap();
    }
    println!("written to {}", folder.display());
}

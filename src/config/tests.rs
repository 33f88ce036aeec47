//! Tests of reading whole configurations.

use super::process;

#[test]
fn a_process_knows_what_it_costs() {
    process::began();
    let usage = process::usage();
    assert!(usage.resident > 1e6 && usage.cpu > 0.0 && usage.uptime >= 0.0, "{usage:?}");
}

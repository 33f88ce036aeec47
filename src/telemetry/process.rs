//! What this process costs.

use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use std::sync::OnceLock;
use std::time::Instant;

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// What the process has used so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    /// Seconds since it began.
    pub(super) uptime: f64,
    /// CPU seconds, user and system.
    pub(super) cpu: f64,
    /// Resident bytes; zero where the system does not say.
    pub(super) resident: f64,
}

/// Starts the clock.
pub(super) fn began() {
    let _ = BEGAN.get_or_init(Instant::now);
}

/// Reads the system's books: some microseconds.
pub(super) fn usage() -> Usage {
    let cpu = getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| {
        [usage.user_time(), usage.system_time()]
            .iter()
            .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6)
            .sum()
    });
    Usage {
        uptime: BEGAN.get().map_or(0.0, |began| began.elapsed().as_secs_f64()),
        cpu,
        resident: resident_bytes() as f64,
    }
}

/// Resident bytes; zero where the system does not say. Some microseconds.
#[must_use]
pub fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes: usize = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0);
    kibibytes.saturating_mul(1024)
}

/// Has glibc give back what was freed: once it has seen a large request it keeps as much again in each of its arenas, which is a
/// third of what the collector takes under load. It reads this when a process begins, so the process begins again, once; it goes
/// on as it is where that fails. Before there are threads, sockets or files.
pub fn begin_with_little_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::os::unix::process::CommandExt as _;
        const KEPT: &str = "MALLOC_TRIM_THRESHOLD_";
        let mut args = std::env::args_os();
        if let (None, Ok(own), Some(name)) = (std::env::var_os(KEPT), std::env::current_exe(), args.next()) {
            let _goes_on = std::process::Command::new(own).arg0(name).args(args).env(KEPT, "262144").exec();
        }
    }
}

/// Sees to it that a crash leaves no image of this process's memory, in which there is raw data, and that no other process of
/// this user looks into it.
///
/// # Errors
/// If the system refuses.
pub fn no_core_dumps() -> std::io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

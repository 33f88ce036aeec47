//! How much memory there is, and whether what the configuration reserves fits.

use processors::Most;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// How much of the memory may be reserved for raw bytes and queues: the rules, the workers and what the allocator keeps
/// need the rest.
const RESERVED: (usize, usize) = (3, 4);

/// What a batch may hold whatever the limit is.
const LEAST: Most = Most { texts: 32_768, findings: 16_384 };

/// The limit that the system sets for this process's group, if it sets one.
pub(super) fn limit_of_group() -> Option<usize> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    limit_below(Path::new("/sys/fs/cgroup"), &groups)
}

/// The least of the limits of the group and of those above it. `groups` is as `/proc/self/cgroup` has it.
fn limit_below(root: &Path, groups: &str) -> Option<usize> {
    let mut files: Vec<PathBuf> = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_number), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let path = Path::new(path.trim_start_matches('/'));
        if path.components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            continue;
        }
        // Version 2 has one tree without a name, version 1 one for each controller. A container sees its own group as the root.
        let (root, name) = if controllers.is_empty() {
            (root.to_owned(), "memory.max")
        } else if controllers.split(',').any(|controller| controller == "memory") {
            (root.join("memory"), "memory.limit_in_bytes")
        } else {
            continue;
        };
        files.extend(path.ancestors().map(|path| root.join(path).join(name)));
    }
    // Without a limit, version 2 says `max` and version 1 a number that is larger than any memory.
    let limits = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()?.trim().parse::<usize>().ok());
    limits.filter(|limit| *limit < 1 << 50).min()
}

/// What the batch of each of some workers may hold, so that all may at once: what it takes beside its bytes is reserved
/// nowhere.
pub(super) fn most(limit: usize, workers: NonZeroUsize) -> Most {
    let part = |bytes: usize| limit / bytes / workers;
    Most { texts: part(256).max(LEAST.texts), findings: part(1024).max(LEAST.findings) }
}

/// How much may be reserved of a limit.
pub(super) fn reservable(limit: usize) -> usize {
    limit / RESERVED.1 * RESERVED.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_what_batches_may_take() {
        let of = |limit: usize, workers| most(limit, NonZeroUsize::new(workers).unwrap());
        assert_eq!(of(256 << 20, 1), Most { texts: 1 << 20, findings: 1 << 18 });
        assert_eq!(of(256 << 20, 2), Most { texts: 1 << 19, findings: 1 << 17 });
        assert_eq!(of(64 << 20, 64), LEAST);
    }

    #[test]
    fn the_least_limit_on_the_way_up_counts() {
        let dir = tempfile::tempdir().unwrap();
        let group = dir.path().join("pods/one");
        std::fs::create_dir_all(&group).unwrap();
        let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
        assert_eq!(limit_below(dir.path(), "0::/pods/one\n"), None);
        write(&group.join("memory.max"), "max\n");
        assert_eq!(limit_below(dir.path(), "0::/pods/one\n"), None);
        write(&dir.path().join("pods/memory.max"), "268435456\n");
        assert_eq!(limit_below(dir.path(), "0::/pods/one\n"), Some(256 << 20));
        write(&group.join("memory.max"), "1073741824\n");
        assert_eq!(limit_below(dir.path(), "0::/pods/one\n"), Some(256 << 20));
        assert_eq!(limit_below(dir.path(), "0::/../pods\n"), None, "a path that leads out");
        assert_eq!(limit_below(dir.path(), "garbage\n0::\n"), None);
    }

    #[test]
    fn the_older_tree_is_read_too() {
        let dir = tempfile::tempdir().unwrap();
        let group = dir.path().join("memory/one");
        std::fs::create_dir_all(&group).unwrap();
        std::fs::write(group.join("memory.limit_in_bytes"), "9223372036854771712\n").unwrap();
        assert_eq!(limit_below(dir.path(), "4:cpu,cpuacct:/one\n3:memory:/one\n"), None);
        std::fs::write(group.join("memory.limit_in_bytes"), "1048576\n").unwrap();
        assert_eq!(limit_below(dir.path(), "4:cpu,cpuacct:/one\n3:memory:/one\n"), Some(1 << 20));
    }
}

//! Panics, without what they say.

use super::Event;

/// Makes panics of this process log where they happened and nothing else: a panic's text may quote data.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        // The file's path outlives the panic only as a copy; leaked, because a panic is rare and an event is closed.
        let (file, line) = info.location().map_or(("?", 0), |location| {
            let file: &'static str = Box::leak(location.file().to_owned().into_boxed_str());
            (file, location.line())
        });
        Event::Panicked { file, line }.emit();
    }));
}

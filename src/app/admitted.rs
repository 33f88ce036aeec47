//! Who may send and who may look, exchanged together with the rules.

use crate::config::Config;
use crate::receivers::Credentials;
use crate::settings::Admin;
use crate::telemetry::Component;

/// Who may send to which receiver, and who may see the operator's pages. All clones are one.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    receivers: Vec<(Component, Credentials)>,
    operator: Option<Admin>,
}

impl Admitted {
    /// As a configuration says. Of the one that runs, what is exchanged here is exchanged there.
    pub(super) fn of(config: &Config) -> Self {
        let receivers = config.receivers.iter().map(|(id, receiver)| (id.clone(), receiver.credentials()));
        Self { receivers: receivers.collect(), operator: config.service.admin.clone() }
    }

    /// Where others are admitted by `new`.
    ///
    /// # Errors
    /// What takes a restart.
    pub(super) fn differ(&self, new: &Self) -> Result<Vec<Component>, Vec<String>> {
        let (mut changed, mut mistakes) = (Vec::new(), Vec::new());
        for (id, old, new) in self.pairs(new) {
            match old.differ(new) {
                Ok(true) => changed.push(id.clone()),
                Ok(false) => {}
                Err(why) => mistakes.push(format!("{id}: {why}")),
            }
        }
        if let (Some(old), Some(new)) = (&self.operator, &new.operator) {
            let admin = Component::new("admin");
            match (old.token(), new.token()) {
                (None, None) => {}
                (Some(old), Some(new)) if old.get().is(&new.get()) => {}
                (Some(_), Some(_)) => changed.push(admin),
                (None, Some(_)) | (Some(_), None) => {
                    mistakes.push(format!("{admin}: `token_hash` comes and goes with a restart"));
                }
            }
        }
        if mistakes.is_empty() { Ok(changed) } else { Err(mistakes) }
    }

    /// Admits whom `new` admits.
    pub(super) fn take_over(&self, new: &Self) {
        for (_, old, new) in self.pairs(new) {
            old.take_over(new);
        }
        let tokens = (self.operator.as_ref().and_then(Admin::token), new.operator.as_ref().and_then(Admin::token));
        if let (Some(old), Some(new)) = tokens {
            old.take_over(new);
        }
    }

    /// Receivers that are in both: others come and go with a restart.
    fn pairs<'a>(&'a self, new: &'a Self) -> impl Iterator<Item = (&'a Component, &'a Credentials, &'a Credentials)> {
        self.receivers.iter().filter_map(|(id, old)| {
            let (_, new) = new.receivers.iter().find(|(known, _)| known == id)?;
            Some((id, old, new))
        })
    }
}

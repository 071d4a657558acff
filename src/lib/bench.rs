//! What `benches/` times inside a process rather than as a command.
//!
//! A bench is a program of its own and sees only what is public, and nothing else of the library is: so this thin door
//! is. It is no interface to build on.

use std::ops::Range;
use std::path::Path;

use crate::context::{Actor, Context, Settings, SystemClock, Via};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::error::{Failure, Result};
use crate::store::Store;
use crate::user::avatar::PhotoChange;
use crate::user::edit::edit;

/// Small changes to the people of a store, each durable and in the audit.
pub struct Changes(Context);

impl Changes {
    /// On this store, whose key lies beside it.
    pub fn on(store: &Path) -> std::result::Result<Self, String> {
        let key = store.with_file_name("secboard.key");
        let open = || -> Result<Context> {
            let store = Store::open(store)?;
            Ok(Context {
                settings: store.read(Settings::load)?,
                key: MasterKey::load(&key)?,
                store,
                clock: Box::new(SystemClock),
                rng: Box::new(SystemRandom),
                actor: Actor::system(None),
                still_may: |_, _| Ok(()),
                via: Via::Cli,
                reason: None,
                dry_run: false,
            })
        };
        open().map(Self).map_err(|failure| failure.to_string())
    }

    /// Makes one change for each number.
    pub fn make(&self, numbers: Range<usize>) -> std::result::Result<(), String> {
        for number in numbers {
            let who = (2 + number % 500).to_string();
            let edited = edit(&self.0, &who, &PhotoChange::Keep, |facts| {
                facts.color = Some(format!("#{:06x}", number & 0xff_ffff));
                Ok(())
            });
            edited.map_err(|failure: Failure| failure.to_string())?;
        }
        Ok(())
    }
}

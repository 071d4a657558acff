//! What `benches/` times inside a process rather than as a command.
//!
//! A bench is a program of its own and sees only what is public, and nothing else of the library is: so this thin door
//! is. It is no interface to build on.

use std::ops::Range;
use std::path::Path;

use crate::catalog::Permission;
use crate::context::{Actor, Context, Refusals, Settings, SystemClock, Via};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::crypto::seal::Opened;
use crate::error::{Failure, Result};
use crate::permission::{self, Asked};
use crate::store::Store;
use crate::user::avatar::PhotoChange;
use crate::user::edit::edit;

/// Small changes to the people of a store, each durable and in the audit.
pub struct Changes(Context);

impl Changes {
    /// On this store, whose key lies beside it.
    pub fn on(store: &Path) -> std::result::Result<Self, String> {
        open(store).map(Self).map_err(|failure| failure.to_string())
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

/// Questions about who may do what.
pub struct Questions(Context);

impl Questions {
    /// On this store, whose key lies beside it.
    pub fn on(store: &Path) -> std::result::Result<Self, String> {
        open(store).map(Self).map_err(|failure| failure.to_string())
    }

    /// Every permission there is.
    pub fn permissions(&self) -> Vec<&'static str> {
        Permission::all().map(Permission::id).collect()
    }

    /// Whether a person has a permission for a company.
    pub fn check(&self, email: &str, permission: &str, company: &str) -> std::result::Result<bool, String> {
        let permission = Permission::parse(permission).map_err(|error| error.to_string())?;
        let asked = Asked { company: Some(company), as_of: None };
        permission::check(&self.0, email, permission, asked).map_err(|failure| failure.to_string())
    }

    /// How many people have a permission for a company.
    pub fn who_can(&self, permission: &str, company: &str) -> std::result::Result<usize, String> {
        let permission = Permission::parse(permission).map_err(|error| error.to_string())?;
        let asked = Asked { company: Some(company), as_of: None };
        let mut count = 0;
        let counted = permission::who_can(&self.0, permission, asked, |_| {
            count += 1;
            Ok(())
        });
        counted.map(|()| count).map_err(|failure| failure.to_string())
    }
}

fn open(store: &Path) -> Result<Context> {
    let key = MasterKey::load(&store.with_file_name("secboard.key"))?;
    let store = Store::open(store)?;
    Ok(Context {
        settings: store.read(Settings::load)?,
        key,
        opened: Opened::default(),
        store,
        clock: Box::new(SystemClock),
        rng: Box::new(SystemRandom),
        actor: Actor::system(None),
        still_may: |_, _| Ok(()),
        via: Via::Cli,
        reason: None,
        dry_run: false,
        refusals: Refusals::default(),
    })
}

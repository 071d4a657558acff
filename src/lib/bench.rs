//! What `benches/` times inside a process rather than as a command.
//!
//! A bench is a program of its own and sees only what is public, and nothing else of the library is: so this thin door
//! is. It is no interface to build on.

use std::ops::Range;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use crate::catalog::Permission;
use crate::context::{Actor, Context, Site, Via, Visit};
use crate::crypto::key::MasterKey;
use crate::error::Result;
use crate::permission::{self, Asked};
use crate::registry::SETTINGS;
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
    pub fn make(&self, mut numbers: Range<usize>) -> std::result::Result<(), String> {
        numbers.try_for_each(|number| change(&self.0, number)).map_err(|failure| failure.to_string())
    }
}

/// The same changes by those whom one process serves at once.
pub struct Crowd(Site);

impl Crowd {
    /// On this store, whose key lies beside it.
    pub fn on(store: &Path) -> std::result::Result<Self, String> {
        let site = Site::open(store, &store.with_file_name("secboard.key"), &SETTINGS);
        site.map(Self).map_err(|failure| failure.to_string())
    }

    /// Makes one change for each number, each in a request of its own; so many threads share the numbers.
    pub fn make(&self, threads: usize, numbers: Range<usize>) -> std::result::Result<(), String> {
        let one = |number| {
            let visit = Visit::of(Actor::system(None), Via::Cli);
            self.0.serve(visit, |cx| change(cx, number)).map_err(|failure| failure.to_string())
        };
        thread::scope(|scope| {
            let parts = (0..threads).map(|part| numbers.clone().skip(part).step_by(threads));
            let parts: Vec<_> = parts.map(|mut part| scope.spawn(move || part.try_for_each(one))).collect();
            let ended =
                parts.into_iter().map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)));
            ended.collect()
        })
    }
}

fn change(cx: &Context, number: usize) -> Result<()> {
    let who = (2 + number % 500).to_string();
    edit(cx, &who, &PhotoChange::Keep, |facts| {
        facts.color = Some(format!("#{:06x}", number & 0xff_ffff));
        Ok(())
    })?;
    Ok(())
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
    let settings = store.read(|tx| SETTINGS.load(tx))?;
    Ok(Context::new(store, key, settings, Actor::system(None)))
}

//! Whether somebody has changed the store.
//!
//! What is asked is the store itself and no file's time: a change is in its files before it is in force, and whoever looked by
//! then saw what was before it.

use std::path::Path;

use crate::store::Store;

/// The store at a path, watched for changes.
pub(super) struct News<'a> {
    path: &'a Path,
    open: Option<Store>,
    /// How often the store was opened: another one may have been put in its place.
    opened: u64,
}

/// The store as it was at a moment; another one after each change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Version {
    opened: u64,
    data: i64,
}

impl<'a> News<'a> {
    pub(super) const fn of(path: &'a Path) -> Self {
        Self { path, open: None, opened: 0 }
    }

    /// The store as it is; `None` where it cannot be read.
    pub(super) fn version(&mut self) -> Option<Version> {
        if !self.open.as_ref().is_some_and(|store| store.is_at(self.path)) {
            // One that cannot be written now, or not seen to change, is kept open by nobody: it would keep others out.
            self.open = Store::open_reader(self.path).ok().filter(Store::is_kept);
            self.opened += 1;
        }
        let data = self.open.as_ref()?.data_version().ok()?;
        Some(Version { opened: self.opened, data })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::News;
    use crate::error::Result;
    use crate::store::Store;

    fn change(store: &Store, sql: &str) {
        store.write(|tx| Ok(tx.sql().execute_batch(sql)?)).unwrap();
    }

    #[test]
    fn a_change_is_news_once_it_is_in_force_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secboard.db");
        let store = Store::create(&path).unwrap();
        let mut news = News::of(&path);
        let before = news.version();
        assert!(before.is_some());
        let written: Result<()> = store.write(|tx| {
            // So much that it stands in the files before it is in force.
            tx.sql().execute_batch(
                "PRAGMA cache_size = 10;
                 CREATE TABLE news AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000)
                 SELECT x, hex(randomblob(100)) FROM n",
            )?;
            assert_eq!(news.version(), before);
            Ok(())
        });
        written.unwrap();
        let after = news.version();
        assert_ne!(after, before);
        assert_eq!(news.version(), after, "it is news once");
    }

    #[test]
    fn another_store_in_its_place_is_news_and_so_is_one_that_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, away) = (folder.path().join("secboard.db"), folder.path().join("away.db"));
        change(&Store::create(&path).unwrap(), "CREATE TABLE here (id INTEGER PRIMARY KEY)");
        let mut news = News::of(&path);
        let before = news.version();
        fs::rename(&path, &away).unwrap();
        assert_eq!(news.version(), None);
        drop(Store::create(&path).unwrap());
        let other = news.version();
        assert!(other.is_some() && other != before, "{other:?}");
        fs::rename(&away, &path).unwrap();
        let again = news.version();
        assert!(again.is_some() && again != other && again != before, "{again:?}");
    }
}

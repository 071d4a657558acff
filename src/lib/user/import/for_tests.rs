//! Imports of texts, for the tests of all who look at what an import does.

use std::fs;

use super::{Bad, Import, Options, open, plan};
use crate::context::Context;
use crate::error::Result;
use crate::registry::engine;
use crate::run;
use crate::tabular::FileOrStream;

/// The plan of an import of files of these contents, named `0.csv` and so on.
pub(crate) fn plan_of_files(
    cx: &Context,
    files: &[impl AsRef<[u8]>],
    options: &Options,
    bad: &mut Bad,
) -> Result<run::Plan> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<FileOrStream> =
        (0..files.len()).map(|at| FileOrStream::File(folder.path().join(format!("{at}.csv")))).collect();
    for (path, bytes) in paths.iter().zip(files) {
        fs::write(path.file().unwrap(), bytes).unwrap();
    }
    let inputs = open(&paths, options)?;
    plan(cx, &mut engine(), inputs, Import { options, bad, tick: &mut |_| () })
}

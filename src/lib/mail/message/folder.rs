//! The folder of templates that a site has of its own, as it is read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::templates::{BUILT_IN, Fault, MAX_BYTES};
use crate::i18n::Language;

/// A fault of something that has the name of a template, or of a folder, with the language it is for.
pub(super) fn unloaded(folder: &Path, fault: &Fault) -> Option<(Option<Language>, Fault)> {
    let name = fault.file.file_name()?.to_string_lossy();
    let of = Language::ALL.into_iter().find(|of| fault.file.starts_with(folder.join(of.tag())));
    let is_folder = fault.file == folder || of.is_some_and(|of| fault.file == folder.join(of.tag()));
    let is_known = BUILT_IN.iter().any(|(known, _)| *known == name);
    (is_folder || is_known).then(|| (of, fault.clone()))
}

/// The templates of a folder, by name, with their file; what cannot be read is a fault.
pub(super) fn read_folder(folder: &Path, faults: &mut Vec<Fault>) -> BTreeMap<String, (PathBuf, String)> {
    let mut sources = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(Fault { file: folder.to_owned(), line: None, what: error.to_string() });
            return sources;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                faults.push(Fault { file: folder.to_owned(), line: None, what: error.to_string() });
                continue;
            }
        };
        let file = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_known = BUILT_IN.iter().any(|(known, _)| *known == name);
        // A folder of another name may be that of a language, or somebody's own.
        if file.is_dir() && !is_known {
            continue;
        }
        if !is_known {
            faults.push(Fault { file, line: None, what: "no template has this name".to_owned() });
            continue;
        }
        match read(&file) {
            Ok(source) => {
                sources.insert(name, (file, source));
            }
            Err(error) => faults.push(Fault { file, line: None, what: error.to_string() }),
        }
    }
    sources
}

fn read(file: &Path) -> io::Result<String> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut source = String::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_string(&mut source)?;
    if source.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(source)
}

//! Files of other programs, known by their first bytes, whatever their names say.

/// What the file is, if it is none that is read here.
pub(super) fn named(head: &[u8]) -> Option<&'static str> {
    const ZIP_OF: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.";
    let start = head.get(..head.len().min(4096)).unwrap_or_default();
    let has = |part: &[u8]| memchr::memmem::find(start, part).is_some();
    if head.starts_with(b"PK\x03\x04") {
        return has(ZIP_OF).then_some("a document of LibreOffice (ODF)");
    }
    if head.starts_with(b"%PDF-") {
        return Some("a PDF");
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        return Some("packed with gzip");
    }
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.starts_with('<') {
        return None;
    }
    Some(if text.contains("urn:oasis:names:tc:opendocument") {
        "a document of LibreOffice (ODF)"
    } else if text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        "a workbook in the XML of 2003"
    } else if text.contains("<html") || text.contains("<table") || text.contains("<!doctype html") {
        "a page of HTML"
    } else if text.starts_with("<?xml") {
        "XML"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn files_of_other_programs_are_known_by_their_first_bytes() {
        for (head, what) in [
            ("<html><table>", "a page of HTML"),
            ("\u{feff}\n<TABLE border=1>", "a page of HTML"),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "a workbook in the XML of 2003",
            ),
            ("<?xml version=\"1.0\"?><people/>", "XML"),
            (
                "<?xml?><office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\">",
                "a document of LibreOffice (ODF)",
            ),
            (
                "PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                "a document of LibreOffice (ODF)",
            ),
            ("%PDF-1.7", "a PDF"),
        ] {
            assert_eq!(named(head.as_bytes()), Some(what), "{head}");
        }
        assert_eq!(named(&[0x1f, 0x8b, 8]), Some("packed with gzip"));
        for head in ["email,name", "<email>,name", "PK\x03\x04 xl/workbook.xml", ""] {
            assert_eq!(named(head.as_bytes()), None, "{head}");
        }
    }
}

//! Names of entries, as they can be compared (RFC 4514).

use crate::text::fold::fold;

/// What ends an attribute, a part of several attributes, a part; none of them stands in what is folded.
const BEHIND: [(u8, char); 4] = [(b'=', '\u{1}'), (b'+', '\u{2}'), (b',', '\u{3}'), (b';', '\u{3}')];

/// What all spellings of a name have in common: letter case, blanks around its parts and the way in which characters are
/// escaped make no other name.
pub(super) fn key(dn: &str) -> String {
    let mut key = String::with_capacity(dn.len());
    let (mut part, mut is_value) = (Vec::new(), false);
    let mut bytes = dn.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let end = BEHIND.iter().find(|(end, _)| *end == byte && !(is_value && byte == b'='));
        match (byte, end) {
            (b'\\', _) => {
                let first = bytes.next();
                let second = bytes.next_if(|next| digit(*next).is_some() && first.and_then(digit).is_some());
                match (first.and_then(digit), second.and_then(digit)) {
                    (Some(high), Some(low)) => part.push(high << 4 | low),
                    _ => part.extend(first),
                }
            }
            (_, Some((_, behind))) => {
                end_part(&mut key, &mut part);
                key.push(*behind);
                is_value = byte == b'=';
            }
            _ => part.push(byte),
        }
    }
    end_part(&mut key, &mut part);
    key
}

fn end_part(key: &mut String, part: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(part);
    key.extend(fold(text.trim()).chars().filter(|c| !c.is_control()));
    part.clear();
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::key;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        let plain = key("CN=Коваль\\, Олена,OU=Staff,DC=corp,DC=test");
        for same in [
            "cn=коваль\\, олена,ou=staff,dc=CORP,dc=test",
            "CN = Коваль\\, Олена , OU=Staff;DC=corp, DC=test",
            "CN=Коваль\\2C Олена,OU=Staff,DC=corp,DC=test",
            "CN=\\D0\\9Aоваль\\2c Олена,OU=Staff,DC=corp,DC=test",
        ] {
            assert_eq!(key(same), plain, "{same}");
        }
        for other in [
            "CN=Коваль,Олена,OU=Staff,DC=corp,DC=test",
            "CN=Коваль\\, Олена,OU=Staff,DC=corp",
            "CN=Коваль Олена,OU=Staff,DC=corp,DC=test",
            "CN=Коваль\\, Олена+OU=Staff,DC=corp,DC=test",
            "",
        ] {
            assert_ne!(key(other), plain, "{other}");
        }
        assert_eq!(key("CN=a=b,DC=x"), key("CN=a\\=b,DC=x"));
    }

    proptest! {
        #[test]
        fn d10_no_name_is_too_odd(dn: String) {
            key(&dn);
        }
    }
}

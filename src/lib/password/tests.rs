use proptest::prelude::*;

use super::error::Error;
use super::generate::generate;
use super::hash::{HashCost, Hasher};
use super::policy::PasswordProfile;
use super::policy::{About, LONGEST_CHARACTERS, Policy, check};
use super::{Verdict, foreign, is_same, verify};
use crate::context::Settings;
use crate::crypto::rng::{SeededRandom, SystemRandom};
use crate::error::{Explain as _, Kind};
use crate::text::secret::Secret;

/// As cheap as Argon2 allows; what it costs is none of most tests' business.
const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1 };

const NORMAL: Policy = Policy { profile: PasswordProfile::Normal, second_factor: false };
const STRICT: Policy = Policy { profile: PasswordProfile::Strict, second_factor: false };
const STRICT_WITH_SECOND_FACTOR: Policy = Policy { profile: PasswordProfile::Strict, second_factor: true };

const NOBODY: About<'_> = About { names: &[], email: "", company: "", site: "" };

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn hasher(cost: HashCost) -> Hasher {
    Hasher::new(cost).unwrap()
}

fn hashed(cost: HashCost, password: &str) -> String {
    hasher(cost).hash(&SeededRandom::new(1), &secret(password)).unwrap()
}

fn verdict(stored: &str, password: &str) -> Verdict {
    verify(&hasher(CHEAP), stored, &secret(password)).unwrap()
}

fn refusal(password: &str, policy: Policy, about: &About<'_>) -> Option<&'static str> {
    check(&secret(password), policy, about).err().map(|error| error.code())
}

mod own_hashes {
    use super::*;

    #[test]
    fn p6_the_right_password_verifies_and_others_do_not() {
        let stored = hashed(CHEAP, "correct horse");
        assert_eq!(verdict(&stored, "correct horse"), Verdict::Right);
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct horse\0"] {
            assert_eq!(verdict(&stored, wrong), Verdict::Wrong, "{wrong:?}");
        }
    }

    #[test]
    fn p6_by_default_a_hash_is_argon2id_over_19_mib_in_two_passes() {
        let stored = hashed(HashCost::of(&Settings::default()), "correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verdict(&stored, "correct horse"), Verdict::Right);
    }

    #[test]
    fn p6_each_hash_has_its_own_salt() {
        let (hasher, rng) = (hasher(CHEAP), SeededRandom::new(1));
        let hash = || hasher.hash(&rng, &secret("correct horse")).unwrap();
        assert_ne!(hash(), hash());
    }

    #[test]
    fn p6_a_hash_weaker_than_the_settings_asks_to_be_made_anew() {
        let now = HashCost { memory_kib: 32, passes: 2 };
        let cases = [
            (HashCost { memory_kib: 16, passes: 2 }, Verdict::RightUpgrade),
            (HashCost { memory_kib: 32, passes: 1 }, Verdict::RightUpgrade),
            (now, Verdict::Right),
            (HashCost { memory_kib: 64, passes: 3 }, Verdict::Right),
        ];
        for (then, expected) in cases {
            let stored = hashed(then, "correct horse");
            assert_eq!(
                verify(&hasher(now), &stored, &secret("correct horse")).unwrap(),
                expected,
                "{then:?}"
            );
            assert_eq!(
                verify(&hasher(now), &stored, &secret("wrong horse")).unwrap(),
                Verdict::Wrong,
                "{then:?}"
            );
        }
    }

    #[test]
    fn p7_many_threads_share_one_hasher() {
        let hasher = hasher(CHEAP);
        std::thread::scope(|scope| {
            for seed in 0..8 {
                let hasher = &hasher;
                scope.spawn(move || {
                    let password = secret(&format!("password of thread {seed}"));
                    let stored = hasher.hash(&SeededRandom::new(seed), &password).unwrap();
                    assert_eq!(verify(hasher, &stored, &password).unwrap(), Verdict::Right);
                });
            }
        });
    }

    #[test]
    fn p3_a_password_counts_in_its_nfc_form_and_no_other() {
        let stored = hashed(CHEAP, "caf\u{e9} au lait");
        assert_eq!(verdict(&stored, "cafe\u{301} au lait"), Verdict::Right);
        assert_eq!(verdict(&stored, "cafe au lait"), Verdict::Wrong);
        assert_eq!(verdict(&stored, "Café au lait"), Verdict::Wrong);
        assert_eq!(
            verdict(&hashed(CHEAP, "ﬁne words"), "fine words"),
            Verdict::Wrong,
            "compatibility forms differ"
        );
    }

    #[test]
    fn a_stored_hash_that_cannot_be_one_is_an_error_of_the_store() {
        let bad = [
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ",
            "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
            "$argon2id$v=16$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
            "$argon2id$",
            "hunter2",
        ];
        for stored in bad {
            let error = verify(&hasher(CHEAP), stored, &secret("correct horse")).unwrap_err();
            assert_eq!((error.code(), error.kind()), ("password.stored", Kind::Config), "{stored}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn p2_every_character_of_a_password_counts(password in "\\PC{1,128}", other in "\\PC{1,128}") {
            let stored = hashed(CHEAP, &password);
            prop_assert_eq!(verdict(&stored, &password), Verdict::Right);
            prop_assert_eq!(verdict(&stored, &format!("{password}{other}x")), Verdict::Wrong);
        }
    }
}

/// Hashes that Django 5.2 wrote, with its own cost or a lower one.
mod hashes_of_django {
    use super::*;

    const PASSWORD: &str = "correct horse пароль";

    const KNOWN: [&str; 6] = [
        "pbkdf2_sha256$1000$c0XIblqcDa2za578Pj5K5K$GIw76NfCYhLzw+PhWQhS6Q1QnQxKUluztn5g/UwQ9GU=",
        "pbkdf2_sha256$1000$NaCl and pepper$t7HeFsj7dX5ZRYRaNrN0QEqFI+oWIIBOnVafh/KqnJQ=",
        "argon2$argon2id$v=19$m=256,t=1,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$UHZ2SVpZemJNN04yUUo2ZkFqSUxFQQ$U8TpAQzaqvVGzQSDOq59JW3D3RznZTkK0fJVD6JybzA",
        "bcrypt_sha256$$2b$04$85QUIOuMDHmFVqobneOtDevZwk1.AzoycA6dDkJeF0RE9fytcYMze",
        "bcrypt$$2b$04$YqHS21.Qt3lEjy1xvqeUhOYFDK3xVcMQwRGOGIywa5jy3zN06StRy",
    ];

    /// Of `cafe\u{301} au lait`, an accent of its own.
    const UNNORMALISED: [&str; 4] = [
        "pbkdf2_sha256$1000$PvzUQ7k3UPSq9MAiJ3y4ly$KeXMSDxHBZH4FZ5XGkrgfQ6wkh+gff9dqH/pw2p/uvE=",
        "argon2$argon2id$v=19$m=256,t=1,p=2$ZG9leFhoblZYaTE0TEFvWDRPakQ0eg$6pxAx9kQmuBThN7GD07kP3gxIaNQPfakvb+52kSHqcM",
        "bcrypt_sha256$$2b$04$XGlHX/dzlaPILoSFkYBwquSdlkzqVRUQ9lm9eVio7aWNuPEyyvwF.",
        "bcrypt$$2b$04$AAHK09Bw5lUcm2fyZ7DIYe3lpj/63DUWeRPl5eunh5K7qYs6nrKVm",
    ];

    fn refused(hash: &str) -> Error {
        foreign::recognise(hash).err().unwrap_or_else(|| panic!("{hash} was taken"))
    }

    #[test]
    fn p6_they_verify_and_ask_to_be_made_anew() {
        for stored in KNOWN {
            assert!(foreign::recognise(stored).unwrap().is_some());
            assert_eq!(verdict(stored, PASSWORD), Verdict::RightUpgrade, "{stored}");
            assert_eq!(verdict(stored, "correct horse"), Verdict::Wrong, "{stored}");
        }
    }

    #[test]
    fn what_django_writes_by_default_is_not_too_costly() {
        let rounds_of_django_6 = "pbkdf2_sha256$1200000$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=";
        let cost_of_bcrypt = "bcrypt_sha256$$2b$12$85QUIOuMDHmFVqobneOtDevZwk1.AzoycA6dDkJeF0RE9fytcYMze";
        for hash in [rounds_of_django_6, cost_of_bcrypt] {
            assert!(foreign::recognise(hash).unwrap().is_some(), "{hash}");
        }
    }

    #[test]
    fn p3_they_are_also_tried_as_typed() {
        for stored in UNNORMALISED {
            assert_eq!(verdict(stored, "cafe\u{301} au lait"), Verdict::RightUpgrade, "{stored}");
            assert_eq!(verdict(stored, "caf\u{e9} au lait"), Verdict::Wrong, "{stored}");
        }
    }

    #[test]
    fn no_password_is_no_hash_and_nothing_opens_it() {
        for stored in ["", "!", "!PnXoHJMV01ZXaE02s7ml3GixdrX2k7P5TpWiiIwQ"] {
            assert!(foreign::recognise(stored).unwrap().is_none());
            for password in ["", stored, "correct horse"] {
                assert_eq!(verdict(stored, password), Verdict::Wrong);
            }
        }
    }

    #[test]
    fn unknown_kinds_are_refused() {
        for hash in
            ["hunter2", "pbkdf2_sha1$1000$seasalt$3vHd/iRE5mnpBILG3KVrTWyCFHk=", "md5$a$b", "$2b$04$x", "$"]
        {
            assert_eq!(refused(hash).code(), "password.hash_unknown", "{hash}");
        }
    }

    #[test]
    fn a_hash_cut_anywhere_is_refused() {
        for stored in KNOWN {
            for length in 1..stored.len() {
                // Argon2 hashes have no fixed length: one cut within its last part may still be a shorter hash.
                let hash = &stored[..length];
                if stored.starts_with("argon2") && length > stored.rfind('$').unwrap() {
                    continue;
                }
                let code = refused(hash).code();
                assert!(["password.hash_malformed", "password.hash_unknown"].contains(&code), "{hash}");
            }
        }
    }

    #[test]
    fn damaged_hashes_are_refused_with_the_reason() {
        let damaged = [
            "pbkdf2_sha256$0$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=",
            "pbkdf2_sha256$many$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=",
            "pbkdf2_sha256$99999999999$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=",
            "pbkdf2_sha256$1000$$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=",
            "pbkdf2_sha256$1000$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaD*+I=",
            "pbkdf2_sha256$1000$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=$",
            "argon2$argon2d$v=19$m=256,t=1,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "argon2$argon2id$m=256,t=1,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "argon2$argon2id$v=19$m=256,t=0,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "bcrypt$$2x$04$YqHS21.Qt3lEjy1xvqeUhOYFDK3xVcMQwRGOGIywa5jy3zN06StRy",
            "bcrypt$$2b$03$YqHS21.Qt3lEjy1xvqeUhOYFDK3xVcMQwRGOGIywa5jy3zN06StRy",
            "bcrypt$$2b$ä4$YqHS21.Qt3lEjy1xvqeUhOYFDK3xVcMQwRGOGIywa5jy3zN06StR",
        ];
        for hash in damaged {
            let error = refused(hash);
            assert_eq!((error.code(), error.kind()), ("password.hash_malformed", Kind::Refused), "{hash}");
        }
    }

    #[test]
    fn p7_hashes_that_cost_too_much_are_refused_at_import() {
        let costly = [
            "pbkdf2_sha256$3000001$seasalt$K/VYsmd1OCe3Zu+4S0ngaZXSBT5M81Q0XmgEXiaDN+I=",
            "argon2$argon2id$v=19$m=1048576,t=1,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "argon2$argon2id$v=19$m=256,t=99,p=2$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "argon2$argon2id$v=19$m=256,t=1,p=17$UEhlbmVjaXhpM2FYcFpXd2h4Smd5aw$q/WokTv8G0GzEu4FVj6larbf5UoczAmCrX/T9Ph20/Y",
            "bcrypt_sha256$$2b$15$85QUIOuMDHmFVqobneOtDevZwk1.AzoycA6dDkJeF0RE9fytcYMze",
        ];
        for hash in costly {
            assert_eq!(refused(hash).code(), "password.hash_too_costly", "{hash}");
        }
    }

    #[test]
    fn the_reason_does_not_repeat_the_hash() {
        let error = refused("pbkdf2_sha256$1000$seasalt$K/VYsmd1OCe3Zu").to_string();
        assert_eq!(
            error,
            "the password hash is not a complete `pbkdf2_sha256` hash: the hash is not 32 bytes in base 64"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_and_never_a_panic(
            hash in "(pbkdf2_sha256|argon2|bcrypt_sha256|bcrypt|!)?\\$?\\PC{0,80}",
        ) {
            drop(foreign::recognise(&hash));
        }
    }
}

mod new_passwords {
    use super::*;

    #[test]
    fn p1_the_least_length_follows_the_profile_and_the_second_factor() {
        for (policy, shortest) in [
            (NORMAL, 8),
            (Policy { second_factor: true, ..NORMAL }, 8),
            (STRICT, 15),
            (STRICT_WITH_SECOND_FACTOR, 10),
        ] {
            let long_enough = "жуля-кавун-2 і ще";
            let just: String = long_enough.chars().take(shortest).collect();
            let short: String = long_enough.chars().take(shortest - 1).collect();
            assert_eq!(refusal(&just, policy, &NOBODY), None, "{policy:?}");
            assert_eq!(refusal(&short, policy, &NOBODY), Some("password.too_short"), "{policy:?}");
        }
    }

    #[test]
    fn p1_the_message_says_how_many_characters_are_missing() {
        let error = check(&secret("жуля"), NORMAL, &NOBODY).unwrap_err();
        assert_eq!(error.to_string(), "the password is too short: it has 4 of at least 8 characters");
    }

    #[test]
    fn p2_128_characters_of_any_script_are_taken_and_more_refused() {
        for character in ["a", "ж", "山", "🐎"] {
            assert_eq!(refusal(&character.repeat(LONGEST_CHARACTERS), STRICT, &NOBODY), None);
            let over = character.repeat(LONGEST_CHARACTERS + 1);
            assert_eq!(refusal(&over, STRICT, &NOBODY), Some("password.too_long"));
        }
        let composed_to_128 = "e\u{301}".repeat(LONGEST_CHARACTERS);
        assert_eq!(refusal(&composed_to_128, STRICT, &NOBODY), None);
        assert_eq!(refusal(&"x".repeat(10_000_000), STRICT, &NOBODY), Some("password.too_long"));
    }

    #[test]
    fn p3_no_kind_of_character_is_asked_for_or_forbidden() {
        for password in
            ["жулякавунпес", "correcthorsestaple", "83641957204618", "        ", "a b\tc d\u{0}e", "ĀČĒĢĪĶĻŅ"]
        {
            assert_eq!(refusal(password, NORMAL, &NOBODY), None, "{password:?}");
        }
    }

    #[test]
    fn p4_common_passwords_are_refused_in_any_letter_case() {
        for password in ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "ＰＡＳＳＷＯＲＤ"]
        {
            assert_eq!(refusal(password, NORMAL, &NOBODY), Some("password.common"), "{password}");
        }
    }

    #[test]
    fn p4_a_password_made_of_known_words_is_refused_and_the_reason_names_them() {
        let about = About {
            names: &["Дар'я", "Шевченко"],
            email: "dasha.kvitka@acme.example",
            company: "Acme Bank",
            site: "SecBoard",
        };
        for (password, words) in [
            ("Шевченко2026", "the name"),
            ("ШЕВЧЕНКО-дар’я!", "the name"),
            ("dasha.kvitka", "the email address"),
            ("dasha.kvitka@acme.example", "the email address"),
            ("kvitka-1999", "the email address"),
            ("acmebank2026!", "the company"),
            ("Acme Bank", "the company"),
            ("secboard", "the name of this site"),
            ("SecBoard-Acme-1", "the company and the name of this site"),
            ("1acmsecboarde1", "the name of this site"),
        ] {
            let error = check(&secret(password), NORMAL, &about).unwrap_err();
            assert_eq!(error.code(), "password.context", "{password}");
            assert_eq!(
                error.to_string(),
                format!("the password is little more than {words}, which others know")
            );
        }
    }

    #[test]
    fn p4_eight_characters_beside_the_known_words_are_enough() {
        let about = About { names: &["Anna", "Li"], site: "SecBoard", ..NOBODY };
        assert_eq!(refusal("anna-7 горіхів", NORMAL, &about), None);
        assert_eq!(refusal("SecBoard кавун 1", NORMAL, &about), None);
        assert_eq!(refusal("li-li-li-7", NORMAL, &about), None, "a word of two letters counts for nothing");
    }

    #[test]
    fn p4_the_current_password_is_refused() {
        let hasher = hasher(CHEAP);
        for stored in [
            hashed(CHEAP, "correct horse"),
            hashed(HashCost { memory_kib: 16, passes: 2 }, "correct horse"),
            "pbkdf2_sha256$1000$c0XIblqcDa2za578Pj5K5K$GIw76NfCYhLzw+PhWQhS6Q1QnQxKUluztn5g/UwQ9GU="
                .to_owned(),
        ] {
            let current =
                if stored.starts_with('p') { "correct horse пароль" } else { "correct horse" };
            assert!(is_same(&hasher, &stored, &secret(current)).unwrap());
            assert!(!is_same(&hasher, &stored, &secret("another horse")).unwrap());
        }
    }

    proptest! {
        #[test]
        fn p4_no_refusal_repeats_the_password(password in "[a-z]{6,20}[0-9]{2}") {
            let about = About { names: &[&password], ..NOBODY };
            for policy in [NORMAL, STRICT] {
                if let Err(error) = check(&secret(&password), policy, &about) {
                    let told = format!("{error} {error:?} {:?}", error.advice());
                    prop_assert!(!told.contains(&password), "{}", told);
                }
            }
        }
    }
}

mod generated_passwords {
    use super::*;

    #[test]
    fn p8_they_have_a_hundred_random_bits_in_four_groups() {
        let password = generate(&SystemRandom).unwrap();
        let groups: Vec<_> = password.expose().split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5, 5, 5, 5]);
        assert!(groups.concat().bytes().all(|byte| b"23456789abcdefghijkmnpqrstuvwxyz".contains(&byte)));
    }

    proptest! {
        #[test]
        fn p8_they_differ_and_pass_the_strictest_policy(seed: u64) {
            let rng = SeededRandom::new(seed);
            let (one, other) = (generate(&rng).unwrap(), generate(&rng).unwrap());
            prop_assert_ne!(one.expose(), other.expose());
            prop_assert!(check(&one, STRICT, &NOBODY).is_ok());
        }
    }
}

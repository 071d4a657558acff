//! Whether an account is active, as the store asks it of `users u`: what [`Service`](crate::user::login::Service) says of one.
//!
//! It asks for `:today` and `:now`, and is never nothing, so that its opposite is `NOT` before it.

macro_rules! in_service {
    () => {
        "(u.active = 1 AND (u.start_date IS NULL OR u.start_date <= :today)
            AND (u.end_date IS NULL OR u.end_date >= :today)
            AND (u.directory_closed_from IS NULL OR u.directory_closed_from > :now))"
    };
}

pub(in crate::user) use in_service;

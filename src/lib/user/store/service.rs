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

/// Whom the login function lets in.
macro_rules! may_log_in {
    () => {
        concat!(
            "(u.deleted_at IS NULL AND ",
            in_service!(),
            " AND (u.origin = 'directory' OR u.password_hash IS NOT NULL) AND u.disowned_at IS NULL
            AND NOT (u.two_factor_required = 1 AND ifnull(u.two_factor_grace_until <= :now, 0)
                AND NOT EXISTS (SELECT 1 FROM two_factors f WHERE f.user_id = u.id))
            AND NOT EXISTS (
                SELECT 1 FROM throttle_counters t
                WHERE t.user_id = u.id AND t.kind = 'login-account'
                    AND t.held_at <= :now + 60000000 AND t.held_until > :now))"
        )
    };
}

pub(in crate::user) use {in_service, may_log_in};

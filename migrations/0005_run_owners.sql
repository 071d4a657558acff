-- Whose runs are whose. An email can pass to somebody else, the id of an account never does.

ALTER TABLE runs ADD COLUMN actor_id -- The account that ran it; none for the system actor, and for runs from before this.
    INTEGER;

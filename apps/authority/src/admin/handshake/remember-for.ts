/** Some 3,000 years in seconds, the most `remember_for` may be: beyond it a date has no four-digit year. */
export const maxRememberForSeconds = 100_000_000_000;

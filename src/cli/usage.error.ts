/** The command line was written wrongly. */
export class UsageError extends Error {}

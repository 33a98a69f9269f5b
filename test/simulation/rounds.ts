/** When every schedule begins, a whole minute, so that slots begin with it. */
export const start = 1_764_000_000_000

/** Of prices; their slots are the rounds. */
export const roundSeconds = 10

/** How often the sweeper runs. */
export const sweepSeconds = 20

/** The round that begins with a schedule. */
export const firstRound = start / (roundSeconds * 1000)

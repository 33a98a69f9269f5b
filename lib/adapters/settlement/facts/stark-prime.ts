/** The field of Cairo programs. */
export const starkPrime = 2n ** 251n + 17n * 2n ** 192n + 1n

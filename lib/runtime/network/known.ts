/** What the program can do; a network file may name nothing else. */
export type Known = { readonly venueNames: readonly string[] }

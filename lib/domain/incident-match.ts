import { matchesGlob } from './glob.ts'

/** Which incidents are meant: by globs of the rule's name and of the subject; what is absent means any. */
export type IncidentMatch = {
  readonly rule?: string | undefined
  readonly subject?: string | undefined
}

export function isMeant(
  { rule, subject }: IncidentMatch,
  incident: { readonly rule: string; readonly subject: string },
): boolean {
  const fits = (pattern: string | undefined, text: string) =>
    pattern === undefined || matchesGlob(pattern, text)
  return fits(rule, incident.rule) && fits(subject, incident.subject)
}

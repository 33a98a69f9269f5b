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
  return fits(rule, incident.rule) && fits(subject, incident.subject)
}

function fits(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || matchesGlob(pattern, text)
}

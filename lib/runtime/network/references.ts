import * as z from 'zod'

import { parseReference } from '../reference.ts'

/** Why no secret may come from there: it is inherited by every child process, and shown by crash reports and consoles. */
const notFromEnvironment =
  'expected a reference such as file:keys/oracle or secretsmanager:starkeep/oracle; env: is refused, since an environment is inherited by child processes and shown by consoles and crash reports'

/** A secret that is read: `file:` or `secretsmanager:`. Messages of its errors never show the value. */
export const secretReference = z
  .string()
  .transform((text, context) => {
    const reference = parseReference(text)
    if (reference && reference.kind !== 'kms') return reference
    context.addIssue(refusal(text, 'file:<path> or secretsmanager:<name or ARN>[#field]'))
    return z.NEVER
  })
  .meta({ pattern: '^(file|secretsmanager):.+$' })

/** A key for Ethereum: a secret that is read, or a key in KMS. */
export const keyReference = z
  .string()
  .transform((text, context) => {
    const reference = parseReference(text)
    if (reference) return reference
    context.addIssue(
      refusal(text, 'file:<path>, secretsmanager:<name or ARN>[#field] or kms:<key ARN>'),
    )
    return z.NEVER
  })
  .meta({ pattern: '^(file|secretsmanager|kms):.+$' })

function refusal(text: string, forms: string) {
  const message = text.startsWith('env:')
    ? notFromEnvironment
    : text.startsWith('kms:') && !forms.includes('kms:')
      ? `expected ${forms}; kms: is for Ethereum keys, since KMS does not know the STARK curve and gives no text`
      : `expected a reference, ${forms}, and never the secret itself`
  return { code: 'custom' as const, message }
}

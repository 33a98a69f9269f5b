import * as z from 'zod'

/** Where a secret is kept. A network file names the place and never the secret itself. */
export type SecretReference =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'secretsmanager'
      /** Name or ARN. */
      readonly secret: string
      /** A field of the secret's JSON; the whole text where undefined. */
      readonly field: string | undefined
    }

/** A key that signs inside KMS and never leaves it. */
export type KmsReference = { readonly kind: 'kms'; readonly key: string }

export type KeyReference = SecretReference | KmsReference

/** A value that may be a secret: written out, or by reference. */
export type Text = SecretReference | { readonly kind: 'literal'; readonly text: string }

const arnOf = (service: string) => `arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:`
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html: letters, digits and /_+=.@-
const secretName = '[A-Za-z0-9/_+=.@-]{1,512}'
const patterns = {
  file: /^file:(?<path>[^\0\r\n]+)$/,
  secretsmanager: new RegExp(
    `^secretsmanager:(?<secret>(?:${arnOf('secretsmanager')}secret:)?${secretName})(?:#(?<field>[^#\\r\\n]+))?$`,
  ),
  kms: new RegExp(`^kms:(?<key>${arnOf('kms')}(?:key|alias)/[A-Za-z0-9/_-]+)$`),
}

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

/** A reference, undefined where the text is none. */
export function parseReference(text: string): KeyReference | undefined {
  const file = patterns.file.exec(text)?.groups?.['path']
  if (file !== undefined) return { kind: 'file', path: file }
  const { secret, field } = patterns.secretsmanager.exec(text)?.groups ?? {}
  if (secret !== undefined) return { kind: 'secretsmanager', secret, field }
  const key = patterns.kms.exec(text)?.groups?.['key']
  return key === undefined ? undefined : { kind: 'kms', key }
}

/** Something that is written like a reference, right or wrong, so that it is not taken for a literal. */
export function looksLikeReference(text: string): boolean {
  return /^(file|secretsmanager|kms|env):/.test(text)
}

/** The reference as the network file writes it; it names a place and is no secret. */
export function referenceName(reference: KeyReference): string {
  switch (reference.kind) {
    case 'file':
      return `file:${reference.path}`
    case 'secretsmanager':
      return `secretsmanager:${reference.secret}${reference.field === undefined ? '' : `#${reference.field}`}`
    case 'kms':
      return `kms:${reference.key}`
  }
}

function refusal(text: string, forms: string) {
  const message = text.startsWith('env:')
    ? notFromEnvironment
    : text.startsWith('kms:') && !forms.includes('kms:')
      ? `expected ${forms}; kms: is for Ethereum keys, since KMS does not know the STARK curve and gives no text`
      : `expected a reference, ${forms}, and never the secret itself`
  return { code: 'custom' as const, message }
}

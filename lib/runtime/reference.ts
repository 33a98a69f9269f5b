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

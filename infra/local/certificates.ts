import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** A key and the certificate on it, PEM. */
export type Certified = { readonly certificate: string; readonly key: string }

/** An authority of this machine's own and those whom it knows: what mutual TLS needs on both of its sides. */
export type LocalAuthority = {
  readonly ca: string
  /** For a server on this machine. */
  server(): Certified
  client(name: string): Certified
}

/** Certificates that hold from an hour before `now` for ten years; the authority's key is gone with this process. */
export function localAuthority(now: Date): LocalAuthority {
  const issuer = 'starkeep local authority'
  const keys = newKeys()
  const issue = (
    subject: string,
    { publicKey, extensions }: { publicKey: KeyObject; extensions: readonly Buffer[] },
  ) => certificate({ issuer, subject, publicKey, extensions, now, signer: keys.privateKey })

  function certified(subject: string, extensions: readonly Buffer[]): Certified {
    const { publicKey, privateKey } = newKeys()
    return {
      certificate: issue(subject, { publicKey, extensions }),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }

  return {
    ca: issue(issuer, { publicKey: keys.publicKey, extensions: [isAuthority] }),
    server: () => certified('localhost', [thisMachine]),
    client: (name) => certified(name, []),
  }
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

/** X.509, version 3 (RFC 5280 section 4.1), signed with ECDSA and SHA-256. */
function certificate(of: {
  readonly issuer: string
  readonly subject: string
  readonly publicKey: KeyObject
  readonly extensions: readonly Buffer[]
  readonly now: Date
  readonly signer: KeyObject
}): string {
  const from = new Date(of.now.getTime() - 60 * 60_000)
  const until = new Date(of.now)
  until.setUTCFullYear(until.getUTCFullYear() + 10)
  const body = sequence([
    tagged(0xa0, [integer(Buffer.from([2]))]),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    nameOf(of.issuer),
    sequence([utcTime(from), utcTime(until)]),
    nameOf(of.subject),
    of.publicKey.export({ type: 'spki', format: 'der' }),
    ...(of.extensions.length > 0 ? [tagged(0xa3, [sequence(of.extensions)])] : []),
  ])
  const signature = createSign('sha256').update(body).sign(of.signer)
  const whole = sequence([body, ecdsaWithSha256, bits(signature)])
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function tagged(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(parts: readonly Buffer[]): Buffer {
  return tagged(0x30, parts)
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, [bytes])
}

function bits(bytes: Buffer): Buffer {
  return tagged(0x03, [Buffer.from([0]), bytes])
}

function utcTime(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/\D/g, '').slice(2, 14)
  return tagged(0x17, [Buffer.from(`${digits}Z`, 'latin1')])
}

/** One common name. */
function nameOf(text: string): Buffer {
  const commonName = Buffer.from('0603550403', 'hex')
  return sequence([
    tagged(0x31, [sequence([commonName, tagged(0x0c, [Buffer.from(text, 'utf8')])])]),
  ])
}

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence([Buffer.from('06082a8648ce3d040302', 'hex')])

/** Basic constraints (2.5.29.19), critical: it may sign others. */
const isAuthority = sequence([
  Buffer.from('0603551d13', 'hex'),
  Buffer.from('0101ff', 'hex'),
  tagged(0x04, [sequence([Buffer.from('0101ff', 'hex')])]),
])

/** Subject alternative names (2.5.29.17): localhost and 127.0.0.1. */
const thisMachine = sequence([
  Buffer.from('0603551d11', 'hex'),
  tagged(0x04, [
    sequence([
      tagged(0x82, [Buffer.from('localhost', 'latin1')]),
      tagged(0x87, [Buffer.from([127, 0, 0, 1])]),
    ]),
  ]),
])

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What an oracle node of a local network signs with. */
export type LocalOracle = {
  readonly name: string
  readonly starkKeyFile: string
  readonly evmKeyFile: string
}

/** Secrets of a local network, each in a file that only its owner can read. */
export type LocalSecrets = {
  readonly folder: string
  readonly oracles: readonly LocalOracle[]
  readonly evmSenderFile: string
  readonly starkSenderFile: string
  /** Owns the position on the local core that takes over what is liquidated. */
  readonly liquidatorFile: string
  readonly deployerFile: string
  /** Sends for the people who trade on the local engine. */
  readonly crowdFile: string
  /** Settles batches. */
  readonly settlerFile: string
  /** Tells the uptime feed. */
  readonly tellerFile: string
  /** Registers facts for the provers. */
  readonly proverFile: string
  readonly atlanticKeyFile: string
  readonly pagerdutyKeyFile: string
  readonly telegramTokenFile: string
  /** From which the Starknet node makes its accounts. */
  readonly starknetSeed: string
}

/** The secrets in `folder`; what is not there yet is made once and stays. */
export function localSecrets(folder: string, oracles: readonly string[]): LocalSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (name: string, make: () => string): string => {
    const path = join(folder, name)
    if (!existsSync(path)) writeSecret(path, make())
    return path
  }
  return {
    folder,
    oracles: oracles.map((name) => ({
      name,
      starkKeyFile: file(`${name}-stark`, newKey),
      evmKeyFile: file(`${name}-evm`, newKey),
    })),
    evmSenderFile: file('sender-evm', newKey),
    starkSenderFile: join(folder, 'sender-stark'),
    liquidatorFile: file('liquidator-stark', newKey),
    deployerFile: file('deployer-evm', newKey),
    crowdFile: file('crowd-evm', newKey),
    settlerFile: file('settler-evm', newKey),
    tellerFile: file('teller-evm', newKey),
    proverFile: file('prover-evm', newKey),
    atlanticKeyFile: file('atlantic', () => randomBytes(16).toString('hex')),
    pagerdutyKeyFile: file('pagerduty', () => randomBytes(16).toString('hex')),
    telegramTokenFile: file(
      'telegram',
      () => `${randomBytes(4).readUInt32BE()}:${randomBytes(26).toString('base64url')}`,
    ),
    starknetSeed: readSecret(file('starknet-seed', () => String(randomBytes(4).readUInt32BE()))),
  }
}

export function readSecret(path: string): string {
  return readFileSync(path, 'utf8').trim()
}

/** Nobody else may read it, not even for a moment. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, `${text}\n`, { mode: 0o600 })
}

/** Good for both curves: 31 bytes are below either order. */
export function newKey(): string {
  return `0x${randomBytes(31).toString('hex').padStart(64, '0')}`
}

import { concat, type Hex, pad, sha256, sliceHex, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../../infra/contracts/l1/compiled-l1.ts'
import { placeGps } from '../../../../infra/contracts/l1/deploy-gps.ts'
import { placeAdapter } from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { starknetCoreInitializer } from '../../../../infra/contracts/l1/deploy-starknet-core.ts'
import { l1Sender } from '../../../../infra/contracts/l1/sender.ts'
import { anvilSecret } from '../../../adapters/chains/keys.ts'
import {
  type L1Case,
  l1Cases,
  l1Recording,
  titledL1,
  Words,
} from '../../../adapters/settlement/l1-vectors.ts'
import { warmKzg } from '../../../adapters/settlement/warm-kzg.ts'
import { gpsCalldata, withOurMainPage } from './gps-replay.ts'
import { calldata, recordedAnswer, type Replay, type Sent, shown, startReplay } from './replay.ts'

const roles: Readonly<Record<string, Hex>> = l1Recording?.roles['e2e'] ?? {}
const role = (name = ''): Hex => roles[name] ?? '0x'

/** Of Starknet's OS as the recording calls it, and of what joins several of its runs. */
const programHash = 458_753n
const setUp = {
  programHash,
  aggregatorProgramHash: 458_754n,
  configHash: 458_755n,
  state: { root: 1n, blockNumber: 9n, blockHash: 2n },
}

/** Both verifier and core at the recorded places, the one asking the other. */
async function startBoth(): Promise<Replay> {
  const replay = await startReplay('1800000000')
  await warmKzg(replay.node)
  const sender = await l1Sender(replay.node.url, anvilSecret)
  const { gps } = await placeGps(sender)
  const core = compiledL1Contract('starknet-core', 'Core')
  const proxy = compiledL1Contract('proxy', 'Proxy')
  const implementation = await sender.deploy(core, [])
  const to = await sender.deploy(proxy, [0n])
  const args = [implementation, starknetCoreInitializer(setUp, gps), false]
  await sender.call({ to, abi: proxy.abi, name: 'addImplementation', args })
  await sender.call({ to, abi: proxy.abi, name: 'upgradeTo', args })
  await sender.call({ to, abi: core.abi, name: 'registerOperator', args: [role('operator')] })
  await placeAdapter(sender, gps, programHash)
  return replay
}

describe.skipIf(l1Recording === undefined)(
  titledL1('a statement and an update as recorded'),
  () => {
    let replay: Replay
    /** What the core did not take for want of a fact. */
    let refused: Sent | undefined

    beforeAll(async () => {
      replay = await startBoth()
    })
    afterAll(async () => replay.node.stop())

    const views = async () => ({
      stateBlockNumber: await view('stateBlockNumber()'),
      stateRoot: await view('stateRoot()'),
      stateBlockHash: await view('stateBlockHash()'),
    })
    const view = async (signature: string) =>
      String(BigInt(await replay.ask(role('core'), calldata(signature, []))))

    // In the order of the recording; where the next case begins later, the update before was taken meanwhile.
    const cases = l1Cases('e2e.').filter(({ kind }) => kind === 'tx')
    test.for(cases.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
      const isLater = one.pre?.['stateBlockNumber'] !== (await views()).stateBlockNumber
      if (isLater && refused) await replay.must({ ...refused, timestamp: undefined })
      expect(await views()).toEqual(one.pre)
      const sent = {
        from: role(one.call?.from),
        to: role(one.call?.target),
        data: gpsCalldata(one),
        timestamp: one.chain?.timestamp,
        blobs: blobsOf(one),
      }
      // A refusal leaves no block behind, as when it was recorded.
      const back = await replay.mark()
      const outcome = await replay.send(sent)
      const recorded = recordedAnswer(one)
      const logs = withOurMainPage(recorded.logs, one)
      expect(shown(outcome, roles)).toEqual({ ...recorded, logs })
      if (outcome.status === 'revert') {
        refused = sent
        await back()
      }
      expect(await views()).toEqual(one.post ?? one.pre)
    })

    const asked = l1Cases('e2e.').filter(({ kind }) => kind === 'view')
    test.for(asked.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
      const { call, result } = one
      expect(await replay.ask(role(call?.target), call?.data ?? '0x')).toBe(result?.data)
    })
  },
)

/** The blobs' names, from the commitments that the output tells: 24 bytes each word, the lower ones first. */
function blobsOf({ chain, call }: L1Case): readonly Hex[] {
  const count = Number(chain?.['blobs'] ?? 0)
  if (count === 0) return []
  const output = Words.parse(Array.isArray(call?.args) ? call.args[0] : [])
  return Array.from({ length: count }, (_, at) => {
    const [low = 0n, high = 0n] = output.slice(12 + 2 * at)
    const commitment = concat([high, low].map((word) => pad(toHex(word), { size: 24 })))
    return concat(['0x01', sliceHex(sha256(commitment), 1)])
  })
}

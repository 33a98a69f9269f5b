import { startAnvil } from '../../../infra/local/anvil.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { starknetWatch } from '../../../lib/adapters/watched/starknet.ts'
import { aCore } from '../../infra/local/starknet-box/a-box.ts'
import { aStarknetCore } from './a-starknet-core.ts'
import { faultyNode } from './faulty-node.ts'
import { placesOf, realClock } from './places.ts'
import { hashAt } from './starknet-blocks.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

const day = 86_400_000

watchedSystemContract(
  'starknet',
  async () => {
    const [anvil, box] = await Promise.all([
      startAnvil({ extraArgs: ['--slots-in-an-epoch', '1'] }),
      startStarknetBox({ blocks: 'demand', core: aCore() }),
    ])
    box.makeBlock()
    const [l1, l2] = await Promise.all([faultyNode(anvil.url), faultyNode(box.url)])
    const core = await aStarknetCore(anvil.url, {
      blockNumber: 0n,
      blockHash: await hashAt(box.url, 0),
    })
    const goOn = async () => {
      const number = box.makeBlock()
      await core.settle(BigInt(number), await hashAt(box.url, number))
    }
    await goOn()
    return {
      nodes: [l1, l2],
      open: () =>
        starknetWatch({
          name: 'starknet',
          l1: placesOf(l1.url),
          l2: placesOf(l2.url),
          core: core.core,
          windowMs: day,
          clock: realClock,
        }),
      goOn,
      async stop() {
        await Promise.all([l1.stop(), l2.stop()])
        await Promise.all([anvil.stop(), box.stop()])
      },
    }
  },
  ['settings', 'level:l1-lag', 'progress:state-update', 'changes'],
)

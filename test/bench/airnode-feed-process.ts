import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'

import type { AirnodeCall } from './airnode-config.ts'
import { tellCycles } from './cycles.ts'
import { IncompleteBenchError } from './tick.ts'

// What one turn of @api3/airnode-feed's loop does, by its own functions, for all calls at once as it would.

type Template = { readonly endpointId: string; readonly parameters: readonly Parameter[] }
type Parameter = { readonly name: string; readonly type: string; readonly value: string }
type Update = { readonly templateIds: readonly string[]; readonly fetchInterval: number }
type Pushed = { readonly success: boolean; readonly count?: number }
type Config = { readonly triggers: { readonly signedApiUpdates: readonly Update[] } }

const [directory = '', version = '', callsFile = '', signedApi = '', cycles = ''] =
  process.argv.slice(2)
// Its package opens only its schemas; and what it needs is found as it finds it.
const home = `${directory}/node_modules/@api3/airnode-feed`
const load = createRequire(`${home}/`)
const feed = `${home}/dist/src`
const { encode } = load('@api3/airnode-abi') as {
  encode: (parameters: readonly Parameter[]) => string
}
const { ethers } = load('ethers') as {
  ethers: {
    utils: { solidityKeccak256: (types: readonly string[], values: readonly string[]) => string }
  }
}
const { deriveEndpointId } = load(`${feed}/utils.js`) as {
  deriveEndpointId: (title: string, endpoint: string) => string
}
const { configSchema } = load(`${feed}/validation/schema.js`) as {
  configSchema: { parseAsync: (config: unknown) => Promise<Config> }
}
const { initializeState } = load(`${feed}/state.js`) as {
  initializeState: (config: Config) => void
}
const { makeTemplateRequests } = load(`${feed}/api-requests/data-provider.js`) as {
  makeTemplateRequests: (update: Update) => Promise<readonly unknown[] | null>
}
const { signTemplateResponses } = load(`${feed}/sign-template-data.js`) as {
  signTemplateResponses: (responses: readonly unknown[]) => Promise<readonly unknown[]>
}
const { pushSignedData } = load(`${feed}/api-requests/signed-api.js`) as {
  pushSignedData: (signed: readonly unknown[]) => Promise<readonly Pushed[] | null>
}

/**
 * All templates of one call must ask the same, which is how one answer makes many beacons: the place in it is taken away
 * before the call, and looked up after it.
 */
const takeOut =
  '({ response, endpointParameters }) => ({ response: endpointParameters.at.split(".").reduce((value, key) => value[key], response) })'

const calls = JSON.parse(readFileSync(callsFile, 'utf8')) as readonly AirnodeCall[]
const config = await configSchema.parseAsync(configOf(calls))
initializeState(config)
const updates = config.triggers.signedApiUpdates

// A push fails where the signed API takes longer than the ten seconds that the feed waits for it.
await tellCycles(Number(cycles), async () => {
  const pushed = await Promise.all(updates.map(turn))
  return pushed.filter((done) => !done).length
})

/** Whether the call's beacons got to the signed API. */
async function turn(update: Update, index: number): Promise<boolean> {
  const wanted = update.templateIds.length
  const signed = await signTemplateResponses((await makeTemplateRequests(update)) ?? [])
  if (signed.length < wanted)
    throw new IncompleteBenchError(
      'airnode',
      `${calls[index]?.title}: ${signed.length} of ${wanted} signed`,
    )
  const [pushed] = (await pushSignedData(signed)) ?? []
  return pushed?.success === true
}

function configOf(all: readonly AirnodeCall[]) {
  const made = all.map((call) => {
    const endpointId = deriveEndpointId(call.title, 'prices')
    const templates = call.beacons.map((path): readonly [string, Template] => {
      const parameters = [
        { name: '_type', type: 'string32', value: 'int256' },
        { name: 'at', type: 'string', value: path },
        { name: '_times', type: 'string32', value: '1000000000000000000' },
      ]
      const values = [endpointId, encode(parameters)]
      const id = ethers.utils.solidityKeccak256(['bytes32', 'bytes'], values)
      return [id, { endpointId, parameters }]
    })
    return { call, endpointId, templates }
  })
  return {
    // A sentence that everybody knows: the key of nobody.
    nodeSettings: {
      nodeVersion: version,
      airnodeWalletMnemonic: `${'test '.repeat(11)}junk`,
      stage: 'bench',
    },
    apiCredentials: [],
    signedApis: [{ name: 'bench', url: signedApi, authToken: null }],
    ois: made.map(({ call }) => oisOf(call)),
    endpoints: Object.fromEntries(
      made.map(({ call, endpointId }) => [
        endpointId,
        { oisTitle: call.title, endpointName: 'prices' },
      ]),
    ),
    templates: Object.fromEntries(made.flatMap(({ templates }) => templates)),
    triggers: {
      signedApiUpdates: made.map(({ templates }) => ({
        templateIds: templates.map(([id]) => id),
        fetchInterval: 10,
      })),
    },
  }
}

function oisOf({ title, server, method, path, fixed }: AirnodeCall) {
  const placed = fixed.map(([name, value]) => ({ place: { in: 'query', name }, value }))
  return {
    oisFormat: '2.3.2',
    title,
    version: '1.0.0',
    apiSpecifications: {
      servers: [{ url: server }],
      security: {},
      components: { securitySchemes: {} },
      paths: { [path]: { [method]: { parameters: placed.map(({ place }) => place) } } },
    },
    endpoints: [
      {
        name: 'prices',
        operation: { method, path },
        fixedOperationParameters: placed.map(({ place, value }) => ({
          operationParameter: place,
          value,
        })),
        reservedParameters: [{ name: '_type' }, { name: '_times' }],
        parameters: [{ name: 'at' }],
        preProcessingSpecificationV2: processed('() => ({ endpointParameters: {} })'),
        postProcessingSpecificationV2: processed(takeOut),
      },
    ],
  }
}

function processed(value: string) {
  return { environment: 'Node', timeoutMs: 5_000, value }
}

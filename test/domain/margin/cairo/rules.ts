import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

import { healthOf } from '../../../../lib/domain/margin/account.ts'
import { judgeDeleverage } from '../../../../lib/domain/margin/starknet-deleverage.ts'
import { isHealthyOrHealthier } from '../../../../lib/domain/margin/starknet-healthier.ts'
import {
  judgeLiquidation,
  judgeSpotLiquidation,
} from '../../../../lib/domain/margin/starknet-liquidation.ts'
import { coreMargin } from '../../../../lib/domain/margin/starknet-margin.ts'

/** The rules that are compared. */
export const rules = {
  coreMargin,
  healthOf,
  isHealthyOrHealthier,
  judgeLiquidation,
  judgeSpotLiquidation,
  judgeDeleverage,
}
export type Rules = typeof rules

/** One place of the rules' own text, and what stands there instead. */
export type Mistake = { readonly file: string; readonly right: string; readonly wrong: string }

const folder = fileURLToPath(new URL('../../../../lib/domain/margin', import.meta.url))
const entry = `
export { healthOf } from './account.ts'
export { judgeDeleverage } from './starknet-deleverage.ts'
export { isHealthyOrHealthier } from './starknet-healthier.ts'
export { judgeLiquidation, judgeSpotLiquidation } from './starknet-liquidation.ts'
export { coreMargin } from './starknet-margin.ts'
`

/** A copy of the rules with one mistake in it; the text that it replaces must be there exactly once. */
export async function mistaken({ file, right, wrong }: Mistake): Promise<Rules> {
  let found = 0
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [
      {
        name: 'mistake',
        setup(bundle) {
          bundle.onLoad({ filter: new RegExp(`/${file}$`) }, async ({ path }) => {
            const parts = (await readFile(path, 'utf8')).split(right)
            found += parts.length - 1
            return { contents: parts.join(wrong), loader: 'ts' }
          })
        },
      },
    ],
  })
  if (found !== 1) throw new Error(`${file} has ${found} times: ${right}`)
  const [{ text } = { text: '' }] = outputFiles
  const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
  return (await import(/* @vite-ignore */ url)) as Rules
}

import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { nearestNames } from '../../lib/tools/nearest-names.ts'
import { terminalPage } from '../../lib/tools/terminal-page.ts'

const run = promisify(execFile)
// What a package's `bin` starts, from a folder that has nothing of the project.
const starkeep = fileURLToPath(new URL('../../lib/tools/starkeep.js', import.meta.url))
const runbook = async (...args: readonly string[]) =>
  await run(process.execPath, [starkeep, 'runbook', ...args], { cwd: tmpdir() })

const pages = await readdir(new URL('../../infra/runbooks/', import.meta.url))

describe('starkeep runbook', () => {
  test('lists every rule that has a page, with its first sentence', async () => {
    const { stdout } = await runbook()
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => `${line.split(' ')[0]}.md`)).toEqual(pages.toSorted())
    expect(lines.find((line) => line.startsWith('chain-stalled '))).toMatch(
      /^chain-stalled +A node of the chain answers, but its newest block is old\.$/,
    )
  })

  test('shows a page without marks, where it is no terminal without colours too', async () => {
    const { stdout } = await runbook('head-went-back')
    expect(stdout).toMatch(/^head-went-back\n\nA block that was there is gone/)
    expect(stdout).toMatch(/^What is lost\. /m)
    expect(stdout).toMatch(/^1\. Our own keepers/m)
    for (const mark of ['**', '](', '\u001B']) expect(stdout).not.toContain(mark)
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  test('names the rules that an unknown one may have meant', async () => {
    await expect(runbook('chain-stall')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'starkeep: there is no rule chain-stall. Did you mean chain-stalled or chain-unreachable? starkeep runbook lists all of them.\n',
    })
    await expect(runbook('qqqqqqqqqqqq')).rejects.toMatchObject({
      stderr: 'starkeep: there is no rule qqqqqqqqqqqq. starkeep runbook lists all of them.\n',
    })
  })
})

test('names are near by letters, or by a word', () => {
  const names = ['price-late', 'price-later', 'batch-late', 'venue-down']
  expect(nearestNames('price-lat', names)).toEqual(
    ['price-late', 'price-later', 'batch-late'].slice(0, 2),
  )
  expect(nearestNames('venue', names)).toEqual(['venue-down'])
  expect(nearestNames('Price-Late', names)[0]).toBe('price-late')
  expect(nearestNames('nothing of it', names)).toEqual([])
})

test('a page is wrapped at the width that is there, lists below their marks', () => {
  const page =
    '# a\n\nOne two three\nfour.\n\n**Do**\n\n1. See [b](b.md) and\n   what `c` says.\n2. End.\n'
  expect(terminalPage(page, { width: 14, bold: false })).toBe(
    'a\n\nOne two three\nfour.\n\nDo\n\n1. See b and\n   what `c`\n   says.\n2. End.',
  )
  expect(terminalPage(page, { width: 80, bold: true })).toContain('\u001B[1mDo\u001B[22m')
})

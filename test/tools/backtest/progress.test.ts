import { Writable } from 'node:stream'

import { expect, test } from 'vitest'

import { openProgress, progressLine } from '../../../lib/tools/backtest/progress.ts'

function anOutput(isTTY: boolean) {
  const written: string[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  return { output: Object.assign(output, { isTTY }), written }
}

test('the bar says what goes on and how much of it is done', () => {
  expect(progressLine('playing', 0)).toBe(`${'░'.repeat(30)}   0 %  playing`)
  expect(progressLine('playing', 0.5)).toBe(`${'█'.repeat(15)}${'░'.repeat(15)}  50 %  playing`)
  expect(progressLine('playing', 1)).toBe(`${'█'.repeat(30)} 100 %  playing`)
})

test('a terminal sees one line, not more often than anybody reads it, and nothing of it in the end', () => {
  const { output, written } = anOutput(true)
  let now = 0
  const progress = openProgress(output, () => now)
  progress.show('reading', 0.1)
  progress.show('reading', 0.2)
  now = 1_000
  progress.show('reading', 0.3)
  progress.end()
  expect(written).toEqual([
    `\r${progressLine('reading', 0.1)}\u001B[K`,
    `\r${progressLine('reading', 0.3)}\u001B[K`,
    '\r\u001B[K',
  ])
})

test('whatever is no terminal sees nothing', () => {
  const { output, written } = anOutput(false)
  const progress = openProgress(output, () => 0)
  progress.show('reading', 0.1)
  progress.end()
  expect(written).toEqual([])
})

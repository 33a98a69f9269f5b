import { expect, test } from 'vitest'

import { liveScreen, type Terminal } from '../../lib/tools/live-screen.ts'

function aTerminal(columns = 20, rows = 4) {
  const written: string[] = []
  const terminal: Terminal = { columns, rows, write: (text) => written.push(text) }
  return { terminal, written }
}

test('draws over what it drew before, and gives the terminal back as it was', () => {
  const { terminal, written } = aTerminal()
  const screen = liveScreen(terminal, { colour: false })
  screen.draw(['one', 'two'])
  screen.draw(['three'])
  screen.close()
  expect(written).toEqual([
    // The other screen, without a cursor (xterm: DECSET 1049, DECTCEM).
    '\u001B[?1049h\u001B[?25l',
    '\u001B[Hone\u001B[K\r\ntwo\u001B[K\u001B[J',
    '\u001B[Hthree\u001B[K\u001B[J',
    '\u001B[?25h\u001B[?1049l',
  ])
})

test('cuts what does not fit, and says how much that is', () => {
  const { terminal, written } = aTerminal(9, 3)
  liveScreen(terminal, { colour: false }).draw(['0123456789', 'b', 'c', 'd', 'e'])
  const shown = written.at(-1)?.split('\r\n') ?? []
  expect(shown).toHaveLength(3)
  expect(shown[0]).toBe('\u001B[H01234567…\u001B[K')
  expect(shown[2]).toMatch(/^… 3 more/)
})

test('paints what is critical red and what is late yellow', () => {
  const { terminal, written } = aTerminal(60, 9)
  liveScreen(terminal, { colour: true }).draw([
    'starknet',
    '  critical   chain-stalled',
    '  l2         block 7 (late)',
    '  l1         block 9',
  ])
  const [head, critical, late, fine] = (written.at(-1) ?? '').split('\r\n')
  expect(head).toContain('\u001B[1mstarknet')
  expect(critical).toContain('\u001B[31m')
  expect(late).toContain('\u001B[33m')
  expect(fine).toBe('  l1         block 9\u001B[K\u001B[J')
})

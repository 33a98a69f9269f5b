import { describe, expect, test } from 'vitest'

import {
  compiledL1Contract,
  hashOfL1Sources,
  l1Folders,
  l1Sources,
  readCompiledL1,
  UnknownContractError,
} from '../../../../infra/contracts/l1/compiled-l1.ts'

describe.for(l1Folders().filter((folder) => Object.keys(l1Sources(folder)).length > 0))(
  'the compiled contracts of %s',
  (folder) => {
    test('are of the source beside them; otherwise run infra/contracts/l1/compile.ts', () => {
      expect(readCompiledL1(folder).sourceHash).toBe(hashOfL1Sources(l1Sources(folder)))
    })
  },
)

describe('a folder of contracts', () => {
  test('has among its sources what they import from another', () => {
    expect(Object.keys(l1Sources('starknet-core'))).toContain('proxy/Governors.sol')
  })

  test('has no contract of a name that nobody gave', () => {
    expect(() => compiledL1Contract('proxy', 'Nobody')).toThrow(UnknownContractError)
  })
})

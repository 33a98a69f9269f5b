import { compileCairo } from '../cairo/compile-cairo.ts'
import { integritySource } from './integrity-class.ts'

// Run `node infra/contracts/integrity/compile.ts` when the source has changed; it takes half a minute.
await compileCairo(integritySource)
